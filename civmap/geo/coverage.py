"""Where areas that should fit together do not: shared ground, slivers, and edges whose vertices do not meet.

Pure, on lon/lat degrees (EPSG:4326); areas and lengths in metres on the ground. Limits: `domain.md` §5.1. The edges of
all areas are hashed as whole steps of 1e-9 degree: an edge that lies there twice, once in each direction, is fine.
Only areas with another edge are handed to GEOS, with their neighbours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from civmap.geo.bulk import areas_m2, lengths_m
from civmap.geo.overlay import areas_of, is_wide

NOTICE_M2 = 0.5
ERROR_M2 = 5.0
SLIVER_M = 0.3
LEAST_SLIVER_M2 = 0.01
STEPS = 1e9
"""Steps of a degree: the precision at which shapes are stored."""
TINY_DEGREES2 = 1e-16
FEW = 60_000
"""So many vertices are sorted; more go through a table, by compiled code."""
MANY = 5_000
"""So many suspects are handed to GEOS at once; more are looked at by compiled code first."""


class Fault(NamedTuple):
    """Two areas, by their place in the sequence, and the ground they share, or the edge where vertices do not meet."""

    first: int
    second: int
    shape: BaseGeometry
    area_m2: float
    length_m: float = 0.0

    @property
    def is_edge(self) -> bool:
        """Tell whether the areas share (almost) no ground, only an edge that one of them divides differently."""
        return self.area_m2 <= NOTICE_M2 and not (self.area_m2 > LEAST_SLIVER_M2 and is_sliver(self.shape))


@dataclass(frozen=True, slots=True)
class Fabric:
    """The edges of areas: vertices in whole steps, ring after ring, and the area that each ring belongs to."""

    steps: np.ndarray
    begins: np.ndarray
    ends: np.ndarray
    owner: np.ndarray

    def lone(self, groups: np.ndarray | None = None) -> np.ndarray:
        """Return the vertices at which an edge begins that has no partner among the rings of its group (per ring)."""
        groups = np.zeros(len(self.begins), np.int32) if groups is None else groups.astype(np.int32)
        if len(self.steps) <= FEW:
            return self._lone_by_sorting(groups)
        from civmap.geo import edge_kernels

        partner = edge_kernels.partners(self.steps, self.begins, self.ends, groups)
        partner[self.ends - 1] = 0
        return np.flatnonzero(partner < 0)

    def _lone_by_sorting(self, groups: np.ndarray) -> np.ndarray:
        """Do as `lone` by a sort: a server of a small city carries no compiler."""
        begins = np.delete(np.arange(len(self.steps)), self.ends - 1)
        one, other = self.steps[begins], self.steps[begins + 1]
        runs = (one[:, 0] < other[:, 0]) | ((one[:, 0] == other[:, 0]) & (one[:, 1] < other[:, 1]))
        low, high = np.where(runs[:, None], one, other), np.where(runs[:, None], other, one)
        keys = np.column_stack([groups[self.ring_of(begins)], low, high])
        if not len(keys):
            return begins
        order = np.lexsort(keys.T)
        first = np.flatnonzero(np.append(True, (keys[order][1:] != keys[order][:-1]).any(axis=1)))
        size = np.diff(np.append(first, len(order)))
        is_matched = (size == 2) & (np.add.reduceat(np.where(runs[order], 1, -1), first) == 0)
        return np.sort(begins[order[~np.repeat(is_matched, size)]])

    def ring_of(self, vertices: np.ndarray) -> np.ndarray:
        """Return the ring that each vertex belongs to."""
        return np.searchsorted(self.ends, vertices, side="right")

    def edges(self, vertices: np.ndarray) -> np.ndarray:
        """Return the edges that begin at some vertices as lines in degrees."""
        ends = np.stack([self.steps[vertices], self.steps[vertices + 1]], axis=1) / STEPS
        return shapely.linestrings(ends) if len(vertices) else np.zeros(0, object)


def fabric(areas: np.ndarray) -> Fabric:
    """Return the edges of (Multi)Polygons; exteriors run one way and holes the other, whichever way they were given."""
    if _are_simple(areas):
        owner, sizes, coordinates = np.arange(len(areas)), shapely.get_num_coordinates(areas), areas
    else:
        parts, part_owner = shapely.get_parts(areas, return_index=True)
        coordinates, ring_part = shapely.get_rings(parts, return_index=True)
        owner, sizes = part_owner[ring_part], shapely.get_num_coordinates(coordinates)
    steps = np.rint(shapely.get_coordinates(coordinates) * STEPS).astype(np.int64)
    ends = np.cumsum(sizes)
    return Fabric(steps, ends - sizes, ends, owner)


def joined(one: Fabric, other: Fabric) -> Fabric:
    """Return the edges of two sets of areas as one; those of the second count on from those of the first."""
    shift, count = len(one.steps), int(one.owner.max(initial=-1)) + 1
    return Fabric(np.concatenate([one.steps, other.steps]), np.concatenate([one.begins, other.begins + shift]),
                  np.concatenate([one.ends, other.ends + shift]), np.concatenate([one.owner, other.owner + count]))


def backwards(one: Fabric) -> Fabric:
    """Return the same edges run the other way: those of all that lies outside the areas."""
    steps = one.steps.copy()
    for begin, end in zip(one.begins.tolist(), one.ends.tolist(), strict=True):
        steps[begin:end] = one.steps[begin:end][::-1]
    return Fabric(steps, one.begins, one.ends, one.owner)


def as_array(areas: Sequence[BaseGeometry]) -> np.ndarray:
    """Return areas as an array."""
    if isinstance(areas, np.ndarray):
        return areas
    found = np.empty(len(areas), object)
    found[:] = list(areas)
    return found


def oriented(areas: np.ndarray) -> np.ndarray:
    """Return areas whose exteriors run counter-clockwise and holes clockwise, as hashing wants them; stored ones do."""
    if not len(areas):
        return areas
    if not _are_simple(areas):
        return shapely.orient_polygons(areas)
    xy, sizes = shapely.get_coordinates(areas), shapely.get_num_coordinates(areas)
    x, y = (xy - xy[0]).T
    turned = np.append(x[:-1] * y[1:] - x[1:] * y[:-1], 0.0)
    ends = np.cumsum(sizes)
    turned[ends - 1] = 0.0
    wrong = np.add.reduceat(turned, ends - sizes) < 0
    if not wrong.any():
        return areas
    found = areas.copy()
    found[wrong] = shapely.orient_polygons(areas[wrong])
    return found


def _are_simple(areas: np.ndarray) -> bool:
    return bool(((shapely.get_type_id(areas) == 3) & (shapely.get_num_interior_rings(areas) == 0)).all())


def faults(areas: Sequence[BaseGeometry]) -> list[Fault]:
    """Return the pairs of areas that do not fit together as `shapely.coverage_is_valid` asks it, in order."""
    shapes = oriented(as_array(areas))
    if len(shapes) < 2:
        return []
    edges = fabric(shapes)
    lone = edges.lone()
    suspects = _marked(edges.owner[edges.ring_of(lone)], len(shapes))
    if len(suspects) > MANY and len(edges.begins) == len(shapes):
        suspects = _touching(shapes, edges, lone, suspects)
    if not len(suspects):
        return []
    return _pairs(shapes, *_bad(shapes, suspects))


def _touching(shapes: np.ndarray, edges: Fabric, lone: np.ndarray, suspects: np.ndarray) -> np.ndarray:
    """Return those of many suspects whose lone edges touch another area as none may, and these others.

    Zones along streets have hardly an edge in common: nearly all are suspects, and nearly all are innocent.
    """
    from civmap.geo import edge_kernels

    first, second = shapely.STRtree(shapes).query(shapes[suspects])
    first = suspects[first]
    differ = first != second
    first, second = first[differ], second[differ]
    is_lone = np.zeros(len(edges.steps), bool)
    is_lone[lone] = True
    near = edges.steps - edges.steps.min(axis=0)
    bad = edge_kernels.touching(near, np.column_stack([edges.begins, edges.ends]), is_lone, first, second)
    boxes = shapely.bounds(shapes)
    inside = np.flatnonzero((boxes[first, :2] >= boxes[second, :2]).all(axis=1)
                            & (boxes[first, 2:] <= boxes[second, 2:]).all(axis=1) & ~bad)
    spots = shapely.point_on_surface(shapes[first[inside]])
    bad[inside] = shapely.intersects(shapes[second[inside]], spots)
    return _marked(np.concatenate([first[bad], second[bad]]), len(shapes))


def _marked(places: np.ndarray, count: int) -> np.ndarray:
    """Return places below a count in order, each once."""
    flags = np.zeros(count, bool)
    flags[places] = True
    return np.flatnonzero(flags)


def _bad(shapes: np.ndarray, suspects: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the areas that fit badly with any other one, and where their edges do not fit.

    An area without a suspicious edge may lie under one that has some: then it becomes suspicious too, and so on.
    """
    tree, asked = shapely.STRtree(shapes), np.zeros(len(shapes), bool)
    lines = np.full(len(shapes), None, object)
    while len(suspects):
        asked[suspects] = True
        near = _marked(tree.query(shapes[suspects])[1], len(shapes))
        found = shapely.coverage_invalid_edges(shapes[near])
        is_bad = ~shapely.is_empty(found)
        lines[near[is_bad]] = found[is_bad]
        suspects = near[is_bad & ~asked[near]]
    bad = np.flatnonzero(~shapely.is_missing(lines))
    return bad, lines[bad]


