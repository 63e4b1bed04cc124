"""The calendar and the rates from outside: what a change would move, the change, campaign mode, and equal figures."""

import csv
import io
import re

import pytest

from civmap.store.database import writing
from tests.issues.test_rates import _issues

BIN = {"class": "E0115", "description": "垃圾箱满溢", "lon": 115.8570, "lat": 28.6830, "on_site": True,
       "unit": "HW-C", "limit": "2 work_day"}


@pytest.fixture(autouse=True)
def _moment(monkeypatch):
    monkeypatch.setenv("CIVMAP_TESTING", "1")
    monkeypatch.setenv("CIVMAP_NOW", "2026-05-20T09:00:00+08:00")


def _put(browser, path, body, etag='"v0"'):
    return browser.put(f"/api/v1{path}", json=body, headers={"If-Match": etag})


def test_a_change_of_the_calendar_is_told_before_and_done_after(signed_in):
    admin, office = signed_in("admin"), signed_in("dispatcher")
    made = office.post("/api/v1/issues", json=BIN).json
    edit = {"days": [{"day": "2026-05-21", "is_worked": False, "name": "防汛"}]}
    told = _put(admin, "/calendar?preview=true", edit)
    assert (told.status_code, told.json["count"], told.headers["ETag"]) == (200, 1, '"v0"')
    assert (told.json["moves"][0]["before"], told.json["moves"][0]["after"]) == (made["due_at"], "2026-05-25T01:00:00Z")
    assert office.get(f"/api/v1/issues/{made['issue_no']}").json["due_at"] == made["due_at"]
    assert _put(office, "/calendar", edit).status_code == 403
    assert _put(admin, "/calendar", edit).json == told.json
    assert _put(admin, "/calendar", edit).status_code == 412
    found = office.get(f"/api/v1/issues/{made['issue_no']}")
    assert found.json["due_at"] == "2026-05-25T01:00:00Z"
    assert [line["verb"] for line in office.get(f"/api/v1/issues/{made['issue_no']}/ledger").json["items"]][-1] == (
        "reschedule")
    year = office.get("/api/v1/calendar?year=2026").json
    assert (year["known"], year["worked_days"], len(year["days"])) == (True, 247, 365)
    assert year["days"][140] == {"day": "2026-05-21", "is_worked": False, "kind": "holiday", "name": "防汛",
                                 "own": True}
    assert office.get("/api/v1/calendar?year=2027").json["known"] is False
    for wrong in ({"days": []}, {"shifts": [["22:00", "06:00"]]}, {"days": [{"day": "2026-02-30", "is_worked": True}]}):
        assert _put(admin, "/calendar", wrong, '"v1"').status_code == 422
    page = admin.get("/calendar?year=2027").text
    assert "2027" in page
    assert "notice-care" in page
    assert office.get("/calendar").status_code == 403


def test_a_campaign_halves_what_is_handed_over_from_then_on(signed_in, monkeypatch):
    admin, office = signed_in("admin"), signed_in("dispatcher")
    before = office.post("/api/v1/issues", json=BIN).json
    assert 'class="campaign"' not in office.get("/issues").text
    assert _put(admin, "/calendar/campaign", {"factor": 0.5, "is_on": True}).status_code == 200
    assert _put(admin, "/calendar/campaign", {"factor": 0, "is_on": True}, '"v1"').status_code == 422
    after = office.post("/api/v1/issues", json=BIN).json
    assert (before["due_at"], after["due_at"]) == ("2026-05-22T01:00:00Z", "2026-05-21T01:00:00Z")
    assert 'class="campaign"' in office.get("/issues").text
    monkeypatch.setenv("CIVMAP_NOW", "2026-12-31T16:00:00+08:00")
    assert office.post("/api/v1/issues", json=BIN).json["warnings"] == ["calendar_unknown_year:2027"]


def test_list_page_file_and_interface_tell_the_same_figures(engine, signed_in, now):
    with writing(engine) as session:
        _issues(session, now)
    leader = signed_in("leader")
    asked = "by=unit&from=2026-05-01&to=2026-05-20&division=360199"
    told = leader.get(f"/api/v1/rates?{asked}").json
    row = {line["code"]: line for line in told["rows"]}["HW-C"]
    assert row["rates"]["rectification"] == {"value": 57.1, "numerator": 4, "denominator": 7, "text": "57.1 %"}
    assert row["rates"]["rectification_of_all"]["text"] == "50.0 %"
    page = re.sub(r"\s+|<[^>]+>", " ", leader.get(f"/rates?{asked}").text)
    file = list(csv.DictReader(io.StringIO(leader.get(f"/rates.csv?{asked}").get_data().decode("utf-8-sig"))))
    line = next(one for one in file if one["编号"] == "HW-C")
    for name, heading in (("rectification", "整改率"), ("on_time", "按期整改率"), ("overdue", "超期率"),
                          ("rework", "返工率"), ("dispatch_accuracy", "派遣准确率")):
        rate = row["rates"][name]
        assert (line[f"{heading} (%)"], line[f"{heading} · 分子"], line[f"{heading} · 分母"]) == (
            str(rate["value"]), str(rate["numerator"]), str(rate["denominator"]))
        assert re.search(rf"{rate['text']}\s+{rate['numerator']}/{rate['denominator']}", page)
    assert line["平均处置时长 (工作时)"] == str(row["rates"]["handling_hours"]["value"]) == "3.6"
    units = leader.get("/api/v1/units?by=rectification_rate").json["features"]
    assert {one["properties"]["value"] for one in units if one["properties"]["code"] == "HW-C"} == {57.1}
    assert "57.1" in leader.get("/units/HW-C").text
    assert leader.get("/rates.xlsx").status_code == 200
    assert leader.get("/api/v1/rates?by=colour").status_code == 422
    assert leader.get("/api/v1/rates?from=2026-05-20&to=2026-05-01").status_code == 422
