"""What lies around the streets that are to be delimited: other streets, buildings, shops and zones, as arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.city.models import Building, StreetEdge
from civmap.city.reach import segments_seen
from civmap.errors import Invalid, NotFound
from civmap.geo.frontage import Doors
from civmap.geo.frontage_axes import LEFT, RIGHT
from civmap.geo.frontage_ground import Other, Street
from civmap.geo.measure import NearPlane, frame_around
from civmap.people.rules import Viewer
from civmap.segments.models import RoadSegment
from civmap.store.base import holds_at
from civmap.store.spatial import in_frame
from civmap.units.models import Unit
from civmap.zones.models import Zone

MOST_SEGMENTS = 5000
AROUND_M = 120.0
DOOR_REACH_M = 45.0
ADDRESS_REACH_M = 90.0
SAME_STREET_M = 45.0
ON_LINE_M = 3.0
HANDS = {"left": (LEFT,), "right": (RIGHT,), "both": (LEFT, RIGHT)}
QUIET = ("service", "track")
CHUNK = 500


@dataclass(frozen=True)
class Surroundings:
    """Rows and shapes around some segments; shops and zones are rows, the rest shapes."""

    segments: list[RoadSegment]
    streets: list[Street]
    others: list[Other]
    other_roads: list[str]
    buildings: list[Any]
    building_rows: list[Any]
    shops: list[Unit]
    zones: list[Zone]

    @property
    def codes(self) -> list[str]:
        """Return the codes of the segments."""
        return [segment.code for segment in self.segments]


def segments_named(session: Session, viewer: Viewer, codes: Sequence[str], roads: Sequence[str],
                   now: datetime) -> list[RoadSegment]:
    """Return the segments of some codes and of whole roads that hold now; raise NotFound or Invalid."""
    found: dict[str, RoadSegment] = {}
    for column, wanted in ((RoadSegment.code, codes), (RoadSegment.road, roads)):
        for start in range(0, len(wanted), CHUNK):
            rows = session.scalars(select(RoadSegment).where(
                column.in_(wanted[start:start + CHUNK]), segments_seen(viewer, RoadSegment),
                holds_at(RoadSegment, now)).order_by(RoadSegment.id))
            found.update({row.code: row for row in rows})
    known = {row.road for row in found.values()}
    missing = [code for code in codes if code not in found] + [road for road in roads if road not in known]
    if missing:
        raise NotFound("segment_not_found", field="segments", code=missing[0])
    if not found:
        raise Invalid("frontage_nothing", field="segments")
    if len(found) > MOST_SEGMENTS:
        raise Invalid("frontage_too_many", field="segments", count=len(found), most=MOST_SEGMENTS)
    return list(found.values())


def around(session: Session, viewer: Viewer, segments: list[RoadSegment], rules: Mapping[str, Any], sides: str,
           now: datetime) -> Surroundings:
    """Return what lies around segments; kerbs by the segments' widths, else by what is usual for the class."""
    box = _box([segment.geom for segment in segments])
    own = {segment.id for segment in segments}
    beside = [row for row in session.execute(select(
        RoadSegment.id, RoadSegment.road, RoadSegment.road_class, RoadSegment.width_m, RoadSegment.geom).where(
        in_frame(RoadSegment.geom, *box), holds_at(RoadSegment, now)).order_by(RoadSegment.id)) if row.id not in own]
    streets = [Street(segment.geom, kerb_m(segment, rules), _hands(segment, sides)) for segment in segments]
    others = [Other(row.geom, kerb_m(row, rules)) for row in beside]
    roads = [row.road for row in beside]
    lines = [(segment.road, segment.geom) for segment in segments] + [(row.road, row.geom) for row in beside]
    edges = _unknown_edges(session, box, lines)
    houses = session.execute(select(Building.id, Building.name, Building.geom).where(in_frame(Building.geom, *box))
                             .order_by(Building.id)).all()
    shops = list(session.scalars(select(Unit).where(Unit.kind == "shop", in_frame(Unit.seat, *box), holds_at(Unit, now))
                                 .order_by(Unit.id)))
    zones = list(session.scalars(select(Zone).where(Zone.kind == "frontage", in_frame(Zone.geom, *box),
                                                    holds_at(Zone, now)).order_by(Zone.id)))
    return Surroundings(segments, streets, [*others, *edges], [*roads, *("" for _ in edges)],
                        [house.geom for house in houses], [(house.id, house.name) for house in houses], shops, zones)


