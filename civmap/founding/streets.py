"""From highway ways to the edges of the routable network, cut at shared nodes and at the frame."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from civmap.dictionaries import OsmRoad, osm_roads
from civmap.founding import outskirts
from civmap.founding.frames import clip
from civmap.founding.values import Extract, Frame, Street, Way
from civmap.geo import network

PLANNED = frozenset(("construction", "proposed", "planned", "abandoned", "disused", "razed", "demolished"))
NO = frozenset(("no", "none"))
CLOSED_TO_CARS = NO | {"private", "agricultural", "forestry", "emergency", "military"}
"""Where only its own people may drive, the inspectors' car may not; on foot they are let in."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_CJK = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
Piece = tuple[Way, OsmRoad, np.ndarray, np.ndarray]


def name_of(tags: dict[str, str]) -> str:
    """Return a thing's name, the Chinese one where there is one; the first of several joined by a semicolon."""
    name = tags.get("name", "")
    if not _CJK.search(name):
        name = tags.get("name:zh") or tags.get("name:zh-Hans") or name
    return name.split(";")[0].split("；")[0].strip()


def cut(extract: Extract, skipped: Counter[str]) -> tuple[list[Street], list[Street], np.ndarray]:
    """Return the network's edges, those outside the frame, and the places of all nodes (n, 2).

    What is left out is counted in `skipped`.
    """
    made = _new_ids()
    ways = [(way, kind) for way in extract.ways.values() if (kind := _kind_of(way, skipped)) is not None]
    pieces: list[Piece] = [(way, kind, nodes, places) for way, kind in ways
                           for nodes, places in _runs(way, extract.frame, made, skipped)]
    count, ends = len(pieces), outskirts.ends_at_frame(pieces)
    pieces += [(way, kind, nodes, places) for way, kind in ways
               for nodes, places in outskirts.runs(way, extract.frame, ends)]
    lines = _apart_where_levels_differ(pieces, made)
    edges = [(number < count, piece, nodes[low:high + 1], piece[3][low:high + 1])
             for number, (piece, nodes, stops) in enumerate(zip(pieces, lines, network.breaks(lines), strict=True))
             for low, high in pairwise(stops)]
    return _numbered(edges)


def _new_ids() -> Iterator[int]:
    number = outskirts.FIRST_MADE
    while True:
        yield number
        number -= 1


def _kind_of(way: Way, skipped: Counter[str]) -> OsmRoad | None:
    highway = way.tags.get("highway")
    if highway is None:
        return None
    kind = osm_roads().get(highway)
    if highway in PLANNED:
        skipped["street_not_built"] += 1
    elif kind is None or not kind.is_network:
        skipped["highway_no_street"] += 1
    elif way.tags.get("area") == "yes":
        skipped["street_area"] += 1
    else:
        return kind
    return None


