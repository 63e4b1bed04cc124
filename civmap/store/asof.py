"""Zones and segments as they stood on a day in the past: rows unchanged since, and the spans of those that changed.

A statement about the present is turned into one about a moment: its own conditions, each with its own index, ask the
rows that have not changed since, and in the same words the spans that hold the moment.
"""

import heapq
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import cache
from itertools import islice
from operator import attrgetter
from types import SimpleNamespace
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import (
    Boolean,
    Date,
    Float,
    Integer,
    Select,
    and_,
    case,
    cast,
    func,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import SelectBase, Subquery
from sqlalchemy.sql.visitors import replacement_traverse

from civmap.store.base import Geom
from civmap.store.past import Past

KINDS = {"zone": "zone", "road_segment": "segment"}
PORTION = 1_000
CHUNK = 5_000


class _Day(FunctionElement[Any]):
    """A day that is kept as text."""

    inherit_cache = True
    type = Date()
    name = "kept_day"


@compiles(_Day, "sqlite")
def _day_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return str(compiler.process(element.clauses, **kw))


@compiles(_Day, "postgresql")
def _day_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **kw)} AS DATE)"


def covering(at: Any) -> Any:
    """Return the condition that a span of the past holds a moment."""
    return and_(Past.until_at > at, or_(Past.from_at.is_(None), Past.from_at <= at))


def changed_since(model: Any, at: Any) -> Select[Any]:
    """Return the ids of the things of a model that stood otherwise at a moment than their rows say now."""
    return select(Past.thing_id).where(Past.kind == KINDS[model.__tablename__], covering(at))


def is_kept(model: Any) -> bool:
    """Tell whether a model's past is kept."""
    return model.__tablename__ in KINDS


@cache
def _present(model: Any) -> Any:
    return model.__table__.alias(f"{model.__tablename__}_now")


@cache
def columns_then(model: Any) -> dict[str, Any]:
    """Return a model's columns as the spans of its past tell them, by name; without phone numbers."""
    now = _present(model)
    told: dict[str, Any] = {
        "id": Past.thing_id, "code": now.c.code, "version": now.c.version, "geom": Past.geom,
        "valid_from": case((and_(Past.is_own, ~Past.is_absent), Past.from_at), else_=now.c.valid_from),
        "valid_to": case((Past.is_absent, Past.from_at), (Past.is_own, Past.until_at), else_=now.c.valid_to)}
    return {column.key: told[column.key] if column.key in told else _kept(column) for column in model.__table__.c}


def _kept(column: Any) -> Any:
    value, kind = Past.facts[column.key], column.type
    if isinstance(kind, Geom):
        return type_coerce(null(), kind)
    if column.key.endswith("phone"):
        return cast(null(), kind)
    if isinstance(kind, Boolean):
        return value.as_boolean()
    if isinstance(kind, Integer):
        return value.as_integer()
    if isinstance(kind, Float):
        return value.as_float()
    return _Day(value.as_string()) if isinstance(kind, Date) else value.as_string()


def _told(model: Any, clause: Any) -> Any:
    """Return a clause about a model's rows as one about the spans of its past; what is asked inside it stays."""
    known, table = columns_then(model), model.__table__

    def replace(element: Any, **_kw: Any) -> Any:
        if isinstance(element, SelectBase | Subquery):
            return element
        if getattr(element, "table", None) is table and getattr(element, "key", None) in known:
            found = known[element.key]
            return found.__clause_element__() if hasattr(found, "__clause_element__") else found
        return None

    element = clause.__clause_element__() if hasattr(clause, "__clause_element__") else clause
    return replacement_traverse(element, {}, replace)


def spans(model: Any, at: Any, *columns: Any, where: Any = None) -> Select[Any]:
    """Return columns of a model (all without any) from the spans of its past that hold a moment."""
    now, wanted = _present(model), columns or tuple(model.__table__.c)
    statement = select(*(_told(model, column).label(column.key) for column in wanted)).select_from(
        Past.__table__.join(now, now.c.id == Past.thing_id)).where(
            Past.kind == KINDS[model.__tablename__], covering(at))
    return statement if where is None else statement.where(_told(model, where))


def stood(model: Any, statement: Select[Any], at: datetime, *columns: Any) -> Select[Any]:
    """Return the statement about a model's rows as one about how they stood at a moment, in order of id.

    Its conditions and limit stay; its columns are the given ones, each under its own name, `id` among them.
    """
    wanted, where = columns or tuple(model.__table__.c), statement.whereclause
    unchanged = select(*wanted).select_from(model.__table__).where(model.id.not_in(changed_since(model, at)))
    if where is not None:
        unchanged = unchanged.where(where)
    both = union_all(unchanged, spans(model, at, *wanted, where=where)).subquery("stood")
    found = select(*both.c).order_by(both.c.id)
    return found if statement._limit_clause is None else found.limit(statement._limit_clause)


