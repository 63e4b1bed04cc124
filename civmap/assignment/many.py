"""The same answers for many spots: everything that may answer is read once, and each spot takes what lies around it.

`Ground.around` gives what `queries.gather` gives, without a question to the database per spot; seats that cannot
answer for the class are left out, which changes no claim.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import shapely
from shapely import STRtree
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from civmap.assignment import rules
from civmap.assignment.customs import cascade_of
from civmap.assignment.models import Duty
from civmap.assignment.places import Answer, Owner, Place, Seat, Surroundings, UnitRef
from civmap.assignment.queries import NEAR_M, SEGMENT_NEAR_M, Spot, as_ref, asked_of
from civmap.assignment.table import DEFAULT_REACH, Table
from civmap.geo.measure import GEOD, frame_around
from civmap.points.models import InspectionPoint
from civmap.segments.models import RoadSegment
from civmap.store.base import holds_at
from civmap.units.models import Unit
from civmap.units.queries import is_in_office
from civmap.zones.models import Zone


@dataclass(frozen=True, slots=True)
class Layer:
    """Places of one kind in degrees, with an index; `places[i]` lies where `shapes[i]` does."""

    places: Sequence[Place]
    shapes: np.ndarray
    tree: STRtree

    def near(self, spot: Spot, reach_m: float) -> np.ndarray:
        """Return the numbers of the places whose box meets the box around a spot, in their own order."""
        return np.sort(self.tree.query(shapely.box(*frame_around(spot, reach_m))))


def _layer(places: Iterable[Place]) -> Layer:
    kept = list(places)
    shapes = np.array([place.shape for place in kept], dtype=object)
    return Layer(kept, shapes, STRtree(shapes))


@dataclass(frozen=True)
class Ground:
    """All that may answer in the city at one moment."""

    points: Layer
    zones: dict[str, Layer]
    segments: Layer
    seats: Layer
    owners: Sequence[Owner]
    table: Table

    @classmethod
    def of(cls, session: Session, on: datetime) -> "Ground":
        """Read the city as it stands at a moment."""
        known = {unit.id: unit for unit in session.scalars(select(Unit).order_by(Unit.id))}
        refs = {key: as_ref(unit) for key, unit in known.items() if is_in_office(unit, on)}
        offices = _offices(known.values(), on)
        held = {key: ref for key, ref in refs.items() if known[key].seat is not None}
        seats = (Place(ref.code, ref.name, known[key].seat, ref) for key, ref in held.items())
        owners = [Owner(refs[row.unit_id], row.class_code, row.category, row.territory) for row in session.scalars(
            select(Duty).where(holds_at(Duty, on)).order_by(Duty.id)) if row.unit_id in refs]
        return cls(_layer(_points(session, on, refs)), _zones(session, on, refs, offices),
                   _layer(_segments(session, on, refs)), _layer(seats), owners, cascade_of(session))

    def answer(self, spot: Spot, class_code: str, accuracy_m: float | None = None) -> Answer:
        """Return who answers for a class of issue at a (lon, lat) spot; raise Invalid for an unknown class."""
        asked = asked_of(class_code)
        return rules.choose(self.around(spot, asked), asked, self.table, accuracy_m)

    def around(self, spot: Spot, asked: rules.Asked) -> Surroundings:
        """Return what may answer for a class at a spot, in metres from it."""
        zones = {kind: _moved(layer, layer.near(spot, NEAR_M), spot) for kind, layer in self.zones.items()}
        owners = tuple(self.owners)
        return Surroundings(
            points=_moved(self.points, self.points.near(spot, NEAR_M), spot), owners=owners,
            frontages=zones.get("frontage", ()), grids=zones.get("grid", ()),
            segments=_moved(self.segments, self.segments.near(spot, SEGMENT_NEAR_M), spot),
            communities=zones.get("community", ()), subdistricts=zones.get("subdistrict", ()),
            seats=self._seats(spot, asked, owners))

    def _seats(self, spot: Spot, asked: rules.Asked, owners: Sequence[Owner]) -> tuple[Seat, ...]:
        wanted = asked.categories
        owning = {owner.unit.code for owner in owners}
        near = [number for number in self.seats.near(spot, DEFAULT_REACH.nearest_m * 1.02)
                if _may_answer(self.seats.places[number].unit, wanted, owning)]
        return tuple(Seat(place.unit, place.shape) for place in _moved(self.seats, near, spot) if place.unit)


def _may_answer(unit: UnitRef | None, categories: frozenset[str], codes: set[str]) -> bool:
    return unit is not None and (unit.code in codes or not categories.isdisjoint(unit.categories))


def _moved(layer: Layer, numbers: Sequence[int] | np.ndarray, spot: Spot) -> tuple[Place, ...]:
    """Return places with their shapes in the plane's metres: azimuthal equidistant, as `geo.measure.Plane` draws it."""
    if not len(numbers):
        return ()
    shapes = layer.shapes[np.asarray(numbers, int)]
    lon, lat = shapely.get_coordinates(shapes).T
    azimuth, _, away = GEOD.inv(np.full_like(lon, spot[0]), np.full_like(lat, spot[1]), lon, lat)
    angle = np.radians(azimuth)
    flat = shapely.set_coordinates(shapes.copy(), np.column_stack([away * np.sin(angle), away * np.cos(angle)]))
    return tuple(replace(layer.places[number], shape=shape) for number, shape in zip(numbers, flat, strict=True))


def _points(session: Session, on: datetime, refs: dict[int, UnitRef]) -> Iterable[Place]:
    rows = session.scalars(select(InspectionPoint).where(
        holds_at(InspectionPoint, on), InspectionPoint.outline.is_not(None)).order_by(InspectionPoint.id))
    return (Place(row.code, row.name, row.outline, refs.get(row.unit_id or 0), row.version) for row in rows)


def _zones(session: Session, on: datetime, refs: dict[int, UnitRef],
           offices: dict[str, UnitRef]) -> dict[str, Layer]:
    by_kind: dict[str, list[Place]] = {}
    for row in session.scalars(select(Zone).where(holds_at(Zone, on)).order_by(Zone.id)):
        unit = refs.get(row.unit_id or 0)
        if unit is None and row.kind == "subdistrict":
            unit = offices.get(row.code)
        by_kind.setdefault(row.kind, []).append(Place(row.code, row.name, row.geom, unit, row.version))
    return {kind: _layer(places) for kind, places in by_kind.items()}


def _offices(units: Iterable[Unit], on: datetime) -> dict[str, UnitRef]:
    """Return the office of each subdistrict by its division code, the first by unit code."""
    holding = [unit for unit in units if unit.kind == "subdistrict" and unit.territory and is_in_office(unit, on)]
    return {str(unit.territory): as_ref(unit) for unit in sorted(holding, key=lambda unit: unit.code, reverse=True)}


def _segments(session: Session, on: datetime, refs: dict[int, UnitRef]) -> Iterable[Place]:
    rows = session.scalars(select(RoadSegment).where(holds_at(RoadSegment, on)).order_by(RoadSegment.id)
                           .options(selectinload(RoadSegment.chiefs)))
    for row in rows:
        chief = max(row.chiefs, key=lambda one: one.level, default=None)
        yield Place(row.code, row.name, row.geom, refs.get(row.unit_id or 0), row.version,
                    width_m=row.width_m, side=row.side,
                    chief=chief.name if chief else None)
