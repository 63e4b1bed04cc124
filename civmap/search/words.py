"""What each kind of thing is found by, read in one sweep or for the rows that changed."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from civmap.issues.models import Issue
from civmap.points.models import InspectionPoint
from civmap.segments.models import RoadSegment
from civmap.units.models import Unit
from civmap.zones.models import Zone

Row = tuple[int, str, list[str], list[str]]
"""A row's id, its code, what it is called, and where it is."""
NAMES = {"points": 1, "segments": 2, "zones": 1, "units": 1, "issues": 0}
"""How many of the columns after the code are names; the others are addresses."""
CHUNK = 20_000


def _statement(kind: str) -> Select[Any]:
    if kind == "points":
        return select(InspectionPoint.id, InspectionPoint.code, InspectionPoint.name, InspectionPoint.address,
                      InspectionPoint.street)
    if kind == "segments":
        return select(RoadSegment.id, RoadSegment.code, RoadSegment.name, RoadSegment.road)
    if kind == "zones":
        return select(Zone.id, Zone.code, Zone.name, Zone.door_no, RoadSegment.road, Zone.pledge_no).outerjoin(
            RoadSegment, RoadSegment.code == Zone.segment_code)
    if kind == "units":
        return select(Unit.id, Unit.code, Unit.name, Unit.address)
    return select(Issue.id, Issue.issue_no, Issue.address)


MODELS = {"points": InspectionPoint, "segments": RoadSegment, "zones": Zone, "units": Unit, "issues": Issue}


def read(session: Session, kind: str, ids: Sequence[int] | None = None) -> Iterator[Row]:
    """Yield the rows of a kind in order of id: all of them, or those of some ids."""
    model = MODELS[kind]
    statement = _statement(kind).order_by(model.id)
    if ids is not None:
        statement = statement.where(model.id.in_(ids))
    for row in session.execute(statement.execution_options(yield_per=CHUNK)):
        names, places = row[2:2 + NAMES[kind]], row[2 + NAMES[kind]:]
        if kind == "zones":
            places = _address(*places)
        yield row[0], row[1], [name for name in names if name], [place for place in places if place]


def _address(door: str | None, road: str | None, pledge: str | None) -> tuple[str | None, str | None]:
    """Return the address of a door, the road's name before a bare number, and the number of the pledge."""
    return road + door if door and road and road not in door else door or road, pledge


def zones_on(session: Session, segment_codes: Sequence[str]) -> list[int]:
    """Return the ids of the zones on some segments: their addresses carry the road's name."""
    return list(session.scalars(select(Zone.id).where(Zone.segment_code.in_(segment_codes))))
