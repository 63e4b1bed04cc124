"""Reading by OGC API – Features: filters, systems, pages of rows, and the policy of the pages, on both databases."""

import pytest
from pyproj import Transformer

from civmap.issues import actions
from civmap.people.rules import OFFICE
from civmap.store.database import writing
from tests.support import town

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
WEST = "POLYGON((115.84 28.68,115.852 28.68,115.852 28.69,115.84 28.69,115.84 28.68))"
FILTERS = (
    ("points", "name LIKE '人民%'", ["P001"]), ("points", "name LIKE '%医_'", ["P001"]),
    ("points", "code LIKE 'p%'", []),
    ("points", "CASEI(code) LIKE CASEI('p00%') AND NOT CASEI(code) = CASEI('p002')", ["P001", "P003"]),
    ("points", "unit = 'YY' OR unit_name LIKE '市场%'", ["P001", "P002"]), ("points", "unit IS NULL", ["P003"]),
    ("points", "NOT (unit = 'YY')", ["P002"]), ("points", "unit IN ('YY', 'CG')", ["P001"]),
    ("points", "is_declared AND is_mandatory = true", ["P001", "P002"]), ("points", "unit <> name", ["P001", "P002"]),
    ("points", "code BETWEEN 'P002' AND 'P009'", ["P002", "P003"]), ("points", "1 = 1 AND surroundings_m > 2 * 3", []),
    ("points", f"S_WITHIN(geometry, {WEST})", ["P002"]), ("points", f"S_CONTAINS({WEST}, geometry)", ["P002"]),
    ("points", f"S_DISJOINT(geometry, {WEST})", ["P001", "P003"]),
    ("points", "S_INTERSECTS(geometry, BBOX(115.84, 28.68, 115.852, 28.69))", ["P002"]),
    ("points", "S_EQUALS(geometry, POINT(115.862 28.685))", ["P001"]),
    ("points", "S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(115.862 28.685), POINT(115.866 28.687)))",
     ["P001", "P003"]),
    ("points", "valid_from = DATE('2026-01-05')", ["P001", "P002", "P003"]),
    ("points", "T_AFTER(valid_from, DATE('2026-01-05'))", []),
    ("points", "T_INTERSECTS(INTERVAL(valid_from, valid_to), INTERVAL('2026-02-01', '..'))", ["P001", "P002", "P003"]),
    ("zones", "T_DURING(pledge_signed_on, INTERVAL('2026-01-01', '2026-02-01'))", ["SB000001"]),
    ("zones", "pledge_expires_on >= DATE('2027-01-09') AND kind = 'frontage'", ["SB000001"]),
    ("segments", "S_CROSSES(geometry, BBOX(115, 28, 115.86, 29)) AND width_m >= 20", ["LD0001"]),
    ("units", "S_TOUCHES(geometry, BBOX(115.862, 28.685, 115.9, 28.7))", ["YY"]),
    ("issues", "status = 'open' AND open_issues = 1 AND unit = 'HW-C'", ["WT"]),
    ("issues", "reported_at > TIMESTAMP('2026-05-20T00:59:59Z') AND closed_at IS NULL", ["WT"]))
REFUSED = (
    ("name = 5", "ogc_filter_sorts"), ("colour = 1", "ogc_property_unknown"), ("open_issues > 1", "ogc_property_told"),
    ("unit_phone LIKE '138%'", "ogc_property_told"), ("name(", "ogc_filter_unreadable"),
    ("f(name) = 1", "ogc_function_unknown"),
    ("surroundings_m > 1e400", "ogc_filter_number"), ("(" * 60 + "true" + ")" * 60, "ogc_filter_deep"),
    ("name = '" + "x" * 8000 + "'", "ogc_filter_long"), ("name" + "=name" * 1990, "ogc_filter_long"),
    ("S_WITHIN(geometry, POLYGON((0 0,1 1,0 1,1 0,0 0)))", "ogc_filter_place"),
    ("name LIKE '" + "%a" * 40 + "'", "ogc_filter_wild"))


@pytest.fixture
def issue(engine, now, monkeypatch):
    """Report one issue while the clock stands still, and give its number."""
    monkeypatch.setenv("CIVMAP_TESTING", "1")
    monkeypatch.setenv("CIVMAP_NOW", now.isoformat())
    lon, lat = town.SPOT_A2
    with writing(engine) as session:
        return actions.report(session, OFFICE, {"class": "E0102", "description": "x", "lon": lon, "lat": lat,
                                                "on_site": True, "unit": "HW-C"}, now).issue_no


def ids(answer):
    assert answer.status_code == 200, answer.get_data(as_text=True)[:300]
    assert answer.json["numberReturned"] == len(answer.json["features"]) == answer.json["numberMatched"]
    return [feature["id"] for feature in answer.json["features"]]


def test_filters_find_the_same_on_both_databases_and_refuse_in_words(ask, issue):
    for kind, text, codes in FILTERS:
        found = ids(ask("dispatcher", f"/collections/{kind}/items", filter=text, limit=100))
        assert found == [issue if code == "WT" else code for code in codes], text
    for text, code in REFUSED:
        answer = ask("dispatcher", "/collections/points/items", filter=text)
        assert (answer.status_code, answer.json["code"]) == (400, code), text
        assert answer.json["errors"][0]["field"] == "filter"
    as_json = '{"op":"and","args":[{"op":"=","args":[{"property":"type"},"PT10"]},{"property":"is_declared"}]}'
    assert ids(ask("dispatcher", "/collections/points/items", filter=as_json, filter_lang="cql2-json")) == ["P001"]


