"""The clock of an issue beside a table worked out by hand, and beside a walk through the minutes one by one.

The walk knows nothing of the product: its days off and make-up days are written out from the State Council's notices.
"""

from datetime import date, datetime, time, timedelta
from types import SimpleNamespace

import pytest

from civmap.calendar import Limit, WorkCalendar, unknown_years
from civmap.city.hours import campaign_of, shifts_of
from civmap.clock import OFFICE_ZONE, parse_moment, to_office
from civmap.errors import Invalid
from civmap.issues.deadlines import handled_seconds, moments, next_ring, rouse_at

CITY = WorkCalendar()
NIGHT_OWLS = WorkCalendar(shifts_of([["07:30", "11:45"], ["13:15", "17:00"], ["19:00", "21:30"]]))
OWN_DAYS = WorkCalendar(exceptions={date(2026, 5, 20): False, date(2026, 5, 23): True, date(2027, 1, 1): False})
NO_LUNCH = WorkCalendar(shifts_of([["09:00", "17:00"]]))
DAYS_OFF = {(2025, 10): range(1, 9), (2026, 1): range(1, 4), (2026, 2): range(15, 24), (2026, 4): range(4, 7),
            (2026, 5): range(1, 6), (2026, 6): range(19, 22), (2026, 9): range(25, 28), (2026, 10): range(1, 8)}
MADE_UP = {date(2025, 9, 28), date(2025, 10, 11), date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28),
           date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10)}

