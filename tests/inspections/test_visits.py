"""A visit to a point: arriving, judging, the score rate, and fails that become issues (example A11)."""

from datetime import timedelta

import pytest

from civmap.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from civmap.inspections import actions, checklists, queries
from civmap.issues import queries as issues
from civmap.store import ledger

MARKET = {"point": "P002", "lon": 115.8500, "lat": 28.6850, "accuracy_m": 8}
FAILS = ("E02", "F13", "O02")
NA = 5


@pytest.fixture
def market():
    """Give a teller of the market's 14 applicable items of 19, three of them fails."""
    items = [item.code for item in checklists.items_of("PT07")]
    rest = [code for code in items if code not in FAILS]

    def told(report=None, **more):
        found = [{"item": code, "result": "na"} for code in rest[:NA]]
        found += [{"item": code, "result": "pass"} for code in rest[NA:]]
        found += [{"item": code, "result": "fail", "remark": "西门一侧"} | ({} if report is None else {"report": report})
                  for code in FAILS]
        return MARKET | {"findings": found} | more
    return told


def test_fourteen_items_with_three_fails_are_78_6_per_cent_and_three_issues_never_six(session, cast, now, market):
    body = market(report={}, key="phone-1", arrived_at=now.isoformat(), left_at=(now + timedelta(minutes=9)).isoformat())
    later = now + timedelta(minutes=10)
    for _ in range(2):
        visit = actions.keep(session, cast["inspector"], body, later)
        told = queries.told(session, cast["inspector"], [visit], "zh", later)[0]
        assert (told["score_rate"], told["passed"], told["failed"], told["not_applicable"]) == (78.6, 11, 3, NA)
        assert [one["item"] for one in told["issues"]] == sorted(FAILS)
        assert told["warnings"] == ["no_photo"]
    found = {row.issue_no: row for row in issues.listed(session, cast["inspector"], later)}
    assert len(found) == 3
    for one in told["issues"]:
        row = found[one["issue_no"]]
        assert row.state == "dispatched" and row.due_at is not None and row.unit_id is not None
        assert row.description.endswith("：西门一侧") and row.source == cast["inspector"].via
    without_key = {name: value for name, value in body.items() if name != "key"}
    again = actions.keep(session, cast["inspector"], without_key, later)
    assert again.id == visit.id, "the same words within minutes are the same visit"
    other = actions.keep(session, cast["inspector"], body | {"key": "phone-2"}, later)
    assert other.id != visit.id
    assert len(issues.listed(session, cast["inspector"], later)) == 3, "open issues of the item are linked, not doubled"
    assert {entry.kind for entry in ledger.history(session, "visit", str(visit.id))} == {"visit"}
