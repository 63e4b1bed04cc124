"""Tagged nodes, lines and areas to candidate inspection points: type by `osm_places.csv`, one per place, named."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from civmap.dictionaries import OsmPlace, osm_place, osm_places, point_types
from civmap.founding.naming import LANG, word
from civmap.founding.streets import name_of
from civmap.founding.values import Candidate, Extract, Segment
from civmap.geo.measure import Plane

JUNCTION = "PT04"
MAY_BE_NAMELESS = frozenset(("PT07", "PT08", "PT09", "PT10", "PT12", "PT13", "PT14", "PT16", "PT22", "PT28", "PT29"))
"""A nameless toilet or bus stop is still a place; a nameless restaurant is a row nobody can use."""
STREET_REACH_M = 150.0
_HOUSE = re.compile(r"^[0-9A-Za-z\-－、,]+$")


@dataclass(frozen=True, slots=True)
class Find:
    """An object that is a place: its rule, name, tags and shape (lon, lat, and in metres)."""

    rule: OsmPlace
    name: str
    tags: dict[str, str]
    shape: BaseGeometry
    metres: BaseGeometry
    order: int


def take(extract: Extract, found_areas: Iterable[tuple[int, dict[str, str], BaseGeometry]], segments: list[Segment],
         plane: Plane, skipped: Counter[str]) -> list[Candidate]:
    """Return the candidates that the extract's own objects make, without codes; what is left out is counted."""
    finds = list(_finds(extract, found_areas, plane, skipped))
    streets = Streets(segments, plane)
    made = [candidate for group in _one_each(finds, skipped)
            if (candidate := _candidate(group, streets, extract, plane, skipped)) is not None]
    return _numbered_names(made)


def _finds(extract: Extract, found_areas: Iterable[tuple[int, dict[str, str], BaseGeometry]], plane: Plane,
           skipped: Counter[str]) -> Iterator[Find]:
    box = shapely.box(*extract.frame)
    for order, (tags, shape) in enumerate(_objects(extract, found_areas)):
        if not tags.keys() & _keys():
            continue
        rule = osm_place(tags)
        if rule is None or rule.point_type == JUNCTION:
            continue
        if rule.point_type is None:
            skipped["place_left_off"] += 1
            continue
        if not box.intersects(shape):
            skipped["place_outside_frame"] += 1
            continue
        held = shape if box.covers(shape) else shapely.intersection(shape, box)
        name = name_of(tags)
        if name and tags.get("railway") == "station" and not name.endswith(word("station")):
            name += word("station")
        if not name and rule.point_type not in MAY_BE_NAMELESS:
            skipped["place_nameless"] += 1
            continue
        yield Find(rule, name, tags, held, plane.to_metres(held), order)


@cache
def _keys() -> frozenset[str]:
    return frozenset(rule.key for rule in osm_places())


def _objects(extract: Extract, found_areas: Iterable[tuple[int, dict[str, str], BaseGeometry]]
             ) -> Iterator[tuple[dict[str, str], BaseGeometry]]:
    """Yield the tags and shape of every area, then every open line, then every node."""
    for _, tags, shape in found_areas:
        yield tags, shape
    for way in extract.ways.values():
        known = way.lonlat[~np.isnan(way.lonlat[:, 0])]
        if not way.is_closed and len(known) > 1 and ("waterway" in way.tags or "highway" in way.tags):
            yield way.tags, shapely.LineString(known)
    for spot in extract.spots:
        yield spot.tags, shapely.Point(spot.lon, spot.lat)


def _one_each(finds: list[Find], skipped: Counter[str]) -> list[list[Find]]:
    """Group the objects that are one place: same type and name within the rule's reach, areas first.

    A nameless object joins a place of its type that it lies in, and a nameless area takes the place within it.
    """
    by_type: dict[str, list[Find]] = defaultdict(list)
    for find in finds:
        by_type[str(find.rule.point_type)].append(find)
    groups: list[list[Find]] = []
    for _, same in sorted(by_type.items()):
        same.sort(key=lambda find: (not find.name, -find.metres.area, find.order))
        groups += _grouped(same)
    skipped["place_twice"] += sum(len(group) - 1 for group in groups)
    return groups


