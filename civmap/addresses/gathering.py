"""What the city's data tell of addresses: streets, named things and their house numbers, as one viewer sees them."""

from collections.abc import Container, Iterator
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civmap.addresses.things import Row
from civmap.city.models import Building, LandCover, StreetEdge
from civmap.people.rules import Viewer
from civmap.points import queries as points
from civmap.points.models import InspectionPoint
from civmap.segments import queries as segments
from civmap.segments.models import RoadSegment
from civmap.segments.ways import Edge
from civmap.store.base import holds_at
from civmap.store.ledger import Entry
from civmap.units import queries as units
from civmap.units.models import Unit
from civmap.zones import queries as zones
from civmap.zones.models import Zone

DIVISIONS = ("subdistrict", "community")
POINT_M, DOOR_M = 50.0, 30.0
DEGREE_M = 111_000.0
SILENT = ("issue", "visit", "draw", "route", "person")
"""Kinds of ledger lines that change nothing that has a name or a house number."""
Line = tuple[int, str]
NONE: Line = (0, "")
_SEEN: WeakKeyDictionary[Any, tuple[Line, Line]] = WeakKeyDictionary()
"""Per database: the newest ledger line looked at, and the newest of them that speaks of what is named."""


def network_key(session: Session) -> tuple[int, int]:
    """Return what changes when the street network is read in again."""
    count, newest = session.execute(select(func.count(StreetEdge.id), func.max(StreetEdge.id))).one()
    return count, newest or 0


def things_key(session: Session) -> Line:
    """Return number and hash of the newest ledger line that speaks of a point, segment, zone or unit.

    A line that was seen and then rolled back is told from its successor of the same number by the hash.
    """
    engine = session.get_bind()
    seen, newest = _SEEN.get(engine, (NONE, NONE))
    last = _line(session)
    if last == seen:
        return newest
    if seen != NONE and _line(session, Entry.id == seen[0]) != seen:
        seen, newest = NONE, NONE
    found = _line(session, Entry.id > seen[0], Entry.kind.not_in(SILENT))
    _SEEN[engine] = (last, newest if found == NONE else found)
    return _SEEN[engine][1]


def _line(session: Session, *conditions: Any) -> Line:
    row = session.execute(select(Entry.id, Entry.hash).where(*conditions).order_by(Entry.id.desc()).limit(1)).first()
    return (row.id, row.hash) if row else NONE


def edges(session: Session) -> Iterator[Edge]:
    """Yield the named edges of the street network."""
    statement = select(StreetEdge.name, StreetEdge.from_node, StreetEdge.to_node, StreetEdge.geom,
                       StreetEdge.is_oneway).where(StreetEdge.name.is_not(None), StreetEdge.name != "")
    for row in session.execute(statement.order_by(StreetEdge.id).execution_options(yield_per=5_000)):
        yield Edge(*row)


def other_edges(session: Session, viewer: Viewer, now: datetime, known: Container[str]) -> list[Edge]:
    """Return the roads that only segments know of, of those that a viewer sees; ends at one spot are one node."""
    rows = session.execute(select(RoadSegment.road, RoadSegment.geom).where(
        RoadSegment.road != "", segments.visible(viewer), holds_at(RoadSegment, now)).order_by(RoadSegment.id))
    nodes: dict[tuple[float, float], int] = {}
    found = []
    for road, line in rows:
        if road not in known:
            start, end = (nodes.setdefault((round(lon, 5), round(lat, 5)), -1 - len(nodes))
                          for lon, lat in (line.coords[0][:2], line.coords[-1][:2]))
            found.append(Edge(road, start, end, line, False))
    return found


