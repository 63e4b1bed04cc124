"""Values in classes: which of the steps of a ramp a thing's value falls into, and how many fall into each."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from civmap.paper.things import Thing


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
