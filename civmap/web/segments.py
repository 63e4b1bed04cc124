"""Pages of road segments."""

from typing import Any

from flask import Blueprint

from civmap import dictionaries
from civmap.web import detail, listing, places
from civmap.web.access import SIGNED_IN, permission
from civmap.web.desk import Desk

blueprint = Blueprint("segments", __name__)


@blueprint.get("/segments")
@permission(SIGNED_IN)
def index(desk: Desk) -> Any:
    """List the road segments that the viewer sees."""
    choices = {"classes": listing.options(dictionaries.road_classes(), desk.lang), "units": listing.units(desk),
               **places.choices(desk)}
    return listing.show(desk, "segments", choices)


@blueprint.get("/segments/<code>")
@permission(SIGNED_IN)
def show(desk: Desk, code: str) -> str:
    """Show one segment."""
    return detail.show(desk, "segments", code)
