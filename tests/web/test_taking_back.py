"""What the desk takes back and what it must not: printed plates, borders with new corners, streets seen otherwise."""

import re

import pytest

from tests.web.test_zone_operations import block, made

pytestmark = pytest.mark.spatialite
WEST, SOUTH = 115.856, 28.70
"""A spot on the border between two subdistricts of the town."""


def spots(*pairs):
    return [[WEST + east * 1e-5, SOUTH + north * 1e-5] for east, north in pairs]


def test_a_printed_plate_is_no_operation_that_could_be_taken_back(signed_in):
    office = signed_in("dispatcher")
    code = made(office, "frontage", block(0, 0, 40, 20))
    codes = office.post(f"/api/v1/zones/{code}/split", json={"parts": 2}).json["zones"]
    token = re.search(r'name="csrf_token" value="([^"]+)"', office.get("/pledges").get_data(as_text=True))[1]
    assert office.post("/plates.pdf", data={"csrf_token": token, "code": codes}).status_code == 200
    undone = office.post("/api/v1/zones/undo", json={"zones": codes})
    assert (undone.status_code, undone.json["code"]) == (409, "zones_changed_since")
    assert set(codes) <= {each["id"] for each in office.get("/api/v1/zones?kind=frontage").json["features"]}


def test_a_clerk_takes_back_a_split_that_gave_the_border_a_corner(signed_in):
    clerk = signed_in("clerk")
    ring = spots((0, 0), (100, 0), (100, 100), (0, 100), (0, 0))
    code = made(clerk, "grid", {"type": "Polygon", "coordinates": [ring]})
    split = clerk.post(f"/api/v1/zones/{code}/split", json={
        "line": {"type": "LineString", "coordinates": spots((-10, 40), (110, 50))}})
    assert {"subdistrict"} < {each["kind"] for each in split.json["changes"]}
    undone = clerk.post("/api/v1/zones/undo", json={"zones": split.json["zones"]})
    assert undone.status_code == 200, undone.text
    again = clerk.post("/api/v1/zones/undo", json={"zones": undone.json["zones"]})
    assert again.status_code == 200, again.text


def test_a_street_is_delimited_as_it_was_shown_or_not_at_all(signed_in):
    office, path = signed_in("dispatcher"), "/api/v1/segments/LD0001/frontage"
    stale = office.post(path, json={"every_m": 100, "versions": {"SB000001": 77}})
    assert (stale.status_code, stale.json["code"]) == (412, "stale_edit")
    assert office.post(path, json={"every_m": 100, "versions": {"SB000001": 1}}).status_code == 201
    odd = {"LD0001|right|-|²": {"from_m": 1.0, "to_m": 2.0}}
    assert office.post(f"{path}?preview=true", json={"edits": odd}).json["code"] == "frontage_key"
    for properties in ([1], {"zone": 5}):
        features = [{"type": "Feature", "geometry": block(0, 0, 9, 9), "properties": properties}]
        assert office.post("/api/v1/frontage", json={"features": features}).status_code == 422


def test_ground_that_is_not_contested_cannot_be_halved(signed_in):
    office = signed_in("dispatcher")
    feature = {"type": "Feature", "geometry": block(0, 0, 9, 9), "properties": {"kind": "frontage"}}
    answer = office.post("/api/v1/zones/halve", json={"feature": feature, "with": "SB000001"})
    assert (answer.status_code, answer.json["code"]) == (409, "nothing_shared")
