"""Objects of OpenStreetMap become the right point types, and its roads the right road classes."""

import pytest

from civmap import dictionaries


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ({"amenity": "hospital", "name": "江苏省中医院"}, "PT10"),
        ({"amenity": "clinic", "name": "秦淮区妇幼保健所"}, "PT35"),
        ({"amenity": "hospital", "name": "河东社区卫生服务中心"}, "PT35"),
        ({"shop": "mall", "name": "德基广场"}, "PT16"),
        ({"shop": "supermarket"}, "PT16"),
        ({"amenity": "school", "name": "长江路小学"}, "PT22"),
        ({"amenity": "school", "name": "少年宫"}, "PT21"),
        ({"tourism": "hotel"}, "PT17"),
        ({"tourism": "museum", "name": "六朝博物馆"}, "PT19"),
        ({"tourism": "museum", "name": "革命烈士纪念馆"}, "PT20"),
        ({"historic": "memorial", "name": "世纪碑"}, "PT20"),
        ({"amenity": "toilets"}, "PT29"),
        ({"leisure": "park", "tourism": "attraction", "name": "总统府"}, "PT08"),
        ({"place": "square", "name": "新街口广场"}, "PT09"),
        ({"railway": "station", "name": "贵溪站"}, "PT13"),
        ({"railway": "station", "station": "subway", "name": "新街口"}, "PT99"),
        ({"amenity": "bus_station", "name": "长途汽车站"}, "PT12"),
        ({"amenity": "bus_station", "name": "城南公交总站"}, "PT14"),
        ({"highway": "bus_stop", "name": "杨公井"}, "PT14"),
        ({"amenity": "townhall", "name": "贵溪市人民政府"}, "PT11"),
        ({"amenity": "townhall", "name": "东门街道办事处"}, "PT37"),
        ({"office": "government", "name": "行政服务中心"}, "PT11"),
        ({"office": "government", "name": "花园社区居委会"}, "PT05"),
        ({"place": "quarter", "name": "花园社区"}, "PT05"),
        ({"amenity": "marketplace", "name": "科巷菜市场"}, "PT07"),
        ({"building": "yes", "name": "河东农贸市场"}, "PT07"),
        ({"amenity": "bank"}, "PT27"),
        ({"shop": "electronics", "name": "中国移动"}, "PT27"),
        ({"amenity": "restaurant;bar", "name": "味千拉面"}, "PT18"),
        ({"landuse": "residential", "name": "华侨路二十六号小区"}, "PT06"),
        ({"place": "village", "name": "花园村"}, "PT39"),
        ({"waterway": "river", "name": "信江"}, "PT32"),
        ({"building": "yes", "name": "抄纸巷垃圾中转站"}, "PT33"),
        ({"shop": "books", "name": "新华书店"}, "PT34"),
    ],
)
def test_a_place_becomes_the_right_type(tags, code):
    assert dictionaries.osm_place(tags).point_type == code


@pytest.mark.parametrize(
    "tags",
    [
        {"landuse": "military", "amenity": "school", "name": "军事学校"},
        {"military": "barracks", "name": "营区"},
        {"amenity": "parking", "name": "人民医院停车场"},
    ],
)
def test_sensitive_sites_and_car_parks_stay_off_the_map(tags):
    assert dictionaries.osm_place(tags).point_type is None


@pytest.mark.parametrize(
    "tags",
    [{}, {"building": "yes"}, {"landuse": "residential"}, {"shop": "clothes", "name": "Gap"},
     {"building": "yes", "tourism": "guest_house", "name": "汽车站宾馆"}],
)  # fmt: skip
def test_what_no_type_describes_is_left_out(tags):
    assert dictionaries.osm_place(tags) is None


def test_rules_name_known_types_and_the_strongest_stand_first():
    rules = dictionaries.osm_places()
    assert {rule.point_type for rule in rules} - {None} <= dictionaries.point_types().keys()
    assert [rule.priority for rule in rules] == sorted((rule.priority for rule in rules), reverse=True)


def test_roads_have_known_classes_and_segments_lie_on_the_network():
    for road in dictionaries.osm_roads().values():
        assert road.road_class in dictionaries.road_classes()
        assert road.is_network or not road.is_segment
        assert road.width_m > 0
    assert dictionaries.osm_roads()["primary"].road_class == "arterial_primary"
    assert dictionaries.osm_roads()["residential"].road_class == "alley"
    assert not dictionaries.osm_roads()["footway"].is_segment
    assert not dictionaries.osm_roads()["steps"].bike
