"""The same filters everywhere: map data, lists, pages and files show exactly the same things."""

import csv
import io

import pytest
from sqlalchemy import select

from civmap.store.database import reading
from civmap.store.ledger import Entry, verify_all

RING = "115.860,28.683;115.868,28.683;115.868,28.689;115.860,28.689"
ASKED = [("points", {"within": RING}, ["P001", "P003"]), ("points", {"chief": "李三", "status": "none"}, ["P001"]),
         ("points", {"code": "P002,P003"}, ["P002", "P003"]), ("segments", {"street": "河东路"}, ["LD0001"]),
         ("zones", {"grid": "360199006", "kind": "frontage"}, ["SB000001"]),
         ("units", {"street": "河东路", "issue_class": "E0102"}, ["HD", "YY"])]


def codes_of(answer):
    assert answer.status_code == 200, answer.get_data(as_text=True)[:300]
    return [feature["properties"]["code"] for feature in answer.json["features"]]


def rows_of(answer):
    assert answer.status_code == 200, answer.get_data(as_text=True)[:300]
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    return [row[0] for row in rows[1:]]


def test_map_lists_pages_and_files_agree(signed_in):
    office = signed_in("dispatcher")
    for kind, filters, codes in ASKED:
        assert codes_of(office.get(f"/api/v1/{kind}.geojson", query_string=filters)) == codes
        assert codes_of(office.get(f"/api/v1/{kind}", query_string=filters)) == codes
        assert rows_of(office.get(f"/{kind}.csv", query_string=filters)) == codes
        assert rows_of(office.post(f"/{kind}.csv", data=filters)) == codes
        page = office.get(f"/{kind}", query_string=filters).get_data(as_text=True)
        assert all(f'/{kind}/{code}"' in page for code in codes), (kind, filters)


def test_a_long_selection_arrives_as_a_form(signed_in, engine):
    office = signed_in("dispatcher")
    chosen = ",".join([f"X{number:05d}" for number in range(20_000)] + ["P003"])
    assert rows_of(office.post("/points.csv", data={"code": chosen, "q": "公园"})) == ["P003"]
    assert office.client.post("/points.csv", data={"code": "P003"}).status_code == 403
    assert office.post("/points.csv", data={"colour": "red"}).status_code == 422
    with reading(engine) as session:
        entry = session.scalar(select(Entry).where(Entry.verb == "export"))
        assert (entry.after["count"], entry.after["filters"]["q"]) == (1, "公园")
        assert entry.after["filters"]["code"].endswith("P003")
        assert verify_all(session)[1] is None


def test_as_of_a_day_and_by_a_measure(signed_in):
    office = signed_in("dispatcher")
    measured = office.get("/api/v1/zones.geojson?by=open_per_point&on=2026-05-19").json["features"]
    assert {row["properties"]["code"]: row["properties"]["value"] for row in measured} == {
        "360199006": 0, "360199007": 0, "SB000001": None}
    assert codes_of(office.get("/api/v1/points?on=2026-01-04")) == []
    for query, field, code in (("by=beauty", "by", "measure_unknown"), ("on=soon", "on", "member_moment"),
                               ("grid=NOPE", "grid", "unknown_zone"), ("within=1,1", "within", "ring_without_area")):
        refused = office.get(f"/api/v1/points.geojson?{query}")
        said = refused.json["errors"][0]
        assert (refused.status_code, said["code"], said["field"]) == (422, code, field)
        assert refused.json["detail"] and said["message"]


def test_whole_layers_are_not_sent_twice(signed_in):
    office = signed_in("dispatcher")
    first = office.get("/api/v1/zones.geojson")
    again = office.get("/api/v1/zones.geojson", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert first.json["next"] is None and first.mimetype == "application/geo+json"


@pytest.mark.parametrize("who", ["handler", "clerk", "shop", "discipline", "chief"])
def test_a_role_exports_what_it_sees(signed_in, who):
    person = signed_in(who)
    for kind in ("segments", "issues", "points"):
        seen = codes_of(person.get(f"/api/v1/{kind}.geojson?division=360199"))
        answer = person.get(f"/{kind}.csv?division=360199")
        assert answer.status_code == 403 or rows_of(answer) == seen


def test_a_report_says_which_word_was_wrong(signed_in):
    office = signed_in("dispatcher")
    report = {"class": "E0102", "description": "垃圾", "lon": 115.862, "lat": 28.685}
    refused = office.post("/api/v1/issues", json={**report, "point": "P999"})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (404, "point")
    taken = office.post("/api/v1/issues", json={**report, "captured_at": "2199-01-01T00:00:00Z"}).json
    assert taken["warnings"] == ["captured_in_future"] and taken["captured_at"] == taken["reported_at"]
