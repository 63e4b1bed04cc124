"""Writing by OGC API – Features, Part 4: by hand, and by OWSLib against a running server."""

import json
from urllib.parse import urlsplit

import pytest
from owslib.ogcapi.features import Features
from pyproj import Transformer

from civmap.ogc.cql import parse

GK = "http://www.opengis.net/def/crs/EPSG/0/4548"
POINT = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [115.86, 28.684]},
         "properties": {"code": "P900", "name": "河东小学", "type": "PT22", "address": "河东路 1 号"}}
pytestmark = pytest.mark.spatialite
ITEM = "/collections/points/items/P900"


def test_a_feature_is_made_replaced_patched_and_retired_under_its_version(ask):
    made = ask("dispatcher", "/collections/points/items", method="POST", json=POINT, headers={"Idempotency-Key": "k"})
    again = ask("dispatcher", "/collections/points/items", method="POST", json=POINT, headers={"Idempotency-Key": "k"})
    assert (made.status_code, again.status_code, made.headers["ETag"]) == (201, 201, '"v1"')
    assert made.headers["Location"] == again.headers["Location"] == f"http://localhost/ogc{ITEM}"
    whole = {**POINT, "properties": {"name": "河东第一小学", "type": "PT22"}}
    assert ask("dispatcher", ITEM, method="PUT", json=whole).status_code == 428
    replaced = ask("dispatcher", ITEM, method="PUT", json=whole, headers={"If-Match": '"v1"'})
    assert (replaced.status_code, replaced.headers["ETag"]) == (200, '"v2"')
    assert replaced.json["properties"]["address"] is None
    stale = ask("dispatcher", ITEM, method="PATCH", json={"properties": {"note": "x"}}, headers={"If-Match": '"v1"'})
    assert (stale.status_code, stale.headers["ETag"]) == (412, '"v2"')
    patched = ask("dispatcher", ITEM, method="PATCH", json={"properties": {"address": "河东路 3 号"}},
                  headers={"If-Match": '"v2"', "Content-Type": "application/merge-patch+json"})
    assert patched.json["properties"]["name"] == "河东第一小学", patched.json
    assert patched.json["geometry"]["coordinates"] == [115.86, 28.684]
    for name, status in (("inspector", 403), ("doctor", 403)):
        assert ask(name, ITEM, method="DELETE", headers={"If-Match": "*"}).status_code == status
    gone = ask("dispatcher", ITEM, method="DELETE", headers={"If-Match": '"v3"'})
    assert (gone.status_code, gone.data) == (204, b"")
    assert ask("dispatcher", ITEM).status_code == 404
    assert ask("dispatcher", ITEM, method="DELETE", headers={"If-Match": "*"}).status_code == 404
    unfit = ask("dispatcher", "/collections/points/items", method="POST", json={**POINT, "properties": {"colour": 1}})
    assert (unfit.status_code, {error["field"] for error in unfit.json["errors"]}) == (
        422, {"code", "name", "type", "colour"})


def test_what_is_read_in_any_system_comes_back_unchanged(ask):
    for path in ("/collections/zones/items/SB000001", "/collections/segments/items/LD0001"):
        for crs in (GK, "http://www.opengis.net/def/crs/EPSG/0/4326"):
            read = ask("dispatcher", path, crs=crs)
            sent = ask("dispatcher", path, method="PUT", json=read.json,
                       headers={"If-Match": read.headers["ETag"], "Content-Crs": read.headers["Content-Crs"]})
            assert (sent.status_code, sent.headers["ETag"]) == (200, read.headers["ETag"]), (path, crs, sent.json)
    north, east = Transformer.from_crs(4326, 4548).transform(28.684, 115.86)
    there = {**POINT, "geometry": {"type": "Point", "coordinates": [north, east]}}
    made = ask("dispatcher", "/collections/points/items", method="POST", json=there, headers={"Content-Crs": f"<{GK}>"})
    assert made.json["geometry"]["coordinates"] == pytest.approx([115.86, 28.684], abs=1e-7)
    unknown = ask("dispatcher", "/collections/points/items", method="POST", json=there, headers={"Content-Crs": "<x>"})
    assert (unknown.status_code, unknown.json["code"]) == (400, "ogc_crs_unknown")


