"""Road segments cut at crossings, and the routable edges between corners of the street network."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString

from civmap.demo.plan_ground import Ground, Street, street_curve
from civmap.demo.plan_skeleton import BORDER, CANAL
from civmap.demo.plane import undirected

RANK = {"arterial_primary": 1, "arterial_secondary": 2, "branch": 3, "alley": 4}
LEAST_M = {"arterial_primary": 170.0, "arterial_secondary": 110.0, "branch": 60.0, "alley": 40.0}
HIGHWAY = {"arterial_primary": "primary", "arterial_secondary": "secondary", "branch": "tertiary",
           "alley": "residential"}  # fmt: skip
SHOPPING_STREETS = ("古城西街",)
EDGE_OF_DISTRICT = "区界"


@dataclass(frozen=True)
class Segment:
    """A stretch of a street between two crossings, in board metres."""

    code: str
    street: Street
    line: LineString
    from_name: str
    to_name: str

    @property
    def road_class(self) -> str:
        """Return the class of the street, shopping streets under their own."""
        return "shopping_street" if self.street.name in SHOPPING_STREETS else self.street.road_class

    @property
    def name(self) -> str:
        """Return the segment's name as the office writes it: the road and its two ends."""
        return f"{self.street.name}({self.from_name}—{self.to_name})"


@dataclass(frozen=True)
class Edge:
    """A routable piece of street between two nodes."""

    name: str
    highway: str
    from_node: int
    to_node: int
    line: LineString
    width_m: float
    is_oneway: bool
    may_drive: bool
    is_bridge: bool


def streets_at(streets: Sequence[Street]) -> dict[int, list[Street]]:
    """Return which streets meet in every corner."""
    meeting: dict[int, list[Street]] = {}
    for street in streets:
        for corner in street.corners:
            if street not in meeting.setdefault(corner, []):
                meeting[corner].append(street)
    return meeting


def segments(ground: Ground, streets: Sequence[Street]) -> list[Segment]:
    """Return every street as an ordered list of segments without gap or overlap."""
    meeting = streets_at(streets)
    found = []
    for street in sorted(streets, key=lambda s: (RANK[s.road_class], s.name, s.key)):
        for corners in _pieces(ground, street, meeting):
            line = LineString(street_curve(ground, corners))
            ends = [_crossing_name(ground, street, corner, meeting) for corner in (corners[0], corners[-1])]
            found.append(Segment(f"LD-{len(found) + 1:04d}", street, line, *ends))
    return found


def _pieces(ground: Ground, street: Street, meeting: Mapping[int, list[Street]]) -> list[tuple[int, ...]]:
    rank, least = RANK[street.road_class], LEAST_M[street.road_class]
    pieces, start, length = [], 0, 0.0
    for i in range(1, len(street.corners)):
        step = ground.curve(street.corners[i - 1], street.corners[i])
        length += float(np.hypot(*np.diff(step, axis=0).T).sum())
        others = [RANK[s.road_class] for s in meeting[street.corners[i]] if s is not street]
        is_last = i == len(street.corners) - 1
        if is_last or (others and min(others) <= max(rank, 3) and length >= least):
            pieces.append(street.corners[start : i + 1])
            start, length = i, 0.0
    if len(pieces) > 1 and _length(ground, pieces[-1]) < least:
        last = pieces.pop()
        pieces[-1] = pieces[-1] + last[1:]
    return pieces


def _length(ground: Ground, corners: tuple[int, ...]) -> float:
    return LineString(street_curve(ground, corners)).length


def _crossing_name(ground: Ground, street: Street, corner: int, meeting: Mapping[int, list[Street]]) -> str:
    others = [s for s in meeting[corner] if s.name != street.name]
    if not others:
        plane = ground.plane
        beside = {plane.street_of[undirected(corner, other)] for other in plane.neighbours[corner]}
        return EDGE_OF_DISTRICT if BORDER in beside else "清水河" if CANAL in beside else "路尽头"
    return min(others, key=lambda s: (RANK[s.road_class], s.name)).name


def edges(rng: random.Random, ground: Ground, streets: Sequence[Street]) -> list[Edge]:
    """Return the street network between its nodes: corners where streets meet or end."""
    meeting = streets_at(streets)
    found = []
    for street in streets:
        is_lane = street.road_class in ("branch", "alley")
        is_oneway = is_lane and rng.random() < 0.12
        may_drive = not (street.road_class == "alley" and rng.random() < 0.25)
        start = 0
        for i in range(1, len(street.corners)):
            if i < len(street.corners) - 1 and len(meeting[street.corners[i]]) < 2:
                continue
            corners, start = street.corners[start : i + 1], i
            line = LineString(street_curve(ground, corners))
            highway = HIGHWAY[street.road_class] if may_drive else "footway"
            is_bridge = line.intersection(ground.river).length > 60
            found.append(Edge(street.name, highway, corners[0], corners[-1], line, street.width_m,
                              is_oneway and may_drive, may_drive, is_bridge))  # fmt: skip
    return found


class Addresses:
    """Which street a spot lies on, its door number there, and the nearest segment."""

    def __init__(self, ground: Ground, streets: Sequence[Street], parts: Sequence[Segment]) -> None:
        self._streets = [s for s in streets]
        self._curves = [LineString(street_curve(ground, s.corners)) for s in streets]
        self._street_tree = shapely.STRtree(self._curves)
        self._segments = list(parts)
        self._segment_tree = shapely.STRtree([part.line for part in parts])

    def street(self, x: float, y: float) -> Street:
        """Return the street nearest to a spot."""
        return self._streets[int(self._street_tree.nearest(shapely.Point(x, y)))]

    def distance(self, x: float, y: float) -> float:
        """Return how far a spot is from the middle of the nearest street, in metres."""
        return float(self._curves[int(self._street_tree.nearest(shapely.Point(x, y)))].distance(shapely.Point(x, y)))

    def address(self, x: float, y: float, street: Street | None = None) -> str:
        """Return street and door number: odd numbers to the left of the street's direction, even to the right."""
        spot = shapely.Point(x, y)
        i = int(self._street_tree.nearest(spot)) if street is None else self._streets.index(street)
        curve = self._curves[i]
        along = curve.project(spot)
        number = 2 * int(along / 9) + (1 if is_left_of(curve, spot) else 2)
        return f"{self._streets[i].name}{number}号"

    def segment(self, x: float, y: float) -> tuple[Segment, float]:
        """Return the segment nearest to a spot and its distance in metres."""
        i, metres = self._segment_tree.query_nearest(shapely.Point(x, y), return_distance=True, all_matches=False)
        return self._segments[int(i[0])], float(metres[0])

    def segment_of(self, street: Street, x: float, y: float) -> Segment:
        """Return the segment of one street that is nearest to a spot."""
        spot = shapely.Point(x, y)
        own = [part for part in self._segments if part.street.key == street.key and part.street.name == street.name]
        return min(own, key=lambda part: (part.line.distance(spot), part.code))


def is_left_of(line: LineString, spot: shapely.Point) -> bool:
    """Tell whether a spot lies to the left of a line's direction."""
    along = line.project(spot)
    a, b = line.interpolate(max(0.0, along - 1)), line.interpolate(min(line.length, along + 1))
    return (b.x - a.x) * (spot.y - a.y) - (b.y - a.y) * (spot.x - a.x) > 0
