"""Pages and data reach phones compressed, and no token is given away by that."""

import gzip
import json
import re


def test_a_long_list_travels_compressed_and_says_the_same(signed_in):
    person = signed_in("dispatcher")
    plain = person.get("/api/v1/zones.geojson", headers={"Accept-Encoding": "identity"})
    small = person.get("/api/v1/zones.geojson", headers={"Accept-Encoding": "gzip"})
    assert small.headers["Content-Encoding"] == "gzip" and len(small.data) < len(plain.data) / 2
    assert json.loads(gzip.decompress(small.data)) == plain.json


def test_an_unchanged_list_is_not_sent_again(signed_in):
    person = signed_in("dispatcher")
    first = person.get("/api/v1/zones.geojson", headers={"Accept-Encoding": "gzip"})
    again = person.get("/api/v1/zones.geojson", headers={"Accept-Encoding": "gzip",
                                                         "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_a_compressed_page_writes_its_token_differently_every_time(signed_in):
    person = signed_in("admin")
    tokens = set()
    for _ in range(2):
        page = person.get("/help", headers={"Accept-Encoding": "gzip"})
        assert page.headers["Content-Encoding"] == "gzip"
        tokens |= set(re.findall(r'name="csrf-token" content="([0-9a-f]+)"', gzip.decompress(page.data).decode()))
    assert len(tokens) == 2
    for person.token in tokens:
        assert person.post("/language", data={"lang": "zh"}).status_code == 303


def test_a_program_that_asks_for_compression_can_edit_with_the_tag_it_got(signed_in):
    person = signed_in("dispatcher")
    packed = {"Accept-Encoding": "gzip, br"}
    for code in ("P001", "P003"):
        read = person.get(f"/api/v1/points/{code}", headers=packed)
        assert read.headers["ETag"] == '"v1"'
        body = read.json if "Content-Encoding" not in read.headers else person.get(f"/api/v1/points/{code}").json
        body["properties"]["note"] = "x" * 1500
        kept = person.put(f"/api/v1/points/{code}", json=body, headers={**packed, "If-Match": read.headers["ETag"]})
        assert (kept.status_code, kept.headers["ETag"]) == (200, '"v2"')
        assert "Content-Encoding" in kept.headers
