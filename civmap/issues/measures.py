"""What is counted on a thing, how that stood at a moment, and the measures the map is coloured by (`domain.md` §7).

Pure, and alike for one thing and for a million: every amount is a number or a NumPy array of them. Moments are seconds
since 1970 (`seconds`); what never came is `NEVER`, what never was is `-NEVER`. A measure without a value is None for
one thing and NaN in an array: shown as "—", never as 0 % or 100 %.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from math import inf
from typing import Any, NamedTuple

import numpy as np

NEVER = inf
DAY = 86_400
Amount = Any
Value = Any


class Lives(NamedTuple):
    """The moments of issues that decide how they stood: seconds, NEVER where it has not come.

    `dispatched` is NEVER where the issue was never handed over; `suspended` is NEVER unless it hangs on the books now;
    `ended` is when it was closed, rejected or found a duplicate; `was_closed` tells that it was struck off.
    """

    reported: Amount
    dispatched: Amount
    due_soon: Amount
    due: Amount
    suspended: Amount
    checked: Amount
    ended: Amount
    was_closed: Amount


class Standing(NamedTuple):
    """How issues stood at a moment: each a truth value or an array of them; `visited` in seconds, -NEVER if not yet."""

    open: Amount
    due_soon: Amount
    overdue: Amount
    handed_over: Amount
    closed: Amount
    suspended: Amount
    visited: Amount


class Counts(NamedTuple):
    """What weighs on a thing, or on many: issues by how they stand, the last visit, and what they are divided by.

    `handed_over` leaves rejected and duplicate issues out, `closed` and `suspended` are parts of it; `last_visit` is
    the newest report or check on site in seconds, -NEVER without one; `points` are the points inside a zone or held
    by a unit; `length_m` is a segment's length on the ground.
    """

    open: Amount = 0
    due_soon: Amount = 0
    overdue: Amount = 0
    handed_over: Amount = 0
    closed: Amount = 0
    suspended: Amount = 0
    last_visit: Amount = -NEVER
    points: Amount = 0
    length_m: Amount = 0.0


def seconds(moment: datetime | None, missing: float = NEVER) -> float:
    """Return a moment as seconds since 1970."""
    return missing if moment is None else moment.timestamp()


def standing(lives: Lives, at: float) -> Standing:
    """Return how issues stood at a moment: open from the report to the end, late by the limit they had been given."""
    is_known, has_ended = np.less_equal(lives.reported, at), np.less_equal(lives.ended, at)
    is_open = is_known & ~has_ended
    was_given = np.less_equal(lives.dispatched, at)
    hangs = is_open & np.less_equal(lives.suspended, at)
    runs = is_open & ~hangs & (was_given | np.equal(lives.dispatched, NEVER))
    late = runs & np.less(lives.due, at)
    handed_over = is_known & was_given & ~(has_ended & ~np.asarray(lives.was_closed, bool))
    checked = np.where(np.less_equal(lives.checked, at), lives.checked, -NEVER)
    return Standing(is_open, runs & ~late & np.less_equal(lives.due_soon, at), late, handed_over,
                    handed_over & has_ended, handed_over & hangs,
                    np.where(is_known, np.maximum(lives.reported, checked), -NEVER))


def status(counts: Counts) -> Value:
    """Return the worst of overdue > due_soon > open > none."""
    late, soon = np.greater(counts.overdue, 0), np.greater(counts.due_soon, 0)
    found = np.where(late, "overdue", np.where(soon, "due_soon", np.where(np.greater(counts.open, 0), "open", "none")))
    return found if found.ndim else str(found)


def open_issues(counts: Counts, now: float) -> Value:
    """Return how many issues are open."""
    return _told(np.asarray(counts.open, float), np.asarray(True))


def overdue_share(counts: Counts, now: float) -> Value:
    """Return overdue ÷ open in %."""
    return _percent(counts.overdue, counts.open)


def rectification_rate(counts: Counts, now: float) -> Value:
    """Return closed ÷ (handed over − suspended) in % (整改率)."""
    return _percent(counts.closed, np.subtract(counts.handed_over, counts.suspended))


def rectification_rate_of_all(counts: Counts, now: float) -> Value:
    """Return closed ÷ handed over in %, suspended ones included: shown beside the rate."""
    return _percent(counts.closed, counts.handed_over)


def last_visit(counts: Counts, now: float) -> Value:
    """Return the whole days since the last visit."""
    was_there = np.isfinite(counts.last_visit)
    days = (now - np.where(was_there, counts.last_visit, now)) // DAY
    return _told(np.maximum(days, 0), was_there)


def open_per_km(counts: Counts, now: float) -> Value:
    """Return the open issues per kilometre."""
    return _quotient(np.multiply(counts.open, 1000.0), counts.length_m)


def open_per_point(counts: Counts, now: float) -> Value:
    """Return the open issues per point inside a zone, or held by a unit."""
    return _quotient(counts.open, counts.points)


def _percent(part: Amount, whole: Amount) -> Value:
    """Return part ÷ whole in %, one decimal, half up; whole numbers all the way, so no half is lost."""
    part, whole = np.asarray(part, np.int64), np.asarray(whole, np.int64)
    has = whole > 0
    tenths = (2000 * part + whole) // (2 * np.where(has, whole, 1))
    return _told(tenths / 10, has)


def _quotient(part: Amount, whole: Amount) -> Value:
    whole = np.asarray(whole, float)
    has = whole > 0
    return _told(np.floor(np.asarray(part, float) * 10 / np.where(has, whole, 1.0) + 0.5) / 10, has)


def _told(found: Any, has: Any) -> Value:
    """Return the values where there are any: one as a number or None, many as an array with NaN."""
    found = np.where(has, found, np.nan)
    if found.ndim:
        return found
    return None if np.isnan(found) else (int(found) if float(found).is_integer() else float(found))


Measure = Callable[[Counts, float], Value]
MEASURES: Mapping[str, Measure] = {
    "open": open_issues, "overdue_share": overdue_share, "rectification_rate": rectification_rate,
    "last_visit": last_visit, "open_per_km": open_per_km, "open_per_point": open_per_point,
}
_EVERY = ("status", "open", "overdue_share", "rectification_rate", "last_visit")
OF_KIND: Mapping[str, tuple[str, ...]] = {
    "points": _EVERY, "segments": (*_EVERY, "open_per_km"), "zones": (*_EVERY, "open_per_point"),
    "units": (*_EVERY, "open_per_point"), "issues": ("status",),
}


def value(by: str, counts: Counts, now: float) -> Value:
    """Return the measure of a name at a moment (seconds)."""
    return MEASURES[by](counts, now)
