"""What a round found over HTTP: page, files and interface say the same, to everybody only what they may know."""

import csv
import io

import pytest
from sqlalchemy import select, update

from civmap.inspections.models import Finding, Visit
from civmap.issues.models import Issue
from civmap.routes import carrying
from civmap.store.database import writing
from tests.support import walked


@pytest.fixture
def rounds(engine, signed_in):
    """Give the issue that the fail at P001 of the second round became; P003 was skipped there, LX-3 is covert."""
    office = signed_in("dispatcher")
    made = office.post("/api/v1/issues", json={"class": "E0102", "description": "灭火器过期", "point": "P001",
                                               "lon": 115.862, "lat": 28.685}).json["issue_no"]
    with writing(engine) as session:
        issue = session.scalar(select(Issue.id).where(Issue.issue_no == made))
        walked.walk(session)
        second = select(Visit.id).where(Visit.key == "LX-2-P001")
        session.execute(update(Finding).where(Finding.item == "F13", Finding.visit_id.in_(second))
                        .values(issue_id=issue))
    return made


def test_a_round_is_told_beside_the_last_one_over_the_same_points(signed_in, rounds):
    told = signed_in("dispatcher").get("/api/v1/routes/LX-2/results").json
    assert told["score"]["mean"] == {"value": 87.5, "numerator": 1.75, "denominator": 2, "text": "87.5 %"}
    assert told["score"]["observed"] == {"value": 85.7, "numerator": 6, "denominator": 7, "text": "85.7 %"}
    assert (told["before"]["route"], told["before"]["mean"]["value"], told["before"]["change"]) == ("LX-1", 50.0, 37.5)
    assert {row["type"]: (row["mean"]["value"], row["change"]) for row in told["types"]} == {
        "PT10": (75.0, 25.0), "PT07": (100.0, 50.0)}
    assert [(row["item"], row["failed"]) for row in told["items"]][:1] == [("F13", 1)]
    assert [(row["point"], row["item"], row["issue"]["issue_no"]) for row in told["fails"]] == [("P001", "F13", rounds)]
    point = next(row for row in told["points"] if row["code"] == "P002")
    assert point["findings"] == {"A01": "pass", "F10": "na", "S07": "pass", "E01": "pass"}
    assert (point["late_min"], point["stay_min"], point["rate"]["text"]) == (5, 12, "100.0 %")
    assert [(row["code"], row["why"], row["reason"]) for row in told["unfinished"]] == [("P003", "skipped", "闭馆")]
    assert told["progress"] == {"stops": 3, "visited": 2, "failed": 1, "issues": 1, "skipped": 1, "unreached": 0,
                                "planned": 0}


def test_units_see_their_own_points_and_nothing_of_a_covert_round(signed_in, rounds):
    own = signed_in("doctor")
    told = own.get("/api/v1/routes/LX-2/results").json
    assert ([row["code"] for row in told["points"]], told["score"]["mean"]["value"]) == (["P001"], 75.0)
    assert told["before"]["mean"]["value"] == 50.0
    for path in ("/api/v1/routes/LX-3/results", "/routes/LX-3/result"):
        assert own.get(path).status_code == 404
        assert signed_in("leader").get(path).status_code == 200
    assert [row["route"] for row in own.get("/api/v1/scores?by=round").json["rows"]] == ["LX-1", "LX-2"]
    rows = {name: {row["code"]: row["mean"]["value"] for row in signed_in(name).get(
        "/api/v1/scores?by=point").json["rows"]} for name in ("leader", "industry", "doctor")}
    assert rows == {"leader": {"P002": 45.5, "P001": 62.5}, "industry": {"P001": 62.5, "P002": 71.4},
                    "doctor": {"P001": 62.5}}
    about = own.get("/api/v1/points/P001/about").json["visits"]
    assert [row["score_rate"] for row in about["trend"]] == [50.0, 75.0]
    assert [row["item"] for row in about["last"]["findings"] if row["result"] == "fail"] == ["F13"]
    assert len(signed_in("industry").get("/api/v1/points/P002/about").json["visits"]["trend"]) == 2
    assert len(signed_in("leader").get("/api/v1/points/P002/about").json["visits"]["trend"]) == 3
    assert own.get("/api/v1/points/P003/about").status_code == 404
    assert signed_in("leader").get("/api/v1/points/P003/about").json["visits"] is None


def test_pages_and_files_say_the_same(signed_in, rounds):
    office = signed_in("dispatcher")
    page = office.get("/routes/LX-2/result").get_data(as_text=True)
    assert "87.5 %" in page and "+37.5" in page and "闭馆" in page and 'data-carry="LX-2"' in page
    assert 'data-carry' not in signed_in("leader").get("/routes/LX-2/result").get_data(as_text=True)
    assert "75.0 %" in office.get("/scores?by=type&from=2026-05-19&to=2026-05-19").get_data(as_text=True)
    assert office.get("/scores?by=item").status_code == office.get("/scores?by=round").status_code == 200
    told = office.get("/routes/LX-2/result.csv")
    assert told.status_code == 200 and told.data.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(io.StringIO(told.data.decode("utf-8-sig"))))
    assert [(line["点位编号"], line["得分率"], line["问题编号"]) for line in lines] == [
        ("P001", "75", rounds), ("P002", "100", ""), ("P003", "—", "")] or [line["得分率"] for line in lines] == [
        "75.0", "100.0", "—"]
    assert office.get("/scores.xlsx?by=point").data[:2] == b"PK"
    assert office.get("/api/v1/scores?by=moon").status_code == 422


LEFT = {"stops": [
    {"code": "C", "state": "planned", "team": 1, "position": 2, "is_must": False},
    {"code": "A", "state": "done", "team": 1, "position": 1},
    {"code": "B", "state": "skipped", "team": 2, "position": 4, "skip_reason": "闭馆"},
    {"code": "D", "state": "here", "team": 2, "position": 3}],
    "unreached": [{"code": "E", "reason": "no_time"}, {"code": "F", "reason": "closed", "is_must": False}]}


def test_what_is_left_is_carried_over_with_what_must_be_seen_first():
    left = carrying.left(LEFT)
    assert [(one.code, one.why, one.reason) for one in left] == [
        ("D", "planned", ""), ("B", "skipped", "闭馆"), ("E", "unreached", "no_time"), ("C", "planned", ""),
        ("F", "unreached", "closed")]
    assert carrying.wishes(left) == {"points": ["D", "B", "E", "C", "F"], "nice": ["C", "F"]}
    assert carrying.left({"stops": [{"code": "A", "state": "done", "team": 1, "position": 1}]}) == []
