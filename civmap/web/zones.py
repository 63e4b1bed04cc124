"""Pages of zones."""

from typing import Any

from flask import Blueprint

from civmap import dictionaries, texts
from civmap.web import detail, listing, places, pledges
from civmap.web.access import SIGNED_IN, permission
from civmap.web.desk import Desk
from civmap.web.map import zone_operations
from civmap.zones.pledge_rules import STATES

blueprint = Blueprint("zones", __name__)


@blueprint.get("/zones")
@permission(SIGNED_IN)
def index(desk: Desk) -> Any:
    """List the zones that the viewer sees."""
    choices = {"kinds": listing.options(dictionaries.zone_kinds(), desk.lang), "units": listing.units(desk),
               "pledges": [{"code": one, "name": texts.say(desk.lang, f"pledge.state.{one}")} for one in STATES],
               **places.choices(desk)}
    return listing.show(desk, "zones", choices)


@blueprint.get("/zones/<code>")
@permission(SIGNED_IN)
def show(desk: Desk, code: str) -> str:
    """Show one zone."""
    return detail.show(desk, "zones", code, zone_ops=zone_operations(), pledge=pledges.told(desk, code))
