"""Several crews, working days, opening hours: `pyvrp` searches, and is stopped in time or when it has converged."""

import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

import pyvrp
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.search import NeighbourhoodParams, PerturbationParams

from civmap.routes.insertion import filled
from civmap.routes.problem import Orders, Problem
from civmap.routes.scheduling import rank, timings
from civmap.routes.solving_model import ALL, ANY, MUST, Model, build, working

Unit = tuple[int, ...]
Hear = Callable[[Orders], None]

# After so many rounds without anything better, and so many more per unit to visit, the search has converged.
PATIENCE, PATIENCE_PER_UNIT = 200, 60
NEIGHBOURS = 20
# How many places a round disturbs at most: a quarter of them, within bounds. How far back a plan may be as bad as one
# of before: more where there is more time.
DISTURBED, HISTORY, HISTORY_PER_SECOND = (10, 30), (50, 300), 10
# What a tenth of a second of waiting weighs in centimetres, when places count as neighbours.
WAITING = 2.5
# Up to so many places a search from nowhere ends better than one from a tour cut in parts.
MANY = 300
HIGHEST_PENALTY = 100_000.0
# Of the time, this much may pass without any plan before less is asked of it; what pyvrp says where it has none.
FIRST_SHARE, NOTHING = 0.35, float(2**62)


@dataclass
class Watch:
    """When a search must end: time is over, somebody halts it, nothing better came for long, or it is good enough.

    `first_until`: when it ends if nothing at all was found until then.
    """

    until: float
    is_halted: Callable[[], bool]
    patience: int
    first_until: float = float("inf")
    quiet: int = 0
    best: float = float("inf")
    is_enough: bool = False

    def __call__(self, cost: float) -> bool:
        """Answer pyvrp, which asks once a round."""
        self.quiet = 0 if cost < self.best else self.quiet + 1
        self.best = min(cost, self.best)
        now = time.perf_counter()
        return self.is_enough or self.quiet > self.patience or now > self.until \
            or (self.best >= NOTHING and now > self.first_until) or (self.quiet % 16 == 0 and self.is_halted())


class Teller(pyvrp.IteratedLocalSearchCallbacks):
    """Hands each better plan on."""

    def __init__(self, tell: Callable[[pyvrp.Solution], None]) -> None:
        self.tell = tell

    def on_best(self, best: pyvrp.Solution) -> None:
        """Hear of a better plan."""
        if best.is_feasible():
            self.tell(best)


def search(problem: Problem, todo: list[Unit], start: Orders, watch: Watch, hear: Hear) -> Orders:
    """Return the best orders found: everything served, else all must places, else as many as fit."""
    places = [node for unit in todo for node in unit]
    least = filled(problem, kept(problem, start), places)
    hear(least)
    for required in levels(problem, todo):
        now = time.perf_counter()
        first_until = watch.until if required == ANY else now + (watch.until - now) * FIRST_SHARE
        model = build(problem, todo, required)
        begin = least if required == ANY else start if len(places) > MANY else None
        found = run(problem, model, begin, replace(watch, first_until=first_until), hear)
        if found is not None:
            return min(filled(problem, found, places), least, key=lambda orders: rank(problem, orders))
    return least


def kept(problem: Problem, orders: Orders) -> Orders:
    """Return orders without the places that are late in them or kept for another crew, groups as a whole."""
    found = []
    for number, order in enumerate(orders):
        rest = tuple(node for node in order if problem.places[node].team in (None, number))
        while rest and (late := timings(problem, problem.crews[number], rest)).is_late:
            drop = next((stop.node for stop in late.stops if stop.is_late), rest[-1])
            rest = tuple(node for node in rest if node != drop)
        found.append(rest)
    runs = [group for order in found for group, _ in groupby(problem.places[node].together or node for node in order)]
    size = Counter(place.together for place in problem.places)
    here = Counter(problem.places[node].together for order in found for node in order)
    broken = {group for group in here if group and (here[group] < size[group] or runs.count(group) > 1)}
    return tuple(tuple(node for node in order if problem.places[node].together not in broken) for order in found)


def levels(problem: Problem, todo: list[Unit]) -> Iterator[str]:
    """Yield what may be asked of a plan, as long as the visits alone fit the working days."""
    room = sum(last - first for first, last in (working(crew, crew.pause) for crew in problem.crews))
    nice = {node for unit in todo if not any(problem.places[node].is_must for node in unit) for node in unit}
    wanted = sum(problem.places[node].visit_min for unit in todo for node in unit)
    if wanted <= room:
        yield ALL
    if nice and wanted - sum(problem.places[node].visit_min for node in nice) <= room:
        yield MUST
    yield ANY


def run(problem: Problem, model: Model, start: Orders | None, watch: Watch, hear: Hear,
        enough: int | None = None) -> Orders | None:
    """Search a model; `enough`: the first plan that is worth as much is the answer.

    pyvrp warns where hours are hard to keep; what comes back says so by itself.
    """
    watch = replace(watch, quiet=0, best=float("inf"), is_enough=False)

    def tell(best: pyvrp.Solution) -> None:
        watch.is_enough = enough is not None and best.prizes() >= enough
        hear(model.orders(problem, best))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        best = pyvrp.solve(model.data, watch, seed=problem.seed, collect_stats=False, display=False,
                           initial_solution=start and model.solution(problem, start),
                           params=_params(model, watch.until - time.perf_counter(), tell)).best
    if not best.is_feasible() or (enough is not None and best.prizes() < enough):
        return None
    return model.orders(problem, best)


def _params(model: Model, seconds: float, tell: Callable[[pyvrp.Solution], None]) -> pyvrp.SolveParams:
    disturbed = min(max(model.data.num_clients // 4, DISTURBED[0]), DISTURBED[1])
    history = int(min(max(seconds * HISTORY_PER_SECOND, HISTORY[0]), HISTORY[1]))
    return pyvrp.SolveParams(
        ils=pyvrp.IteratedLocalSearchParams(history_length=history, callbacks=Teller(tell)),
        penalty=pyvrp.PenaltyParams(max_penalty=max(HIGHEST_PENALTY, model.prizes[0] / 10)),
        neighbourhood=NeighbourhoodParams(num_neighbours=NEIGHBOURS, weight_wait_time=WAITING),
        perturbation=PerturbationParams(1, disturbed))


def watch_of(todo: list[Unit], until: float, is_halted: Callable[[], bool]) -> Watch:
    """Return when a search for so many units must end."""
    return Watch(until, is_halted, PATIENCE + PATIENCE_PER_UNIT * len(todo))


def shortest(problem: Problem, todo: list[Unit], start: Orders, watch: Watch, hear: Hear) -> Orders:
    """Return orders with the least metres in all."""
    return search(problem, todo, start, watch, hear)
