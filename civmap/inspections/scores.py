"""Score rates (得分率, `domain.md` §7), exact: of a point by weights, of many as a mean and as a share of observations.

Pure. Everything is a numerator over a denominator, one decimal, half up; without a denominator there is no value and
"—" is shown, never 0 % and never 100 %. Both rates of many points are kept, for they answer different questions: the
mean lets every point count alike, the share every observation.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from civmap.issues.rates import half_up

PASS, FAIL, NOT_APPLICABLE = "pass", "fail", "na"
RESULTS = (PASS, FAIL, NOT_APPLICABLE)
STEPS = 1_000_000
"""Weights are read to this part of one, so that 0.1 + 0.2 is 0.3 and a half is a half."""


class Score(NamedTuple):
    """One rate: what was reached over what could be, and the value in tenths of a per cent or None."""

    numerator: float
    denominator: float
    tenths: int | None

    @property
    def value(self) -> float | None:
        """Return the value with one decimal, None where there is nothing to divide by."""
        return None if self.tenths is None else self.tenths / 10

    def as_json(self) -> dict[str, Any]:
        """Return the rate as programs read it: value, both its parts, and how it is written."""
        return {"value": self.value, "numerator": plain(self.numerator), "denominator": plain(self.denominator),
                "text": words(self.tenths)}


class Mark(NamedTuple):
    """What one point reached in one visit: weights passed and applicable, in steps; equal marks are counted together.

    `share` is its rate, exact, None where nothing applied.
    """

    passed: int
    applicable: int

    @property
    def share(self) -> Fraction | None:
        """Return the point's rate as a share of one."""
        return Fraction(self.passed, self.applicable) if self.applicable > 0 else None


@dataclass(frozen=True, slots=True)
class Tally:
    """What some visits found together: how many points have which mark, and how often what was found.

    `points` counts those without a mark too (everything was not applicable, or there was no check list).
    """

    points: int = 0
    visits: int = 0
    passed: int = 0
    failed: int = 0
    not_applicable: int = 0
    marks: Mapping[Mark, int] = field(default_factory=dict)

    @property
    def mean(self) -> Score:
        """Return the mean of the points' rates; a point where nothing applied is not in it."""
        return mean(self.marks)

    @property
    def observed(self) -> Score:
        """Return passes over observations; what did not apply is in neither."""
        return rate(self.passed, self.passed + self.failed)

    def as_json(self) -> dict[str, Any]:
        """Return counts and both rates as programs read them."""
        return {"points": self.points, "visits": self.visits, "passed": self.passed, "failed": self.failed,
                "not_applicable": self.not_applicable, "mean": self.mean.as_json(), "observed": self.observed.as_json()}


def steps(weight: float) -> int:
    """Return a weight, or a sum of weights, in whole steps."""
    return round(weight * STEPS)


def mark(passed: float, applicable: float) -> Mark:
    """Return the mark of a point from its weights passed and applicable."""
    return Mark(steps(passed), steps(applicable))


def point_rate(passed: float, applicable: float) -> Score:
    """Return a point's rate (点位得分率): weights passed over weights applicable."""
    found = mark(passed, applicable)
    share = found.share
    return Score(passed, applicable, None if share is None else half_up(1000 * share))


def rate(part: int, whole: int) -> Score:
    """Return a share of counts in per cent."""
    return Score(part, whole, half_up(Fraction(1000 * part, whole)) if whole > 0 else None)


def mean(marks: Mapping[Mark, int]) -> Score:
    """Return the mean of points' rates; its numerator is the sum of the rates as shares of one."""
    total, count = Fraction(0), 0
    for one, times in marks.items():
        share = one.share
        if share is not None:
            total += share * times
            count += times
    return Score(float(total), count, half_up(1000 * total / count) if count else None)


def joined(tallies: Iterable[Tally]) -> Tally:
    """Return what some tallies of different points make together."""
    every, marks = list(tallies), {}
    for one in every:
        for each, times in one.marks.items():
            marks[each] = marks.get(each, 0) + times
    return Tally(*(sum(getattr(one, name) for one in every)
                   for name in ("points", "visits", "passed", "failed", "not_applicable")), marks)


def tally(points: Iterable[Any]) -> Tally:
    """Return the tally of some visits, one of each point; rows hold the counts and weights of `Visit`."""
    return joined(Tally(1, 1, row.passed, row.failed, row.not_applicable,
                        {mark(row.weight_passed, row.weight_all): 1}) for row in points)


def change(now: Score, then: Score) -> float | None:
    """Return by how many points a rate rose (or fell), from the rates as they are shown; None where one has none."""
    if now.tenths is None or then.tenths is None:
        return None
    return (now.tenths - then.tenths) / 10


def words(tenths: int | None) -> str:
    """Return how a rate is written: `78.6 %`, "—" where there is none."""
    return "—" if tenths is None else f"{tenths // 10}.{tenths % 10} %"


def plain(number: float) -> float | int:
    """Return a number without a fraction as a whole one, others with at most three decimals."""
    return int(number) if float(number).is_integer() else round(number, 3)
