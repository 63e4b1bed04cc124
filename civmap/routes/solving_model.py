"""The problem in the words of pyvrp: whole tenths of a second and centimetres, rounded so that a plan can be kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from math import ceil, floor, isinf

import numpy as np
import pyvrp
from numpy.typing import NDArray

from civmap.routes.problem import Crew, Orders, Problem, Span
from civmap.routes.solving_units import Choice, choices

PER_MINUTE, PER_METRE = 600, 100
FOREVER = int(np.iinfo(np.int64).max)
MOST_METRES = 10_000_000
# Longer than any day: ways that do not exist, or that a crew may not take.
NEVER = 10**9
# What a plan must serve to be one: everything, the must places, or whatever fits.
ALL, MUST, ANY = "all", "must", "any"


@dataclass(frozen=True)
class Model:
    """What pyvrp solves, and how its clients and vehicles are read back."""

    data: pyvrp.ProblemData
    choices: tuple[Choice, ...]
    crews: tuple[tuple[int, ...], ...]
    prizes: tuple[int, int]

    def worth(self, problem: Problem, orders: Orders) -> int:
        """Return the worth of the places that orders serve."""
        return sum(self.prizes[0 if problem.places[node].is_must else 1] for order in orders for node in order)

    def orders(self, problem: Problem, solution: pyvrp.Solution) -> Orders:
        """Return the order of each crew."""
        orders: list[tuple[int, ...]] = [()] * len(problem.crews)
        free = [list(crews) for crews in self.crews]
        for route in solution.routes():
            clients = [one.idx for one in route.schedule() if one.is_client()]
            if clients:
                crew = free[route.vehicle_type()].pop(0)
                orders[crew] = tuple(node for client in clients for node in self.choices[client].order)
        return tuple(orders)

    def solution(self, problem: Problem, orders: Orders) -> pyvrp.Solution | None:
        """Return given orders as a start for the search; None where they do not fit the choices."""
        known: dict[tuple[int, ...], int] = {}
        for number, choice in enumerate(self.choices):
            known.setdefault(choice.order, number)
        kinds = {crew: kind for kind, crews in enumerate(self.crews) for crew in crews}
        routes = []
        for crew, order in enumerate(orders):
            clients, rest = [], order
            while rest:
                size = next((size for size in range(len(rest), 0, -1) if rest[:size] in known), 0)
                if not size:
                    return None
                clients.append(known[rest[:size]])
                rest = rest[size:]
            if clients:
                routes.append(pyvrp.Route(self.data, [pyvrp.Activity(pyvrp.ActivityType.CLIENT, one)
                                                      for one in clients], kinds[crew]))
        return pyvrp.Solution(self.data, routes)


@dataclass(frozen=True)
class Doors:
    """By which nodes the locations of the model are entered and left, and the metres inside; −1 is anywhere."""

    enter: NDArray[np.int64]
    leave: NDArray[np.int64]
    inside: NDArray[np.float64]


def axis_of(crews: Iterable[Crew]) -> dict[Crew, Span | None]:
    """Return which lunch is cut out of each crew's axis; crews whose day has none join one that has."""
    crews = list(crews)
    pauses = [crew.pause for crew in crews]
    common = next((pause for pause in pauses if pause), None)
    return {crew: pause or (common if common and _is_beside(crew, common) else None)
            for crew, pause in zip(crews, pauses, strict=True)}


def _is_beside(crew: Crew, pause: Span) -> bool:
    return crew.from_min >= pause[1] or (crew.until_min is not None and crew.until_min <= pause[0])


def working(crew: Crew, pause: Span | None) -> tuple[float, float]:
    """Return the first and the last minute of a crew's day on its axis."""
    until = float("inf") if crew.until_min is None else crew.until_min
    if pause is None:
        return crew.from_min, until
    length = pause[1] - pause[0]
    first = crew.from_min - length if crew.from_min >= pause[1] else min(crew.from_min, pause[0])
    return first, until - length if until > pause[1] else min(until, pause[0] - 1 / PER_MINUTE)


