"""What holds of a visit: its results, its score rate, and what is odd about it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from civmap.inspections.scores import FAIL, NOT_APPLICABLE, PASS, RESULTS

VISITED, SKIPPED = OUTCOMES = ("visited", "skipped")
PLANNED, HERE, DONE = "planned", "here", "done"
STATES = (PLANNED, HERE, DONE, SKIPPED)
CLOCK_AHEAD = timedelta(minutes=5)
OLD = timedelta(days=3)
FAST = timedelta(seconds=60)
DAYS_WORK = timedelta(hours=12)
FEWEST_OF_FAST = 5
VAGUE_M = 200.0
MOST_ACCURACY_M = 500.0
WARNINGS = ("no_position", "vague_position", "far_away", "clock_odd", "fast_visit", "other_day", "other_team",
            "incomplete", "no_photo", "after_finish", "may_not_report")


class Counts(NamedTuple):
    """How many items passed, failed and did not apply, with the weights that the rate is made of."""

    passed: int = 0
    failed: int = 0
    not_applicable: int = 0
    weight_passed: float = 0.0
    weight_all: float = 0.0


def counted(findings: Iterable[tuple[str, float]]) -> Counts:
    """Return the counts of some (result, weight) pairs; what does not apply weighs nothing."""
    found = list(findings)
    numbers = {result: sum(1 for said, _ in found if said == result) for result in RESULTS}
    weights = {result: sum(weight for said, weight in found if said == result) for result in RESULTS}
    return Counts(numbers[PASS], numbers[FAIL], numbers[NOT_APPLICABLE], weights[PASS], weights[PASS] + weights[FAIL])


def state_of(outcome: str, has_left: bool) -> str:
    """Return how a stop stands whose visit has this outcome: here until it is left, then done; or skipped."""
    if outcome == SKIPPED:
        return SKIPPED
    return DONE if has_left else HERE


def speaking(visits: Iterable[Any]) -> dict[int, Any]:
    """Return by point which visit of a round says how its stop stands: the newest, and a visit before any skip."""
    ordered = sorted(visits, key=lambda row: (row.outcome != SKIPPED, row.arrived_at, row.id))
    return {row.point_id: row for row in ordered}


def place_oddities(distance_m: float | None, accuracy_m: float | None, reach_m: float) -> list[str]:
    """Return what is odd about where somebody checked in: warnings, none blocks.

    Far away is who was surely not there: farther than the reach and the inexactness of the position together.
    """
    if distance_m is None:
        return ["no_position"]
    accuracy_m = accuracy_m or 0.0
    found = ["vague_position"] if accuracy_m > VAGUE_M else []
    return [*found, "far_away"] if distance_m > reach_m + min(accuracy_m, MOST_ACCURACY_M) else found


def is_clock_odd(told_at: datetime, now: datetime) -> bool:
    """Tell whether a moment told by a phone cannot be: ahead of our clock, or days old."""
    return told_at > now + CLOCK_AHEAD or told_at < now - OLD


def stay_oddities(arrived_at: datetime, left_at: datetime | None, now: datetime, judged: int) -> list[str]:
    """Return what is odd about a stay whose end was told: it ends before it begins, or judges faster than one can."""
    if left_at is None:
        return []
    if left_at < arrived_at or left_at > now + CLOCK_AHEAD:
        return ["clock_odd"]
    return ["fast_visit"] if judged >= FEWEST_OF_FAST and left_at - arrived_at < FAST else []


def leaves_at(arrived_at: datetime, told: datetime | None, now: datetime) -> datetime:
    """Return when a visit ends: as told, never before it begins nor ahead of our clock; else now, of an old one then.
    """
    if told is not None:
        return min(max(told, arrived_at), max(now, arrived_at))
    return now if now - arrived_at < DAYS_WORK else arrived_at