def _grouped(same: list[Find]) -> list[list[Find]]:
    tree = shapely.STRtree([find.metres for find in same])
    group_of: dict[int, list[Find]] = {}
    groups = []
    for at, find in enumerate(same):
        near = tree.query(find.metres, predicate="dwithin", distance=find.rule.merge_m)
        for other in sorted(int(other) for other in near):
            if other in group_of and _is_same(find, same[other]):
                group_of[at] = group_of[other]
                group_of[at].append(find)
                break
        else:
            group_of[at] = [find]
            groups.append(group_of[at])
    return groups


def _is_same(find: Find, other: Find) -> bool:
    if find.name and other.name:
        return _plain(find.name) == _plain(other.name)
    return find.metres.distance(other.metres) < 1.0


def _plain(name: str) -> str:
    return re.sub(r"[\s()（）·\-]", "", name)


def _candidate(group: list[Find], streets: "Streets", extract: Extract, plane: Plane,
               skipped: Counter[str]) -> Candidate | None:
    head = group[0]
    areas = [find for find in group if find.shape.geom_type in ("Polygon", "MultiPolygon")]
    shape = max(areas, key=lambda find: find.metres.area).metres if areas else _whole(group)
    point = _middle(shape)
    degrees = plane.to_degrees(point)
    street = streets.near(point)
    tags = {key: value for find in reversed(group) for key, value in find.tags.items()}
    kind = str(head.rule.point_type)
    name = next((find.name for find in group if find.name), "")
    if not name:
        if not street:
            skipped["place_nameless"] += 1
            return None
        name = word("near", type=point_types()[kind].name_zh, street=street)
    outline = plane.to_degrees(shape) if areas else None
    return Candidate(kind, name, degrees.x, degrees.y, _address(tags), tags.get("addr:street") or street,
                     tags.get("opening_hours", ""), outline)


def _whole(group: list[Find]) -> BaseGeometry:
    lines = [find.metres for find in group if find.metres.length > 0]
    if not lines:
        return group[0].metres
    return shapely.line_merge(shapely.union_all(lines)) if len(lines) > 1 else lines[0]


def _middle(shape: BaseGeometry) -> shapely.Point:
    """Return a point that lies in the shape: its centroid where that is inside, the middle of the longest line."""
    if shape.geom_type == "Point":
        return shape
    if shape.area > 0:
        centre = shapely.centroid(shape)
        return centre if shape.covers(centre) else shapely.point_on_surface(shape)
    longest = max(shapely.get_parts(shape), key=lambda part: part.length)
    return longest.interpolate(0.5, normalized=True) if longest.length else shapely.Point(longest.coords[0])


def _address(tags: dict[str, str]) -> str:
    if tags.get("addr:full"):
        return tags["addr:full"]
    street, number = tags.get("addr:street", tags.get("addr:place", "")), tags.get("addr:housenumber", "")
    return street + (word("house", number=number) if _HOUSE.match(number) else number) if street else ""


def _numbered_names(candidates: list[Candidate]) -> list[Candidate]:
    """Number made-up names that occur several times, from west to east; given names stay as they are."""
    counts = Counter((candidate.type, candidate.name) for candidate in candidates)
    made = point_types()
    serial: Counter[tuple[str, str]] = Counter()
    result = []
    for candidate in sorted(candidates, key=lambda one: (one.type, one.name, one.lon, -one.lat)):
        key = (candidate.type, candidate.name)
        if counts[key] > 1 and candidate.name.startswith(made[candidate.type].name_zh):
            serial[key] += 1
            candidate = replace(candidate, name=f"{candidate.name}{serial[key]}")
        result.append(candidate)
    return result


def coded(candidates: list[Candidate]) -> list[Candidate]:
    """Give every candidate a code, the same for the same file: west to east, north to south."""
    order = sorted(candidates, key=lambda one: (round(one.lon, 5), -round(one.lat, 5), one.type, one.name))
    digits = max(4, len(str(len(order))))
    return [replace(candidate, code=f"DW{serial:0{digits}d}") for serial, candidate in enumerate(order, 1)]


class Streets:
    """Finds the named street nearest to a spot."""

    def __init__(self, segments: list[Segment], plane: Plane) -> None:
        named = [segment for segment in segments if not segment.is_nameless]
        self._roads = [segment.road for segment in named]
        self._tree = shapely.STRtree([plane.to_metres(segment.line) for segment in named])

    def near(self, point: shapely.Point) -> str:
        """Return the street's name, empty where there is none within 150 m."""
        found = self._tree.query_nearest(point, max_distance=STREET_REACH_M, all_matches=False) if self._roads else ()
        return self._roads[int(found[0])] if len(found) else ""


__all__ = ["LANG", "Find", "Streets", "coded", "take"]
