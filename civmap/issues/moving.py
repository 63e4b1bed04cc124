"""What a change of the cascade would move: the open issues that another unit would answer for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, not_, select
from sqlalchemy.orm import Session

from civmap.assignment import queries as assignment
from civmap.assignment import rules as cascade
from civmap.assignment.many import Ground
from civmap.assignment.places import Answer
from civmap.assignment.table import Reach, Table
from civmap.issues import rules, showing
from civmap.issues.models import Issue
from civmap.issues.queries import visible
from civmap.people.rules import Viewer
from civmap.points.models import InspectionPoint
from civmap.store import ledger
from civmap.store.listing import one_of

UNDISPATCHED = ("reported", "verifying", "filed")


@dataclass(frozen=True, slots=True)
class Move:
    """An open issue, who answers for it under the present settings, and who would under the others."""

    id: int
    issue_no: str
    class_code: str
    state: str
    now: Answer
    then: Answer

    @property
    def is_dispatched(self) -> bool:
        """Tell whether a unit has it already: it stays there until a person hands it on."""
        return self.state not in UNDISPATCHED


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the open issues looked at: those that would move, how many were looked at, and where to go on."""

    moves: list[Move]
    checked: int
    next: int | None


def open_count(session: Session, viewer: Viewer, now: datetime) -> int:
    """Return how many open issues a change may move: those whose unit no person has named."""
    return session.scalar(_asked(viewer, now, func.count())) or 0


def _asked(viewer: Viewer, now: datetime, *columns: Any) -> Any:
    return select(*columns).select_from(Issue).where(
        Issue.state.in_(rules.OPEN), visible(viewer, now), not_(Issue.is_designated),
        func.coalesce(Issue.basis, "") != "explicit")


def would_move(session: Session, viewer: Viewer, table: Table, now: datetime, *, after: int = 0,
               limit: int = 2000) -> Page:
    """Return which of the open issues another unit would answer for, a page of them by id."""
    rows = session.execute(
        _asked(viewer, now, Issue.id, Issue.issue_no, Issue.class_code, Issue.state, Issue.accuracy_m,
               func.ST_X(Issue.geom).label("lon"), func.ST_Y(Issue.geom).label("lat"),
               InspectionPoint.code.label("point"))
        .outerjoin(InspectionPoint, InspectionPoint.id == Issue.point_id)
        .where(Issue.id > after).order_by(Issue.id).limit(limit)).all()
    found = list(_moves(Ground.of(session, now), table, rows)) if rows else []
    return Page(found, len(rows), rows[-1].id if len(rows) == limit else None)


def _moves(ground: Ground, table: Table, rows: Any) -> Iterator[Move]:
    reach = _wider(ground.table.reach, table.reach)
    for row in rows:
        asked = assignment.asked_of(row.class_code)
        around = ground.around((row.lon, row.lat), asked, reach=reach, point_code=row.point)
        if cascade.first(around, asked, ground.table) != cascade.first(around, asked, table):
            yield Move(row.id, row.issue_no, row.class_code, row.state,
                       cascade.choose(around, asked, ground.table, row.accuracy_m),
                       cascade.choose(around, asked, table, row.accuracy_m))


def _wider(one: Reach, other: Reach) -> Reach:
    """Return a reach that gathers whatever either of two needs."""
    return Reach(*(max(getattr(one, name), getattr(other, name)) for name in Reach.__dataclass_fields__))


def move(session: Session, viewer: Viewer, moves: list[Move], now: datetime) -> int:
    """Give the issues that no unit has yet to the unit that answers for them now; return how many.

    What was handed over since it was looked at stays with its unit.
    """
    waiting = {one.id: one for one in moves if not one.is_dispatched}
    lines = []
    asked = select(Issue).where(one_of(Issue.id, sorted(waiting)), Issue.state.in_(UNDISPATCHED)).order_by(Issue.id)
    for issue in session.scalars(asked.with_for_update(of=Issue).execution_options(populate_existing=True)).all():
        answer = waiting[issue.id].then
        before = {"unit_id": issue.unit_id, "basis": issue.basis}
        issue.unit_id, issue.basis = answer.unit.id if answer.unit else None, answer.basis
        issue.claims, issue.is_ambiguous = showing.stored_claims(answer), answer.is_ambiguous
        after = {"unit_id": issue.unit_id, "basis": issue.basis}
        lines.append(ledger.Line(now, viewer.name, viewer.via, "reassign", "issue", issue.issue_no, before, after))
    session.flush()
    ledger.append(session, lines)
    return len(lines)
