"""Other cities' software asks and reports by Open311 GeoReport v2, in and out of the office's own workflow."""

import io
from xml.etree import ElementTree

import pytest
from PIL import Image

from tests.support import town

V2 = "/open311/v2"


@pytest.fixture
def key(program):
    """Give the api_key of a person by first name."""
    return lambda name: program(name)["Authorization"].removeprefix("Bearer ")


def _path(url):
    return url[url.index("/open311"):]


def _report(client, key, **more):
    lon, lat = town.SPOT_NOODLES
    said = {"api_key": key, "service_code": "E0102", "lat": lat, "long": lon, **more,
            "description": "门前有垃圾，电话13812345678"}
    return client.post(f"{V2}/requests.json", data={name: value for name, value in said.items() if value is not None})


def _picture():
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(out, "JPEG")
    return io.BytesIO(out.getvalue()), "before.jpg"


def test_a_request_becomes_an_issue_and_is_told_in_both_formats(stranger, key):
    client, office = stranger.client, key("dispatcher")
    found = client.get(f"{V2}/services.json").json
    assert {"service_code", "service_name", "description", "metadata", "type", "keywords", "group"} == set(found[0])
    definition = ElementTree.fromstring(client.get(f"{V2}/services/E0102.xml").data)
    assert definition.tag == "service_definition" and definition.findtext("attributes/attribute/code") == "point"
    answer = _report(client, office, **{"attribute[external_id]": "A-7", "first_name": "王", "phone": "13812345678"})
    assert answer.status_code == 201
    (taken,) = answer.json
    again = _report(client, office, **{"attribute[external_id]": "A-7", "first_name": "王", "phone": "13812345678"})
    assert again.json == answer.json, "the sender's own number makes a repeated request one"
    number = taken["service_request_id"]
    (told,) = client.get(f"{V2}/requests/{number}.json?api_key={office}").json
    assert (told["status"], told["service_code"], told["lat"]) == ("open", "E0102", pytest.approx(town.SPOT_NOODLES[1]))
    assert "13812345678" not in told["description"] and told["requested_datetime"].endswith("Z")
    page = ElementTree.fromstring(client.get(f"{V2}/requests.xml?api_key={office}&status=open").data)
    assert page.tag == "service_requests" and number in [row.findtext("service_request_id") for row in page]
    (known,) = client.get(f"{V2}/tokens/{taken['token']}.json", headers={"X-Api-Key": office}).json
    assert known == {"service_request_id": number, "token": taken["token"]}
    headers = {"Authorization": f"Bearer {office}"}
    assert client.get(f"/api/v1/issues/{number}", headers=headers).json["state"] == "reported"
    nowhere = {"lat": None, "long": None, "service_code": "E0101"}
    by_name = _report(client, office, **nowhere, address_string="人民医院")
    (found,) = client.get(f"{V2}/requests/{by_name.json[0]['service_request_id']}.json", headers=headers).json
    assert (found["lat"], found["long"]) == pytest.approx(town.HOSPITAL_SPOT[::-1], abs=1e-4)
    unsure = _report(client, office, **nowhere, address_string="某某大道999号")
    assert (unsure.status_code, unsure.json[0]["reason"]) == (400, "open311_address_unsure")
    for path, wanted in ((f"status=open&service_code=E0102&lat={told['lat']}&long={told['long']}&radius=50", [number]),
                         (f"service_request_id={number},WT-1", [number]), ("status=closed", [])):
        rows = client.get(f"{V2}/requests.json?{path}", headers=headers).json
        assert [row["service_request_id"] for row in rows] == wanted, path


