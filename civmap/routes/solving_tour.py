"""The shortest tour through nodes of which node 0 is the base: exact for few, `fast-tsp` and a polish for many.

The base stands for where the crew starts and ends at once: the ways from it are those from the start, the ways to it
those to the end, nothing where an end is free. So a closed round and every kind of open one are the same task.
"""

import time
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Tell = Callable[[list[int], float], bool]

EXACT = 11
UINT16 = 65_000
# Looks at the same task, seconds per node: when the third or the fourth finds nothing better, it is enough.
LOOKS = (0.0003, 0.002, 0.003, 0.006)
# Where ways are not as long in both directions: one look at their mean, then the task in twice as many nodes.
ONE_WAY_LOOKS = (0.0008, 0.004, 0.008, 0.016)


def shortest(cost: Floats, seconds: float, tell: Tell) -> list[int]:
    """Return the best tour found, from the base on without it; `tell` hears of each and answers whether to go on.

    A way that does not exist is infinite; it is taken only where no tour does without.
    """
    count = len(cost)
    if count <= 2:
        return list(range(1, count))
    reach = float(cost[np.isfinite(cost)].max(initial=1e-9))
    finite = np.where(np.isfinite(cost), cost, reach * count)
    if count <= EXACT + 1:
        return held_karp(finite)
    return _searched(finite, np.minimum(finite, 2 * reach), seconds, tell)


def length(cost: Floats, tour: list[int]) -> float:
    """Return the length of a tour that begins and ends at the base."""
    return float(sum(cost[a, b] for a, b in pairwise([0, *tour, 0])))


def held_karp(cost: Floats) -> list[int]:
    """Return the shortest of all tours, by dynamic programming over sets."""
    count = len(cost) - 1
    inner, full = cost[1:, 1:], (1 << count) - 1
    best = np.full((full + 1, count), np.inf)
    best[1 << np.arange(count), np.arange(count)] = cost[0, 1:]
    for seen in range(1, full + 1):
        reach = (best[seen][:, None] + inner).min(axis=0)
        for node in range(count):
            if not seen >> node & 1 and reach[node] < best[seen | 1 << node, node]:
                best[seen | 1 << node, node] = reach[node]
    node, seen = int((best[full] + cost[1:, 0]).argmin()), full
    order = [node]
    while seen != 1 << node:
        seen ^= 1 << node
        node = int((best[seen] + inner[:, node]).argmin())
        order.append(node)
    return [node + 1 for node in reversed(order)]


def _searched(cost: Floats, near: Floats, seconds: float, tell: Tell) -> list[int]:
    import fast_tsp

    begun, count = time.perf_counter(), len(cost)
    table = _sides(near)
    best = _turned(cost, fast_tsp.greedy_nearest_neighbor(table), len(table) > count)
    going = tell(best, 0.0)
    is_one_way = not np.allclose(near[1:, 1:], near[1:, 1:].T, rtol=1e-6, atol=0.01)
    looks = ONE_WAY_LOOKS if is_one_way else LOOKS
    for look in looks:
        left = begun + seconds - time.perf_counter()
        if not going or left < 0.02:
            break
        if is_one_way and look == looks[1]:
            table = _doubled(near)
        tour = fast_tsp.find_tour(table, duration_seconds=min(left, 0.02 + look * count))
        tour = _halved(tour, count) if len(table) == 2 * count else _turned(cost, tour, len(table) > count)
        tour = polished(cost, tour, begun + seconds)
        is_better = length(cost, tour) < length(cost, best) * (1 - 1e-9)
        best = tour if is_better else best
        going = tell(best, (time.perf_counter() - begun) / seconds) and (is_better or look in looks[:2])
    return best


def _whole(table: Floats) -> NDArray[np.uint16]:
    np.fill_diagonal(table, 0)
    return np.rint(table * (UINT16 / max(table.max(), 1e-9))).astype(np.uint16)


def _sides(cost: Floats) -> NDArray[np.uint16]:
    """Return the means of both directions as whole numbers; a base with two sides lies there as two nodes in a row."""
    inner = (cost[1:, 1:] + cost[1:, 1:].T) / 2
    if np.array_equal(cost[0], cost[:, 0]):
        return _whole(np.block([[np.zeros((1, 1)), cost[:1, 1:]], [cost[1:, :1], inner]]))
    two = np.vstack([cost[0, 1:], cost[1:, 0]]) + max(inner.max(), cost[0].max(), cost[:, 0].max())
    return _whole(np.block([[np.zeros((2, 2)), two], [two.T, inner]]))


