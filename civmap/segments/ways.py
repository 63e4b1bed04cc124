"""One street of the network in metres: its crossings as places, and the middle line between two of them."""

import heapq
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString

PLACE_M = 45.0
BRIDGED_M = 60.0
BRIDGE_COST = 2.0
AGAINST_COST = 3.0
STEP_M = 8.0
CARRIAGEWAYS_M = 70.0


class Edge(NamedTuple):
    """An edge of the network: its street, nodes, line in degrees and whether it is one-way."""

    name: str
    start: int
    end: int
    line: LineString
    is_oneway: bool


@dataclass(frozen=True)
class Place:
    """A crossing of a road: its nodes and its middle in metres."""

    number: int
    nodes: frozenset[int]
    middle: tuple[float, float]


class Road:
    """One street of the network, in metres around the city: its nodes, places and ways along it."""

    def __init__(self, edges: Sequence[Edge], flat: Sequence[NDArray[np.float64]]) -> None:
        self.spots: dict[int, NDArray[np.float64]] = {}
        self.ways: dict[int, list[tuple[int, float, int, bool]]] = defaultdict(list)
        self.lines = flat
        for number, (edge, line) in enumerate(zip(edges, flat, strict=True)):
            self.spots[edge.start], self.spots[edge.end] = line[0], line[-1]
            size = float(np.hypot(*np.diff(line, axis=0).T).sum())
            self.ways[edge.start].append((edge.end, size, number, False))
            self.ways[edge.end].append((edge.start, size * (1.0 if not edge.is_oneway else 1.02), number, True))
        self.oneway = [edge.is_oneway for edge in edges]
        self.places = _places(self.spots)
        self.place_of = {node: place for place in self.places for node in place.nodes}
        self._bridge()

    def _bridge(self) -> None:
        """Join loose ends of the street across a roundabout or a crossing whose pieces bear no name."""
        ends = [node for node, ways in self.ways.items() if len({way[2] for way in ways}) == 1]
        for node in ends:
            for other, spot in self.spots.items():
                gap = float(np.hypot(*(spot - self.spots[node])))
                if other != node and gap <= BRIDGED_M and not any(way[0] == other for way in self.ways[node]):
                    self.ways[node].append((other, gap * BRIDGE_COST + 1, -1, False))
                    self.ways[other].append((node, gap * BRIDGE_COST + 1, -1, True))


def _places(spots: dict[int, NDArray[np.float64]]) -> list[Place]:
    """Group the nodes of a street so that all nodes of a place lie within one crossing."""
    nodes = list(spots)
    where = np.array([spots[node] for node in nodes])
    if len(nodes) == 1:
        labels = np.array([1])
    else:
        from scipy.cluster.hierarchy import fcluster, linkage

        labels = fcluster(linkage(where, "complete"), PLACE_M, "distance")
    found = []
    for label in np.unique(labels):
        chosen = np.flatnonzero(labels == label)
        middle = where[chosen].mean(axis=0)
        found.append(Place(int(label), frozenset(nodes[one] for one in chosen), (float(middle[0]), float(middle[1]))))
    return found


def between(road: Road, low: Place, high: Place) -> tuple[NDArray[np.float64] | None, float]:
    """Return the line along a road from one crossing's middle to another's, and their distance."""
    ahead, back = _way(road, low, high), _way(road, high, low)
    straight = float(np.hypot(low.middle[0] - high.middle[0], low.middle[1] - high.middle[1]))
    if ahead is None or back is None:
        return None, straight
    line = ahead
    if not np.array_equal(ahead, back[::-1]):
        line = _middle_line(ahead, back[::-1])
    return _with_ends(line, low.middle, high.middle), straight


def _way(road: Road, low: Place, high: Place) -> NDArray[np.float64] | None:
    """Return the shortest way with the traffic from any node of a place to any of another; against it costs more."""
    best = {node: 0.0 for node in low.nodes}
    came: dict[int, tuple[int, int, bool]] = {}
    queue = [(0.0, node) for node in sorted(low.nodes)]
    heapq.heapify(queue)
    while queue:
        cost, node = heapq.heappop(queue)
        if cost > best[node]:
            continue
        if node in high.nodes:
            return _drawn(road, came, node)
        for other, size, number, is_back in road.ways[node]:
            against = AGAINST_COST if number >= 0 and is_back and road.oneway[number] else 1.0
            if cost + size * against < best.get(other, np.inf):
                best[other] = cost + size * against
                came[other] = (node, number, is_back)
                heapq.heappush(queue, (best[other], other))
    return None


def _drawn(road: Road, came: dict[int, tuple[int, int, bool]], node: int) -> NDArray[np.float64]:
    parts = [road.spots[node][None, :]]
    while node in came:
        before, number, is_back = came[node]
        if number >= 0:
            line = road.lines[number]
            parts.append(line if not is_back else line[::-1])
        node = before
        parts.append(road.spots[node][None, :])
    whole = np.vstack(parts[::-1])
    keep = np.append(True, np.hypot(*np.diff(whole, axis=0).T) > 1e-6)
    return whole[keep]


def _middle_line(ahead: NDArray[np.float64], back: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the middle of two carriageways; where they are no pair, the shorter of the two."""
    sizes = [float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in (ahead, back)]
    count = max(2, int(max(sizes) / STEP_M) + 1)
    share = np.linspace(0, 1, count)
    one, two = (shapely.get_coordinates(shapely.line_interpolate_point(LineString(line), share, normalized=True))
                for line in (ahead, back))
    if np.hypot(*(one - two).T).max() > CARRIAGEWAYS_M:
        return ahead if sizes[0] <= sizes[1] else back
    return shapely.get_coordinates(shapely.simplify(LineString((one + two) / 2), 0.4))


def _with_ends(line: NDArray[np.float64], low: tuple[float, float], high: tuple[float, float]) -> NDArray[np.float64]:
    """Let a line begin and end in the middles of its crossings; vertices within the crossings give way."""
    first, last = np.array(low), np.array(high)
    reach = (np.hypot(*(line[0] - first)) + 0.01, np.hypot(*(line[-1] - last)) + 0.01)
    inner = line[(np.hypot(*(line - first).T) > reach[0]) & (np.hypot(*(line - last).T) > reach[1])]
    return np.vstack([first, inner, last])
