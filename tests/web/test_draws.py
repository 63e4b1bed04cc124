"""The blind draw over HTTP and the command line: one draw for both, refused with a way out, kept and proved again."""

from datetime import timedelta

import pytest
from shapely import Point

from civmap.inspections.models import Visit
from civmap.issues import actions
from civmap.people.rules import OFFICE
from civmap.points.models import InspectionPoint
from civmap.store.database import writing
from tests.support import town
from tests.support.command import Civmap

SHOPS = [f"R{number:02d}" for number in range(20)]


@pytest.fixture(autouse=True)
def streets(engine, monkeypatch, now):
    """Open twenty restaurants: ten in each subdistrict, two of them on River Street, one visited ten days ago."""
    monkeypatch.setenv("CIVMAP_TESTING", "1")
    monkeypatch.setenv("CIVMAP_NOW", now.isoformat())
    with writing(engine) as session:
        for number, code in enumerate(SHOPS):
            is_east = number < 10
            session.add(InspectionPoint(
                code=code, name=f"餐饮{number}", type="PT18", valid_from=town.FOUNDED, is_declared=True,
                geom=Point(115.858 + number / 5_000, 28.685), street="河东路" if number < 2 else None,
                division=town.HEDONG if is_east else town.QIAOXI))
        session.flush()
        seen = session.query(InspectionPoint).filter_by(code="R05").one()
        session.add(Visit(key="v", point_id=seen.id, who="inspector", arrived_at=now - timedelta(days=10),
                          saved_at=now))


@pytest.fixture
def office(signed_in):
    return signed_in("dispatcher")


def test_the_same_seed_draws_the_same_points_through_every_door(office, engine, tmp_path, now):
    body = {"quota": {"餐饮店": 6, "PT24": 2}, "mandatory": True, "weights": {"桥西街道": 0.5, "河东路": 0, "006": 2},
            "not_seen_days": 11, "seed": "007", "name": "五月抽查", "covert": False}
    made = office.post("/api/v1/draws", json=body)
    assert made.status_code == 201, made.json
    draw = made.json
    assert (draw["draw"], draw["seed"], draw["name"]) == ("CJ20260520-01", "007", "五月抽查")
    assert draw["points"][:2] == ["P002", "P001"] and len(draw["points"]) == 8  # mandatory market and hospital first
    assert not {"R00", "R01", "R05"} & set(draw["points"])
    assert [(lack["type"], lack["wanted"], lack["got"]) for lack in draw["shortfall"]] == [("PT24", 2, 0)]
    assert {note["type"] for note in draw["notes"] if note["code"] == "draw_mandatory_none"} >= {"PT08", "PT12"}
    civmap = Civmap(tmp_path, engine.url.render_as_string(hide_password=False), now.isoformat())
    again = civmap.json("draw", "--quota", "restaurant=6,PT24=2", "--mandatory", "--weights",
                        f"{town.QIAOXI}=0.5,河东路=0,河东=2", "--not-seen-days", "11", "--seed", "007")
    assert (again["points"], again["draw"], again["seed"]) == (draw["points"], "CJ20260520-02", "007")
    other = office.post("/api/v1/draws", json={**body, "seed": 8}).json
    assert other["seed"] == 8 and other["points"] != draw["points"]
    listed = office.get("/api/v1/draws?limit=2").json
    assert [row["draw"] for row in listed["draws"]] == ["CJ20260520-03", "CJ20260520-02"]
    assert [row["draw"] for row in office.get(listed["next"]).json["draws"]] == ["CJ20260520-01"]


def test_a_kept_draw_is_proved_again_and_says_what_differs(office, engine, now):
    code = office.post("/api/v1/draws", json={"quota": {"PT18": 20}, "not_seen_days": 11, "seed": "s"}).json["draw"]
    with writing(engine) as session:  # visits that came later do not count against it
        seen = session.query(InspectionPoint).filter_by(code="R06").one()
        session.add(Visit(key="later", point_id=seen.id, who="x", arrived_at=now + timedelta(seconds=1), saved_at=now))
    first = office.get(f"/api/v1/draws/{code}")
    assert first.json["proof"]["is_same"] and first.json["shortfall"][0]["got"] == 19
    with writing(engine) as session:
        session.query(InspectionPoint).filter_by(code="R07").update({"valid_to": now})
        session.query(InspectionPoint).filter_by(code="R08").update({"is_declared": False})
        session.query(InspectionPoint).filter_by(code="P003").update({"type": "PT18", "is_declared": True})
    proof = office.get(f"/api/v1/draws/{code}").json["proof"]
    assert not proof["is_same"] and proof["come"] == [{"code": "P003", "type": "PT18"}]
    assert {row["code"]: row["reason"] for row in proof["gone"]} == {"R07": "retired", "R08": "not_declared"}


def test_a_preview_counts_and_draws_nothing(office):
    body = {"quota": {"PT18": 30}, "weights": {"河东": 0}, "not_seen_days": 30, "seed": "s"}
    shown = office.post("/api/v1/draws?preview=true", json=body)
    assert shown.status_code == 200 and shown.json["by_type"] == {"PT18": 10} and shown.json["draw"] is None
    assert shown.json["pool"]["PT18"] == {"declared": 20, "recent": 1, "excluded": 10, "available": 10}
    other = office.post("/api/v1/draws?preview=true", json={"quota": {"PT08": 1}}).json["notes"]
    assert [(note["code"], note["count"]) for note in other] == [("draw_not_declared", 1)]
    assert "points" not in shown.json and office.get("/api/v1/draws").json["draws"] == []


