"""Gather what lies around a spot, and answer who is responsible there."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from operator import attrgetter
from typing import Any

import numpy as np
from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from civmap import clock, dictionaries
from civmap.assignment import bygone, nearby, rules, seats
from civmap.assignment.customs import cascade_of
from civmap.assignment.models import Duty, Ruling
from civmap.assignment.places import Answer, Owner, Place, Surroundings, UnitRef
from civmap.assignment.rules import Asked
from civmap.assignment.table import Reach, Table
from civmap.city.models import City
from civmap.errors import NotFound
from civmap.geo.measure import NearPlane, Plane, frame_around
from civmap.points.models import InspectionPoint
from civmap.segments.models import RoadSegment
from civmap.segments.rules import WIDEST_M
from civmap.store.base import holds_at
from civmap.units.models import Unit
from civmap.units.queries import in_office
from civmap.zones.models import Zone
from civmap.zones.rules import division_of_border

Spot = tuple[float, float]
KINDS = ("frontage", "grid", "community", "subdistrict")
"""The kinds of zones whose units the cascade asks."""


def _held(model: Any, *columns: Any) -> Select[Any]:
    """Return the statement of a model's rows, each with its unit; who holds at a moment is told apart in Python."""
    table, unit = model.__table__, Unit.__table__.c
    return select(*(getattr(model.__table__.c, name) for name in columns), table.c.valid_from, table.c.valid_to,
                  unit.id.label("unit_id"), unit.code.label("unit_code"), unit.name.label("unit_name"),
                  unit.categories.label("unit_categories"), unit.valid_from.label("unit_from"),
                  unit.valid_to.label("unit_to")).select_from(
                      table.outerjoin(Unit.__table__, unit.id == table.c.unit_id))


ZONES = _held(Zone, "code", "name", "kind", "geom", "version", "division", "pledge_expires_on")
POINTS = _held(InspectionPoint, "code", "name", "geom", "outline", "version")
SEGMENTS = _held(RoadSegment, "code", "name", "geom", "version", "width_m", "side").add_columns(nearby.LOWEST)
RULINGS = _held(Ruling, "id", "class_code", "geom", "version").add_columns(Ruling.__table__.c.reason.label("name"))
DUTIES = (select(Duty.class_code, Duty.category, Duty.territory, Duty.valid_from.label("held_from"),
                 Duty.valid_to.label("held_to"), Unit.id, Unit.code, Unit.name, Unit.categories, Unit.seat,
                 Unit.valid_from, Unit.valid_to).join(Unit, Unit.id == Duty.unit_id).order_by(Duty.id))
POINT = POINTS.where(InspectionPoint.__table__.c.code == bindparam("code"))
CITY = select(City.division_code).limit(1)


def answer(session: Session, spot: Spot, class_code: str, *, on: datetime, accuracy_m: float | None = None,
           point_code: str | None = None, unit_code: str | None = None, table: Table | None = None) -> Answer:
    """Return who answers for a class of issue at a (lon, lat) spot as of a moment, with every claim.

    `table` is the cascade to try; without one the city's own. Raise NotFound for a point or unit that is not there.
    """
    asked, table = asked_of(class_code), table or cascade_of(session)
    around = gather(session, spot, on, point_code, unit_code, asked=asked, reach=table.reach)
    return rules.choose(around, asked, table, accuracy_m)


def asked_of(class_code: str) -> Asked:
    """Return what the cascade needs to know of a class; raise Invalid for an unknown one."""
    found = dictionaries.issue_class(class_code)
    return Asked(found.code, tuple(found.duties))


def near_m(reach: Reach) -> float:
    """Return how far around a spot areas are gathered."""
    return 2 * reach.margin_most_m + 5


def segments_near_m(reach: Reach) -> float:
    """Return how far around a spot segments are gathered: half of the widest road, and what lies beside it."""
    return max(WIDEST_M / 2 + reach.segment_beside_m, reach.segment_default_m) + reach.margin_most_m


