"""Which queues each role opens the product on, when waiting is too long, and how a clock is put into words."""

from datetime import timedelta

import pytest

from civmap.calendar import Limit, WorkCalendar, due_at
from civmap.clock import parse_moment
from civmap.inbox import limits, rules
from civmap.issues.filters import FILTERS
from civmap.people.rules import MAY, ROLES

DAYS = WorkCalendar()
OPENS_ON = {
    "admin": "to_file to_dispatch returned pleas to_check doubtful overdue",
    "dispatcher": "to_file to_dispatch returned pleas to_check doubtful overdue",
    "inspector": "to_verify to_check on_site mine",
    "unit_handler": "to_acknowledge rework to_fix overdue due_soon suspended mine",
    "unit_head": "to_second to_acknowledge rework to_fix overdue due_soon suspended",
    "subdistrict_clerk": "to_verify to_acknowledge rework to_fix overdue due_soon suspended mine",
    "grid_member": "to_verify to_acknowledge rework to_fix overdue mine",
    "road_chief": "on_my_road overdue due_soon mine", "industry_lead": "overdue due_soon rework",
    "leader": "overdue level_3 doubtful", "discipline": "level_3 overdue",
    "shop": "to_acknowledge rework to_fix overdue due_soon mine", "public": "",
}


def moment(text):
    return parse_moment(f"2026-05-{text}:00+08:00")


def test_every_role_has_its_queues_in_order():
    told = {role: " ".join(queue.name for queue in rules.queues(role, "HD", "li")) for role in ROLES}
    assert told == OPENS_ON


@pytest.mark.parametrize("role", ROLES)
def test_a_queue_asks_in_the_one_language_and_offers_only_what_the_role_may(role):
    for queue in rules.queues(role, "HD", "li"):
        assert set(queue.filters) <= {*FILTERS, "status"}
        assert not {"@unit", "@me"} & set(queue.filters.values())
        assert not queue.verbs or (queue.verbs[0], "issue") in MAY[role]
        assert queue.target is None or (queue.since and queue.target in rules.TARGETS)


def test_without_a_unit_only_what_needs_none_is_there():
    assert [queue.name for queue in rules.queues("grid_member", None, "li")] == ["to_verify", "overdue", "mine"]
    check = rules.queues("inspector", None, "li")[1]
    assert (check.name, dict(check.filters)) == ("to_check", {"state": "resolved"})
    assert rules.queues("inspector", "HD", "li")[1].filters["not_under"] == "HD"


def test_the_queue_that_opens_is_the_named_one_else_the_first_in_which_something_waits():
    known = rules.queues("dispatcher", None, "li")
    assert rules.chosen(known, "overdue", {}).name == "overdue"
    assert rules.chosen(known, None, {"returned": 2, "overdue": 9}).name == "returned"
    assert rules.chosen(known, None, {}).name == "to_file"
    assert rules.chosen((), None, {}) is None


@pytest.mark.parametrize("target, now", [("file", "20T09:00"), ("check", "20T09:00"), ("acknowledge", "18T08:30"),
                                         ("dispatch", "20T13:00"), ("check", "17T12:00")])
def test_what_began_before_the_moment_has_missed_the_target_and_nothing_else(target, now):
    limit, here = rules.TARGETS[target], moment(now)
    border = rules.late_before(limit, here, DAYS)
    assert due_at(limit, border - timedelta(seconds=1), DAYS) < here <= due_at(limit, border, DAYS)


@pytest.mark.parametrize("start, due, now, unit, told", [
    ("20T09:00", "20T11:00", "20T10:00", "work_hour", ("open", 0.5, 1, "work_hour")),
    ("20T09:00", "20T11:00", "20T10:45", "work_hour", ("due_soon", 0.875, 15, "minute")),
    ("20T11:00", "20T15:00", "20T13:00", "work_hour", ("open", 0.5, 1, "work_hour")),
    ("18T09:00", "20T09:00", "20T17:00", "work_day", ("overdue", 1, 6, "work_hour")),
    ("15T09:00", "18T09:00", "20T11:00", "work_day", ("overdue", 1, 2.2, "work_day")),
    ("20T09:00", "20T13:00", "20T12:30", "urgent_hour", ("due_soon", 0.875, 30, "minute")),
    ("18T00:00", "22T00:00", "20T00:00", "calendar_day", ("open", 0.5, 2, "calendar_day")),
])
def test_a_clock_says_what_is_left_as_people_do(start, due, now, unit, told):
    bar = limits.bar("limit", moment(start), moment(due), moment(now), DAYS, unit)
    assert (bar.status, bar.share, bar.amount, bar.unit) == told


def test_a_stage_runs_in_working_time():
    bar = limits.stage(moment("19T17:50"), Limit(0.5, "work_hour"), moment("20T08:10"), DAYS)
    assert (bar.kind, bar.status, bar.amount, bar.unit) == ("stage", "open", 10, "minute")
