"""Several crews, working days, opening hours: `pyvrp` searches, and is stopped in time or when it has converged."""

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

import pyvrp
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.search import NeighbourhoodParams, PerturbationParams

from civmap.routes.problem import Orders, Problem
from civmap.routes.solving_model import Model, build

Unit = tuple[int, ...]
Hear = Callable[[Orders], None]

# After so many rounds without anything better, and so many more per unit to visit, the search has converged.
PATIENCE, PATIENCE_PER_UNIT = 800, 120
NEIGHBOURS, DISTURBED, HISTORY = 20, 10, 50
HIGHEST_PENALTY = 100_000.0


@dataclass
class Watch:
    """When a search must end: time is over, somebody halts it, nothing better came for long, or it is good enough."""

    until: float
    is_halted: Callable[[], bool]
    patience: int
    quiet: int = 0
    best: float = float("inf")
    is_enough: bool = False

    def __call__(self, cost: float) -> bool:
        """Answer pyvrp, which asks once a round."""
        self.quiet = 0 if cost < self.best else self.quiet + 1
        self.best = min(cost, self.best)
        return self.is_enough or self.quiet > self.patience or time.perf_counter() > self.until \
            or (self.quiet % 16 == 0 and self.is_halted())


class Teller(pyvrp.IteratedLocalSearchCallbacks):
    """Hands each better plan on."""

    def __init__(self, tell: Callable[[pyvrp.Solution], None]) -> None:
        self.tell = tell

    def on_best(self, best: pyvrp.Solution) -> None:
        """Hear of a better plan."""
        if best.is_feasible():
            self.tell(best)


def search(problem: Problem, todo: list[Unit], start: Orders | None, watch: Watch, hear: Hear) -> Orders | None:
    """Return the best orders found for the units to do, or nothing where no plan keeps to the hours."""
    return run(problem, build(problem, todo), start, watch, hear)


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
                           initial_solution=start and model.solution(problem, start), params=_params(model, tell)).best
    if not best.is_feasible() or (enough is not None and best.prizes() < enough):
        return None
    return model.orders(problem, best)


def _params(model: Model, tell: Callable[[pyvrp.Solution], None]) -> pyvrp.SolveParams:
    return pyvrp.SolveParams(
        ils=pyvrp.IteratedLocalSearchParams(history_length=HISTORY, callbacks=Teller(tell)),
        penalty=pyvrp.PenaltyParams(max_penalty=max(HIGHEST_PENALTY, model.prizes[0] / 10)),
        neighbourhood=NeighbourhoodParams(num_neighbours=NEIGHBOURS),
        perturbation=PerturbationParams(1, DISTURBED))


def watch_of(todo: list[Unit], until: float, is_halted: Callable[[], bool]) -> Watch:
    """Return when a search for so many units must end."""
    return Watch(until, is_halted, PATIENCE + PATIENCE_PER_UNIT * len(todo))


def shortest(problem: Problem, todo: list[Unit], start: Orders | None, watch: Watch, hear: Hear) -> Orders | None:
    """Return orders with the least metres in all."""
    return search(problem, todo, start, watch, hear)