def test_each_sees_and_does_by_open311_what_each_may_elsewhere(stranger, key):
    client, office, unit = stranger.client, key("dispatcher"), key("handler")
    (taken,) = _report(client, office, media=_picture(), **{"long": None, "lat": None, "address_id": "P001"}).json
    number = taken["service_request_id"]
    headers = {"Authorization": f"Bearer {office}", "If-Match": "*"}
    assert client.get(f"{V2}/requests/{number}.json?api_key={unit}").status_code == 404
    for verb, body in (("file", {}), ("dispatch", {"unit": "HW-C"})):
        assert client.post(f"/api/v1/issues/{number}/{verb}", json=body, headers=headers).status_code == 200
    (told,) = client.get(f"{V2}/requests/{number}.json?api_key={unit}").json
    assert told["expected_datetime"] and told["agency_responsible"] and told["address_id"] == "P001"
    with client.get(_path(told["media_url"]), headers={"X-Api-Key": unit}) as picture:
        assert picture.mimetype == "image/jpeg"

    def update(status, update_id, **more):
        said = {"api_key": unit, "service_request_id": number, "status": status, "update_id": update_id, **more}
        return client.post(f"{V2}/servicerequestupdates.xml", data=said)
    assert update("IN_PROGRESS", "1", description="今日清理").status_code == 201
    assert update("FIXED", "2", description="已清理").status_code == 400, "feedback without an after photo"
    done = update("FIXED", "3", description="已清理", media=_picture())
    assert done.status_code == 201
    assert update("FIXED", "3", description="已清理", media=_picture()).data == done.data
    assert client.get(f"/api/v1/issues/{number}", headers=headers).json["state"] == "resolved"
    rows = client.get(f"{V2}/servicerequestupdates.json?api_key={office}").json
    assert [row["status"] for row in rows] == ["ACTION_SCHEDULED", "ACTION_SCHEDULED", "IN_PROGRESS", "IN_PROGRESS",
                                               "FIXED"]


@pytest.mark.spatialite
@pytest.mark.parametrize(("method", "path", "said", "status", "reason"), [
    ("get", "requests.json", {}, 403, "sign_in_first"),
    ("get", "requests.xml", {"api_key": "civ_wrong"}, 403, "token_not_valid"),
    ("get", "requests.json", {"api_key": "*", "start_date": "2026-01-01T00:00:00Z", "end_date": "2026-05-01T00:00:00Z"},
     400, "open311_span"),
    ("get", "requests.json", {"api_key": "*", "start_date": "9999-12-31T00:00:00Z"}, 400, "open311_moment"),
    ("get", "requests.json", {"api_key": "*", "nonsense": "1"}, 400, "open311_parameter"),
    ("get", "requests.json", {"api_key": "*", "jurisdiction_id": "elsewhere"}, 404, "open311_jurisdiction"),
    ("get", "requests/WT1.json", {"api_key": "*"}, 404, "issue_not_found"),
    ("get", "services/NONE.json", {}, 404, "open311_service_unknown"),
    ("get", "services.yaml", {}, 404, "open311_format"),
    ("get", "nothing", {}, 404, "open311_unknown"),
    ("post", "requests.json", {"api_key": "*", "service_code": "E0102"}, 400, "open311_no_place"),
    ("post", "requests.json", {"api_key": "*", "service_code": "E0102", "lat": "95", "long": "1"}, 400,
     "open311_number"),
    ("post", "requests.xml", {"api_key": "*", "lat": "28", "long": "115"}, 400, "field_missing"),
    ("post", "requests.json", {"service_code": "E0102"}, 403, "sign_in_first"),
    ("post", "servicerequestupdates.json", {"api_key": "*", "service_request_id": "WT1", "status": "WHO"}, 400,
     "open311_update_status"),
])
def test_what_cannot_be_is_refused_as_georeport_writes_it(stranger, key, method, path, said, status, reason):
    said = {name: key("dispatcher") if value == "*" else value for name, value in said.items()}
    sent = {"query_string": said} if method == "get" else {"data": said}
    answer = stranger.client.open(f"{V2}/{path}", method=method.upper(), **sent)
    if path.endswith(".xml"):
        root = ElementTree.fromstring(answer.data)
        found = [(root.tag, int(row.findtext("code")), row.findtext("reason")) for row in root]
    else:
        found = [("errors", row["code"], row["reason"]) for row in answer.json]
    assert (answer.status_code, found) == (status, [("errors", status, reason)])
