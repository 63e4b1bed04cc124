"""Pages of rounds: the list by day with a small picture of each, the form of a new one, the desk of one."""

import io
from collections.abc import Iterable
from datetime import date, timedelta
from math import cos, radians
from typing import Any

import numpy as np
import shapely
from flask import Blueprint, Response, render_template, request
from sqlalchemy import select

from civmap import clock, dictionaries
from civmap.geo.measure import frame_around
from civmap.maps import shell
from civmap.people.models import Person
from civmap.people.rules import MAY, SEES_COVERT
from civmap.points import queries as points
from civmap.points.models import InspectionPoint
from civmap.routes import customs, queries
from civmap.routes.models import Route, Stop, Team
from civmap.web import context, headers, map
from civmap.web.access import SIGNED_IN, permission
from civmap.web.desk import Desk

blueprint = Blueprint("routes", __name__)
FILTERS = ("state", "person", "from", "to", "q")
COMING, PAST, MOST_PEOPLE = 60, 24, 500
WIDE, HIGH, MARGIN = 240.0, 132.0, 10.0
FINE = 1.2  # pixels: what a small picture leaves out of a line
AROUND_M = 200.0
TEAM_COLOURS = 6
Row = dict[str, Any]


@blueprint.get("/routes")
@permission(SIGNED_IN)
def index(desk: Desk) -> str:
    """List the rounds that the viewer may know of: today's and coming ones, then those that are past."""
    query = {name: value for name in FILTERS if (value := request.args.get(name, "").strip())}
    today, after = clock.office_day(desk.now), _number("after")
    coming = [] if after else _coming(desk, query, today)
    past, more = _past(desk, query, today, after)
    pictures = _pictures(desk, [row["route"] for row in (*coming, *past)])
    for row in (*coming, *past):
        row["picture"] = pictures.get(row["route"])
    return render_template("routes/index.html", days=_by_day(coming), past=past, more=more, query=query,
                           today=today.isoformat(), tomorrow=(today + timedelta(days=1)).isoformat(),
                           states=queries.STATES, may_make=desk.viewer.may("create", "route"),
                           may_draw=desk.viewer.may("create", "draw"), people=_people(desk), me=desk.viewer.name)


def _number(name: str) -> int:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _coming(desk: Desk, query: dict[str, str], today: date) -> list[Row]:
    since = max(query.get("from", ""), today.isoformat())
    rows, _ = queries.listed(desk.session, desk.viewer, desk.lang, {**query, "from": since}, COMING)
    return sorted(rows, key=lambda row: (row["day"], row["route"]))


def _past(desk: Desk, query: dict[str, str], today: date, after: int) -> tuple[list[Row], int | None]:
    yesterday = (today - timedelta(days=1)).isoformat()
    until = min(query.get("to") or yesterday, yesterday)
    return queries.listed(desk.session, desk.viewer, desk.lang, {**query, "to": until}, PAST, after)


def _by_day(rows: Iterable[Row]) -> dict[str, list[Row]]:
    days: dict[str, list[Row]] = {}
    for row in rows:
        days.setdefault(row["day"], []).append(row)
    return days


def _pictures(desk: Desk, codes: list[str]) -> dict[str, list[Row]]:
    """Return per round its teams' ways as paths on a small drawing, north up; only legs to points the viewer sees."""
    statement = (select(Route.code, Team.position, Stop.lon, Stop.lat, Stop.leg, Stop.position)
                 .join(Stop, Stop.route_id == Route.id).join(Team, Team.id == Stop.team_id)
                 .where(Route.code.in_(codes)).order_by(Route.code, Team.position, Stop.position))
    sees_all = desk.viewer.sees_all or desk.viewer.role in SEES_COVERT
    if not sees_all:
        statement = statement.join(InspectionPoint, InspectionPoint.id == Stop.point_id).where(
            points.visible(desk.viewer))
    ways: dict[str, dict[int, list[Any]]] = {}
    last: dict[tuple[str, int], int] = {}
    for code, team, lon, lat, leg, position in desk.session.execute(statement):
        is_known = sees_all or last.get((code, team)) == position - 1  # a way that leads from a hidden place shows it
        here = shapely.get_coordinates(leg) if leg is not None and is_known else np.empty((0, 2))
        last[code, team] = position
        ways.setdefault(code, {}).setdefault(team, []).append(np.vstack([here, [[lon, lat]]]))
    return {code: _drawn(teams) for code, teams in ways.items()}


