"""Days: what stood open and overdue at the end of each, as the viewer may count it."""

from datetime import date, datetime, timedelta

import pytest
from shapely import Point
from sqlalchemy import update

from civmap import clock
from civmap.issues import days
from civmap.issues.models import Issue
from civmap.people.queries import by_name, viewer_of
from civmap.store.database import reading, writing
from tests.support import town as plan

NOW = clock.parse_moment("2026-05-20T09:00:00+08:00")


def at(day: int, hour: float = 9.0) -> datetime:
    """Return an office hour of a day in May 2026."""
    return clock.parse_moment(f"2026-05-{day:02d}T00:00:00+08:00") + timedelta(hours=hour)


def issue(number, reported, due=None, ended=None, state="dispatched", division=plan.HEDONG, suspended=None):
    closed = ended if state == "closed" else None
    return Issue(issue_no=f"WT-{number}", class_code="E0115", geom=Point(plan.SPOT_A2), state=state, division=division,
                 reported_at=reported, dispatched_at=reported, due_at=due, due_soon_at=due, ended_at=ended,
                 closed_at=closed, suspended_at=suspended, reported_by="inspector")


@pytest.fixture
def frozen(monkeypatch):
    monkeypatch.setenv("CIVMAP_TESTING", "1")
    monkeypatch.setenv("CIVMAP_NOW", clock.iso(NOW))


@pytest.fixture
def life(engine, frozen):
    """Give the town four issues whose days can be counted in the head."""
    with writing(engine) as session:
        session.add_all([
            issue(1, at(16), due=at(17), ended=at(19), state="closed"),
            issue(2, at(17, 23.5), due=at(19)),
            issue(3, at(18, 0), ended=at(18, 12), state="rejected", division=plan.QIAOXI),
            issue(4, at(19), due=at(20, 8), division=plan.QIAOXI),
            issue(5, at(20, 8), due=at(20, 22)),
        ])


def told(browser, **asked):
    answer = browser.get("/api/v1/days", query_string={"from": "2026-05-15", "to": "2026-05-20", **asked})
    assert answer.status_code == 200, answer.json
    return {row["day"][-2:]: (row["open"], row["overdue"], row["reported"], row["closed"])
            for row in answer.json["days"]}


def test_each_day_tells_how_it_ended_and_today_how_it_stands(life, signed_in):
    assert told(signed_in("leader")) == {
        "15": (0, 0, 0, 0), "16": (1, 0, 1, 0), "17": (2, 1, 1, 0), "18": (2, 1, 1, 0), "19": (2, 1, 1, 1),
        "20": (3, 2, 1, 0)}


def test_a_day_is_counted_within_the_reach_of_the_viewer_and_by_the_filters_of_the_lists(life, signed_in):
    assert told(signed_in("clerk_west")) == {
        "15": (0, 0, 0, 0), "16": (0, 0, 0, 0), "17": (0, 0, 0, 0), "18": (0, 0, 1, 0), "19": (1, 0, 1, 0),
        "20": (1, 1, 0, 0)}
    assert told(signed_in("shop")) == {f"{day}": (0, 0, 0, 0) for day in range(15, 21)}
    assert told(signed_in("leader"), division=plan.QIAOXI) == told(signed_in("clerk_west"))


def test_a_later_line_of_the_ledger_is_counted_at_once(life, signed_in):
    office = signed_in("dispatcher")
    before = told(office)["20"]
    made = office.post("/api/v1/issues", json={"class": "E0115", "description": "x", "lon": 115.857, "lat": 28.683})
    assert made.status_code == 201
    assert told(office)["20"] == (before[0] + 1, before[1], before[2] + 1, before[3])


def test_what_hangs_on_the_books_is_late_no_more(life, engine, signed_in):
    with writing(engine) as session:
        hangs = {"state": "suspended", "suspended_at": at(19, 15)}
        session.execute(update(Issue).where(Issue.issue_no == "WT-2").values(hangs))
    shown = told(signed_in("leader"))
    assert (shown["18"], shown["19"], shown["20"]) == ((2, 1, 1, 0), (2, 0, 1, 1), (3, 1, 1, 0))


def test_the_counts_of_the_days_are_those_of_the_rule_for_one_moment(life, engine):
    with reading(engine) as session:
        viewer = viewer_of(session, by_name(session, "leader"), "api")
        counted = days.counted(session, viewer, date(2026, 5, 15), date(2026, 5, 19), NOW, {})
        rows = session.query(Issue).all()
    for day in counted:
        end = clock.parse_moment(f"{day.day + timedelta(days=1)}T00:00:00+08:00")
        still = [row for row in rows if row.reported_at < end and not (row.ended_at and row.ended_at < end)]
        assert (day.open, day.overdue) == (len(still), sum(bool(row.due_at and row.due_at < end) for row in still))


def test_without_words_the_last_sixty_days_are_told(frozen, signed_in):
    answer = signed_in("leader").get("/api/v1/days").json["days"]
    assert (len(answer), answer[0]["day"], answer[-1]["day"]) == (60, "2026-03-22", "2026-05-20")
    future = signed_in("leader").get("/api/v1/days?from=2026-05-20&to=2027-01-01").json["days"]
    assert [row["day"] for row in future] == ["2026-05-20"]


@pytest.mark.parametrize(("asked", "code"), [
    ("from=2026-05-21", "days_backwards"), ("from=2026-05-10&to=2026-05-01", "days_backwards"),
    ("from=2020-01-01", "days_too_many"), ("from=x", "member_wrong"), ("nonsense=1", "member_unknown"),
    ("to=0001-01-01", None), ("class=E9999", None)])
def test_a_span_that_is_none_is_refused_in_words(frozen, signed_in, asked, code):
    answer = signed_in("leader").get(f"/api/v1/days?{asked}")
    if code is None:
        assert answer.status_code in (200, 404, 422)
    else:
        assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, code), answer.json
