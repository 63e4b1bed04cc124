"""Whose is every metre of a road: of exactly one segment, of none, or of several? Worked out over arrays of samples.

Two carriageways of one street are one road: where one has the other beside it, its metres count half.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

STEP_M = 10.0
BESIDE_M = 32.0
CARRIAGEWAY_M = 50.0
PARALLEL = 0.75
MOUTH_M = 25.0
"""Shorter gaps and overlaps lie within a crossing: its middle is where one segment ends and the next begins."""
APART = 1e7
NONE, ONE, SEVERAL, HIDDEN = 0, 1, 2, 3
STATES = ("none", "one", "several", "hidden")


class Samples(NamedTuple):
    """Spots along the edges of streets: edge, road, place, direction, and for how many metres each stands."""

    edge: NDArray[np.int64]
    road: NDArray[np.int64]
    spot: NDArray[np.float64]
    ahead: NDArray[np.float64]
    metres: NDArray[np.float64]


class Run(NamedTuple):
    """A stretch of one edge in one state: the samples from `low` to before `high`."""

    road: int
    edge: int
    state: int
    low: int
    high: int


def sampled(lines: NDArray[Any], roads: NDArray[np.int64], is_oneway: NDArray[np.bool_]) -> Samples:
    """Return samples in the middle of every ten metres of some lines; `roads` numbers the street of each."""
    sizes = shapely.length(lines)
    counts = np.maximum(1, np.round(sizes / STEP_M)).astype(int)
    edge = np.repeat(np.arange(len(lines)), counts)
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    step = (sizes / counts)[edge]
    along = (np.arange(len(edge)) - first[edge] + 0.5) * step
    spot, ahead = _walked(lines, edge, along)
    samples = Samples(edge, roads[edge], spot, ahead, step)
    return samples._replace(metres=step * np.where(_has_twin(samples, is_oneway[edge]), 0.5, 1.0))


def _walked(lines: NDArray[Any], edge: NDArray[np.int64],
            along: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return place and direction at metres of many lines, all laid end to end with a metre between them."""
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    step = np.hypot(*np.diff(xy, axis=0).T)
    step[np.diff(owner) != 0] = 1.0
    walked = np.concatenate([[0.0], np.cumsum(step)])
    first = np.searchsorted(owner, np.arange(len(lines)))
    at = walked[first][edge] + along
    corner = np.clip(np.searchsorted(walked, at, side="right") - 1, 0, len(xy) - 2)
    way = xy[corner + 1] - xy[corner]
    size = np.maximum(np.hypot(*way.T), 1e-9)
    share = (at - walked[corner]) / size
    return xy[corner] + way * share[:, None], way / size[:, None]


def _has_twin(samples: Samples, is_oneway: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which samples of one-way edges have a carriageway of the same road in the other direction beside them."""
    from scipy.spatial import cKDTree

    found = np.zeros(len(samples.edge), bool)
    mine = np.flatnonzero(is_oneway)
    if len(mine) < 2:
        return found
    pairs = cKDTree(samples.spot[mine]).query_pairs(CARRIAGEWAY_M, output_type="ndarray")
    one, two = mine[pairs[:, 0]], mine[pairs[:, 1]]
    facing = (samples.ahead[one] * samples.ahead[two]).sum(axis=1) < -PARALLEL
    same = facing & (samples.road[one] == samples.road[two])
    found[one[same]] = found[two[same]] = True
    return found


def holders(samples: Samples, segments: NDArray[Any], roads: NDArray[np.int64],
            sides: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return how many segments hold each sample, and the pairs (sample, segment) that say which.

    A segment holds what lies beside it and runs its way, of its own road before that of others. The left and the right
    half of a road are one.
    """
    tree = shapely.STRtree(segments)
    points = shapely.points(samples.spot)
    at, which = tree.query(points, predicate="dwithin", distance=BESIDE_M)
    line, spot = segments[which], points[at]
    along, size = shapely.line_locate_point(line, spot), shapely.length(line)
    there = (along > 1e-6) & (along < size - 1e-6)
    same = roads[which] == samples.road[at]
    alone = np.bincount(at[there & same], minlength=len(samples.edge)) == 1
    asked = np.flatnonzero(there & ~(same & alone[at]))
    there[asked] = _runs_along(line[asked], along[asked], size[asked], samples.ahead[at[asked]])
    own = there & same
    has_own = np.bincount(at[own], minlength=len(samples.edge)) > 0
    kept = own | (there & ~has_own[at])
    at, which = at[kept], which[kept]
    half = np.array([{"left": 1, "right": 2}.get(side, 0) for side in sides], int)[which]
    counts = [np.bincount(at[(half == 0) | (half == one)], minlength=len(samples.edge)) for one in (1, 2)]
    return np.maximum(*counts).astype(np.int64), at, which


def _runs_along(lines: NDArray[Any], along: NDArray[np.float64], size: NDArray[np.float64],
                ahead: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which lines run the way of a sample at the foot of it; a line that crosses does not hold it."""
    before, after = (shapely.get_coordinates(shapely.line_interpolate_point(lines, np.clip(along + shift, 0, size)))
                     for shift in (-3.0, 3.0))
    way = after - before
    cosine = (way * ahead).sum(axis=1) / np.maximum(np.hypot(*way.T), 1e-9)
    return np.abs(cosine) > PARALLEL


def runs(samples: Samples, count: NDArray[np.int64], unseen: NDArray[np.bool_] | None = None) -> list[Run]:
    """Return the stretches of every edge by state; what lies within a crossing's mouth counts with its neighbours.

    `unseen` tells the samples that segments hold which the viewer must not see: they are hidden, not nobody's.
    """
    state = np.minimum(count, SEVERAL)
    if unseen is not None:
        state = np.where((state == NONE) & unseen, HIDDEN, state)
    if not len(state):
        return []
    changes = np.flatnonzero((np.diff(state) != 0) | (np.diff(samples.edge) != 0)) + 1
    edges = np.concatenate([[0], changes, [len(state)]])
    found = []
    near = {one: _near(samples, state == one) for one in (ONE, HIDDEN)}
    for low, high in pairwise(edges.tolist()):
        here = int(state[low])
        if here != ONE and (high - low) * STEP_M < MOUTH_M:
            here = next((one for one in near if near[one][[low, high - 1]].any()), here)
        found.append(Run(int(samples.road[low]), int(samples.edge[low]), here, int(low), int(high)))
    return found


def _near(samples: Samples, ones: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which samples lie beside metres of the same road that are among some."""
    from scipy.spatial import cKDTree

    where = np.column_stack([samples.spot, samples.road * APART])
    found = np.zeros(len(ones), bool)
    if ones.any():
        away, _ = cKDTree(where[ones]).query(where, distance_upper_bound=2 * STEP_M)
        found = np.isfinite(away)
    return found
