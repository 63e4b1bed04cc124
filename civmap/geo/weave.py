"""Sew lines and areas together, so that where two touch, both have every corner of what they share.

Pure NumPy and Shapely on lon/lat degrees kept at 9 decimals. Corners are counted in whole billionths of a degree, so
what lies on both sides of an edge is the same number, bit for bit. What is *fixed* only gains corners on its edges
(within the last decimal); what is new bends to it within the reach. The work is bounded: too many meetings are refused.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from civmap.errors import Invalid
from civmap.geo.overlay import SNAP_M
from civmap.geo.rings import area_of, joined, line_of

Ids = NDArray[np.int64]
NANO = 1e9
METRES = 111_200.0 / NANO
FINE_M, TINY_M = 0.02, 0.0003
ROUNDS = 24
FAR = 2_000_000_000
WIDE_ROUNDS = 4
MOST_MEETINGS, MEETINGS_PER_EDGE = 60_000, 30
MOST_NEAR, NEAR_PER_EDGE = 1_000_000, 100
"""Pairs of edges whose boxes meet: a million of them take a second to tell apart."""
AT_ONCE = 256


def weave(shapes: Sequence[BaseGeometry], is_fixed: Sequence[bool], reach_m: float = SNAP_M) -> list[BaseGeometry]:
    """Return the areas and lines in their order, every one with a corner wherever another one meets it.

    A new corner goes to a fixed corner or edge within the reach (0.05 m), a new edge bends to a fixed corner. A fixed
    shape that gained nothing is returned as the same object. Raise Invalid `shapes_too_complex`.
    """
    if all(is_fixed) or not len(shapes):
        return list(shapes)
    cloth = _Cloth(shapes, is_fixed)
    for number in range(ROUNDS):
        reach = reach_m if number < WIDE_ROUNDS else min(reach_m, TINY_M)
        cloth.join_corners(reach)
        if not cloth.bend(reach) and not cloth.cross():
            return cloth.shapes()
    raise Invalid("shapes_too_complex", field="geometry")


class _Cloth:
    """Corners as numbers, rings as runs of them; edges of two shapes between the same corners are one edge."""

    def __init__(self, shapes: Sequence[BaseGeometry], is_fixed: Sequence[bool]) -> None:
        self.given = list(shapes)
        self.is_new_shape = ~np.asarray(is_fixed, bool)
        array = np.empty(len(self.given), object)
        array[:] = self.given
        parts, of_part = shapely.get_parts(array, return_index=True)
        is_area = shapely.get_type_id(parts) == 3
        rings, of_ring = shapely.get_rings(parts[is_area], return_index=True)
        lines = np.concatenate([rings, parts[~is_area]])
        self.part = np.concatenate([np.flatnonzero(is_area)[of_ring], np.flatnonzero(~is_area)])
        self.owner, self.is_area = of_part[self.part], is_area
        xy, ring = shapely.get_coordinates(lines, return_index=True)
        self.offsets = np.searchsorted(ring, np.arange(len(lines) + 1))
        found, self.flat = _distinct(np.rint(xy * NANO).astype(np.int64))
        self.xy: Ids = found
        self.is_fixed = np.zeros(len(found), bool)
        self.is_fixed[self.flat[~self.is_new_shape[self.owner[ring]]]] = True
        self.touched = self.is_new_shape.copy()
        low, high = self._new_box(xy[self.is_new_shape[self.owner[ring]]])
        self.low, self.high = low, high
        self.joined = 0
        self.looked_at: dict[str, NDArray[Any]] = {}
        self.scale = np.array([np.cos(np.radians((low[1] + high[1]) / 2 / NANO)) * METRES, METRES])

    @staticmethod
    def _new_box(xy: NDArray[np.float64]) -> tuple[Any, Any]:
        margin = 2_000
        return np.floor(xy.min(0) * NANO) - margin, np.ceil(xy.max(0) * NANO) + margin

    def metres(self, xy: Any) -> NDArray[np.float64]:
        """Return corners in metres from the corner of the box of what is new; what is straight stays straight."""
        return (xy - self.low) * self.scale

    def ring_of(self) -> Ids:
        """Return the ring of every place in the runs."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    def edges(self) -> tuple[Ids, Ids, NDArray[np.bool_]]:
        """Return the distinct edges near what is new (lower corner first), the key of each, and which are fixed."""
        start, end, ring = self.flat[:-1], self.flat[1:], self.ring_of()
        real = (ring[1:] == ring[:-1]) & (start != end)
        near = np.minimum(self.xy[start], self.xy[end]) <= self.high
        near &= np.maximum(self.xy[start], self.xy[end]) >= self.low
        real &= near.all(1)
        keys = _keys(start[real], end[real])
        distinct, inverse = np.unique(keys, return_inverse=True)
        is_fixed = np.zeros(len(distinct), bool)
        is_fixed[inverse[~self.is_new_shape[self.owner[ring[:-1][real]]]]] = True
        return np.column_stack([distinct >> 31, distinct & 0x7FFFFFFF]), distinct, is_fixed

    def join_corners(self, reach: float) -> None:
        """Move new corners to a fixed corner within the reach, or to another new one within 2 cm."""
        self._unite_equal()
        new = np.flatnonzero(~self.is_fixed & self._used())
        if not len(new) or len(new) == self.joined:
            return
        inside = ((self.xy >= self.low) & (self.xy <= self.high)).all(1)
        held = np.flatnonzero(self.is_fixed & inside)
        goes = np.arange(len(self.xy))
        spots = shapely.points(self.metres(self.xy))
        if len(held):
            tree = shapely.STRtree(spots[held])
            one, other = tree.query_nearest(spots[new], max_distance=reach, all_matches=False)
            goes[new[one]] = held[other]
        free = new[goes[new] == new]
        if len(free):
            pairs = shapely.STRtree(spots[free]).query(spots[free], predicate="dwithin", distance=min(reach, FINE_M))
            for low, high in pairs.T[pairs[0] < pairs[1]].tolist():
                if goes[free[low]] == free[low] and goes[free[high]] == free[high]:
                    goes[free[high]] = free[low]
        self.flat = goes[self.flat]
        self._collapse()
        self.joined = int((~self.is_fixed & self._used()).sum())

    def _used(self) -> NDArray[np.bool_]:
        used = np.zeros(len(self.xy), bool)
        used[self.flat] = True
        return used

    def _unite_equal(self) -> None:
        found, number = _distinct(self.xy)
        is_fixed = np.zeros(len(found), bool)
        np.logical_or.at(is_fixed, number, self.is_fixed)
        self.xy, self.flat, self.is_fixed = found, number[self.flat], is_fixed
        self._collapse()

    def _collapse(self) -> None:
        ring = self.ring_of()
        twice = np.zeros(len(self.flat), bool)
        twice[1:] = (self.flat[1:] == self.flat[:-1]) & (ring[1:] == ring[:-1])
        if twice.any():
            gone = np.bincount(ring[twice], minlength=len(self.offsets) - 1)
            self.flat = self.flat[~twice]
            self.offsets = np.concatenate([[0], np.cumsum(np.diff(self.offsets) - gone)])

    def bend(self, reach: float) -> bool:
        """Put corners into the edges they lie on or near; return whether any was put."""
        edges, keys, is_fixed = self.edges()
        at, hits = self.metres(self.xy), []
        for one, other in self._meetings("bend", edges, is_fixed, at, reach):
            for edge, corners in ((one, edges[other]), (other, edges[one])):
                for corner in (corners[:, 0], corners[:, 1]):
                    hits.append(self._near(edge, corner, edges, is_fixed, at, reach))
        if not hits:
            return False
        edge, corner, along, gap = (np.concatenate(column) for column in zip(*hits, strict=True))
        moves = ~self.is_fixed[corner] & is_fixed[edge]
        keep = ~moves
        if moves.any():
            order = np.flatnonzero(moves)[np.lexsort((gap[moves], corner[moves]))]
            nearest = order[np.unique(corner[order], return_index=True)[1]]
            self._move(corner[nearest], edges[edge[nearest]], along[nearest])
            keep[nearest] = True
            keep &= ~np.isin(corner, corner[nearest]) | moves
        return self._insert(keys[edge[keep]], corner[keep], along[keep])

    def _near(self, edge: Ids, corner: Ids, edges: Ids, is_fixed: Any, at: Any, reach: float) -> tuple[Any, ...]:
        start, end = at[edges[edge, 0]], at[edges[edge, 1]]
        run, off = end - start, at[corner] - start
        along = (run * off).sum(1) / np.maximum((run * run).sum(1), 1e-18)
        gap = np.hypot(*(off - along[:, None] * run).T)
        limit = np.where(self.is_fixed[corner] != is_fixed[edge], reach, min(reach, FINE_M))
        limit = np.where(self.is_fixed[corner] & is_fixed[edge], TINY_M, limit)
        hit = (along > 0) & (along < 1) & (gap <= limit) & (corner != edges[edge, 0]) & (corner != edges[edge, 1])
        return edge[hit], corner[hit], along[hit], gap[hit]

    def _move(self, corner: Ids, edge: Ids, along: Any) -> None:
        start, end = self.xy[edge[:, 0]], self.xy[edge[:, 1]]
        self.xy[corner] = np.rint(start + (end - start) * along[:, None]).astype(np.int64)
        self.is_fixed[corner] = True

    def cross(self) -> bool:
        """Put a corner wherever a new edge crosses another one; return whether any was put."""
        edges, keys, is_fixed = self.edges()
        put: list[tuple[Any, ...]] = []
        for one, other in self._meetings("cross", edges, is_fixed, self.metres(self.xy), 0.0):
            a, b = self.xy[edges[one, 0]], self.xy[edges[one, 1]]
            c, d = self.xy[edges[other, 0]], self.xy[edges[other, 1]]
            left, right = _turn(a, b, c), _turn(a, b, d)
            over = (np.sign(left) * np.sign(right) < 0) & (np.sign(_turn(c, d, a)) * np.sign(_turn(c, d, b)) < 0)
            if over.any():
                along = left[over] / (left[over].astype(float) - right[over])
                spot = np.rint(c[over] + (d - c)[over] * along[:, None]).astype(np.int64)
                put.append((one[over], other[over], spot))
        if not put:
            return False
        one, other, spot = (np.concatenate(column) for column in zip(*put, strict=True))
        corner = len(self.xy) + np.arange(len(spot))
        self.xy = np.concatenate([self.xy, spot])
        self.is_fixed = np.concatenate([self.is_fixed, is_fixed[one] | is_fixed[other]])
        edge, both = np.concatenate([one, other]), np.concatenate([corner, corner])
        start, end = self.xy[edges[edge, 0]], self.xy[edges[edge, 1]]
        run = (end - start).astype(float)
        along = ((self.xy[both] - start) * run).sum(1) / (run * run).sum(1)
        return self._insert(keys[edge], both, along)

    def _meetings(self, purpose: str, edges: Ids, is_fixed: Any, at: Any, reach: float) -> Any:
        """Yield (new edge, other edge) that come within the reach; raise Invalid where they are too many.

        A pair that was looked at before for a purpose does not come again.
        """
        is_known = self._known(purpose, edges)
        new = np.flatnonzero(~is_fixed & ~is_known)
        if not len(new):
            return
        is_other = is_fixed | is_known
        lines = shapely.linestrings(at[edges])
        tree, count, near = shapely.STRtree(lines), 0, 0
        for begin in range(0, len(new), AT_ONCE):
            chunk = new[begin:begin + AT_ONCE]
            near += tree.query(lines[chunk]).shape[1]
            if near > MOST_NEAR + NEAR_PER_EDGE * begin:
                raise Invalid("shapes_too_complex", field="geometry")
            one, other = tree.query(lines[chunk], predicate="dwithin", distance=reach + 1e-4)
            one = chunk[one]
            keep = (one != other) & (is_other[other] | (one < other))
            count += int(keep.sum())
            if count > MOST_MEETINGS + MEETINGS_PER_EDGE * begin:
                raise Invalid("shapes_too_complex", field="geometry")
            yield one[keep], other[keep]

    def _known(self, purpose: str, edges: Ids) -> NDArray[np.bool_]:
        """Tell which edges were looked at before, by where they lie; remember all of them."""
        places = np.ascontiguousarray(np.hstack([self.xy[edges[:, 0]], self.xy[edges[:, 1]]]))
        seen = places.view([("", np.int64)] * 4).ravel()
        before = self.looked_at.get(purpose)
        self.looked_at[purpose] = seen
        return np.zeros(len(edges), bool) if before is None else np.isin(seen, before)

    def _insert(self, keys: Ids, corner: Ids, along: Any) -> bool:
        if not len(keys):
            return False
        order = np.lexsort((along, keys))
        keys, corner = keys[order], corner[order]
        again = np.zeros(len(keys), bool)
        again[1:] = (keys[1:] == keys[:-1]) & (corner[1:] == corner[:-1])
        keys, corner = keys[~again], corner[~again]
        start, end, ring = self.flat[:-1], self.flat[1:], self.ring_of()
        here = np.flatnonzero((ring[1:] == ring[:-1]) & (start != end))
        own = _keys(start[here], end[here])
        first, last = np.searchsorted(keys, own, "left"), np.searchsorted(keys, own, "right")
        places, values = [], []
        for place, low, high in zip(*(part[last > first].tolist() for part in (here, first, last)), strict=True):
            run = corner[low:high] if self.flat[place] < self.flat[place + 1] else corner[low:high][::-1]
            places.append(np.full(len(run), place + 1))
            values.append(run)
        if not places:
            return False
        put, run = np.concatenate(places), np.concatenate(values)
        self.touched[self.owner[ring[put - 1]]] = True
        gained = np.bincount(ring[put - 1], minlength=len(self.offsets) - 1)
        self.flat = np.insert(self.flat, put, run)
        self.offsets = np.concatenate([[0], np.cumsum(np.diff(self.offsets) + gained)])
        return True

    def shapes(self) -> list[BaseGeometry]:
        """Return the shapes as they are now; those that gained no corner as they came."""
        found: list[list[Any]] = [[] for _ in self.given]
        rings: dict[int, list[Any]] = {}
        for number in np.flatnonzero(self.touched[self.owner]).tolist():
            xy = self.xy[self.flat[self.offsets[number]:self.offsets[number + 1]]] / NANO
            rings.setdefault(int(self.part[number]), []).append(xy)
        owner = dict(zip(self.part.tolist(), self.owner.tolist(), strict=True))
        for part, runs in rings.items():
            found[owner[part]].append(area_of(runs) if self.is_area[part] else line_of(runs[0]))
        return [joined(parts, given) if touched else given
                for parts, given, touched in zip(found, self.given, self.touched.tolist(), strict=True)]


def _distinct(xy: Ids) -> tuple[Ids, Ids]:
    order = np.lexsort((xy[:, 1], xy[:, 0]))
    ordered = xy[order]
    first = np.ones(len(xy), bool)
    first[1:] = (ordered[1:] != ordered[:-1]).any(1)
    number = np.empty(len(xy), np.int64)
    number[order] = np.cumsum(first) - 1
    return ordered[first], number


def _keys(start: Ids, end: Ids) -> Ids:
    return (np.minimum(start, end) << 31) | np.maximum(start, end)


def _turn(a: Ids, b: Ids, c: Ids) -> Any:
    """Return on which side of a–b the corner c lies: exactly, unless an edge is longer than two degrees."""
    if len(a) and max(np.abs(b - a).max(), np.abs(c - a).max()) > FAR:
        a, b, c = (corner.astype(np.longdouble) for corner in (a, b, c))
    return (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
