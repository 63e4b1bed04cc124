"""Spans of street sides become strips of ground, all at once over arrays, neighbours sharing every vertex.

A strip lies between a near line (the kerb, the centre line or a fixed depth) and the wall base, a line of (s, d).
"""

from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from civmap.geo.frontage_axes import Axes
from civmap.geo.validity import STORED_DECIMALS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NEAR, RISE, WALL, FALL = 0, 1, 2, 3
_SAME = 1e-7


class Strips(NamedTuple):
    """Strips in the order of their sides: from `low` to `high`, `near` metres off the street, back to their walls.

    Wall points (`wall_of` the strip's number, `wall_s`, `wall_d`) stand in the order of s from `low` to `high`.
    `meets_next` tells that the next strip begins where this one ends.
    """

    side: Ints
    low: Floats
    high: Floats
    near: Floats
    wall_of: Ints
    wall_s: Floats
    wall_d: Floats
    meets_next: NDArray[np.bool_]

    def with_near(self, near: Floats) -> "Strips":
        """Return the strips from another near line on."""
        return self._replace(near=near)


def flat_walls(side: Ints, low: Floats, high: Floats, near: Floats, wall: Floats, meets_next: Any) -> Strips:
    """Return strips whose walls run parallel to the street, `wall` metres off it."""
    number = np.arange(len(side))
    return Strips(side, low, high, near, np.repeat(number, 2), np.column_stack([low, high]).ravel(),
                  np.repeat(wall, 2), np.asarray(meets_next, bool))


def polygons(axes: Axes, strips: Strips) -> Any:
    """Return the strips as lon/lat polygons at stored precision, counter-clockwise."""
    of, kind, s, d = _vertices(axes, _bent(axes, strips))
    rank = np.select([kind == NEAR, kind == RISE, kind == WALL], [s, d, -s], -d)
    place = np.arange(len(of), dtype=float)
    order = np.lexsort((np.where(kind == WALL, -place, place), rank, kind, of))
    order = _turned(order, of, axes.hand[strips.side])
    of, s, d = of[order], s[order], d[order]
    xy = np.round(axes.place(strips.side[of], s, d), STORED_DECIMALS)
    is_new = np.ones(len(of), bool)
    is_new[1:] = (of[1:] != of[:-1]) | np.any(xy[1:] != xy[:-1], axis=1)
    xy, of = xy[is_new], of[is_new]
    return shapely.polygons(shapely.linearrings(xy, indices=of))


def _turned(order: Ints, of: Ints, hand: Floats) -> Ints:
    """Return the order of vertices with that of strips on the right turned round: all run counter-clockwise."""
    number = of[order]
    start = np.searchsorted(number, np.arange(len(hand)))
    stop = np.append(start[1:], len(order))
    place = np.arange(len(order))
    return order[np.where(hand[number] > 0, place, start[number] + stop[number] - 1 - place)]


def _vertices(axes: Axes, strips: Strips) -> tuple[Any, ...]:
    """Return all vertices, unsorted: their strip, which edge of it they stand on, s and d."""
    count = len(strips.side)
    number = np.arange(count)
    bend_of, bend_s, _ = bends(axes, strips.side, strips.low, strips.high)
    begins, ends = _wall_ends(strips)
    rise_of, rise_d, fall_of, fall_d = _steps(strips, begins, ends)
    parts = [(number, NEAR, strips.low, strips.near), (number, NEAR, strips.high, strips.near),
             (bend_of, NEAR, bend_s, strips.near[bend_of]),
             (rise_of, RISE, strips.high[rise_of], rise_d), (strips.wall_of, WALL, strips.wall_s, strips.wall_d),
             (fall_of, FALL, strips.low[fall_of], fall_d)]
    of = np.concatenate([part[0] for part in parts])
    kind = np.concatenate([np.full(len(part[0]), part[1]) for part in parts])
    return of, kind, np.concatenate([part[2] for part in parts]), np.concatenate([part[3] for part in parts])


def _bent(axes: Axes, strips: Strips) -> Strips:
    """Return the strips with a wall point at each bend of the street, where the wall has none."""
    of, s, _ = bends(axes, strips.side, strips.low, strips.high)
    far = float(axes.length.max(initial=0.0)) + 1.0
    keys = strips.wall_of * far + strips.wall_s
    after = np.searchsorted(keys, of * far + s, side="right")
    before = after - 1
    needed = (s - strips.wall_s[before] > _SAME) & (strips.wall_s[np.minimum(after, len(keys) - 1)] - s > _SAME)
    of, s, before, after = of[needed], s[needed], before[needed], after[needed]
    span = strips.wall_s[after] - strips.wall_s[before]
    share = (s - strips.wall_s[before]) / span
    d = strips.wall_d[before] + share * (strips.wall_d[after] - strips.wall_d[before])
    return strips._replace(wall_of=np.insert(strips.wall_of, after, of), wall_s=np.insert(strips.wall_s, after, s),
                           wall_d=np.insert(strips.wall_d, after, d))


def bends(axes: Axes, side: Ints, low: Floats, high: Floats) -> tuple[Ints, Floats, Ints]:
    """Return the bends of the street strictly inside stretches: the stretch's number, s, and the station."""
    keys, base = axes.keys
    start = np.searchsorted(keys, base[side] + low + _SAME, side="right")
    stop = np.searchsorted(keys, base[side] + high - _SAME, side="left")
    counts = np.maximum(stop - start, 0)
    of = np.repeat(np.arange(len(side)), counts)
    at = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts) + start[of]
    return of, axes.s[at], at


def _wall_ends(strips: Strips) -> tuple[Floats, Floats]:
    """Return d of the first and of the last wall point of every strip."""
    first = np.searchsorted(strips.wall_of, np.arange(len(strips.side)), side="left")
    last = np.searchsorted(strips.wall_of, np.arange(len(strips.side)), side="right") - 1
    return strips.wall_d[first], strips.wall_d[last]


def _steps(strips: Strips, begins: Floats, ends: Floats) -> tuple[Any, ...]:
    """Return the corners of neighbours that lie on a strip's two cuts: strips and d rising, then falling."""
    here = np.flatnonzero(strips.meets_next)
    there = here + 1
    rise_of, rise_d = np.repeat(here, 2), np.column_stack([strips.near[there], begins[there]]).ravel()
    fall_of, fall_d = np.repeat(there, 2), np.column_stack([strips.near[here], ends[here]]).ravel()
    rises = (rise_d > strips.near[rise_of] + _SAME) & (rise_d < ends[rise_of] - _SAME)
    falls = (fall_d > strips.near[fall_of] + _SAME) & (fall_d < begins[fall_of] - _SAME)
    return rise_of[rises], rise_d[rises], fall_of[falls], fall_d[falls]
