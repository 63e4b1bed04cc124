"""Pages of inspection points."""

from typing import Any

from flask import Blueprint, request

from civmap import dictionaries, texts
from civmap.web import detail, listing, places
from civmap.web.access import SIGNED_IN, permission
from civmap.web.desk import Desk

blueprint = Blueprint("points", __name__)
UNSEEN = ("7", "15", "30", "60", "90")


@blueprint.get("/points")
@permission(SIGNED_IN)
def index(desk: Desk) -> Any:
    """List the inspection points that the viewer sees."""
    choices = {"types": listing.options(dictionaries.point_types(), desk.lang), "units": listing.units(desk),
               "unseen": unseen(desk), **places.choices(desk)}
    return listing.show(desk, "points", choices)


def unseen(desk: Desk) -> list[dict[str, str]]:
    """Return the days that points may have been left alone, with the one that is asked for."""
    asked = request.args.get("not_seen_days", "").strip()
    days = [*UNSEEN, *([asked] if asked.isascii() and asked.isdigit() and asked not in UNSEEN else [])]
    return [{"code": count, "name": texts.say(desk.lang, "draws.not_seen_n", n=count)} for count in days]


@blueprint.get("/points/<code>")
@permission(SIGNED_IN)
def show(desk: Desk, code: str) -> str:
    """Show one point."""
    return detail.show(desk, "points", code)
