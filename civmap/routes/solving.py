"""Plans a round: which crew visits which places in which order.

One crew whom nothing limits takes the shortest tour (`fast-tsp`); everything else is searched by `pyvrp`. Both are
imported where a plan is made, in a child process: the server never carries them.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import groupby

import numpy as np

from civmap.routes.problem import (
    BALANCED,
    CLOSED,
    LEFT_OUT,
    NO_TIME,
    NO_WAY,
    SHORTEST,
    Crew,
    Orders,
    Problem,
    Progress,
    Solution,
)
from civmap.routes.scheduling import spans, timings
from civmap.routes.solving_units import units

# So many places at most are ordered exactly, in no time.
SMALL = 11
# Of the time for several crews, this much goes into a tour through everything from which to begin.
TOUR_SHARE = 0.06

Unit = tuple[int, ...]
Tell = Callable[[Progress], None]


@dataclass
class Effort:
    """The time there is, who listens and who may stop it; the best plan so far."""

    seconds: float
    tell: Tell | None
    is_halted: Callable[[], bool]
    begun: float = field(default_factory=time.perf_counter)
    was_halted: bool = False

    @property
    def until(self) -> float:
        """Return when time is over."""
        return self.begun + self.seconds

    @property
    def spent(self) -> float:
        """Return the seconds since the start."""
        return time.perf_counter() - self.begun

    def hear(self, problem: Problem, orders: Orders) -> None:
        """Hand a better plan on."""
        if self.tell is not None:
            share = min(self.spent / max(self.seconds, 1e-9), 1.0)
            self.tell(Progress(share, self.spent, metres(problem, orders), orders))

    def stops(self) -> bool:
        """Tell whether somebody wants the best plan so far now."""
        self.was_halted = self.was_halted or self.is_halted()
        return self.was_halted


def solve(problem: Problem, seconds: float, tell: Tell | None = None,
          is_halted: Callable[[], bool] | None = None) -> Solution:
    """Return the best plan found within the seconds, earlier where nothing better is to be expected."""
    load(problem)
    effort = Effort(seconds, tell, is_halted or (lambda: False))
    if not problem.places or not problem.crews:
        return Solution(tuple(() for _ in problem.crews), tuple((node, NO_TIME) for node in range(len(problem.places))))
    hopeless = dict(_hopeless(problem))
    todo = [unit for unit in units(problem) if not hopeless.keys() & set(unit)]
    orders = _planned(replace(problem, balance=aim(problem)), todo, effort) if todo else None
    return solved_by(problem, orders, effort.spent, effort.was_halted)


def load(problem: Problem) -> None:
    """Import the solvers, which takes its time on a busy machine, before the clock starts."""
    if not is_small(problem):
        import fast_tsp  # noqa: F401
    if not is_tour(problem):
        from civmap.routes import solving_balance  # noqa: F401


def is_tour(problem: Problem) -> bool:
    """Tell whether the plan is a tour that nothing limits."""
    return len(problem.crews) <= 1 and not limits(problem)


def is_small(problem: Problem) -> bool:
    """Tell whether a plan takes no time: one crew, a dozen places, no hours."""
    return is_tour(problem) and len(problem.places) <= SMALL


def metres(problem: Problem, orders: Orders) -> float:
    """Return the length of all crews' ways."""
    return sum(problem.length(crew, order) for crew, order in zip(problem.crews, orders, strict=True))


def solved_by(problem: Problem, orders: Orders | None, seconds: float, is_halted: bool) -> Solution:
    """Return orders that were found as a solution, with the reason for each place that is not in them."""
    orders = _possible(problem, orders or tuple(() for _ in problem.crews))
    served, hopeless = {node for order in orders for node in order}, dict(_hopeless(problem))
    unreached = tuple((node, hopeless.get(node) or _gave_way(problem, node))
                      for node in range(len(problem.places)) if node not in served)
    return Solution(orders, unreached, seconds, is_halted, aim(problem))


def limits(problem: Problem) -> bool:
    """Tell whether hours limit the plan: working days that end, opening hours, fixed times."""
    return any(crew.until_min is not None for crew in problem.crews) or _has_hours(problem)


def _has_hours(problem: Problem) -> bool:
    return any(place.windows or place.at_min is not None for place in problem.places)


def aim(problem: Problem) -> str:
    """Return the aim to follow: without limits the shortest way would send one crew everywhere."""
    if len(problem.crews) == 1:
        return SHORTEST
    return problem.balance if limits(problem) else BALANCED


