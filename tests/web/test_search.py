"""Finding anything of the city: as people type it, best first, nothing that one may not see, always up to date."""

import pytest

from civmap.units.models import Unit
from tests.support import town as plan


def _found(browser, q, limit=20):
    got = browser.get("/api/v1/search", query_string={"q": q, "limit": limit})
    assert got.status_code == 200, got.get_data(as_text=True)
    return got.get_json()["results"]


def _names(found):
    return [(row["kind"], row["code"]) for row in found]


@pytest.mark.parametrize(("q", "first"), [
    ("P001", ("points", "P001")), ("ｐ００１", ("points", "P001")), ("人民医院", ("points", "P001")),
    ("rmyy", ("points", "P001")), ("renminyiyuan", ("points", "P001")), ("人民yiyuan", ("points", "P001")),
    ("人民yy", ("points", "P001")), ("仁民医院", ("points", "P001")), ("hdl", ("streets", "河东路")),
    ("河东路", ("streets", "河东路")), ("LD0001", ("segments", "LD0001")),
    ("xlmg", ("units", "LI")), ("农贸 桥西", ("points", "P002")),
    ("360199006", ("zones", "360199006")), ("hdjdbsc", ("units", "HD")), ("河东公园", ("points", "P003"))])
def test_what_people_type_finds_what_they_mean(signed_in, q, first):
    found = _found(signed_in("dispatcher"), q)
    assert _names(found)[0] == first, _names(found)


def test_a_result_tells_its_place_and_what_it_is(signed_in):
    point, = [row for row in _found(signed_in("dispatcher"), "人民医院") if row["kind"] == "points"]
    lon, lat = plan.HOSPITAL_SPOT
    assert point["name"] == "人民医院" and point["detail"]
    assert (point["lon"], point["lat"]) == (pytest.approx(lon, abs=1e-6), pytest.approx(lat, abs=1e-6))
    street = _found(signed_in("dispatcher"), "河东路")[0]
    west, south, east, north = street["bbox"]
    assert west < 115.858 < 115.867 < east and south < north


def test_words_that_hold_nothing_find_nothing_and_signs_do_no_harm(signed_in):
    someone = signed_in("dispatcher")
    for q in ("", "   ", "？！", "%", "_", "没有这样的地方", "\\", "'", "\x7f", "𠮷"):
        assert _found(someone, q) == []
    assert len(_found(someone, "河", limit=3)) == 3
    assert someone.get("/api/v1/search", query_string={"q": "x" * 300}).status_code == 422


def test_each_sees_only_what_is_theirs(signed_in, stranger):
    assert stranger.get("/api/v1/search?q=P001").status_code == 401
    assert ("points", "P002") in _names(_found(signed_in("dispatcher"), "桥西农贸市场"))
    assert ("points", "P002") not in _names(_found(signed_in("clerk"), "桥西农贸市场"))
    assert ("points", "P002") in _names(_found(signed_in("clerk_west"), "qxnmsc"))
    shop = _names(_found(signed_in("shop"), "小李面馆"))
    assert ("zones", "SB000001") in shop and _found(signed_in("shop"), "P001") == []
    assert _names(_found(signed_in("chief"), "河东路"))[:2] == [("streets", "河东路"), ("segments", "LD0001")]
    assert "小李" not in str(_found(signed_in("grid"), "13912345678"))


def _report(browser, description="路面破损"):
    lon, lat = plan.SPOT_A2
    return browser.post("/api/v1/issues", json={"class": "C0101", "description": description, "lon": lon, "lat": lat})


def test_what_was_written_a_moment_ago_is_found(signed_in):
    office = signed_in("dispatcher")
    assert _found(office, "cjgy") == []
    made = office.post("/api/v1/points", json={
        "type": "Feature", "geometry": {"type": "Point", "coordinates": [115.8601, 28.6851]},
        "properties": {"code": "P900", "name": "长江公园", "type": "PT08"}})
    assert made.status_code == 201
    assert _names(_found(office, "cjgy")) == [("points", "P900")]
    row = office.get("/api/v1/points/P900")
    feature = row.get_json()
    feature["properties"]["name"] = "黄河公园"
    done = office.put("/api/v1/points/P900", json={
        "type": "Feature", "geometry": feature["geometry"],
        "properties": {"code": "P900", "name": "黄河公园", "type": "PT08"}}, headers={"If-Match": row.headers["ETag"]})
    assert done.status_code == 200
    assert _found(office, "cjgy") == [] and _names(_found(office, "hhgy")) == [("points", "P900")]
    gone = office.delete("/api/v1/points/P900", headers={"If-Match": done.headers["ETag"]})
    assert gone.status_code in (200, 204) and _found(office, "hhgy") == []
    no = _report(office).get_json()["issue_no"]
    assert _names(_found(office, no))[0] == ("issues", no) and _names(_found(office, no[-6:]))[0] == ("issues", no)


def test_what_has_more_open_issues_comes_first(signed_in):
    office = signed_in("dispatcher")
    before = [row["code"] for row in _found(office, "河东") if row["kind"] == "points"]
    assert before == ["P003", "P001"] or "P003" in before
    units = [row["code"] for row in _found(office, "环卫") if row["kind"] == "units"]
    other = next(code for code in ("HW-B", "HW-C") if code != units[0])
    lon, lat = plan.SPOT_A2
    for _ in range(2):
        assert office.post("/api/v1/issues", json={"class": "C0101", "description": "垃圾", "lon": lon, "lat": lat,
                                                   "unit": other, "on_site": True}).status_code == 201
    units = [row for row in _found(office, "环卫") if row["kind"] == "units"]
    assert units[0]["code"] == other and units[0]["open_issues"] == 2


def test_no_kind_crowds_out_the_others(signed_in, engine):
    from civmap.store.database import writing
    with writing(engine) as session:
        session.add_all(Unit(code=f"X{n:03d}", name=f"河东路{n}号店", kind="shop", categories=[],
                             valid_from=plan.FOUNDED) for n in range(60))
    kinds = [row["kind"] for row in _found(signed_in("dispatcher"), "河东", limit=12)]
    assert {"points", "segments", "zones", "units", "streets"} <= set(kinds) and len(kinds) == 12
