"""A round's rows as a draft that a hand or a solver may change, and an earlier plan as a draft again."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap import clock
from civmap.errors import NotAllowed
from civmap.points.models import InspectionPoint
from civmap.routes import books, choosing, hours
from civmap.routes.books import Book
from civmap.routes.customs import Rounds
from civmap.routes.drafts import Draft, DraftStop, DraftTeam, Spot, arranged
from civmap.routes.models import Plan, Route, Stop, Team
from civmap.routes.telling import minute
from civmap.routes.wishes import Wish
from civmap.store.listing import one_of

LOCKS = "locks"


def draft_of(book: Book) -> Draft:
    """Return a round as a draft; visits that were made stand in it with their own times."""
    route = book.route
    stops = tuple(_stop(book, row) for row in book.stops)
    places = {row.point_id: place for place, row in enumerate(book.stops)}
    dealt = book.dealt()
    orders = tuple(tuple(places[row.point_id] for row in dealt[team.id]) for team in book.teams)
    reasons = {one["code"]: one["reason"] for one in route.unreached}
    unreached = {places[row.point_id]: reasons.get(book.code(row), "taken_out") for row in book.stops
                 if row.team_id is None}
    lunch = route.options.get("lunch")
    return arranged(Draft(stops, tuple(_team(book, team) for team in book.teams), orders, unreached,
                          str(route.options.get("mode") or "walk"), route.metric,
                          str(route.options.get("balance") or "shortest"), (lunch[0], lunch[1]) if lunch else None))


def _stop(book: Book, row: Stop) -> DraftStop:
    route, visit = book.route, book.visits.get(row.point_id)
    opened, is_read = open_on(route, book.points[row.point_id].open_hours)
    locks: Mapping[str, float] = route.options.get(LOCKS) or {}
    begins = minute(route, row.arrive_at) if row.arrive_at else None
    code = book.code(row)
    return DraftStop(row.point_id, code, row.lon, row.lat, row.visit_min, opened, row.is_must, row.is_locked,
                     row.together, locks.get(code, begins) if row.is_locked else None, books.state_of(visit),
                     minute(route, visit.arrived_at) if visit else None,
                     minute(route, visit.left_at) if visit and visit.left_at else None, not is_read)


def open_on(route: Route, text: str | None) -> tuple[tuple[tuple[float, float], ...], bool]:
    """Return when a place is open on a round's day, and whether its hours could be read."""
    return ((), True) if route.options.get("ignore_opening") else hours.windows(text, route.day.weekday())


def _team(book: Book, team: Team) -> DraftTeam:
    return DraftTeam(team.name, tuple(row.id for row in book.people.get(team.id, ())),
                     _spot(team.start_lon, team.start_lat, team.start_name),
                     _spot(team.end_lon, team.end_lat, team.end_name), team.ends, team.from_min, team.until_min,
                     team.is_absent)


def _spot(lon: float | None, lat: float | None, name: str) -> Spot | None:
    return None if lon is None or lat is None else (lon, lat, name)


def since_of(route: Route, now: datetime) -> float | None:
    """Return from which minute on a round can still be planned: now while it is under way, else the whole day."""
    if route.state != "under_way" or clock.office_day(now) != route.day:
        return None
    return minute(route, now)


def new_stops(session: Session, rows: Sequence[Any], route: Route, rounds: Rounds, book: Book) -> list[DraftStop]:
    """Return stops of further points, with minutes and hours as the round was asked for; the book learns them."""
    wish = Wish(visit_min=route.options.get("visit_min"), ignores_opening=bool(route.options.get("ignore_opening")))
    book.points.update(books.points(session, [row.id for row in rows]))
    return list(choosing.stops(rows, wish, rounds, route.day))


def brought_back(session: Session, book: Book, plan: Plan, draft: Draft, rounds: Rounds) -> Draft:
    """Return the draft of an earlier plan; raise NotAllowed where it would change what has been visited."""
    told = plan.orders
    wanted = [one for team in told["teams"] for one in team["stops"]] + list(told["unreached"])
    known = {stop.point_id: stop for stop in draft.stops}
    missing = [one["point"] for one in wanted if one["point"] not in known]
    if missing:
        rows = session.execute(select(*choosing.FACTS).where(one_of(InspectionPoint.id, missing))).all()
        known.update({stop.point_id: stop for stop in new_stops(session, rows, book.route, rounds, book)})
    stops = tuple(replace(known[one["point"]], **{name: one[name] for name in (
        "visit_min", "is_must", "is_locked", "together")}) for one in wanted)
    places = {stop.point_id: place for place, stop in enumerate(stops)}
    orders = tuple(tuple(places[one["point"]] for one in team["stops"]) for team in told["teams"])
    teams = tuple(_told_team(team, then) for team, then in zip(draft.teams, told["teams"], strict=True))
    found = arranged(replace(draft, stops=stops, teams=teams, orders=orders,
                             unreached={places[one["point"]]: one["reason"] for one in told["unreached"]}))
    _check_past(draft, found)
    return found


def _told_team(team: DraftTeam, then: Mapping[str, Any]) -> DraftTeam:
    start, end = (tuple(then[name]) if then[name] else None for name in ("start", "end"))
    return replace(team, start=start, end=end, ends=then["ends"], from_min=then["from_min"],  # type: ignore[arg-type]
                   until_min=then["until_min"], is_absent=then["is_absent"])


def _check_past(now: Draft, then: Draft) -> None:
    """Refuse an earlier plan in which what has been visited since would be with another team, later, or gone."""
    for team, order in enumerate(now.orders):
        past = [now.stops[place].code for place in order if now.stops[place].is_past]
        standing = [then.stops[place].code for place in then.orders[team][:len(past)]]
        for code in past:
            if code not in standing:
                raise NotAllowed("route_undo_done", field="stop", code=code, allowed=[])
