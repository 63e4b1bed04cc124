"""Everything near a spot that may answer for it, in one statement: each kind of row is an arm with the same columns.

Asking one by one costs more than the answers, most of all on PostGIS. What holds at a moment is told apart in Python:
a condition on validity or kind would lead SQLite away from the spatial index (20 ms in place of 0.3).
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    Date,
    Float,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from civmap.assignment.models import Duty, Ruling
from civmap.city.models import City
from civmap.points.models import InspectionPoint
from civmap.segments.models import RoadSegment, SegmentChief
from civmap.store.base import Geom, UtcDateTime
from civmap.store.ledger import Entry
from civmap.store.past import Past
from civmap.store.spatial import in_frame_asked
from civmap.units.models import Unit
from civmap.zones.models import Zone

LOWEST = (select(SegmentChief.name).where(SegmentChief.segment_id == RoadSegment.__table__.c.id)
          .order_by(SegmentChief.level.desc()).limit(1).scalar_subquery().label("chief"))
"""The lowest chief has the highest level."""
OWN: Mapping[str, Any] = {
    "id": Integer, "code": String, "name": String, "kind": String, "geom": Geom, "version": Integer,
    "division": String, "pledge_expires_on": Date, "width_m": Float, "side": String, "chief": String,
    "class_code": String, "category": String, "valid_from": UtcDateTime, "valid_to": UtcDateTime,
}
_UNIT = Unit.__table__.c
UNIT = {"unit_id": _UNIT.id, "unit_code": _UNIT.code, "unit_name": _UNIT.name, "unit_categories": _UNIT.categories,
        "unit_from": _UNIT.valid_from, "unit_to": _UNIT.valid_to}
NEWEST = select(Entry.id, Entry.hash).order_by(Entry.id.desc()).limit(1)
NEWEST_CHANGE = select(func.max(Past.until_at)).scalar_subquery()
"""When a zone or segment last changed: whoever asks about an earlier moment needs to know how they stood."""
TAGS = ("zone", "ruling", "point", "segment", "owner", "city", "line")


def _empty(kind: Any) -> Any:
    """Return NULL of a type: SQLite cannot cast to a geometry, PostgreSQL cannot guess the others in a UNION."""
    return type_coerce(null(), kind) if kind is Geom else cast(null(), kind)


def arm(tag: str, source: Any, has_unit: bool = True, **own: Any) -> Select[Any]:
    """Return the rows of one kind: with the columns that are given, or that have the same name; the others empty."""
    columns = [literal_column(f"'{tag}'").label("tag")]
    for name, kind in OWN.items():
        found = own.get(name, source.c.get(name))
        columns.append((_empty(kind) if found is None else found).label(name))
    columns += [(column if has_unit else _empty(column.type)).label(name) for name, column in UNIT.items()]
    return select(*columns).select_from(
        source.outerjoin(Unit.__table__, Unit.__table__.c.id == source.c.unit_id) if has_unit else source)


def _framed(statement: Select[Any], column: Any, prefix: str = "") -> Select[Any]:
    return statement.where(in_frame_asked(column, prefix))


@cache
def statement(of_class: bool) -> Any:
    """Return the statement of all that lies in a frame (segments: in a `wide` one), the owners, the city, the line.

    `of_class`: the owners of one class alone, whose `code` and `duties` are asked.
    """
    zones, rulings, points = Zone.__table__, Ruling.__table__, InspectionPoint.__table__
    segments, duties, line = RoadSegment.__table__, Duty.__table__, NEWEST.subquery()
    owners = arm("owner", duties, geom=_UNIT.seat, division=duties.c.territory)
    if of_class:
        owners = owners.where(or_(duties.c.class_code == bindparam("code"), and_(
            duties.c.class_code.is_(None), duties.c.category.in_(bindparam("duties", expanding=True)))))
    return union_all(
        _framed(arm("zone", zones), zones.c.geom),
        _framed(arm("ruling", rulings, name=rulings.c.reason), rulings.c.geom),
        _framed(arm("point", points, geom=points.c.outline), points.c.outline),
        _framed(arm("segment", segments, chief=LOWEST), segments.c.geom, "wide_"),
        owners, arm("city", City.__table__, False, code=City.__table__.c.division_code),
        arm("line", line, False, name=line.c.hash, valid_from=NEWEST_CHANGE))


def frames(frame: Mapping[str, float], wide: Mapping[str, float]) -> dict[str, float]:
    """Return the edges of a frame and of a wide one, as the statements take them."""
    return {**frame, **{f"wide_{edge}": degrees for edge, degrees in wide.items()}}


def read(session: Session, frame: Mapping[str, float], wide: Mapping[str, float], asked: Any) -> dict[str, list[Any]]:
    """Return the rows by kind, whenever they hold; with `asked`, the owners of that class alone."""
    values: dict[str, Any] = frames(frame, wide)
    if asked is not None:
        values |= {"code": asked.code, "duties": list(asked.duties)}
    by_tag: dict[str, list[Any]] = {tag: [] for tag in TAGS}
    for row in session.connection().execute(statement(asked is not None), values).all():
        by_tag[row.tag].append(row)
    return by_tag


class OwnerUnit(NamedTuple):
    """The unit of a row of the table of owners, as `seats` takes it."""

    id: int
    code: str
    name: str
    categories: Any
    seat: Any
    valid_from: datetime | None
    valid_to: datetime | None


def owner_unit(row: Any) -> OwnerUnit:
    """Return the unit of an owner's row."""
    return OwnerUnit(row.unit_id, row.unit_code, row.unit_name, row.unit_categories, row.geom, row.unit_from,
                     row.unit_to)
