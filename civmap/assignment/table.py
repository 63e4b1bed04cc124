"""The cascade as data: the order of its rules, how far they reach, what a frontage holder answers for.

An administrator edits it (`assignment.customs`); the defaults are those of `domain.md` §4.
"""

from dataclasses import dataclass

FIRST = ("explicit", "designated")
"""A unit named by a person goes before everything, and what a person decided for this area right after it."""
MOVABLE = ("point", "frontage", "professional", "segment", "grid", "nearest", "territorial")
ORDER = (*FIRST, *MOVABLE)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the rules reach, in metres."""

    nearest_m: float = 2000.0
    segment_default_m: float = 25.0
    segment_beside_m: float = 10.0
    margin_m: float = 1.0
    margin_most_m: float = 10.0
    tie_m: float = 0.01
    runners_up: int = 5

    def of_segment(self, width_m: float | None) -> float:
        """Return how far from its centre line a segment of a width answers."""
        return self.segment_default_m if not width_m else width_m / 2 + self.segment_beside_m

    def margin(self, accuracy_m: float | None) -> float:
        """Return within how many metres another answer makes this one doubtful."""
        return min(max(self.margin_m, (accuracy_m or 0.0) / 2), self.margin_most_m)


DEFAULT_REACH = Reach()


@dataclass(frozen=True, slots=True)
class Table:
    """How this city's cascade runs; `order` holds the rules that are on, the first two always first."""

    order: tuple[str, ...] = ORDER
    reach: Reach = DEFAULT_REACH
    frontage_classes: frozenset[str] = frozenset()
    waits_for_person: bool = False
