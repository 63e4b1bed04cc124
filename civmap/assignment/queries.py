"""Gather what lies around a spot, and answer who is responsible there."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from civmap import clock, dictionaries
from civmap.assignment import rules, seats
from civmap.assignment.customs import cascade_of
from civmap.assignment.models import Duty, Ruling
from civmap.assignment.places import Answer, Owner, Place, Surroundings, UnitRef
from civmap.assignment.rules import Asked
from civmap.assignment.table import Reach, Table
from civmap.city.models import City
from civmap.errors import NotFound
from civmap.geo.measure import NearPlane, Plane, frame_around
from civmap.points.models import InspectionPoint
from civmap.segments.models import RoadSegment, SegmentChief
from civmap.segments.rules import WIDEST_M
from civmap.store.base import holds_at
from civmap.store.spatial import in_frame
from civmap.units.models import Unit
from civmap.units.queries import in_office
from civmap.zones.models import Zone
from civmap.zones.rules import division_of_border

Spot = tuple[float, float]
KINDS = ("frontage", "grid", "community", "subdistrict")
"""The kinds of zones whose units the cascade asks."""
UNIT = (Unit.id.label("unit_id"), Unit.code.label("unit_code"), Unit.name.label("unit_name"),
        Unit.categories.label("unit_categories"))


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
    frame, plane = frame_around(spot, near_m(reach)), NearPlane(*spot)
    zones = _zones(session, frame, on, plane)
    explicit = in_office(session, unit_code, on) if unit_code else None
    owning, owners = _owners(session, on, asked)
    named = [*owning, *([explicit] if explicit else [])]
    return Surroundings(
        explicit=as_ref(explicit) if explicit else None,
        rulings=tuple(_rulings(session, frame, on, plane, asked)),
        points=tuple(_points(session, frame, on, plane, point_code)),
        frontages=tuple(zones.get("frontage", ())), owners=owners,
        segments=tuple(_segments(session, frame_around(spot, segments_near_m(reach)), on, plane)),
        grids=tuple(zones.get("grid", ())), communities=tuple(zones.get("community", ())),
        subdistricts=tuple(with_offices(session, on, zones.get("subdistrict", ()))),
        seats=seats.around(session, spot, on, reach, asked, named),
        city=session.scalar(select(City.division_code).limit(1)) or "")


def as_ref(unit: Any) -> UnitRef:
    """Return a unit as a claim names it."""
    return UnitRef(unit.id, unit.code, unit.name, frozenset(unit.categories or ()))


def ref_of(row: Any) -> UnitRef | None:
    """Return the unit that a row was joined with, None where none in office was."""
    if row.unit_id is None:
        return None
    return UnitRef(row.unit_id, row.unit_code, row.unit_name, frozenset(row.unit_categories or ()))


def holders(model: Any, on: datetime, *columns: Any) -> Select[Any]:
    """Return the statement of rows of a model that hold at a moment, each with its unit where that is in office."""
    return (select(*columns, *UNIT).outerjoin(Unit, and_(Unit.id == model.unit_id, holds_at(Unit, on)))
            .where(holds_at(model, on)))


def zones_of(on: datetime) -> Select[Any]:
    """Return the statement of the zones that the cascade asks, as of a moment."""
    return holders(Zone, on, Zone.id, Zone.code, Zone.name, Zone.kind, Zone.geom, Zone.version, Zone.division,
                   Zone.pledge_expires_on).where(Zone.kind.in_(KINDS))


def zone_place(row: Any, shape: Any, day: Any) -> Place:
    """Return a zone's row as a place, seen on a day of the office."""
    expired = row.pledge_expires_on if row.kind == "frontage" else None
    border = row.kind != "frontage"
    return Place(row.code, row.name, shape, ref_of(row), row.version,
                 expired_on=expired.isoformat() if expired is not None and expired < day else None,
                 division=(division_of_border(row.kind, row.code) or row.division or "") if border else "")


def _zones(session: Session, frame: Any, on: datetime, plane: NearPlane) -> dict[str, list[Place]]:
    by_kind: dict[str, list[Place]] = {}
    day = clock.office_day(on)
    for row, shape in _laid(session.execute(zones_of(on).where(in_frame(Zone.geom, *frame))), "geom", plane):
        by_kind.setdefault(row.kind, []).append(zone_place(row, shape, day))
    return by_kind


def _laid(found: Iterable[Any], column: str, plane: NearPlane) -> Iterable[tuple[Any, Any]]:
    """Return rows with their shapes in metres, moved all at once."""
    rows = list(found)
    if not rows:
        return []
    shapes = np.empty(len(rows), object)
    shapes[:] = [getattr(row, column) for row in rows]
    return zip(rows, plane.to_metres(shapes).tolist(), strict=True)


