"""The inner loops over the edges of areas, compiled by Numba; imported on first use only.

An edge is two positions in whole steps of 1e-9 degree. In a clean coverage every edge inside lies twice, once in each
direction; one that lies alone is the rim, or a fault.
"""

import numpy as np
from numba import njit

FIRST, SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
TURN, REST = np.uint64(31), np.uint64(33)


@njit(cache=True, inline="always")
def _mixed(ax: int, ay: int, bx: int, by: int) -> np.uint64:
    """Return a number that two different edges hardly ever share, the same for both directions of one."""
    one = (np.uint64(ax) * FIRST) ^ ((np.uint64(ay) * SECOND) >> TURN) ^ (np.uint64(ay) * SECOND)
    two = (np.uint64(bx) * FIRST) ^ ((np.uint64(by) * SECOND) >> TURN) ^ (np.uint64(by) * SECOND)
    both = (one + two) ^ ((one ^ two) * SECOND)
    both ^= both >> REST
    both *= FIRST
    return both ^ (both >> TURN)


@njit(cache=True, inline="always")
def _runs(steps: np.ndarray, here: int, there: int) -> int:
    """Return how two edges run: -1 the same way back, 1 the same way, 0 elsewhere."""
    ax, ay, bx, by = steps[here, 0], steps[here, 1], steps[here + 1, 0], steps[here + 1, 1]
    cx, cy, dx, dy = steps[there, 0], steps[there, 1], steps[there + 1, 0], steps[there + 1, 1]
    if ax == dx and ay == dy and bx == cx and by == cy:
        return -1
    return 1 if ax == cx and ay == cy and bx == dx and by == dy else 0


@njit(cache=True)
def partners(steps: np.ndarray, begins: np.ndarray, ends: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return for the edge from each vertex to the next one the vertex that begins its partner, the edge run backwards.

    `steps` (n, 2) are the vertices of all rings, first and last equal; ring r is `steps[begins[r]:ends[r]]`. Only
    rings of one group are compared. -1: the edge lies alone (also the last vertex of a ring, which begins none); -2: it
    lies there twice in one direction.
    """
    count, size = len(steps), 64
    while size < 2 * count:
        size *= 2
    mask, slots = np.uint64(size - 1), np.full(size, -1, np.int32)
    found, group = np.full(count, -1, np.int32), np.empty(count, np.int32)
    for ring in range(len(begins)):
        group[begins[ring]:ends[ring]] = groups[ring]
        for here in range(begins[ring], ends[ring] - 1):
            key = _mixed(steps[here, 0], steps[here, 1], steps[here + 1, 0], steps[here + 1, 1])
            slot = (key + np.uint64(groups[ring]) * SECOND) & mask
            while slots[slot] >= 0 and (group[slots[slot]] != group[here] or _runs(steps, here, slots[slot]) == 0):
                slot = (slot + np.uint64(1)) & mask
            there = slots[slot]
            if there < 0:
                slots[slot] = here
            elif found[there] == -1 and _runs(steps, here, there) < 0:
                found[here], found[there] = there, here
            else:
                if found[there] >= 0:
                    found[found[there]] = -2
                found[there] = found[here] = -2
    return found


@njit(cache=True, inline="always")
def _turn(ax: int, ay: int, bx: int, by: int) -> int:
    return ax * by - ay * bx


@njit(cache=True, inline="always")
def _enters(steps: np.ndarray, before: int, at: int, dx: int, dy: int) -> bool:
    """Tell whether a direction leads from a corner into the area, between the edge that leaves and the one before."""
    ax, ay = steps[at + 1, 0] - steps[at, 0], steps[at + 1, 1] - steps[at, 1]
    bx, by = steps[before, 0] - steps[at, 0], steps[before, 1] - steps[at, 1]
    if _turn(ax, ay, bx, by) > 0:
        return _turn(ax, ay, dx, dy) > 0 and _turn(dx, dy, bx, by) > 0
    return not (_turn(bx, by, dx, dy) >= 0 and _turn(dx, dy, ax, ay) >= 0)


@njit(cache=True, inline="always")
def _meet(steps: np.ndarray, here: int, there: int) -> bool:
    """Tell whether two edges meet elsewhere than in a common end, or run along each other."""
    px, py = steps[here, 0], steps[here, 1]
    qx, qy = steps[here + 1, 0] - px, steps[here + 1, 1] - py
    rx, ry = steps[there, 0] - px, steps[there, 1] - py
    sx, sy = steps[there + 1, 0] - px, steps[there + 1, 1] - py
    if (max(rx, sx) < min(0, qx) or min(rx, sx) > max(0, qx) or max(ry, sy) < min(0, qy) or min(ry, sy) > max(0, qy)):
        return False
    one, two = _turn(qx, qy, rx, ry), _turn(qx, qy, sx, sy)
    if one == 0 and two == 0:
        low, high = min(rx * qx + ry * qy, sx * qx + sy * qy), max(rx * qx + ry * qy, sx * qx + sy * qy)
        return low < qx * qx + qy * qy and high > 0
    if (one > 0 and two > 0) or (one < 0 and two < 0):
        return False
    mine, other = _turn(sx - rx, sy - ry, -rx, -ry), _turn(sx - rx, sy - ry, qx - rx, qy - ry)
    if (mine > 0 and other > 0) or (mine < 0 and other < 0):
        return False
    shares = (rx == 0 and ry == 0) or (sx == 0 and sy == 0) or (rx == qx and ry == qy) or (sx == qx and sy == qy)
    return not shares


@njit(cache=True)
def _is_suspicious(steps: np.ndarray, here: int, begin: int, end: int) -> bool:
    """Tell whether an edge that lies alone touches a ring of another area, except with its ends in corners outside."""
    dx, dy = steps[here + 1, 0] - steps[here, 0], steps[here + 1, 1] - steps[here, 1]
    for there in range(begin, end - 1):
        if _meet(steps, here, there):
            return True
        before = there - 1 if there > begin else end - 2
        if steps[there, 0] == steps[here, 0] and steps[there, 1] == steps[here, 1]:
            if _enters(steps, before, there, dx, dy):
                return True
        elif (steps[there, 0] == steps[here + 1, 0] and steps[there, 1] == steps[here + 1, 1]
              and _enters(steps, before, there, -dx, -dy)):
            return True
    return False


@njit(cache=True)
def touching(steps: np.ndarray, rings: np.ndarray, is_lone: np.ndarray, first: np.ndarray,
             second: np.ndarray) -> np.ndarray:
    """Tell of pairs of areas whether an edge of the first that lies alone touches the second as none may.

    Areas have one ring each: `rings[a]` tells where it begins and ends in `steps`.
    """
    found = np.zeros(len(first), np.bool_)
    for pair in range(len(first)):
        begin, end = rings[first[pair], 0], rings[first[pair], 1]
        for here in range(begin, end - 1):
            if is_lone[here] and _is_suspicious(steps, here, rings[second[pair], 0], rings[second[pair], 1]):
                found[pair] = True
                break
    return found


def warm() -> None:
    """Compile now what the first check would wait for."""
    partners(np.zeros((4, 2), np.int64), np.zeros(1, np.int64), np.full(1, 4, np.int64), np.zeros(1, np.int32))
    touching(np.zeros((4, 2), np.int64), np.array([[0, 4]]), np.zeros(4, np.bool_), np.zeros(1, np.int64),
             np.zeros(1, np.int64))
