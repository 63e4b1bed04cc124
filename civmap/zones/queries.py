"""Ask about zones."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import numpy as np
import shapely
from shapely import Point
from shapely.geometry.base import BaseGeometry
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from civmap import clock, dictionaries
from civmap.city.narrowing import SEGMENTS, in_grid, in_ring, of_chiefs, of_codes, of_roads
from civmap.city.reach import zones_seen
from civmap.errors import NotFound
from civmap.geo.bulk import areas_m2, exported_texts
from civmap.people.rules import Viewer, phone_for
from civmap.store import asof
from civmap.store.base import holds_at
from civmap.store.listing import Here, begins, equals, many, moment_of, narrowed, words
from civmap.store.spatial import in_frame, intersects
from civmap.units.queries import CHUNK, UnitName, names, of_unit
from civmap.zones import pledge_rules
from civmap.zones.models import Zone
from civmap.zones.pledge_asking import in_states
from civmap.zones.rules import BORDERS, division_of_border

Span = tuple[datetime | None, datetime | None]


class Known(NamedTuple):
    """What the features of zones need to know, by id: units, code and name of parents, shape (GeoJSON text), area."""

    units: Mapping[int, UnitName]
    parents: Mapping[int, tuple[str, str]]
    shapes: Mapping[int, tuple[str, float]]


FILTERS = {
    "code": of_codes(Zone),
    "kind": equals(Zone.kind, lambda value: dictionaries.zone_kind(value).code),
    "unit": of_unit(Zone.unit_id),
    "adopting_unit": of_unit(Zone.adopting_unit_id),
    "division": begins(Zone.division),
    "grid": in_grid(Zone.geom, is_area=True),
    "street": of_roads(Zone.segment_code, SEGMENTS.c.code),
    "chief": of_chiefs(Zone.segment_code, SEGMENTS.c.code),
    "within": in_ring(Zone.geom),
    "q": words(Zone.code, Zone.name, Zone.holder),
    "segment": equals(Zone.segment_code),
    "pledge": in_states,
    "parent": lambda here, value: Zone.parent_id.in_(select(Zone.id).where(Zone.code.in_(many(value)))),
}


def visible(viewer: Viewer) -> Any:
    """Return the condition that a viewer sees a zone; borders are open to all who sign in, shops see their own."""
    return zones_seen(viewer, Zone)


def by_code(session: Session, viewer: Viewer, code: str) -> Zone:
    """Return the zone of a code; raise NotFound where it is missing or hidden."""
    zone = session.scalar(select(Zone).where(Zone.code == code, visible(viewer)))
    if zone is None:
        raise NotFound("zone_not_found", field="code", code=code)
    return zone


def listed(session: Session, viewer: Viewer, *, bbox: Sequence[float] | None = None, q: str | None = None,
           filters: Mapping[str, Any] | None = None, on: datetime | date | None = None, limit: int | None = None,
           after: int | None = None) -> list[Zone]:
    """Return the zones a viewer sees as they stood, narrowed; see `store.listing.narrowed`."""
    at = moment_of(on)
    statement = narrowed(Zone, select(Zone).where(visible(viewer)), FILTERS,
                         Here(session, viewer, clock.now(), at), geom=Zone.geom, bbox=bbox, q=q,
                         filters=filters, limit=limit, after=after)
    return asof.rows(session, Zone, statement, at)


def lookup(session: Session, rows: Iterable[Zone]) -> Known:
    """Return what the features of some zones need to know, in two questions per 5,000."""
    rows = list(rows)
    units = names(session, [unit_id for row in rows for unit_id in (row.unit_id, row.adopting_unit_id)])
    wanted = sorted({row.parent_id for row in rows if row.parent_id is not None})
    parents: dict[int, tuple[str, str]] = {}
    for start in range(0, len(wanted), CHUNK):
        found = session.execute(select(Zone.id, Zone.code, Zone.name).where(Zone.id.in_(wanted[start:start + CHUNK])))
        parents.update({row.id: (row.code, row.name) for row in found})
    geometries = [row.geom for row in rows]
    shapes = zip(exported_texts(geometries), areas_m2(geometries), strict=True)
    return Known(units, parents, {row.id: shape for row, shape in zip(rows, shapes, strict=True)})


def properties(row: Zone, viewer: Viewer, lookup: Known) -> dict[str, Any]:
    """Return what a viewer may know of a zone; `area_m2` is geodesic."""
    unit, adopting = lookup.units.get(row.unit_id or 0), lookup.units.get(row.adopting_unit_id or 0)
    parent, area_m2 = lookup.parents.get(row.parent_id or 0), lookup.shapes[row.id][1]
    return {
        "code": row.code, "name": row.name, "kind": row.kind, "area_m2": round(area_m2, 1),
        "unit": unit.code if unit else None, "unit_name": unit.name if unit else None,
        "unit_phone": phone_for(viewer, unit.phone, row.unit_id) if unit else None,
        "parent": parent[0] if parent else None, "parent_name": parent[1] if parent else None,
        "adopting_unit": adopting.code if adopting else None,
        "adopting_unit_name": adopting.name if adopting else None,
        "division": row.division, "is_partial": row.is_partial, "holder": row.holder,
        "holder_phone": phone_for(viewer, row.holder_phone, row.unit_id), "door_no": row.door_no,
        "segment": row.segment_code, "side": row.side, "depth_rule": row.depth_rule, "depth_m": row.depth_m,
        "pledge_no": row.pledge_no, "pledge_signed_on": _day(row.pledge_signed_on),
        "pledge_expires_on": _day(row.pledge_expires_on), "pledge_state": pledge_state(row), "plate_no": row.plate_no,
        "households": row.households,
        "valid_from": clock.iso(row.valid_from), "valid_to": clock.iso(row.valid_to)}


def feature(row: Zone, viewer: Viewer, lookup: Known) -> dict[str, Any]:
    """Return a zone as a GeoJSON Feature."""
    return {"type": "Feature", "id": row.code, "geometry": json.loads(lookup.shapes[row.id][0]),
            "properties": properties(row, viewer, lookup)}


def pledge_state(row: Any, day: date | None = None) -> str | None:
    """Return the state of a zone's pledge on a day (today), None for zones that take no part."""
    if not pledge_rules.has_pledge(row.kind, row.pledge_signed_on):
        return None
    return pledge_rules.state(row.pledge_signed_on, row.pledge_expires_on, row.pledge_mark,
                              day or clock.office_day(clock.now()))


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def features(session: Session, viewer: Viewer, **narrowing: Any) -> list[dict[str, Any]]:
    """Return the zones a viewer sees as features, in three questions."""
    rows = listed(session, viewer, **narrowing)
    known = lookup(session, rows)
    return [feature(row, viewer, known) for row in rows]


