"""What a crew visits in one go, a place or a group, and the ways to do so: by which door first, and when.

Lunch is cut out of the time axis: what begins at or after it comes so much earlier on the axis. A place that closes
at noon has two spans on it, a group one choice per order and span.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, permutations, product

from civmap.routes.problem import Problem, Span
from civmap.routes.scheduling import spans

MORNING_ENDS = 1 / 600
MOST_CHOICES = 24
ALL_ORDERS = 4


@dataclass(frozen=True)
class Choice:
    """One way to visit a unit: its places in order, when it may begin on the axis, and how long it then takes."""

    order: tuple[int, ...]
    first: float
    last: float
    minutes: float
    metres: float


def units(problem: Problem) -> list[tuple[int, ...]]:
    """Return the places that are visited in one go, groups first seen first."""
    groups: dict[object, list[int]] = {}
    for node, place in enumerate(problem.places):
        groups.setdefault(node if place.together is None else ("together", place.together), []).append(node)
    return [tuple(group) for group in groups.values()]


def on_axis(span: Span, pause: Span | None) -> list[Span]:
    """Return a span of beginnings on the axis without lunch: one, two or none."""
    first, last = span
    if pause is None:
        return [span]
    noon, length = pause[0], pause[1] - pause[0]
    morning, afternoon = (first, min(last, noon - MORNING_ENDS)), (max(first - length, noon), last - length)
    if morning[0] <= morning[1] and last >= pause[1] and afternoon[0] <= noon:
        return [(first, last - length)]
    return [one for one in (morning, afternoon) if one[0] <= one[1]]


def choices(problem: Problem, unit: tuple[int, ...], pause: Span | None) -> list[Choice]:
    """Return the ways to visit a unit; none where its hours do not allow it."""
    found = [choice for order in _orders(problem, unit) for choice in _timed(problem, order, pause)]
    found.sort(key=lambda one: (one.minutes, one.metres))
    kept: list[Choice] = []
    for one in found:
        if not any(_is_as_good(other, one) for other in kept):
            kept.append(one)
    return kept[:MOST_CHOICES]


def _is_as_good(other: Choice, one: Choice) -> bool:
    return (other.order[0], other.order[-1]) == (one.order[0], one.order[-1]) and other.metres <= one.metres \
        and other.first <= one.first and other.last >= one.last


def _orders(problem: Problem, unit: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    if len(unit) <= ALL_ORDERS:
        yield from permutations(unit)
        return
    for first in unit:
        order, left = [first], set(unit) - {first}
        while left:
            order.append(min(left, key=lambda node: (problem.metres[order[-1], node], node)))
            left.remove(order[-1])
        best = _straightened(problem, order)
        yield tuple(best)
        yield tuple(reversed(best))


def _straightened(problem: Problem, order: list[int]) -> list[int]:
    best, is_better = order, True
    while is_better:
        is_better = False
        for i in range(len(best) - 1):
            for j in range(i + 2, len(best) + 1):
                other = best[:i] + best[i:j][::-1] + best[j:]
                if _metres(problem, other) < _metres(problem, best) - 1e-6:
                    best, is_better = other, True
    return best


def _metres(problem: Problem, order: list[int] | tuple[int, ...]) -> float:
    return float(sum(problem.metres[a, b] for a, b in pairwise(order)))


def _timed(problem: Problem, order: tuple[int, ...], pause: Span | None) -> Iterator[Choice]:
    """Join the spans of the places of an order as long as waiting between them stays possible."""
    metres = _metres(problem, order)
    if metres == float("inf"):
        return
    each = [[one for span in spans(problem.places[node]) for one in on_axis(span, pause)] for node in order]
    for combination in product(*each):
        first, last, minutes = *combination[0], problem.places[order[0]].visit_min
        for node, before, span in zip(order[1:], order, combination[1:], strict=False):
            ahead = minutes + problem.minutes[before, node]
            wait = max(span[0] - ahead - last, 0.0)
            if first + ahead > span[1]:
                break
            minutes = ahead + wait + problem.places[node].visit_min
            first, last = max(span[0] - ahead, first) - wait, min(span[1] - ahead, last)
        else:
            yield Choice(order, first, last, float(minutes), metres)
