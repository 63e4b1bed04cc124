"""What a team takes along on its round: its stops with check lists and open issues, ways, navigation, and a sketch map.

One answer holds all of it, so that a phone keeps the round whole or not at all.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap import clock
from civmap.errors import Forbidden, NotFound
from civmap.geo.measure import frame_around
from civmap.inspections import checklists, fails, rounds
from civmap.people.rules import Viewer
from civmap.points.models import InspectionPoint
from civmap.routes import navigation, queries
from civmap.routes.models import Member, Route, Team
from civmap.segments import queries as segments
from civmap.segments.models import RoadSegment
from civmap.store.base import holds_at
from civmap.store.spatial import in_frame

AROUND_M, SIMPLER_DEG, MOST_STREETS = 450.0, 0.00005, 400


def walk(session: Session, viewer: Viewer, code: str, team: int | None, now: datetime, lang: str) -> dict[str, Any]:
    """Return the round of one team; its own where none is named. Raise NotFound, or Forbidden for a stranger."""
    route = queries.by_code(session, viewer, code)
    must_walk(session, viewer, route)
    told = queries.told(session, viewer, code, lang)
    chosen = _team(session, viewer, route, told["teams"], team)
    own = {one["team"] for one in told["teams"] if _is_in(viewer, one)}
    rows = _points(session, [one["code"] for one in told["stops"]])
    custom = checklists.custom_of(session)
    own_stops = [one for one in told["stops"] if one["team"] == chosen and one["code"] in rows]
    known = fails.open_at_each(session, viewer, [rows[one["code"]].id for one in own_stops], now)
    stops = [_stop(one, rows[one["code"]], known.get(rows[one["code"]].id, []), custom, told["mode"] or "walk", now)
             for one in own_stops]
    legs = [feature for feature in queries.legs(session, viewer, code)["features"]
            if feature["properties"]["team"] == chosen]
    return {
        **{name: told[name] for name in ("route", "name", "day", "state", "state_name", "mode", "metric", "version")},
        "is_covert": told["is_covert"] and told["published_at"] is None,
        "team": chosen, "is_own": chosen in own, "at": clock.iso(now), "teams": [_brief(one) for one in told["teams"]],
        "stops": stops, "legs": legs, "streets": _streets(session, viewer, stops, legs, now),
        "lists": {kind: checklists.of_type(session, kind, lang) for kind in sorted({one["type"] for one in stops})},
        "thresholds": {kind: checklists.thresholds(kind, lang) for kind in {one["type"] for one in stops}},
        "edition": custom.edition,
        "may": {"visit": viewer.may("create", "visit"), "report": viewer.may("report", "issue"),
                "order": viewer.may("on_site", "issue")}}


def must_walk(session: Session, viewer: Viewer, route: Route) -> None:
    """Refuse somebody who neither walks a round nor sits in the office; raise Forbidden."""
    if viewer.role not in rounds.OFFICE and not rounds.walks(session, viewer, route.id):
        raise Forbidden("round_not_yours", code=route.code)


def _team(session: Session, viewer: Viewer, route: Route, teams: list[Mapping[str, Any]], asked: int | None) -> int:
    numbers = [one["team"] for one in teams]
    if asked is not None:
        if asked not in numbers:
            raise NotFound("team_not_found", field="team", team=asked)
        return asked
    own = session.scalar(select(Team.position).join(Member, Member.team_id == Team.id).where(
        Team.route_id == route.id, Member.person_id == viewer.person_id).order_by(Team.position).limit(1))
    if own is None and not numbers:
        raise NotFound("team_not_found", field="team", team=1)
    return own if own in numbers else numbers[0]


def _is_in(viewer: Viewer, team: Mapping[str, Any]) -> bool:
    return viewer.name in {person["name"] for person in team["people"]}


def _brief(team: Mapping[str, Any]) -> dict[str, Any]:
    return {"team": team["team"], "name": team["name"], "total": len(team["stops"]), "done": team["done"],
            "skipped": team["skipped"], "start": team["start"], "end": team["end"],
            "people": [person["full_name"] for person in team["people"]]}


def _points(session: Session, codes: Iterable[str]) -> dict[str, InspectionPoint]:
    wanted = list(codes)
    found: dict[str, InspectionPoint] = {}
    for first in range(0, len(wanted), 500):
        for row in session.scalars(select(InspectionPoint).where(
                InspectionPoint.code.in_(wanted[first:first + 500]))):
            found[row.code] = row
    return found


def _stop(told: Mapping[str, Any], point: InspectionPoint, known: list[Any], custom: checklists.Custom, mode: str,
          now: datetime) -> dict[str, Any]:
    return {**told, "reach_m": checklists.reach_m(point, custom), "issues": checklists.open_issues(known, now),
            "offers": checklists.offered(known, point.type),
            "navigation": navigation.links(told["lon"], told["lat"], told["name"] or told["code"], mode)}


def _streets(session: Session, viewer: Viewer, stops: list[dict[str, Any]],
             legs: list[Mapping[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """Return the streets round a round as thin lines: the sketch that needs no tiles and no network."""
    spots = [(one["lon"], one["lat"]) for one in stops]
    spots += [tuple(spot[:2]) for leg in legs for spot in leg["geometry"]["coordinates"]]
    if not spots:
        return []
    west, south, east, north = shapely.MultiPoint(spots).bounds
    low, high = frame_around((west, south), AROUND_M), frame_around((east, north), AROUND_M)
    frame = (low[0], low[1], high[2], high[3])
    rows = session.execute(
        select(RoadSegment.name, RoadSegment.road, RoadSegment.road_class, RoadSegment.geom)
        .where(segments.visible(viewer), in_frame(RoadSegment.geom, *frame), holds_at(RoadSegment, now))
        .order_by(RoadSegment.road_class, RoadSegment.id).limit(MOST_STREETS)).all()
    cut = [(row, shapely.simplify(shapely.clip_by_rect(row.geom, *frame), SIMPLER_DEG)) for row in rows]
    return [{"name": row.road or row.name, "class": row.road_class, "lines": _lines(line)}
            for row, line in cut if not line.is_empty]


def _lines(shape: Any) -> list[list[list[float]]]:
    parts = [part for part in getattr(shape, "geoms", [shape]) if part.geom_type == "LineString"]
    return [[[round(x, 6), round(y, 6)] for x, y in part.coords] for part in parts]
