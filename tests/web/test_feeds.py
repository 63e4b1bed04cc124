"""A unit's feed: valid Atom and JSON Feed, opened by a personal key, with the policy of that person."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from civmap.issues.happenings import without_phones
from civmap.people.models import Person
from civmap.store.database import writing

ATOM = "{http://www.w3.org/2005/Atom}"
SAID = "桥头有一堆垃圾\x1b\ufffe & <b>臭</b>，电话13812345678"
GARBAGE = {"class": "exposed_garbage", "description": SAID, "lon": 115.8570, "lat": 28.6830}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture
def settings(settings):
    """Give a city that others reach under its own name."""
    return replace(settings, public_url="https://map.example.cn")


def one_issue(office):
    no = office.post("/api/v1/issues", json=GARBAGE).json["issue_no"]
    for verb in ("file", "dispatch"):
        etag = office.get(f"/api/v1/issues/{no}").headers["ETag"]
        assert office.post(f"/api/v1/issues/{no}/{verb}", json={}, headers={"If-Match": etag}).status_code == 200
    return no


def key_of(person):
    page = person.post("/feeds/key").get_data(as_text=True)
    return re.search(r'https://map\.example\.cn/units/HW-C/feed\.atom\?key=([\w-]+)"', page)[1]


def test_a_reader_with_the_key_gets_valid_feeds(stranger, signed_in, engine):
    no, key = one_issue(signed_in("dispatcher")), key_of(signed_in("handler"))
    answer = stranger.get(f"/units/HW-C/feed.atom?key={key}")
    assert (answer.status_code, answer.mimetype) == (200, "application/atom+xml")
    feed = ElementTree.fromstring(answer.get_data())
    entries = feed.findall(f"{ATOM}entry")
    assert feed.tag == f"{ATOM}feed" and feed.find(f"{ATOM}author/{ATOM}name").text == "示例区"
    for one in (feed, *entries):
        assert [len(one.findall(ATOM + name)) for name in ("id", "title", "updated")] == [1, 1, 1]
        assert one.find(f"{ATOM}id").text.startswith("urn:uuid:") and MOMENT.fullmatch(one.find(f"{ATOM}updated").text)
    assert len({one.find(f"{ATOM}id").text for one in entries}) == len(entries) == 3
    assert entries[0].find(f"{ATOM}title").text == f"新交办：暴露垃圾 {no}"
    assert entries[0].find(f"{ATOM}link").get("href") == f"https://map.example.cn/issues/{no}"
    assert entries[0].find(f"{ATOM}summary").text == "桥头有一堆垃圾 & <b>臭</b>，电话138****5678"
    told = stranger.get(f"/units/HW-C/feed.json?key={key}").json
    assert told["version"].endswith("/version/1.1") and [item["id"] for item in told["items"]] == [
        one.find(f"{ATOM}id").text for one in entries]
    again = stranger.get(f"/units/HW-C/feed.atom?key={key}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    with writing(engine) as session:
        kept = session.query(Person.feed_hash).filter(Person.name == "handler").scalar()
    assert len(kept) == 64 and key not in kept


def test_the_key_shows_what_its_person_sees_and_ends_when_it_is_renewed_or_revoked(stranger, signed_in):
    one_issue(signed_in("dispatcher"))
    doctor, handler = signed_in("doctor"), signed_in("handler")
    assert signed_in("handler").get("/units/HW-C/feed.json").json["items"]
    assert doctor.get("/units/HW-C/feed.json").json["items"] == []
    for path in ("/units/HW-C/feed.atom", "/units/HW-C/feed.json?key=civf_wrong"):
        assert (stranger.get(path).status_code, stranger.get(path).json["code"]) == (401, "feed_key_not_valid")
    first, second = key_of(handler), key_of(handler)
    assert [stranger.get(f"/units/HW-C/feed.json?key={key}").status_code for key in (first, second)] == [401, 200]
    handler.post("/feeds/key/revoke")
    assert stranger.get(f"/units/HW-C/feed.json?key={second}").status_code == 401


@pytest.mark.parametrize("said, told", [("电话13812345678。", "电话138****5678。"),
                                        ("+86 138-1234-5678", "861****5678"),
                                        ("0791-88888888 转", "079****8888 转"), ("WT20260520-0001", "WT20260520-0001"),
                                        ("360199006001001", "360199006001001")])
def test_no_phone_number_leaves_in_a_feed(said, told):
    assert without_phones(said) == told
