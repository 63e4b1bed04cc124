"""How many issues were open and overdue at the end of each day, and how many were reported and closed on it.

One pass over the issues' moments: the database hands each column over as one packed value, NumPy counts. The hour is
precise enough, since office days begin on the hour; today is counted to the second.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock
from typing import Any

import numpy as np
from sqlalchemy import LargeBinary, case, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from civmap import clock
from civmap.errors import Invalid
from civmap.issues import changes
from civmap.issues.models import Issue
from civmap.issues.queries import conditions, is_open, is_overdue, visible
from civmap.people.rules import Viewer
from civmap.store.listing import Here

MOST_DAYS = 1_100
USUAL_DAYS = 60
OFFICE_HOURS = 8
MOST_KEPT = 64
SIGNS = 13
NEVER = "9999-12-31 00"
MOMENTS = ("reported_at", "ended_at", "due_at", "suspended_at", "closed_at")
_KEPT: OrderedDict[tuple[Any, ...], list["Day"]] = OrderedDict()
_LOCK = Lock()


@dataclass(frozen=True, slots=True)
class Day:
    """One office day: what stood open and overdue at its end (today: now), what came and what was struck off."""

    day: date
    open: int
    overdue: int
    reported: int
    closed: int


class _Packed(FunctionElement[bytes]):
    """The hours of some moment columns, row after row, of all rows in one value."""

    inherit_cache = True
    type = LargeBinary()
    name = "packed"


@compiles(_Packed, "sqlite")
def _packed_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    hours = "||".join(f"coalesce(substr({compiler.process(column, **kw)}, 1, {SIGNS}), '{NEVER}')"
                      for column in element.clauses)
    return f"group_concat({hours}, '')"


@compiles(_Packed, "postgresql")
def _packed_postgis(element: Any, compiler: Any, **kw: Any) -> str:
    hours = "||".join(
        f"int4send(coalesce(floor(extract(epoch from {compiler.process(column, **kw)}) / 3600), 2147483647)::int)"
        for column in element.clauses)
    return f"string_agg({hours}, ''::bytea)"


def window(first: date | None, last: date | None, now: datetime) -> tuple[date, date]:
    """Return the days that are asked for, none of them in the future; raise Invalid where they are no span."""
    today = clock.office_day(now)
    end = min(last or today, today)
    begin = first or max(end, date(1, 3, 1)) - timedelta(days=min(USUAL_DAYS - 1, end.toordinal() - 60))
    if begin > end:
        raise Invalid("days_backwards", field="from", first=begin.isoformat(), last=end.isoformat())
    if (end - begin).days >= MOST_DAYS:
        raise Invalid("days_too_many", field="from", most=MOST_DAYS)
    return begin, end


def counted(session: Session, viewer: Viewer, first: date, last: date, now: datetime,
            filters: Mapping[str, Any]) -> list[Day]:
    """Return the days of a span as this viewer may count them; raise Invalid for a filter nobody knows.

    What discipline sees depends on the clock (`queries.visible`): theirs are kept for a minute.
    """
    key = (changes.newest(session), str(session.get_bind().url), viewer.scope, first, last,
           clock.office_day(now), now.strftime("%H:%M") if viewer.role == "discipline" else "",
           tuple(sorted((name, str(value)) for name, value in filters.items())))
    with _LOCK:
        kept = _KEPT.get(key)
    if kept is None:
        kept = _counted(session, _conditions(session, viewer, filters, now), first, last)
        with _LOCK:
            _KEPT[key] = kept
            while len(_KEPT) > MOST_KEPT:
                _KEPT.popitem(last=False)
    return _until_now(session, viewer, kept, now, filters) if last == clock.office_day(now) else kept


def _conditions(session: Session, viewer: Viewer, filters: Mapping[str, Any], now: datetime) -> list[Any]:
    return [visible(viewer, now), *conditions(Here(session, viewer, now, now), filters)]


def _counted(session: Session, seen: list[Any], first: date, last: date) -> list[Day]:
    packed = session.scalar(select(_Packed(*(getattr(Issue, name).__clause_element__() for name in MOMENTS)))
                            .select_from(Issue).where(*seen))
    reported, ended, due, suspended, closed = _days(packed).T
    stopped = np.minimum(ended, suspended)
    late = due < stopped
    begin, length = first.toordinal(), (last - first).days + 1
    came, went = _until(reported, begin, length), _until(ended, begin, length)
    ran_out, stopped_late = _until(due[late], begin, length), _until(stopped[late], begin, length)
    new, struck = _on(reported, begin, length), _on(closed, begin, length)
    return [Day(first + timedelta(days=number), int(came[number] - went[number]),
                int(ran_out[number] - stopped_late[number]), int(new[number]), int(struck[number]))
            for number in range(length)]


def _days(packed: str | bytes | None) -> np.ndarray:
    """Return the office day of each packed hour, as ordinals; what never comes lies beyond every span."""
    if not packed:
        return np.empty((0, len(MOMENTS)), np.int64)
    if isinstance(packed, str):
        texts = np.frombuffer(packed.encode(), np.uint8).reshape(-1, SIGNS)
        on = np.frombuffer(np.ascontiguousarray(texts[:, :10]).tobytes(), "S10").astype("datetime64[D]")
        hours = on.astype(np.int64) * 24 + (texts[:, 11].astype(np.int64) - 48) * 10 + texts[:, 12] - 48
    else:
        hours = np.frombuffer(bytes(packed), ">i4").astype(np.int64)
    return ((hours + OFFICE_HOURS) // 24 + date(1970, 1, 1).toordinal()).reshape(-1, len(MOMENTS))


def _on(days: np.ndarray, begin: int, length: int) -> np.ndarray:
    inside = days[(days >= begin) & (days < begin + length)] - begin
    return np.bincount(inside, minlength=length)


def _until(days: np.ndarray, begin: int, length: int) -> np.ndarray:
    """Return how many lie on a day or before it, for each day of a span."""
    return np.cumsum(_on(days, begin, length)) + int((days < begin).sum())


def _until_now(session: Session, viewer: Viewer, days: list[Day], now: datetime,
               filters: Mapping[str, Any]) -> list[Day]:
    """Return the days with today as it stands at this moment, not as it will have ended."""
    asked = select(func.count(), func.sum(case((is_overdue(now), 1), else_=0))).where(
        is_open(), *_conditions(session, viewer, filters, now))
    row = session.execute(asked).one()
    today = days[-1]
    return [*days[:-1], Day(today.day, row[0], int(row[1] or 0), today.reported, today.closed)]
