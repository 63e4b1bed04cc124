"""When this city's offices work, and by how much a campaign shortens limits: customs and exceptional days."""

from collections.abc import Mapping
from datetime import time
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.calendar import WorkCalendar
from civmap.city import customs
from civmap.city.models import Holiday
from civmap.errors import Invalid

HOURS, CAMPAIGN = "office_hours", "campaign"
USUAL_SHIFTS = (("08:00", "12:00"), ("14:00", "18:00"))
USUAL_FACTOR = 0.5
LEAST_FACTOR, MOST_FACTOR = 0.05, 5.0
MOST_SHIFTS = 6
LEAST_MINUTES_A_DAY = 60
Shifts = tuple[tuple[time, time], ...]


def office_calendar(session: Session) -> WorkCalendar:
    """Return the city's working time: its office hours, and its own days before the State Council's."""
    days = session.execute(select(Holiday.day, Holiday.is_worked))
    return WorkCalendar(office_shifts(session), {day: bool(is_worked) for day, is_worked in days})


def office_shifts(session: Session) -> Shifts:
    """Return the hours the city's offices keep."""
    value = customs.kept(session, HOURS).value
    return shifts_of(value["shifts"] if value else USUAL_SHIFTS)


def campaign_factor(session: Session) -> float:
    """Return by what limits are multiplied when an issue is dispatched now: 1.0 unless a campaign (临战) is on."""
    value = customs.kept(session, CAMPAIGN).value
    return float(value["factor"]) if value and value["is_on"] else 1.0


def shifts_of(written: Any) -> Shifts:
    """Read shifts written [["08:00", "12:00"], …]; raise Invalid where they cross midnight, overlap or are too short.

    Shifts may be written in any order; two that touch are fine.
    """
    if not isinstance(written, list | tuple) or not 1 <= len(written) <= MOST_SHIFTS:
        raise Invalid("office_hours_unreadable", field="shifts", most=MOST_SHIFTS)
    shifts = sorted(_shift(one) for one in written)
    for (_, ends), (begins, _) in pairwise(shifts):
        if begins < ends:
            raise Invalid("office_hours_overlap", field="shifts", at=f"{begins:%H:%M}")
    if sum(_minute(closes) - _minute(opens) for opens, closes in shifts) < LEAST_MINUTES_A_DAY:
        raise Invalid("office_hours_short", field="shifts", minutes=LEAST_MINUTES_A_DAY)
    return tuple(shifts)


def _shift(written: Any) -> tuple[time, time]:
    try:
        opens, closes = (time.fromisoformat(str(one).strip()) for one in written)
    except (TypeError, ValueError) as problem:
        raise Invalid("office_hours_unreadable", field="shifts", most=MOST_SHIFTS) from problem
    if opens.tzinfo or closes.tzinfo or opens.second or closes.second:
        raise Invalid("office_hours_unreadable", field="shifts", most=MOST_SHIFTS)
    if closes <= opens:
        raise Invalid("office_hours_midnight", field="shifts", opens=f"{opens:%H:%M}", closes=f"{closes:%H:%M}")
    return opens, closes


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def campaign_of(written: Any) -> dict[str, Any]:
    """Read a campaign setting {"factor", "is_on"}; raise Invalid where the factor is out of reason."""
    if not isinstance(written, Mapping) or not isinstance(written.get("is_on"), bool):
        raise Invalid("campaign_unreadable", field="is_on")
    factor = written.get("factor")
    if isinstance(factor, bool) or not isinstance(factor, int | float) or not LEAST_FACTOR <= factor <= MOST_FACTOR:
        raise Invalid("campaign_factor", field="factor", least=LEAST_FACTOR, most=MOST_FACTOR)
    return {"factor": float(factor), "is_on": written["is_on"]}
