"""Ask about rounds: which a viewer may know of, one of them, lists of them, and their ways."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from civmap import clock
from civmap.city.covert import rounds_of, rounds_seen
from civmap.errors import Invalid, NotFound
from civmap.fields import day as read_day
from civmap.geo.validity import rounded
from civmap.inspections.models import Visit
from civmap.inspections.rules import VISITED
from civmap.people.models import Person
from civmap.people.rules import SEES_COVERT, Viewer
from civmap.points import queries as points
from civmap.points.models import InspectionPoint
from civmap.routes import books, telling
from civmap.routes.models import Member, Plan, Route, Stop, Team
from civmap.store.listing import many, one_of, words

STATES = ("planning", "planned", "under_way", "finished", "cancelled")
UNKNOWING = frozenset({"public", "shop"})
FILTERS = ("day", "from", "to", "state", "person", "team", "point", "draw", "q")
MOST = 500


def visible(viewer: Viewer) -> Any:
    """Return the condition that a viewer may know of a round.

    The office, leaders and discipline know of all; inspectors of covert ones that they walk or made; everybody else
    of rounds that are not covert or are published, as far as they walk them or see a point on them.
    """
    if viewer.role in SEES_COVERT or viewer.role in UNKNOWING:
        return rounds_seen(viewer, Route)
    seen = select(Stop.route_id).join(InspectionPoint, InspectionPoint.id == Stop.point_id).where(
        points.visible(viewer))
    return and_(rounds_seen(viewer, Route), or_(Route.id.in_(seen), Route.id.in_(rounds_of(viewer))))


def is_member(session: Session, viewer: Viewer, route: Route) -> bool:
    """Tell whether a viewer walks with a round or made it: such a one sees all its stops."""
    return route.made_by == viewer.name or session.scalar(select(Member.id).where(
        Member.route_id == route.id, Member.person_id == viewer.person_id).limit(1)) is not None


def by_code(session: Session, viewer: Viewer, code: str) -> Route:
    """Return the round of a code; raise NotFound where it is missing or hidden."""
    route = session.scalar(select(Route).where(Route.code == code, visible(viewer))
                           .execution_options(populate_existing=True))
    if route is None:
        raise NotFound("route_not_found", field="code", code=code[:64])
    return route


def points_hidden(session: Session, viewer: Viewer, route: Route, point_ids: list[int]) -> frozenset[int]:
    """Return which of a round's points a viewer does not see."""
    if viewer.sees_all or viewer.role in SEES_COVERT or is_member(session, viewer, route):
        return frozenset()
    seen = set(session.scalars(select(InspectionPoint.id).where(one_of(InspectionPoint.id, point_ids),
                                                                points.visible(viewer))))
    return frozenset(point_ids) - seen


def told(session: Session, viewer: Viewer, code: str, lang: str) -> dict[str, Any]:
    """Return a round as every answer shows it; raise NotFound where it is missing or hidden."""
    return told_of(session, viewer, books.read(session, by_code(session, viewer, code)), lang)


def told_of(session: Session, viewer: Viewer, book: books.Book, lang: str) -> dict[str, Any]:
    """Return a round that was read, with only those stops that the viewer sees."""
    hidden = points_hidden(session, viewer, book.route, [stop.point_id for stop in book.stops])
    return telling.as_json(session, viewer, book, hidden, lang)


def legs(session: Session, viewer: Viewer, code: str) -> dict[str, Any]:
    """Return the ways of a round as a FeatureCollection, in order; the way back has no position. Raise NotFound."""
    route = by_code(session, viewer, code)
    hidden = points_hidden(session, viewer, route,
                           list(session.scalars(select(Stop.point_id).where(Stop.route_id == route.id))))
    rows = session.execute(select(Team.position, Stop.position, Stop.point_id, Stop.leg, Stop.leg_m, Stop.is_air)
                           .join(Team, Team.id == Stop.team_id).where(Stop.route_id == route.id)
                           .order_by(Team.position, Stop.position)).all()
    back = session.execute(select(Team.position, Team.last_leg, Team.last_leg_m).where(
        Team.route_id == route.id, Team.last_leg.is_not(None))).all() if not hidden else []
    shown = {(team, position) for team, position, point_id, *_leg in rows if point_id not in hidden}
    found = [(team, position, leg, metres, is_air) for team, position, _point_id, leg, metres, is_air in rows
             if leg is not None and (team, position) in shown and (not hidden or (team, position - 1) in shown)]
    found += [(team, None, leg, metres, route.metric == "air") for team, leg, metres in back]
    found.sort(key=lambda row: (row[0], row[1] is None, row[1] or 0))
    return {"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": rounded(leg),
         "properties": {"team": team, "position": position, "metres": None if metres is None else round(metres, 1),
                        "is_air": bool(is_air)}} for team, position, leg, metres, is_air in found]}