@pytest.mark.spatialite
def test_what_is_hidden_from_a_person_is_not_there_and_telephones_are_masked(ask, issue):
    assert ids(ask("doctor", "/collections/points/items")) == ["P001"]
    assert ids(ask("doctor", "/collections/points/items", filter="code = 'P002' OR unit = 'SC'")) == []
    assert ask("doctor", "/collections/points/items/P002").status_code == 404
    assert ids(ask("doctor", "/collections/issues/items")) == [] != ids(ask("handler", "/collections/issues/items"))
    (zone,) = ask("chief", "/collections/zones/items", code="SB000001").json["features"]
    assert zone["properties"]["holder_phone"] == "139****5678"


@pytest.mark.spatialite
def test_every_system_has_its_own_order_of_axes(ask):
    def spot(**query):
        answer = ask("dispatcher", "/collections/points/items/P001", **query)
        assert answer.headers["Content-Crs"] == f"<{query.get('crs', 'http://www.opengis.net/def/crs/OGC/1.3/CRS84')}>"
        return answer.json["geometry"]["coordinates"]

    assert spot() == [115.862, 28.685]
    assert spot(crs=f"{EPSG}4326") == spot(crs=f"{EPSG}4490") == [28.685, 115.862]
    for code in (3857, 4548):  # as the register orders the axes: east, north; north, east
        there = Transformer.from_crs(4326, code).transform(28.685, 115.862)
        assert spot(crs=f"{EPSG}{code}") == pytest.approx(there, abs=0.001)
    north, east = spot(crs=f"{EPSG}4548")
    assert north > 3_000_000 > 400_000 > east
    near = {"bbox": f"{north - 5},{east - 5},{north + 5},{east + 5}", "bbox_crs": f"{EPSG}4548"}
    assert ids(ask("dispatcher", "/collections/points/items", **near)) == ["P001"]
    text = f"S_INTERSECTS(geometry, BBOX({near['bbox']}))"
    assert ids(ask("dispatcher", "/collections/points/items", filter=text, filter_crs=f"{EPSG}4548")) == ["P001"]
    assert ids(ask("dispatcher", "/collections/points/items", bbox="115.8,28.6,0,115.855,28.7,9")) == ["P002"]
    assert ids(ask("dispatcher", "/collections/points/items", bbox="177,28,-177,29")) == []
    for query in ({"bbox": "1,2,3"}, {"bbox": "1,5,3,4"}, {"bbox": "1,2,nan,4"}, {"crs": f"{EPSG}4547"}, {"limit": "0"},
                  {"bbox": "1,2,3,4", "bbox_crs": "x"}, {"datetime": "2026-05-02/2026-05-01"}, {"colour": "red"},
                  {"is_declared": "maybe"}, {"f": "xml"}, {"after": "-1"}):
        assert ask("dispatcher", "/collections/points/items", **query).status_code == 400, query


@pytest.mark.spatialite
def test_next_links_lead_through_all_rows_and_keep_what_was_asked(ask):
    answer = ask("dispatcher", "/collections/units/items", limit=4, filter="kind <> 'shop'", crs=f"{EPSG}4490")
    seen = []
    while True:
        assert answer.json["numberMatched"] == 9
        seen += [feature["id"] for feature in answer.json["features"]]
        following = [link["href"] for link in answer.json["links"] if link["rel"] == "next"]
        if not following:
            break
        assert "4490" in following[0] and "limit=4" in following[0]
        answer = ask("dispatcher", following[0].split("/ogc", 1)[1])
    assert len(seen) == len(set(seen)) == 9
    tag = answer.headers["ETag"]
    again = ask("dispatcher", following_of(answer), headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def following_of(answer):
    return next(link["href"] for link in answer.json["links"] if link["rel"] == "self").split("/ogc", 1)[1].replace(
        "&f=json", "")


def test_a_day_asks_for_what_held_then(ask, issue):
    zone = ask("dispatcher", "/collections/zones/items/SB000001").json
    zone["properties"] |= {"unit": "HD", "holder": "老王"}
    ask("dispatcher", "/collections/zones/items/SB000001", method="PUT", json=zone, headers={"If-Match": "*"})
    gone = ask("dispatcher", "/collections/zones/items/SB000001", method="DELETE", headers={"If-Match": "*"})
    assert gone.status_code == 204
    assert len(ids(ask("dispatcher", "/collections/zones/items"))) == 2
    assert len(ids(ask("dispatcher", "/collections/zones/items", datetime="2026-05-01"))) == 3
    assert len(ids(ask("dispatcher", "/collections/zones/items", datetime="2026-05-01", kind="frontage"))) == 1
    for text in ("unit = 'LI'", "S_INTERSECTS(geometry, POINT(115.85722 28.68325)) AND holder LIKE '小%'",
                 "holder = '小李' AND T_CONTAINS(INTERVAL(valid_from, valid_to), DATE('2026-04-01'))",
                 "pledge_signed_on < DATE('2026-02-01')"):
        assert ids(ask("dispatcher", "/collections/zones/items", datetime="2026-05-01", filter=text)) == ["SB000001"]
    assert len(ids(ask("dispatcher", "/collections/zones/items", datetime="../.."))) == 3
    assert ids(ask("dispatcher", "/collections/zones/items", datetime="../2026-01-01")) == []
    assert ids(ask("dispatcher", "/collections/issues/items", datetime="2026-05-20")) == [issue]
    assert ids(ask("dispatcher", "/collections/issues/items", datetime="2026-05-21T00:00:00Z/..")) == []
