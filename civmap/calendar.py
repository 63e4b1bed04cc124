"""Working time of a Chinese office: which days are worked, between which hours, and when a limit runs out.

Rules: `domain.md` §4 "time-limit arithmetic"; holidays and make-up days follow the State Council's yearly notice
as published by the library `chinesecalendar`; a year that it does not know counts Monday to Friday, with a warning.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from math import floor

import chinese_calendar

from civmap.clock import OFFICE_ZONE
from civmap.errors import Invalid

HOURS_PER_WORK_DAY = 8
UNITS = ("urgent_hour", "work_hour", "work_day", "calendar_day")
HOURS_OF = {"urgent_hour": 1, "calendar_day": 24, "work_hour": 1, "work_day": HOURS_PER_WORK_DAY}
DAYS_OF_A_NOTICE = 7
"""A year's notice names at least so many days that differ from Monday to Friday."""
AROUND_THE_CLOCK = ("urgent_hour", "calendar_day")
Span = tuple[datetime, datetime]
Shifts = tuple[tuple[time, time], ...]
Pause = tuple[datetime, datetime | None]


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


@lru_cache(maxsize=4_096)
def _spans_on(day: date, shifts: Shifts) -> tuple[Span, ...]:
    return tuple((datetime.combine(day, opens, OFFICE_ZONE).astimezone(UTC),
                  datetime.combine(day, closes, OFFICE_ZONE).astimezone(UTC)) for opens, closes in shifts)


@dataclass(frozen=True)
class WorkCalendar:
    """Office hours and working days; `exceptions` (day → is worked) go before the official calendar."""

    shifts: Shifts = ((time(8), time(12)), (time(14), time(18)))
    exceptions: dict[date, bool] = field(default_factory=dict)
    official: Callable[[date], bool | None] = official_day

    def is_workday(self, day: date) -> bool:
        """Tell whether the day is worked."""
        if day in self.exceptions:
            return self.exceptions[day]
        known = self.official(day)
        return day.weekday() < 5 if known is None else known

    def knows(self, year: int) -> bool:
        """Tell whether the official calendar speaks of a year, or the city itself named about a notice's worth."""
        if self.official(date(year, 1, 1)) is not None:
            return True
        return sum(day.year == year for day in self.exceptions) >= DAYS_OF_A_NOTICE

    def spans(self, start: datetime) -> Iterator[Span]:
        """Yield the office's working spans from a moment on, in UTC."""
        day = start.astimezone(OFFICE_ZONE).date()
        while True:
            if self.is_workday(day):
                for begin, end in _spans_on(day, self.shifts):
                    if end > start:
                        yield max(begin, start), end
            day += timedelta(days=1)


def due_at(limit: Limit, start: datetime, calendar: WorkCalendar, pauses: Sequence[Pause] = ()) -> datetime:
    """Return the moment (UTC, whole seconds) at which a limit that starts running at `start` has run out.

    `pauses` (from, to) are spans in which the clock stands still; they may overlap, begin before the start, or have
    None for an end that nobody knows: raise Invalid where the limit never runs out then. Source: `domain.md` §4.
    """
    start = start.astimezone(UTC)
    left = timedelta(seconds=floor(limit.amount * HOURS_OF[limit.unit] * 3600 + 0.5))
    for begin, end in _running(limit.unit, start, calendar):
        for piece_begin, piece_end in without(begin, end, pauses):
            if piece_end - piece_begin >= left:
                return piece_begin + left
            left -= piece_end - piece_begin
        if any(to is None and since <= end for since, to in pauses):
            break
    raise Invalid("limit_never_ends", field="pause", value=str(limit))


def _running(unit: str, start: datetime, calendar: WorkCalendar) -> Iterator[Span]:
    if unit not in AROUND_THE_CLOCK:
        return calendar.spans(start)
    return iter(((start, start + timedelta(days=73_000)),))


def worked(start: datetime, end: datetime, calendar: WorkCalendar, pauses: Sequence[Pause] = ()) -> timedelta:
    """Return the working time between two moments, pauses left out."""
    total = timedelta()
    for begin, closes in calendar.spans(start.astimezone(UTC)):
        if begin >= end:
            break
        for piece_begin, piece_end in without(begin, min(closes, end), pauses):
            total += piece_end - piece_begin
    return total


def without(begin: datetime, end: datetime, pauses: Sequence[Pause]) -> Iterator[Span]:
    """Yield what is left of a span when the pauses are taken out."""
    for pause_begin, pause_end in sorted(pauses, key=_begins):
        if pause_begin >= end or (pause_end is not None and pause_end <= begin):
            continue
        if pause_begin > begin:
            yield begin, pause_begin
        if pause_end is None:
            return
        begin = max(begin, pause_end)
        if begin >= end:
            return
    if begin < end:
        yield begin, end


def _begins(pause: Pause) -> datetime:
    return pause[0]


def unknown_years(start: datetime, end: datetime, calendar: WorkCalendar) -> list[int]:
    """Return the years between two moments of which neither the official calendar nor the city knows anything."""
    first, last = start.astimezone(OFFICE_ZONE).year, end.astimezone(OFFICE_ZONE).year
    return [year for year in range(first, last + 1) if not calendar.knows(year)]


def warnings_of(start: datetime, end: datetime, calendar: WorkCalendar) -> list[str]:
    """Return the codes of what a deadline should be told with: calendar_unknown_year:2027."""
    return [f"calendar_unknown_year:{year}" for year in unknown_years(start, end, calendar)]
