"""Streets become road segments: one line per road, cut at crossings, each with a name, a class and its ends."""

import pytest
import shapely

from civmap.geo.measure import length_m


def _by_road(ground):
    roads = {}
    for segment in ground.segments:
        roads.setdefault(segment.road, []).append(segment)
    return roads


def _ends(segment):
    return {segment.from_name, segment.to_name}


def test_streets_are_cut_where_named_streets_cross(sheet):
    sheet.street("人民路", (0, 50), (30, 50), (70, 50), (100, 50), highway="primary")
    sheet.street("甲街", (30, 0), (30, 50), (30, 100))
    sheet.street("乙街", (70, 0), (70, 50), (70, 100))
    ground = sheet.ground()
    roads = _by_road(ground)
    assert {road: len(parts) for road, parts in roads.items()} == {"人民路": 3, "甲街": 2, "乙街": 2}
    middle = next(segment for segment in roads["人民路"] if _ends(segment) == {"甲街", "乙街"})
    assert middle.name in ("人民路（甲街—乙街）", "人民路（乙街—甲街）")
    assert middle.class_ == "arterial_primary"
    assert middle.length_m == pytest.approx(393.2, abs=0.5)
    assert middle.length_m == pytest.approx(length_m(middle.line), abs=0.01)


def test_the_ends_of_a_street_say_dead_end_or_edge_of_the_area(sheet):
    sheet.street("断头路", (50, 50), (80, 50), (120, 50))
    sheet.street("甲街", (80, 20), (80, 50), (80, 80))
    roads = _by_road(sheet.ground(bounds=(0, 0, 100, 100)))
    assert {frozenset(_ends(segment)) for segment in roads["断头路"]} == {
        frozenset(("道路尽头", "甲街")), frozenset(("甲街", "范围边界"))}


def test_a_dual_carriageway_is_one_segment_in_the_middle_between_its_two_sides(sheet):
    sheet.street("迎宾大道", (0, 50), (60, 50), (120, 50), highway="primary", oneway="yes", lanes="3")
    sheet.street("迎宾大道", (120, 52), (60, 52), (0, 52), highway="primary", oneway="yes", lanes="3")
    sheet.street("横街", (60, 20), (60, 50), (60, 52), (60, 80))
    ground = sheet.ground()
    avenue = _by_road(ground)["迎宾大道"]
    assert len(avenue) == 2
    for segment in avenue:
        assert _ends(segment) == {"横街", "道路尽头"}
        assert segment.width_m == pytest.approx(22.2 + 10.5, abs=1)
        assert segment.side == "both"
        assert all(abs(lat - 28.0051) < 1e-5 for _, lat in segment.line.coords)
    assert sum(segment.length_m for segment in avenue) == pytest.approx(1179.6, abs=3)
    assert ground.metres["merged"] == pytest.approx(1179.6, abs=3)
    assert len(_by_road(ground)["横街"]) == 2


def test_a_road_that_forks_into_two_carriageways_stays_one_road_without_a_gap(sheet):
    sheet.street("新华路", (0, 50), (40, 50), highway="secondary")
    sheet.street("新华路", (40, 50), (45, 49), (100, 49), highway="secondary", oneway="yes")
    sheet.street("新华路", (100, 51), (45, 51), (40, 50), highway="secondary", oneway="yes")
    segments = sheet.ground().segments
    assert len(segments) == 1
    assert segments[0].length_m == pytest.approx(983, abs=15)


def test_two_parallel_oneway_streets_of_different_names_stay_two(sheet):
    sheet.street("南街", (0, 50), (100, 50), oneway="yes")
    sheet.street("北街", (100, 52), (0, 52), oneway="yes")
    assert set(_by_road(sheet.ground())) == {"南街", "北街"}


def test_two_carriageways_far_apart_stay_two_segments(sheet):
    sheet.street("环路", (0, 50), (100, 50), oneway="yes", highway="primary")
    sheet.street("环路", (100, 70), (0, 70), oneway="yes", highway="primary")
    assert len(sheet.ground().segments) == 2


def test_a_nameless_street_is_kept_and_named_by_the_streets_at_its_ends(sheet):
    sheet.street("中山路", (0, 0), (50, 0), (100, 0))
    sheet.street("珠江路", (0, 40), (50, 40), (100, 40))
    sheet.street("", (50, 0), (50, 40))
    roads = _by_road(sheet.ground())
    assert "中山路—珠江路间无名路" in roads or "珠江路—中山路间无名路" in roads


def test_nameless_side_streets_are_named_by_their_street_and_side_and_numbered_from_west_to_east(sheet):
    sheet.street("中山路", (0, 50), (30, 50), (60, 50), (80, 50), (100, 50))
    sheet.street("", (30, 50), (30, 80))
    sheet.street("", (60, 50), (60, 80))
    sheet.street("", (80, 50), (80, 20))
    roads = _by_road(sheet.ground())
    assert {"中山路北侧支路1", "中山路北侧支路2", "中山路南侧支路"} <= roads.keys()
    assert roads["中山路北侧支路1"][0].line.centroid.x < roads["中山路北侧支路2"][0].line.centroid.x
    assert len(roads["中山路"]) == 1


def test_a_nameless_street_that_runs_across_a_named_one_is_one_road_cut_there(sheet):
    sheet.street("中山路", (0, 50), (30, 50), (60, 50))
    sheet.street("", (30, 20), (30, 50), (30, 80))
    roads = _by_road(sheet.ground())
    assert len(roads["中山路两侧支路"]) == 2


