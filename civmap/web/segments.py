"""Pages of road segments."""

from typing import Any

from flask import Blueprint

from civmap import dictionaries
from civmap.segments import choosing, crossings, figure, parting, queries
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
    waiting = choosing.open_count(desk.session) if desk.viewer.may("import", "segment") else 0
    return listing.show(desk, "segments", choices, metres=figure.at_hand(desk.session, desk.viewer, desk.now),
                        waiting=waiting)


@blueprint.get("/segments/<code>")
@permission(SIGNED_IN)
def show(desk: Desk, code: str) -> str:
    """Show one segment."""
    row = queries.by_code(desk.session, desk.viewer, code)
    if not desk.viewer.may("edit", "segment"):
        return detail.show(desk, "segments", code)
    size, least = queries.length_of(row), parting.LEAST_M
    found = [each for each in crossings.of_segment(desk.session, row, desk.now) if least <= each.at_m <= size - least]
    return detail.show(desk, "segments", code, crossings=found,
                       neighbours=parting.neighbours(desk.session, desk.viewer, row, desk.now))
