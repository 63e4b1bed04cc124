"""Reading an OpenStreetMap extract (.osm, .osm.gz, .osm.pbf) into plain values, and finding the frame it was cut by."""

from array import array
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from civmap.dictionaries import osm_places
from civmap.errors import Invalid, TooLarge
from civmap.founding import frames, gate
from civmap.founding.values import Extract, Frame, Relation, Spot, Way

MAX_NODES = 25_000_000
MAX_WAYS = 3_000_000
TIDY_WAYS = 100_000
MARGIN_DEG = 0.03
"""Nodes this far outside a wanted box are still read, so that a way that leaves the box is cut at the box."""
MAX_TEXT = 100

BASE_KEYS = frozenset((
    "name", "name:zh", "name:zh-Hans", "official_name", "highway", "oneway", "junction", "access", "foot", "bicycle",
    "motor_vehicle", "motorcar", "vehicle", "layer", "bridge", "tunnel", "lanes", "width", "area", "type", "boundary",
    "admin_level", "natural", "waterway", "landuse", "leisure", "building", "building:levels", "amenity",
    "place", "addr:street", "addr:housenumber", "addr:full", "addr:place",
    "addr:city", "opening_hours", "operator", "brand"))


@cache
def wanted_keys() -> frozenset[str]:
    """Return the keys of tags that are kept: those this room reads, and those the table of places asks for."""
    asked = {key for rule in osm_places()
             for key in (rule.key, *(part.lstrip("!").partition("=")[0] for part in rule.also))}
    return BASE_KEYS | asked


class _Reader:
    """Collects one pass over the file into compact arrays."""

    def __init__(self, box: Frame | None) -> None:
        self.box = None if box is None else (box[0] - MARGIN_DEG, box[1] - MARGIN_DEG,
                                             box[2] + MARGIN_DEG, box[3] + MARGIN_DEG)
        self.ids, self.lons, self.lats = array("q"), array("d"), array("d")
        self.spots: list[Spot] = []
        self.ways: list[tuple[int, array, dict[str, str]]] = []
        self.relations: dict[int, Relation] = {}
        self.skipped: Counter[str] = Counter()
        self.tidy_at = TIDY_WAYS

    def take(self, item: Any) -> None:
        """Keep one node, way or relation."""
        if item.deleted or not item.visible:
            return
        if item.is_node():
            self._node(item)
        elif item.is_way():
            self._way(item)
        else:
            members = tuple((member.type, member.ref, member.role) for member in item.members)
            self.relations[item.id] = Relation(item.id, members, _tags(item))

    def _node(self, item: Any) -> None:
        place = item.location
        if not place.valid():
            self.skipped["bad_coordinates"] += 1
            return
        lon, lat = place.lon_without_check(), place.lat_without_check()
        box = self.box
        if box and not (box[0] <= lon <= box[2] and box[1] <= lat <= box[3]):
            return
        self.ids.append(item.id)
        self.lons.append(lon)
        self.lats.append(lat)
        if len(self.ids) > MAX_NODES:
            raise TooLarge("osm_too_many", field="osm", what="nodes", limit=MAX_NODES)
        if item.tags and (tags := _tags(item)):
            self.spots.append(Spot(item.id, lon, lat, tags))

    def _way(self, item: Any) -> None:
        self.ways.append((item.id, array("q", [node.ref for node in item.nodes]), _tags(item)))
        if self.box and len(self.ways) >= self.tidy_at:
            self._forget_far_ways()
        if len(self.ways) > MAX_WAYS:
            raise TooLarge("osm_too_many", field="osm", what="ways", limit=MAX_WAYS)

    def _forget_far_ways(self) -> None:
        """Drop the ways that have no node near the wanted box: a province's extract need not fit, its box must."""
        known = set(self.ids)
        self.ways = [way for way in self.ways if not known.isdisjoint(way[1])]
        self.tidy_at = len(self.ways) + TIDY_WAYS


def read(path: Path, box: Frame | None = None, progress: Callable[[str, float], None] | None = None) -> Extract:
    """Read an extract; `box` (west, south, east, north) keeps only what lies in it.

    Raises NotFound, Invalid or TooLarge with a code of its own; nothing is written anywhere.
    """
    import osmium

    kind = gate.check(path)
    reader = _Reader(box)
    try:
        source = osmium.FileProcessor(osmium.io.File(str(path), kind))
        for item in source:
            reader.take(item)
        bounds = _bounds(source.header)
    except (RuntimeError, ValueError, UnicodeError, OSError) as problem:
        raise Invalid("osm_damaged", field="osm", file=path.name) from problem
    if progress:
        progress("read", 1.0)
    if not reader.ids and not reader.ways:
        raise Invalid("osm_nothing", field="osm", file=path.name)
    return _assemble(reader, box, bounds, path.name)


def _assemble(reader: _Reader, box: Frame | None, bounds: Frame | None, file: str) -> Extract:
    ways = _locate(reader)
    relations = [reader.relations[number] for number in sorted(reader.relations)]
    found = frames.find(list(ways.values()), reader.spots, relations, bounds) if box is None else (box, True)
    if found is None or not reader.ids:
        raise Invalid("osm_nothing", field="osm", file=file)
    frame, has_bounds = found
    spots = {spot.id: spot for spot in reader.spots}
    return Extract(frame, has_bounds, [spots[number] for number in sorted(spots)], ways, relations, reader.skipped)


def _locate(reader: _Reader) -> dict[int, Way]:
    """Give every way the places of its nodes; ways of which no node is there are left out."""
    ids = np.frombuffer(reader.ids, np.int64) if reader.ids else np.zeros(0, np.int64)
    order = np.argsort(ids, kind="stable")
    ids = ids[order]
    places = np.column_stack([np.asarray(reader.lons), np.asarray(reader.lats)])[order]
    places = np.vstack([places, [[np.nan, np.nan]]])
    ways: dict[int, Way] = {}
    for way_id, refs, tags in sorted(reader.ways, key=lambda way: way[0]):
        nodes = np.asarray(refs, np.int64)
        at = np.searchsorted(ids, nodes)
        at[at == len(ids)] = 0
        known = (ids[at] == nodes) if len(ids) else np.zeros(len(nodes), bool)
        if len(nodes) < 2 or not known.any():
            if tags:
                reader.skipped["way_without_nodes"] += 1
            continue
        ways[way_id] = Way(way_id, nodes, places[np.where(known, at, -1)], tags)
    return ways


def _tags(item: Any) -> dict[str, str]:
    wanted = wanted_keys()
    return {tag.k: text for tag in item.tags if tag.k in wanted and (text := clean(tag.v))}


def clean(text: str) -> str:
    """Return a tag's text in one line without control characters, at most 100 characters."""
    if text.isprintable() and len(text) <= MAX_TEXT:
        return text.strip()
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:MAX_TEXT]


def _bounds(header: Any) -> Frame | None:
    box = header.box()
    if not box.valid():
        return None
    low, high = box.bottom_left, box.top_right
    return (low.lon, low.lat, high.lon, high.lat) if low.lon < high.lon and low.lat < high.lat else None
