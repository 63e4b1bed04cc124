"""Limits run in Chinese working time (the verified examples of the domain document §4)."""

from datetime import date

import pytest

from civmap.calendar import Limit, WorkCalendar, due_at, unknown_years
from civmap.clock import parse_moment, to_office
from civmap.errors import Invalid

CASES = [
    ("2025-09-30 16:00", "4 work_hour", "2025-10-09 10:00"), ("2025-09-30 16:00", "2 work_day", "2025-10-10 16:00"),
    ("2025-09-30 16:00", "3 work_day", "2025-10-11 16:00"), ("2026-02-14 11:00", "4 work_hour", "2026-02-14 17:00"),
    ("2025-09-30 12:30", "2 work_hour", "2025-09-30 16:00"), ("2025-09-30 18:30", "4 work_hour", "2025-10-09 12:00"),
    ("2025-09-30 17:30", "2 urgent_hour", "2025-09-30 19:30"), ("2026-05-22 15:00", "2 work_day", "2026-05-26 15:00"),
    ("2025-09-30 16:00", "3 calendar_day", "2025-10-03 16:00"), ("2025-10-01 03:00", "1 work_hour", "2025-10-09 09:00"),
]


@pytest.mark.parametrize(("start", "limit", "due"), CASES)
def test_a_limit_runs_out_when_the_law_says(start, limit, due):
    found = due_at(Limit.parse(limit), parse_moment(start), WorkCalendar())
    assert to_office(found).strftime("%Y-%m-%d %H:%M") == due


def test_the_clock_stands_still_while_an_issue_is_suspended():
    pause = (parse_moment("2026-05-20 09:00"), parse_moment("2026-05-21 09:00"))
    found = due_at(Limit.parse("4 work_hour"), parse_moment("2026-05-20 08:00"), WorkCalendar(), [pause])
    assert to_office(found).strftime("%Y-%m-%d %H:%M") == "2026-05-21 12:00"


def test_a_day_that_the_office_adds_or_takes_goes_before_the_official_calendar():
    closed = WorkCalendar(exceptions={date(2026, 5, 20): False})
    found = due_at(Limit.parse("1 work_hour"), parse_moment("2026-05-20 08:00"), closed)
    assert to_office(found).strftime("%Y-%m-%d %H:%M") == "2026-05-21 09:00"


def test_a_year_that_nobody_has_published_is_named():
    start, end = parse_moment("2026-12-30 08:00"), parse_moment("2031-01-05 08:00")
    assert 2031 in unknown_years(start, end, WorkCalendar())
    assert 2026 not in unknown_years(start, end, WorkCalendar())


@pytest.mark.parametrize("text", ["", "2", "two work_day", "2 weeks", "-1 work_day", "0 work_hour", "nan work_hour",
                                  "1e9 work_day"])
def test_a_limit_that_is_none_is_refused(text):
    with pytest.raises(Invalid, match="limit_unreadable"):
        Limit.parse(text)
