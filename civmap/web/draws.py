"""Pages of blind draws: the list, the form with its preview, and what was drawn with its proof."""

from collections.abc import Sequence
from math import cos, radians
from typing import Any

import numpy as np
from flask import Blueprint, render_template, request
from sqlalchemy import case, func, select

from civmap import dictionaries
from civmap.draws import actions, queries
from civmap.draws.models import Draw, Drawn
from civmap.errors import NotFound
from civmap.geo.measure import frame_around
from civmap.maps import shell
from civmap.points.models import InspectionPoint
from civmap.points.queries import visible
from civmap.store.base import holds_at
from civmap.web import context, headers, map, versions
from civmap.web.access import SIGNED_IN, permission
from civmap.web.api.draws import shown
from civmap.web.desk import Desk
from civmap.zones.models import Zone

blueprint = Blueprint("draws", __name__)
Row = dict[str, Any]
PAGE, MOST_PALE, MOST_STREETS, AROUND_M = 30, 1_200, 60, 120.0
WIDE, HIGH, MARGIN = 240, 132, 8


@blueprint.get("/draws")
@permission(SIGNED_IN)
def index(desk: Desk) -> str:
    """List the draws that the viewer may know of, each with a picture of where its points lie."""
    query = {name: text for name in ("q",) if (text := request.args.get(name, "").strip()[:100])}
    after = request.args.get("after", "")
    found = queries.listed(desk.session, desk.viewer, q=query.get("q"), limit=PAGE + 1,
                           after=int(after) if after.isascii() and after.isdigit() and len(after) < 10 else None)
    draws = found[:PAGE]
    pictures = _pictures(desk, draws)
    rows = [{**row, "picture": pictures.get(draw.id), "lacking": _lacking(row)}
            for draw, row in zip(draws, queries.summaries(desk.session, desk.viewer, draws), strict=True)]
    return render_template("draws/index.html", rows=rows, query=query, may_draw=desk.viewer.may("create", "draw"),
                           more=draws[-1].id if len(found) > PAGE else None)


def _lacking(row: Row) -> int:
    return sum(lack["wanted"] - lack["got"] for lack in row["shortfall"])


@blueprint.get("/draws/new")
@permission(("create", "draw"))
def new(desk: Desk) -> str:
    """Offer types, streets and days to draw by; `again` fills in what another draw was asked for."""
    types, streets = _types(desk), _streets(desk)
    has_mandatory = any(one["is_mandatory"] and one["declared"] for one in types)
    asked = _asked_before(desk) or {"quota": {}, "mandatory": has_mandatory, "weights": {}, "not_seen_days": 0,
                                    "seed": actions.new_seed(), "covert": True, "name": "", "again": ""}
    strange = [{"written": name, "name": name, "points": None} for name in asked["weights"]
               if name not in {one["written"] for one in streets}]
    return render_template("draws/new.html", types=types, streets=[*streets, *strange], asked=asked,
                           page={"lang": desk.lang})


@blueprint.get("/draws/<code>")
@permission(SIGNED_IN)
def show(desk: Desk, code: str) -> str:
    """Show what was drawn: on the map, by type, with the rule, the seed and whether it draws the same again."""
    draw = queries.by_code(desk.session, desk.viewer, code)
    told = shown(desk, draw)
    groups: dict[str, list[Row]] = {}
    for row in told["chosen"]:
        groups.setdefault(row["type"], []).append(row)
    can = {"publish": desk.viewer.may("publish", "draw") and draw.published_at is None and draw.is_covert,
           "plan": desk.viewer.may("create", "route"), "draw": desk.viewer.may("create", "draw"),
           "export": desk.viewer.may("export", "point")}
    spots = [(row["lon"], row["lat"]) for row in told["chosen"]]
    page = {**map.ground_facts(desk), "kind": "draws", "lang": desk.lang, "code": draw.code,
            "etag": versions.etag(draw.version), "bounds": _bounds(desk, spots),
            "points": [{name: row[name] for name in ("code", "name", "type_name", "why", "lon", "lat")}
                       for row in told["chosen"]]}
    names = {kind.code: kind.name(desk.lang) for kind in dictionaries.point_types().values()}
    streets = {zone: name for zone, name in desk.session.execute(select(Zone.code, Zone.name).where(
        Zone.code.in_(list(told["rule"]["weights"]))))}
    return render_template("draws/show.html", draw=told, groups=groups, can=can, page=page, type_names=names,
                           street_names=streets,
                           shell=shell.build(tuple(page["bounds"]), nonce=headers.nonce()))