def is_past(session: Session, model: Any, at: datetime) -> bool:
    """Tell whether anything of a model stood otherwise at a moment: its past is kept, and something changed since."""
    if not is_kept(model):
        return False
    newest = session.scalar(select(func.max(Past.until_at)))
    return newest is not None and newest > at


def rows(session: Session, model: Any, statement: Select[Any], at: datetime) -> list[Any]:
    """Return the model's rows that a statement asks for, as they stood at a moment."""
    if not is_past(session, model, at):
        return list(session.scalars(statement))
    return [row for portion in things(session, model, statement, at) for row in portion]


def things(session: Session, model: Any, statement: Select[Any], at: datetime) -> Iterator[list[Any]]:
    """Yield the model's rows that a statement asks for as they stood at a moment, in order of id, in portions.

    They are plain values with the names of the columns, no objects of a session: nobody can change the past.
    """
    table, where, most = model.__table__, statement.whereclause, statement._limit_clause
    unchanged = select(*table.c).where(model.id.not_in(changed_since(model, at))).order_by(model.id).limit(most)
    if where is not None:
        unchanged = unchanged.where(where)
    relations = model.__mapper__.relationships
    changed = (SimpleNamespace(**_facts(model, row)) for row in session.execute(_whole_spans(model, at, where, most)))
    same = session.execute(unchanged.execution_options(yield_per=PORTION))
    both = heapq.merge((SimpleNamespace(**row._mapping) for row in same) if relations else same, changed,
                       key=attrgetter("id"))
    found = both if most is None else islice(both, int(most.value))
    while portion := list(islice(found, PORTION)):
        for relation in relations:
            _hang(session, model, relation, portion, at)
        yield portion


def _whole_spans(model: Any, at: datetime, where: Any, most: Any) -> Select[Any]:
    """Return the statement of whole spans: their facts in one piece, for taken apart here they cost a tenth."""
    now, known = _present(model), columns_then(model)
    own = [known[name].label(name) for name in ("id", "code", "version", "geom", "valid_from", "valid_to")]
    found = select(*own, Past.facts).select_from(Past.__table__.join(now, now.c.id == Past.thing_id)).where(
        Past.kind == KINDS[model.__tablename__], covering(at))
    found = found if where is None else found.where(_told(model, where))
    return found.order_by(Past.thing_id).limit(most)


def _facts(model: Any, row: Any) -> dict[str, Any]:
    """Return the columns of a span, as values of the model."""
    facts = row.facts
    told = {name: facts.get(name) for name in _plain_names(model, None)}
    for name in _plain_names(model, Date):
        told[name] = date.fromisoformat(facts[name]) if facts.get(name) else None
    for name in _plain_names(model, Geom):
        told[name] = shapely.from_wkt(facts[name]) if facts.get(name) else None
    return told | {"id": row.id, "code": row.code, "version": row.version, "geom": row.geom,
                   "valid_from": row.valid_from, "valid_to": row.valid_to}


@cache
def _plain_names(model: Any, sort: Any) -> tuple[str, ...]:
    """Return the names of the columns that are days or geometries, or (None) of those that are kept as they are."""
    return tuple(column.key for column in model.__table__.c
                 if (isinstance(column.type, sort) if sort else not isinstance(column.type, Date | Geom)))


def _hang(session: Session, model: Any, relation: Any, rows: Sequence[Any], at: datetime) -> None:
    """Give rows what hung on them (the chiefs of a segment)."""
    part, [(_own, foreign)] = relation.mapper.class_, relation.local_remote_pairs
    hung: dict[int, list[Any]] = {}
    ids = [row.id for row in rows]
    missing = dict.fromkeys(column.key for column in part.__table__.c if column.key.endswith("phone"))
    for start in range(0, len(ids), CHUNK):
        some = ids[start:start + CHUNK]
        then = session.execute(select(Past.thing_id, Past.facts).where(
            Past.kind == KINDS[model.__tablename__], covering(at), Past.thing_id.in_(some)))
        changed = {row.thing_id: row.facts.get(relation.key) or () for row in then}
        hung.update({thing: [SimpleNamespace(**missing, **facts) for facts in told] for thing, told in changed.items()})
        now = session.execute(select(*part.__table__.c).where(foreign.in_(set(some) - changed.keys()))
                              .order_by(*relation.order_by or ()))
        for row in now:
            facts = {name: value for name, value in row._mapping.items() if name not in ("id", foreign.key)}
            hung.setdefault(row._mapping[foreign.key], []).append(SimpleNamespace(**facts))
    for row in rows:
        setattr(row, relation.key, hung.get(row.id, []))


def shapes_then(session: Session, model: Any, at: datetime) -> list[tuple[int, BaseGeometry]]:
    """Return id and shape of the things that stood otherwise at a moment than their rows say now."""
    table = model.__table__.c
    return [(row.id, row.geom) for row in session.execute(spans(model, at, table.id, table.geom))]
