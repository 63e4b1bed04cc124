"""Tagged objects become candidate points of the right type, one per place, each with a name and an inside place."""

import pytest
import shapely


def _of(ground, kind):
    return [candidate for candidate in ground.candidates if candidate.type == kind]


def _block(sheet, x, y, size, **tags):
    return sheet.way((x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y), **tags)


@pytest.fixture
def street(sheet):
    sheet.street("解放路", (0, 0), (100, 0))
    return sheet


def test_places_get_the_type_of_their_tags(street):
    street.node(10, 2, amenity="hospital", name="市人民医院")
    street.node(40, 2, shop="supermarket", name="大润发")
    street.node(70, 2, amenity="toilets", name="解放路公厕")
    ground = street.ground()
    assert {(one.type, one.name) for one in ground.candidates} >= {
        ("PT10", "市人民医院"), ("PT16", "大润发"), ("PT29", "解放路公厕")}
    assert all(117.0 <= one.lon <= 117.011 and 27.99 <= one.lat <= 28.01 for one in ground.candidates)


def test_a_node_inside_the_area_of_the_same_name_is_the_same_place(street):
    _block(street, 20, 5, 10, amenity="hospital", name="中医院")
    street.node(25, 10, amenity="hospital", name="中医院", addr__street="解放路", addr__housenumber="8")
    ground = street.ground()
    (hospital,) = _of(ground, "PT10")
    assert hospital.outline is not None
    assert hospital.address == "解放路8号"
    assert ground.skipped["place_twice"] == 1


def test_two_branches_of_one_name_far_apart_stay_two(street):
    street.node(5, 2, amenity="bank", name="工商银行")
    street.node(95, 2, amenity="bank", name="工商银行")
    assert len(_of(street.ground(), "PT27")) == 2


def test_the_place_of_a_bent_area_lies_inside_it(street):
    street.way((0, 10), (60, 10), (60, 14), (4, 14), (4, 70), (0, 70), (0, 10), leisure="park", name="拐角公园")
    (park,) = _of(street.ground(), "PT08")
    assert park.outline.covers(shapely.Point(park.lon, park.lat))


def test_a_nameless_toilet_is_named_by_its_street_and_a_nameless_restaurant_is_left(street):
    street.node(50, 3, amenity="toilets")
    street.node(60, 3, amenity="restaurant")
    ground = street.ground()
    assert [one.name for one in _of(ground, "PT29")] == ["室外公厕（解放路）"]
    assert _of(ground, "PT18") == []
    assert ground.skipped["place_nameless"] == 1


def test_sensitive_places_stay_off_the_map(street):
    _block(street, 10, 10, 10, landuse="military", name="某部")
    ground = street.ground()
    assert "某部" not in {one.name for one in ground.candidates}
    assert ground.skipped["place_left_off"] == 1


def test_a_subway_station_is_no_railway_station(street):
    street.node(10, 2, railway="station", station="subway", name="解放路")
    street.node(60, 2, railway="station", name="东")
    ground = street.ground()
    assert [one.name for one in _of(ground, "PT13")] == ["东站"]


def test_arterial_roads_and_their_crossings_become_candidates(sheet):
    sheet.street("人民路", (0, 50), (50, 50), (100, 50), highway="primary")
    sheet.street("建设路", (50, 0), (50, 50), (50, 100), highway="secondary")
    sheet.street("小巷", (20, 50), (20, 80))
    ground = sheet.ground()
    assert {one.name for one in _of(ground, "PT01")} == {"人民路", "建设路"}
    (junction,) = _of(ground, "PT04")
    assert junction.name in ("人民路—建设路路口", "建设路—人民路路口")
    assert (junction.lon, junction.lat) == pytest.approx((117.005, 28.005), abs=1e-6)


def test_a_river_in_many_pieces_is_one_candidate(street):
    street.way((0, 30), (50, 32), waterway="river", name="清水河")
    street.way((50, 32), (100, 30), waterway="river", name="清水河")
    assert [one.name for one in _of(street.ground(), "PT32")] == ["清水河"]


def test_names_that_try_to_be_code_stay_text(street):
    names = ["`${alert(1)}`", "</script>", '"><img src=x onerror=alert(1)>']
    for at, name in enumerate(names):
        street.node(10 + 20 * at, 2, amenity="bank", name=name)
    assert {one.name for one in _of(street.ground(), "PT27")} == set(names)


def test_every_candidate_has_a_code_of_its_own_and_the_same_one_twice(street):
    for at in range(12):
        street.node(5 * at, 2 + at % 3, amenity="bank", name=f"银行{at}")
    first, second = street.ground().candidates, street.ground().candidates
    assert [(one.code, one.name) for one in first] == [(one.code, one.name) for one in second]
    assert len({one.code for one in first}) == len(first)
