"""What visits need to know of rounds, which live above this room: their rows as light tables, and who walks them."""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Boolean, Date, Select, column, func, or_, select, table, update
from sqlalchemy.orm import Session

from civmap.city.covert import rounds_of, rounds_seen
from civmap.errors import Conflict, Forbidden, Invalid, NotFound
from civmap.people.rules import Viewer
from civmap.store import ledger
from civmap.store.base import UtcDateTime

OFFICE = frozenset({"admin", "dispatcher"})
ROUTE = table("route", column("id"), column("code"), column("name"), column("day", Date), column("state"),
              column("is_covert", Boolean), column("published_at", UtcDateTime), column("finished_at", UtcDateTime),
              column("made_by"))
TEAM = table("route_team", column("id"), column("route_id"), column("position"))
STOP = table("route_stop", column("id"), column("route_id"), column("team_id"), column("point_id"),
             column("position"))
CLOSED_TO_VISITS = ("planning", "cancelled")


class Round(NamedTuple):
    """A round as a visit knows it; `is_hidden` while it is covert and not published."""

    id: int
    code: str
    day: date
    state: str
    is_hidden: bool
    finished_at: datetime | None


class StopAt(NamedTuple):
    """A stop of a round and the number of the team that serves it, None where nobody does."""

    id: int
    team: int | None


def walks(session: Session, viewer: Viewer, route_id: int | None) -> bool:
    """Tell whether a viewer walks or made a round."""
    own = rounds_of(viewer).subquery()
    return route_id is not None and session.scalar(select(own.c.id).where(own.c.id == route_id)) is not None


def points_walked(viewer: Viewer, code: str | None) -> Select[Any]:
    """Return the ids of the points of a round, none where the viewer does not walk it."""
    return select(STOP.c.point_id).join(ROUTE, ROUTE.c.id == STOP.c.route_id).where(
        ROUTE.c.code == code, ROUTE.c.id.in_(rounds_of(viewer)))


def walked(session: Session, viewer: Viewer, code: str, arrived_at: datetime) -> Round:
    """Return the round on which a viewer makes a visit; raise NotFound, Forbidden or Conflict with the reason."""
    known = or_(rounds_seen(viewer, ROUTE.c), ROUTE.c.id.in_(rounds_of(viewer)))
    asked = select(ROUTE).where(ROUTE.c.code == code, known).with_for_update(of=ROUTE)  # none is published or ended now
    row = session.execute(asked).one_or_none()
    if row is None:
        raise NotFound("route_not_found", field="route", code=code)
    if viewer.role not in OFFICE and not walks(session, viewer, row.id):
        raise Forbidden("round_not_yours", field="route", code=code)
    if row.state in CLOSED_TO_VISITS:
        raise Conflict("round_not_open", field="route", code=code)
    if row.state == "finished" and row.finished_at is not None and arrived_at > row.finished_at:
        raise Conflict("round_finished", field="route", code=code)
    is_hidden = bool(row.is_covert) and row.published_at is None
    return Round(row.id, row.code, row.day, row.state, is_hidden, row.finished_at)


def stop_at(session: Session, route: Round, point_id: int, point_code: str) -> StopAt:
    """Return the stop of a round at a point; raise Invalid where the round does not go there."""
    row = session.execute(
        select(STOP.c.id, TEAM.c.position).select_from(STOP.outerjoin(TEAM, TEAM.c.id == STOP.c.team_id))
        .where(STOP.c.route_id == route.id, STOP.c.point_id == point_id)).one_or_none()
    if row is None:
        raise Invalid("point_not_on_round", field="point", code=point_code, route=route.code)
    return StopAt(row.id, row.position)


def set_out(session: Session, viewer: Viewer, route: Round, now: datetime) -> None:
    """Let a planned round be under way with its first visit; its version stays, so that no open page is stale."""
    moved = session.execute(update(ROUTE).where(ROUTE.c.id == route.id, ROUTE.c.state == "planned")
                            .values(state="under_way"))
    if moved.rowcount:
        ledger.record(session, viewer.actor, "start", "route", route.code, at=now, before={"state": "planned"},
                      after={"state": "under_way"})


def is_finished(session: Session, route_id: int | None) -> bool:
    """Tell whether the round of a visit is finished."""
    if route_id is None:
        return False
    return session.scalar(select(func.count()).select_from(ROUTE).where(
        ROUTE.c.id == route_id, ROUTE.c.state == "finished")) == 1
