"""What happened in the demo: 1,200 issues whose statuses hold from the day's first minute to its last."""

import random
from collections import Counter
from datetime import date, timedelta

import pytest

from civmap import dictionaries
from civmap.calendar import Limit, WorkCalendar, due_at
from civmap.demo.plan_times import Times
from civmap.issues import deadlines, rules

CALENDAR = WorkCalendar()


def open_issues(plan):
    return [issue for issue in plan.issues if issue.life.facts["state"] in rules.OPEN]


def status(issue, moment):
    return rules.status(issue.life.facts["state"], issue.life.facts["due_at"], issue.life.due_soon_at, moment)


def test_of_1200_issues_82_percent_are_closed_and_every_state_is_there(plan):
    states = Counter(issue.life.facts["state"] for issue in plan.issues)
    assert sum(states.values()) == 1200 and states["closed"] == 984
    assert set(states) == {*rules.OPEN, "closed", "rejected", "duplicate"}
    assert states["suspended"] == 20


@pytest.mark.parametrize("minutes", [1, 12 * 60, 24 * 60 - 1])
def test_forty_points_have_open_issues_and_three_overdue_ones_at_any_hour_of_the_day(plan, minutes):
    moment = plan.times.start + timedelta(minutes=minutes)
    worst = {}
    for issue in open_issues(plan):
        worst.setdefault(issue.point, set()).add(status(issue, moment))
    elsewhere = worst.pop("")
    assert len(worst) == 40 and "overdue" not in elsewhere
    assert sum("overdue" in found for found in worst.values()) == 3
    assert sum("due_soon" in found for found in worst.values()) == 5
    assert Counter(status(issue, moment) for issue in plan.issues)["overdue"] == 3


def test_deadlines_are_those_of_the_working_calendar(plan):
    for issue in plan.issues:
        facts = issue.life.facts
        if facts.get("dispatched_at") is None:
            assert facts["due_at"] is None
            continue
        assert facts["due_at"] == due_at(Limit.parse(facts["time_limit"]), facts["dispatched_at"], CALENDAR)


def test_all_steps_lie_in_order_before_the_day_and_are_allowed_one_after_the_other(plan):
    for issue in plan.issues:
        state, last = None, None
        for step in issue.life.steps:
            assert step.at < plan.times.start and (last is None or step.at >= last), issue.issue_no
            last = step.at
            if step.verb not in ("report", "photo"):
                assert state in rules.FROM[step.verb], (issue.issue_no, step.verb, state)
            state = step.after.get("state", state)
        assert state == issue.life.facts["state"]


def test_a_closed_issue_has_its_whole_history_and_a_picture_of_before_and_after(plan):
    for issue in plan.issues:
        if issue.life.facts["state"] == "closed":
            verbs = [step.verb for step in issue.life.steps]
            assert verbs[:2] == ["report", "photo"] and verbs[-3:] == ["photo", "feedback", "check"]
            assert {"file", "dispatch", "acknowledge"} <= set(verbs)
            assert verbs.count("check") == issue.life.facts["rework_count"] + 1
    assert any(issue.life.facts["rework_count"] for issue in plan.issues)
    assert all(any(step.verb == "photo" for step in issue.life.steps) for issue in plan.issues)


def test_nobody_checks_what_their_own_unit_handled(plan):
    for issue in plan.issues:
        handlers = {step.who for step in issue.life.steps if step.verb == "feedback"}
        checkers = {step.who for step in issue.life.steps if step.verb == "check"}
        assert not handlers & checkers


def test_numbers_follow_the_reports_of_each_day(plan):
    numbers = [issue.issue_no for issue in plan.issues]
    assert numbers == sorted(numbers) and len(set(numbers)) == 1200
    moments = [issue.reported_at for issue in plan.issues]
    assert moments == sorted(moments)
    assert plan.times.start - timedelta(days=61) < moments[0]


def test_classes_fit_their_places_and_the_cascade_named_the_units(plan):
    at_markets = {p.code for p in plan.points if p.type == "PT07"}
    assert all(issue.where == "market" for issue in plan.issues if issue.point in at_markets)
    bases = {issue.claims[0]["basis"] for issue in plan.issues}
    assert bases >= {"point", "frontage", "professional", "segment", "grid"}
    assert all(issue.class_code in dictionaries.issue_classes() for issue in plan.issues)
    busiest = Counter(issue.where for issue in plan.issues if issue.point).most_common(3)
    assert "market" in dict(busiest)


def test_every_login_has_something_to_see(plan):
    by_unit = Counter(issue.life.facts["unit_id"] for issue in open_issues(plan))
    assert by_unit[plan.logins["handler"]["unit"]] >= 3
    grid, chief = plan.logins["grid"]["territory"], plan.logins["chief"]["segment"]
    assert sum(issue.division == grid for issue in plan.issues) >= 5
    assert sum(issue.segment == chief for issue in plan.issues) >= 5
    assert sum(issue.life.facts["unit_id"] == plan.logins["shop"]["unit"] for issue in plan.issues) >= 3


@pytest.mark.parametrize("day", ["2026-05-25", "2026-11-22", "2026-10-01", "2026-02-14", "2026-02-24", "2027-03-05"])
def test_moments_can_be_found_for_every_kind_of_day(day, plan):
    times = Times(date.fromisoformat(day), CALENDAR)
    rng = random.Random(3)
    for since, wanted in ((times.open_since, "open"), (times.nearly_late_since, "due_soon"),
                          (times.late_since, "overdue")):  # fmt: skip
        for natural in ("2 work_hour", "2 work_day", "3 work_day", "5 work_day", "15 work_day"):
            at, limit = since(rng, natural)
            soon, due = deadlines.moments(Limit.parse(limit), at, CALENDAR)
            for moment in (times.start, times.end):
                assert rules.status("in_progress", due, soon, moment) == wanted, (natural, limit, at)
