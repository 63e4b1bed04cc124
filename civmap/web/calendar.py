"""The calendar page: a year at a glance, days that a tap turns, office hours, campaign mode."""

from calendar import monthrange
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request

from civmap import clock
from civmap.city import holidays
from civmap.web import versions
from civmap.web.access import permission
from civmap.web.api import calendar as api
from civmap.web.desk import Desk

blueprint = Blueprint("calendar", __name__)


@blueprint.get("/calendar")
@permission(("manage", "city"))
def show(desk: Desk) -> str:
    """Show a year of the working calendar to who keeps it."""
    today = clock.office_day(desk.now)
    text = request.args.get("year", "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else today.year
    year = min(max(year, holidays.FIRST_YEAR), holidays.LAST_YEAR)
    found = api.year_of(desk, year)
    return render_template("calendar/show.html", year=year, calendar=found, months=_months(year, found["days"]),
                           today=today.isoformat(), first=holidays.FIRST_YEAR, last=holidays.LAST_YEAR,
                           page={"year": year, "etag": versions.etag(api.version(desk)), "shifts": found["shifts"],
                                 "campaign": found["campaign"], "today": today.isoformat()})


def _months(year: int, days: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the months: how many blank cells come before the first day (weeks begin on Monday), and the days."""
    found, at = [], 0
    for month in range(1, 13):
        count = monthrange(year, month)[1]
        found.append({"number": month, "blanks": date(year, month, 1).weekday(), "days": days[at:at + count],
                      "worked": sum(one["is_worked"] for one in days[at:at + count])})
        at += count
    return found