def _bounds(desk: Desk, spots: Sequence[tuple[float, float]]) -> list[float]:
    if not spots:
        return list((desk.identity.city or context.NO_CITY).frame)
    lons, lats = zip(*spots, strict=True)
    low, high = frame_around((min(lons), min(lats)), AROUND_M), frame_around((max(lons), max(lats)), AROUND_M)
    return [low[0], low[1], high[2], high[3]]


def _declared(desk: Desk) -> tuple[Any, ...]:
    return visible(desk.viewer), holds_at(InspectionPoint, desk.now), InspectionPoint.is_declared


def _types(desk: Desk) -> list[Row]:
    """Return the types with how many points are declared, those that have some first."""
    rows = desk.session.execute(select(InspectionPoint.type, func.count()).where(*_declared(desk)).group_by(
        InspectionPoint.type))
    counted = {code: count for code, count in rows}
    found = [{"code": kind.code, "name": kind.name(desk.lang), "is_mandatory": kind.is_mandatory,
              "declared": counted.get(kind.code, 0)} for kind in dictionaries.point_types().values()]
    return sorted(found, key=lambda row: row["declared"] == 0)


def _streets(desk: Desk) -> list[Row]:
    """Return the subdistricts with how many points are declared in each; the streets of points where there is none."""
    division = case((func.length(InspectionPoint.division) >= 9, func.substr(InspectionPoint.division, 1, 9)), else_="")
    rows = desk.session.execute(select(division, func.count()).where(*_declared(desk)).group_by(division))
    counted = {code: count for code, count in rows}
    zones = desk.session.execute(select(Zone.code, Zone.name).where(
        Zone.kind == "subdistrict", holds_at(Zone, desk.now)).order_by(Zone.code).limit(MOST_STREETS)).all()
    if zones:
        return [{"written": code, "name": name or code, "points": counted.get(code[:9], 0)} for code, name in zones]
    streets = desk.session.execute(select(InspectionPoint.street, func.count()).where(
        *_declared(desk), InspectionPoint.street.is_not(None)).group_by(InspectionPoint.street)
        .order_by(func.count().desc()).limit(MOST_STREETS))
    return [{"written": street, "name": street, "points": count} for street, count in streets]


def _asked_before(desk: Desk) -> Row | None:
    """Return what the draw of the address was asked for; None where there is none, or not for this viewer."""
    code = request.args.get("again", "").strip()
    if not code:
        return None
    try:
        draw = queries.by_code(desk.session, desk.viewer, code)
    except NotFound:
        return None
    rule = draw.rule
    return {"quota": rule["quota"], "mandatory": rule["mandatory"], "not_seen_days": rule["not_seen_days"],
            "weights": {one["street"]: one["weight"] for one in rule["weights"]}, "seed": draw.seed,
            "covert": draw.is_covert, "name": draw.name, "again": draw.code}


def _pictures(desk: Desk, draws: Sequence[Draw]) -> dict[int, Row]:
    """Return per draw its points on a small drawing, north up, over the declared points as pale dots."""
    point = InspectionPoint
    drawn: dict[int, list[tuple[float, float, str]]] = {}
    for draw_id, why, geom in desk.session.execute(
            select(Drawn.draw_id, Drawn.why, point.geom).join(point, point.id == Drawn.point_id).where(
                Drawn.draw_id.in_([draw.id for draw in draws]), visible(desk.viewer))):
        drawn.setdefault(draw_id, []).append((geom.x, geom.y, why))
    if not drawn:
        return {}
    pale = [(geom.x, geom.y) for geom in desk.session.scalars(
        select(point.geom).where(*_declared(desk)).order_by(point.id).limit(MOST_PALE))]
    at = _projection(np.array([*pale, *((x, y) for rows in drawn.values() for x, y, _why in rows)]))
    ground = [at(*spot) for spot in pale]
    return {draw_id: {"pale": ground, "drawn": [(*at(x, y), why) for x, y, why in rows]}
            for draw_id, rows in drawn.items()}


def _projection(every: np.ndarray) -> Any:
    """Return what puts lon/lat on the drawing so that all spots fit."""
    (west, south), (east, north) = every.min(axis=0).tolist(), every.max(axis=0).tolist()
    squeeze = cos(radians((south + north) / 2))
    across, up = max((east - west) * squeeze, 1e-6), max(north - south, 1e-6)
    scale = min((WIDE - 2 * MARGIN) / across, (HIGH - 2 * MARGIN) / up)
    left, top = (WIDE - (east - west) * squeeze * scale) / 2, (HIGH - (north - south) * scale) / 2
    return lambda lon, lat: (round(left + (lon - west) * squeeze * scale, 1), round(top + (north - lat) * scale, 1))