def test_a_new_issue_is_a_report_and_lives_by_the_workflow(ask):
    body = {"type": "Feature", "geometry": POINT["geometry"], "properties": {"class": "E0102", "description": "占道"}}
    made = ask("grid", "/collections/issues/items", method="POST", json=body)
    assert (made.status_code, made.json["properties"]["state"]) == (201, "reported"), made.json
    item = urlsplit(made.headers["Location"]).path.removeprefix("/ogc")
    assert ask("grid", item).json["properties"]["class"] == "E0102"
    refused = ask("grid", item, method="DELETE")
    assert (refused.status_code, set(refused.headers["Allow"].split(", "))) == (405, {"GET", "HEAD", "OPTIONS"})
    allowed = ask("grid", "/collections/points/items/P001", method="OPTIONS").headers["Allow"]
    assert {"GET", "PUT", "PATCH", "DELETE"} <= set(allowed.split(", "))


def test_owslib_reads_and_writes(address, program):
    there = Features(f"{address}/ogc", headers=program("dispatcher"))
    assert any(name.endswith("features-4/1.0/conf/create-replace-delete") for name in there.conformance()["conformsTo"])
    assert there.api()["openapi"].startswith("3.0")
    assert set(there.feature_collections()) == {"points", "segments", "zones", "units", "issues"}
    assert "type" in there.collection_queryables("points")["properties"]
    assert there.collection_items("points", limit=2, bbox=[115.84, 28.68, 115.852, 28.69])["numberMatched"] == 1
    assert there.collection_items("points", filter="unit = 'YY'")["features"][0]["id"] == "P001"
    assert there.collection_item_create("points", POINT)
    there.headers["If-Match"] = '"v1"'
    assert there.collection_item_update("points", "P900", json.dumps({**POINT, "geometry": {
        "type": "Point", "coordinates": [115.861, 28.684]}}))
    del there.headers["If-Match"]
    assert there.collection_item("points", "P900")["geometry"]["coordinates"][0] == 115.861
    there.headers["If-Match"] = there.response_headers["ETag"]
    assert there.collection_item_delete("points", "P900")
    del there.headers["If-Match"]
    with pytest.raises(RuntimeError):
        there.collection_item("points", "P900")


def test_a_filter_that_would_end_the_parser_is_refused_before_it():
    for text in ("(" * 4000, "NOT " * 1900 + "a", "-" * 7000 + "1", "a" + "=1" * 3900, "f(" * 2000, "[" * 4000):
        for language in ("cql2-text", "cql2-json"):
            with pytest.raises(Exception, match="ogc_filter_"):
                parse(text, language)


def test_people_get_pages_and_programs_get_problems(signed_in, stranger):
    reader = signed_in("dispatcher")
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for path in ("", "/conformance", "/api", "/collections", "/collections/zones", "/collections/zones/queryables",
                 "/queryables", "/collections/zones/schema", "/collections/zones/items",
                 "/collections/units/items?limit=3", "/collections/segments/items/LD0001",
                 "/collections/points/items?filter=false"):
        page = reader.get(f"/ogc{path}", headers=browser)
        assert (page.status_code, page.mimetype) == (200, "text/html"), path
        assert "ogc." not in page.get_data(as_text=True).replace("ogc.css", "").replace("ogc.js", ""), path
    assert reader.get("/ogc/collections/points/items?limit=x", headers=browser).mimetype == "text/html"
    assert stranger.get("/ogc", headers=browser).status_code == 302
    refused = stranger.get("/ogc", headers={"Accept": "application/json"})
    assert refused.status_code == 401
    assert "Basic" in refused.headers["WWW-Authenticate"]