def _planned(problem: Problem, todo: list[Unit], effort: Effort) -> Orders | None:
    share = 1.0 if len(problem.crews) == 1 else TOUR_SHARE
    tour = _one_tour(problem, todo, effort, effort.seconds * share)
    if len(problem.crews) == 1:
        for order in (tour, _reversed(problem, tour)):
            if order and _is_together(problem, order) and not timings(problem, problem.crews[0], order).is_late:
                return (order,)
    from civmap.routes import solving_balance, solving_crews

    watch = solving_crews.watch_of(todo, effort.until, effort.stops)
    make = solving_balance.balanced if problem.balance == BALANCED else solving_crews.shortest
    return make(problem, todo, solving_balance.cut(problem, tour), watch,
                lambda orders: effort.hear(problem, orders))


def _reversed(problem: Problem, tour: tuple[int, ...]) -> tuple[int, ...]:
    """Return a tour the other way round, where that is no longer; else nothing."""
    crew, other = problem.crews[0], tour[::-1]
    return other if problem.length(crew, other) <= problem.length(crew, tour) * (1 + 1e-9) else ()


def _one_tour(problem: Problem, todo: list[Unit], effort: Effort, seconds: float) -> tuple[int, ...]:
    """Return the shortest order of one crew, hours set aside."""
    from civmap.routes import solving_tour

    nodes = np.array([node for unit in todo for node in unit])
    group = np.array([0, *(number for number, unit in enumerate(todo, 1) for _ in unit)])
    crew = problem.crews[0]
    cost = np.zeros((len(nodes) + 1, len(nodes) + 1))
    cost[1:, 1:] = problem.metres[np.ix_(nodes, nodes)]
    if crew.start is not None:
        cost[0, 1:] = problem.metres[crew.start, nodes]
    if crew.end is not None:
        cost[1:, 0] = problem.metres[nodes, crew.end]
    np.fill_diagonal(cost, 0)
    far = cost[np.isfinite(cost)].max(initial=1.0)
    if len(todo) < len(nodes):
        # leaving and entering a group costs so much that nothing is won by doing so twice
        cost = cost + far * (group[:, None] != group[None, :])

    def order(tour: Iterable[int]) -> tuple[int, ...]:
        return tuple(int(nodes[number - 1]) for number in tour)

    def hear(tour: list[int], _share: float) -> bool:
        if len(problem.crews) == 1 and not limits(problem):
            effort.hear(problem, (order(tour),))
        return not effort.stops()

    return order(solving_tour.shortest(cost, seconds, hear))


def _is_together(problem: Problem, order: tuple[int, ...]) -> bool:
    """Tell whether each group of an order stands in one piece."""
    groups = [group for group, _ in groupby(problem.places[node].together or node for node in order)]
    return len(groups) == len(set(groups))


def _hopeless(problem: Problem) -> Iterable[tuple[int, str]]:
    """Yield the places that no plan can serve, with the reason."""
    for node, place in enumerate(problem.places):
        crews = [crew for number, crew in enumerate(problem.crews) if place.team in (None, number)]
        if not any(np.isfinite(problem.leg(crew.start, node)[0] + problem.leg(node, crew.end)[0]) for crew in crews):
            yield node, NO_WAY
        elif all(_is_closed(problem, crew, node) for crew in crews):
            yield node, CLOSED
        elif all(timings(problem, crew, (node,)).is_late for crew in crews):
            yield node, NO_TIME


def _is_closed(problem: Problem, crew: Crew, node: int) -> bool:
    """Tell whether a place's hours never meet a crew's day, wherever the crew is."""
    place = problem.places[node]
    if not spans(place):
        return True
    if not place.windows and place.at_min is None:
        return False
    return timings(problem, replace(crew, start=None, end=None), (node,)).is_late


def _possible(problem: Problem, orders: Orders) -> Orders:
    """Return orders without places to which no way leads in them."""
    kept = []
    for crew, order in zip(problem.crews, orders, strict=True):
        before, way = crew.start, []
        for node in order:
            if np.isfinite(problem.leg(before, node)[0]):
                way.append(node)
                before = node
        kept.append(tuple(way))
    return tuple(kept)


def _gave_way(problem: Problem, node: int) -> str:
    return NO_TIME if problem.places[node].is_must else LEFT_OUT