def kerb_m(row: Any, rules: Mapping[str, Any]) -> float:
    """Return the metres from a segment's line to its kerb."""
    return float(row.width_m or rules["widths"].get(row.road_class) or rules["widths"]["branch"]) / 2


def _hands(segment: RoadSegment, sides: str) -> tuple[float, ...]:
    return tuple(hand for hand in HANDS[sides] if hand in HANDS[segment.side])


def _box(lines: Sequence[Any]) -> tuple[float, float, float, float]:
    west, south, east, north = shapely.total_bounds(lines).tolist()
    low, high = frame_around((west, south), AROUND_M), frame_around((east, north), AROUND_M)
    return low[0], low[1], high[2], high[3]


def _unknown_edges(session: Session, box: Any, lines: Sequence[tuple[str, Any]]) -> list[Other]:
    """Return the carriageways of the street network that no segment stands for: ramps, rings, new streets."""
    edges = [edge for edge in session.execute(select(
        StreetEdge.name, StreetEdge.highway, StreetEdge.width_m, StreetEdge.layer, StreetEdge.geom).where(
        in_frame(StreetEdge.geom, *box), StreetEdge.may_drive.is_(True)).order_by(StreetEdge.id))
        if edge.highway not in QUIET and edge.layer == 0]
    if not edges:
        return []
    plane = NearPlane(*shapely.get_coordinates(shapely.centroid(edges[0].geom))[0].tolist())
    flat = plane.to_metres(np.asarray([line for _, line in lines], dtype=object))
    middles = shapely.line_interpolate_point(plane.to_metres(np.asarray([edge.geom for edge in edges], dtype=object)),
                                             0.5, normalized=True)
    at, line = shapely.STRtree(flat).query(middles, predicate="dwithin", distance=SAME_STREET_M)
    gap = shapely.distance(middles[at], flat[line])
    known = {int(edge) for edge, which, metres in zip(at.tolist(), line.tolist(), gap.tolist(), strict=True)
             if metres <= ON_LINE_M or (edges[edge].name and edges[edge].name == lines[which][0])}
    usual = dictionaries.osm_roads()
    return [Other(edge.geom, float(edge.width_m or (usual[edge.highway].width_m if edge.highway in usual else 7.0)) / 2)
            for number, edge in enumerate(edges) if number not in known]


def doors_of(found: Surroundings, shops: Sequence[Unit]) -> Doors:
    """Return the doors of shops with the street each stands on: the nearest kerb, or the road its address names."""
    spots = shapely.get_coordinates([shop.seat for shop in shops]).reshape(-1, 2)
    width = np.array([np.nan if shop.door_width_m is None else shop.door_width_m for shop in shops], float)
    street = np.full(len(shops), -1, np.int64)
    if len(shops):
        every = [*found.streets, *found.others]
        roads = [*(segment.road for segment in found.segments), *found.other_roads]
        plane = NearPlane(*spots.mean(0).tolist())
        flat = plane.to_metres(np.asarray([one.line for one in every], dtype=object))
        points = plane.to_metres(shapely.points(spots))
        at, line = shapely.STRtree(flat).query(points, predicate="dwithin", distance=ADDRESS_REACH_M + 20)
        rank = shapely.distance(points[at], flat[line]) - np.array([one.kerb_m for one in every])[line]
        for shop, number, metres in sorted(zip(at.tolist(), line.tolist(), rank.tolist(), strict=True),
                                           key=lambda one: one[2], reverse=True):
            said = shops[shop].door_no or shops[shop].address or ""
            is_named = bool(roads[number]) and roads[number] in said
            if metres <= (ADDRESS_REACH_M if is_named else DOOR_REACH_M):
                street[shop] = _better(street[shop], number, roads, said)
    return Doors(np.where(street < len(found.streets), street, -1), spots, width)


def _better(before: int, number: int, roads: Sequence[str], said: str) -> int:
    """Return the nearer street (they come from far to near), but keep one that the address names."""
    if before >= 0 and roads[before] and roads[before] in said and not (roads[number] and roads[number] in said):
        return int(before)
    return number
