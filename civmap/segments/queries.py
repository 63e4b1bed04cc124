"""Ask about road segments."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import numpy as np
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap import clock, dictionaries
from civmap.city.narrowing import SEGMENTS, in_grid, in_ring, of_chiefs, of_codes
from civmap.city.reach import segments_seen
from civmap.errors import NotFound
from civmap.geo.bulk import exported_texts, lengths_m
from civmap.geo.measure import Plane, frame_around
from civmap.people.rules import Viewer, phone_for
from civmap.segments.models import RoadSegment
from civmap.store import asof
from civmap.store.base import holds_at
from civmap.store.listing import Here, begins, equals, moment_of, narrowed, words
from civmap.store.spatial import in_frame
from civmap.units.queries import UnitName, names, of_unit


class Near(NamedTuple):
    """A segment and how many metres it is from a spot."""

    segment: RoadSegment
    distance_m: float


class Known(NamedTuple):
    """What the features of segments need to know: units, shape (GeoJSON text) and length; all by id."""

    units: Mapping[int, UnitName]
    shapes: Mapping[int, tuple[str, float]]


def _class_code(value: Any) -> str:
    return dictionaries.road_class(str(value)).code


FILTERS = {
    "code": of_codes(RoadSegment),
    "road": equals(RoadSegment.road),
    "street": equals(RoadSegment.road),
    "class": equals(RoadSegment.road_class, _class_code),
    "kind": equals(RoadSegment.road_class, _class_code),
    "unit": of_unit(RoadSegment.unit_id),
    "division": begins(RoadSegment.division),
    "grid": in_grid(RoadSegment.geom),
    "chief": of_chiefs(RoadSegment.id, SEGMENTS.c.id),
    "within": in_ring(RoadSegment.geom),
    "q": words(RoadSegment.code, RoadSegment.name, RoadSegment.road),
}


def visible(viewer: Viewer) -> Any:
    """Return the condition that a viewer sees a segment: a chief sees all segments of the own roads."""
    return segments_seen(viewer, RoadSegment)


def by_code(session: Session, viewer: Viewer, code: str) -> RoadSegment:
    """Return the segment of a code; raise NotFound where it is missing or hidden."""
    segment = session.scalar(select(RoadSegment).where(RoadSegment.code == code, visible(viewer)))
    if segment is None:
        raise NotFound("segment_not_found", field="code", code=code)
    return segment


def listed(session: Session, viewer: Viewer, *, bbox: Sequence[float] | None = None, q: str | None = None,
           filters: Mapping[str, Any] | None = None, on: datetime | date | None = None, limit: int | None = None,
           after: int | None = None) -> list[RoadSegment]:
    """Return the segments a viewer sees as they stood, narrowed; see `store.listing.narrowed`."""
    at = moment_of(on)
    statement = narrowed(RoadSegment, select(RoadSegment).where(visible(viewer)), FILTERS,
                         Here(session, viewer, clock.now(), at), geom=RoadSegment.geom, bbox=bbox, q=q,
                         filters=filters, limit=limit, after=after)
    return asof.rows(session, RoadSegment, statement, at)


def lookup(session: Session, rows: Iterable[RoadSegment]) -> Known:
    """Return what the features of some segments need to know."""
    rows = list(rows)
    geometries = [row.geom for row in rows]
    shapes = zip(exported_texts(geometries), lengths_m(geometries), strict=True)
    return Known(names(session, (row.unit_id for row in rows)),
                 {row.id: shape for row, shape in zip(rows, shapes, strict=True)})


def properties(row: RoadSegment, viewer: Viewer, lookup: Known) -> dict[str, Any]:
    """Return what a viewer may know of a segment; `length_m` is geodesic."""
    unit, metres = lookup.units.get(row.unit_id or 0), lookup.shapes[row.id][1]
    chiefs = [{"level": chief.level, "name": chief.name, "title": chief.title,
               "phone": phone_for(viewer, chief.phone, row.unit_id)} for chief in row.chiefs]
    return {
        "code": row.code, "name": row.name, "road": row.road, "class": row.road_class, "kind": row.road_class,
        "length_m": round(metres, 1), "width_m": row.width_m, "side": row.side,
        "unit": unit.code if unit else None, "unit_name": unit.name if unit else None,
        "unit_phone": phone_for(viewer, unit.phone, row.unit_id) if unit else None,
        "from_name": row.from_name, "to_name": row.to_name, "chainage_m": row.chainage_m,
        "division": row.division, "chiefs": chiefs,
        "valid_from": clock.iso(row.valid_from), "valid_to": clock.iso(row.valid_to)}


def feature(row: RoadSegment, viewer: Viewer, lookup: Known) -> dict[str, Any]:
    """Return a segment as a GeoJSON Feature."""
    return {"type": "Feature", "id": row.code, "geometry": json.loads(lookup.shapes[row.id][0]),
            "properties": properties(row, viewer, lookup)}


def features(session: Session, viewer: Viewer, **narrowing: Any) -> list[dict[str, Any]]:
    """Return the segments a viewer sees as features, in three questions."""
    rows = listed(session, viewer, **narrowing)
    known = lookup(session, rows)
    return [feature(row, viewer, known) for row in rows]


def as_feature(session: Session, viewer: Viewer, row: RoadSegment) -> dict[str, Any]:
    """Return one segment as a feature."""
    return feature(row, viewer, lookup(session, [row]))


def length_of(row: RoadSegment) -> float:
    """Return the geodesic metres of a segment."""
    return lengths_m([row.geom])[0]


def nearest_within(session: Session, spot: tuple[float, float], reach_m: float,
                   on: datetime | date | None = None) -> list[Near]:
    """Return the segments within `reach_m` metres of a (lon, lat) spot, nearest first, then by code.

    Distances are metres on the ground (azimuthal equidistant around the spot), never degrees.
    """
    near = list(session.scalars(select(RoadSegment).where(
        in_frame(RoadSegment.geom, *frame_around(spot, reach_m)), holds_at(RoadSegment, moment_of(on)))))
    if not near:
        return []
    flat = Plane(*spot).to_metres(np.array([row.geom for row in near]))
    distances = shapely.distance(flat, shapely.Point(0, 0))
    found = [Near(row, float(metres)) for row, metres in zip(near, distances, strict=True) if metres <= reach_m]
    return sorted(found, key=lambda each: (each.distance_m, each.segment.code))