def gather(session: Session, spot: Spot, on: datetime, point_code: str | None = None, unit_code: str | None = None, *,
           asked: Asked | None = None, reach: Reach | None = None) -> Surroundings:
    """Return everything that may answer for a spot, in metres from it; with `asked`, for that class.

    Areas and lines lie in a plane that keeps edges straight, seats at their exact distance and direction.
    """
    reach = reach or cascade_of(session).reach
    look = _Look(session, spot, on, reach, asked)
    zones = look.zones()
    explicit = in_office(session, unit_code, on) if unit_code else None
    owning = look.owning()
    named = [*(nearby.owner_unit(row) for row in owning), *([explicit] if explicit else [])]
    return Surroundings(
        explicit=as_ref(explicit) if explicit else None, rulings=look.rulings(), points=look.points(point_code),
        frontages=tuple(zones.get("frontage", ())), owners=tuple(owner_near(row, on) for row in owning),
        segments=look.segments(), grids=tuple(zones.get("grid", ())),
        communities=tuple(zones.get("community", ())),
        subdistricts=tuple(with_offices(session, on, zones.get("subdistrict", ()))),
        seats=seats.around(session, spot, on, reach, asked, named, look.line), city=look.city)


class _Look:
    """What lies around one spot, as of a moment."""

    def __init__(self, session: Session, spot: Spot, on: datetime, reach: Reach, asked: Asked | None) -> None:
        self.session, self.spot, self.on, self.asked = session, spot, on, asked
        self.plane = NearPlane(*spot)
        frame, wide = _frame(spot, near_m(reach)), _frame(spot, segments_near_m(reach))
        self.rows = nearby.read(session, frame, wide, asked)
        if any(row.valid_from is not None and row.valid_from > on for row in self.rows["line"]):
            bygone.put_back(session, self.rows, nearby.frames(frame, wide), on)
        self.city = self.rows["city"][0].code if self.rows["city"] else ""
        self.line = next(((row.id, row.name) for row in self.rows["line"]), (0, ""))

    def zones(self) -> dict[str, list[Place]]:
        """Return the zones that hold, by kind."""
        by_kind: dict[str, list[Place]] = {}
        day = clock.office_day(self.on)
        for row, shape in self._laid(row for row in self.rows["zone"] if row.kind in KINDS):
            by_kind.setdefault(row.kind, []).append(zone_place(row, shape, self.on, day))
        return by_kind

    def rulings(self) -> tuple[Place, ...]:
        """Return the decisions that hold; for a class, those about it."""
        return tuple(ruling_place(row, shape, self.on) for row, shape in self._laid(self.rows["ruling"])
                     if self.asked is None or row.class_code in (None, self.asked.code))

    def points(self, linked: str | None) -> tuple[Place, ...]:
        """Return the points with an outline nearby, before them the one that is linked, wherever it is."""
        near = [point_place(row, shape, self.on) for row, shape in self._laid(self.rows["point"])
                if row.code != linked]
        return tuple([self._linked(linked), *near] if linked else near)

    def _linked(self, code: str) -> Place:
        row = self.session.connection().execute(POINT, {"code": code}).first()
        if row is None or not holds(row.valid_from, row.valid_to, self.on):
            raise NotFound("point_not_found", field="point", code=code)
        shape = Plane(*self.spot).to_metres(row.geom if row.outline is None else row.outline)
        return replace(point_place(row, shape, self.on), is_linked=True)

    def segments(self) -> tuple[Place, ...]:
        """Return the segments nearby."""
        return tuple(segment_place(row, shape, self.on) for row, shape in self._laid(self.rows["segment"]))

    def owning(self) -> list[Any]:
        """Return the rows of the table of owners that hold, in their order, with units in office."""
        return sorted((row for row in self.rows["owner"] if holds(row.valid_from, row.valid_to, self.on)
                       and ref_of(row, self.on)), key=attrgetter("id"))

    def _laid(self, found: Iterable[Any]) -> Iterable[tuple[Any, Any]]:
        """Return the rows that hold, with their shapes in metres, moved all at once."""
        rows = [row for row in found if holds(row.valid_from, row.valid_to, self.on)]
        if not rows:
            return ()
        shapes = np.empty(len(rows), object)
        shapes[:] = [row.geom for row in rows]
        return zip(rows, self.plane.to_metres(shapes).tolist(), strict=True)