def _drawn(teams: dict[int, list[Any]]) -> list[Row]:
    lines = {team: np.vstack(parts) for team, parts in teams.items()}
    every = np.vstack(list(lines.values()))
    (west, south), (east, north) = every.min(axis=0), every.max(axis=0)
    squeeze = cos(radians((south + north) / 2))
    across, up = max((east - west) * squeeze, 1e-6), max(north - south, 1e-6)
    scale = min((WIDE - 2 * MARGIN) / across, (HIGH - 2 * MARGIN) / up)
    left = (WIDE - (east - west) * squeeze * scale) / 2
    top = (HIGH - (north - south) * scale) / 2

    def at(spots: Any) -> Any:
        return np.column_stack([left + (spots[:, 0] - west) * squeeze * scale, top + (north - spots[:, 1]) * scale])

    return [{"team": team, "hue": (team - 1) % TEAM_COLOURS + 1, "path": _path(at(line)),
             "stops": [[round(float(one), 1) for one in at(part[-1:])[0]] for part in teams[team]]}
            for team, line in lines.items()]


def _path(pixels: Any) -> str:
    if len(pixels) < 2:
        return ""
    thin = shapely.get_coordinates(shapely.LineString(pixels).simplify(FINE, preserve_topology=False))
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in thin)


def _people(desk: Desk) -> list[Row]:
    """Return who may walk with a team, inspectors first; nobody to whom rounds are not theirs to plan."""
    if not desk.viewer.may("create", "route"):
        return []
    roles = [role for role, may in MAY.items() if ("create", "visit") in may]
    names = {role: dictionaries.roles()[role].name(desk.lang) for role in roles}
    rows = desk.session.execute(select(Person.name, Person.full_name, Person.role).where(
        Person.is_active.is_(True), Person.role.in_(roles)).order_by(Person.full_name, Person.name).limit(MOST_PEOPLE))
    found = [{"name": name, "full_name": full or name, "role": role, "role_name": names[role],
              "may_covert": role in {"inspector", *SEES_COVERT}} for name, full, role in rows]
    return sorted(found, key=lambda row: row["role"] != "inspector")


@blueprint.get("/routes/new")
@permission(("create", "route"))
def new(desk: Desk) -> str:
    """Show the form of a new round; `points`, `draw` or filters in the address choose its points."""
    found = points.completeness(desk.session, desk.viewer, desk.now)
    types = [{"code": one.type, "name": one.name(desk.lang), "count": one.total, "is_mandatory": one.is_mandatory}
             for one in found.types if one.total]
    today = clock.office_day(desk.now)
    wished = {name: value for name, value in request.args.items() if value.strip()}
    page = {**_facts(desk), "bounds": list((desk.identity.city or context.NO_CITY).frame), "types": types,
            "wished": wished, "customs": customs.rounds_of(desk.session).as_json(),
            "day": (today + timedelta(days=1)).isoformat()}
    return render_template("routes/new.html", page=page,
                           shell=shell.build(tuple(page["bounds"]), nonce=headers.nonce()))


@blueprint.get("/routes/<code>")
@permission(SIGNED_IN)
def show(desk: Desk, code: str) -> str:
    """Show the desk of one round; what it holds arrives by the interface."""
    route = queries.by_code(desk.session, desk.viewer, code)
    page = {**_facts(desk), "code": route.code, "bounds": _bounds(desk, route)}
    return render_template("routes/show.html", page=page, route=route, may_export=desk.viewer.may("export", "route"),
                           shell=shell.build(tuple(page["bounds"]), nonce=headers.nonce()))


def _facts(desk: Desk) -> Row:
    today = clock.office_day(desk.now)
    may = {**{verb: desk.viewer.may(verb, "route") for verb in ("create", "edit", "publish")},
           "visit": desk.viewer.may("create", "visit"), "manage": desk.viewer.may("manage", "city")}
    return {**map.ground_facts(desk), "lang": desk.lang, "now": clock.iso(desk.now), "today": today.isoformat(),
            "tomorrow": (today + timedelta(days=1)).isoformat(), "may": may, "people": _people(desk)}


def _bounds(desk: Desk, route: Route) -> list[float]:
    spots = desk.session.execute(select(Stop.lon, Stop.lat).where(Stop.route_id == route.id)).all()
    if not spots or not desk.viewer.sees_all:
        return list((desk.identity.city or context.NO_CITY).frame)
    lons, lats = [lon for lon, _ in spots], [lat for _, lat in spots]
    low, high = frame_around((min(lons), min(lats)), AROUND_M), frame_around((max(lons), max(lats)), AROUND_M)
    return [low[0], low[1], high[2], high[3]]


@blueprint.get("/routes/<code>/qr.svg")
@permission(SIGNED_IN)
def qr(desk: Desk, code: str) -> Response:
    """Answer the QR code of the round's page on the phone."""
    import segno

    route = queries.by_code(desk.session, desk.viewer, code)
    base = (desk.settings.public_url or request.host_url).rstrip("/")
    out = io.BytesIO()
    segno.make(f"{base}/routes/{route.code}/go", error="m", micro=False).save(
        out, kind="svg", border=2, scale=6, light="white", xmldecl=False)
    return Response(out.getvalue(), mimetype="image/svg+xml")
