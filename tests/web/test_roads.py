"""Road segments over HTTP: split and join with preview and versions, boards, the figure of the arterials."""

import pytest

from tests.support import town


def test_a_segment_is_split_joined_and_put_back_over_http(app, program):
    client, headers = app.test_client(), program("admin")

    def post(path, body, **more):
        return client.post(f"/api/v1/segments/{path}", json=body, headers={**headers, **more})

    seen = post("LD0001/split?preview=true", {"at_m": 600}).json["changes"]
    assert [(row["segment"], row["is_new"], row["is_retired"]) for row in seen] == [
        ("LD0001", False, False), ("LD0001-2", True, False)]
    assert [row["after_m"] for row in seen] == pytest.approx([600, 400], abs=2)
    assert seen[0]["geometry"]["coordinates"][-1] == seen[1]["geometry"]["coordinates"][0]
    assert client.get("/api/v1/segments/LD0001-2", headers=headers).status_code == 404

    stale = post("LD0001/split", {"at_m": 600}, **{"If-Match": '"v9"'})
    assert (stale.status_code, stale.json["current"]["properties"]["code"]) == (412, "LD0001")
    assert post("LD0001/split", {"at_m": 600, "versions": {"LD0001": 3}}).status_code == 412
    done = post("LD0001/split", {"at_m": 600}, **{"If-Match": '"v1"', "Idempotency-Key": "split-once"})
    assert (done.status_code, done.json["segments"]) == (201, ["LD0001", "LD0001-2"])
    again = post("LD0001/split", {"at_m": 600}, **{"If-Match": "\"v1\"", "Idempotency-Key": "split-once"})
    assert again.json == done.json
    assert client.get("/api/v1/segments/LD0001-2", headers=headers).json["properties"]["from_name"] == "K0+600"

    assert post("undo", {"segments": ["LD0001", "LD0001-2"]}).json["segments"] == ["LD0001"]
    again = client.get("/api/v1/segments/LD0001", headers=headers).json
    assert again["properties"]["to_name"] == "东环路"
    assert again["geometry"]["coordinates"] == [list(spot) for spot in town.ROAD.coords]
    for body in ({}, {"at_m": 5, "crossing": "x"}, {"lon": 115.86}, {"at_m": "NaN"}, {"lon": 28.68, "lat": 115.86}):
        assert post("LD0001/split", body).status_code == 422, body
    assert post("join", {"segments": ["LD0001"]}).json["code"] == "join_count"
