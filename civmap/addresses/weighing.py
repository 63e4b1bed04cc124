"""Places that a text may mean, weighed against each other: what agrees is surer, what disagrees is less sure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import hypot

NAMED = frozenset({"point", "estate", "shop", "unit", "building", "division"})
AGREED, DISAGREED, OUTSIDE = 0.5, 0.8, 0.8
SURE = 0.6
FAR_M = 2_000.0
NEAR_WORTH = 0.15
SAME_M = 40.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that a text may mean, in metres of the plane; `score` is how likely it lies within its reach."""

    x: float
    y: float
    score: float
    basis: str
    name: str
    reach_m: float
    code: str | None = None

    @property
    def rank(self) -> float:
        """Return what it is ordered by: a sure place that says little of where stands behind a likely exact one."""
        return self.score - min(0.35, self.reach_m / FAR_M)

    def away(self, other: "Candidate") -> float:
        """Return the metres to another place."""
        return hypot(self.x - other.x, self.y - other.y)


def weighed(found: Iterable[Candidate], near: tuple[float, float] | None = None, limit: int = 5) -> list[Candidate]:
    """Return the places, best first: by what agrees with the others, then near a wished spot; one for each place."""
    distinct = _distinct(found)
    told = [_compared(one, distinct) for one in distinct]
    ranks = {id(one): one.rank + (_nearness(one, near) if near else 0.0) for one in told}
    return sorted(told, key=lambda one: (-ranks[id(one)], one.reach_m, one.name))[:limit]


def _nearness(one: Candidate, near: tuple[float, float]) -> float:
    return NEAR_WORTH / (1 + hypot(one.x - near[0], one.y - near[1]) / 1_000)


def _distinct(found: Iterable[Candidate]) -> list[Candidate]:
    kept: list[Candidate] = []
    for one in sorted(found, key=lambda each: -each.rank):
        if not any(one.away(other) <= SAME_M and (one.basis == other.basis or one.name == other.name)
                   for other in kept):
            kept.append(one)
    return kept


def _compared(one: Candidate, others: list[Candidate]) -> Candidate:
    """Let a thing and an address of the same text speak for or against each other."""
    score = one.score
    against = [other for other in others if (other.basis in NAMED) != (one.basis in NAMED) and other.score >= 0.3]
    agreeing = [other for other in against if one.away(other) <= one.reach_m + other.reach_m]
    if agreeing:
        best = max(agreeing, key=lambda other: other.score / (1 + other.reach_m / FAR_M))
        score += (0.99 - score) * AGREED * best.score / (1 + best.reach_m / 600)
    elif any(other.score >= SURE for other in against) and score >= SURE:
        score *= DISAGREED
    return replace(one, score=round(min(score, 0.99), 3)) if score != one.score else one