def _runs(way: Way, frame: Frame, made: Iterator[int],
          skipped: Counter[str]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the parts of a way that lie in the frame and whose nodes are known; new nodes stand on the frame's edge."""
    known = ~np.isnan(way.lonlat[:, 0])
    if not known.all():
        skipped["street_with_missing_nodes"] += 1
    held = known & (way.lonlat >= frame[:2]).all(axis=1) & (way.lonlat <= frame[2:]).all(axis=1)
    if held.all():
        yield way.nodes, way.lonlat
        return
    parts = list(_clipped(way, held, known, frame, made))
    if not parts:
        skipped["street_outside_frame"] += 1
    elif known.all():
        skipped["street_cut_at_frame"] += 1
    yield from parts


def _clipped(way: Way, held: np.ndarray, known: np.ndarray, frame: Frame,
             made: Iterator[int]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    nodes: list[int] = []
    places: list[np.ndarray] = []
    for here in range(len(held) - 1):
        span = clip(way.lonlat[here], way.lonlat[here + 1], frame) if known[here] and known[here + 1] else None
        if span is None:
            continue
        if not nodes:
            nodes, places = [int(way.nodes[here]) if held[here] else next(made)], [span[0]]
        nodes.append(int(way.nodes[here + 1]) if held[here + 1] else next(made))
        places.append(span[1])
        is_last = here + 2 == len(held) or not held[here + 1] or not known[here + 2]
        if is_last:
            yield np.array(nodes, np.int64), np.array(places)
            nodes, places = [], []


def _apart_where_levels_differ(pieces: list[Piece], made: Iterator[int]) -> list[np.ndarray]:
    """Return every piece's node ids, a bridge or tunnel getting nodes of its own where it only passes over a street.

    Drawn correctly two levels share no node; drawn carelessly they do, and traffic would jump off the bridge.
    """
    levels: dict[int, int] = {}
    lines = []
    for way, _, nodes, _ in pieces:
        level, own = level_of(way.tags), nodes
        for at in range(1, len(nodes) - 1):
            node = int(nodes[at])
            if levels.setdefault(node, level) != level:
                own = nodes.copy() if own is nodes else own
                own[at] = next(made)
        lines.append(own)
    return lines


def level_of(tags: dict[str, str]) -> int:
    """Return a way's level: its layer, else 1 on a bridge, -1 in a tunnel, 0 on the ground."""
    layer = tags.get("layer", "")
    if layer.lstrip("+-").isdigit():
        return int(layer)
    if tags.get("bridge", "no") not in NO:
        return 1
    return -1 if tags.get("tunnel", "no") not in (*NO, "building_passage") else 0


def _numbered(edges: list[tuple[bool, Piece, np.ndarray, np.ndarray]]
              ) -> tuple[list[Street], list[Street], np.ndarray]:
    """Turn edges into streets, inside and outside, whose nodes are numbered 0 … n-1 from west to east."""
    ends = {int(nodes[at]): tuple(places[at]) for _, _, nodes, places in edges for at in (0, -1)}
    order = sorted(ends, key=lambda node: (ends[node], node))
    number = {node: at for at, node in enumerate(order)}
    streets: tuple[list[Street], list[Street]] = ([], [])
    for is_inside, piece, nodes, places in edges:
        if len(nodes) > 1 and not (len(nodes) == 2 and nodes[0] == nodes[1]):
            streets[not is_inside].append(_street(piece, places, number[int(nodes[0])], number[int(nodes[-1])]))
    return *streets, np.array([ends[node] for node in order]).reshape(-1, 2)


def _street(piece: Piece, places: np.ndarray, start: int, end: int) -> Street:
    way, kind, _, _ = piece
    tags = way.tags
    is_ring = tags.get("junction") in ("roundabout", "circular")
    oneway = tags.get("oneway", "yes" if is_ring or kind.highway == "motorway" else "no")
    if oneway in ("-1", "reverse"):
        places, start, end = places[::-1], end, start
    foot, bike, car = _access(tags, kind)
    return Street(way.id, name_of(tags), kind.highway, kind.road_class, oneway in ("yes", "true", "1", "-1", "reverse"),
                  foot, bike, car, level_of(tags), tags.get("bridge", "no") not in NO, is_ring, width_of(tags, kind),
                  start, end, places)


def _access(tags: dict[str, str], kind: OsmRoad) -> tuple[bool, bool, bool]:
    """Return whether one may walk, cycle and drive: the special tag wins over the general one."""
    general = tags.get("access")
    wheels = tags.get("vehicle", general)
    drive = tags.get("motorcar", tags.get("motor_vehicle", wheels))

    def may(usual: bool, tag: str | None, closed: frozenset[str] = NO) -> bool:
        return usual if tag is None else tag not in closed and (usual or tag in ("yes", "designated", "permissive"))

    return (may(kind.walk, tags.get("foot", general)), may(kind.bike, tags.get("bicycle", wheels)),
            may(kind.car, drive, CLOSED_TO_CARS))


def width_of(tags: dict[str, str], kind: OsmRoad) -> float:
    """Return the width of one carriageway in metres: tagged, else 3.5 m a lane, else what is usual for the class."""
    found = _NUMBER.match(tags.get("width", ""))
    if found and 1.0 <= float(found[0]) <= 120.0:
        return float(found[0])
    lanes = tags.get("lanes", "")
    if lanes.isdigit() and 1 <= int(lanes) <= 16:
        return int(lanes) * 3.5
    one_direction = tags.get("oneway") in ("yes", "true", "1", "-1") and kind.lanes > 1
    return round(kind.width_m / 2, 1) if one_direction else kind.width_m
