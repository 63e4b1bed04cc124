"""Values in classes: which of the steps of a ramp a thing's value falls into, and how many fall into each."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from civmap.paper.things import Thing

HIGH_IS_GOOD = ("rectification_rate",)
SHADES = 5


def quantiles(values: Sequence[float]) -> tuple[float, ...]:
    """Return limits that part values into at most five classes of about equal counts; none for no values."""
    if not len(values):
        return ()
    edges = dict.fromkeys(np.round(np.quantile(np.asarray(values, float), np.linspace(0, 1, SHADES + 1)), 1).tolist())
    return tuple(edges) if len(edges) > 1 else (*edges, *edges)


@dataclass(frozen=True, slots=True)
class Classes:
    """A metric and the limits of its classes, lowest first: n + 1 limits part n classes."""

    by: str
    breaks: Sequence[float]

    @property
    def count(self) -> int:
        """Return how many classes there are."""
        return max(len(self.breaks) - 1, 0)

    def of(self, thing: Thing) -> int | None:
        """Return the class of a thing's value, None where it has none."""
        value = thing.facts.get("value")
        if value is None or not self.count:
            return None
        return min(max(bisect_right(self.breaks, float(value)) - 1, 0), self.count - 1)

    def shade(self, number: int | None) -> int | None:
        """Return which step of the ramp a class takes: dark is where there is most to do."""
        if number is None or number < 0:
            return None
        step = self.count - 1 - number if self.by in HIGH_IS_GOOD else number
        return round(step * (SHADES - 1) / max(self.count - 1, 1))

    def counted(self, found: Iterable[Thing]) -> tuple[list[int], int]:
        """Return how many things fall into each class, and how many have no value."""
        counts, without = [0] * self.count, 0
        for thing in found:
            number = self.of(thing)
            if number is None:
                without += 1
            else:
                counts[number] += 1
        return counts, without