@pytest.mark.spatialite
@pytest.mark.parametrize("body, field, code", [
    ({}, "quota", "draw_quota_empty"), ({"quota": {"PT18": 0}}, "quota", "draw_quota_empty"),
    ({"quota": {"PT18": -1}}, "quota", "number_out_of_range"), ({"quota": {"酒吧X": 1}}, "quota", "unknown_point_type"),
    ({"quota": {"PT18": 1}, "weights": {"河北": 1}}, "weights", "draw_street_unknown"),
    ({"quota": {"PT18": 1}, "weights": {"006": 1, "河东街道": 1}}, "weights", "draw_street_twice"),
    ({"quota": {"PT18": 1}, "weights": {"006": -1}}, "weights", "number_out_of_range"),
    ({"quota": {"PT18": 1}, "not_seen_days": -1}, "not_seen_days", "number_out_of_range"),
    ({"quota": {"PT18": 1}, "seed": ""}, "seed", "draw_seed_missing"),
    ({"quota": [1]}, "quota", "member_object"), ({"quota": {"PT18": None}}, "quota", "number_expected")])
def test_what_cannot_be_drawn_is_refused_with_its_field_and_a_way_out(office, body, field, code):
    answer = office.post("/api/v1/draws", json={"seed": "s", **body})
    assert answer.status_code == 422, answer.json
    (problem,) = answer.json["errors"]
    assert (problem["field"], problem["code"]) == (field, code) and len(problem["message"]) > 10


def test_the_command_line_draws_publishes_and_refuses(engine, tmp_path):
    civmap = Civmap(tmp_path, engine.url.render_as_string(hide_password=False))
    assert "PT07=3" in civmap.refused("draw", "--seed", "1")
    assert "draw_type_twice" in civmap.json("draw", "--quota", "PT18=1,餐饮店=2", "--seed", "1", exit_code=1)["code"]
    hidden = civmap.json("draw", "--quota", "PT18=2", "--seed", "1", "--covert")
    assert hidden["is_covert"] and hidden["published_at"] is None and not hidden["draw"][-4:].isdigit()
    shown = civmap.json("draw", "publish", hidden["draw"])
    assert shown["published_at"] and shown["points"] == hidden["points"]
    assert "没有抽点" in civmap.refused("draw", "publish", "CJ1")


def test_not_seen_is_one_number_in_lists_map_tiles_and_draws(office, engine, now, signed_in):
    """R05 was visited ten days ago; of R06 an issue tells; a covert visit to R07 is known to few."""
    with writing(engine) as session:
        points = {row.code: row.id for row in session.query(InspectionPoint)}
        session.add(Visit(key="covert", point_id=points["R07"], who="dispatcher", arrived_at=now, saved_at=now,
                          is_covert=True))
        actions.report(session, OFFICE, {"class": "E0102", "description": "x", "point": "R06"}, now)
    by_days = {11: {"R05", "R06", "R07"}, 10: {"R06", "R07"}, 1: {"R06", "R07"}, 0: set()}
    for days, seen in by_days.items():
        asked = f"type=PT18&not_seen_days={days}"
        left = set(SHOPS) - seen
        assert {row["id"] for row in office.get(f"/api/v1/points?{asked}").json["features"]} == left
        assert {code for code, _status in office.get(f"/api/v1/rows/points?{asked}&only=codes").json["codes"]} == left
        assert {row["code"] for row in office.get(f"/api/v1/points/ranked?{asked}").json["points"]} == left
        drawn = office.post("/api/v1/draws", json={"quota": {"PT18": 20}, "not_seen_days": days, "seed": "s"})
        assert set(drawn.json["points"]) == left
        assert office.get(f"/points?{asked}").text.count('"/points/R') >= len(left)
    clerk = signed_in("clerk").get("/api/v1/points?type=PT18&not_seen_days=1").json["features"]
    assert {row["id"] for row in clerk} == set(SHOPS[:10]) - {"R06"}
    ranked = office.get("/api/v1/points/ranked?type=PT18&by=not_seen").json["points"]
    assert [row["unseen_days"] for row in ranked][-3:] == [10, 0, 0]
    assert [row["code"] for row in office.get("/api/v1/points/ranked?by=open&limit=1").json["points"]] == ["R06"]
    first = office.get("/api/v1/points?sort=unseen&limit=22").json  # 23 points: the last one stands on the next page
    assert [row["properties"]["unseen_days"] for row in first["features"]][-2:] == [10, 0]
    assert [row["properties"]["unseen_days"] for row in office.get(first["next"]).json["features"]] == [0]
    top = office.get("/api/v1/points/ranked").json["points"][0]
    assert top["code"] == "P001" and top["risk"] == 30.0
    assert [(reason["part"], reason["points"]) for reason in top["reasons"]] == [("unseen", 20.0), ("mandatory", 10.0)]
    visit = office.post("/api/v1/visits", json={"point": "R00", "findings": []})  # the mirror follows
    assert visit.status_code == 201, visit.json
    left = office.get("/api/v1/rows/points?type=PT18&not_seen_days=1&only=codes").json["codes"]
    assert "R00" not in {code for code, _status in left}
