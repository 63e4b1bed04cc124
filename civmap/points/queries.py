"""Ask about inspection points."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from civmap import clock, dictionaries
from civmap.city.narrowing import SEGMENTS, in_grid, in_ring, of_chiefs, of_codes
from civmap.city.reach import reach, roads_held
from civmap.errors import NotFound
from civmap.fields import flag
from civmap.geo.validity import rounded
from civmap.people.rules import Viewer, phone_for
from civmap.points import rules
from civmap.points.models import InspectionPoint
from civmap.store.base import holds_at
from civmap.store.listing import Here, begins, equals, moment_of, narrowed, words
from civmap.units.queries import UnitName, names, of_unit

FILTERS = {
    "code": of_codes(InspectionPoint),
    "type": equals(InspectionPoint.type, lambda value: dictionaries.point_type(value).code),
    "unit": of_unit(InspectionPoint.unit_id),
    "division": begins(InspectionPoint.division),
    "grid": in_grid(InspectionPoint.geom),
    "street": equals(InspectionPoint.street),
    "chief": of_chiefs(InspectionPoint.street, func.nullif(SEGMENTS.c.road, "")),
    "within": in_ring(InspectionPoint.geom),
    "q": words(InspectionPoint.code, InspectionPoint.name, InspectionPoint.address),
    "is_declared": equals(InspectionPoint.is_declared, flag),
    "is_mandatory": lambda here, value: InspectionPoint.type.in_(
        [kind.code for kind in dictionaries.point_types().values() if kind.is_mandatory is flag(value)]),
}


def visible(viewer: Viewer) -> Any:
    """Return the condition that a viewer sees a point."""
    return reach(viewer, division=InspectionPoint.division, units=(InspectionPoint.unit_id,),
                 road=InspectionPoint.street.in_(roads_held(viewer.segment_codes)))


def by_code(session: Session, viewer: Viewer, code: str, field: str = "code") -> InspectionPoint:
    """Return the point of a code; raise NotFound, naming the field that told it, where it is missing or hidden."""
    point = session.scalar(select(InspectionPoint).where(InspectionPoint.code == code, visible(viewer)))
    if point is None:
        raise NotFound("point_not_found", field=field, code=code)
    return point


def listed(session: Session, viewer: Viewer, *, bbox: Sequence[float] | None = None, q: str | None = None,
           filters: Mapping[str, Any] | None = None, on: datetime | date | None = None, limit: int | None = None,
           after: int | None = None) -> list[InspectionPoint]:
    """Return the points a viewer sees, narrowed; see `store.listing.narrowed`."""
    statement = narrowed(InspectionPoint, select(InspectionPoint).where(visible(viewer)), FILTERS,
                         Here(session, viewer, clock.now(), moment_of(on)), geom=InspectionPoint.geom, bbox=bbox, q=q,
                         filters=filters, limit=limit, after=after)
    return list(session.scalars(statement))


def lookup(session: Session, rows: Iterable[InspectionPoint]) -> dict[int, UnitName]:
    """Return what the features of some points need to know: their units' names."""
    return names(session, (row.unit_id for row in rows))


def properties(row: InspectionPoint, viewer: Viewer, lookup: Mapping[int, UnitName]) -> dict[str, Any]:
    """Return what a viewer may know of a point."""
    unit = lookup.get(row.unit_id) if row.unit_id else None
    kind = dictionaries.point_types().get(row.type)
    told = {
        "code": row.code, "name": row.name, "type": row.type, "is_mandatory": bool(kind and kind.is_mandatory),
        "is_declared": row.is_declared, "unit": unit.code if unit else None, "unit_name": unit.name if unit else None,
        "unit_phone": phone_for(viewer, unit.phone, row.unit_id) if unit else None, "address": row.address,
        "street": row.street, "division": row.division, "open_hours": row.open_hours,
        "surroundings_m": row.surroundings_m, "note": row.note,
        "valid_from": clock.iso(row.valid_from), "valid_to": clock.iso(row.valid_to)}
    if row.outline is not None:
        told["outline"] = rounded(row.outline)
    return told


def feature(row: InspectionPoint, viewer: Viewer, lookup: Mapping[int, UnitName]) -> dict[str, Any]:
    """Return a point as a GeoJSON Feature."""
    return {"type": "Feature", "id": row.code, "geometry": rounded(row.geom),
            "properties": properties(row, viewer, lookup)}


def features(session: Session, viewer: Viewer, **narrowing: Any) -> list[dict[str, Any]]:
    """Return the points a viewer sees as features, in two questions."""
    rows = listed(session, viewer, **narrowing)
    known = lookup(session, rows)
    return [feature(row, viewer, known) for row in rows]


def as_feature(session: Session, viewer: Viewer, row: InspectionPoint) -> dict[str, Any]:
    """Return one point as a feature."""
    return feature(row, viewer, lookup(session, [row]))



def completeness(session: Session, viewer: Viewer, on: datetime | date | None = None) -> rules.Completeness:
    """Return per point type how many points a viewer sees and how many of them are declared."""
    declared = func.sum(case((InspectionPoint.is_declared, 1), else_=0))
    rows = session.execute(
        select(InspectionPoint.type, func.count(), declared)
        .where(visible(viewer), holds_at(InspectionPoint, moment_of(on))).group_by(InspectionPoint.type))
    return rules.completeness({kind: (total, int(found or 0)) for kind, total, found in rows})
