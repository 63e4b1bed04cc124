"""Photos over HTTP: watermark, covered copy, who may cover; the phone's service worker and its page."""

import io
import json

import pytest
from PIL import Image

from tests.issues.test_evidence import _plate
from tests.issues.test_photos import GARBAGE


@pytest.fixture
def pictured(signed_in):
    """Give an inspector's browser and the id of a photo of a fresh issue."""
    someone = signed_in("inspector")
    number = someone.post("/api/v1/issues", json=GARBAGE).get_json()["issue_no"]
    sent = {"kind": "before", "lon": "115.857", "lat": "28.683", "accuracy_m": "8",
            "file": (io.BytesIO(_plate()), "p.png")}
    made = someone.post(f"/api/v1/issues/{number}/photos", data=sent)
    assert (made.status_code, made.get_json()["accuracy_m"]) == (201, 8)
    return someone, number, made.get_json()["id"]


def test_a_watermark_is_burnt_into_a_copy(pictured, signed_in):
    someone, _number, photo = pictured
    plain, marked = (someone.get(f"/api/v1/photos/{photo}{asked}", buffered=True) for asked in ("", "?watermark=1"))
    assert (marked.status_code, marked.mimetype) == (200, "image/png") and marked.data != plain.data
    small = someone.get(f"/api/v1/photos/{photo}?size=small", buffered=True)
    assert max(Image.open(io.BytesIO(small.data)).size) == 288
    again = someone.get(f"/api/v1/photos/{photo}?watermark=1", headers={"If-None-Match": marked.headers["ETag"]})
    assert (again.status_code, someone.get(f"/api/v1/photos/{photo}", buffered=True).data) == (304, plain.data)
    assert signed_in("doctor").get(f"/api/v1/photos/{photo}?watermark=1").status_code == 404
    assert someone.get(f"/api/v1/photos/{photo}?watermark=perhaps").status_code == 422


def test_the_office_covers_a_face_and_takes_the_cover_off(pictured, signed_in):
    someone, number, photo = pictured
    office, path = signed_in("dispatcher"), f"/api/v1/photos/{photo}/masks"
    assert someone.get(f"/api/v1/photos/{photo}?masked=1").get_json()["code"] == "photo_not_masked"
    assert someone.post(path, json={"boxes": [[0.2, 0.2, 0.5, 0.5]]}).status_code == 403
    assert office.post(path, json={"boxes": [[0.2, 0.2, 0.5]]}).status_code == 422
    covered = office.post(path, json={"boxes": [[0.2, 0.2, 0.5, 0.5]]}, headers={"Idempotency-Key": "cover-1"})
    assert covered.status_code == 200 and covered.get_json()["masks"] == [[0.2, 0.2, 0.5, 0.5]]
    copy = someone.get(f"/api/v1/photos/{photo}?masked=1", buffered=True)
    with Image.open(io.BytesIO(copy.data)) as shown:
        assert shown.size == (320, 240)
    assert office.post(path, json={"boxes": []}).get_json()["code"] == "masks_changed"
    undone = office.post(path, json={"boxes": [], "seen": covered.get_json()["masked_at"]})
    assert undone.status_code == 200 and someone.get(f"/api/v1/photos/{photo}?masked=1").status_code == 404
    shown, hidden = (who.get(f"/issues/{number}").get_data(as_text=True) for who in (office, someone))
    assert f'data-mask="{photo}"' in shown and "data-mask=" not in hidden


def test_the_phone_keeps_what_there_is_and_knows_for_whom(stranger, signed_in):
    worker = stranger.get("/sw.js")
    assert (worker.mimetype, worker.headers["Cache-Control"]) == ("text/javascript", "no-cache")
    shell = json.loads(worker.get_data(as_text=True).partition("self.SHELL = ")[2].partition(";\n")[0])
    assert {"/static/js/report.js", "/static/js/outbox.js", "/static/css/base.css",
            "/static/vendor/leaflet/leaflet.js"} <= set(shell["files"])
    assert {stranger.get(path, buffered=True).status_code for path in shell["files"][::9]} == {200}
    spare = stranger.get("/offline")
    assert spare.status_code == 200 and "X-Civmap-Person" not in spare.headers
    one, other = signed_in("inspector"), signed_in("handler")
    marks = {someone.get("/outbox").headers["X-Civmap-Person"] for someone in (one, other)}
    assert len(marks) == 2 and one.get("/api/v1/me").headers["X-Civmap-Person"] in marks
    assert stranger.get("/outbox").status_code == 302 and stranger.get("/api/v1/me").status_code == 401


def test_a_page_that_lay_on_the_phone_gets_a_fresh_proof_of_origin(signed_in):
    someone = signed_in("inspector")
    told = someone.get("/api/v1/me").get_json()
    someone.token = told["csrf_token"]
    assert told["name"] == "inspector" and someone.post("/api/v1/issues", json=GARBAGE).status_code == 201
