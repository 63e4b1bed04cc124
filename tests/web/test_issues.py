"""Issues through the JSON interface: reported, carried on, and the same request twice."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import update

from civmap import clock
from civmap.store.database import writing
from civmap.store.replies import Reply

BIN = {"class": "E0115", "description": "垃圾箱满溢", "lon": 115.8570, "lat": 28.6830}


@pytest.fixture
def office(signed_in):
    return signed_in("dispatcher")


def picture(colour="red"):
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return out.getvalue()


def test_a_report_names_who_answers_and_why(office, town):
    made = office.post("/api/v1/issues", json=BIN)
    assert made.status_code == 201, made.json
    assert made.json["state"] == "reported"
    assert made.json["due_at"] is None
    assert {"unit", "basis", "reason", "distance_m", "ambiguous", "claims"} <= made.json["assignment"].keys()
    assert office.get(made.headers["Location"]).json["issue_no"] == made.json["issue_no"]


def test_the_nearest_unit_is_named_in_metres(office):
    answer = office.get("/api/v1/assignment?lon=115.8570&lat=28.6830&class=exposed_garbage")
    assert answer.status_code == 200, answer.json
    found = [(claim["unit"]["code"], round(claim["distance_m"])) for claim in answer.json["claims"]
             if claim["basis"] == "nearest"]
    assert found[:2] == [("HW-C", 332), ("HW-B", 344)]


@pytest.mark.parametrize("query", [
    "", "?lon=1", "?lon=x&lat=1", "?lon=nan&lat=1", "?lon=1&lat=2", "?lon=115.86&lat=28.68&class=E9999",
    "?lon=115.86&lat=28.68&point=nothing", "?lon=115.86&lat=28.68&nonsense=1"])
def test_a_question_without_a_place_or_class_is_refused(office, query):
    refused = office.get(f"/api/v1/assignment{query}")
    assert refused.status_code in (404, 422)
    assert refused.json["errors"]


def test_the_first_life_of_an_issue(office, signed_in):
    made = office.post("/api/v1/issues", json=BIN)
    address = made.headers["Location"]

    def perform(person, verb, body=None):
        etag = office.get(address).headers["ETag"]
        answer = person.post(f"{address}/{verb}", json=body or {}, headers={"If-Match": etag})
        assert answer.status_code == 200, answer.json
        return answer.json

    handler, inspector = signed_in("handler"), signed_in("inspector")
    assert perform(office, "file")["state"] == "filed"
    assert perform(office, "dispatch", {"unit": "HW-C"})["due_at"]
    assert perform(handler, "acknowledge")["state"] == "in_progress"
    photo = handler.post(f"{address}/photos", data={"kind": "after", "file": (io.BytesIO(picture()), "a.jpg")})
    assert photo.status_code == 201, photo.json
    done = perform(handler, "feedback", {"measure": "已清运", "photos": [photo.json["id"]]})
    assert done["state"] == "resolved"
    assert perform(inspector, "check", {"pass": True, "opinion": "合格"})["state"] == "closed"
    lines = [line["verb"] for line in office.get(f"{address}/ledger").json["items"]]
    assert lines == ["report", "file", "dispatch", "acknowledge", "photo", "feedback", "check"]
    shown = office.get(photo.headers["Location"], buffered=True)
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"


def test_a_verb_that_is_not_possible_now_says_what_is(office):
    address = office.post("/api/v1/issues", json=BIN).headers["Location"]
    refused = office.post(f"{address}/check", json={"pass": True}, headers={"If-Match": '"v1"'})
    assert (refused.status_code, refused.json["code"]) == (409, "not_allowed_now")
    assert "file" in refused.json["allowed"]
    assert office.post(f"{address}/file", json={}).status_code == 428
    stale = office.post(f"{address}/file", json={}, headers={"If-Match": '"v7"'})
    assert (stale.status_code, stale.json["current"]["state"], stale.headers["ETag"]) == (412, "reported", '"v1"')
    unknown = office.post(f"{address}/dance", json={}, headers={"If-Match": '"v1"'})
    assert (unknown.status_code, unknown.json["code"]) == (404, "verb_unknown")


def test_the_same_key_and_body_is_one_issue_and_one_answer(office):
    headers = {"Idempotency-Key": "abc-1"}
    first = office.post("/api/v1/issues", json=BIN, headers=headers)
    again = office.post("/api/v1/issues", json=dict(reversed(BIN.items())), headers=headers)
    assert (again.status_code, again.json, again.headers["Location"], again.headers["ETag"]) == (
        201, first.json, first.headers["Location"], first.headers["ETag"])
    other = office.post("/api/v1/issues", json={**BIN, "description": "x"}, headers=headers)
    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")
    assert len(office.get("/api/v1/issues").json["features"]) == 1


def test_a_replayed_key_is_answered_before_the_version_is_looked_at(office):
    address = office.post("/api/v1/issues", json=BIN).headers["Location"]
    headers = {"Idempotency-Key": "file-1", "If-Match": '"v1"'}
    first = office.post(f"{address}/file", json={}, headers=headers)
    assert first.status_code == 200
    again = office.post(f"{address}/file", json={}, headers=headers)
    assert (again.status_code, again.json) == (200, first.json)
    assert office.post(f"{address}/file", json={}, headers={"If-Match": '"v1"'}).status_code == 412


def test_a_refused_request_does_not_use_up_its_key(office):
    headers = {"Idempotency-Key": "abc-2"}
    assert office.post("/api/v1/issues", json={**BIN, "class": "E9999"}, headers=headers).status_code == 422
    assert office.post("/api/v1/issues", json=BIN, headers=headers).status_code == 201


def test_an_answer_is_kept_for_a_month(office, engine):
    headers = {"Idempotency-Key": "old-1"}
    first = office.post("/api/v1/issues", json=BIN, headers=headers)
    with writing(engine) as session:
        session.execute(update(Reply).values(at=clock.now() - timedelta(days=31)))
    office.post("/api/v1/issues", json=BIN, headers={"Idempotency-Key": "new-1"})
    again = office.post("/api/v1/issues", json=BIN, headers=headers)
    assert again.json["issue_no"] != first.json["issue_no"]


def test_keys_belong_to_one_person(office, signed_in):
    headers = {"Idempotency-Key": "abc-3"}
    first = office.post("/api/v1/issues", json=BIN, headers=headers)
    other = signed_in("inspector").post("/api/v1/issues", json=BIN, headers=headers)
    assert (first.status_code, other.status_code) == (201, 201)
    assert first.json["issue_no"] != other.json["issue_no"]


def test_twenty_equal_requests_at_once_make_one_issue(app, program):
    headers = {**program("inspector"), "Idempotency-Key": "from-a-tunnel"}

    def send(_number):
        answer = app.test_client().post("/api/v1/issues", json=BIN, headers=headers)
        return answer.status_code, answer.get_data()

    with ThreadPoolExecutor(20) as pool:
        answers = set(pool.map(send, range(20)))
    assert len(answers) == 1, answers
    assert answers.pop()[0] == 201
    listed = app.test_client().get("/api/v1/issues", headers=headers).json["features"]
    assert len(listed) == 1


def test_twenty_different_reports_at_once_are_all_kept(app, program):
    headers = program("inspector")

    def send(number):
        body = {**BIN, "description": f"第{number}处"}
        return app.test_client().post("/api/v1/issues", json=body, headers=headers).status_code

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(send, range(20))) == {201}
    assert len({feature["id"] for feature in
                app.test_client().get("/api/v1/issues", headers=headers).json["features"]}) == 20


def test_the_same_photo_with_the_same_key_is_kept_once(office):
    address = office.post("/api/v1/issues", json=BIN).headers["Location"]

    def send(colour):
        return office.post(f"{address}/photos", headers={"Idempotency-Key": "photo-1"},
                           data={"kind": "before", "file": (io.BytesIO(picture(colour)), "a.jpg")})

    first, again, other = send("red"), send("red"), send("blue")
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.json == again.json
    assert len(office.get(address).json["photos"]) == 1


@pytest.mark.parametrize(("form", "status"), [
    ({"kind": "before"}, 422), ({"kind": "before", "file": (io.BytesIO(b""), "a.jpg")}, 422),
    ({"kind": "before", "file": (io.BytesIO(b"no picture"), "a.jpg")}, 422),
    ({"kind": "selfie", "file": (io.BytesIO(picture()), "a.jpg")}, 422),
])
def test_what_is_no_photo_is_refused(office, form, status):
    address = office.post("/api/v1/issues", json=BIN).headers["Location"]
    refused = office.post(f"{address}/photos", data=form, content_type="multipart/form-data")
    assert (refused.status_code, refused.mimetype) == (status, "application/problem+json"), refused.json


@pytest.mark.parametrize("size", [10 * 1024 * 1024 + 1, 12 * 1024 * 1024])
def test_a_photo_above_the_cap_is_refused(office, size):
    address = office.post("/api/v1/issues", json=BIN).headers["Location"]
    part = '--edge\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n'
    body = (part.format("kind", "") + "before\r\n" + part.format("file", '; filename="a.jpg"')).encode()
    refused = office.post(f"{address}/photos", data=body + bytes(size) + b"\r\n--edge--\r\n",
                          content_type="multipart/form-data; boundary=edge")
    assert (refused.status_code, refused.json["code"]) == (413, "body_too_large")


def test_a_unit_reads_its_own_issues_only(office, signed_in):
    address = office.post("/api/v1/issues", json={**BIN, "on_site": True, "unit": "YY"}).headers["Location"]
    assert signed_in("doctor").get(address).status_code == 200
    for path in (address, f"{address}/ledger"):
        assert signed_in("handler").get(path).status_code == 404


def test_a_swapped_pair_of_degrees_is_recognised(office):
    swapped = office.post("/api/v1/issues", json={**BIN, "lon": BIN["lat"], "lat": BIN["lon"]})
    asked = office.get(f"/api/v1/assignment?lon={BIN['lat']}&lat={BIN['lon']}")
    for answer in (swapped, asked):
        assert (answer.status_code, answer.json["code"]) == (422, "coordinates_swapped")


def test_every_verb_counts_the_version_up_by_one(office):
    made = office.post("/api/v1/issues", json=BIN)
    path, versions = f"/api/v1/issues/{made.json['issue_no']}", []
    for verb, said in (("file", {}), ("dispatch", {"unit": "CG", "assisting": ["HW-B"]}), ("acknowledge", {})):
        headers = {"If-Match": versions[-1] if versions else made.headers["ETag"]}
        versions.append(office.post(f"{path}/{verb}", json=said, headers=headers).headers["ETag"])
    assert versions == ['"v2"', '"v3"', '"v4"']
    assert office.get(path).json["assisting"] == ["HW-B"]


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "application/json"}])
def test_a_verb_that_needs_no_words_takes_an_empty_body(office, headers):
    made = office.post("/api/v1/issues", json=BIN)
    path = f"/api/v1/issues/{made.json['issue_no']}/file"
    assert office.post(path, data=b"", headers={"If-Match": '"v1"', **headers}).json["state"] == "filed"
    lacking = office.post("/api/v1/issues", data=b"", headers=headers)
    assert (lacking.status_code, len(lacking.json["errors"])) == (422, 2)
