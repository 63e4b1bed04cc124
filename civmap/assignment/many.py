"""The same answers for many spots: everything that may answer is read once, and each spot takes what lies around it.

`Ground.around` gives what `queries.gather` gives, without a question to the database per spot. Areas and lines are
laid out in `NearPlane` (what is straight in degrees stays straight), seats at their geodesic distance and direction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from shapely import STRtree
from sqlalchemy.orm import Session

from civmap import clock
from civmap.assignment import bygone, queries, rules
from civmap.assignment.customs import cascade_of
from civmap.assignment.places import Answer, Owner, Place, Seat, Surroundings
from civmap.assignment.queries import Spot, asked_of
from civmap.assignment.seats import Seats, with_duties
from civmap.assignment.table import Reach, Table
from civmap.geo.measure import NearPlane, Plane, frame_around
from civmap.segments.models import RoadSegment
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

    def around(self, spot: Spot, reach_m: float) -> tuple[Place, ...]:
        """Return the places near a spot, laid out in metres from it."""
        numbers = self.near(spot, reach_m)
        if not len(numbers):
            return ()
        shapes = NearPlane(*spot).to_metres(self.shapes[numbers]).tolist()
        return tuple(replace(self.places[number], shape=shape)
                     for number, shape in zip(numbers.tolist(), shapes, strict=True))


def _layer(places: Iterable[Place]) -> Layer:
    kept = list(places)
    shapes = np.empty(len(kept), object)
    shapes[:] = [place.shape for place in kept]
    return Layer(kept, shapes, STRtree(shapes))


@dataclass(frozen=True)
class Ground:
    """All that may answer in the city at one moment; `doors` holds every point by its code, outlined or not."""

    on: datetime
    rulings: Layer
    points: Layer
    zones: Mapping[str, Layer]
    segments: Layer
    seats: Seats
    owners: Sequence[Owner]
    owning: Seats
    doors: Mapping[str, Place]
    city: str
    table: Table

    @classmethod
    def of(cls, session: Session, on: datetime) -> "Ground":
        """Read the city as it stands at a moment."""
        rows = _holding(session, queries.POINTS, on)
        points = [queries.point_place(row, row.geom if row.outline is None else row.outline, on) for row in rows]
        owners = [row for row in queries.owners_of(session) if queries.holds(row.held_from, row.held_to, on)
                  and queries.holds(row.valid_from, row.valid_to, on)]
        return cls(
            on=on, doors={place.code: place for place in points},
            rulings=_layer(queries.ruling_place(row, row.geom, on) for row in _holding(session, queries.RULINGS, on)),
            points=_layer(place for row, place in zip(rows, points, strict=True) if row.outline is not None),
            zones=_zones(session, on), seats=Seats.of(session.execute(with_duties())),
            segments=_layer(queries.segment_place(row, row.geom, on)
                            for row in _holding(session, queries.SEGMENTS, on, RoadSegment)),
            owners=[queries.owner_of(row) for row in owners],
            owning=Seats.of({row.id: row for row in owners if row.seat is not None}.values()),
            city=session.scalar(queries.CITY) or "", table=cascade_of(session))

    def answer(self, spot: Spot, class_code: str, accuracy_m: float | None = None,
               point_code: str | None = None) -> Answer:
        """Return who answers for a class of issue at a (lon, lat) spot; raise Invalid for an unknown class."""
        asked = asked_of(class_code)
        around = self.around(spot, asked, point_code=point_code)
        return rules.choose(around, asked, self.table, accuracy_m)

    def around(self, spot: Spot, asked: rules.Asked, *, reach: Reach | None = None,
               point_code: str | None = None) -> Surroundings:
        """Return what may answer for a class at a spot, in metres from it; `point_code` links a point."""
        reach = reach or self.table.reach
        near_m = queries.near_m(reach)
        zones = {kind: layer.around(spot, near_m) for kind, layer in self.zones.items()}
        owners = tuple(owner for owner in self.owners if owner.class_code == asked.code
                       or (owner.class_code is None and owner.category in asked.duties))
        return Surroundings(
            rulings=self.rulings.around(spot, near_m), points=self._points(spot, near_m, point_code), owners=owners,
            frontages=zones.get("frontage", ()), grids=zones.get("grid", ()),
            segments=self.segments.around(spot, queries.segments_near_m(reach)),
            communities=zones.get("community", ()), subdistricts=zones.get("subdistrict", ()),
            seats=self._seats(spot, asked, reach, owners), city=self.city)

    def _points(self, spot: Spot, near_m: float, linked: str | None) -> tuple[Place, ...]:
        near = self.points.around(spot, near_m)
        door = self.doors.get(linked or "")
        if door is None:
            return near
        mine = replace(door, shape=Plane(*spot).to_metres(door.shape), is_linked=True)
        return (mine, *(place for place in near if place.code != linked))

    def _seats(self, spot: Spot, asked: rules.Asked, reach: Reach, owners: Iterable[Owner]) -> tuple[Seat, ...]:
        near = self.seats.near(spot, reach, asked.categories, self.on)
        named = {owner.unit.id for owner in owners} - {seat.unit.id for seat in near}
        numbers = [number for number, ref in enumerate(self.owning.refs) if ref.id in named] if named else []
        return (*near, *self.owning.laid(spot, np.array(numbers, int)))


def _holding(session: Session, statement: Any, on: datetime, model: Any = None) -> list[Any]:
    rows = session.connection().execute(statement) if model is None else bygone.held(session, model, statement, on)
    return sorted((row for row in rows if queries.holds(row.valid_from, row.valid_to, on)), key=_by_code)


def _by_code(row: Any) -> Any:
    return getattr(row, "code", None) or row.id


def _zones(session: Session, on: datetime) -> dict[str, Layer]:
    by_kind: dict[str, list[Place]] = {}
    day = clock.office_day(on)
    rows = _holding(session, queries.ZONES.where(Zone.kind.in_(queries.KINDS)), on, Zone)
    for row in (row for row in rows if row.kind in queries.KINDS):
        by_kind.setdefault(row.kind, []).append(queries.zone_place(row, row.geom, on, day))
    if "subdistrict" in by_kind:
        by_kind["subdistrict"] = queries.with_offices(session, on, by_kind["subdistrict"])
    return {kind: _layer(places) for kind, places in by_kind.items()}
