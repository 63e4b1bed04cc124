"""What a round is to a solver: places with hours, crews with working days, metres and minutes between all of them.

Minutes are those of the office's day (480 is 08:00). Nodes 0 … len(places) − 1 are the places; further nodes are
where crews start and end.
"""

from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Span = tuple[float, float]
Orders = tuple[tuple[int, ...], ...]

SHORTEST, BALANCED = "shortest", "balanced"
# Why a place is not on a plan: it does not fit the working hours, its hours never meet ours, nothing leads there, or
# it was only nice to have and gave way to what must be seen.
NO_TIME, CLOSED, NO_WAY, LEFT_OUT = "no_time", "closed", "no_way", "left_out"
# A visit at a fixed time begins then, or at most this many minutes later.
PUNCTUAL_MIN = 10.0


@dataclass(frozen=True)
class Place:
    """A place to visit; the visit begins and ends inside one of the windows (none: always open).

    `together` names the group that one crew visits in one go; `team` is the only crew that may come; `at_min` fixes
    when the visit begins, whatever the windows say.
    """

    code: str
    visit_min: float
    windows: tuple[Span, ...] = ()
    is_must: bool = True
    together: str | None = None
    team: int | None = None
    at_min: float | None = None


@dataclass(frozen=True)
class Crew:
    """A crew and its day; no start: the first visit is where the day begins; no end: it ends with the last visit.

    Nobody travels or begins a visit during lunch; a visit that runs into it ends first, lunch follows in full length.
    """

    from_min: float
    until_min: float | None
    start: int | None
    end: int | None
    lunch: Span | None = None

    @property
    def pause(self) -> Span | None:
        """Return the lunch that falls into this crew's day, if any."""
        if self.lunch is None or self.lunch[1] <= self.lunch[0] or self.from_min >= self.lunch[1]:
            return None
        return None if self.until_min is not None and self.until_min <= self.lunch[0] else self.lunch


@dataclass(frozen=True)
class Problem:
    """Places, crews and the ways between all nodes; a way that does not exist is infinite."""

    places: tuple[Place, ...]
    crews: tuple[Crew, ...]
    metres: NDArray[np.float64]
    minutes: NDArray[np.float64]
    balance: str = SHORTEST
    seed: int = 1

    def leg(self, before: int | None, node: int | None) -> tuple[float, float]:
        """Return metres and minutes of a way; a free end costs nothing."""
        if before is None or node is None:
            return 0.0, 0.0
        return float(self.metres[before, node]), float(self.minutes[before, node])

    def length(self, crew: Crew, order: tuple[int, ...]) -> float:
        """Return the metres that a crew travels in an order of places; a crew without places stays at home."""
        if not order:
            return 0.0
        nodes = (crew.start, *order, crew.end)
        return sum(self.leg(before, node)[0] for before, node in pairwise(nodes))

    def balanced(self, balance: str) -> "Problem":
        """Return the same problem with another aim."""
        return replace(self, balance=balance)


@dataclass(frozen=True)
class Progress:
    """How far a solver is: share of its time, seconds, the best plan so far and its metres."""

    fraction: float
    seconds: float
    best_m: float | None = None
    orders: Orders | None = None


@dataclass(frozen=True)
class Solution:
    """A plan: the order of each crew, and each place that nobody serves with the reason.

    `balance` is the aim that was followed: with several crews and nothing that limits them, the shortest way would
    send one crew everywhere. `is_halted`: stopped before its time, with the best plan found until then.
    """

    orders: Orders
    unreached: tuple[tuple[int, str], ...] = ()
    seconds: float = 0.0
    is_halted: bool = False
    balance: str = SHORTEST
    facts: dict[str, float] = field(default_factory=dict)