# start · limit · due, all in office time; then what differs: factor, extensions, pauses "from/to", calendar
CASES = [
    # across a national holiday, with and without the make-up Saturday behind it
    ("2025-09-30 16:00", "4 work_hour", "2025-10-09 10:00", {}),
    ("2025-09-30 16:00", "2 work_day", "2025-10-10 16:00", {}),
    ("2025-09-30 16:00", "3 work_day", "2025-10-11 16:00", {}),
    ("2025-09-30 16:00", "4 work_day", "2025-10-13 16:00", {}),
    ("2026-02-14 11:00", "4 work_hour", "2026-02-14 17:00", {}),
    ("2026-02-14 15:00", "4 work_hour", "2026-02-24 09:00", {}),
    ("2026-02-13 09:00", "2 work_day", "2026-02-24 09:00", {}),
    ("2026-04-30 17:00", "2 work_hour", "2026-05-06 09:00", {}),
    ("2026-05-08 17:00", "1 work_day", "2026-05-09 17:00", {}),
    ("2026-05-08 17:00", "2 work_day", "2026-05-11 17:00", {}),
    ("2026-06-18 16:00", "4 work_hour", "2026-06-22 10:00", {}),
    ("2026-09-19 10:00", "1 work_hour", "2026-09-20 09:00", {}),
    ("2026-09-24 16:00", "5 work_day", "2026-10-09 16:00", {}),
    ("2026-09-24 16:00", "6 work_day", "2026-10-10 16:00", {}),
    # weekends, nights, lunch, and the boundaries themselves
    ("2026-05-22 15:00", "2 work_day", "2026-05-26 15:00", {}),
    ("2026-05-23 10:00", "1 work_hour", "2026-05-25 09:00", {}),
    ("2026-05-24 23:59", "8 work_hour", "2026-05-25 18:00", {}),
    ("2026-05-20 12:00", "1 work_hour", "2026-05-20 15:00", {}),
    ("2026-05-20 12:30", "2 work_hour", "2026-05-20 16:00", {}),
    ("2026-05-20 18:00", "4 work_hour", "2026-05-21 12:00", {}),
    ("2026-05-20 08:00", "4 work_hour", "2026-05-20 12:00", {}),
    ("2026-05-20 08:00", "1 work_day", "2026-05-20 18:00", {}),
    ("2026-05-20 14:00", "4 work_hour", "2026-05-20 18:00", {}),
    ("2026-05-20 07:59", "1 work_hour", "2026-05-20 09:00", {}),
    ("2026-05-20 11:59", "1 work_hour", "2026-05-20 14:59", {}),
    ("2026-05-20 17:59", "1 work_hour", "2026-05-21 08:59", {}),
    # what never sleeps
    ("2025-09-30 17:30", "2 urgent_hour", "2025-09-30 19:30", {}),
    ("2026-12-31 23:30", "1 urgent_hour", "2027-01-01 00:30", {}),
    ("2025-09-30 16:00", "3 calendar_day", "2025-10-03 16:00", {}),
    # half of odd limits, and more than one
    ("2026-05-20 08:00", "1 urgent_hour", "2026-05-20 08:30", {"factor": 0.5}),
    ("2026-05-20 11:00", "3 work_hour", "2026-05-20 14:30", {"factor": 0.5}),
    ("2026-05-20 08:00", "15 work_day", "2026-05-29 12:00", {"factor": 0.5}),
    ("2026-05-20 08:00", "5 work_day", "2026-05-22 12:00", {"factor": 0.5}),
    ("2026-05-20 08:00", "1 calendar_day", "2026-05-20 20:00", {"factor": 0.5}),
    ("2026-05-20 08:00", "7 work_hour", "2026-05-20 10:06", {"factor": 0.3}),
    ("2026-05-20 08:00", "2 work_day", "2026-05-25 18:00", {"extensions": 1}),
    ("2026-05-20 08:00", "2 work_day", "2026-05-22 18:00", {"extensions": 2, "factor": 0.5}),
    # pauses: by day, over a night, over a holiday, over one another, before the start, within lunch
    ("2026-05-20 08:00", "4 work_hour", "2026-05-21 12:00", {"pauses": ["2026-05-20 09:00/2026-05-21 09:00"]}),
    ("2026-05-20 16:00", "4 work_hour", "2026-05-21 10:30", {"pauses": ["2026-05-20 17:30/2026-05-21 08:00"]}),
    ("2026-04-30 16:00", "4 work_hour", "2026-05-07 09:00", {"pauses": ["2026-04-30 17:00/2026-05-06 16:00"]}),
    ("2026-05-20 08:00", "4 work_hour", "2026-05-20 16:00",
     {"pauses": ["2026-05-20 09:00/2026-05-20 10:30", "2026-05-20 10:00/2026-05-20 11:00"]}),
    ("2026-05-20 08:00", "2 work_hour", "2026-05-20 11:00",
     {"pauses": ["2026-05-20 08:30/2026-05-20 09:30", "2026-05-20 08:45/2026-05-20 09:15"]}),
    ("2026-05-20 10:00", "2 work_hour", "2026-05-20 15:00", {"pauses": ["2026-05-19 09:00/2026-05-20 11:00"]}),
    ("2026-05-20 10:00", "2 work_hour", "2026-05-20 12:00", {"pauses": ["2026-05-18 09:00/2026-05-19 11:00"]}),
    ("2026-05-20 10:00", "4 work_hour", "2026-05-20 16:00", {"pauses": ["2026-05-20 12:00/2026-05-20 14:00"]}),
    ("2026-05-20 10:00", "2 work_hour", "2026-05-20 12:00", {"pauses": ["2026-05-20 12:00/"]}),
    ("2026-05-20 22:00", "3 urgent_hour", "2026-05-21 03:00", {"pauses": ["2026-05-20 23:00/2026-05-21 01:00"]}),
    ("2026-05-20 08:00", "1 calendar_day", "2026-06-20 08:00", {"pauses": ["2026-05-20 09:00/2026-06-19 09:00"]}),
    # the end of the last year that anybody has published
    ("2026-12-31 16:00", "4 work_hour", "2027-01-01 10:00", {}),
    ("2026-12-31 16:00", "2 work_day", "2027-01-04 16:00", {}),
    ("2026-12-31 16:00", "4 work_hour", "2027-01-04 10:00", {"calendar": OWN_DAYS}),
    # the city's own days and hours
    ("2026-05-20 08:00", "1 work_hour", "2026-05-21 09:00", {"calendar": OWN_DAYS}),
    ("2026-05-22 17:00", "2 work_hour", "2026-05-23 09:00", {"calendar": OWN_DAYS}),
    ("2026-05-20 11:00", "4 work_hour", "2026-05-20 16:30", {"calendar": NIGHT_OWLS}),
    ("2026-05-20 16:30", "2 work_hour", "2026-05-20 20:30", {"calendar": NIGHT_OWLS}),
    ("2026-05-20 07:30", "1 work_day", "2026-05-20 17:00", {"calendar": NIGHT_OWLS}),
    ("2026-05-20 07:30", "9 work_hour", "2026-05-20 20:00", {"calendar": NIGHT_OWLS}),
    ("2026-05-22 16:00", "2 work_hour", "2026-05-25 10:00", {"calendar": NO_LUNCH}),
]


