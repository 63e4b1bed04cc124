"""Create, edit and retire inspection points."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import EllipsisType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.city.queries import frame_of
from civmap.city.reach import must_reach
from civmap.fields import as_feature
from civmap.geo.echo import same_shape
from civmap.people.rules import Viewer
from civmap.points import queries
from civmap.points.models import InspectionPoint
from civmap.points.rules import read
from civmap.store.editing import change, check_version, derive, end_validity, keep_new, locked_row
from civmap.store.spatial import in_box
from civmap.units.queries import resolve

KIND = "point"
UNSAID = ...
Division = str | None | EllipsisType
CodesAt = Callable[[Sequence[tuple[float, float]]], Sequence[str | None]]


def create(session: Session, viewer: Viewer, feature: Any, now: datetime, *,
           division: str | None = None) -> InspectionPoint:
    """Make an inspection point of a GeoJSON Feature (Point, EPSG:4326).

    `division` is the code at its spot, from `zones.queries.division_at`. Raise Forbidden, Invalid or Several, and
    Conflict `code_taken`.
    """
    viewer.must("create", KIND)
    columns = _resolved(session, read(feature, frame_of(session), is_new=True))
    must_reach(viewer, division)
    point = InspectionPoint(**{name: value for name, value in columns.items() if value is not None},
                            division=division)
    keep_new(session, viewer.actor, KIND, point, now)
    return point


def replace(session: Session, viewer: Viewer, code: str, feature: Any, version: int | None, now: datetime, *,
            division: Division = UNSAID) -> InspectionPoint:
    """Change a point to what a feature says; properties that are absent stay as they are.

    `division` (unless unsaid) is the code at its new spot, None for a spot in no division. Raise NotFound where it is
    missing or hidden, Missing without a version, Stale for an old one.
    """
    viewer.must("edit", KIND)
    point = locked_row(session, InspectionPoint, KIND, code, queries.visible(viewer))
    check_version(point, version, lambda: queries.as_feature(session, viewer, point))
    _change(session, viewer, point, feature, now, division)
    return point


def retire(session: Session, viewer: Viewer, code: str, version: int | None, now: datetime) -> InspectionPoint:
    """End a point's validity now. Raise as `replace` does."""
    viewer.must("retire", KIND)
    point = locked_row(session, InspectionPoint, KIND, code, queries.visible(viewer))
    check_version(point, version, lambda: queries.as_feature(session, viewer, point))
    end_validity(session, viewer.actor, KIND, point, now)
    return point


def save(session: Session, viewer: Viewer, values: Mapping[str, Any], now: datetime, *,
         division: Division = UNSAID) -> str:
    """Take one row of a table: create the point of its code or change it; return created, updated or unchanged."""
    feature = as_feature(values)
    code = str(feature["properties"].get("code") or "").strip()
    point = session.scalar(select(InspectionPoint).where(InspectionPoint.code == code, queries.visible(viewer)))
    if point is None:
        create(session, viewer, feature, now, division=None if isinstance(division, EllipsisType) else division)
        return "created"
    viewer.must("edit", KIND)
    return "updated" if _change(session, viewer, point, feature, now, division) else "unchanged"


def locate(session: Session, codes_at: CodesAt, within: Any = None) -> int:
    """Write the division code of every point, after borders came or moved; return how many changed.

    `codes_at` answers the division codes of many (lon, lat) spots, as `zones.queries.divisions_at` does; `within` is
    the box in which borders moved, None for everywhere.
    """
    rows = session.execute(in_box(select(InspectionPoint.id, InspectionPoint.geom), InspectionPoint.geom, within)).all()
    found = codes_at([(row.geom.x, row.geom.y) for row in rows])
    return derive(session, InspectionPoint, "division", {row.id: code for row, code in zip(rows, found, strict=True)})


def _change(session: Session, viewer: Viewer, point: InspectionPoint, feature: Any, now: datetime,
            division: Division) -> bool:
    columns = _resolved(session, read(feature, frame_of(session), is_new=False))
    if not isinstance(division, EllipsisType):
        must_reach(viewer, division)
        columns["division"] = division
    for name in ("geom", "outline"):
        if name in columns and same_shape(getattr(point, name), columns[name]):
            del columns[name]
    if "geom" not in columns:
        columns.pop("division", None)  # borders that move tell the points themselves
    return change(session, viewer.actor, KIND, point, columns, now)


def _resolved(session: Session, columns: dict[str, Any]) -> dict[str, Any]:
    if "unit" not in columns:
        return columns
    unit = columns.pop("unit")
    return {**columns, "unit_id": None if unit is None else resolve(session, unit).id}
