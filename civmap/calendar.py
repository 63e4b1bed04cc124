"""Working time of a Chinese office: which days are worked, between which hours, and when a limit runs out.

Rules: `domain.md` §4 "time-limit arithmetic"; holidays and make-up days follow the State Council's yearly notice
as published by the library `chinesecalendar`; a year that it does not know counts Monday to Friday, with a warning.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import chinese_calendar

from civmap.clock import OFFICE_ZONE
from civmap.errors import Invalid

HOURS_PER_WORK_DAY = 8
UNITS = ("urgent_hour", "work_hour", "work_day", "calendar_day")
Pause = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Limit:
    """An amount of time in one of the four units of the field."""

    amount: float
    unit: str

    @classmethod
    def parse(cls, text: str) -> "Limit":
        """Read "2 work_day"; raise Invalid where the text is no limit."""
        amount, _, unit = text.strip().partition(" ")
        unit = unit.strip()
        try:
            value = float(amount)
        except ValueError as problem:
            raise Invalid("limit_unreadable", field="limit", value=text) from problem
        if unit not in UNITS or not 0 < value <= 10_000:
            raise Invalid("limit_unreadable", field="limit", value=text)
        return cls(value, unit)

    def times(self, factor: float) -> "Limit":
        """Return the limit scaled by a campaign factor or a share."""
        return Limit(self.amount * factor, self.unit)

    def __str__(self) -> str:
        return f"{self.amount:g} {self.unit}"


@cache
def official_day(day: date) -> bool | None:
    """Tell whether the State Council's calendar calls the day a working day; None for a year it does not know."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None


@dataclass(frozen=True)
class WorkCalendar:
    """Office hours and working days; `exceptions` (day → is worked) go before the official calendar."""

    shifts: tuple[tuple[time, time], ...] = ((time(8), time(12)), (time(14), time(18)))
    exceptions: dict[date, bool] = field(default_factory=dict)
    official: Callable[[date], bool | None] = official_day

    def is_workday(self, day: date) -> bool:
        """Tell whether the day is worked."""
        if day in self.exceptions:
            return self.exceptions[day]
        known = self.official(day)
        return day.weekday() < 5 if known is None else known

    def is_known(self, day: date) -> bool:
        """Tell whether the official calendar (or an exception) speaks of the day."""
        return day in self.exceptions or self.official(day) is not None

    def spans(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the office's working spans from a moment on, in UTC."""
        day = start.astimezone(OFFICE_ZONE).date()
        while True:
            if self.is_workday(day):
                for opens, closes in self.shifts:
                    begin = datetime.combine(day, opens, OFFICE_ZONE).astimezone(UTC)
                    end = datetime.combine(day, closes, OFFICE_ZONE).astimezone(UTC)
                    if end > start:
                        yield max(begin, start), end
            day += timedelta(days=1)


def due_at(limit: Limit, start: datetime, calendar: WorkCalendar, pauses: Sequence[Pause] = ()) -> datetime:
    """Return the moment (UTC) at which a limit that starts running at `start` has run out.

    `pauses` (from, to) are spans in which the clock stands still. Source: `domain.md` §4.
    """
    start = start.astimezone(UTC)
    if limit.unit in ("urgent_hour", "calendar_day"):
        hours = limit.amount * (24 if limit.unit == "calendar_day" else 1)
        return _run(((start, start + timedelta(days=36_500)),), timedelta(hours=hours), pauses)
    hours = limit.amount * (HOURS_PER_WORK_DAY if limit.unit == "work_day" else 1)
    return _run(calendar.spans(start), timedelta(hours=hours), pauses)


def _run(spans: Sequence[Pause] | Iterator[Pause], left: timedelta, pauses: Sequence[Pause]) -> datetime:
    for begin, end in spans:
        for piece_begin, piece_end in _without(begin, end, pauses):
            if piece_end - piece_begin >= left:
                return piece_begin + left
            left -= piece_end - piece_begin
    raise Invalid("limit_unreadable", field="limit", value=str(left))


def _without(begin: datetime, end: datetime, pauses: Sequence[Pause]) -> Iterator[Pause]:
    for pause_begin, pause_end in sorted(pauses):
        if pause_end <= begin or pause_begin >= end:
            continue
        if pause_begin > begin:
            yield begin, pause_begin
        begin = max(begin, pause_end)
        if begin >= end:
            return
    if begin < end:
        yield begin, end


def unknown_years(start: datetime, end: datetime, calendar: WorkCalendar) -> list[int]:
    """Return the years between two moments of which the official calendar knows nothing."""
    first, last = start.astimezone(OFFICE_ZONE).date(), end.astimezone(OFFICE_ZONE).date()
    return [year for year in range(first.year, last.year + 1)
            if not calendar.is_known(max(first, date(year, 1, 1)))]
