"""Asking for many rows the same way everywhere: frame, words, filters, validity, limit and cursor."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Select, or_, true
from sqlalchemy.orm import Session

from civmap import clock
from civmap.errors import Invalid
from civmap.fields import flag
from civmap.store.base import holds_at
from civmap.store.spatial import in_frame

Condition = Any
Filter = Callable[[Session, Any], Condition]
ANY_TIME = "any"


def moment_of(on: datetime | date | None) -> datetime:
    """Return the moment a question is about: now, a moment, or noon of a day in office time."""
    if on is None:
        return clock.now()
    return on if isinstance(on, datetime) else datetime.combine(on, time(12), clock.OFFICE_ZONE)


def narrowed(session: Session, model: Any, statement: Select[Any], *, geom: Any, words: Sequence[Any],
             known: Mapping[str, Filter], bbox: Sequence[float] | None = None, q: str | None = None,
             filters: Mapping[str, Any] | None = None, on: datetime | date | None = None,
             limit: int | None = None, after: int | None = None) -> Select[Any]:
    """Return the statement narrowed by frame (W, S, E, N degrees), words, filters and validity, in order of id.

    The filter `retired` (yes, no, any) asks for things that no longer hold. Raise Invalid for an unknown filter or
    a frame that is none.
    """
    filters = dict(filters or {})
    retired = filters.pop("retired", "no")
    for name, value in filters.items():
        if name not in known:
            raise Invalid("unknown_filter", field=name, name=name, known=[*sorted(known), "retired"])
        statement = statement.where(known[name](session, value))
    if retired != ANY_TIME:
        holds = holds_at(model, moment_of(on))
        statement = statement.where(~holds if flag(retired) else holds)
    if bbox is not None:
        statement = statement.where(in_frame(geom, *checked_frame(bbox)))
    if q:
        statement = statement.where(or_(*(word.icontains(q, autoescape=True) for word in words)))
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


def equals(column: Any, read: Callable[[Any], Any] = str) -> Filter:
    """Return a filter: the column equals the value, or one of the values."""
    def build(session: Session, value: Any) -> Condition:
        values = value if isinstance(value, list | tuple | set | frozenset) else [value]
        return column.in_([read(part) for part in values])
    return build


def begins(column: Any) -> Filter:
    """Return a filter: the column begins with the value."""
    return lambda session, value: begins_with(column, str(value))


def begins_with(column: Any, prefix: str) -> Condition:
    """Return the condition that a text column begins with a prefix, whatever signs it holds."""
    return column.startswith(prefix, autoescape=True) if prefix else true()
