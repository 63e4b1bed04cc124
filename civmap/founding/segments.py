"""Road segments: streets drawn to one line each, cut at crossings, measured and named."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise

import shapely

from civmap.dictionaries import osm_roads
from civmap.founding import carriageways, crossings, inheritance, joins, naming, rings, strands
from civmap.founding.crossings import MAIN_RANK, Cut, Road
from civmap.founding.joins import by_node
from civmap.founding.strands import Edge
from civmap.founding.values import Frame, Segment, Street
from civmap.geo.measure import GEOD, Plane, length_m

MIN_SEGMENT_M = 20.0
SMOOTH_M = 0.4
TURNING_M = 120.0
LINK_REACH = 6
"""How many edges of ramps and turning lanes in a row still join two streets."""


def build(streets: list[Street], frame: Frame, skipped: Counter[str]) -> tuple[list[Segment], dict[str, float]]:
    """Return the segments with codes, west to east, and where every metre of street went (geodesic metres)."""
    plane = Plane((frame[0] + frame[2]) / 2, (frame[1] + frame[3]) / 2)
    edges, metres = _edges(streets, plane, skipped)
    edges, metres["ring"] = rings.contract(edges, streets, skipped)
    edges = inheritance.across(inheritance.inherited(edges))
    roads, lanes = _without_turning_lanes(_roads(edges, metres))
    metres["turning"] = sum(lane.axis.length_m for lane in lanes)
    skipped["turning_lane"] += len(lanes)
    found = crossings.cuts(roads, _linked(streets, lanes))
    named = naming.Namer(roads, found, frame, plane)
    segments = [segment for number, road in enumerate(roads)
                for segment in _segments(number, road, found[number], named, plane, metres, skipped)]
    return naming.coded(segments), metres


def _edges(streets: list[Street], plane: Plane, skipped: Counter[str]) -> tuple[list[Edge], dict[str, float]]:
    """Return the edges that become segments, in metres; the others are only network and counted by reason."""
    table = osm_roads()
    metres: dict[str, float] = defaultdict(float)
    edges = []
    for number, street in enumerate(streets):
        kind = table[street.highway]
        size = float(GEOD.line_length(street.line[:, 0], street.line[:, 1]))
        if not kind.is_segment or (kind.needs_name and not street.name):
            reason = "link_only_network" if kind.is_link else "path_only_network"
            skipped[reason] += 1
            metres[reason] += size
            continue
        line = shapely.get_coordinates(plane.to_metres(shapely.LineString(street.line)))
        metres["eligible"] += size
        edges.append(Edge(number, street.name, street.highway, kind.rank, street.is_oneway, street.width_m,
                          street.from_node, street.to_node, line, size))
    return edges, metres


def _roads(edges: list[Edge], metres: dict[str, float]) -> list[Road]:
    """Chain, merge and join the edges of each street; nameless ones of each class are taken together."""
    groups: dict[tuple[str, str], list[Edge]] = defaultdict(list)
    for edge in edges:
        groups[edge.name, "" if edge.name else edge.highway].append(edge)
    roads = []
    for (name, _), group in sorted(groups.items()):
        oneway = strands.chain([edge for edge in group if edge.is_oneway])
        both = strands.chain([edge for edge in group if not edge.is_oneway])
        axes, taken_m = carriageways.merge(both + oneway, bool(name))
        metres["merged"] += taken_m
        roads += [crossings.road_of(axis) for axis in joins.join(axes, bool(name))]
    return roads


def _without_turning_lanes(roads: list[Road]) -> tuple[list[Road], list[Road]]:
    """Part roads from short nameless one-way pieces between two main streets: they only turn."""
    passing = by_node([road.axis for road in roads])

    def turns(number: int, road: Road) -> bool:
        ends = crossings.end_nodes(road.axis)
        return (len(ends) == 2 and not road.name and road.axis.length_m <= TURNING_M
                and all(band[2].is_oneway for band in road.axis.bands)
                and all(any(other != number and roads[other].rank <= MAIN_RANK for other, _ in passing[node])
                        for node in ends))

    lanes = [turns(number, road) for number, road in enumerate(roads)]
    return ([road for road, lane in zip(roads, lanes, strict=True) if not lane],
            [road for road, lane in zip(roads, lanes, strict=True) if lane])


def _linked(streets: list[Street], lanes: list[Road]) -> dict[int, set[int]]:
    """Return for every node the nodes that ramps and turning lanes (at most six edges) lead to."""
    table = osm_roads()
    beside: dict[int, set[int]] = defaultdict(set)
    for street in streets:
        if table[street.highway].is_link:
            beside[street.from_node].add(street.to_node)
            beside[street.to_node].add(street.from_node)
    for lane in lanes:
        start, end = crossings.end_nodes(lane.axis)
        beside[start].add(end)
        beside[end].add(start)
    return {node: _reached(node, beside) for node in list(beside)}


def _reached(node: int, beside: dict[int, set[int]]) -> set[int]:
    found, edge = {node}, {node}
    for _ in range(LINK_REACH):
        edge = {far for near in edge for far in beside[near]} - found
        found |= edge
    return found - {node}


def _segments(number: int, road: Road, found: list[Cut], named: naming.Namer, plane: Plane,
              metres: dict[str, float], skipped: Counter[str]) -> Iterable[Segment]:
    for low, high in pairwise(found):
        line = shapely.LineString(crossings.part(road.axis, low.at_m, high.at_m))
        if road.axis.is_merged:
            line = shapely.simplify(line, SMOOTH_M)
        line = plane.to_degrees(line)
        size = length_m(line)
        if size < MIN_SEGMENT_M and (not road.name or len(found) > 2 or size < 3.0):
            skipped["segment_too_short"] += 1
            metres["too_short"] += size
            continue
        class_, width = _nature(road, low.at_m, high.at_m)
        name = named.road(number)
        start, end = named.place(number, low), named.place(number, high)
        metres["segments"] += size
        yield Segment(name, "", class_, line, size, width, start, end, is_nameless=not road.name)


def _nature(road: Road, low: float, high: float) -> tuple[str, float]:
    """Return the class and width that hold over most of a part of a road."""
    table = osm_roads()
    share: Counter[str] = Counter()
    width = total = 0.0
    for start, stop, edge, wide in road.axis.bands:
        held = min(stop, high) - max(start, low)
        if held > 0:
            share[table[edge.highway].road_class] += held
            width += held * wide
            total += held
    if not total:
        return table[road.axis.bands[0][2].highway].road_class, road.axis.bands[0][3]
    return max(sorted(share), key=share.__getitem__), round(width / total, 1)

