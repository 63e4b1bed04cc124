"""Temporal predicates of CQL2 over instants and intervals, and the `datetime` parameter."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Date, and_, func, literal, not_, or_

from civmap.errors import Invalid
from civmap.ogc.layers import DAY, MOMENT, Layer
from civmap.ogc.values import Value, day_span, of_property, read_day, read_moment, value
from civmap.store.base import UtcDateTime
from civmap.store.listing import Here

FIRST, LAST = datetime(1000, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)
OPEN = ("..", "")


class Span(NamedTuple):
    """Two ends in the database, and whether they are days."""

    begin: Any
    end: Any
    is_day: bool


Relation = Callable[[Span, Span], Any]


def _meets(a: Span, b: Span) -> Any:
    return and_(a.begin <= b.end, a.end >= b.begin)


RELATIONS: Mapping[str, Relation] = {
    "t_after": lambda a, b: a.begin > b.end,
    "t_before": lambda a, b: a.end < b.begin,
    "t_contains": lambda a, b: and_(a.begin < b.begin, a.end > b.end),
    "t_disjoint": lambda a, b: not_(_meets(a, b)),
    "t_during": lambda a, b: and_(a.begin > b.begin, a.end < b.end),
    "t_equals": lambda a, b: and_(a.begin == b.begin, a.end == b.end),
    "t_finishedby": lambda a, b: and_(a.begin < b.begin, a.end == b.end),
    "t_finishes": lambda a, b: and_(a.begin > b.begin, a.end == b.end),
    "t_intersects": _meets,
    "t_meets": lambda a, b: a.end == b.begin,
    "t_metby": lambda a, b: a.begin == b.end,
    "t_overlappedby": lambda a, b: and_(a.begin > b.begin, a.begin < b.end, a.end > b.end),
    "t_overlaps": lambda a, b: and_(a.begin < b.begin, a.end > b.begin, a.end < b.end),
    "t_startedby": lambda a, b: and_(a.begin == b.begin, a.end > b.end),
    "t_starts": lambda a, b: and_(a.begin == b.begin, a.end < b.end),
}
_COMPARED: Mapping[str, Callable[[Any, datetime, datetime], Any]] = {
    "=": lambda held, first, last: and_(held >= first, held <= last),
    "<>": lambda held, first, last: or_(held < first, held > last),
    "<": lambda held, first, last: held < first, "<=": lambda held, first, last: held <= last,
    ">": lambda held, first, last: held > last, ">=": lambda held, first, last: held >= first,
}


def related(here: Here, layer: Layer, name: str, sent: Any) -> Any:
    """Return the condition of a temporal predicate; raise Invalid."""
    if not isinstance(sent, list) or len(sent) != 2:
        raise Invalid("ogc_filter_arguments", field="filter", name=name, wanted=2)
    ends = [_ends(here, layer, part) for part in sent]
    held = [found for pair in ends for found in pair if isinstance(found, Value) and not found.is_literal]
    is_day = any(found.sort == DAY for found in held)
    if is_day and any(found.sort == MOMENT for found in held):
        raise Invalid("ogc_filter_sorts", field="filter", op=name, sorts=f"{DAY}, {MOMENT}")
    one, other = (_span(pair, is_day, len(set(map(id, pair))) > 1) for pair in ends)
    return RELATIONS[name](one, other)


def compared(op: str, held: Value, said: Value) -> Any:
    """Return the condition that compares a moment with an office day, which lasts from its first to its last second."""
    return _COMPARED[op](held.sql, *day_span(said.said))


def _ends(here: Here, layer: Layer, tree: Any) -> tuple[Any, Any]:
    """Return begin and end of an instant or an interval, each a value or None for an open end."""
    if isinstance(tree, dict) and "interval" in tree:
        pair = tree["interval"]
        if not isinstance(pair, list) or len(pair) != 2:
            raise Invalid("ogc_filter_arguments", field="filter", name="interval", wanted=2)
        begin, end = (_end(here, layer, part) for part in pair)
        return begin, end
    found = value(here, layer, tree)
    if found.sort not in (DAY, MOMENT):
        raise Invalid("ogc_filter_sorts", field="filter", op="t_", sorts=found.sort)
    return found, found


def _end(here: Here, layer: Layer, tree: Any) -> Value | None:
    if tree in OPEN:
        return None
    if isinstance(tree, str):
        is_day = len(tree) <= len("2026-05-20")
        return value(here, layer, {"date": tree} if is_day else {"timestamp": tree})
    found = of_property(here, layer, tree["property"]) if isinstance(tree, dict) and "property" in tree else value(
        here, layer, tree)
    if found.sort not in (DAY, MOMENT):
        raise Invalid("ogc_filter_sorts", field="filter", op="interval", sorts=found.sort)
    return found


def _span(pair: tuple[Any, Any], is_day: bool, is_interval: bool) -> Span:
    return Span(_edge(pair[0], is_day, is_interval, False), _edge(pair[1], is_day, is_interval, True), is_day)


def _edge(found: Value | None, is_day: bool, is_interval: bool, is_last: bool) -> Any:
    far = LAST if is_last else FIRST
    if found is None:
        return _said(far, is_day)
    if not found.is_literal:
        return func.coalesce(found.sql, _said(far, is_day)) if is_interval else found.sql
    if found.sort == DAY and not is_day:
        return _said(day_span(found.said)[is_last], False)
    return _said(found.said, is_day)


def _said(moment: Any, is_day: bool) -> Any:
    if not is_day:
        return literal(moment, UtcDateTime)
    return literal(moment.date() if isinstance(moment, datetime) else moment, Date)


class Asked(NamedTuple):
    """What the `datetime` parameter asks: as of one moment or day (`on`), or what meets a span with or without ends."""

    on: date | datetime | None = None
    begin: datetime | None = None
    end: datetime | None = None
    is_span: bool = False


def read_asked(text: str) -> Asked:
    """Return what the `datetime` parameter asks; raise Invalid."""
    parts = text.strip().split("/")
    if len(parts) == 1:
        return Asked(on=_one(parts[0]))
    if len(parts) != 2:
        raise Invalid("ogc_datetime", field="datetime", value=text[:60])
    begin, end = (None if part.strip() in OPEN else _one(part) for part in parts)
    first = begin if isinstance(begin, datetime) else day_span(begin)[0] if begin else None
    last = end if isinstance(end, datetime) else day_span(end)[1] if end else None
    if first and last and first > last:
        raise Invalid("ogc_datetime", field="datetime", value=text[:60])
    return Asked(begin=first, end=last, is_span=True)


def _one(text: str) -> date | datetime:
    text = text.strip().replace(" ", "+")
    if len(text) == len("2026-05-20"):
        return read_day(text, "datetime")
    return read_moment(text, "datetime")
