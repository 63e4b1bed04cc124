"""Decisions kept as rules: where the answer was doubtful a person decided, and in this area it stays decided."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shapely import Point
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.assignment.models import Ruling
from civmap.city.queries import frame_of
from civmap.errors import Invalid
from civmap.fields import Field, coded, last_moment, number, read_fields, refuse, text
from civmap.geo.measure import Plane
from civmap.geo.validity import check_geometry, check_spot, read_geometry
from civmap.people.rules import Viewer
from civmap.store import ledger
from civmap.store.base import holds_at
from civmap.store.editing import check_version, numbered_row
from civmap.units.queries import in_office

USUAL_M = 15.0
PLACE = ("geometry", "lon", "lat", "issue")
FIELDS = (
    Field("class", "class_code", coded(dictionaries.issue_class)),
    Field("unit", "unit", text(200), is_required=True),
    Field("reason", "reason", text(500), is_required=True),
    Field("radius_m", "radius_m", number(2, 1000)),
    Field("valid_to", "valid_to", last_moment),
)


def listed(session: Session, on: datetime | None = None) -> list[Ruling]:
    """Return the decisions that hold at a moment, or all there ever were, the newest first."""
    asked = select(Ruling).order_by(Ruling.id.desc())
    return list(session.scalars(asked if on is None else asked.where(holds_at(Ruling, on))))


def by_id(session: Session, wanted: int, *, for_change: bool = False) -> Ruling:
    """Return a decision; raise NotFound."""
    found: Ruling = numbered_row(session, Ruling, "ruling", wanted, for_change=for_change)
    return found


def make(session: Session, viewer: Viewer, values: Mapping[str, Any], now: datetime,
         spot: tuple[float, float] | None = None, issue_no: str | None = None) -> Ruling:
    """Keep a decision as a rule: in a `geometry`, or within `radius_m` of a spot, this unit answers from now on.

    Without a class it is about every class. Raise Forbidden, Invalid or Several.
    """
    viewer.must("dispatch", "issue")
    known = {name: value for name, value in values.items() if name not in PLACE}
    said, problems = read_fields(known, FIELDS, is_new=True)
    refuse(problems)
    area = _area(session, values, spot, said.get("radius_m") or USUAL_M)
    row = Ruling(class_code=said.get("class_code"), geom=area, unit_id=in_office(session, said["unit"], now).id,
                 reason=said["reason"], issue_no=issue_no, made_at=now, made_by=viewer.name, valid_from=now,
                 valid_to=said.get("valid_to"))
    session.add(row)
    session.flush()
    ledger.record(session, viewer.actor, "create", "ruling", str(row.id), at=now, after=ledger.row_facts(row))
    return row


def _area(session: Session, values: Mapping[str, Any], spot: tuple[float, float] | None, radius_m: float) -> Any:
    frame = frame_of(session)
    if values.get("geometry") is not None:
        return read_geometry(values["geometry"], ("Polygon",), frame)
    if values.get("lon") is not None and values.get("lat") is not None:
        spot = check_spot(values["lon"], values["lat"], frame)
    if spot is None:
        raise Invalid("ruling_of_nowhere", field="geometry")
    return check_geometry(Plane(*spot).to_degrees(Point(0, 0).buffer(radius_m, quad_segs=8)), frame)


def retire(session: Session, viewer: Viewer, wanted: int, version: int | None, now: datetime,
           current: Any = None) -> Ruling:
    """Let a decision hold until now, and no longer; raise Stale, Missing, NotFound or Forbidden."""
    viewer.must("dispatch", "issue")
    row = by_id(session, wanted, for_change=True)
    check_version(row, version, lambda: current(row) if current else {})
    if row.valid_to is None or row.valid_to > now:
        before = ledger.row_facts(row)
        row.valid_to = now
        session.flush()
        ledger.record(session, viewer.actor, "retire", "ruling", str(row.id), at=now, before=before,
                      after=ledger.row_facts(row))
    return row
