"""Points, segments, zones and units through the JSON interface."""

import pytest

POINT = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [115.86, 28.684]},
         "properties": {"code": "P900", "name": "河东小学", "type": "PT22"}}
HARM = "`${alert(1)}` </script> \"><img src=x onerror=alert(1)> {{7*7}}"
NEXT_DOOR = {"type": "Polygon", "coordinates": [[
    [115.8572815, 28.6832723], [115.8574554, 28.6832737], [115.8574559, 28.6832286], [115.8572819, 28.6832272],
    [115.8572815, 28.6832723]]]}


@pytest.fixture
def office(signed_in):
    return signed_in("dispatcher")


def test_a_new_point_is_answered_with_its_address_and_version(office):
    made = office.post("/api/v1/points", json=POINT)
    assert (made.status_code, made.headers["ETag"]) == (201, '"v1"')
    assert made.headers["Location"] == "/api/v1/points/P900"
    assert made.headers["Content-Type"] == "application/geo+json"
    read = office.get(made.headers["Location"])
    assert read.json["properties"] | {"open_issues": 0, "status": "none"} == read.json["properties"]
    assert read.json["properties"]["division"] == "360199006"
    assert read.headers["ETag"] == '"v1"'


def test_a_change_needs_the_version_that_was_seen(office):
    office.post("/api/v1/points", json=POINT)
    body = {**POINT, "properties": {**POINT["properties"], "name": "河东第一小学"}}
    without = office.put("/api/v1/points/P900", json=body)
    assert (without.status_code, without.json["code"]) == (428, "if_match_missing")
    changed = office.put("/api/v1/points/P900", json=body, headers={"If-Match": '"v1"'})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"v2"')
    stale = office.put("/api/v1/points/P900", json=POINT, headers={"If-Match": '"v1"'})
    assert (stale.status_code, stale.headers["ETag"]) == (412, '"v2"')
    assert stale.json["current"]["properties"]["name"] == "河东第一小学"
    foreign = office.put("/api/v1/points/P900", json=POINT, headers={"If-Match": '"abc"'})
    assert foreign.status_code == 412
    assert office.put("/api/v1/points/P900", json=POINT, headers={"If-Match": "*"}).status_code == 200


def test_a_feature_that_was_read_may_be_sent_back_as_it_is(office):
    read = office.get("/api/v1/points/P002")
    again = office.put("/api/v1/points/P002", json=read.json, headers={"If-Match": read.headers["ETag"]})
    assert (again.status_code, again.headers["ETag"]) == (200, read.headers["ETag"])


def test_a_retired_zone_is_gone_from_the_map_and_comes_back(office):
    gone = office.delete("/api/v1/zones/SB000001", headers={"If-Match": '"v1"'})
    assert gone.status_code == 200
    codes = [feature["properties"]["code"] for feature in office.get("/api/v1/zones.geojson").json["features"]]
    assert "SB000001" not in codes
    feature = office.get("/api/v1/zones/SB000001").json
    feature["properties"]["valid_to"] = None
    back = office.put("/api/v1/zones/SB000001", json=feature, headers={"If-Match": gone.headers["ETag"]})
    assert back.status_code == 200, back.json


def test_a_zone_that_takes_a_neighbours_ground_is_refused_with_a_way_out(office):
    body = {"type": "Feature", "geometry": NEXT_DOOR, "properties": {"kind": "frontage", "name": "隔壁"}}
    refused = office.post("/api/v1/zones", json=body)
    assert (refused.status_code, refused.json["code"]) == (409, "zone_overlap")
    (overlap,) = refused.json["overlaps"]
    assert overlap["zone"] == "SB000001"
    assert 9 < overlap["area_m2"] < 11
    made = office.post("/api/v1/zones", json={**body, "geometry": refused.json["suggestion"]})
    assert made.status_code == 201, made.json


def test_everything_wrong_with_a_feature_is_said_at_once(office):
    wrong = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [28.68, 115.86]},
             "properties": {"name": "x", "type": "PT77", "colour": "red"}}
    refused = office.post("/api/v1/points", json=wrong)
    assert refused.status_code == 422
    assert {error["field"] for error in refused.json["errors"]} == {"code", "type", "colour", "geometry"}
    assert all(error["message"] and error["code"] for error in refused.json["errors"])
    assert office.get("/api/v1/points/x").status_code == 404


@pytest.mark.parametrize("body", [
    [], "text", 5, None, {"type": "Point"}, {"type": "Feature", "geometry": 5, "properties": {}},
    {"type": "Feature", "geometry": {"type": "Point", "coordinates": "x"}, "properties": []}])
def test_a_body_of_another_shape_is_refused_in_words(office, body):
    refused = office.post("/api/v1/points", json=body)
    assert refused.status_code == 422
    assert refused.json["errors"]


def test_harmful_text_comes_back_unharmed(office):
    body = {**POINT, "properties": {**POINT["properties"], "name": HARM, "address": HARM}}
    assert office.post("/api/v1/points", json=body).status_code == 201
    assert office.get("/api/v1/points/P900").json["properties"]["name"] == HARM


def test_lists_go_by_pages(office):
    first = office.get("/api/v1/units?limit=4")
    codes = [feature["properties"]["code"] for feature in first.json["features"]]
    assert len(codes) == 4
    while first.json["next"]:
        first = office.get(first.json["next"])
        codes += [feature["properties"]["code"] for feature in first.json["features"]]
    assert len(codes) == len(set(codes)) == 10


def test_lists_are_narrowed_by_fields_words_frame_and_status(office):
    def codes(query):
        answer = office.get(f"/api/v1/points{query}")
        assert answer.status_code == 200, answer.json
        return [feature["properties"]["code"] for feature in answer.json["features"]]

    assert codes("?type=PT10") == ["P001"]
    assert codes("?type=farmers_market") == ["P002"]
    assert codes("?q=公园") == ["P003"]
    assert codes("?bbox=115.84,28.68,115.852,28.69") == ["P002"]
    assert codes("?unit=YY") == ["P001"]
    assert codes("?status=overdue") == []
    assert codes("?status=none,open&limit=2") == ["P001", "P002"]
    assert codes("?limit=99999999999") == ["P001", "P002", "P003"]


@pytest.mark.parametrize(("query", "field"), [
    ("?limit=0", "limit"), ("?limit=x", "limit"), ("?colour=red", "colour"), ("?bbox=1,2,3", "bbox"),
    ("?bbox=a,b,c,d", "bbox"), ("?bbox=nan,0,1,1", "bbox"), ("?status=late", "status"), ("?on=yesterday", "on"),
    ("?type=nothing", "type"), ("?after=-1", "after"),
])
def test_a_filter_that_cannot_be_is_refused_by_its_name(office, query, field):
    refused = office.get(f"/api/v1/points{query}")
    assert refused.status_code == 422, refused.json
    assert field in [error["field"] for error in refused.json["errors"]], refused.json


def test_a_list_that_has_not_changed_is_not_sent_again(office):
    first = office.get("/api/v1/points.geojson")
    again = office.get("/api/v1/points.geojson", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    office.post("/api/v1/points", json=POINT)
    assert office.get("/api/v1/points.geojson", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200