def _pairs(shapes: np.ndarray, bad: np.ndarray, lines: np.ndarray) -> list[Fault]:
    """Return the faults of areas that are known to fit badly somewhere: GEOS names one of two, not always both."""
    place, second = shapely.STRtree(shapes).query(shapes[bad])
    first = bad[place]
    is_bad = np.zeros(len(shapes), bool)
    is_bad[bad] = True
    kept = (first != second) & (~is_bad[second] | (first < second))
    first, second = np.minimum(first, second)[kept], np.maximum(first, second)[kept]
    shared = shapely.intersection(shapes[first], shapes[second])
    is_area = shapely.area(shared) > TINY_DEGREES2
    grounds = as_array([areas_of(one) for one in shared[is_area]])
    sizes = areas_m2(list(grounds))
    found = [Fault(a, b, shape, size) for a, b, shape, size in zip(
        first[is_area].tolist(), second[is_area].tolist(), grounds, sizes, strict=True)]
    whole = np.full(len(shapes), shapely.LineString(), object)
    whole[bad] = lines
    found += _edges(shapes, whole, (first[~is_area], second[~is_area], shared[~is_area]))
    return sorted(found, key=lambda fault: fault[:2])


def _edges(shapes: np.ndarray, lines: np.ndarray, pairs: tuple[np.ndarray, np.ndarray, np.ndarray]) -> list[Fault]:
    """Return the pairs that share no ground but an edge, or a corner on an edge, where vertices do not meet."""
    first, second, shared = pairs
    amiss = shapely.intersection(shapely.union(lines[first], lines[second]), shared)
    is_fault = ~shapely.is_empty(amiss) & ~_only_at_corners(amiss, shapes[first], shapes[second])
    first, second, amiss = first[is_fault], second[is_fault], amiss[is_fault]
    return [Fault(a, b, shape, 0.0, length) for a, b, shape, length in zip(
        first.tolist(), second.tolist(), amiss, _lengths(amiss), strict=True)]


def _only_at_corners(amiss: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Tell where nothing but corners that both areas have is touched."""
    found = shapely.get_dimensions(amiss) == 0
    for at in np.flatnonzero(found):
        corners = _corners(one[at]) & _corners(other[at])
        found[at] = _corners(amiss[at]) <= corners
    return found


def _corners(shape: BaseGeometry) -> set[tuple[float, ...]]:
    return {tuple(xy) for xy in shapely.get_coordinates(shape).tolist()}


def _lengths(amiss: np.ndarray) -> np.ndarray:
    """Return the metres of lines, with points among them that have none."""
    parts, owner = shapely.get_parts(amiss, return_index=True)
    is_line = shapely.get_dimensions(parts) == 1
    if not is_line.any():
        return np.zeros(len(amiss))
    return np.bincount(owner[is_line], weights=lengths_m(list(parts[is_line])), minlength=len(amiss))


def is_sliver(shape: BaseGeometry) -> bool:
    """Tell whether a piece of ground is nowhere wider than 0.3 m."""
    return not is_wide(shape, SLIVER_M)
