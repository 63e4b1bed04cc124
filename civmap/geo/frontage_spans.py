"""Who has which metres of a street side: fronts (a building or a door, from s to s) become spans that may touch.

The gap between two neighbours is halved; ends stop at the corner unless they are extended (`domain.md` §5.1).
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from civmap.errors import Invalid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
TOUCHING_M = 0.01


class Fronts(NamedTuple):
    """Fronts in any order: side, from `low` to `high` metres along its street; their place is their number."""

    side: Ints
    low: Floats
    high: Floats


class Blocks(NamedTuple):
    """Stretches of sides where no frontage can be, because another street opens there; sorted by side and place."""

    side: Ints
    low: Floats
    high: Floats


class Spans(NamedTuple):
    """Spans along sides, sorted; `front` is the number of the front, `meets_next` tells that the next one touches."""

    front: Ints
    side: Ints
    low: Floats
    high: Floats
    meets_next: NDArray[np.bool_]


NO_BLOCKS = Blocks(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))


def spans(fronts: Fronts, length: Floats, blocks: Blocks = NO_BLOCKS, *, most_gap_m: float = np.inf,
          least_m: float = 0.5, extends: bool = False) -> Spans:
    """Return the span of every front: gaps of at most `most_gap_m` between neighbours halved, overlaps shared.

    Neighbours stand on one side with no block between them. `length` holds the metres of every side. Fronts of which
    less than `least_m` is left have no span. With `extends` the ends of a row go on to the next street, the row's own
    end or half of `most_gap_m`, whichever comes first.
    """
    low = np.clip(fronts.low, 0.0, length[fronts.side])
    high = np.clip(fronts.high, 0.0, length[fronts.side])
    order = np.lexsort((np.arange(len(low)), low + high, fronts.side))
    order = order[(high - low)[order] > 1e-6]
    while True:
        found = _met(order, fronts.side, low, high, blocks, most_gap_m)
        narrow = found.high - found.low < least_m
        if not narrow.any():
            break
        order = np.delete(order, _narrowest_of_each_run(found, narrow))
    return _extended(found, length, blocks, most_gap_m) if extends and len(found.side) else found


def _narrowest_of_each_run(found: Spans, narrow: Any) -> Ints:
    """Return of each run of neighbours that are all too narrow the narrowest: the others may grow into its place."""
    at = np.flatnonzero(narrow)
    run = np.cumsum(np.concatenate([[0], (np.diff(at) > 1).astype(int)]))
    order = np.lexsort((found.high[at] - found.low[at], run))
    return at[order[np.unique(run[order], return_index=True)[1]]]


def _met(order: Ints, side: Ints, low: Floats, high: Floats, blocks: Blocks, most_gap_m: float) -> Spans:
    side, low, high = side[order], low[order].copy(), high[order].copy()
    meets = np.zeros(len(order), bool)
    if len(order) > 1:
        gap = low[1:] - high[:-1]
        is_near = (side[1:] == side[:-1]) & (gap <= most_gap_m)
        is_near &= ~_parted(blocks, side[:-1], np.minimum(high[:-1], low[1:]), np.maximum(high[:-1], low[1:]))
        middle, half = (low + high) / 2, np.maximum((high - low) / 2, 1e-9)
        shared = middle[:-1] + (middle[1:] - middle[:-1]) * half[:-1] / (half[:-1] + half[1:])
        cut = np.where(gap >= 0, (high[:-1] + low[1:]) / 2, shared)
        high[:-1][is_near], low[1:][is_near] = cut[is_near], cut[is_near]
        meets[:-1] = is_near
    return Spans(order, side, low, high, meets)


def _parted(blocks: Blocks, side: Ints, low: Floats, high: Floats) -> Any:
    """Tell of stretches whether a block begins in them."""
    if not len(blocks.side):
        return np.zeros(len(side), bool)
    far = float(max(blocks.high.max(initial=0.0), high.max(initial=0.0))) + 1.0
    middle = blocks.side * far + (blocks.low + blocks.high) / 2
    order = np.sort(middle)
    return np.searchsorted(order, side * far + high) > np.searchsorted(order, side * far + low)


def _extended(found: Spans, length: Floats, blocks: Blocks, most_gap_m: float) -> Spans:
    low, high = found.low.copy(), found.high.copy()
    most = most_gap_m / 2
    meets_before = np.concatenate([[False], found.meets_next[:-1]])
    for at in np.flatnonzero(~found.meets_next).tolist():
        side = found.side[at]
        ends = blocks.low[(blocks.side == side) & (blocks.low >= high[at] - 1e-6)]
        limit = min([float(length[side]), *ends.tolist()])
        if at + 1 < len(low) and found.side[at + 1] == side:
            limit = min(limit, (float(found.high[at]) + float(found.low[at + 1])) / 2)
        high[at] = limit if limit - high[at] <= most else high[at]
    for at in np.flatnonzero(~meets_before).tolist():
        side = found.side[at]
        ends = blocks.high[(blocks.side == side) & (blocks.high <= low[at] + 1e-6)]
        limit = max([0.0, *ends.tolist()])
        if at > 0 and found.side[at - 1] == side:
            limit = max(limit, (float(found.high[at - 1]) + float(found.low[at])) / 2)
        low[at] = limit if low[at] - limit <= most else low[at]
    return found._replace(low=low, high=high)


def moved(found: Spans, keys: Sequence[Any], moves: Mapping[Any, tuple[float, float]], length: Floats) -> Spans:
    """Return the spans with the ends of some put elsewhere; raise Invalid where one would overlap the next or vanish.

    Where two neighbours end within 1 cm of each other they touch.
    """
    low, high = found.low.copy(), found.high.copy()
    for at, key in enumerate(keys):
        if key in moves:
            low[at], high[at] = np.clip(moves[key], 0.0, length[found.side[at]])
    touching = np.zeros(len(low), bool)
    touching[:-1] = (found.side[1:] == found.side[:-1]) & (np.abs(high[:-1] - low[1:]) < TOUCHING_M)
    low[1:][touching[:-1]] = high[:-1][touching[:-1]]
    over = np.flatnonzero((found.side[1:] == found.side[:-1]) & (high[:-1] > low[1:] + 1e-9))
    wrong = np.concatenate([np.flatnonzero(high - low < TOUCHING_M), over])
    if len(wrong):
        raise Invalid("frontage_move", field="edits", at=f"{high[wrong[0]]:.2f}")
    return found._replace(low=low, high=high, meets_next=touching)


def free(side: int, length: float, taken: list[tuple[float, float]], least_m: float = 0.0) -> list[tuple[float, float]]:
    """Return the stretches of one side of a street that none of the taken ones covers, at least `least_m` long."""
    left: list[tuple[float, float]] = []
    reached = 0.0
    for low, high in [*sorted(taken), (length, length)]:
        if low - reached >= max(least_m, 1e-6):
            left.append((reached, min(low, length)))
        reached = max(reached, high)
    return left
