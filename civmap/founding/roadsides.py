"""Candidates that the streets themselves make: arterial roads, shopping streets, junctions of arterials."""

from collections import Counter, defaultdict

import numpy as np

from civmap.founding.naming import word
from civmap.founding.values import Candidate, Segment

ARTERIAL, SHOPPING, JUNCTION = "PT01", "PT02", "PT04"
ARTERIAL_CLASSES = frozenset(("arterial_primary", "arterial_secondary"))
MIN_ROAD_M = 150.0
CONTINUATIONS = ("桥", "隧道", "高架", "立交")
"""A road that ends in one of these only goes on from the other: no junction."""
SAME_JUNCTION_DEG = 0.0013
"""About 140 m: two dual carriageways cross in four nodes, and a street may cross a bent one twice."""


def roads(segments: list[Segment], skipped: Counter[str]) -> list[Candidate]:
    """Return one candidate for every named arterial road and shopping street, in the middle of the road."""
    by_road: dict[tuple[str, str], list[Segment]] = defaultdict(list)
    for segment in segments:
        kind = ARTERIAL if segment.class_ in ARTERIAL_CLASSES else SHOPPING
        if not segment.is_nameless and segment.class_ in (*ARTERIAL_CLASSES, "shopping_street"):
            by_road[segment.road, kind].append(segment)
    found = []
    for (road, kind), parts in sorted(by_road.items()):
        if sum(part.length_m for part in parts) < MIN_ROAD_M:
            skipped["road_too_short_for_point"] += 1
            continue
        middles = np.array([part.line.interpolate(0.5, normalized=True).coords[0] for part in parts])
        centre = np.average(middles, axis=0, weights=[part.length_m for part in parts])
        at = int(np.hypot(*(middles - centre).T).argmin())
        found.append(Candidate(kind, road, float(middles[at, 0]), float(middles[at, 1]), street=road))
    return found


def junctions(segments: list[Segment]) -> list[Candidate]:
    """Return one candidate for every crossing of two named arterial roads, called after both."""
    arterial = {segment.road for segment in segments if segment.class_ in ARTERIAL_CLASSES
                and not segment.is_nameless and not segment.road.endswith(CONTINUATIONS)}
    meeting: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for segment in segments:
        if segment.road not in arterial or segment.class_ not in ARTERIAL_CLASSES:
            continue
        ends = ((segment.from_name, segment.line.coords[0]), (segment.to_name, segment.line.coords[-1]))
        for names, place in ends:
            for other in names.split("/"):
                if other in arterial and other != segment.road:
                    meeting[tuple(sorted((segment.road, other)))].append(place)
    found = [Candidate(JUNCTION, word("junction", a=a, b=b), lon, lat, street=a)
             for (a, b), places in sorted(meeting.items()) for lon, lat in _apart(places)]
    return _one_per_place(found)


def _apart(places: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the middles of the groups that the places form."""
    groups: list[list[tuple[float, float]]] = []
    for place in sorted(places):
        near = next((group for group in groups if np.hypot(*(np.array(group[0]) - place)) < SAME_JUNCTION_DEG), None)
        if near is None:
            groups.append([place])
        else:
            near.append(place)
    return [tuple(np.mean(group, axis=0)) for group in groups]


def _one_per_place(found: list[Candidate]) -> list[Candidate]:
    """Keep one of several pairs of names for the same crossing (a street that changes its name there)."""
    kept: list[Candidate] = []
    for candidate in found:
        if all(abs(candidate.lon - one.lon) > 0.0004 or abs(candidate.lat - one.lat) > 0.0004 for one in kept):
            kept.append(candidate)
    return kept
