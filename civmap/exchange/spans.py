"""The days of one row: what begins, what ends, and limits that count from a day beside them.

Pure. A day alone begins with its first second; a deadline or an end lasts until its last one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil
from typing import Any

from civmap import clock
from civmap.calendar import Limit, WorkCalendar, due_at
from civmap.errors import Invalid
from civmap.exchange import cells, days, measures
from civmap.exchange.days import Hints, Relative

ENDS = ("due_at", "closed_at")
STARTS = ("dispatched_at", "reported_at")
NOTES = {days.MONTH_ONLY: "days_month_only", days.SPAN: "days_span"}
LAST = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Clock:
    """What the days of a table go by: the hints of the table, and the office's calendar."""

    hints: Hints
    calendar: WorkCalendar

    def read(self, name: str, reader: Callable[[Any], Any], cell: Any,
             values: Mapping[str, Any]) -> tuple[Any, str | None]:
        """Return the value of a field of days and a note for the table; raise Invalid."""
        if reader is measures.signing_day and measures.is_unsigned(cell):
            return None, None
        if name == "due_at" and (limit := days.limit(cell)) is not None:
            return self._counted(limit, values), None
        if isinstance(cell, datetime) and cell.tzinfo:
            return cell.astimezone(clock.UTC), None
        if isinstance(cell, str) and cell.isascii() and "T" in cell:
            return reader(cell), None
        told = days.read(cell, self.hints, after=_after(name, values))
        note = NOTES.get(told.note or "")
        if reader is cells.moment:
            return self._edge(name, told), note
        if reader is cells.span_edge and told.at is not None:
            return told.moment(), note
        return (told.until if name.endswith("_to") and told.until else told.on), note

    def _edge(self, name: str, told: days.Told) -> datetime:
        found = told.moment(is_end=name in ENDS)
        now = self.hints.now
        if name == "closed_at" and now and told.at is None and found > now >= told.moment():
            return now
        return found

    def _counted(self, limit: Relative, values: Mapping[str, Any]) -> datetime:
        """Return when a limit runs out that counts from the handing over, else from the report."""
        start = next((values[name] for name in STARTS if name in values), None)
        if start is None:
            raise Invalid("limit_without_start", field="due_at")
        on = clock.office_day(start)
        if limit.unit == "hour":
            if clock.to_office(start).time() == time(0):  # a day alone: nobody knows from which hour
                return _end_of(on + timedelta(days=ceil(limit.count / 24)))
            return start + timedelta(hours=limit.count)
        if limit.unit == "work_hour":
            return due_at(Limit(limit.count, "work_hour"), start, self.calendar)
        if limit.unit == "work_day":
            return _end_of(self._work_days_after(on, round(limit.count)))
        if limit.unit == "month":
            return _end_of(_months_after(on, round(limit.count)))
        return _end_of(on + timedelta(days=round(limit.count)))

    def _work_days_after(self, on: date, count: int) -> date:
        while count > 0:
            on += timedelta(days=1)
            count -= self.calendar.is_workday(on)
        return on


def _after(name: str, values: Mapping[str, Any]) -> date | None:
    """Return the day that an end of the same row does not lie before."""
    start = next((values[start] for start in reversed(STARTS) if start in values), None)
    return clock.office_day(start) if name in (*ENDS, "dispatched_at") and isinstance(start, datetime) else None


def _end_of(on: date) -> datetime:
    return datetime.combine(on, LAST, clock.OFFICE_ZONE).astimezone(clock.UTC)


def _months_after(on: date, count: int) -> date:
    year, month = divmod(on.year * 12 + on.month - 1 + count, 12)
    for day in range(on.day, 27, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    return date(year, month + 1, min(on.day, 28))