def build(problem: Problem, todo: list[tuple[int, ...]], required: str) -> Model:
    """Return the model of the units to do."""
    axes = axis_of(problem.crews)
    pauses = list(dict.fromkeys(axes.values()))
    found = [(unit, pause, choice) for unit in todo for pause in pauses for choice in choices(problem, unit, pause)]
    kinds = _kinds(problem, axes)
    ends = list(dict.fromkeys(node for crews in kinds for crew in crews[:1]
                              for node in (problem.crews[crew].start, problem.crews[crew].end)))
    doors = Doors(np.array([-1 if node is None else node for node in ends] + [one.order[0] for *_, one in found]),
                  np.array([-1 if node is None else node for node in ends] + [one.order[-1] for *_, one in found]),
                  np.array([0.0] * len(ends) + [one.metres for *_, one in found]))
    metres, minutes = _ways(problem, doors)
    prizes = _prizes(problem, todo, metres)
    clients, groups = _clients(problem, found, len(ends), prizes, required)
    profiles: dict[tuple[Span | None, tuple[int, ...]], int] = {}
    tables, clocks, vehicles = [], [], []
    is_bounded = (minutes >= NEVER).any() or len(pauses) > 1 or any(_lock(problem, unit) is not None for unit in todo)
    horizon = NEVER // 2 if is_bounded else FOREVER
    for crews in kinds:
        crew = problem.crews[crews[0]]
        closed = tuple(place for place, (unit, pause, _) in enumerate(found)
                       if pause != axes[crew] or _lock(problem, unit) not in (None, *crews))
        if (axes[crew], closed) not in profiles:
            profiles[axes[crew], closed] = len(tables)
            clock = minutes.copy()
            clock[:, [len(ends) + place for place in closed]] = NEVER
            np.fill_diagonal(clock, 0)
            tables.append(metres)
            clocks.append(clock)
        first, last = working(crew, axes[crew])
        vehicles.append(pyvrp.VehicleType(
            len(crews), start_depot=ends.index(crew.start), end_depot=ends.index(crew.end),
            tw_early=_up(first), tw_late=max(min(_down(last), horizon), _up(first)), start_late=_up(first),
            profile=profiles[axes[crew], closed]))
    count = len(ends) + len(found)
    data = pyvrp.ProblemData([pyvrp.Location(0, 0) for _ in range(count)], clients,
                             [pyvrp.Depot(place) for place in range(len(ends))], vehicles,
                             tables, clocks, groups)
    return Model(data, tuple(one for *_, one in found), kinds, prizes)


def _kinds(problem: Problem, axes: dict[Crew, Span | None]) -> tuple[tuple[int, ...], ...]:
    """Return the crews that are interchangeable, together."""
    locks = {place.team for place in problem.places if place.team is not None}
    order = sorted(range(len(problem.crews)), key=lambda crew: _key(problem.crews[crew], crew if crew in locks else -1))
    return tuple(tuple(crews) for _, crews in groupby(
        order, key=lambda crew: _key(problem.crews[crew], crew if crew in locks else -1)))


def _key(crew: Crew, lock: int) -> tuple[float, ...]:
    lunch = crew.pause or (0.0, 0.0)
    return (crew.from_min, float("inf") if crew.until_min is None else crew.until_min,
            -1 if crew.start is None else crew.start, -1 if crew.end is None else crew.end, *lunch, lock)


def _lock(problem: Problem, unit: tuple[int, ...]) -> int | None:
    return next((problem.places[node].team for node in unit if problem.places[node].team is not None), None)


def _ways(problem: Problem, doors: Doors) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    metres = problem.metres[np.ix_(doors.leave, doors.enter)]
    minutes = problem.minutes[np.ix_(doors.leave, doors.enter)]
    metres[doors.leave < 0], metres[:, doors.enter < 0] = 0.0, 0.0
    minutes = np.where((doors.leave[:, None] < 0) | (doors.enter[None, :] < 0), 0.0, minutes)
    metres = metres + doors.inside[:, None]
    minutes = np.where(np.isfinite(metres) & np.isfinite(minutes), minutes, NEVER / PER_MINUTE)
    metres = np.where(np.isfinite(metres), np.minimum(metres, MOST_METRES), MOST_METRES)
    whole, tenths = np.rint(metres * PER_METRE), np.ceil(minutes * PER_MINUTE - 1e-4)
    np.fill_diagonal(whole, 0)
    np.fill_diagonal(tenths, 0)
    return whole.astype(np.int64), tenths.astype(np.int64)


def _prizes(problem: Problem, todo: list[tuple[int, ...]], metres: NDArray[np.int64]) -> tuple[int, int]:
    """Return what a must place and what a nice one is worth: any way is too short to leave one out."""
    finite = np.where(metres < MOST_METRES * PER_METRE, metres, 0)
    nice = int(4 * finite.max(initial=0)) + PER_METRE
    return nice * (1 + sum(not problem.places[node].is_must for unit in todo for node in unit)), nice


def _clients(problem: Problem, found: list[tuple[tuple[int, ...], Span | None, Choice]], offset: int,
             prizes: tuple[int, int], required: str) -> tuple[list[pyvrp.Client], list[pyvrp.ClientGroup]]:
    clients: list[pyvrp.Client] = []
    groups: list[pyvrp.ClientGroup] = []
    for unit, alternatives in groupby(enumerate(found), key=lambda one: one[1][0]):
        members = list(alternatives)
        is_many = len(members) > 1
        is_must = required == ALL or (required == MUST and any(problem.places[node].is_must for node in unit))
        prize = sum(prizes[0] if problem.places[node].is_must else prizes[1] for node in unit)
        for number, (_, _, one) in members:
            clients.append(pyvrp.Client(
                offset + number, service_duration=_up(one.minutes), tw_early=max(_up(one.first), 0),
                tw_late=max(_down(one.last), _up(one.first), 0), prize=prize,
                required=is_must and not is_many, group=len(groups) if is_many else None))
        if is_many:
            groups.append(pyvrp.ClientGroup([number for number, _ in members], required=is_must))
    return clients, groups


def _up(minutes: float) -> int:
    return 0 if isinf(minutes) else ceil(minutes * PER_MINUTE - 1e-4)


def _down(minutes: float) -> int:
    return FOREVER if isinf(minutes) else floor(minutes * PER_MINUTE + 1e-4)
