"""The city's own days and hours: what a change would move is told before, and moved with a line each after."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from civmap.city import customs, holidays, hours
from civmap.city.holidays import Edit, Own
from civmap.clock import parse_moment, to_office
from civmap.errors import Forbidden, Invalid, Stale
from civmap.issues import actions, rescheduling
from civmap.issues.models import Issue
from civmap.store import ledger
from civmap.store.database import reading, writing
from tests.support.command import Civmap
from tests.support.town import viewers

GARBAGE = {"class": "exposed_garbage", "description": "桥头有一堆垃圾", "lon": 115.8570, "lat": 28.6830,
           "on_site": True, "unit": "HW-C"}


def _due(issue):
    return to_office(issue.due_at).strftime("%m-%d %H:%M")


def _hand_over(session, cast, now, *limits):
    return [actions.report(session, cast["inspector"], GARBAGE | {"limit": limit}, now) for limit in limits]


def test_a_day_off_moves_what_runs_over_it_and_nothing_else(session, cast, now):
    short, long, night, given = _hand_over(session, cast, now, "2 work_hour", "2 work_day", "30 urgent_hour",
                                           "1 work_day")
    given.due_at += timedelta(hours=1)
    session.flush()
    before = hours.office_calendar(session)
    edit = Edit({date(2026, 5, 21): Own(False, "防汛")})
    told = rescheduling.moves(session, before, edit.over(before))
    assert [(move.issue.issue_no, to_office(move.due_at).day) for move in told] == [(long.issue_no, 25)]
    with pytest.raises(Forbidden):
        holidays.change(session, cast["dispatcher"], edit, 0, now)
    assert holidays.change(session, cast["admin"], edit, 0, now) == 1
    with pytest.raises(Stale):
        holidays.change(session, cast["admin"], edit, 0, now)
    after = hours.office_calendar(session)
    assert after.exceptions == edit.over(before).exceptions
    assert rescheduling.follow(session, cast["admin"], before, after, now) == 1
    assert [_due(one) for one in (short, long, night, given)] == ["05-20 11:00", "05-25 09:00", "05-21 15:00",
                                                                 "05-21 10:00"]
    line = ledger.history(session, "issue", long.issue_no)[-1]
    assert (line.verb, line.before["due_at"][:10], line.after["due_at"][:10]) == ("reschedule", "2026-05-22",
                                                                                "2026-05-25")
    shown = {day.day: day for day in holidays.year_of(session, 2026)}
    assert [(shown[day].kind, shown[day].name, shown[day].is_own) for day in (
        date(2026, 5, 21), date(2026, 2, 14), date(2026, 2, 17), date(2026, 5, 23), date(2026, 5, 20))] == [
        ("holiday", "防汛", True), ("makeup", "", False), ("holiday", "", False), ("weekend", "", False),
        ("work", "", False)]
    holidays.change(session, cast["admin"], Edit({date(2026, 5, 21): Own(None)}), 1, now)
    assert rescheduling.follow(session, cast["admin"], after, hours.office_calendar(session), now) == 1
    assert _due(long) == "05-22 09:00"


def test_office_hours_and_an_impossible_edit(session, cast, now):
    [issue] = _hand_over(session, cast, now, "4 work_hour")
    before = hours.office_calendar(session)
    with pytest.raises(Invalid, match="calendar_edit_empty"):
        holidays.change(session, cast["admin"], Edit({}), 0, now)
    with pytest.raises(Invalid, match="day_out_of_calendar"):
        holidays.change(session, cast["admin"], Edit({date(1999, 1, 1): Own(True)}), 0, now)
    holidays.change(session, cast["admin"], Edit({}, hours.shifts_of([["09:00", "17:00"]])), 0, now)
    rescheduling.follow(session, cast["admin"], before, hours.office_calendar(session), now)
    assert _due(issue) == "05-20 13:00"


def test_a_table_of_holidays_comes_in_and_deadlines_follow(engine, settings, tmp_path):
    now = parse_moment("2026-12-31T16:00+08:00")
    with writing(engine) as session:
        [issue] = _hand_over(session, viewers(session), now, "4 work_hour")
        number = issue.issue_no
    civmap = Civmap(settings.home, settings.database_url, now="2026-12-31T16:00:00+08:00")
    asked = ("deadline", "--limit", "4 work_hour", "--from", "2026-12-31T16:00")
    assert civmap.json(*asked)["warnings"] == ["calendar_unknown_year:2027"]
    file = tmp_path / "days.csv"
    days = [*((f"2027-01-0{day}", "休", "元旦") for day in (1, 2, 3)), ("2027/1/9", "上班", "元旦补班"),
            *((f"2027-02-0{day}", "否", "春节") for day in (5, 6, 7, 8, 9)), ("2027-02-30", "否", ""),
            ("2027-03-01", "也许", "")]
    file.write_text("\n".join(",".join(row) for row in (("日期", "是否上班", "名称"), *days)), "utf-8")
    done = civmap.json("import", "holidays", str(file), "--yes")
    assert (done["created"], len(done["problems"])) == (9, 2)
    assert civmap.json("import", "holidays", str(file), "--yes")["unchanged"] == 9
    assert civmap.json(*asked) == {"due_at": "2027-01-04T02:00:00Z", "warnings": []}
    with reading(engine) as session:
        assert _due(session.scalar(select(Issue).where(Issue.issue_no == number))) == "01-04 10:00"
        assert customs.kept(session, holidays.CALENDAR).version == 1  # who has the calendar open is told
