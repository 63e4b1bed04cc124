"""Ways along streets: streets as arrays, places on them, metres from each place to each, and the line of each way.

Metres are those of the WGS 84 ellipsoid. A way goes from a spot straight to the street, along streets, and straight to
the other spot; both straight parts count. A place is a position on an edge, not its nearest node.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from civmap.geo.measure import GEOD

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
SCRAP_SHARE = 0.1
"""A piece of the network that has less than this share of the metres of the greatest one is a scrap."""
END_M = 1e-3
"""Nearer than this to the end of an edge, a place is at its node and may leave by any street there."""


def metres_between(a: Any, b: Any) -> Floats:
    """Return the metres between neighbouring lon/lat places, true to a millimetre at 10 km (the mean latitude rule)."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    middle = np.radians((a[..., 1] + b[..., 1]) / 2)
    flat = 1 - GEOD.es * np.sin(middle) ** 2
    east = GEOD.a * np.cos(middle) / np.sqrt(flat) * np.radians(b[..., 0] - a[..., 0])
    north = GEOD.a * (1 - GEOD.es) / flat**1.5 * np.radians(b[..., 1] - a[..., 1])
    return np.hypot(east, north)


@dataclass(frozen=True)
class Lines:
    """Streets between nodes 0 … n-1; the vertices of edge k are `xy[first[k]:first[k + 1]]`, `along` their metres."""

    xy: Floats
    first: Ints
    along: Floats
    start: Ints
    end: Ints
    node_count: int
    tree: shapely.STRtree

    @cached_property
    def length(self) -> Floats:
        """Return the metres of every edge."""
        return self.along[self.first[1:] - 1]

    def part(self, edge: int, low: float, high: float) -> Floats:
        """Return the line of an edge between two positions in metres, backwards where the first is the greater."""
        begin, stop = self.first[edge], self.first[edge + 1]
        along, xy = self.along[begin:stop], self.xy[begin:stop]
        least, most = min(low, high), max(low, high)
        inner = xy[(along > least) & (along < most)]
        ends = np.column_stack([np.interp([least, most], along, xy[:, axis]) for axis in (0, 1)])
        line = np.concatenate([ends[:1], inner, ends[1:]])
        return line if low <= high else line[::-1]


def of_lines(lines: Any, from_node: Any, to_node: Any) -> Lines:
    """Return streets from LineStrings in lon/lat and the numbers, of any size, of the nodes at their ends."""
    lines = np.asarray(lines, dtype=object)
    xy, row = shapely.get_coordinates(lines, return_index=True)
    first = np.searchsorted(row, np.arange(len(lines) + 1))
    steps = np.zeros(len(xy))
    if len(xy):
        steps[1:] = metres_between(xy[:-1], xy[1:])
        steps[first[:-1]] = 0.0
    run = np.cumsum(steps)
    along = run - run[first[:-1]][row] if len(xy) else run
    keys, number = np.unique(np.concatenate([np.asarray(from_node, np.int64), np.asarray(to_node, np.int64)]),
                             return_inverse=True)
    start, end = number[:len(lines)], number[len(lines):]
    return Lines(xy, first.astype(np.int64), along, start, end, len(keys), shapely.STRtree(lines))


@dataclass(frozen=True)
class Places:
    """Positions on edges: `spot` is whose (row of the spots), `rank` 0 the nearest street, 1 one that leads on."""

    spot: Ints
    rank: Ints
    edge: Ints
    along: Floats
    access: Floats
    lonlat: Floats

    def __len__(self) -> int:
        return len(self.spot)

    def taken(self, rows: Ints) -> "Places":
        """Return some of the places, in this order."""
        return Places(*(getattr(self, name)[rows] for name in Places.__dataclass_fields__))


@dataclass(frozen=True)
class Way:
    """A way between two places: the edges with the positions between which each is gone along, and its metres."""

    metres: float
    parts: Sequence[tuple[int, float, float]]