def as_feature(session: Session, viewer: Viewer, row: Zone) -> dict[str, Any]:
    """Return one zone as a feature."""
    return feature(row, viewer, lookup(session, [row]))



def containing(session: Session, spot: tuple[float, float], kinds: Sequence[str] = (),
               on: datetime | date | None = None) -> list[Zone]:
    """Return the zones of some kinds (all, where none is named) that a (lon, lat) spot lies in, in order of id."""
    statement = select(Zone).where(intersects(Zone.geom, Point(spot)), holds_at(Zone, moment_of(on)))
    if kinds:
        statement = statement.where(Zone.kind.in_(kinds))
    return list(session.scalars(statement.order_by(Zone.id)))


def intersecting(session: Session, geometry: BaseGeometry, kind: str, on: datetime | date | None = None,
                 exclude: int | None = None) -> list[Zone]:
    """Return the zones of a kind that a lon/lat geometry intersects at a moment, one id left out."""
    moment = moment_of(on)
    return [zone for zone in neighbours(session, geometry, kind, (moment, moment), exclude)
            if zone.geom.intersects(geometry)]


def neighbours(session: Session, geometry: BaseGeometry, kind: str, span: Span, exclude: int | None = None,
               most: int | None = None) -> list[Zone]:
    """Return the zones of a kind whose boxes meet a geometry's box and that hold at some moment of a span."""
    begins_at, ends_at = span
    statement = select(Zone).where(Zone.kind == kind, in_frame(Zone.geom, *geometry.bounds))
    if begins_at is not None:
        statement = statement.where(or_(Zone.valid_to.is_(None), Zone.valid_to > begins_at))
    if ends_at is not None:
        starts = Zone.valid_from <= ends_at if ends_at == begins_at else Zone.valid_from < ends_at
        statement = statement.where(or_(Zone.valid_from.is_(None), starts))
    if exclude is not None:
        statement = statement.where(Zone.id != exclude)
    return list(session.scalars(statement.order_by(Zone.id).limit(most)))


def last_code(session: Session, prefix: str, digits: int = 6) -> str | None:
    """Return the greatest code of a prefix and six digits (or another number of them) that has been given, or None."""
    rest = func.substr(Zone.code, len(prefix) + 1)
    return session.scalar(select(func.max(Zone.code)).where(
        Zone.code.startswith(prefix, autoescape=True), func.length(rest) == digits,
        func.trim(rest, "0123456789") == ""))


def division_at(session: Session, lon: float, lat: float, on: datetime | date | None = None) -> str | None:
    """Return the division code of the smallest grid, community or subdistrict that a spot lies in, or None."""
    return smallest_division(containing(session, (lon, lat), BORDERS, on))


def divisions_at(session: Session, spots: Sequence[tuple[float, float]],
                 on: datetime | date | None = None) -> list[str | None]:
    """Return the division code of each (lon, lat) spot, as `division_at` does, in one question for all."""
    return [smallest_division(zones) for zones in borders_at(session, spots, on)]


def borders_at(session: Session, spots: Sequence[tuple[float, float]],
               on: datetime | date | None = None) -> list[list[Zone]]:
    """Return the grids, communities and subdistricts that each (lon, lat) spot lies in, in one question for all."""
    around: list[list[Zone]] = [[] for _ in spots]
    if not spots:
        return around
    west, south = np.asarray(spots, float).min(0).tolist()
    east, north = np.asarray(spots, float).max(0).tolist()
    asked = select(Zone).where(Zone.kind.in_(BORDERS), holds_at(Zone, moment_of(on)),
                               in_frame(Zone.geom, west, south, east, north))
    borders = list(session.scalars(asked.order_by(Zone.id)))
    if borders:
        tree = shapely.STRtree([zone.geom for zone in borders])
        pairs = tree.query(shapely.points(np.asarray(spots, float)), predicate="intersects")
        for spot, border in pairs.T.tolist():
            around[spot].append(borders[border])
    return around


def smallest_division(zones: Iterable[Zone]) -> str | None:
    """Return the longest division code among borders; of equal ones the first by code."""
    codes = sorted({division_of_border(zone.kind, zone.code) or zone.division or "" for zone in zones})
    return max(codes, key=len, default="") or None


def border_of(session: Session, division: str, on: datetime | date | None = None) -> Zone | None:
    """Return the grid, community or subdistrict that a division code stands for, if it has been drawn."""
    return session.scalar(select(Zone).where(Zone.code == division, Zone.kind.in_(BORDERS),
                                             holds_at(Zone, moment_of(on))))
