"""Pages of roads: one road with its segments along it, the figure of all arterials, and rows of tables to choose."""

from typing import Any

from flask import Blueprint, render_template

from civmap.city.queries import frame_of
from civmap.maps import shell
from civmap.segments import choosing, figure, roads
from civmap.web import headers, map
from civmap.web.access import SIGNED_IN, permission
from civmap.web.desk import Desk

blueprint = Blueprint("roads", __name__)
LEVELS = (0, 1, 2, 3)
MOST_PLACES = 400


@blueprint.get("/roads/<path:name>")
@permission(SIGNED_IN)
def show(desk: Desk, name: str) -> str:
    """Show a road: its segments in order as a strip, gaps and overlaps, chiefs of each."""
    line = roads.line_of(desk.session, desk.viewer, name, desk.now)
    return render_template("roads/show.html", line=line, levels=LEVELS, may_edit=desk.viewer.may("edit", "segment"),
                           shown=[one for one in line.stretches if not one.is_off],
                           off=[one for one in line.stretches if one.is_off])


@blueprint.get("/segments/figure")
@permission(SIGNED_IN)
def figure_page(desk: Desk) -> str:
    """Show how many metres of the arterials belong to exactly one segment, road by road, with the places."""
    found = figure.figure(desk.session, desk.viewer, desk.now)
    page = {**_map(desk), "places": found["places"][:MOST_PLACES]}
    return render_template("roads/figure.html", found=found, **_shell(desk), page=page)


@blueprint.get("/segments/choices")
@permission(("import", "segment"))
def choices(desk: Desk) -> str:
    """Offer the rows of tables that fit the streets in several ways, on the map."""
    rows = choosing.listed(desk.session, desk.viewer)
    page = {**_map(desk), "choices": [choosing.as_json(row) for row in rows]}
    return render_template("roads/choices.html", count=len(rows), **_shell(desk), page=page)


def _map(desk: Desk) -> dict[str, Any]:
    return {**map.ground_facts(desk), "lang": desk.lang, "bounds": list(frame_of(desk.session))}


def _shell(desk: Desk) -> dict[str, Any]:
    west, south, east, north = frame_of(desk.session)
    return {"shell": shell.build((west, south, east, north), nonce=headers.nonce())}