def points_of(on: datetime) -> Select[Any]:
    """Return the statement of the inspection points, as of a moment."""
    point = InspectionPoint
    return holders(point, on, point.id, point.code, point.name, point.geom, point.outline, point.version)


def _points(session: Session, frame: Any, on: datetime, plane: NearPlane, linked: str | None) -> Iterable[Place]:
    if linked:
        row = session.execute(points_of(on).where(InspectionPoint.code == linked)).first()
        if row is None:
            raise NotFound("point_not_found", field="point", code=linked)
        shape = Plane(plane.lon, plane.lat).to_metres(row.outline if row.outline is not None else row.geom)
        yield Place(row.code, row.name, shape, ref_of(row), row.version, is_linked=True)
    near = points_of(on).where(in_frame(InspectionPoint.outline, *frame), InspectionPoint.code != (linked or ""))
    for row, shape in _laid(session.execute(near), "outline", plane):
        yield Place(row.code, row.name, shape, ref_of(row), row.version)


def with_offices(session: Session, on: datetime, places: Iterable[Place]) -> list[Place]:
    """Return subdistricts, those without a unit with the office that stands for their division."""
    places = list(places)
    wanted = {place.code for place in places if place.unit is None}
    if not wanted:
        return places
    rows = session.execute(select(*UNIT, Unit.territory).where(
        Unit.kind == "subdistrict", Unit.territory.in_(wanted), holds_at(Unit, on)).order_by(Unit.code.desc()))
    offices = {row.territory: ref_of(row) for row in rows}
    return [place if place.unit else replace(place, unit=offices.get(place.code)) for place in places]


def segments_of(on: datetime) -> Select[Any]:
    """Return the statement of the road segments with their lowest chief (the highest level), as of a moment."""
    lowest = (select(SegmentChief.name).where(SegmentChief.segment_id == RoadSegment.id)
              .order_by(SegmentChief.level.desc()).limit(1).scalar_subquery().label("chief"))
    segment = RoadSegment
    return holders(segment, on, segment.id, segment.code, segment.name, segment.geom, segment.version,
                   segment.width_m, segment.side, lowest)


def segment_place(row: Any, shape: Any) -> Place:
    """Return a segment's row as a place."""
    return Place(row.code, row.name, shape, ref_of(row), row.version, width_m=row.width_m, side=row.side,
                 chief=row.chief)


def _segments(session: Session, frame: Any, on: datetime, plane: NearPlane) -> Iterable[Place]:
    near = segments_of(on).where(in_frame(RoadSegment.geom, *frame))
    return (segment_place(row, shape) for row, shape in _laid(session.execute(near), "geom", plane))


def rulings_of(on: datetime) -> Select[Any]:
    """Return the statement of the decisions kept as rules, as of a moment."""
    return holders(Ruling, on, Ruling.id, Ruling.class_code, Ruling.reason, Ruling.geom, Ruling.version)


def ruling_place(row: Any, shape: Any) -> Place:
    """Return a decision's row as a place; its code orders as its number does."""
    return Place(f"{row.id:010d}", row.reason, shape, ref_of(row), row.version, class_code=row.class_code)


def _rulings(session: Session, frame: Any, on: datetime, plane: NearPlane, asked: Asked | None) -> Iterable[Place]:
    near = rulings_of(on).where(in_frame(Ruling.geom, *frame))
    if asked is not None:
        near = near.where(or_(Ruling.class_code.is_(None), Ruling.class_code == asked.code))
    return (ruling_place(row, shape) for row, shape in _laid(session.execute(near), "geom", plane))


def duties_of(on: datetime, asked: Asked | None = None) -> Select[Any]:
    """Return the statement of the rows of the table of owners whose unit is in office, with the unit's seat."""
    found = (select(Duty.class_code, Duty.category, Duty.territory, Unit.id, Unit.code, Unit.name, Unit.categories,
                    Unit.seat, Unit.valid_from, Unit.valid_to)
             .join(Unit, Unit.id == Duty.unit_id).where(holds_at(Duty, on), holds_at(Unit, on)).order_by(Duty.id))
    if asked is None:
        return found
    return found.where(or_(Duty.class_code == asked.code,
                           and_(Duty.class_code.is_(None), Duty.category.in_(asked.duties))))


def _owners(session: Session, on: datetime, asked: Asked | None) -> tuple[Sequence[Any], tuple[Owner, ...]]:
    rows = session.execute(duties_of(on, asked)).all()
    return rows, tuple(owner_of(row) for row in rows)


def owner_of(row: Any) -> Owner:
    """Return a row of `duties_of` as the cascade takes it."""
    return Owner(as_ref(row), row.class_code, row.category, row.territory)
