"""When a crew is where: a given order of places, simulated minute by minute, for solved and for hand-made plans."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from civmap.routes.problem import BALANCED, PUNCTUAL_MIN, Crew, Orders, Place, Problem, Span

# Sums of legs differ in the last bits by the order of adding.
SLACK_MIN = 1e-6


@dataclass(frozen=True)
class Timing:
    """A stop of an order, or the way back (node: the end): minutes of the office's day, and the way that leads to it.

    `wait` is waiting for the door to open, without lunch; `lunch` is when lunch was had between the stop before and
    this visit. `is_late`: the visit cannot be kept within the place's hours or the crew's day.
    """

    node: int
    arrive: float
    begin: float
    leave: float
    wait: float
    leg_m: float
    leg_min: float
    is_late: bool
    lunch: float | None = None


@dataclass(frozen=True)
class Schedule:
    """A crew's day: its stops, and the way back where its end is fixed."""

    stops: tuple[Timing, ...]
    back: Timing | None
    starts: float

    @property
    def ends(self) -> float:
        """Return when the day is over."""
        last = self.back or (self.stops[-1] if self.stops else None)
        return self.starts if last is None else last.leave

    @property
    def metres(self) -> float:
        """Return the length of all ways."""
        return sum(stop.leg_m for stop in self.stops) + (self.back.leg_m if self.back else 0.0)

    @property
    def minutes(self) -> float:
        """Return how long the day takes, lunch and waiting included."""
        return self.ends - self.starts

    @property
    def is_late(self) -> bool:
        """Tell whether something of the day cannot be kept."""
        return any(stop.is_late for stop in self.stops) or (self.back is not None and self.back.is_late)


class Day:
    """The clock of a crew on its way: it knows whether lunch is still to come."""

    def __init__(self, crew: Crew) -> None:
        self.pause, self.now, self.lunch = crew.pause, crew.from_min, None
        self._eat_if_due(is_part=True)

    def travel(self, minutes: float) -> None:
        """Move on; lunch interrupts the way, or comes before it."""
        if minutes <= 0:
            return
        self._eat_if_due()
        if self.pause and self.now + minutes > self.pause[0] + SLACK_MIN:
            first = self.pause[0] - self.now
            self.now = self.pause[0]
            self._eat_if_due()
            minutes -= first
        self.now += minutes

    def begin(self, place: Place) -> tuple[float, bool]:
        """Wait until the place may be visited; return when that is, and whether it is too late."""
        self._eat_if_due()
        before = opens_at(place, self.now)
        if self.pause and (before is None or before >= self.pause[0]):
            before = opens_at(place, self.pause[1])
            if before is not None:
                self.now = self.pause[0]
                self._eat_if_due()
        self.now = self.now if before is None else before
        return self.now, before is None

    def stay(self, minutes: float) -> None:
        """Visit; a visit that runs into lunch ends first."""
        self.now += minutes

    @property
    def _length(self) -> float:
        return self.pause[1] - self.pause[0] if self.pause else 0.0

    def _eat_if_due(self, is_part: bool = False) -> None:
        if self.pause and self.now >= self.pause[0] - SLACK_MIN:
            self.lunch = self.now
            self.now = self.pause[1] if is_part else self.now + self._length
            self.pause = None


def spans(place: Place) -> tuple[Span, ...]:
    """Return the spans within which a visit may begin, first and last minute of each."""
    if place.at_min is not None:
        return ((place.at_min, place.at_min + PUNCTUAL_MIN),)
    if not place.windows:
        return ((float("-inf"), float("inf")),)
    begins = [(opens, closes - place.visit_min) for opens, closes in sorted(place.windows)]
    return tuple(one for one in begins if one[1] >= one[0] - SLACK_MIN)


def opens_at(place: Place, now: float) -> float | None:
    """Return the first minute from now on at which a visit may begin."""
    if not place.windows and place.at_min is None:
        return now
    return min((max(now, first) for first, last in spans(place) if now <= last + SLACK_MIN), default=None)


def timings(problem: Problem, crew: Crew, order: Sequence[int]) -> Schedule:
    """Return when a crew is where if it visits places in an order; a crew without places stays at home."""
    if not order:
        return Schedule((), None, crew.from_min)
    day, before = Day(crew), crew.start
    stops = []
    for node in order:
        stops.append(_stop(problem, crew, day, before, node))
        before, day.lunch = node, None
    back = None if crew.end is None else _back(problem, crew, day, before)
    return Schedule(tuple(stops), back, crew.from_min)


def _stop(problem: Problem, crew: Crew, day: Day, before: int | None, node: int) -> Timing:
    place, (metres, minutes) = problem.places[node], problem.leg(before, node)
    day.travel(minutes)
    arrive, eaten = day.now, day.lunch
    begin, is_late = day.begin(place)
    rest = crew.lunch[1] - crew.lunch[0] if crew.lunch and day.lunch is not None and eaten is None else 0.0
    day.stay(place.visit_min)
    return Timing(node, arrive, begin, day.now, max(begin - arrive - rest, 0.0), metres, minutes,
                  is_late or _is_over(crew, day.now), day.lunch)


def _back(problem: Problem, crew: Crew, day: Day, before: int) -> Timing:
    metres, minutes = problem.leg(before, crew.end)
    day.travel(minutes)
    assert crew.end is not None
    return Timing(crew.end, day.now, day.now, day.now, 0.0, metres, minutes, _is_over(crew, day.now), day.lunch)


def _is_over(crew: Crew, now: float) -> bool:
    return crew.until_min is not None and now > crew.until_min + SLACK_MIN


def longest(problem: Problem, orders: Iterable[Sequence[int]]) -> float:
    """Return how many minutes the longest day of all crews takes."""
    return max((timings(problem, crew, order).minutes for crew, order in zip(problem.crews, orders, strict=True)),
               default=0.0)


def rank(problem: Problem, orders: Orders) -> tuple[float, ...]:
    """Return what tells the better of two plans, the smaller: must places, nice ones, the longest day, metres."""
    served = [problem.places[node].is_must for order in orders for node in order]
    metres = sum(problem.length(crew, order) for crew, order in zip(problem.crews, orders, strict=True))
    day = longest(problem, orders) if problem.balance == BALANCED else 0.0
    return -sum(served), -len(served), round(day, 4), metres
