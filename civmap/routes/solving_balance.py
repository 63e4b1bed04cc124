"""Days of equal length: the longest day of all crews is made as short as found, then the metres.

A tour through everything, cut into parts of equal time, is where it begins. Then everybody must be home a little
earlier, again and again, until no plan is found any more; the best day found stays the limit for the fewest metres.
"""

import time
from collections.abc import Sequence
from copy import copy
from dataclasses import replace

from civmap.routes.problem import Crew, Orders, Problem
from civmap.routes.scheduling import Day, longest, timings
from civmap.routes.solving_crews import Hear, Unit, Watch, run, search
from civmap.routes.solving_model import ALL, ANY, MUST, build

STEPS = (0.15, 0.05, 0.015, 0.004, 0.001)
CUTS = 10
# Of the time: for what can be served at all, until the days are as short as found; the rest is for the metres.
FIRST_SHARE, DAYS_SHARE = 0.3, 0.8
LEAST_MIN = 0.05


def balanced(problem: Problem, todo: list[Unit], start: Orders, watch: Watch, hear: Hear) -> Orders:
    """Return orders whose longest day is as short as found; `start`: a tour through everything, cut in parts."""
    begun = time.perf_counter()
    until = watch.until

    def share(part: float) -> float:
        return begun + (until - begun) * part

    best = start
    if _is_kept(problem, best):
        hear(best)
    else:
        best = search(problem, todo, start, replace(watch, until=share(FIRST_SHARE)), hear)
    best = _shortened(problem, todo, best, replace(watch, until=share(DAYS_SHARE)), hear)
    best = _search_within(problem, todo, best, longest(problem, best), watch, hear) or best
    return with_work_for_all(problem, best)


def _shortened(problem: Problem, todo: list[Unit], best: Orders, watch: Watch, hear: Hear) -> Orders:
    """Let everybody be home earlier as long as a plan is found that serves as much."""
    watch = replace(watch, patience=watch.patience // 2)
    steps = list(STEPS)
    while steps and time.perf_counter() < watch.until and not watch.is_halted():
        length = longest(problem, best)
        aim = length - max(length * steps[0], LEAST_MIN)
        found = _search_within(problem, todo, best, aim, watch, hear, is_first=True)
        if found is None:
            steps.pop(0)
        else:
            best = found
    return best


def _search_within(problem: Problem, todo: list[Unit], best: Orders, most: float, watch: Watch,
                   hear: Hear, is_first: bool = False) -> Orders | None:
    """Return the fewest metres, or the first plan found, where no day takes longer; nothing if it serves less."""
    within = replace(problem, crews=tuple(home_by(crew, crew.from_min + most) for crew in problem.crews))
    model = build(within, todo, _level(problem, todo, best))
    worth = model.worth(problem, best)
    found = run(within, model, best, watch, hear, worth if is_first else None)
    return found if found and model.worth(problem, found) >= worth else None


def _level(problem: Problem, todo: list[Unit], best: Orders) -> str:
    """Return what a plan may be asked that is to serve as much as another."""
    left = {node for unit in todo for node in unit} - {node for order in best for node in order}
    if not left:
        return ALL
    return ANY if any(problem.places[node].is_must for node in left) else MUST


def home_by(crew: Crew, minute: float) -> Crew:
    """Return a crew whose day ends earlier."""
    return replace(crew, until_min=minute if crew.until_min is None else min(crew.until_min, minute))


def _is_kept(problem: Problem, orders: Orders) -> bool:
    return not any(timings(problem, crew, order).is_late for crew, order in zip(problem.crews, orders, strict=True)) \
        and all(problem.places[node].team in (None, crew) for crew, order in enumerate(orders) for node in order)


def cut(problem: Problem, tour: Sequence[int]) -> Orders:
    """Return a tour cut into one part per crew, the longest day about as short as cutting allows."""
    best = (tuple(tour), *((),) * (len(problem.crews) - 1))
    fair = timings(problem, problem.crews[0], tour).minutes / len(problem.crews) + 1.0
    low, aim, high = 0.5 * fair, 1.3 * fair, float("inf")
    for _ in range(CUTS):
        parts = _parts(problem, tour, aim)
        if parts is None:
            low = aim
        else:
            best, high = parts, aim
        aim = 2 * low if high == float("inf") else (low + high) / 2
    return best


def _parts(problem: Problem, tour: Sequence[int], most: float) -> Orders | None:
    """Fill crew after crew up to a day's length; nothing where the tour is longer than all days."""
    parts, at = [], 0
    for crew in problem.crews:
        size = _fitting(problem, crew, tour[at:], crew.from_min + most)
        parts.append(tuple(tour[at:at + size]))
        at += size
    return tuple(parts) if at == len(tour) else None


def _fitting(problem: Problem, crew: Crew, rest: Sequence[int], until: float) -> int:
    """Return how many places a crew visits and is home in time, without leaving a group in between."""
    day, before, size = Day(crew), crew.start, 0
    for number, node in enumerate(rest, 1):
        place = problem.places[node]
        day.travel(problem.leg(before, node)[1])
        day.begin(place)
        day.stay(place.visit_min)
        back = copy(day)
        back.travel(problem.leg(node, crew.end)[1])
        if back.now > until:
            return size
        is_whole = place.together is None or number == len(rest) \
            or problem.places[rest[number]].together != place.together
        before, size = node, number if is_whole else size
    return size


def with_work_for_all(problem: Problem, orders: Orders) -> Orders:
    """Give each idle crew a stop, where that makes the longest day no longer and nothing late."""
    best = orders
    for idle in range(len(orders)):
        if best[idle]:
            continue
        limit = longest(problem, best)
        given = [other for other in _given(problem, best, idle)
                 if _is_kept(problem, other) and longest(problem, other) <= limit + 1e-6]
        best = min(given, key=lambda one: _metres(problem, one), default=best)
    return best


def _given(problem: Problem, orders: Orders, idle: int) -> list[Orders]:
    found = []
    for crew, order in enumerate(orders):
        for at, node in enumerate(order):
            if len(order) > 1 and problem.places[node].together is None:
                changed = list(orders)
                changed[crew], changed[idle] = order[:at] + order[at + 1:], (node,)
                found.append(tuple(changed))
    return found


def _metres(problem: Problem, orders: Orders) -> float:
    return sum(problem.length(crew, order) for crew, order in zip(problem.crews, orders, strict=True))

