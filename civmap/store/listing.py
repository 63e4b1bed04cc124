"""Asking for many rows the same way everywhere: frame, words, filters, validity, limit and cursor."""

import json
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import Boolean, Select, String, and_, literal, not_, or_, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from civmap import clock
from civmap.errors import Invalid
from civmap.fields import flag
from civmap.store.base import holds_at
from civmap.store.spatial import in_frame

Condition = Any
ANY_TIME = "any"
MOST_VALUES = 100_000
FEW_VALUES = 500


class Here(NamedTuple):
    """Who asks, where and about which moment: what a filter needs beside its value.

    `now` is the present; `at` the moment that the question is about, `now` unless an earlier day is asked for.
    """

    session: Session
    viewer: Any
    now: datetime
    at: datetime

    @property
    def is_present(self) -> bool:
        """Tell whether the question is about the present."""
        return self.at == self.now


Filter = Callable[[Here, Any], Condition]


def moment_of(on: datetime | date | None) -> datetime:
    """Return the moment a question is about: now, a moment, or noon of a day in office time."""
    if on is None:
        return clock.now()
    return on if isinstance(on, datetime) else datetime.combine(on, time(12), clock.OFFICE_ZONE)


def conditions(known: Mapping[str, Filter], here: Here, filters: Mapping[str, Any]) -> list[Condition]:
    """Return the condition of each filter; raise Invalid for an unknown one, naming those there are."""
    for name in filters:
        if name not in known:
            raise Invalid("unknown_filter", field=name, name=name, known=[*sorted(known), "retired"])
    return [_named(name, known[name], here, value) for name, value in filters.items()]


def _named(name: str, build: Filter, here: Here, value: Any) -> Condition:
    """Return a filter's condition; what it refuses is said of the filter by its name."""
    try:
        return build(here, value)
    except Invalid as problem:
        problem.field = name
        raise


def holding(model: Any, retired: Any, at: datetime) -> Condition:
    """Return the condition of what holds at a moment; `retired` (yes, no, any) asks for what does not."""
    if retired == ANY_TIME:
        return true()
    try:
        no_more = flag(retired)
    except Invalid as problem:
        raise Invalid("choice_unknown", field="retired", value=str(retired)[:40],
                      known=["yes", "no", ANY_TIME]) from problem
    return not_(holds_at(model, at)) if no_more else holds_at(model, at)


def narrowed(model: Any, statement: Select[Any], known: Mapping[str, Filter], here: Here, *, geom: Any,
             bbox: Sequence[float] | None = None, filters: Mapping[str, Any] | None = None, q: str | None = None,
             limit: int | None = None, after: int | None = None) -> Select[Any]:
    """Return the statement narrowed by frame (W, S, E, N degrees), words, filters and validity, in order of id.

    The filter `retired` (yes, no, any) asks for things that no longer hold. Raise Invalid for an unknown filter or
    a frame that is none.
    """
    asked = {**(filters or {}), **({"q": q} if q else {})}
    statement = statement.where(holding(model, asked.pop("retired", "no"), here.at),
                                *conditions(known, here, asked))
    if bbox is not None:
        statement = statement.where(in_frame(geom, *checked_frame(bbox)))
    if after is not None:
        statement = statement.where(model.id > after)
    statement = statement.order_by(model.id)
    return statement if limit is None else statement.limit(limit)


def checked_frame(bbox: Sequence[float]) -> tuple[float, float, float, float]:
    """Return a frame W, S, E, N in degrees; raise Invalid where it is none."""
    try:
        west, south, east, north = (float(edge) for edge in bbox)
    except (TypeError, ValueError) as problem:
        raise Invalid("bbox_unreadable", field="bbox") from problem
    good = all(math.isfinite(edge) for edge in (west, south, east, north))
    if not good or not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise Invalid("bbox_unreadable", field="bbox")
    return west, south, east, north


def many(value: Any) -> list[str]:
    """Return the values of a comma list, each once; raise Invalid for an empty one and for more than can be meant."""
    parts = value if isinstance(value, list | tuple | set | frozenset) else str(value).split(",")
    found = list(dict.fromkeys(text for part in parts for text in [str(part).strip()] if text))
    if not found:
        raise Invalid("filter_empty")
    if len(found) > MOST_VALUES:
        raise Invalid("filter_too_long", count=len(found), most=MOST_VALUES)
    return found


def words(*columns: Any) -> Filter:
    """Return a filter: one of the columns holds the words."""
    return lambda here, value: or_(*(column.icontains(str(value), autoescape=True) for column in columns))


def equals(column: Any, read: Callable[[str], Any] = str) -> Filter:
    """Return a filter: the column equals one of the values."""
    return lambda here, value: one_of(column, [read(part) for part in many(value)])


def begins(column: Any) -> Filter:
    """Return a filter: the column begins with one of the division codes; raise Invalid for what is none."""
    def build(here: Here, value: Any) -> Condition:
        codes = many(value)
        for code in codes:
            if not (code.isascii() and code.isdigit() and 2 <= len(code) <= 20):
                raise Invalid("division_unreadable", value=code[:40])
        return or_(*(begins_with(column, code) for code in codes))
    return build


def begins_with(column: Any, prefix: str) -> Condition:
    """Return the condition that a text column begins with a prefix, whatever signs it holds; digits use an index."""
    if not prefix:
        return true()
    begun = column.startswith(prefix, autoescape=True)
    stem = prefix.rstrip("9") if prefix.isascii() and prefix.isdigit() else ""
    return and_(column >= prefix, column < stem[:-1] + str(int(stem[-1]) + 1), begun) if stem else begun


class _Listed(FunctionElement[bool]):
    inherit_cache = True
    type = Boolean()
    name = "listed"


@compiles(_Listed, "sqlite")
def _listed_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    column, values = (compiler.process(part, **kw) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"


@compiles(_Listed, "postgresql")
def _listed_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    column, values = list(element.clauses)
    kind = "text" if isinstance(column.type, String) else "integer"
    return (f"{compiler.process(column, **kw)} IN (SELECT value::{kind} FROM "
            f"json_array_elements_text(CAST({compiler.process(values, **kw)} AS json)))")


def one_of(column: Any, values: Iterable[Any]) -> Condition:
    """Return the condition that a text or whole-number column is one of the values, however many there are."""
    values = values if isinstance(values, Collection) else list(values)
    if len(values) <= FEW_VALUES:
        return column.in_(values)
    return _Listed(column.__clause_element__() if hasattr(column, "__clause_element__") else column,
                   literal(json.dumps(list(values)), String))
