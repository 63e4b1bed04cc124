"""The streets that addresses name: where two of them cross, the stretch between two crossings, the middle of one."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point, STRtree

from civmap.segments.matching import Network, ends_at, matched
from civmap.segments.roads import longest
from civmap.segments.ways import Edge, Road
from civmap.segments.written import SURE, Names, Reading

CROSSING_M, NEAR_M, BEYOND_M = 40.0, 80.0, 250.0
OWN_M, BESIDE_M = 90.0, 50.0
"""A spot farther from the line of a street than this does not lie on it."""


class Met(NamedTuple):
    """Where two streets meet, in metres of the plane: how sure that is (0..1), and how far off it may be."""

    x: float
    y: float
    sure: float
    reach_m: float


class Middle(NamedTuple):
    """The middle of a line, and how far its parts lie from there."""

    x: float
    y: float
    reach_m: float


class Streets:
    """The street network as addresses speak of it; everything is worked out when it is first asked for, then kept."""

    def __init__(self, edges: Iterable[Edge], spot: tuple[float, float]) -> None:
        edges = list(edges)
        self.network = Network(edges, Names(()), spot)
        self.plane, self.names = self.network.plane, sorted(self.network.edges)
        self._met: dict[tuple[str, str], list[Met]] = {}
        self._axes: dict[str, LineString | None] = {}
        self._boxes: dict[str, tuple[float, float, float, float]] = {}
        self._middles: dict[str, Middle] = {}
        self._crossed: dict[str, list[tuple[str, float, float]]] = {}
        self._tree: tuple[STRtree, list[str]] | None = None
        self._at_node: dict[int, set[str]] = defaultdict(set)
        for edge in edges:
            self._at_node[edge.start].add(edge.name)
            self._at_node[edge.end].add(edge.name)

    def joined(self, more: list[Edge]) -> "Streets":
        """Return these streets with others beside them; the very same where there are none."""
        if not more:
            return self
        mine = [edge for same in self.network.edges.values() for edge in same]
        return Streets([*mine, *more], (self.plane.lon, self.plane.lat))

    def flat(self, lon: float, lat: float) -> tuple[float, float]:
        """Return degrees as metres of the plane."""
        return (lon - self.plane.lon) * self.plane.scale[0], (lat - self.plane.lat) * self.plane.scale[1]

    def degrees(self, x: float, y: float) -> tuple[float, float]:
        """Return metres of the plane as (lon, lat) with seven decimals."""
        return (round(float(x / self.plane.scale[0] + self.plane.lon), 7),
                round(float(y / self.plane.scale[1] + self.plane.lat), 7))

    def meeting(self, one: str, other: str) -> list[Met]:
        """Return where two streets of the network meet, surest first; several where they meet more than once."""
        key = (one, other) if one < other else (other, one)
        if key not in self._met:
            known = one in self.network.edges and other in self.network.edges and one != other
            self._met[key] = self._meeting(*key) if known and self._is_near(*key) else []
        return self._met[key]

    def _is_near(self, one: str, other: str) -> bool:
        """Tell whether the boxes of two streets come so near that they could meet at all."""
        (west, south, east, north), (west2, south2, east2, north2) = self._box(one), self._box(other)
        return (max(west, west2) - min(east, east2) <= BEYOND_M + NEAR_M
                and max(south, south2) - min(north, north2) <= BEYOND_M + NEAR_M)

    def _box(self, name: str) -> tuple[float, float, float, float]:
        if name not in self._boxes:
            west, south, east, north = shapely.total_bounds(np.array([edge.line for edge in self.network.edges[name]]))
            self._boxes[name] = (*self.flat(west, south), *self.flat(east, north))
        return self._boxes[name]

    def _meeting(self, one: str, other: str) -> list[Met]:
        road, cross = self.network.road(one), self.network.road(other)
        shared = road.spots.keys() & cross.spots.keys()
        ends = ends_at(self.network, road, [Reading(other, SURE)])
        found = []
        for place, score, _name, why in ends:
            nodes = [road.spots[node] for node in shared & place.nodes]
            x, y = np.mean(nodes, axis=0) if nodes else place.middle
            reach = BEYOND_M if "beyond" in why else NEAR_M if "near" in why else CROSSING_M
            found.append(Met(float(x), float(y), score, reach))
        return sorted(found, key=lambda met: -met.sure)

    def stretch(self, road: str, start: str, end: str) -> LineString | None:
        """Return the line of a street between two crossings (degrees), None where it is not found."""
        if road not in self.network.edges:
            return None
        known = Network((), Names([road, start, end]), (self.plane.lon, self.plane.lat))
        known.edges, known.roads = self.network.edges, self.network.roads
        answer = matched(known, road, start, end)
        return answer.candidates[0].line if answer.candidates else None

    def axis(self, name: str) -> LineString | None:
        """Return the line of a street in metres of the plane: the longest way along it; None where there is none."""
        if name not in self._axes:
            line = None
            if name in self.network.edges:
                way = longest(self.network.road(name))
                line = LineString(way) if way is not None and len(way) > 1 else None
            self._axes[name] = line
        return self._axes[name]

    def middle(self, name: str) -> Middle | None:
        """Return the middle of a street: of its longest way, its reach that of all its parts."""
        if name not in self.network.edges:
            return None
        if name not in self._middles:
            self._middles[name] = self._middle(name)
        return self._middles[name]

    def _middle(self, name: str) -> Middle:
        lines = np.vstack([np.asarray(line) for line in self.network.road(name).lines])
        axis = self.axis(name)
        if axis is not None:
            spot = axis.interpolate(0.5, normalized=True)
            x, y = spot.x, spot.y
        else:
            x, y = lines[np.argmin(np.hypot(*(lines - lines.mean(axis=0)).T))]
        return Middle(float(x), float(y), float(np.hypot(*(lines - (x, y)).T).max()) + BESIDE_M)

    def on(self, name: str, x: float, y: float) -> tuple[float, float] | None:
        """Return the place of a street nearest to a spot (metres), None where it lies farther than its own ground."""
        if name not in self.network.edges:
            return None
        return foot(self.network.road(name), x, y)

    def nearest(self, x: float, y: float, most_m: float) -> tuple[str, float, float, float] | None:
        """Return the street nearest to a spot (metres), how far off it is, and its nearest place."""
        if self._tree is None:
            edges = [edge for same in self.network.edges.values() for edge in same]
            lines = self.plane.to_metres(np.array([edge.line for edge in edges], dtype=object)) if edges else []
            self._tree = (STRtree(lines), [edge.name for edge in edges])
        tree, names = self._tree
        spot = Point(x, y)
        found = tree.query_nearest(spot, max_distance=most_m) if names else ()
        if not len(found):
            return None
        line = tree.geometries[found[0]]
        there = line.interpolate(line.project(spot))
        return names[found[0]], float(there.distance(spot)), there.x, there.y

    def crossed(self, name: str) -> list[tuple[str, float, float]]:
        """Return the streets that share a node with a street, and where (metres)."""
        if name not in self._crossed:
            found: dict[str, list[NDArray[np.float64]]] = defaultdict(list)
            for node, spot in self.network.road(name).spots.items():
                for other in self._at_node[node]:
                    if other != name:
                        found[other].append(spot)
            self._crossed[name] = [(other, float(x), float(y)) for other, spots in found.items() for x, y in spots]
        return self._crossed[name]


def foot(road: Road, x: float, y: float) -> tuple[float, float] | None:
    """Return the nearest place of a road within reach of a spot."""
    spot, best = np.array([x, y]), (OWN_M, None)
    for line in road.lines:
        for one, two in pairwise(line):
            along = two - one
            size = float(along @ along)
            share = min(1.0, max(0.0, float((spot - one) @ along) / size)) if size else 0.0
            there = one + share * along
            away = float(np.hypot(*(there - spot)))
            if away < best[0]:
                best = (away, (float(there[0]), float(there[1])))
    return best[1]


def middle_of(line: LineString) -> Middle:
    """Return the middle of a line in metres, and half its length as reach."""
    spot = line.interpolate(0.5, normalized=True)
    return Middle(spot.x, spot.y, float(shapely.length(line)) / 2 + BESIDE_M)