def _frame(spot: Spot, reach_m: float) -> dict[str, float]:
    return dict(zip(("west", "south", "east", "north"), map(float, frame_around(spot, reach_m)), strict=True))


def holds(begins: datetime | None, ends: datetime | None, on: datetime) -> bool:
    """Tell whether what is valid between two moments holds at a moment."""
    return (begins is None or begins <= on) and (ends is None or ends > on)


def as_ref(unit: Any) -> UnitRef:
    """Return a unit as a claim names it."""
    return UnitRef(unit.id, unit.code, unit.name, frozenset(unit.categories or ()))


def ref_of(row: Any, on: datetime) -> UnitRef | None:
    """Return the unit that a row was joined with, None where none in office was."""
    if row.unit_id is None or not holds(row.unit_from, row.unit_to, on):
        return None
    return UnitRef(row.unit_id, row.unit_code, row.unit_name, frozenset(row.unit_categories or ()))


def zone_place(row: Any, shape: Any, on: datetime, day: date) -> Place:
    """Return a zone's row as a place, seen on a day of the office."""
    is_frontage = row.kind == "frontage"
    expires = row.pledge_expires_on if is_frontage else None
    return Place(row.code, row.name, shape, ref_of(row, on), row.version,
                 expired_on=expires.isoformat() if expires is not None and expires < day else None,
                 division="" if is_frontage else division_of_border(row.kind, row.code) or row.division or "")


def point_place(row: Any, shape: Any, on: datetime) -> Place:
    """Return a point's row as a place."""
    return Place(row.code, row.name, shape, ref_of(row, on), row.version)


def segment_place(row: Any, shape: Any, on: datetime) -> Place:
    """Return a segment's row as a place."""
    return Place(row.code, row.name, shape, ref_of(row, on), row.version, width_m=row.width_m, side=row.side,
                 chief=row.chief)


def ruling_place(row: Any, shape: Any, on: datetime) -> Place:
    """Return a decision's row as a place; its code orders as its number does."""
    return Place(f"{row.id:010d}", row.name, shape, ref_of(row, on), row.version, class_code=row.class_code)


def with_offices(session: Session, on: datetime, places: Iterable[Place]) -> list[Place]:
    """Return subdistricts, those without a unit with the office that stands for their division."""
    places = list(places)
    wanted = {place.code for place in places if place.unit is None}
    if not wanted:
        return places
    rows = session.execute(select(Unit.id, Unit.code, Unit.name, Unit.categories, Unit.territory).where(
        Unit.kind == "subdistrict", Unit.territory.in_(wanted), holds_at(Unit, on)).order_by(Unit.code.desc()))
    offices = {row.territory: as_ref(row) for row in rows}
    return [place if place.unit else replace(place, unit=offices.get(place.code)) for place in places]


def owners_of(session: Session) -> Sequence[Any]:
    """Return the rows of the table of owners with their units, whenever they hold."""
    return session.execute(DUTIES).all()


def owner_of(row: Any) -> Owner:
    """Return a row of the table of owners as the cascade takes it."""
    return Owner(as_ref(row), row.class_code, row.category, row.territory)


def owner_near(row: Any, on: datetime) -> Owner:
    """Return an owner's row of `nearby` as the cascade takes it."""
    return Owner(ref_of(row, on), row.class_code, row.category, row.division)
