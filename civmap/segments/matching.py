"""A row "road, from, to" found again on the street network: lines between two crossings of a road, with a score.

Crossings are places where nodes of two named streets coincide; a dual carriageway has several nodes at one place. The
line runs in the middle of two carriageways and begins and ends in the middle of its crossings, so that the segments
of neighbouring rows touch.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString

from civmap.geo.measure import NearPlane
from civmap.segments.ways import Edge, Place, Road, between
from civmap.segments.written import SURE, Names, Reading, crossing_spellings, folded, road_spellings

SAME_CROSSING_M = 80.0
NEAR_M = 60.0
DETOUR = 2.0
CONFIDENT, DOUBTFUL = 0.78, 0.1
CLEAR = 0.12
MOST_CANDIDATES = 6
BEYOND_M = 300.0
NEARBY, BEYOND, WINDING = 0.75, 0.5, 0.7


class Candidate(NamedTuple):
    """A line that a row may mean: the names read, its score between 0 and 1, and what makes it doubtful."""

    line: LineString
    score: float
    road: str
    start: str
    end: str
    why: tuple[str, ...]


class Answer(NamedTuple):
    """What became of a row: sure, doubtful or none; the candidates, best first; else a reason and names."""

    state: str
    candidates: tuple[Candidate, ...]
    reason: str | None = None
    nearest: tuple[str, ...] = ()


class Network:
    """The named streets of a city, for finding rows of a table again."""

    def __init__(self, edges: Iterable[Edge], names: Names, spot: tuple[float, float]) -> None:
        self.names, self.plane = names, NearPlane(*spot)
        self.edges: dict[str, list[Edge]] = defaultdict(list)
        for edge in edges:
            self.edges[edge.name].append(edge)
        self.roads: dict[str, Road] = {}

    def road(self, name: str) -> Road:
        """Return a street by name, worked out once."""
        if name not in self.roads:
            edges = self.edges[name]
            flat = [shapely.get_coordinates(line) for line in
                    self.plane.to_metres(np.array([edge.line for edge in edges], dtype=object))]
            self.roads[name] = Road(edges, flat)
        return self.roads[name]

    def degrees(self, xy: NDArray[np.float64]) -> LineString:
        """Return metres of the plane as a line in degrees at stored precision."""
        return LineString(np.round(xy / self.plane.scale + (self.plane.lon, self.plane.lat), 9))


def matched(network: Network, road: str, start: str, end: str) -> Answer:
    """Return what a row means on the network."""
    roads = [one for one in network.names.readings(road_spellings(road)) if one.name in network.edges]
    if not roads:
        return Answer("none", (), "no_road", tuple(network.names.nearest(road_spellings(road))))
    found: list[Candidate] = []
    failed: Answer | None = None
    for reading in roads[:3]:
        answer = _on_road(network, reading, start, end)
        failed = failed or (answer if isinstance(answer, Answer) else None)
        found += answer if isinstance(answer, list) else []
    if not found:
        return failed or Answer("none", (), "no_way")
    return _settled(found)


def _settled(found: list[Candidate]) -> Answer:
    ranked = sorted(found, key=lambda one: (-one.score, one.line.length))
    distinct: list[Candidate] = []
    for one in ranked:
        if all(not shapely.equals_exact(one.line, other.line, 1e-6) for other in distinct):
            distinct.append(one)
    best = distinct[0]
    is_clear = len(distinct) == 1 or best.score - distinct[1].score >= CLEAR
    state = "sure" if best.score >= CONFIDENT and is_clear else "doubtful" if best.score >= DOUBTFUL else "none"
    kept = tuple(one for one in distinct if one.score >= DOUBTFUL)[:MOST_CANDIDATES]
    return Answer(state, kept, None if is_clear or state == "sure" else "several")


Ends = list[tuple[Place, float, str, tuple[str, ...]]]


def _on_road(network: Network, reading: Reading, start: str, end: str) -> list[Candidate] | Answer:
    """Return the lines on one street between two written crossings, or why there is none."""
    road = network.road(reading.name)
    sides: list[Ends] = []
    for written in (start, end):
        ends = _crossing(network, road, reading.name, written)
        if not ends:
            return _unmet(network, road, reading.name, written)
        sides.append(ends)
    found = _lines(network, road, reading, sides)
    if not found:
        same = {place.number for place, *_ in sides[0]} == {place.number for place, *_ in sides[1]}
        return Answer("none", (), "same_crossing" if same else "no_way")
    return found


def _unmet(network: Network, road: Road, name: str, written: str) -> Answer:
    """Return why a written crossing is nowhere on a road: its street lies elsewhere, or there is none of that name."""
    read = network.names.readings(crossing_spellings(written))
    if read and read[0].score == SURE:
        return Answer("none", (), "streets_apart", tuple(_met(network, road, name)[:5]))
    return Answer("none", (), "no_crossing", tuple(network.names.nearest(crossing_spellings(written))))


def _lines(network: Network, road: Road, reading: Reading, sides: Sequence[Ends]) -> list[Candidate]:
    found = []
    for (low, score, one, why), (high, other_score, two, also) in product(*sides):
        if low.number == high.number:
            continue
        line, straight = between(road, low, high)
        if line is None:
            continue
        size = float(np.hypot(*np.diff(line, axis=0).T).sum())
        reasons = [*(["road_name"] if reading.score < 1 else []), *why, *also]
        total = reading.score * score * other_score
        if size > DETOUR * max(straight, 1.0):
            total, reasons = total * WINDING, [*reasons, "winding"]
        found.append(Candidate(network.degrees(line), round(total, 3), reading.name, one, two,
                               tuple(dict.fromkeys(reasons))))
    return found


def _crossing(network: Network, road: Road, name: str, written: str) -> Ends:
    """Return the places of a road that a written crossing may mean, with how sure each is."""
    spellings = [each for each in crossing_spellings(written) if each != folded(name)]
    readings = [one for one in network.names.readings(spellings) if one.name in network.edges and one.name != name]
    ends = ends_at(network, road, readings)
    if not ends:
        ends = ends_at(network, road, network.names.among(spellings or [folded(written)], _met(network, road, name)))
    best: dict[int, tuple[Place, float, str, tuple[str, ...]]] = {}
    for one in ends:
        if one[0].number not in best or best[one[0].number][1] < one[1]:
            best[one[0].number] = one
    return sorted(best.values(), key=lambda one: -one[1])[:4]


def ends_at(network: Network, road: Road, readings: Sequence[Reading]) -> Ends:
    """Return where the streets of some readings meet a road, come near it, or lie beyond its end."""
    ends: Ends = []
    for reading in readings:
        other = network.road(reading.name)
        why = ("crossing_name",) if reading.score < 1 else ()
        shared = road.spots.keys() & other.spots.keys()
        if shared:
            ends += [(place, reading.score, reading.name, why) for place in _distinct(road, shared)]
            continue
        near, score, reason = _near(road, other), NEARBY, "near"
        if not near:
            near, score, reason = _beyond(road, other), BEYOND, "beyond"
        ends += [(place, reading.score * score, reading.name, (*why, reason)) for place in near]
    return ends


def _distinct(road: Road, shared: Iterable[int]) -> list[Place]:
    """Return the places of shared nodes; places so close that they are one wide crossing count once."""
    counts: dict[int, int] = defaultdict(int)
    for node in shared:
        counts[road.place_of[node].number] += 1
    by_number = {place.number: place for place in road.places}
    kept: list[Place] = []
    for number in sorted(counts, key=lambda one: (-counts[one], one)):
        place = by_number[number]
        if all(np.hypot(place.middle[0] - one.middle[0], place.middle[1] - one.middle[1]) > SAME_CROSSING_M
               for one in kept):
            kept.append(place)
    return kept


def _near(road: Road, other: Road) -> list[Place]:
    """Return the place of a road nearest to where another street ends or passes, within sixty metres."""
    mine, theirs = list(road.spots), np.vstack(list(other.lines))
    where = np.array([road.spots[node] for node in mine])
    away = np.hypot(*(where[:, None, :] - theirs[None, :, :]).transpose(2, 0, 1)).min(axis=1)
    best = int(np.argmin(away))
    return [road.place_of[mine[best]]] if away[best] <= NEAR_M else []


def _beyond(road: Road, other: Road) -> list[Place]:
    """Return the loose end of a road beyond which another street lies: the map may end before their crossing."""
    theirs = np.vstack(list(other.lines))
    loose = [(float(np.hypot(*(theirs - road.spots[node]).T).min()), node) for node, ways in road.ways.items()
             if len({way[2] for way in ways if way[2] >= 0}) == 1]
    away, node = min(loose, default=(np.inf, -1))
    return [road.place_of[node]] if away <= BEYOND_M else []


def _met(network: Network, road: Road, name: str) -> list[str]:
    """Return the streets that share a node with a road."""
    return sorted(other for other, edges in network.edges.items() if other != name
                  and any(edge.start in road.spots or edge.end in road.spots for edge in edges))
