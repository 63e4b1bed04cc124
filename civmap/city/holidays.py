"""The days a city works or not against the official calendar, and a year of them as it is shown and edited."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import chinese_calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.calendar import WorkCalendar
from civmap.city import customs, hours
from civmap.city.models import Holiday
from civmap.errors import Invalid
from civmap.people.rules import Viewer
from civmap.store import ledger

CALENDAR = "calendar"
FIRST_YEAR, LAST_YEAR = 2004, 2100
MOST_DAYS = 400
NAME_LENGTH = 60
Shifts = tuple[tuple[time, time], ...]


@dataclass(frozen=True, slots=True)
class Own:
    """What the city says of a day; `is_worked` None takes its word back."""

    is_worked: bool | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """One day as it is shown; kind: work, weekend, holiday or makeup; `is_own` where the city said so itself."""

    day: date
    is_worked: bool
    kind: str
    name: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Edit:
    """What an administrator wants to change at once: days, and the office hours (None: as they are)."""

    days: Mapping[date, Own]
    shifts: Shifts | None = None

    def over(self, calendar: WorkCalendar) -> WorkCalendar:
        """Return the calendar as it would be."""
        said = {day: own.is_worked for day, own in self.days.items() if own.is_worked is not None}
        kept = {day: worked for day, worked in calendar.exceptions.items() if day not in self.days}
        return replace(calendar, shifts=self.shifts or calendar.shifts, exceptions=kept | said)


def check_day(day: date) -> date:
    """Return a day within the years that are kept; raise Invalid for others."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Invalid("day_out_of_calendar", field="day", value=day.isoformat(), first=FIRST_YEAR, last=LAST_YEAR)
    return day


def year_of(session: Session, year: int) -> list[Day]:
    """Return every day of a year as the city works it; raise Invalid for a year that is not kept."""
    check_day(date(min(max(year, 1), 9999), 1, 1))
    rows = session.scalars(select(Holiday).where(Holiday.day.between(date(year, 1, 1), date(year, 12, 31))))
    own = {row.day: row for row in rows}
    count = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    return [_day(date(year, 1, 1) + timedelta(days=number), own) for number in range(count)]


def _day(day: date, own: Mapping[date, Holiday]) -> Day:
    said = own.get(day)
    is_worked = bool(said.is_worked) if said else WorkCalendar().is_workday(day)
    is_weekend = day.weekday() >= 5
    name = said.name if said else ""
    if is_worked:
        kind = "makeup" if is_weekend else "work"
    else:
        kind = "holiday" if name or festival(day) or not is_weekend else "weekend"
    return Day(day, is_worked, kind, name, said is not None)


def festival(day: date) -> str | None:
    """Return what the official calendar celebrates on a day off, or makes up for on a worked one: an identifier."""
    try:
        _, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return None
    found = next((one.name for one in chinese_calendar.Holiday if one.value == name), None)
    return str(found) if found else None


def change(session: Session, viewer: Viewer, edit: Edit, version: int, now: datetime) -> int:
    """Keep the days and hours of an edit with one line in the ledger; return the calendar's new version.

    Raise Forbidden, Invalid, or Stale where somebody else changed the calendar since.
    """
    viewer.must("manage", "city")
    check_edit(edit)
    told = {day.isoformat(): None if own.is_worked is None else {"is_worked": own.is_worked, "name": own.name}
            for day, own in sorted(edit.days.items())}
    kept = customs.keep(session, viewer, CALENDAR, {"days": told, "at": now.isoformat()}, version, now)
    for day, own in edit.days.items():
        _write(session, day, own)
    if edit.shifts is not None:
        written = {"shifts": [[f"{opens:%H:%M}", f"{closes:%H:%M}"] for opens, closes in edit.shifts]}
        customs.keep(session, viewer, hours.HOURS, written, customs.kept(session, hours.HOURS).version, now)
    session.flush()
    return kept.version


def check_edit(edit: Edit) -> None:
    """Refuse an edit that changes nothing, too many days, or days nobody keeps; raise Invalid."""
    if not edit.days and edit.shifts is None:
        raise Invalid("calendar_edit_empty", field="days")
    if len(edit.days) > MOST_DAYS:
        raise Invalid("calendar_edit_long", field="days", count=len(edit.days), most=MOST_DAYS)
    for day, own in edit.days.items():
        check_day(day)
        if len(own.name) > NAME_LENGTH:
            raise Invalid("day_name_long", field="name", most=NAME_LENGTH)


def _write(session: Session, day: date, own: Own) -> str:
    row = session.scalar(select(Holiday).where(Holiday.day == day))
    if own.is_worked is None:
        if row is not None:
            session.delete(row)
        return "updated" if row is not None else "unchanged"
    if row is None:
        session.add(Holiday(day=day, is_worked=own.is_worked, name=own.name))
        return "created"
    if (row.is_worked, row.name) == (own.is_worked, own.name):
        return "unchanged"
    row.is_worked, row.name = own.is_worked, own.name
    return "updated"


def save(session: Session, viewer: Viewer, values: Mapping[str, Any], now: datetime) -> str:
    """Keep one day of a table; say created, updated or unchanged. Raise Forbidden or Invalid."""
    viewer.must("manage", "city")
    own = Own(values["is_worked"], values.get("name", ""))
    check_edit(Edit({values["day"]: own}))
    before = session.scalar(select(Holiday).where(Holiday.day == values["day"]))
    known = {"is_worked": before.is_worked, "name": before.name} if before is not None else None
    found = _write(session, values["day"], own)
    session.flush()
    if found != "unchanged":
        ledger.record(session, viewer.actor, "edit", "holiday", values["day"].isoformat(), at=now, before=known,
                      after={"is_worked": own.is_worked, "name": own.name})
    return found


def brought(session: Session, viewer: Viewer, count: int, now: datetime) -> None:
    """Count the calendar's version on after a table of days: who has it open for editing is told so."""
    customs.keep(session, viewer, CALENDAR, {"brought": count, "at": now.isoformat()},
                 customs.kept(session, CALENDAR).version, now)
