"""Rounds beside each other: which one came before, what changed since, and the trend over all of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.inspections import scores, scoring
from civmap.inspections.models import Visit
from civmap.inspections.queries import visible as visit_visible
from civmap.inspections.scores import Tally
from civmap.inspections.scoring import Asked
from civmap.inspections.visiting import is_rated, latest
from civmap.people.rules import Viewer
from civmap.routes.models import Route, Stop
from civmap.routes.queries import visible
from civmap.store.listing import Here, one_of

SHARED_PART = 2
"""A round is compared with the last one that held at least one in so many of its points."""
MOST_ROUNDS = 60
FINISHED = "finished"


def counted(session: Session, viewer: Viewer, route_id: int) -> dict[int, Visit]:
    """Return the visit that counts of each point of a round, as far as the viewer sees it: the newest."""
    return latest(session.scalars(select(Visit).where(Visit.route_id == route_id, is_rated(),
                                                      visit_visible(viewer))))


def earlier(session: Session, viewer: Viewer, route: Route) -> Route | None:
    """Return the round to compare with: of those that visited half of its points, the one it follows, else the last."""
    ids = list(session.scalars(select(Stop.point_id).where(Stop.route_id == route.id)))
    was_before = or_(Route.day < route.day, and_(Route.day == route.day, Route.id < route.id))
    shared = (select(Visit.route_id).where(one_of(Visit.point_id, ids), Visit.route_id.is_not(None), is_rated())
              .group_by(Visit.route_id).having(func.count(func.distinct(Visit.point_id)) * SHARED_PART >= len(ids)))
    is_followed = case((Route.id == (route.before_id or 0), 1), else_=0)
    return session.scalar(select(Route).where(Route.state == FINISHED, was_before, visible(viewer),
                                              Route.id.in_(shared))
                          .order_by(is_followed.desc(), Route.day.desc(), Route.id.desc()).limit(1))


def after(session: Session, viewer: Viewer, route: Route) -> list[dict[str, Any]]:
    """Return the rounds that follow one: into which it was carried over."""
    rows = session.scalars(select(Route).where(Route.before_id == route.id, Route.state != "cancelled",
                                               visible(viewer)).order_by(Route.id))
    return [{"route": row.code, "name": row.name, "day": row.day.isoformat()} for row in rows]


def by_type(visits: Mapping[int, Any], points: Mapping[int, Any]) -> dict[str, Tally]:
    """Return the scores of each point type."""
    groups: dict[str, list[Any]] = {}
    for point_id, visit in visits.items():
        groups.setdefault(points[point_id].type, []).append(visit)
    return {code: scores.tally(some) for code, some in groups.items()}


def types_json(now: Mapping[str, Tally], then: Mapping[str, Tally], lang: str) -> list[dict[str, Any]]:
    """Return the scores of each type beside those of the round before, the weakest first."""
    kinds = dictionaries.point_types()
    rows = [{"type": code, "type_name": kinds[code].name(lang) if code in kinds else code, **tally.as_json(),
             "before": then[code].mean.as_json() if code in then else None,
             "change": scores.change(tally.mean, then[code].mean) if code in then else None}
            for code, tally in now.items()]
    return sorted(rows, key=lambda row: (row["mean"]["value"] is None, row["mean"]["value"] or 0.0, row["type"]))


def before_json(route: Route, now: Mapping[int, Any], then: Mapping[int, Any]) -> dict[str, Any]:
    """Return a round before beside one: its scores, the change, and both over the points that both visited."""
    mine, theirs = scores.tally(now.values()), scores.tally(then.values())
    shared = now.keys() & then.keys()
    here, there = (scores.tally(some[point_id] for point_id in shared) for some in (now, then))
    return {"route": route.code, "name": route.name, "day": route.day.isoformat(), **theirs.as_json(),
            "change": scores.change(mine.mean, theirs.mean),
            "observed_change": scores.change(mine.observed, theirs.observed),
            "shared": {"points": len(shared), "now": here.mean.as_json(), "then": there.mean.as_json(),
                       "change": scores.change(here.mean, there.mean)}}


def trend(here: Here, asked: Asked) -> list[dict[str, Any]]:
    """Return the scores of each round that the viewer knows of, the oldest first; visits by themselves are in none."""
    found = scoring.tallies(here, Asked("round", asked.first, asked.last, asked.filters))
    routes = here.session.scalars(select(Route).where(
        one_of(Route.id, [key for key in found if key]), visible(here.viewer))
        .order_by(Route.day.desc(), Route.id.desc()).limit(MOST_ROUNDS))
    return [{"route": route.code, "name": route.name, "day": route.day.isoformat(), "state": route.state,
             "is_covert": route.is_covert and route.published_at is None, **found[route.id].as_json()}
            for route in _oldest_first(routes)]


def _oldest_first(routes: Iterable[Route]) -> Sequence[Route]:
    return list(routes)[::-1]


def headline(here: Here) -> dict[str, Any] | None:
    """Return the score of the last finished round that the viewer knows of, and its change; None without a rate."""
    session, viewer = here.session, here.viewer
    route = session.scalar(select(Route).where(Route.state == FINISHED, visible(viewer))
                           .order_by(Route.day.desc(), Route.id.desc()).limit(1))
    tally = scoring.total(here, Asked(routes=[route.id])) if route else Tally()
    if route is None or tally.mean.tenths is None:
        return None
    before = earlier(session, viewer, route)
    then = scoring.total(here, Asked(routes=[before.id])) if before else Tally()
    return {"route": route.code, "name": route.name, "day": route.day.isoformat(), **tally.as_json(),
            "change": scores.change(tally.mean, then.mean)}
