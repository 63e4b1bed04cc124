"""Pages of units."""

from typing import Any

from flask import Blueprint

from civmap import dictionaries
from civmap.issues import rates, tallying
from civmap.issues.tallying import Asked
from civmap.store.listing import Here
from civmap.units import queries
from civmap.web import detail, kinds, listing, places
from civmap.web.access import SIGNED_IN, permission
from civmap.web.desk import Desk
from civmap.web.rates import in_words

blueprint = Blueprint("units", __name__)


@blueprint.get("/units")
@permission(SIGNED_IN)
def index(desk: Desk) -> Any:
    """List the units that the viewer sees."""
    choices = {"kinds": listing.options(dictionaries.unit_kinds(), desk.lang), **places.choices(desk)}
    return listing.show(desk, "units", choices)


@blueprint.get("/units/<code>")
@permission(SIGNED_IN)
def show(desk: Desk, code: str) -> str:
    """Show one unit, with how much it answers for."""
    queries.by_code(desk.session, desk.viewer, code)
    holds = {name: kinds.held_by(desk, name, code) for name in ("points", "segments", "zones")}
    asked = Asked(filters={"unit": code})
    counted = tallying.tally(Here(desk.session, desk.viewer, desk.now, desk.now), asked).total
    return detail.show(desk, "units", code, holds=holds, rates=rates.rates_of(counted), words=in_words(desk.lang))
