"""Gather what lies around a spot, and answer who is responsible there."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import shapely
from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session, selectinload

from civmap import dictionaries
from civmap.assignment import rules
from civmap.assignment.customs import cascade_of
from civmap.assignment.models import Duty
from civmap.assignment.places import Answer, Owner, Place, Seat, Surroundings, UnitRef
from civmap.assignment.table import DEFAULT_REACH
from civmap.errors import NotFound
from civmap.geo.measure import Plane, frame_around
from civmap.points.models import InspectionPoint
from civmap.segments.models import RoadSegment
from civmap.store.base import holds_at
from civmap.store.spatial import in_frame
from civmap.units.models import Unit
from civmap.units.queries import in_office, is_in_office
from civmap.zones.models import Zone

Spot = tuple[float, float]
NEAR_M = 60.0
SEGMENT_NEAR_M = 170.0  # half of the widest road that may be drawn, and what lies beside it


class _Units:
    """Units by id, read once per answer."""

    def __init__(self, session: Session, on: datetime) -> None:
        self.session, self.on, self.known = session, on, {}

    def ref(self, unit_id: int | None) -> UnitRef | None:
        """Return the unit of an id where it is in office, else None."""
        if unit_id is None:
            return None
        if unit_id not in self.known:
            self.read({unit_id})
        return self.known[unit_id]

    def read(self, ids: Iterable[int | None]) -> None:
        """Read many units in one question before they are asked for."""
        wanted = [unit_id for unit_id in set(ids) if unit_id is not None and unit_id not in self.known]
        self.known.update(dict.fromkeys(wanted))
        for unit in self.session.scalars(select(Unit).where(Unit.id.in_(wanted))) if wanted else ():
            self.known[unit.id] = as_ref(unit) if is_in_office(unit, self.on) else None


def as_ref(unit: Unit) -> UnitRef:
    """Return a unit as a claim names it."""
    return UnitRef(unit.id, unit.code, unit.name, frozenset(unit.categories or ()))


def answer(session: Session, spot: Spot, class_code: str, *, on: datetime, accuracy_m: float | None = None,
           point_code: str | None = None, unit_code: str | None = None) -> Answer:
    """Return who answers for a class of issue at a (lon, lat) spot as of a moment, with every claim.

    Raises NotFound for a point or unit that is not there.
    """
    asked = asked_of(class_code)
    around = gather(session, spot, on, point_code, unit_code)
    return rules.choose(around, asked, cascade_of(session), accuracy_m)


def asked_of(class_code: str) -> rules.Asked:
    """Return what the cascade needs to know of a class; raise Invalid for an unknown one."""
    found = dictionaries.issue_class(class_code)
    return rules.Asked(found.code, tuple(found.duties))


def gather(session: Session, spot: Spot, on: datetime, point_code: str | None = None,
           unit_code: str | None = None) -> Surroundings:
    """Return everything that may answer for a spot, in metres from it."""
    plane, units = Plane(*spot), _Units(session, on)
    zones = _zones(session, spot, on, plane, units)
    explicit = as_ref(in_office(session, unit_code, on)) if unit_code else None
    owners = tuple(_owners(session, on, units))
    named = [owner.unit.id for owner in owners] + ([explicit.id] if explicit else [])
    return Surroundings(
        explicit=explicit,
        points=tuple(_points(session, spot, on, plane, units, point_code)),
        frontages=tuple(zones.get("frontage", ())),
        owners=owners,
        segments=tuple(_segments(session, spot, on, plane, units)),
        grids=tuple(zones.get("grid", ())),
        communities=tuple(zones.get("community", ())),
        subdistricts=tuple(_with_offices(session, on, zones.get("subdistrict", ()))),
        seats=tuple(_seats(session, spot, on, plane, named)),
    )


def _points(session: Session, spot: Spot, on: datetime, plane: Plane, units: _Units,
            linked: str | None) -> Iterable[Place]:
    near = select(InspectionPoint).where(holds_at(InspectionPoint, on),
                                         in_frame(InspectionPoint.outline, *frame_around(spot, NEAR_M)))
    rows = list(session.scalars(near))
    if linked:
        named = select(InspectionPoint).where(InspectionPoint.code == linked, holds_at(InspectionPoint, on))
        row = session.scalar(named)
        if row is None:
            raise NotFound("point_not_found", field="point", code=linked)
        rows = [row, *(other for other in rows if other.id != row.id)]
    for row in rows:
        shape = plane.to_metres(row.outline if row.outline is not None else row.geom)
        yield Place(row.code, row.name, shape, units.ref(row.unit_id), row.version, is_linked=row.code == linked)


def _zones(session: Session, spot: Spot, on: datetime, plane: Plane, units: _Units) -> dict[str, list[Place]]:
    near = select(Zone).where(holds_at(Zone, on), in_frame(Zone.geom, *frame_around(spot, NEAR_M)))
    by_kind: dict[str, list[Place]] = {}
    rows = list(session.scalars(near))
    units.read(row.unit_id for row in rows)
    for row in rows:
        place = Place(row.code, row.name, plane.to_metres(row.geom), units.ref(row.unit_id), row.version)
        by_kind.setdefault(row.kind, []).append(place)
    return by_kind


def _with_offices(session: Session, on: datetime, places: Iterable[Place]) -> Iterable[Place]:
    for place in places:
        if place.unit is None:
            office = session.scalar(select(Unit).where(Unit.kind == "subdistrict", Unit.territory == place.code,
                                                       holds_at(Unit, on)).order_by(Unit.code).limit(1))
            if office is not None:
                place = Place(place.code, place.name, place.shape, as_ref(office), place.version)
        yield place


def _segments(session: Session, spot: Spot, on: datetime, plane: Plane, units: _Units) -> Iterable[Place]:
    near = select(RoadSegment).where(holds_at(RoadSegment, on),
                                     in_frame(RoadSegment.geom, *frame_around(spot, SEGMENT_NEAR_M)))
    for row in session.scalars(near.options(selectinload(RoadSegment.chiefs))):
        chief = max(row.chiefs, key=lambda one: one.level, default=None)
        yield Place(row.code, row.name, plane.to_metres(row.geom), units.ref(row.unit_id), row.version,
                    width_m=row.width_m, side=row.side,
                    chief=chief.name if chief else None)


def _owners(session: Session, on: datetime, units: _Units) -> Iterable[Owner]:
    for row in session.scalars(select(Duty).where(holds_at(Duty, on)).order_by(Duty.id)):
        unit = units.ref(row.unit_id)
        if unit is not None:
            yield Owner(unit, row.class_code, row.category, row.territory)


def _seats(session: Session, spot: Spot, on: datetime, plane: Plane, named: Sequence[int]) -> Iterable[Seat]:
    """Yield the seats of units that have duties or are named: hundreds of shops around a spot have none."""
    reach = DEFAULT_REACH.nearest_m * 1.02
    rows = session.execute(select(Unit.id, Unit.code, Unit.name, Unit.categories, Unit.seat).where(
        holds_at(Unit, on), in_frame(Unit.seat, *frame_around(spot, reach)),
        (cast(Unit.categories, Text) != "[]") | Unit.id.in_(named)).order_by(Unit.id)).all()
    if rows:
        moved = plane.to_metres(shapely.MultiPoint([row.seat for row in rows])).geoms
        for row, shape in zip(rows, moved, strict=True):
            yield Seat(UnitRef(row.id, row.code, row.name, frozenset(row.categories)), shape)
