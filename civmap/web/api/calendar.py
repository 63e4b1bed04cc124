"""The working calendar: a year of it, what a change would move, and the change; office hours and campaign mode."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from civmap import clock, texts
from civmap.city import customs, holidays, hours
from civmap.city.holidays import CALENDAR, Day, Edit, Own
from civmap.clock import iso
from civmap.errors import Invalid
from civmap.issues import rescheduling
from civmap.issues.rescheduling import Move
from civmap.units.queries import names as unit_names
from civmap.web import versions
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Exact, Loose
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer

MOST_SHOWN = 200
MANAGES = ("manage", "city")
DayText = Annotated[str, Field(min_length=8, max_length=10, description="2026-05-20")]


class YearQuery(BaseModel):
    """Which year; without it the present one."""

    model_config = ConfigDict(extra="forbid")

    year: Annotated[int, Field(ge=holidays.FIRST_YEAR, le=holidays.LAST_YEAR)] | None = None


class Preview(BaseModel):
    """Whether only to tell what would move."""

    model_config = ConfigDict(extra="forbid")

    preview: bool = False


class OneDay(Exact):
    """A day that is worked or not whatever the official calendar says; `is_worked` null takes the city's word back."""

    day: DayText
    is_worked: bool | None
    name: Annotated[str, Field(max_length=holidays.NAME_LENGTH)] = ""


class CalendarEdit(Exact):
    """Days, and office hours as shifts of two times; what is not named stays."""

    days: Annotated[list[OneDay], Field(max_length=holidays.MOST_DAYS)] = Field(default_factory=list)
    shifts: Annotated[list[list[str]], Field(max_length=hours.MOST_SHIFTS)] | None = None


class CampaignEdit(Exact):
    """Campaign mode (临战): by what every limit given from now on is multiplied, and whether it is on."""

    factor: float
    is_on: bool


class CalendarOut(Loose):
    """A year, day by day: kind is work, weekend, holiday or makeup; `known` is false where nobody said its days off."""

    year: int
    known: bool
    days: list[dict[str, Any]]
    shifts: list[list[str]]
    campaign: dict[str, Any]


class MovesOut(Loose):
    """The running issues whose deadline moves (at most 200 are listed, `count` is all of them)."""

    count: int
    moves: list[dict[str, Any]]


@operation("GET", "/calendar", summary="The working calendar of a year", permission=SIGNED_IN, tag="calendar",
           query=YearQuery, answers={200: CalendarOut})
def read(desk: Desk, query: YearQuery) -> Answer:
    """Answer every day of a year, the office hours and campaign mode; the ETag is the calendar's version."""
    return Answer(year_of(desk, query.year or clock.office_day(desk.now).year), 200,
                  {"ETag": versions.etag(version(desk))})


def version(desk: Desk) -> int:
    """Return the version of the calendar."""
    return customs.kept(desk.session, CALENDAR).version


def year_of(desk: Desk, year: int) -> dict[str, Any]:
    """Return a year of the calendar as programs and the page read it."""
    calendar = hours.office_calendar(desk.session)
    days = [_day(one, desk.lang) for one in holidays.year_of(desk.session, year)]
    return {"year": year, "known": calendar.knows(year), "days": days,
            "worked_days": sum(one["is_worked"] for one in days), "shifts": written(calendar.shifts),
            "campaign": campaign(desk)}


def written(shifts: hours.Shifts) -> list[list[str]]:
    """Return shifts as they are written: [["08:00", "12:00"], …]."""
    return [[f"{opens:%H:%M}", f"{closes:%H:%M}"] for opens, closes in shifts]


def campaign(desk: Desk) -> dict[str, Any]:
    """Return the campaign setting with its version."""
    kept = customs.kept(desk.session, hours.CAMPAIGN)
    return {"factor": hours.USUAL_FACTOR, "is_on": False, **(kept.value or {}), "version": kept.version}


def _day(one: Day, lang: str) -> dict[str, Any]:
    festival = holidays.festival(one.day) if not one.is_own else None
    name = one.name or (texts.say(lang, f"calendar.festival.{festival}") if festival else "")
    return {"day": one.day.isoformat(), "is_worked": one.is_worked, "kind": one.kind, "name": name, "own": one.is_own}


@operation("PUT", "/calendar", summary="Change days and office hours", permission=MANAGES, tag="calendar",
           body=CalendarEdit, query=Preview, answers={200: MovesOut}, is_versioned=True)
def write(desk: Desk, body: CalendarEdit, query: Preview, version: int) -> Answer:
    """Tell which deadlines of running issues move, and unless it is a preview let them follow, a ledger line each."""
    edit, before = _edit(body), hours.office_calendar(desk.session)
    holidays.check_edit(edit)
    found = rescheduling.moves(desk.session, before, edit.over(before))
    told = {"count": len(found), "moves": _told(desk, found[:MOST_SHOWN])}
    kept = customs.kept(desk.session, CALENDAR).version
    if not query.preview:
        kept = holidays.change(desk.session, desk.viewer, edit, kept if version == versions.ANY_VERSION else version,
                               desk.now)
        rescheduling.follow(desk.session, desk.viewer, before, hours.office_calendar(desk.session), desk.now)
    return Answer(told, 200, {"ETag": versions.etag(kept)})


def _edit(body: CalendarEdit) -> Edit:
    days = {_read_day(one.day): Own(one.is_worked, one.name.strip()) for one in body.days}
    return Edit(days, hours.shifts_of(body.shifts) if body.shifts is not None else None)


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise Invalid("day_unreadable", field="day", value=text) from problem


def _told(desk: Desk, found: list[Move]) -> list[dict[str, Any]]:
    known = unit_names(desk.session, {move.issue.unit_id for move in found})
    return [{"issue_no": move.issue.issue_no, "state": move.issue.state,
             "unit": known[move.issue.unit_id].name if move.issue.unit_id in known else None,
             "before": iso(move.issue.due_at), "after": iso(move.due_at)} for move in found]


@operation("PUT", "/calendar/campaign", summary="Switch campaign mode", permission=MANAGES, tag="calendar",
           body=CampaignEdit, answers={200: Loose}, is_versioned=True)
def switch(desk: Desk, body: CampaignEdit, version: int) -> Answer:
    """Let limits given from now on be multiplied, or no more; running issues keep theirs."""
    value = hours.campaign_of({"factor": body.factor, "is_on": body.is_on})
    known = customs.kept(desk.session, hours.CAMPAIGN).version
    kept = customs.keep(desk.session, desk.viewer, hours.CAMPAIGN, value,
                        known if version == versions.ANY_VERSION else version, desk.now)
    return Answer({**value, "version": kept.version}, 200, {"ETag": versions.etag(kept.version)})
