"""How all issues stand at a moment, over arrays: now by their states, on an earlier day by their moments.

The same as `issues.filters.stands` says in SQL; the present moves with the clock.
"""

from dataclasses import dataclass
from itertools import count

import numpy as np

from civmap.issues import measures, rules
from civmap.issues.measures import Lives, Standing
from civmap.mirror.kinds import NO_MOMENT
from civmap.mirror.tables import Table

KEPT = 4
NONE, OPEN, DUE_SOON, OVERDUE = range(4)
STATUSES = ("none", "open", "due_soon", "overdue")
_serials = count(1)


@dataclass(frozen=True, slots=True)
class Stood:
    """How each row of the issues' table stood from second `at` until (not at) second `until`."""

    table: int
    at: float
    until: float
    is_fixed: bool
    standing: Standing
    status: np.ndarray
    serial: int


def _lives(table: Table) -> Lives:
    """Return the moments of all issues; a draft was never reported."""
    numbers, closed, draft = table.numbers, *(_is_in(table, (state,)) for state in ("closed", "draft"))
    dispatched = np.where(numbers["dispatched_at"] == NO_MOMENT, measures.NEVER, numbers["dispatched_at"])
    return Lives(np.where(draft, NO_MOMENT, numbers["reported_at"]), dispatched, numbers["due_soon_at"],
                 numbers["due_at"], numbers["suspended_at"], numbers["checked_at"], numbers["ended_at"], closed)


def _is_in(table: Table, states: tuple[str, ...]) -> np.ndarray:
    numbers = [table.words["state"][state] for state in states if state in table.words["state"]]
    return np.isin(table.sorts["state"], np.array(numbers, np.int16))


def _present(table: Table, now: float) -> Standing:
    numbers = table.numbers
    runs = _is_in(table, rules.RUNNING)
    late = runs & (numbers["due_at"] < now)
    handed_over = (numbers["dispatched_at"] != NO_MOMENT) & ~_is_in(table, ("rejected", "duplicate", "draft"))
    checked = numbers["checked_at"]
    return Standing(_is_in(table, rules.OPEN), runs & ~late & (numbers["due_at"] != NO_MOMENT)
                    & (numbers["due_soon_at"] <= now), late, handed_over, handed_over & _is_in(table, ("closed",)),
                    handed_over & _is_in(table, ("suspended",)),
                    np.where(checked == NO_MOMENT, numbers["reported_at"], checked))


def at(kept: dict[str, list[Stood]], table: Table, now: float, is_fixed: bool) -> Stood:
    """Return how the issues stood; `is_fixed` tells that the moment is not the present. Recent answers are kept."""
    known = kept.setdefault("stood", [])
    for found in known:
        if found.table == table.serial and found.is_fixed == is_fixed and (
                found.at == now or (not is_fixed and found.at <= now < found.until)):
            return found
    found = _stood(table, now, is_fixed)
    known.insert(0, found)
    del known[KEPT:]
    return found


def _stood(table: Table, now: float, is_fixed: bool) -> Stood:
    stood = measures.standing(_lives(table), now) if is_fixed else _present(table, now)
    status = np.where(stood.open, OPEN, NONE).astype(np.int8)
    status[np.asarray(stood.due_soon, bool)] = DUE_SOON
    status[np.asarray(stood.overdue, bool)] = OVERDUE
    return Stood(table.serial, now, _next_turn(table, now), is_fixed, stood, status, next(_serials))


def _next_turn(table: Table, now: float) -> float:
    """Return the second at which the next issue turns due soon or overdue (late is *after* the limit)."""
    found = float(NO_MOMENT)
    for name, after in (("due_soon_at", 0), ("due_at", 1)):
        moments = table.numbers[name]
        later = moments[(moments + after > now) & (moments < NO_MOMENT)]
        if len(later):
            found = min(found, float(later.min()) + after)
    return found
