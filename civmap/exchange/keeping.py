"""Keeping one row: which capability takes which kind of table, and what it must be told beside the row."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from shapely.geometry import shape
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap import clock, dictionaries
from civmap.assignment import actions as assignment
from civmap.city import holidays
from civmap.city.fabric import Fabric
from civmap.city.queries import frame_of
from civmap.city.reach import must_reach
from civmap.errors import Conflict
from civmap.geo.validity import Frame
from civmap.issues import intake as issues
from civmap.people import actions as people
from civmap.people.models import Person
from civmap.people.rules import Viewer
from civmap.points import actions as points
from civmap.points.models import InspectionPoint
from civmap.segments import actions as segments
from civmap.segments import taking
from civmap.segments.taking import NO_MATCHES, Matches
from civmap.store.base import holds_at
from civmap.store.editing import change
from civmap.units import actions as units
from civmap.units import shops
from civmap.units.models import Unit
from civmap.units.shops import Directory
from civmap.zones import actions as zones
from civmap.zones.models import Zone
from civmap.zones.queries import division_at, divisions_at

Values = dict[str, Any]


@dataclass(slots=True)
class Notes:
    """What is asked once for a whole table, and the one-time passwords that come up on the way."""

    frame: Frame
    divisions: dict[tuple[float, float], str | None] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    shops: Directory | None = None
    fabric: Fabric | None = None
    matches: Matches = NO_MATCHES


Keeper = Callable[[Session, Viewer, Values, datetime, Notes], str]


def keeper_of(kind: str) -> Keeper:
    """Return what keeps a row of a kind; it says created, updated or unchanged."""
    return KEEPERS[kind]


def notes_for(session: Session, kind: str) -> Notes:
    """Return what the rows of a table need to know of the city, asked once for the whole table."""
    notes = Notes(frame_of(session))
    if kind == "shops":
        notes.shops = shops.directory(session, clock.now())
    if kind in ("streets", "buildings"):
        notes.fabric = Fabric(session)
    return notes


def prepare(session: Session, viewer: Viewer, kind: str, notes: Notes, rows: Iterable[Values]) -> None:
    """Ask what a portion of rows needs to know, in one question for all of them."""
    if kind not in ("points", "segments", "shops"):
        return
    rows = list(rows)
    if kind == "segments":
        lacking = [values for values in rows if "geometry" not in values]
        notes.matches = taking.found(session, viewer, lacking) if lacking else NO_MATCHES
    if kind != "shops" or viewer.territory:
        spots = list(dict.fromkeys(_spot(values) for values in rows if "geometry" in values))
        notes.divisions = dict(zip(spots, divisions_at(session, spots), strict=True))


def _spot(values: Values) -> tuple[float, float]:
    """Return the (lon, lat) that decides the division: the point itself, or the middle of the line."""
    if values["geometry"]["type"] == "Point":
        lon, lat = values["geometry"]["coordinates"][:2]
        return lon, lat
    middle = shape(values["geometry"]).interpolate(0.5, normalized=True)
    return middle.x, middle.y


def _unit(session: Session, viewer: Viewer, values: Values, now: datetime, notes: Notes) -> str:
    return units.save(session, viewer, values, now, frame=notes.frame)


def _shop(session: Session, viewer: Viewer, values: Values, now: datetime, notes: Notes) -> str:
    """Keep a shop, and what the table says of the pledge where the shop has its zone."""
    assert notes.shops is not None
    pledge = {name: told for name in ("pledge_signed_on", "pledge_expires_on")
              if (told := values.get(name)) is not None}
    own = {name: value for name, value in values.items() if not name.startswith("pledge_")}
    viewer = _of_shops(session, viewer, values, notes)
    said, shop = shops.save(session, viewer, own, now, frame=notes.frame, known=notes.shops)
    zones_of = session.scalars(select(Zone).where(Zone.unit_id == shop.id, Zone.kind == "frontage",
                                                  holds_at(Zone, now))).all() if pledge else []
    changed = [change(session, viewer.actor, "zone", zone, pledge, now) for zone in zones_of]
    return "updated" if said == "unchanged" and any(changed) else said


def _of_shops(session: Session, viewer: Viewer, values: Values, notes: Notes) -> Viewer:
    """Return who keeps the shop: a clerk may within the own territory, where the shop is to lie and where it lies."""
    if not viewer.territory or viewer.may("create", "unit") or not viewer.may("import", "shop"):
        return viewer
    assert notes.shops is not None
    spot = _spot(values)
    must_reach(viewer, notes.divisions.get(spot) or division_at(session, *spot))
    found = session.scalar(select(Unit.id).where(Unit.code == values["code"])) if values.get("code") else \
        notes.shops.find(str(values["name"]), values.get("door_no"), spot)
    known = session.get(Unit, found) if found is not None else None
    if known is not None:
        if known.kind != "shop":
            raise Conflict("code_taken", field="code", code=known.code)
        if known.seat is not None:
            must_reach(viewer, division_at(session, known.seat.x, known.seat.y))
    return replace(viewer, role="dispatcher")


def _street(session: Session, viewer: Viewer, values: Values, now: datetime, notes: Notes) -> str:
    assert notes.fabric is not None
    return notes.fabric.street(viewer, values)


def _building(session: Session, viewer: Viewer, values: Values, now: datetime, notes: Notes) -> str:
    assert notes.fabric is not None
    return notes.fabric.building(viewer, values)


def _point(session: Session, viewer: Viewer, values: Values, now: datetime, notes: Notes) -> str:
    return points.save(session, viewer, values, now, division=notes.divisions[_spot(values)])


def _zone(session: Session, viewer: Viewer, values: Values, now: datetime, _notes: Notes) -> str:
    return zones.save(session, viewer, values, now)


def _segment(session: Session, viewer: Viewer, values: Values, now: datetime, notes: Notes) -> str:
    if "geometry" not in values:
        return taking.take(session, viewer, values, now, notes.matches, lambda lon, lat: division_at(session, lon, lat))
    told = taking.with_chief(session, values)
    return segments.save(session, viewer, told, now, division=notes.divisions[_spot(values)])


def _issue(session: Session, viewer: Viewer, values: Values, now: datetime, _notes: Notes) -> str:
    told = dict(values)
    if (geometry := told.pop("geometry", None)) is not None:
        told["lon"], told["lat"] = geometry["coordinates"][:2]
    if "point" in told:
        told["point"] = _point_code(session, told["point"])
        if "lon" in told and not _is_point(session, told["point"]):
            del told["point"]  # a name nobody knows beside a spot: the issue lies where it was seen
    return issues.save(session, viewer, told, now)


def _is_point(session: Session, code: str) -> bool:
    return session.scalar(select(InspectionPoint.id).where(InspectionPoint.code == code)) is not None


def _point_code(session: Session, written: str) -> str:
    """Return the code of the point that a code or an unmistakable name means; else what was written."""
    if session.scalar(select(InspectionPoint.id).where(InspectionPoint.code == written)):
        return written
    named = session.scalars(select(InspectionPoint.code).where(
        InspectionPoint.name == written, holds_at(InspectionPoint, clock.now())).limit(2)).all()
    return named[0] if len(named) == 1 else written


def _duty(session: Session, viewer: Viewer, values: Values, now: datetime, _notes: Notes) -> str:
    return assignment.save(session, viewer, values, now)


def _person(session: Session, viewer: Viewer, values: Values, now: datetime, notes: Notes) -> str:
    """Add a person with a one-time password; somebody who is there already is left as they are, if the row agrees."""
    person = session.scalar(select(Person).where(Person.name == values["name"]))
    if person is None:
        _, once = people.add(session, viewer, values["name"], role_code(values["role"]), now=now,
                             **{name: values.get(name) for name in ("unit", "territory", "segment", "phone")},
                             full_name=values.get("full_name", ""))
        notes.secrets[values["name"]] = once or ""
        return "created"
    unit = session.get(Unit, person.unit_id) if person.unit_id else None
    kept = {"role": {person.role}, "unit": {unit.code, unit.name} if unit else {None},
            "territory": {person.territory}, "segment": {person.segment_code}}
    for name, wanted in kept.items():
        if name in values and (role_code(values[name]) if name == "role" else values[name]) not in wanted:
            raise Conflict("person_differs", field=name, name=person.name)
    return "unchanged"


def _holiday(session: Session, viewer: Viewer, values: Values, now: datetime, _notes: Notes) -> str:
    return holidays.save(session, viewer, values, now)


def role_code(text: str) -> str:
    """Return the role's id where its id or its name in either language is written; else the text as it is."""
    for role in dictionaries.roles().values():
        if text.strip() in (role.code, role.name_zh, role.name_en):
            return role.code
    return text


KEEPERS: dict[str, Keeper] = {
    "units": _unit, "points": _point, "zones": _zone, "segments": _segment, "issues": _issue, "duties": _duty,
    "people": _person, "holidays": _holiday, "shops": _shop, "streets": _street, "buildings": _building,
}