def things(session: Session, viewer: Viewer, now: datetime) -> Iterator[Row]:
    """Yield the named things that a viewer may see; streets, buildings and parks are open to all."""
    yield from _points(session, viewer, now)
    yield from _units(session, viewer, now)
    yield from _zones(session, viewer, now)
    yield from _segments(session, viewer, now)
    for model, basis in ((Building, "building"), (LandCover, "point")):
        rows = session.execute(select(model.name, model.geom).where(model.name.is_not(None), model.name != "")).all()
        for (name, _), spot in zip(rows, _middles([geom for _, geom in rows]), strict=True):
            yield Row(basis, None, name, *spot)


def borders(session: Session, viewer: Viewer, now: datetime) -> list[tuple[str, Any]]:
    """Return name and area (degrees) of the divisions."""
    return [(name, geom) for name, geom in session.execute(select(Zone.name, Zone.geom).where(
        Zone.kind.in_(DIVISIONS), zones.visible(viewer), holds_at(Zone, now)))]


def _points(session: Session, viewer: Viewer, now: datetime) -> Iterator[Row]:
    rows = session.execute(select(InspectionPoint.code, InspectionPoint.name, InspectionPoint.geom,
                                  InspectionPoint.address).where(
        points.visible(viewer), holds_at(InspectionPoint, now)).execution_options(yield_per=5_000))
    for code, name, spot, address in rows:
        yield Row("point", code, name, spot.x, spot.y, POINT_M, address)


def _units(session: Session, viewer: Viewer, now: datetime) -> Iterator[Row]:
    rows = session.execute(select(Unit.code, Unit.name, Unit.kind, Unit.seat, Unit.address, Unit.door_no).where(
        Unit.seat.is_not(None), units.visible(viewer), holds_at(Unit, now)).execution_options(yield_per=5_000))
    for code, name, kind, seat, address, door in rows:
        yield Row("shop" if kind == "shop" else "unit", code, name, seat.x, seat.y, POINT_M, address or door)


def _zones(session: Session, viewer: Viewer, now: datetime) -> Iterator[Row]:
    rows = session.execute(select(Zone.code, Zone.name, Zone.kind, Zone.door_no, RoadSegment.road, Zone.geom).outerjoin(
        RoadSegment, RoadSegment.code == Zone.segment_code).where(
            zones.visible(viewer), holds_at(Zone, now), Zone.kind != "grid")).all()
    for row, (lon, lat, reach) in zip(rows, _middles([row.geom for row in rows]), strict=True):
        basis = {"estate": "estate", "frontage": "shop"}.get(row.kind, "division" if row.kind in DIVISIONS else "point")
        door = row.door_no and (row.door_no if not row.road or row.road in row.door_no else row.road + row.door_no)
        yield Row(basis, row.code, row.name, lon, lat, reach + DOOR_M, door)


def _segments(session: Session, viewer: Viewer, now: datetime) -> Iterator[Row]:
    rows = session.execute(select(RoadSegment.code, RoadSegment.name, RoadSegment.geom).where(
        segments.visible(viewer), holds_at(RoadSegment, now))).all()
    for code, name, line in rows:
        middle = line.interpolate(0.5, normalized=True)
        yield Row("street", code, name, middle.x, middle.y, line.length * DEGREE_M / 2 + DOOR_M)


def _middles(shapes: list[Any]) -> list[tuple[float, float, float]]:
    """Return a spot inside each area (lon, lat), and about how many metres the area reaches from there."""
    if not shapes:
        return []
    areas = np.array(shapes, dtype=object)
    spots = shapely.centroid(areas)
    beside = ~shapely.intersects(areas, spots)
    spots[beside] = shapely.point_on_surface(areas[beside])
    xy, box = shapely.get_coordinates(spots), shapely.bounds(areas)
    flat = np.cos(np.radians(xy[:, 1]))
    reach = np.hypot((box[:, 2] - box[:, 0]) * flat, box[:, 3] - box[:, 1]) / 2 * DEGREE_M
    return list(zip(xy[:, 0].tolist(), xy[:, 1].tolist(), (reach + POINT_M / 2).tolist(), strict=True))
