"""What weighs on a zone, and the streets in it: arrays that a split into equal parts is made from."""

from typing import Literal

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from civmap.city.models import Building, StreetEdge
from civmap.errors import NotFound
from civmap.geo.partition import Load
from civmap.issues.models import Issue
from civmap.segments import queries as segments
from civmap.segments.models import RoadSegment
from civmap.store.base import holds_at
from civmap.store.spatial import in_frame
from civmap.units.models import Unit
from civmap.web.desk import Desk

NO_WORK = ("rejected", "duplicate")


def of(desk: Desk, area: BaseGeometry, by: Literal["issues", "doors", "area"]) -> Load:
    """Return the workload inside an area: issues ever filed there, doors of shops and households, or the ground."""
    session, bounds = desk.session, area.bounds
    if by == "issues":
        spots = session.scalars(select(Issue.geom).where(in_frame(Issue.geom, *bounds), Issue.state.not_in(NO_WORK)))
        return _load([(spot.x, spot.y, 1.0) for spot in spots])
    if by == "doors":
        shops = session.scalars(select(Unit.seat).where(Unit.kind == "shop", in_frame(Unit.seat, *bounds),
                                                        holds_at(Unit, desk.now)))
        homes = session.execute(select(Building.geom, Building.households).where(
            in_frame(Building.geom, *bounds), Building.households > 0))
        middles = [(row.geom.centroid, float(row.households)) for row in homes]
        return _load([*((spot.x, spot.y, 1.0) for spot in shops), *((at.x, at.y, count) for at, count in middles)])
    return Load()


def _load(rows: list[tuple[float, float, float]]) -> Load:
    table = np.array(rows, float).reshape(-1, 3)
    return Load(table[:, :2], table[:, 2])


def streets_in(session: Session, area: BaseGeometry) -> list[BaseGeometry]:
    """Return the middles of the streets for vehicles in an area."""
    found = session.scalars(select(StreetEdge.geom).where(
        in_frame(StreetEdge.geom, *area.bounds), StreetEdge.may_drive.is_(True), StreetEdge.layer == 0))
    shapely.prepare(area)
    return [line for line in found if area.intersects(line)]


def street(desk: Desk, area: BaseGeometry, segment: str | None, road: str | None) -> list[BaseGeometry]:
    """Return the lines of one road segment, or of all that carries a road's name in an area; raise NotFound."""
    session = desk.session
    if segment is not None:
        return [segments.by_code(session, desk.viewer, segment).geom]
    named = [*session.scalars(select(StreetEdge.geom).where(
        StreetEdge.name == road, in_frame(StreetEdge.geom, *area.bounds)))]
    if not named:
        named = [*session.scalars(select(RoadSegment.geom).where(
            or_(RoadSegment.road == road, RoadSegment.name == road), in_frame(RoadSegment.geom, *area.bounds)))]
    if not named:
        raise NotFound("street_not_found", field="road", road=road)
    return named
