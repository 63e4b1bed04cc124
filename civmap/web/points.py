"""Pages of inspection points."""

from typing import Any

from flask import Blueprint

from civmap import dictionaries
from civmap.web import detail, listing, places
from civmap.web.access import SIGNED_IN, permission
from civmap.web.desk import Desk

blueprint = Blueprint("points", __name__)


@blueprint.get("/points")
@permission(SIGNED_IN)
def index(desk: Desk) -> Any:
    """List the inspection points that the viewer sees."""
    choices = {"types": listing.options(dictionaries.point_types(), desk.lang), "units": listing.units(desk),
               **places.choices(desk)}
    return listing.show(desk, "points", choices)


@blueprint.get("/points/<code>")
@permission(SIGNED_IN)
def show(desk: Desk, code: str) -> str:
    """Show one point."""
    return detail.show(desk, "points", code)
