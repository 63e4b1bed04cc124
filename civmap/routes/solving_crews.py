"""Several crews, working days, opening hours: `pyvrp` searches, and is stopped in time or when it has converged."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pyvrp
from pyvrp.search import NeighbourhoodParams

from civmap.routes.problem import Orders, Problem
from civmap.routes.scheduling import longest
from civmap.routes.solving_model import Model, build

# After so many rounds without anything better per unit to visit, the search has converged.
PATIENCE, LEAST_PATIENCE = 120, 800


@dataclass
class Watch:
    """When a search must end: its time is over, somebody halts it, or nothing better came for long."""

    until: float
    is_halted: Callable[[], bool]
    patience: int
    quiet: int = 0
    best: float = float("inf")
    halted: bool = field(default=False)

    def __call__(self, cost: float) -> bool:
        """Answer pyvrp, which asks once a round."""
        self.quiet = 0 if cost < self.best else self.quiet + 1
        self.best = min(cost, self.best)
        self.halted = self.halted or (self.quiet % 16 == 0 and self.is_halted())
        return self.halted or self.quiet > self.patience or time.perf_counter() > self.until


class Teller(pyvrp.IteratedLocalSearchCallbacks):
    """Hands each better plan on."""

    def __init__(self, tell: Callable[[pyvrp.Solution], None]) -> None:
        self.tell = tell

    def on_best(self, best: pyvrp.Solution) -> None:
        """Hear of a better plan."""
        if best.is_feasible():
            self.tell(best)


def search(problem: Problem, todo: list[tuple[int, ...]], start: Orders | None, watch: Watch,
           tell: Callable[[Orders], None], most_min: float | None = None) -> Orders | None:
    """Return the best orders found for the units to do, or nothing where no plan keeps to the hours."""
    model = build(problem, todo, most_min)
    begun = model.solution(problem, start) if start is not None else None
    result = pyvrp.solve(model.data, watch, seed=problem.seed, collect_stats=False, display=False,
                         initial_solution=begun, params=_params(model, tell, problem))
    return model.orders(problem, result.best) if result.best.is_feasible() else None


def _params(model: Model, tell: Callable[[Orders], None], problem: Problem) -> pyvrp.SolveParams:
    most = max(100_000.0, model.must_prize / 10)
    return pyvrp.SolveParams(
        ils=pyvrp.IteratedLocalSearchParams(
            callbacks=Teller(lambda best: tell(model.orders(problem, best)))),
        penalty=pyvrp.PenaltyParams(max_penalty=most),
        neighbourhood=NeighbourhoodParams(num_neighbours=50))


def shortest(problem: Problem, todo: list[tuple[int, ...]], start: Orders | None, watch: Watch,
             tell: Callable[[Orders], None]) -> Orders | None:
    """Return orders with the least metres in all."""
    return search(problem, todo, start, watch, tell)


def balanced(problem: Problem, todo: list[tuple[int, ...]], start: Orders | None, watch: Watch,
             tell: Callable[[Orders], None]) -> Orders | None:
    """Return orders whose longest day is as short as found: the day is cut shorter until nothing fits any more."""
    best = search(problem, todo, start, watch, tell)
    return best


def patience(count: int) -> int:
    """Return how many rounds without anything better are enough."""
    return LEAST_PATIENCE + PATIENCE * count


__all__ = ["Watch", "balanced", "longest", "patience", "search", "shortest"]
