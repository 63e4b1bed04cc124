"""Create, edit and retire units."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.fields import as_feature
from civmap.geo.echo import same_shape
from civmap.geo.validity import CHINA, Frame
from civmap.store.editing import change, check_version, end_validity, keep_new, locked_row
from civmap.units import queries
from civmap.units.models import Unit
from civmap.units.rules import Looker, check_parents, read

KIND = "unit"


def create(session: Session, viewer: Looker, feature: Any, now: datetime, *, frame: Frame = CHINA) -> Unit:
    """Make a unit of a GeoJSON Feature (geometry: the seat, EPSG:4326, or null).

    A seat may lie outside the city: a bureau of the province answers too. Raise Forbidden, Invalid or Several, and
    Conflict `code_taken`.
    """
    viewer.must("create", KIND)
    columns = _resolved(session, read(feature, frame, is_new=True), None)
    unit = Unit(**{name: value for name, value in columns.items() if value is not None})
    keep_new(session, viewer.actor, KIND, unit, now)
    return unit


def replace(session: Session, viewer: Looker, code: str, feature: Any, version: int | None, now: datetime, *,
            frame: Frame = CHINA) -> Unit:
    """Change a unit to what a feature says; properties that are absent stay as they are.

    Raise NotFound where it is missing or hidden, Missing without a version, Stale for an old one.
    """
    viewer.must("edit", KIND)
    unit = locked_row(session, Unit, KIND, code, queries.visible(viewer))
    check_version(unit, version, lambda: queries.as_feature(session, viewer, unit))
    _change(session, viewer, unit, feature, now, frame)
    return unit


def retire(session: Session, viewer: Looker, code: str, version: int | None, now: datetime) -> Unit:
    """End a unit's validity now; what it has done stays. Raise as `replace` does."""
    viewer.must("retire", KIND)
    unit = locked_row(session, Unit, KIND, code, queries.visible(viewer))
    check_version(unit, version, lambda: queries.as_feature(session, viewer, unit))
    end_validity(session, viewer.actor, KIND, unit, now)
    return unit


def save(session: Session, viewer: Looker, values: Mapping[str, Any], now: datetime, *,
         frame: Frame = CHINA) -> str:
    """Take one row of a table: create the unit of its code or change it; return created, updated or unchanged."""
    feature = as_feature(values)
    code = str(feature["properties"].get("code") or "").strip()
    unit = session.scalar(select(Unit).where(Unit.code == code)) if code else None
    if unit is None:
        create(session, viewer, feature, now, frame=frame)
        return "created"
    viewer.must("edit", KIND)
    if feature["geometry"] is None:
        del feature["geometry"]
    return "updated" if _change(session, viewer, unit, feature, now, frame) else "unchanged"


def _change(session: Session, viewer: Looker, unit: Unit, feature: Any, now: datetime, frame: Frame) -> bool:
    columns = _resolved(session, read(feature, frame, is_new=False, known_phone=unit.phone), unit.id)
    if "seat" in columns and same_shape(unit.seat, columns["seat"]):
        del columns["seat"]
    return change(session, viewer.actor, KIND, unit, columns, now)


def _resolved(session: Session, columns: dict[str, Any], unit_id: int | None) -> dict[str, Any]:
    if "parent" not in columns:
        return columns
    parent = columns.pop("parent")
    if parent is None:
        return {**columns, "parent_id": None}
    above = queries.resolve(session, parent, field="parent")
    check_parents(unit_id, queries.ancestor_ids(session, above.id))
    return {**columns, "parent_id": above.id}