class Web:
    """Streets with the directions in which a traveller may go along each: `ahead` from start to end, `back`."""

    def __init__(self, lines: Lines, ahead: Flags, back: Flags) -> None:
        self.lines, self.ahead, self.back = lines, ahead, back
        both = np.concatenate([np.flatnonzero(ahead), np.flatnonzero(back)])
        is_back = np.arange(len(both)) >= int(ahead.sum())
        tail = np.where(is_back, lines.end[both], lines.start[both])
        order = np.argsort(tail, kind="stable")
        self.edge, self.is_back, self.tail = both[order], is_back[order], tail[order]
        self.head = np.where(self.is_back, lines.start[self.edge], lines.end[self.edge])
        self.metres = lines.length[self.edge]
        self.first = np.searchsorted(self.tail, np.arange(lines.node_count + 1))

    @cached_property
    def is_open(self) -> Flags:
        """Return which edges the traveller may use at all."""
        return self.ahead | self.back

    @cached_property
    def is_main(self) -> Flags:
        """Return which edges lie in the greatest piece in which every place leads to every other one and back."""
        return self._pieces[0] & (self._pieces[1] == self._pieces[1].max(initial=0.0))

    @cached_property
    def leads_on(self) -> Flags:
        """Return which edges lie in the greatest piece or in another one that is no mere scrap beside it."""
        return self._pieces[0] & (self._pieces[1] >= SCRAP_SHARE * self._pieces[1].max(initial=0.0))

    @cached_property
    def _pieces(self) -> tuple[Flags, Floats]:
        """Return which edges lie in a piece of ways there and back, and the metres of their pieces."""
        from scipy.sparse import csr_matrix
        from scipy.sparse.csgraph import connected_components

        lines, size = self.lines, self.lines.node_count
        if not len(self.head):
            return np.zeros(len(lines.start), bool), np.zeros(len(lines.start))
        arcs = csr_matrix((np.ones(len(self.head), np.int8), (self.tail, self.head)), shape=(size, size))
        _, piece = connected_components(arcs, connection="strong")
        within = self.is_open & (piece[lines.start] == piece[lines.end])
        metres = np.bincount(piece[lines.start[within]], lines.length[within], minlength=size)
        return within, np.where(within, metres[piece[lines.start]], 0.0)

    def doors(self, places: Places) -> tuple[NDArray[Any], ...]:
        """Return the nodes out of the places and the metres to them (k, 2), the nodes in and the metres from them."""
        lines, size = self.lines, self.lines.length[places.edge]
        nodes = np.column_stack([lines.start[places.edge], lines.end[places.edge]])
        to_node = np.column_stack([places.along, size - places.along])
        to_node[to_node < END_M] = 0.0
        free = to_node == 0.0
        ahead, back = self.ahead[places.edge], self.back[places.edge]
        way_out, way_in = np.column_stack([back, ahead]), np.column_stack([ahead, back])
        return (nodes, np.where(way_out | free, to_node, np.inf), nodes, np.where(way_in | free, to_node, np.inf))

    def table(self, places: Places) -> Floats:
        """Return the metres (k, k) along streets from each place to each, infinite where no way leads."""
        from civmap.geo import paths_kernels

        if not len(places):
            return np.zeros((0, 0))
        return paths_kernels.table(self.first, self.head, self.metres, self.ahead, self.back, places.edge,
                                   places.along, *self.doors(places))

    def way(self, places: Places, here: int, there: int) -> Way | None:
        """Return the shortest way from one of the places to another, None where none leads."""
        from civmap.geo import paths_kernels

        nodes, out_m, _, in_m = self.doors(places)
        total, leave, enter, arcs = paths_kernels.trace(
            self.first, self.head, self.metres, self.tail, nodes[here], out_m[here], nodes[there], in_m[there])
        straight = self._straight(places, here, there)
        edge_here, edge_there = int(places.edge[here]), int(places.edge[there])
        at_here, at_there = float(places.along[here]), float(places.along[there])
        if straight <= total:
            return None if straight == np.inf else Way(straight, [(edge_here, at_here, at_there)])
        lengths = self.lines.length
        parts = [(edge_here, at_here, float(lengths[edge_here]) * leave)]
        for arc in arcs:
            edge = int(self.edge[arc])
            parts.append((edge, float(lengths[edge]), 0.0) if self.is_back[arc] else (edge, 0.0, float(lengths[edge])))
        return Way(total, [*parts, (edge_there, float(lengths[edge_there]) * enter, at_there)])

    def _straight(self, places: Places, here: int, there: int) -> float:
        edge, step = places.edge[here], float(places.along[there] - places.along[here])
        if edge != places.edge[there] or (step > 0 and not self.ahead[edge]) or (step < 0 and not self.back[edge]):
            return np.inf
        return abs(step)
