"""Visits over HTTP, and who may walk a round: its members and the office, nobody else."""

import pytest

from civmap.people.queries import by_name
from civmap.store.database import writing
from tests.support import rounds

pytestmark = pytest.mark.spatialite
FAIL = {"item": "E02", "result": "fail", "remark": "立柱上", "report": {}}


@pytest.fixture
def walked(engine):
    """Lay a covert round of the inspector's."""
    with writing(engine) as session:
        rounds.lay(session, ("东市场", "医院", "西市场"), 2, "LX-GO", walker=by_name(session, "inspector").id,
                   is_covert=True)


def test_a_round_is_walked_by_its_members_and_looked_into_by_the_office(walked, app, program):
    client, inspector, office = app.test_client(), program("inspector"), program("dispatcher")
    told = client.get("/api/v1/routes/LX-GO/walk", headers=inspector).get_json()
    assert (told["team"], told["is_own"], [stop["code"] for stop in told["stops"]]) == (1, True, ["R0000", "R0002"])
    first = told["stops"][0]
    assert set(first["navigation"]) == {"amap", "baidu", "tencent", "geo"} and first["reach_m"] == 100
    assert {item["item"] for item in told["lists"]["PT07"]} >= {"S07", "E01", "E02", "O08", "A04"}
    assert client.get("/api/v1/routes/LX-GO/walk?team=2", headers=office).get_json()["stops"][0]["code"] == "R0001"
    assert client.get("/api/v1/routes/LX-GO/walk?team=9", headers=office).status_code == 404
    for name, status in (("clerk", 404), ("grid", 404), ("handler", 403), ("leader", 403)):
        assert client.get("/api/v1/routes/LX-GO/walk", headers=program(name)).status_code == status, name


def test_who_walks_a_round_visits_also_points_that_are_not_theirs_to_see(engine, app, program):
    with writing(engine) as session:
        rounds.lay(session, ("东市场", "医院"), 2, "LX-G", walker=by_name(session, "grid").id)
    client, grid = app.test_client(), program("grid")
    assert client.get("/api/v1/points/R0001", headers=grid).status_code == 404
    body = {"point": "R0001", "findings": [{**FAIL, "item": "F10"}]}
    assert client.post("/api/v1/visits", json=body, headers=grid).status_code == 404
    kept = client.post("/api/v1/visits", json={**body, "route": "LX-G"}, headers=grid)
    assert (kept.status_code, len(kept.json["issues"])) == (201, 1), kept.json
    assert client.get(f"/api/v1/visits/{kept.json['visit']}", headers=grid).json["point"] == "R0001"
    issue = client.get(f"/api/v1/issues/{kept.json['issues'][0]['issue_no']}", headers=program("dispatcher")).json
    assert "R0001" in str(issue)


def test_a_visit_is_kept_changed_and_told_with_its_issues(walked, app, program):
    client, inspector = app.test_client(), program("inspector")
    asked = client.get("/api/v1/points/P002/checklist?units=true", headers=inspector).get_json()
    item = next(one for one in asked["items"] if one["item"] == "E02")
    assert (item["class"], item["limit"], asked["edition"], asked["last"]) == ("E0201", "4 work_hour", "2026", None)
    assert asked["whom"]["E0201"]["unit"]
    body = {"point": "R0000", "route": "LX-GO", "team": 1, "findings": [FAIL, {"item": "E01", "result": "pass"}]}
    kept = [client.post("/api/v1/visits", json=body, headers={**inspector, "Idempotency-Key": "one"}) for _ in "ab"]
    assert [answer.status_code for answer in kept] == [201, 201] and kept[0].json == kept[1].json
    visit, tag = kept[0].json, kept[0].headers["ETag"]
    assert (visit["score_rate"], visit["issues"][0]["item"], visit["route"]) == (50.0, "E02", "LX-GO")
    path = f"/api/v1/visits/{visit['visit']}"
    assert client.put(path, json={"remark": "补"}, headers=inspector).status_code == 428
    changed = client.put(path, json={"findings": [{"item": "E01", "result": "fail"}]},
                         headers={**inspector, "If-Match": tag})
    assert (changed.status_code, changed.json["score_rate"], len(changed.json["issues"])) == (200, 0.0, 1)
    assert client.put(path, json={"remark": "补"}, headers={**inspector, "If-Match": tag}).status_code == 412
    for _ in "ab":
        more = client.post(f"{path}/issues", json={"items": ["E01", "E02"]}, headers=inspector)
        assert [one["item"] for one in more.json["issues"]] == ["E01", "E02"]
    issues = client.get("/api/v1/issues.geojson", headers=program("dispatcher")).get_json()["features"]
    assert len(issues) == 2
    stop = client.get("/api/v1/routes/LX-GO", headers=inspector).get_json()["stops"][0]
    assert (stop["state"], stop["visit"], stop["score_rate"], stop["failed"]) == ("done", visit["visit"], 0.0, 2)
    assert client.get(path, headers=program("industry")).status_code == 404
    assert client.get("/api/v1/visits?point=R0000", headers=program("industry")).get_json()["items"] == []
    listed = client.get("/api/v1/visits?route=LX-GO", headers=program("leader")).get_json()
    assert [one["visit"] for one in listed["items"]] == [visit["visit"]]
    assert client.get(f"/api/v1/visits?after={10**20}", headers=inspector).status_code == 422