def _turned(cost: Floats, tour: list[int], is_two_sided: bool) -> list[int]:
    """Return a tour of the means as one of ours: from the base on, in the better direction."""
    at = tour.index(0)
    ours = tour[at + 1:] + tour[:at]
    if is_two_sided:
        ours = [node - 1 for node in ours if node != 1]
    other = ours[::-1]
    return ours if length(cost, ours) <= length(cost, other) else other


def _doubled(cost: Floats) -> NDArray[np.uint16]:
    """Return a symmetric task in which each node has a door in and, at no distance, a door out."""
    count, widest = len(cost), max(cost.max(), 1e-9)
    ways = np.minimum(cost + widest, 2 * widest)
    np.fill_diagonal(ways, 0)
    apart = np.full((count, count), 2.1 * widest)
    np.fill_diagonal(apart, 0)
    return _whole(np.block([[apart, ways.T], [ways, apart]]))


def _halved(tour: list[int], count: int) -> list[int]:
    """Return a tour of the doubled task as one of ours: the doors in, in the direction from in to out."""
    at = tour.index(0)
    tour = tour[at:] + tour[:at]
    if tour[1] != count:
        tour = [0, *tour[:0:-1]]
    return [node for node in tour[1:] if node < count]


def polished(cost: Floats, tour: list[int], until: float) -> list[int]:
    """Return a tour that neither turning a stretch round nor moving up to three nodes makes shorter."""
    best = np.array([0, *tour])
    while time.perf_counter() < until:
        gain, changed = max((_turning(cost, best), *(_moving(cost, best, size) for size in (1, 2, 3))),
                            key=lambda one: one[0])
        if gain <= 1e-9 * max(1.0, float(cost[best, np.roll(best, -1)].sum())):
            break
        best = changed
    return [int(node) for node in best[1:]]


def _turning(cost: Floats, tour: NDArray[np.int64]) -> tuple[float, NDArray[np.int64]]:
    """Return the best gain by turning a stretch round, where ways need not be as long in both directions."""
    count = len(tour)
    after = np.roll(tour, -1)
    there = np.concatenate([[0.0], np.cumsum(cost[tour, after])])[:count]
    back = np.concatenate([[0.0], np.cumsum(cost[after, tour])])[:count]
    # turning tour[i+1 … j]: the ways i→i+1 and j→j+1 go, i→j and i+1→j+1 come, those between run backwards
    inside = (there - back)[None, :] - (there - back)[1:, None]
    gain = cost[tour[:-1], after[:-1]][:, None] + cost[tour, after][None, :] + inside \
        - cost[np.ix_(tour[:-1], tour)] - cost[np.ix_(after[:-1], after)]
    gain[np.arange(count)[None, :] <= np.arange(1, count)[:, None]] = -np.inf
    i, j = np.unravel_index(int(gain.argmax()), gain.shape)
    return float(gain[i, j]), np.concatenate([tour[:i + 1], tour[j:i:-1], tour[j + 1:]])


def _moving(cost: Floats, tour: NDArray[np.int64], size: int) -> tuple[float, NDArray[np.int64]]:
    """Return the best gain by moving a stretch of so many nodes elsewhere, turned round or not."""
    count = len(tour)
    if count < size + 2:
        return 0.0, tour
    first = np.arange(1, count - size + 1)
    head, tail = tour[first], tour[first + size - 1]
    before, behind = tour[first - 1], tour[(first + size) % count]
    after = np.roll(tour, -1)
    inside = [cost[tour[first + k], tour[first + k + 1]] for k in range(size - 1)]
    turned = sum((cost[tour[first + k + 1], tour[first + k]] for k in range(size - 1)), np.zeros(len(first))) \
        - sum(inside, np.zeros(len(first)))
    saved = (cost[before, head] + cost[tail, behind] - cost[before, behind])[:, None] + cost[tour, after][None, :]
    straight = saved - cost[np.ix_(tour, head)].T - cost[np.ix_(tail, after)]
    reverse = saved - cost[np.ix_(tour, tail)].T - cost[np.ix_(head, after)] - turned[:, None]
    position = np.arange(count)[None, :]
    inner = (position >= first[:, None] - 1) & (position < first[:, None] + size)
    straight[inner] = reverse[inner] = -np.inf
    is_turned = reverse.max() > straight.max()
    gain = reverse if is_turned else straight
    at, to = np.unravel_index(int(gain.argmax()), gain.shape)
    stretch = tour[first[at]:first[at] + size]
    rest = np.delete(tour, np.arange(first[at], first[at] + size))
    place = int(np.nonzero(rest == tour[to])[0][0]) + 1
    return float(gain[at, to]), np.insert(rest, place, stretch[::-1] if is_turned else stretch)
