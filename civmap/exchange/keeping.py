"""Keeping one row: which capability takes which kind of table, and what it must be told beside the row."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from shapely.geometry import shape
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap import clock, dictionaries
from civmap.assignment import actions as assignment
from civmap.city.queries import frame_of
from civmap.errors import Conflict
from civmap.issues import intake as issues
from civmap.people import actions as people
from civmap.people.models import Person
from civmap.people.rules import Viewer
from civmap.points import actions as points
from civmap.points.models import InspectionPoint
from civmap.segments import actions as segments
from civmap.store.base import holds_at
from civmap.units import actions as units
from civmap.units.models import Unit
from civmap.zones import actions as zones
from civmap.zones.queries import division_at

Values = dict[str, Any]
Keeper = Callable[[Session, Viewer, Values, datetime, dict[str, str]], str]


def keeper_of(kind: str) -> Keeper:
    """Return what keeps a row of a kind; it says created, updated or unchanged."""
    return KEEPERS[kind]


def _unit(session: Session, viewer: Viewer, values: Values, now: datetime, _secrets: dict[str, str]) -> str:
    return units.save(session, viewer, values, now, frame=frame_of(session))


def _point(session: Session, viewer: Viewer, values: Values, now: datetime, _secrets: dict[str, str]) -> str:
    lon, lat = values["geometry"]["coordinates"][:2]
    return points.save(session, viewer, values, now, division=division_at(session, lon, lat))


def _zone(session: Session, viewer: Viewer, values: Values, now: datetime, _secrets: dict[str, str]) -> str:
    return zones.save(session, viewer, values, now)


def _segment(session: Session, viewer: Viewer, values: Values, now: datetime, _secrets: dict[str, str]) -> str:
    middle = shape(values["geometry"]).interpolate(0.5, normalized=True)
    return segments.save(session, viewer, values, now, division=division_at(session, middle.x, middle.y))


def _issue(session: Session, viewer: Viewer, values: Values, now: datetime, _secrets: dict[str, str]) -> str:
    told = dict(values)
    if (geometry := told.pop("geometry", None)) is not None:
        told["lon"], told["lat"] = geometry["coordinates"][:2]
    if "point" in told:
        told["point"] = _point_code(session, told["point"])
    return issues.save(session, viewer, told, now)


def _point_code(session: Session, written: str) -> str:
    """Return the code of the point that a code or an unmistakable name means; else what was written."""
    if session.scalar(select(InspectionPoint.id).where(InspectionPoint.code == written)):
        return written
    named = session.scalars(select(InspectionPoint.code).where(
        InspectionPoint.name == written, holds_at(InspectionPoint, clock.now())).limit(2)).all()
    return named[0] if len(named) == 1 else written


def _duty(session: Session, viewer: Viewer, values: Values, now: datetime, _secrets: dict[str, str]) -> str:
    return assignment.save(session, viewer, values, now)


def _person(session: Session, viewer: Viewer, values: Values, now: datetime, secrets: dict[str, str]) -> str:
    """Add a person with a one-time password; somebody who is there already is left as they are, if the row agrees."""
    person = session.scalar(select(Person).where(Person.name == values["name"]))
    if person is None:
        _, once = people.add(session, viewer, values["name"], role_code(values["role"]), now=now,
                             **{name: values.get(name) for name in ("unit", "territory", "segment", "phone")},
                             full_name=values.get("full_name", ""))
        secrets[values["name"]] = once or ""
        return "created"
    unit = session.get(Unit, person.unit_id) if person.unit_id else None
    kept = {"role": {person.role}, "unit": {unit.code, unit.name} if unit else {None},
            "territory": {person.territory}, "segment": {person.segment_code}}
    for field, wanted in kept.items():
        if field in values and (role_code(values[field]) if field == "role" else values[field]) not in wanted:
            raise Conflict("person_differs", field=field, name=person.name)
    return "unchanged"


def role_code(text: str) -> str:
    """Return the role's id where its id or its name in either language is written; else the text as it is."""
    for role in dictionaries.roles().values():
        if text.strip() in (role.code, role.name_zh, role.name_en):
            return role.code
    return text


KEEPERS: dict[str, Keeper] = {
    "units": _unit, "points": _point, "zones": _zone, "segments": _segment, "issues": _issue, "duties": _duty,
    "people": _person,
}
