"""When the clock of an issue rings: due soon, due, handled for how long, and what comes next by itself. Pure.

Source: `domain.md` §4 rules 6–9 and 14, "time-limit arithmetic". The clock runs from dispatch to feedback; a limit is
the one of the dispatch times the campaign factor of that moment, once more for each extension; suspensions are pauses.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Protocol

from civmap.calendar import Limit, Pause, WorkCalendar, due_at, worked

DUE_SOON_SHARE = Fraction(3, 4)
HANDLED = ("dispatched", "in_progress", "rework")
LATE_BY = ((2, Limit(1, "work_day")), (3, Limit(3, "work_day")))
RESUME, REMIND, OVERDUE = "resume", "remind", "overdue"


class Clocked(Protocol):
    """What of an issue its clock needs: a row, or anything that looks like one."""

    state: str
    due_soon_at: datetime | None
    due_at: datetime | None
    resumes_at: datetime | None
    supervision_level: int


@dataclass(frozen=True, slots=True)
class Ring:
    """Something that happens to an issue by itself: it comes back (no level), or a level of supervision is reached.

    `why`: resume, remind (75 % of the limit, or the deadline itself), overdue (1 or 3 working days past the deadline).
    """

    at: datetime
    why: str
    level: int | None = None


def moments(limit: Limit, start: datetime, calendar: WorkCalendar, *, factor: float = 1.0, extensions: int = 0,
            pauses: Sequence[Pause] = ()) -> tuple[datetime, datetime]:
    """Return when 75 % of a limit is used and when it has run out (UTC), in the limit's own kind of time.

    An extension adds the limit as it was given (with the factor) once more; an open suspension is a pause to its
    planned end. Raise Invalid where a pause without an end holds it for ever.
    """
    whole = limit.times(factor * (1 + extensions))
    soon = Limit(float(Fraction(whole.amount) * DUE_SOON_SHARE), whole.unit)
    return due_at(soon, start, calendar, pauses), due_at(whole, start, calendar, pauses)


def handled_seconds(start: datetime, end: datetime, calendar: WorkCalendar, pauses: Sequence[Pause] = ()) -> int:
    """Return the working seconds from dispatch to the last feedback, suspensions left out."""
    return int(worked(start, end, calendar, pauses).total_seconds())


def next_ring(issue: Clocked, calendar: WorkCalendar, *, after: datetime,
              pauses: Sequence[Pause] = ()) -> Ring | None:
    """Return the first thing that happens to an issue by itself after a moment, or None.

    What the unit does not hold never rings: feedback stops the clock. A reminder is only worth sending when its time
    comes; levels 2 and 3 that are not reached yet follow even when their moment passed (feedback came, then rework).
    """
    if issue.state == "suspended":
        return Ring(max(issue.resumes_at, after), RESUME) if issue.resumes_at else None
    if issue.state not in HANDLED or issue.due_at is None:
        return None
    return min(_rings(issue, issue.due_at, calendar, after, pauses), key=_order, default=None)


def _rings(issue: Clocked, due: datetime, calendar: WorkCalendar, after: datetime,
           pauses: Sequence[Pause]) -> Iterator[Ring]:
    if issue.supervision_level <= 1:
        for at in (issue.due_soon_at, due):
            if at is not None and at > after:
                yield Ring(at, REMIND, 1)
    for level, late in LATE_BY:
        if issue.supervision_level < level:
            yield Ring(max(due_at(late, due, calendar, pauses), after), OVERDUE, level)


def _order(ring: Ring) -> tuple[datetime, int]:
    return ring.at, ring.level or 0


def rouse_at(issue: Clocked, calendar: WorkCalendar, *, after: datetime,
             pauses: Sequence[Pause] = ()) -> datetime | None:
    """Return when something next happens to an issue by itself, for its row (`after`: the moment of this step)."""
    ring = next_ring(issue, calendar, after=after, pauses=pauses)
    return ring.at if ring else None
