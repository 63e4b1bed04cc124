"""What a change of the calendar means for running issues: their deadlines follow it, each with a line in the ledger.

A deadline that was given by hand, or came with an old table, is nobody's arithmetic and stays. So does what is closed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from civmap import clock
from civmap.calendar import Limit, Pause, WorkCalendar
from civmap.issues.deadlines import moments, rouse_at
from civmap.issues.models import Issue, Suspension
from civmap.people.rules import Viewer
from civmap.store import ledger
from civmap.store.listing import one_of

FOLLOWS = ("dispatched", "in_progress", "suspended", "resolved", "rework")
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Move:
    """An issue whose deadline would be another one: when 75 % is used and when it is due, as it would be."""

    issue: Issue
    due_soon_at: datetime
    due_at: datetime
    pauses: tuple[Pause, ...]


def moves(session: Session, before: WorkCalendar, after: WorkCalendar) -> list[Move]:
    """Return the running issues whose deadline moves when one calendar takes another's place, first due first."""
    running = session.scalars(select(Issue).where(
        Issue.state.in_(FOLLOWS), Issue.dispatched_at.is_not(None), Issue.due_at.is_not(None),
        Issue.time_limit.contains("work_")).options(defer(Issue.claims))).all()
    running = [issue for issue in running if touches(issue, before, after)]
    pauses = pauses_of(session, [issue.id for issue in running])
    found = [move for issue in running if (move := _move(issue, before, after, tuple(pauses[issue.id])))]
    return sorted(found, key=lambda move: (move.due_at, move.issue.issue_no))


def touches(issue: Issue, before: WorkCalendar, after: WorkCalendar) -> bool:
    """Tell whether a day that two calendars do not agree on lies between dispatch and deadline, or the hours differ."""
    if before.shifts != after.shifts:
        return True
    if issue.dispatched_at is None or issue.due_at is None:
        return False
    first, last = clock.office_day(issue.dispatched_at), clock.office_day(issue.due_at)
    return any(first <= day <= last and before.is_workday(day) != after.is_workday(day)
               for day in before.exceptions.keys() | after.exceptions.keys())


def _move(issue: Issue, before: WorkCalendar, after: WorkCalendar, pauses: tuple[Pause, ...]) -> Move | None:
    if not issue.time_limit or issue.dispatched_at is None:
        return None
    limit = Limit.parse(issue.time_limit)
    facts = {"factor": issue.limit_factor, "extensions": issue.extension_count, "pauses": pauses}
    if moments(limit, issue.dispatched_at, before, **facts)[1] != issue.due_at:
        return None
    soon, due = moments(limit, issue.dispatched_at, after, **facts)
    return Move(issue, soon, due, pauses) if (soon, due) != (issue.due_soon_at, issue.due_at) else None


def pauses_of(session: Session, ids: Iterable[int]) -> defaultdict[int, list[Pause]]:
    """Return the suspensions of some issues as pauses by issue id; one that lasts ends at its planned day."""
    found: defaultdict[int, list[Pause]] = defaultdict(list)
    for few in _parts(sorted(ids)):
        rows = session.execute(select(Suspension.issue_id, Suspension.began_at, Suspension.ended_at, Suspension.until)
                               .where(one_of(Suspension.issue_id, few)))
        for issue_id, began, ended, until in rows:
            found[issue_id].append((began, ended or until))
    return found


def _parts(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start:start + AT_ONCE]


def follow(session: Session, viewer: Viewer, before: WorkCalendar, after: WorkCalendar, now: datetime) -> int:
    """Move the deadlines of running issues to what the calendar says now; return how many moved."""
    found = moves(session, before, after)
    lines = []
    for move in found:
        issue, was = move.issue, move.issue.due_at
        issue.due_soon_at, issue.due_at = move.due_soon_at, move.due_at
        if issue.rouse_at is not None:
            issue.rouse_at = rouse_at(issue, after, after=now, pauses=move.pauses)
        lines.append(ledger.Line(now, viewer.actor.name, viewer.actor.via, "reschedule", "issue", issue.issue_no,
                                 {"due_at": ledger.plain(was)}, {"due_at": ledger.plain(issue.due_at)}))
    session.flush()
    ledger.append(session, lines)
    return len(found)
