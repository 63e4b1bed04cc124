"""A draft into its rows: who serves which stop when, along which way, and the plan as it then stood."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from civmap.errors import Stale
from civmap.people.rules import Viewer
from civmap.routes import drafts, measuring, noting
from civmap.routes.books import Book
from civmap.routes.measuring import Day, Measured
from civmap.routes.models import Plan, Route, Stop
from civmap.routes.telling import moment
from civmap.store.ledger import record

KIND = "route"
ANY_VERSION = -2
"""Stands for whatever version is there now (If-Match: *)."""
Way = tuple[Any, ...]


def fill(book: Book, found: Measured, since: float | None = None, *, is_shown: bool = False,
         notes: Sequence[Mapping[str, Any]] = ()) -> None:
    """Bring the rows of a round in line with a measured draft; nothing is flushed.

    `notes` stand beside those that follow from the plan. With `is_shown` (a preview) no lines are looked up.
    """
    found_days = measuring.days(found, since)
    before = _ways(book)
    rows = _rows(book, found)
    _stops(book, found, found_days, rows)
    _teams(book, found, found_days)
    book.stops = sorted(rows.values(), key=_order(book))
    route = book.route
    route.total_m = sum(team.length_m for team in book.teams)
    route.unreached = [{"code": found.draft.stops[place].code, "reason": why}
                       for place, why in sorted(found.draft.unreached.items())]
    route.notes = [*notes, *measuring.notes_of(found), *_notes(found, found_days)]
    if not is_shown:
        _legs(book, found, rows, before)


def _order(book: Book) -> Any:
    order = {team.id: team.position for team in book.teams}
    return lambda stop: (order.get(stop.team_id or 0, len(order) + 1), stop.position, stop.point_id)


def _rows(book: Book, found: Measured) -> dict[int, Stop]:
    """Return a row per stop of the draft, by its place; rows that the draft has no more leave the book."""
    known = {stop.point_id: stop for stop in book.stops}
    rows = {}
    for place, stop in enumerate(found.draft.stops):
        row = known.get(stop.point_id) or Stop(route_id=book.route.id, point_id=stop.point_id, position=0, lon=stop.lon,
                                               lat=stop.lat, wait_min=0.0, is_air=False)
        row.visit_min, row.is_must, row.is_locked = stop.visit_min, stop.is_must, stop.is_locked
        row.together = stop.together
        rows[place] = row
    return rows


def _stops(book: Book, found: Measured, found_days: Sequence[Day], rows: Mapping[int, Stop]) -> None:
    draft, matrix = found.draft, found.matrices
    for place in draft.unreached:
        row = rows[place]
        row.team_id, row.position, row.arrive_at, row.leave_at = None, 0, None, None
        row.leg_m, row.leg_min, row.wait_min, row.is_air = None, None, 0.0, False
    for number, (order, day) in enumerate(zip(draft.orders, found_days, strict=True)):
        timings = {timing.node: timing for timing in day.schedule.stops}
        before = found.anchors[number][0]
        for position, place in enumerate(order, start=1):
            row, timing = rows[place], timings.get(place)
            row.team_id, row.position = book.teams[number].id, position
            row.leg_m = float(matrix.metres[before, place]) if before is not None else 0.0
            row.leg_min = float(found.minutes[before, place]) if before is not None else 0.0
            row.is_air = bool(matrix.is_air[before, place]) if before is not None else False
            if timing is not None:
                row.arrive_at, row.leave_at = moment(book.route, timing.begin), moment(book.route, timing.leave)
                row.wait_min = round(timing.wait, 3)
            before = place


def _teams(book: Book, found: Measured, found_days: Sequence[Day]) -> None:
    for number, (team, plan, day) in enumerate(zip(book.teams, found.draft.teams, found_days, strict=True)):
        team.start_lon, team.start_lat, team.start_name = plan.start or (None, None, "")
        team.end_lon, team.end_lat, team.end_name = plan.end or (None, None, "")
        team.ends, team.from_min, team.until_min = plan.ends, plan.from_min, plan.until_min
        team.is_absent, team.length_m, team.minutes = plan.is_absent, day.length_m, day.minutes
        order, end = found.draft.orders[number], found.anchors[number][1]
        team.last_leg_m = float(found.matrices.metres[order[-1], end]) if order and end is not None else None
        if team.last_leg_m is None:
            team.last_leg = None


def _notes(found: Measured, found_days: Sequence[Day]) -> list[dict[str, Any]]:
    stops, notes = found.draft.stops, []
    late = [stops[timing.node].code for day in found_days for timing in day.schedule.stops if timing.is_late]
    if late:
        notes.append(noting.note("late", codes=late))
    over = [number for number, day in enumerate(found_days, start=1)
            if day.schedule.back is not None and day.schedule.back.is_late]
    if over:
        notes.append(noting.note("team_over", teams=over))
    unread = [stop.code for stop in stops if stop.is_unread]
    if unread:
        notes.append(noting.note("hours_unreadable", codes=unread))
    return notes


def _ways(book: Book) -> dict[Way, bool]:
    """Return the ways that lines are kept for: (team or None, from, to)."""
    found: dict[Way, bool] = {}
    dealt = book.dealt()
    for team in book.teams:
        before: Any = None if team.start_lon is None else (team.start_lon, team.start_lat)
        for stop in dealt[team.id]:
            found[before, stop.point_id] = True
            before = stop.point_id
        if team.last_leg_m is not None:
            found[team.id, before, (team.end_lon, team.end_lat) if team.ends == drafts.FIXED
                  else (team.start_lon, team.start_lat)] = True
    return found


def _legs(book: Book, found: Measured, rows: Mapping[int, Stop], before: Mapping[Way, bool]) -> None:
    """Look up the lines of the ways that are new; those that stay are not read."""
    draft, wanted = found.draft, []
    for number, order in enumerate(draft.orders):
        start, end = found.anchors[number]
        spot: Any = None if start is None else tuple(found.spots[start].tolist())
        node = start
        for place in order:
            key = (spot, draft.stops[place].point_id)
            if node is None:
                rows[place].leg = None
            elif key not in before or rows[place].id is None:
                wanted.append((rows[place], "leg", node, place))
            node, spot = place, draft.stops[place].point_id
        if order and end is not None and (book.teams[number].id, spot, tuple(found.spots[end].tolist())) not in before:
            wanted.append((book.teams[number], "last_leg", node, end))
    lines = found.ground.legs(found.spots, [(here, there) for _row, _name, here, there in wanted], draft.mode,
                              draft.metric) if wanted else []
    for (row, name, _here, _there), leg in zip(wanted, lines, strict=True):
        setattr(row, name, shapely.LineString(np.round(leg.coordinates, 9)))


def facts(book: Book) -> dict[str, Any]:
    """Return what the ledger keeps of a round."""
    route = book.route
    orders = [[book.code(stop) for stop in stops] for stops in book.dealt().values()]
    return {"name": route.name, "day": route.day.isoformat(), "state": route.state, "is_covert": route.is_covert,
            "published_at": route.published_at.isoformat() if route.published_at else None,
            "total_m": round(route.total_m, 1), "teams": orders,
            "unreached": [one["code"] for one in route.unreached], "locked": sorted(
                book.code(stop) for stop in book.stops if stop.is_locked)}


def keep(session: Session, viewer: Viewer, book: Book, verb: str, now: datetime, before: dict[str, Any] | None,
         draft: drafts.Draft | None, **more: Any) -> None:
    """Write a changed round with its ledger line, and its plan where it has a new one; raise Stale."""
    route = book.route
    kept = {stop.id for stop in book.stops}
    for row_id in session.scalars(select(Stop.id).where(Stop.route_id == route.id)):
        if row_id not in kept:
            session.delete(session.get_one(Stop, row_id))
    for stop in book.stops:
        if stop.id is None:
            session.add(stop)
    if before is not None:
        flag_modified(route, "name")
    try:
        session.flush()
    except StaleDataError as problem:
        raise Stale("stale_edit", current=None, version=None) from problem
    if draft is not None:
        add_plan(session, viewer, route, verb, now, draft, **more)
    record(session, viewer.actor, verb, KIND, route.code, at=now, before=before, after=facts(book))


def add_plan(session: Session, viewer: Viewer, route: Route, verb: str, now: datetime, draft: drafts.Draft,
             **more: Any) -> Plan:
    """Write the plan as it now stands; `before` leads to the plan that an undo brings back."""
    newest = newest_plan(session, route)
    number = newest.number + 1 if newest else 1
    orders = {**drafts.snapshot(draft), "before": effective(newest), **more}
    plan = Plan(route_id=route.id, number=number, verb=verb, at=now, who=viewer.name, total_m=route.total_m,
                orders=orders)
    session.add(plan)
    session.flush()
    return plan


def newest_plan(session: Session, route: Route) -> Plan | None:
    """Return the plan that a round follows now."""
    return session.scalar(select(Plan).where(Plan.route_id == route.id).order_by(Plan.number.desc()).limit(1))


def numbered(session: Session, route: Route, number: int | None) -> Plan | None:
    """Return the plan of a number, None where there is none."""
    return None if number is None else session.scalar(select(Plan).where(Plan.route_id == route.id,
                                                                         Plan.number == number))


def effective(plan: Plan | None) -> int | None:
    """Return the number of the plan that stands: of an undo, the one that it brought back."""
    return None if plan is None else plan.orders.get("of") or plan.number


