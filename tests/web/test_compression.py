"""Data reaches phones compressed, and a page with a token never is."""

import gzip
import json


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


def test_a_page_with_a_token_is_never_compressed(signed_in):
    page = signed_in("dispatcher").get("/points", headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in page.headers