def _span(text):
    begins, _, ends = text.partition("/")
    return parse_moment(begins), parse_moment(ends) if ends else None


def _said(moment):
    return to_office(moment).strftime("%Y-%m-%d %H:%M")


def _told(start, limit, changes):
    found = {"factor": 1.0, "extensions": 0, "calendar": CITY} | changes
    pauses = [_span(text) for text in changes.get("pauses", ())]
    return Limit.parse(limit), parse_moment(start), found["calendar"], found["factor"], found["extensions"], pauses


@pytest.mark.parametrize(("start", "limit", "due", "changes"), CASES)
def test_a_limit_runs_out_as_worked_out_by_hand(start, limit, due, changes):
    amount, begins, calendar, factor, extensions, pauses = _told(start, limit, changes)
    assert _said(moments(amount, begins, calendar, factor=factor, extensions=extensions, pauses=pauses)[1]) == due


@pytest.mark.parametrize(("start", "limit", "due", "changes"), CASES)
def test_a_walk_through_the_minutes_comes_to_the_same_two_moments(start, limit, due, changes):
    amount, begins, calendar, factor, extensions, pauses = _told(start, limit, changes)
    soon, late = moments(amount, begins, calendar, factor=factor, extensions=extensions, pauses=pauses)
    hours = {"urgent_hour": 1, "work_hour": 1, "work_day": 8, "calendar_day": 24}[amount.unit]
    minutes = round(amount.amount * factor * (1 + extensions) * hours * 60)
    around_the_clock = amount.unit in ("urgent_hour", "calendar_day")
    walked = list(_walk(begins, minutes, calendar, pauses, around_the_clock))
    assert late == walked[-1]
    used = [moment for moment in walked if moment <= soon]
    assert len(used) == minutes * 3 // 4
    if not around_the_clock:
        assert handled_seconds(begins, late, calendar, pauses) == minutes * 60


def _walk(begins, minutes, calendar, pauses, around_the_clock):
    moment, step = to_office(begins), timedelta(minutes=1)
    while minutes:
        paused = any(since <= moment and (until is None or moment < until) for since, until in pauses)
        if not paused and (around_the_clock or _is_worked(moment, calendar)):
            minutes -= 1
            yield (moment + step).astimezone(begins.tzinfo)
        moment += step


def _is_worked(moment, calendar):
    day = moment.date()
    off = day.day in DAYS_OFF.get((day.year, day.month), ()) or (day.weekday() >= 5 and day not in MADE_UP)
    off = not calendar.exceptions.get(day, not off)
    return not off and any(opens <= moment.time() < closes for opens, closes in calendar.shifts)


def test_a_pause_that_never_ends_holds_the_limit_for_ever():
    for unit in ("work_hour", "urgent_hour"):
        with pytest.raises(Invalid, match="limit_never_ends"):
            moments(Limit(4, unit), parse_moment("2026-05-20 08:00"), CITY, pauses=[_span("2026-05-20 09:00/")])


