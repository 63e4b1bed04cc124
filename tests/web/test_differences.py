"""The difference between two days: what came, ended or changed, by how many square metres, and who changes hands."""

from datetime import timedelta

import pytest
from shapely import Point
from sqlalchemy import select

from civmap import clock
from civmap.assignment import actions as duties
from civmap.issues.models import Issue
from civmap.people.queries import by_name, viewer_of
from civmap.segments import actions as segments
from civmap.store.database import writing
from civmap.zones import actions as zones
from civmap.zones.models import Zone
from tests.support import town as plan
from tests.support.features import feature, frame

NOW = clock.parse_moment("2026-05-20T09:00:00+08:00")
DAY = timedelta(days=1)
NEW = frame(115.8600, 28.6900, 115.8602, 28.6901)
HALF = frame(115.8571485, 28.6832261, 115.8572, 28.6832711)


@pytest.fixture
def changed(engine, monkeypatch):
    """Let the noodle shop's zone shrink to a third, another one come, and the chief and an owner change, yesterday."""
    monkeypatch.setenv("CIVMAP_TESTING", "1")
    monkeypatch.setenv("CIVMAP_NOW", clock.iso(NOW))
    with writing(engine) as session:
        admin = viewer_of(session, by_name(session, "admin"), "api")
        session.add_all([
            Issue(issue_no=f"WT-{number}", class_code="E0503", geom=Point(spot), state="filed", division=plan.HEDONG,
                  reported_at=NOW - 3 * DAY, reported_by="inspector")
            for number, spot in enumerate((plan.SPOT_NOODLES, (115.85717, 28.68325), (115.8601, 28.69005)))])
        yesterday = NOW - DAY
        zone = session.scalar(select(Zone).where(Zone.code == "SB000001"))
        zones.replace(session, admin, "SB000001", feature(HALF), zone.version, yesterday)
        zones.create(session, admin, feature(NEW, kind="frontage", unit="YY", name="新店"), yesterday)
        segments.replace(session, admin, "LD0001", feature(None, chief3="周四"), 1, yesterday)
        duties.create(session, admin, {"class": "E0101", "territory": plan.DIVISION, "unit": "SZ",
                                         "valid_from": clock.iso(yesterday)}, yesterday)
        zones.create(session, admin, feature(frame(115.861, 28.69, 115.862, 28.691), kind="estate"), NOW)


def told(browser, **asked):
    answer = browser.get("/api/v1/differences", query_string={"from": "2026-05-18", "to": "2026-05-19", **asked})
    assert answer.status_code == 200, answer.json
    return answer.json


def test_the_difference_tells_ground_holders_and_who_changes_hands(changed, signed_in):
    body = told(signed_in("dispatcher"))
    shrunk, came = body["zones"]
    assert (shrunk["code"], shrunk["change"], shrunk["fields"]) == ("SB000001", "changed", ["shape"])
    assert shrunk["before"]["area_m2"] - shrunk["lost_m2"] == pytest.approx(shrunk["after"]["area_m2"], abs=0.2)
    assert (shrunk["gained_m2"], shrunk["before"]["unit"]) == (pytest.approx(0, abs=0.1), "LI")
    assert (came["name"], came["change"], came["before"], came["after"]["unit"]) == ("新店", "added", None, "YY")
    [road] = body["segments"]
    assert (road["fields"], road["before"]["chiefs"][3], road["after"]["chiefs"][3]) == (["chiefs"], "李三", "周四")
    [duty] = body["duties"]
    assert (duty["class"], duty["before"], duty["after"]["unit"]) == ("E0101", None, "SZ")
    moved = {one["issue_no"]: (one["before"]["unit"], one["after"]["unit"]) for one in body["issues"]}
    assert moved["WT-0"][0] == "LI" != moved["WT-0"][1] and moved["WT-2"][1] == "YY" != moved["WT-2"][0]
    assert "WT-1" not in moved and body["left_out"] == 0
    frontages = told(signed_in("dispatcher"), kind="frontage")["zones"]
    assert [one["code"] for one in frontages] == ["SB000001", came["code"]]
    assert told(signed_in("dispatcher"), kind="grid")["zones"] == told(signed_in("clerk_west"))["zones"] == []


def test_days_that_are_none_are_refused(changed, signed_in):
    browser = signed_in("dispatcher")
    for asked, field in (({"from": "gestern"}, "from"), ({"to": "2026-05-01"}, "to"),
                         ({"kind": "strange"}, "kind")):
        refused = browser.get("/api/v1/differences", query_string={"from": "2026-05-18", "to": "2026-05-19", **asked})
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, field), refused.json


def test_the_page_and_its_files_tell_the_same(changed, signed_in):
    browser = signed_in("clerk")
    page = browser.get("/differences?from=2026-05-18&to=2026-05-19").get_data(as_text=True)
    assert "SB000001" in page and "WT-0" in page and "新店" in page
    table = browser.get("/differences.csv?from=2026-05-18&to=2026-05-19").get_data().decode("utf-8-sig").splitlines()
    assert len(table) > 4 and any("SB000001" in line for line in table)
    assert browser.get("/differences.xlsx?from=2026-05-18&to=2026-05-19").get_data()[:2] == b"PK"