def listed(session: Session, viewer: Viewer, lang: str, filters: Mapping[str, Any] | None = None,
           limit: int | None = None, after: int | None = None) -> tuple[list[dict[str, Any]], int | None]:
    """Return the rounds a viewer may know of, newest day first, and the cursor of the rest; raise Invalid."""
    statement = select(Route).where(visible(viewer), *_conditions(filters or {}))
    size = min(limit or 100, MOST)
    offset = after or 0
    rows = list(session.scalars(statement.order_by(Route.day.desc(), Route.id.desc()).limit(size + 1).offset(offset)))
    more = offset + size if len(rows) > size else None
    rows = rows[:size]
    ids = [route.id for route in rows]
    return [telling.summary(route, facts, lang) for route, facts in zip(rows, _facts(session, ids), strict=True)], more


def _conditions(filters: Mapping[str, Any]) -> list[Any]:
    unknown = [name for name in filters if name not in FILTERS]
    if unknown:
        raise Invalid("unknown_filter", field=unknown[0], name=unknown[0], known=list(FILTERS))
    builders = {
        "day": lambda value: Route.day.in_([_day(one, "day") for one in many(value)]),
        "from": lambda value: Route.day >= _day(value, "from"), "to": lambda value: Route.day <= _day(value, "to"),
        "state": lambda value: Route.state.in_(_states(value)),
        "person": lambda value: or_(Route.made_by.in_(many(value)), Route.id.in_(
            select(Member.route_id).join(Person, Person.id == Member.person_id).where(Person.name.in_(many(value))))),
        "team": lambda value: Route.id.in_(select(Team.route_id).where(Team.name.in_(many(value)))),
        "point": lambda value: Route.id.in_(select(Stop.route_id).join(
            InspectionPoint, InspectionPoint.id == Stop.point_id).where(InspectionPoint.code.in_(many(value)))),
        "draw": lambda value: Route.draw_id.in_(_draws(many(value))),
        "q": lambda value: words(Route.code, Route.name, Route.remark)(None, value),  # type: ignore[arg-type]
    }
    return [builders[name](value) for name, value in filters.items()]


def _draws(codes: list[str]) -> Any:
    from civmap.draws.models import Draw

    return select(Draw.id).where(Draw.code.in_(codes))


def _day(value: Any, field: str) -> date:
    try:
        return read_day(value)
    except Invalid as problem:
        problem.field = field
        raise


def _states(value: Any) -> list[str]:
    states = many(value)
    wrong = [one for one in states if one not in STATES]
    if wrong:
        raise Invalid("choice_unknown", field="state", value=wrong[0][:40], known=list(STATES))
    return states


def _facts(session: Session, ids: list[int]) -> list[dict[str, Any]]:
    """Return per round its teams, and how many stops it has and has done."""
    def counted(statement: Any) -> dict[int, int]:
        return {route_id: int(count or 0) for route_id, count in session.execute(statement)}

    stops = counted(select(Stop.route_id, func.count()).where(one_of(Stop.route_id, ids)).group_by(Stop.route_id))
    served = counted(select(Stop.route_id, func.count()).where(one_of(Stop.route_id, ids), Stop.team_id.is_not(None))
                     .group_by(Stop.route_id))
    done = counted(select(Visit.route_id, func.count(func.distinct(Visit.point_id))).where(
        one_of(Visit.route_id, ids), Visit.outcome == VISITED, Visit.left_at.is_not(None)).group_by(Visit.route_id))
    people = books.people(session, ids)
    teams: dict[int, list[Team]] = {}
    for team in session.scalars(select(Team).where(one_of(Team.route_id, ids)).order_by(Team.position)):
        teams.setdefault(team.route_id, []).append(team)
    return [{"teams": teams.get(one, []), "people": people.get(one, {}), "stops": served.get(one, 0),
             "unreached": stops.get(one, 0) - served.get(one, 0), "done": done.get(one, 0)} for one in ids]


def plans(session: Session, viewer: Viewer, code: str, lang: str) -> list[dict[str, Any]]:
    """Return every plan a round has had, newest first; raise NotFound."""
    route = by_code(session, viewer, code)
    rows = session.scalars(select(Plan).where(Plan.route_id == route.id).order_by(Plan.number.desc()))
    return [{"number": row.number, "verb": row.verb, "verb_name": telling.verb_name(lang, row.verb),
             "at": clock.iso(row.at), "who": row.who, "total_m": round(row.total_m, 1),
             "teams": [len(team["stops"]) for team in row.orders["teams"]],
             "of": row.orders.get("of")} for row in rows]
