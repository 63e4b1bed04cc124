"""The page of the balanced plan: who would go where, drawn and as a list, before anything is carried out."""

from math import cos, radians
from typing import Any

from flask import Blueprint, render_template, request

from civmap import dictionaries
from civmap.issues import planned
from civmap.web import listing
from civmap.web.access import permission
from civmap.web.desk import Desk

blueprint = Blueprint("plan", __name__)
WIDE, MARGIN, LINES = 640.0, 16.0, 1_500


@blueprint.get("/plan")
@permission(("dispatch", "issue"))
def show(desk: Desk) -> str:
    """Show the plan for the filed issues that the address narrows to; nothing is written."""
    filters = {name: text for name, value in request.args.items() if name != "issues" and (text := value.strip())}
    numbers = [one for one in request.args.get("issues", "").split(",") if one] or None
    found = planned.make(desk.session, desk.viewer, desk.now, numbers=numbers, filters=filters)
    shown = planned.as_json(found)
    return render_template("plan/show.html", plan=shown, picture=_picture(shown), query=filters, numbers=numbers,
                           names={unit["unit"]: unit["name"] for unit in shown["units"]},
                           choices={"classes": listing.options(dictionaries.issue_classes(), desk.lang)},
                           page={"hash": shown["hash"], "filters": filters, "issues": numbers})


def _picture(plan: dict[str, Any]) -> dict[str, Any] | None:
    """Return lines from issues to units on a drawing as wide as `WIDE`, north up; None where there is nothing."""
    seats = {unit["unit"]: (unit["lon"], unit["lat"]) for unit in plan["units"]}
    moves = plan["moves"][:LINES]
    used = {move["unit"] for move in moves}
    if not moves:
        return None
    every = [(move["lon"], move["lat"]) for move in moves] + [seats[code] for code in used]
    west, south = min(lon for lon, _ in every), min(lat for _, lat in every)
    east, north = max(lon for lon, _ in every), max(lat for _, lat in every)
    squeeze = cos(radians((south + north) / 2))
    scale = (WIDE - 2 * MARGIN) / max((east - west) * squeeze, (north - south), 1e-6)

    def at(lon: float, lat: float) -> tuple[float, float]:
        return round(MARGIN + (lon - west) * squeeze * scale, 1), round(MARGIN + (north - lat) * scale, 1)

    return {"width": round((east - west) * squeeze * scale + 2 * MARGIN), "seats": [
                {"code": code, "at": at(*seats[code])} for code in sorted(used)],
            "height": round((north - south) * scale + 2 * MARGIN),
            "lines": [{"from": at(move["lon"], move["lat"]), "to": at(*seats[move["unit"]]),
                       "is_moved": move["before"] != move["unit"]} for move in moves]}

