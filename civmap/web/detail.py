"""The page of one thing: its facts, the open issues on it, what is known around it, and where it lies."""

from typing import Any

import shapely
from flask import render_template

from civmap.geo.measure import frame_around
from civmap.maps import shell
from civmap.web import headers, kinds, map, trail, versions
from civmap.web.about import about, spot_of
from civmap.web.desk import Desk
from civmap.web.kinds import KINDS, Narrowing
from civmap.web.listing import named_rows

AROUND_M = 180.0
MOST_ISSUES = 20


def show(desk: Desk, kind: str, code: str, **more: Any) -> str:
    """Return the page of one point, segment, zone or unit; raise NotFound where it is missing or hidden."""
    room = KINDS[kind]
    row = room.queries.by_code(desk.session, desk.viewer, code)
    feature = kinds.one(desk, kind, row)
    named_rows(desk, kind, [feature["properties"]])
    open_ones = kinds.collect(desk, "issues", Narrowing(filters={room.one: code, "open": "true"}, limit=MOST_ISSUES))
    issues = named_rows(desk, "issues", [found["properties"] for found in open_ones.features])
    can = {verb: desk.viewer.may(verb, room.one) for verb in ("edit", "retire")}
    around = about(desk, kind, row)
    facts = {"code": code, "visits": around["visits"], "spot": spot_of(feature), "etag": versions.etag(row.version),
             "issue_classes": map.tables(desk.lang)["issue_classes"]}
    return render_template(f"{kind}/show.html", kind=kind, item=feature["properties"], issues=issues, can=can,
                           entries=trail.entries(desk, room.one, code), about=around,
                           **small_map(desk, kind, feature, **facts), **more)


def small_map(desk: Desk, kind: str, feature: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return `shell` and `page` of a small map around a feature; without a place the shell is None."""
    page = {**map.ground_facts(desk), "kind": kind, "feature": feature, "lang": desk.lang, **more}
    if feature["geometry"] is None:
        return {"shell": None, "page": page}
    west, south, east, north = shapely.geometry.shape(feature["geometry"]).bounds
    lower, upper = frame_around((west, south), AROUND_M), frame_around((east, north), AROUND_M)
    page["bounds"] = [lower[0], lower[1], upper[2], upper[3]]
    return {"shell": shell.build(tuple(page["bounds"]), nonce=headers.nonce()), "page": page}
