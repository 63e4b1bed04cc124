"""Pledges over HTTP: verbs with their conditions, lists and papers, the page behind a plate that shows no person."""

import re

import pytest
from sqlalchemy import select

from civmap import clock
from civmap.city.models import Placard
from civmap.city.placards import end
from civmap.people.queries import by_name, viewer_of
from civmap.store.database import reading, writing

NOW = clock.parse_moment("2026-05-20T09:00:00+08:00")


@pytest.fixture(autouse=True)
def frozen(monkeypatch):
    monkeypatch.setenv("CIVMAP_TESTING", "1")
    monkeypatch.setenv("CIVMAP_NOW", clock.iso(NOW))


def test_a_pledge_is_renewed_and_taken_back_over_the_interface(engine, signed_in):
    browser = signed_in("clerk")
    assert browser.get("/api/v1/pledges").json["states"]["signed"] == 1
    [row] = browser.get("/api/v1/zones?pledge=signed").json["features"]
    assert (row["id"], row["properties"]["pledge_state"]) == ("SB000001", "signed")
    renewed = browser.post("/api/v1/zones/SB000001/pledge", json={"verb": "renew", "months": 6},
                           headers={"If-Match": '"v1"'})
    assert (renewed.status_code, renewed.json["properties"]["pledge_expires_on"]) == (200, "2027-07-09")
    stale = browser.post("/api/v1/zones/SB000001/pledge", json={"verb": "undo"}, headers={"If-Match": '"v1"'})
    assert (stale.status_code, stale.json["code"]) == (412, "stale_edit")
    undone = browser.post("/api/v1/zones/SB000001/pledge", json={"verb": "undo"})
    assert undone.json["properties"]["pledge_expires_on"] == "2027-01-09"
    wrong = browser.post("/api/v1/zones/SB000001/pledge", json={"verb": "sign"})
    assert (wrong.status_code, wrong.json["code"]) == (409, "pledge_not_now")
    many = browser.post("/api/v1/pledges", json={"verb": "sign", "zones": ["SB000001"]})
    assert (many.json["done"], many.json["refused"][0]["code"]) == ([], "pledge_not_now")
    assert signed_in("leader").post("/api/v1/pledges", json={"verb": "renew", "zones": ["SB000001"]}).status_code == 403
    terms = signed_in("admin").get("/api/v1/pledges/terms")
    kept = signed_in("admin").put("/api/v1/pledges/terms", json={"months": 24},
                                  headers={"If-Match": terms.headers["ETag"]})
    assert (kept.status_code, kept.json["months"]) == (200, 24)


def test_pages_and_papers_of_pledges(engine, signed_in):
    browser = signed_in("clerk")
    page = browser.get("/pledges?pledge=signed").get_data(as_text=True)
    assert 'value="undo"' not in browser.get("/zones/SB000001").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    assert "SB000001" in page and "SB000001" not in browser.get("/pledges?pledge=expired").get_data(as_text=True)
    done = browser.post("/pledges", data={"csrf_token": token, "verb": "renew", "code": "SB000001", "months": "12"})
    assert (done.status_code, done.headers["Location"]) == (303, "/pledges?done=1&refused=0")
    shown = browser.get("/zones/SB000001").get_data(as_text=True)
    assert "2028" in shown and 'value="undo"' in shown
    for address, head in (("/pledges.pdf", b"%PDF"), ("/pledges.docx", b"PK"), ("/plates.pdf", b"%PDF")):
        made = browser.post(address, data={"csrf_token": token, "code": "SB000001"})
        assert (made.status_code, made.get_data()[:len(head)]) == (200, head), made.get_data(as_text=True)[:300]
    [number] = {row["properties"]["pledge_no"] for row in browser.get("/api/v1/zones?code=SB000001").json["features"]}
    assert number == "MQSB-2026-00001"


def test_anybody_reads_the_plate_and_learns_no_number_and_no_person(engine, signed_in, stranger):
    signed_in("clerk").get("/pledges.docx?code=SB000001")
    with reading(engine) as session:
        key = session.scalar(select(Placard.key))
    page = stranger.get(f"/pledge/{key}")
    told = page.get_data(as_text=True)
    assert page.status_code == 200 and "小李面馆" in told and "2027-01-09" in told and "<svg" in told
    # A key or token may hold eleven digits in a row: a number stands by itself.
    assert not re.search(r"(?<![\w-])1[3-9]\d{9}(?![\w-])|13912345678|139\*", told) and ">小李<" not in told
    with writing(engine) as session:
        end(session, viewer_of(session, by_name(session, "clerk"), "api"), "zone", "SB000001", NOW)
    for gone in (key, "x", "x" * 300):
        assert stranger.get(f"/pledge/{gone}").status_code == 404
