"""The page on which the frontage zones of streets are proposed, edited and written; and the rules they follow."""

from typing import Any

import shapely
from flask import Blueprint, render_template, request

from civmap.delimiting import customs
from civmap.delimiting.surroundings import segments_named
from civmap.geo.bulk import exported
from civmap.geo.measure import frame_around
from civmap.maps import shell
from civmap.segments.models import RoadSegment
from civmap.store.listing import many
from civmap.web import context, headers, map, places
from civmap.web.access import permission
from civmap.web.desk import Desk

blueprint = Blueprint("frontage", __name__)
AROUND_M = 25.0


@blueprint.get("/frontage")
@permission(("create", "zone"))
def show(desk: Desk) -> str:
    """Show the segments that the address names (`segments`, `road`) and what would be made of their sides."""
    codes, road = many(request.args.get("segments", "")), request.args.get("road", "").strip()
    rows = segments_named(desk.session, desk.viewer, codes, [road] if road else [], desk.now) if codes or road else []
    known = customs.frontage_of(desk.session)
    page = {**map.ground_facts(desk), "bounds": _bounds(desk, rows), "kind": "frontage", "lang": desk.lang,
            "segments": _segments(rows), "rules": known.value, "version": known.version,
            "can_manage": desk.viewer.may("manage", "city"), "road": road,
            "classes": map.tables(desk.lang)["road_classes"]}
    return render_template("frontage/show.html", page=page, rows=rows, road=road,
                           sides=request.args.get("sides", "both"), choices=places.choices(desk),
                           shell=shell.build(tuple(page["bounds"]), nonce=headers.nonce()))


def _segments(rows: list[RoadSegment]) -> list[dict[str, Any]]:
    lines = exported([row.geom for row in rows], 9)
    return [{"code": row.code, "name": row.name, "road": row.road, "geometry": line}
            for row, line in zip(rows, lines, strict=True)]


def _bounds(desk: Desk, rows: list[RoadSegment]) -> list[float]:
    if not rows:
        return list((desk.identity.city or context.NO_CITY).frame)
    west, south, east, north = shapely.total_bounds([row.geom for row in rows]).tolist()
    low, high = frame_around((west, south), AROUND_M), frame_around((east, north), AROUND_M)
    return [low[0], low[1], high[2], high[3]]
