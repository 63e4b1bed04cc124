"""Plans changed by hand: where one more place costs least, and what a plan made by hand does not keep to."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from civmap.routes.problem import NO_WAY, Crew, Orders, Problem
from civmap.routes.scheduling import timings

# What a plan can break: hours of a place, the crew's day, the crew a place is kept for, a group, a missing way.
LATE, OVER, OTHER_TEAM, APART, TWICE = "late", "over", "other_team", "apart", "twice"
SIMULATED = 400
# Spots tried for each place that is to be added, and in all.
TRIED, MOST_TRIALS = 12, 4000


@dataclass(frozen=True)
class Fault:
    """What is wrong with a plan, and where; no node: the way back."""

    code: str
    crew: int
    node: int | None


def cheapest(problem: Problem, orders: Sequence[Sequence[int]], place: int,
             crew: int | None = None, count: int = 1) -> tuple[int, int, float]:
    """Return crew, position and added metres of the cheapest insertion, one that makes nothing late where there is.

    A place kept for one crew goes there, a place of a group beside its group. `crew`: only this one. `count`: as one
    of so many places; the more there are, the fewer spots of each are tried.
    """
    team = problem.places[place].team if crew is None else crew
    teams = range(len(orders)) if team is None else [team]
    found = sorted((added, number, position) for number in teams
                   for position, added in _added(problem, problem.crews[number], orders[number], place))
    beside = _beside(problem, orders, place)
    found = [one for one in found if one[1:] in beside] or found if beside else found
    found = [one for one in found if not _splits(problem, orders[one[1]], one[2], place)] or found
    lates = {number: _late(problem, number, orders[number]) for number in teams}
    for added, number, position in found[:min(SIMULATED, MOST_TRIALS // (4 * count) + 1)]:
        order = (*orders[number][:position], place, *orders[number][position:])
        if np.isfinite(added) and _late(problem, number, order) <= lates[number]:
            return number, position, float(added)
    added, number, position = found[0]
    return number, position, float(added)


def filled(problem: Problem, orders: Orders, todo: Iterable[int]) -> Orders:
    """Return orders with places added wherever they fit without anything late, must places first.

    Only the cheapest few spots of a place are tried, and only so many in all: a first plan, not the best.
    """
    best, trials = list(orders), MOST_TRIALS
    served = {node for order in orders for node in order}
    single = [node for node in todo if node not in served and problem.places[node].together is None]
    gaps = [_gaps(crew, order) for crew, order in zip(problem.crews, best, strict=True)]
    for node in sorted(single, key=lambda node: (not problem.places[node].is_must, node)):
        spots = [(float(added[position]), crew, int(position)) for crew, gap in enumerate(gaps)
                 if problem.places[node].team in (None, crew)
                 for added in [_widened(problem, gap, node)] for position in added.argsort()[:TRIED]]
        for added, crew, position in nsmallest(TRIED, spots)[:trials]:
            trials -= 1
            order = (*best[crew][:position], node, *best[crew][position:])
            if np.isfinite(added) and not _splits(problem, best[crew], position, node) \
                    and not timings(problem, problem.crews[crew], order).is_late:
                best[crew], gaps[crew] = order, _gaps(problem.crews[crew], order)
                break
    return tuple(best)


def _gaps(crew: Crew, order: Sequence[int]) -> NDArray[np.int64]:
    """Return between which nodes a place could come; −1 is anywhere."""
    nodes = np.array([-1 if node is None else node for node in (crew.start, *order, crew.end)])
    return np.stack([nodes[:-1], nodes[1:]])


def _widened(problem: Problem, gaps: NDArray[np.int64], node: int) -> NDArray[np.float64]:
    """Return the metres that a place adds in each gap."""
    before, behind = gaps
    first = np.where(before < 0, 0.0, problem.metres[before, node])
    second = np.where(behind < 0, 0.0, problem.metres[node, behind])
    saved = np.where((before < 0) | (behind < 0) | (gaps.shape[1] == 1), 0.0, problem.metres[before, behind])
    return first + second - np.where(np.isfinite(saved), saved, 0.0)


def _added(problem: Problem, crew: Crew, order: Sequence[int], place: int) -> Iterator[tuple[int, float]]:
    for position in range(len(order) + 1):
        before = order[position - 1] if position else crew.start
        behind = order[position] if position < len(order) else crew.end
        saved = problem.leg(before, behind)[0] if order else 0.0
        added = problem.leg(before, place)[0] + problem.leg(place, behind)[0]
        yield position, added - saved if np.isfinite(saved) else added


def _late(problem: Problem, number: int, order: Sequence[int]) -> int:
    schedule = timings(problem, problem.crews[number], order)
    return sum(stop.is_late for stop in schedule.stops) + bool(schedule.back and schedule.back.is_late)


def _beside(problem: Problem, orders: Sequence[Sequence[int]], place: int) -> set[tuple[int, int]]:
    """Return the positions beside the group to which a place belongs."""
    together = problem.places[place].together
    if together is None:
        return set()
    return {(number, position + side) for number, order in enumerate(orders) for position, node in enumerate(order)
            if problem.places[node].together == together for side in (0, 1)}


def _splits(problem: Problem, order: Sequence[int], position: int, place: int) -> bool:
    """Tell whether a place would come between two of a group to which it does not belong."""
    if not 0 < position < len(order):
        return False
    group = problem.places[order[position - 1]].together
    return group is not None and group == problem.places[order[position]].together \
        and group != problem.places[place].together


def faults(problem: Problem, orders: Sequence[Sequence[int]]) -> list[Fault]:
    """Return what a plan breaks, by crew and in order."""
    found: list[Fault] = []
    seen: set[int] = set()
    for number, order in enumerate(orders):
        found += _of_day(problem, number, order)
        for node in order:
            if node in seen:
                found.append(Fault(TWICE, number, node))
            if problem.places[node].team not in (None, number):
                found.append(Fault(OTHER_TEAM, number, node))
            seen.add(node)
    return [*found, *_apart(problem, orders)]


def _of_day(problem: Problem, number: int, order: Sequence[int]) -> Iterator[Fault]:
    crew = problem.crews[number]
    schedule = timings(problem, crew, order)
    for stop in (*schedule.stops, *([schedule.back] if schedule.back else [])):
        node = None if stop is schedule.back else stop.node
        if not np.isfinite(stop.leg_m):
            yield Fault(NO_WAY, number, node)
        elif stop.is_late:
            is_over = crew.until_min is not None and stop.leave > crew.until_min
            yield Fault(OVER if is_over else LATE, number, node)


def _apart(problem: Problem, orders: Sequence[Sequence[int]]) -> Iterator[Fault]:
    """Yield the places that begin another run of their group than the first."""
    begun: set[str] = set()
    for number, order in enumerate(orders):
        groups = [problem.places[node].together for node in order]
        for node, (before, group) in zip(order, pairwise([None, *groups]), strict=True):
            if group is not None and group != before:
                if group in begun:
                    yield Fault(APART, number, node)
                begun.add(group)
