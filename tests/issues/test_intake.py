"""The office's old tables come in as they stand, and a second time they change nothing."""

from datetime import timedelta

import pytest

from civmap.errors import Invalid, Several
from civmap.issues import intake, queries, showing
from civmap.store import ledger

ROW = {"issue_no": "2026-017", "class": "暴露垃圾", "description": "桥头垃圾", "lon": 115.857, "lat": 28.683,
       "state": "整改中", "reported_at": "2026-05-10 09:00", "dispatched_at": "2026-05-10 10:00",
       "due_at": "2026-05-30 18:00"}


def test_a_row_of_the_old_table_becomes_an_issue_and_a_second_time_changes_nothing(session, cast, now):
    admin = cast["admin"]
    assert intake.save(session, admin, ROW, now) == "created"
    assert intake.save(session, admin, ROW, now + timedelta(hours=1)) == "unchanged"
    assert intake.save(session, admin, ROW | {"state": "已销号", "closed_at": "2026-05-19 09:00"}, now) == "updated"
    issue = queries.by_no(session, admin, "2026-017", now)
    seen = showing.as_json(session, issue, admin, "zh", now)
    assert (seen["state"], seen["unit"], seen["source"]) == ("closed", "HW-C", "import")


def test_a_row_without_number_is_known_again_by_its_facts(session, cast, now):
    row = {name: value for name, value in ROW.items() if name != "issue_no"}
    assert [intake.save(session, cast["admin"], row, now) for _ in range(2)] == ["created", "unchanged"]


def test_the_unit_of_the_old_table_goes_before_the_cascade(session, cast, now):
    intake.save(session, cast["admin"], ROW | {"unit": "城市管理局"}, now)
    seen = showing.as_json(session, queries.by_no(session, cast["admin"], "2026-017", now), cast["admin"], "zh", now)
    assert (seen["unit"], seen["assignment"]["basis"]) == ("CG", "explicit")


@pytest.mark.parametrize("wrong", [{"class": "没有"}, {"lon": None}, {"state": "飞了"}, {"due_at": "2026-05-01"},
                                   {"reported_at": "昨天"}])
def test_a_row_that_cannot_be_is_refused(session, cast, now, wrong):
    with pytest.raises((Invalid, Several)):
        intake.save(session, cast["admin"], ROW | wrong, now)


def test_a_table_that_says_less_takes_nothing_away_from_an_issue_that_is_known(session, cast, now):
    whole = ROW | {"point": "P001", "state": "已销号", "closed_at": "2026-05-19 09:00"}
    intake.save(session, cast["admin"], whole, now)
    brief = {"issue_no": "2026-017", "class": "暴露垃圾", "description": "桥头垃圾，已清运", "point": "P001"}
    assert intake.save(session, cast["admin"], brief, now) == "updated"
    seen = showing.as_json(session, queries.by_no(session, cast["admin"], "2026-017", now), cast["admin"], "zh", now)
    assert (seen["description"], seen["state"], seen["point"]) == ("桥头垃圾，已清运", "closed", "P001")
    assert (seen["lon"], seen["lat"]) == (115.857, 28.683)
    assert None not in (seen["due_at"], seen["closed_at"], seen["dispatched_at"])
    assert intake.save(session, cast["admin"], brief | {"state": "返工"}, now) == "updated"
    issue = queries.by_no(session, cast["admin"], "2026-017", now)
    assert (issue.state, issue.closed_at) == ("rework", None)


def test_the_trail_of_a_taken_over_issue_does_not_name_the_runners_up(session, cast, now):
    intake.save(session, cast["admin"], ROW, now)
    line, = ledger.history(session, "issue", "2026-017")
    assert line.after["description"] == "桥头垃圾" and "claims" not in line.after