def test_the_year_nobody_has_published_is_named_until_the_city_says_its_days():
    ends = parse_moment("2027-01-04 16:00")
    assert unknown_years(parse_moment("2026-12-31 16:00"), ends, CITY) == [2027]
    assert unknown_years(parse_moment("2026-12-30 16:00"), parse_moment("2026-12-31 16:00"), CITY) == []


@pytest.mark.parametrize(("shifts", "code"), [
    ([["22:00", "06:00"]], "office_hours_midnight"), ([["08:00", "08:00"]], "office_hours_midnight"),
    ([["08:00", "12:00"], ["11:00", "18:00"]], "office_hours_overlap"), ([["08:00", "08:20"]], "office_hours_short"),
    ([], "office_hours_unreadable"), ([["8", "noon"]], "office_hours_unreadable"), ("08:00", "office_hours_unreadable"),
    ([["08:00", "12:00", "13:00"]], "office_hours_unreadable"), ([["08:00:30", "12:00"]], "office_hours_unreadable"),
])
def test_office_hours_that_are_none_are_refused(shifts, code):
    with pytest.raises(Invalid, match=code):
        shifts_of(shifts)


def test_shifts_may_come_in_any_order_and_touch():
    assert shifts_of([["13:00", "17:00"], ["09:00", "13:00"]]) == ((time(9), time(13)), (time(13), time(17)))


@pytest.mark.parametrize("value", [None, {}, {"factor": 0, "is_on": True}, {"factor": "half", "is_on": True},
                                   {"factor": True, "is_on": True}, {"factor": 0.5, "is_on": "yes"}])
def test_a_campaign_without_sense_is_refused(value):
    with pytest.raises(Invalid, match="campaign"):
        campaign_of(value)


def _issue(state="in_progress", level=0, **moments_of):
    known = {"due_soon_at": "2026-05-20 14:00", "due_at": "2026-05-20 16:00", "resumes_at": None} | moments_of
    return SimpleNamespace(state=state, supervision_level=level, **{
        name: text and parse_moment(text) for name, text in known.items()})


@pytest.mark.parametrize(("issue", "after", "rings"), [
    (_issue("dispatched"), "2026-05-20 10:00", [("2026-05-20 14:00", 1), ("2026-05-20 16:00", 1),
                                               ("2026-05-21 16:00", 2), ("2026-05-25 16:00", 3)]),
    (_issue(level=1), "2026-05-20 14:00", [("2026-05-20 16:00", 1), ("2026-05-21 16:00", 2), ("2026-05-25 16:00", 3)]),
    (_issue("rework", level=2), "2026-05-20 10:00", [("2026-05-25 16:00", 3)]),
    (_issue("rework", level=2), "2026-06-01 10:00", [("2026-06-01 10:00", 3)]),
    (_issue(level=3), "2026-05-20 10:00", []), (_issue("resolved"), "2026-05-20 10:00", []),
    (_issue("closed"), "2026-05-20 10:00", []), (_issue("returned"), "2026-05-20 10:00", []),
    (_issue("filed", due_at=None, due_soon_at=None), "2026-05-20 10:00", []),
    (_issue("suspended", resumes_at="2026-08-01 09:00"), "2026-05-20 10:00", [("2026-08-01 09:00", None)]),
])
def test_an_issue_rings_at_its_moments_in_their_order(issue, after, rings):
    found, moment = [], parse_moment(after)
    while (ring := next_ring(issue, CITY, after=moment)) is not None:
        assert rouse_at(issue, CITY, after=moment) == ring.at
        found.append((_said(ring.at), ring.level))
        issue.supervision_level = max(issue.supervision_level, ring.level or 0)
        if ring.level is None:
            break
        moment = ring.at
    assert found == rings


def test_a_moment_is_kept_in_whole_seconds():
    soon, late = moments(Limit(0.333, "work_hour"), datetime(2026, 5, 20, 8, tzinfo=OFFICE_ZONE), CITY, factor=0.7)
    assert (soon.microsecond, late.microsecond) == (0, 0)