def test_streets_without_any_name_around_are_numbered(sheet):
    sheet.street("", (0, 0), (50, 0))
    sheet.street("", (0, 90), (50, 90))
    assert sorted(_by_road(sheet.ground())) == ["无名路1", "无名路2"]


def test_a_nameless_bridge_within_a_named_street_takes_its_name(sheet):
    sheet.street("滨江路", (0, 0), (40, 0), highway="tertiary")
    sheet.street("", (40, 0), (50, 0), highway="tertiary", bridge="yes", layer="1")
    sheet.street("滨江路", (50, 0), (100, 0), highway="tertiary")
    segments = sheet.ground().segments
    assert [segment.road for segment in segments] == ["滨江路"]


def test_a_carriageway_without_a_name_takes_that_of_the_opposite_one(sheet):
    sheet.street("迎宾大道", (0, 50), (60, 50), (120, 50), highway="primary", oneway="yes")
    sheet.street("", (120, 52), (60, 52), (0, 52), highway="primary", oneway="yes")
    sheet.street("", (20, 90), (80, 90), highway="primary", oneway="yes")
    roads = _by_road(sheet.ground())
    assert len(roads["迎宾大道"]) == 1
    assert len(roads) == 2


def test_a_small_roundabout_becomes_a_crossing_in_its_middle(sheet):
    ring = [(50, 53), (53, 50), (50, 47), (47, 50), (50, 53)]
    sheet.way(*ring, highway="primary", junction="roundabout")
    sheet.street("东路", (53, 50), (100, 50), highway="primary")
    sheet.street("西路", (0, 50), (47, 50), highway="primary")
    sheet.street("北路", (50, 53), (50, 100), highway="primary")
    ground = sheet.ground()
    roads = _by_road(ground)
    assert {road: len(parts) for road, parts in roads.items()} == {"东路": 1, "西路": 1, "北路": 1}
    assert ground.skipped["roundabout_to_crossing"] == 1
    ends = shapely.MultiPoint([point for segment in ground.segments
                               for point in (segment.line.coords[0], segment.line.coords[-1])])
    assert shapely.Point(117.005, 28.005).distance(ends) < 1e-5
    assert "东路" in _ends(roads["北路"][0]) or "西路" in " ".join(_ends(roads["北路"][0]))


def test_footways_ramps_and_parking_aisles_are_in_the_network_but_no_segments(sheet):
    sheet.street("大路", (0, 0), (100, 0), highway="primary")
    sheet.street("", (0, 0), (0, 40), highway="footway")
    sheet.street("", (50, 0), (50, 30), highway="service", service="parking_aisle")
    sheet.street("", (100, 0), (100, 40), highway="primary_link")
    ground = sheet.ground()
    assert len({street.way for street in ground.streets}) == 4
    assert [segment.road for segment in ground.segments] == ["大路"]
    assert ground.skipped["path_only_network"] == 2
    assert ground.skipped["link_only_network"] == 1


def test_a_street_is_cut_where_its_class_changes_for_good(sheet):
    sheet.street("学府路", (0, 0), (60, 0), highway="primary")
    sheet.street("学府路", (60, 0), (120, 0), highway="residential")
    assert [segment.class_ for segment in sheet.ground().segments] == ["arterial_primary", "alley"]


def test_every_metre_of_street_is_accounted_for(sheet):
    for row in range(0, 100, 20):
        sheet.street(f"横{row}", *((x, row) for x in range(0, 110, 10)), highway="secondary")
        sheet.street("" if row % 40 else f"纵{row}", *((row, y) for y in range(0, 110, 10)))
    sheet.street("双向大道", *((x, 130) for x in range(0, 110, 10)), highway="primary", oneway="yes")
    sheet.street("双向大道", *((x, 132) for x in range(100, -10, -10)), highway="primary", oneway="yes")
    metres = sheet.ground().metres
    kept = sum(metres.get(key, 0.0) for key in ("segments", "merged", "turning", "ring", "too_short"))
    assert abs(metres["eligible"] - kept) < 0.005 * metres["eligible"]


def test_the_same_file_gives_the_same_codes_and_names_twice(sheet):
    for row in range(0, 100, 20):
        sheet.street("" if row % 40 else f"横{row}", *((x, row) for x in range(0, 110, 10)))
        sheet.street(f"纵{row}", *((row, y) for y in range(0, 110, 10)))
    first, second = sheet.ground(), sheet.ground()
    told = [(segment.code, segment.name, segment.line.wkt) for segment in first.segments]
    assert told == [(segment.code, segment.name, segment.line.wkt) for segment in second.segments]
    assert len({segment.code for segment in first.segments}) == len(first.segments)
    assert len({segment.name for segment in first.segments}) == len(first.segments)
    assert first.segments[0].code == "LD0001"


def test_streets_that_close_on_themselves_or_have_no_length_do_no_harm(sheet):
    sheet.street("环街", (0, 0), (30, 0), (30, 30), (0, 30), (0, 0))
    sheet.street("点街", (60, 60), (60, 60))
    sheet.street("回头街", (80, 0), (90, 0), (80, 0))
    segments = sheet.ground(bounds=(-10, -10, 100, 100)).segments
    assert "环街" in {segment.road for segment in segments}
    assert all(segment.length_m > 0 and segment.line.is_valid for segment in segments)
