"""Pages of zones."""

from typing import Any

from flask import Blueprint

from civmap import dictionaries
from civmap.web import detail, listing, places
from civmap.web.access import SIGNED_IN, permission
from civmap.web.desk import Desk

blueprint = Blueprint("zones", __name__)


@blueprint.get("/zones")
@permission(SIGNED_IN)
def index(desk: Desk) -> Any:
    """List the zones that the viewer sees."""
    choices = {"kinds": listing.options(dictionaries.zone_kinds(), desk.lang), "units": listing.units(desk),
               **places.choices(desk)}
    return listing.show(desk, "zones", choices)


@blueprint.get("/zones/<code>")
@permission(SIGNED_IN)
def show(desk: Desk, code: str) -> str:
    """Show one zone."""
    return detail.show(desk, "zones", code)
