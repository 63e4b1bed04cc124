"""Zones and segments as the cascade asks for them on a day in the past: those that changed since, put back."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import String, bindparam, select, union_all
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from civmap.assignment import nearby
from civmap.segments.models import RoadSegment
from civmap.store import asof
from civmap.store.base import UtcDateTime
from civmap.store.past import Past
from civmap.store.spatial import in_frame_asked
from civmap.units.models import Unit
from civmap.zones.models import Zone

MODELS = {"zone": Zone, "segment": RoadSegment}
ON = bindparam("on", type_=UtcDateTime)


class _LastChief(FunctionElement[str]):
    """The name of the lowest chief in the facts of a segment; they are kept by level."""

    inherit_cache = True
    type = String()
    name = "last_chief"


@compiles(_LastChief, "sqlite")
def _last_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"json_extract({compiler.process(element.clauses, **kw)}, '$.chiefs[#-1].name')"


@compiles(_LastChief, "postgresql")
def _last_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)} #>> '{{chiefs,-1,name}}')"


def _spans(model: Any) -> Any:
    found = asof.spans(model, ON)
    return found.add_columns(_LastChief(Past.facts).label("chief")) if model is RoadSegment else found


@cache
def _nearby() -> Any:
    zones = _spans(Zone).where(in_frame_asked(Past.__table__.c.geom)).subquery("zone_then")
    segments = _spans(RoadSegment).where(in_frame_asked(Past.__table__.c.geom, "wide_")).subquery("segment_then")
    return union_all(nearby.arm("zone", zones), nearby.arm("segment", segments))


def put_back(session: Session, rows: dict[str, list[Any]], frames: Mapping[str, float], on: datetime) -> None:
    """Change the rows that `nearby.read` found in some frames into those that stood there at a moment."""
    then = session.connection().execute(_nearby(), {**frames, "on": on}).all()
    for kind, model in MODELS.items():
        ids = [row.id for row in rows[kind]]
        changed = set(session.scalars(asof.changed_since(model, on).where(Past.thing_id.in_(ids)))) if ids else set()
        rows[kind] = [*(row for row in rows[kind] if row.id not in changed), *(row for row in then if row.tag == kind)]


def held(session: Session, model: Any, statement: Any, on: datetime) -> Iterator[Any]:
    """Yield the rows of a statement about a model and its units (`queries.ZONES`), as they stood at a moment."""
    if not asof.is_past(session, model, on):
        yield from session.connection().execute(statement)
        return
    ids = model.__table__.c.id
    yield from session.connection().execute(statement.where(ids.not_in(asof.changed_since(model, on))))
    then, unit = _spans(model).subquery(), Unit.__table__
    wanted = (nearby.UNIT.get(name, then.c.get(name)).label(name) for name in statement.selected_columns.keys())  # noqa: SIM118
    yield from session.connection().execute(
        select(*wanted).select_from(then.outerjoin(unit, unit.c.id == then.c.unit_id)), {"on": on})
