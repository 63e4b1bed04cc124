"""Ask about road segments."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import numpy as np
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap import clock, dictionaries
from civmap.city.reach import reach, segments_held
from civmap.errors import NotFound
from civmap.geo.bulk import exported, lengths_m
from civmap.geo.measure import Plane, frame_around
from civmap.people.rules import Viewer, phone_for
from civmap.segments.models import RoadSegment
from civmap.store.base import holds_at
from civmap.store.listing import begins, equals, moment_of, narrowed
from civmap.store.spatial import in_frame
from civmap.units.queries import UnitName, id_filter, names


class Near(NamedTuple):
    """A segment and how many metres it is from a spot."""

    segment: RoadSegment
    distance_m: float


class Known(NamedTuple):
    """What the features of segments need to know: units, shape and length; all by id."""

    units: Mapping[int, UnitName]
    shapes: Mapping[int, tuple[dict[str, Any], float]]


def _class_code(value: Any) -> str:
    return dictionaries.road_class(str(value)).code


FILTERS = {
    "code": equals(RoadSegment.code),
    "road": equals(RoadSegment.road),
    "class": equals(RoadSegment.road_class, _class_code),
    "kind": equals(RoadSegment.road_class, _class_code),
    "unit": id_filter(RoadSegment.unit_id),
    "division": begins(RoadSegment.division),
}


def visible(viewer: Viewer) -> Any:
    """Return the condition that a viewer sees a segment: a chief sees all segments of the own roads."""
    return reach(viewer, division=RoadSegment.division, units=(RoadSegment.unit_id,),
                 road=RoadSegment.code.in_(segments_held(viewer.segment_codes)))


def by_code(session: Session, viewer: Viewer, code: str) -> RoadSegment:
    """Return the segment of a code; raise NotFound where it is missing or hidden."""
    segment = session.scalar(select(RoadSegment).where(RoadSegment.code == code, visible(viewer)))
    if segment is None:
        raise NotFound("segment_not_found", field="code", code=code)
    return segment


def listed(session: Session, viewer: Viewer, *, bbox: Sequence[float] | None = None, q: str | None = None,
           filters: Mapping[str, Any] | None = None, on: datetime | date | None = None, limit: int | None = None,
           after: int | None = None) -> list[RoadSegment]:
    """Return the segments a viewer sees, narrowed; see `store.listing.narrowed`."""
    statement = narrowed(session, RoadSegment, select(RoadSegment).where(visible(viewer)), geom=RoadSegment.geom,
                         words=(RoadSegment.code, RoadSegment.name, RoadSegment.road), bbox=bbox, q=q,
                         known=FILTERS | {"unit": id_filter(RoadSegment.unit_id, viewer)},
                         filters=filters, on=on, limit=limit, after=after)
    return list(session.scalars(statement))


def lookup(session: Session, rows: Iterable[RoadSegment]) -> Known:
    """Return what the features of some segments need to know."""
    rows = list(rows)
    geometries = [row.geom for row in rows]
    shapes = zip(exported(geometries), lengths_m(geometries), strict=True)
    return Known(names(session, (row.unit_id for row in rows)),
                 {row.id: shape for row, shape in zip(rows, shapes, strict=True)})


def feature(row: RoadSegment, viewer: Viewer, lookup: Known) -> dict[str, Any]:
    """Return a segment as a GeoJSON Feature; `length_m` is geodesic."""
    unit, (geometry, metres) = lookup.units.get(row.unit_id or 0), lookup.shapes[row.id]
    chiefs = [{"level": chief.level, "name": chief.name, "title": chief.title,
               "phone": phone_for(viewer, chief.phone, row.unit_id)} for chief in row.chiefs]
    return {
        "type": "Feature", "id": row.code, "geometry": geometry,
        "properties": {
            "code": row.code, "name": row.name, "road": row.road, "class": row.road_class, "kind": row.road_class,
            "length_m": round(metres, 1), "width_m": row.width_m, "side": row.side,
            "unit": unit.code if unit else None, "unit_name": unit.name if unit else None,
            "unit_phone": phone_for(viewer, unit.phone, row.unit_id) if unit else None,
            "from_name": row.from_name, "to_name": row.to_name, "division": row.division, "chiefs": chiefs,
            "valid_from": clock.iso(row.valid_from), "valid_to": clock.iso(row.valid_to)}}


def features(session: Session, viewer: Viewer, **narrowing: Any) -> list[dict[str, Any]]:
    """Return the segments a viewer sees as features, in three questions."""
    rows = listed(session, viewer, **narrowing)
    known = lookup(session, rows)
    return [feature(row, viewer, known) for row in rows]


def as_feature(session: Session, viewer: Viewer, row: RoadSegment) -> dict[str, Any]:
    """Return one segment as a feature."""
    return feature(row, viewer, lookup(session, [row]))



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
