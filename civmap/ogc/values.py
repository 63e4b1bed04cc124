"""The values of a filter: properties, literals, texts without case, sums; each with its sort and its origin."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Date, Float, String, func, literal

from civmap import clock, fields
from civmap.errors import Invalid
from civmap.ogc import sql
from civmap.ogc.layers import DAY, FLAG, LIST, MOMENT, NUMBER, SHAPE, TEXT, WHOLE, Layer, Through
from civmap.store.base import UtcDateTime
from civmap.store.listing import Here

SECOND = timedelta(seconds=1)
MAX_NUMBER = 1e15
ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b,
    "/": lambda a, b: a / func.nullif(b, 0.0)}
Tree = Any


class Value(NamedTuple):
    """A value: its sort, what it is in the database, the table it is looked up through, and what it is as a literal."""

    sort: str
    sql: Any
    through: Through | None = None
    said: Any = None
    is_literal: bool = False
    is_folded: bool = False


def value(here: Here, layer: Layer, tree: Tree) -> Value:
    """Return what a part of a filter means; raise Invalid for an unknown property or function."""
    if isinstance(tree, dict) and "property" in tree:
        return of_property(here, layer, tree["property"])
    if isinstance(tree, dict) and "op" in tree:
        return _of_function(here, layer, tree)
    return of_literal(tree)


def of_property(here: Here, layer: Layer, name: Any) -> Value:
    """Return the value of a property; raise Invalid where there is none of that name or it cannot be asked for."""
    found = layer.asked.get(name) if isinstance(name, str) else None
    if name == "geometry":
        return Value(SHAPE, layer.geom)
    if found is None:
        code = "ogc_property_told" if name in layer.properties else "ogc_property_unknown"
        raise Invalid(code, field="filter", name=str(name)[:60], known=["geometry", *layer.asked])
    held = found.held
    sort = NUMBER if found.sort == WHOLE else found.sort
    if isinstance(held, Through):
        return Value(sort, held.column, held)
    return Value(sort, held(here) if callable(held) and not hasattr(held, "__clause_element__") else held)


def of_literal(tree: Tree) -> Value:
    """Return a literal; raise Invalid where it is none."""
    if isinstance(tree, bool):
        return Value(FLAG, literal(tree), said=tree, is_literal=True)
    if isinstance(tree, int | float):
        return number(float(tree) if abs(tree) < MAX_NUMBER else math.inf)
    if isinstance(tree, str):
        return Value(TEXT, literal(tree, String), said=tree, is_literal=True)
    if isinstance(tree, dict):
        if "date" in tree:
            return of_day(read_day(tree["date"]))
        if "timestamp" in tree:
            return of_moment(read_moment(tree["timestamp"]))
    if isinstance(tree, list):
        return Value(LIST, None, said=tree, is_literal=True)
    raise Invalid("ogc_filter_part", field="filter", part=str(tree)[:80])


def number(found: float) -> Value:
    """Return a number as a value; raise Invalid for one that no measure of a city reaches."""
    if not math.isfinite(found):
        raise Invalid("ogc_filter_number", field="filter")
    return Value(NUMBER, literal(found, Float), said=found, is_literal=True)


def of_day(found: date) -> Value:
    """Return an office day as a value."""
    return Value(DAY, literal(found, Date), said=found, is_literal=True)


def of_moment(found: datetime) -> Value:
    """Return a moment as a value."""
    return Value(MOMENT, literal(found, UtcDateTime), said=found, is_literal=True)


def read_day(text: Any, field: str = "filter") -> date:
    """Return the day of a text; raise Invalid."""
    try:
        return fields.day(text) if isinstance(text, str) else date.fromisoformat("")
    except (Invalid, ValueError) as problem:
        raise Invalid("day_unreadable", field=field, value=str(text)[:40]) from problem


def read_moment(text: Any, field: str = "filter") -> datetime:
    """Return the moment of an RFC 3339 text in UTC, without an offset in office time; raise Invalid."""
    try:
        found = clock.parse_moment(text if isinstance(text, str) else "")
        if not 1000 <= found.year <= 9998:
            raise ValueError(text)
    except (ValueError, OverflowError) as problem:
        raise Invalid("moment_unreadable", field=field, value=str(text)[:40]) from problem
    return found


def day_span(day: date) -> tuple[datetime, datetime]:
    """Return the first and the last second of an office day, in UTC."""
    first = datetime(day.year, day.month, day.day, tzinfo=clock.OFFICE_ZONE).astimezone(UTC)
    return first, first + timedelta(days=1) - SECOND


def _of_function(here: Here, layer: Layer, tree: Mapping[str, Any]) -> Value:
    op, sent = str(tree["op"]), tree.get("args")
    name = op.lower()
    sent = sent if isinstance(sent, list) else []
    if name == "casei" and len(sent) == 1:
        inner = value(here, layer, sent[0])
        if inner.sort != TEXT:
            raise Invalid("ogc_filter_sorts", field="filter", op="casei", sorts=inner.sort)
        return inner._replace(sql=sql.folded(here.session, inner.sql), is_folded=True)
    if name in ARITHMETIC and len(sent) == 2:
        sides = [value(here, layer, part) for part in sent]
        if any(side.sort != NUMBER for side in sides):
            raise Invalid("ogc_filter_sorts", field="filter", op=op, sorts=", ".join(side.sort for side in sides))
        return Value(NUMBER, ARITHMETIC[name](sides[0].sql, sides[1].sql))
    raise Invalid("ogc_function_unknown", field="filter", name=op[:60])
