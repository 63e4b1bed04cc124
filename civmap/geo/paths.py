"""Ways along streets: streets as arrays, places on them, metres from each place to each, and the line of each way.

Metres are those of the WGS 84 ellipsoid. A way goes from a spot straight to the street, along streets, and straight to
the other spot; both straight parts count. A place is a position on an edge, not its nearest node.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
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
ALONE, THREADS = 40, 2
"""From so many places on, the search goes on in so many threads: it does not hold the interpreter."""
BUCKET_SHARE, MOST_BUCKETS = 0.5, 1 << 20
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


@dataclass(frozen=True)
class Doors:
    """How places hang on nodes: the two ends of each one's edge, and the metres there and from there, or infinite."""

    nodes: Ints
    out_m: Floats
    in_m: Floats


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

    @cached_property
    def _buckets(self) -> tuple[float, int]:
        """Return how many buckets of the search a metre has, and a power of two of them that holds the longest edge."""
        longest, size = float(self.lines.length.max(initial=0.0)), self.lines.length[self.edge]
        usual = float(size.mean()) if len(size) else 0.0
        pace = 1 / max(BUCKET_SHARE * usual, longest / MOST_BUCKETS, END_M)
        return pace, 1 << (int(longest * pace) + 3).bit_length()

    @cached_property
    def _arcs(self) -> tuple[Ints, NDArray[np.int32], Floats]:
        """Return the arcs for the search, with a last node whose two arcs are free: from where one sets out."""
        count = len(self.head)
        head, metres = np.zeros(count + 2, np.int32), np.zeros(count + 2)
        head[:count], metres[:count] = self.head, self.lines.length[self.edge]
        return np.append(self.first, count + 2), head, metres

    def doors(self, places: Places) -> Doors:
        """Return the nodes at the ends of the places' edges and the metres out to them and in from them (k, 2)."""
        lines, size = self.lines, self.lines.length[places.edge]
        nodes = np.column_stack([lines.start[places.edge], lines.end[places.edge]])
        to_node = np.column_stack([places.along, size - places.along])
        to_node[to_node < END_M] = 0.0
        ahead, back, is_free = self.ahead[places.edge], self.back[places.edge], to_node == 0.0
        way_out, way_in = np.column_stack([back, ahead]), np.column_stack([ahead, back])
        return Doors(nodes, np.where(way_out | is_free, to_node, np.inf), np.where(way_in | is_free, to_node, np.inf))

    def table(self, places: Places) -> Floats:
        """Return the metres (k, k) along streets from each place to each, infinite where no way leads."""
        from civmap.geo import paths_kernels

        doors, (pace, buckets), count = self.doors(places), self._buckets, len(places)
        found = np.empty((count, count))

        def fill(rows: tuple[int, int]) -> None:
            paths_kernels.table(*self._arcs, pace, buckets, self.ahead, self.back, places.edge,
                                places.along, doors.nodes, doors.out_m, doors.in_m, found, *rows)

        if count < ALONE:
            fill((0, count))
        else:
            with ThreadPoolExecutor(THREADS) as pool:
                list(pool.map(fill, pairwise(np.linspace(0, count, THREADS + 1).astype(int).tolist())))
        return found

    def way(self, places: Places, doors: Doors, here: int, there: int) -> Way | None:
        """Return the shortest way from one of the places to another, None where none leads."""
        straight = self._straight(places, here, there)
        reached, via = self._swept(doors, here, there)
        totals = reached[doors.nodes[there]] + doors.in_m[there]
        enter = int(totals.argmin())
        if straight <= totals[enter]:
            part = (int(places.edge[here]), float(places.along[here]), float(places.along[there]))
            return None if straight == np.inf else Way(straight, [part])
        arcs, arc = [], int(via[doors.nodes[there, enter]])
        while arc < len(self.head):
            arcs.append(arc)
            arc = int(via[self.tail[arc]])
        size, leave = self.lines.length, arc - len(self.head)
        first, last = int(places.edge[here]), int(places.edge[there])
        between = [(int(self.edge[arc]), float(size[self.edge[arc]])) for arc in reversed(arcs)]
        turned = [(edge, metres, 0.0) if self.is_back[arc] else (edge, 0.0, metres)
                  for arc, (edge, metres) in zip(reversed(arcs), between, strict=True)]
        return Way(float(totals[enter]), [(first, float(places.along[here]), float(size[first]) * leave), *turned,
                                          (last, float(size[last]) * enter, float(places.along[there]))])

    def _swept(self, doors: Doors, here: int, there: int) -> tuple[Floats, Ints]:
        from civmap.geo import paths_kernels

        (first, head, metres), (pace, buckets) = self._arcs, self._buckets
        head, metres, size = head.copy(), metres.copy(), len(first) - 1
        head[-2:], metres[-2:] = doors.nodes[here], doors.out_m[here]
        due, reached = np.zeros(size, np.int8), np.empty(size)
        due[doors.nodes[there][np.isfinite(doors.in_m[there])]] = 1
        via, slot = np.empty(size, np.int32), np.empty(size, np.int32)
        entries, tops = np.empty((2 * len(head) + 1, 2), np.int32), np.empty(buckets, np.int32)
        paths_kernels.sweep(first, head, metres, pace, due, int(due.sum()), reached, via, slot, entries, tops)
        return reached, via

    def _straight(self, places: Places, here: int, there: int) -> float:
        edge, step = places.edge[here], float(places.along[there] - places.along[here])
        if edge != places.edge[there] or (step > 0 and not self.ahead[edge]) or (step < 0 and not self.back[edge]):
            return np.inf
        return abs(step)
