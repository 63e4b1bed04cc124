"""Ways become edges of a network that can be travelled."""

from collections import Counter

import numpy as np
import pytest

from civmap.founding import frames, streets
from civmap.founding.values import Way
from civmap.geo.measure import GEOD


def _cut(extract):
    skipped = Counter()
    edges, _, nodes = streets.cut(extract, skipped)
    return edges, nodes, skipped


def _lengths(edges):
    return sum(GEOD.line_length(edge.line[:, 0], edge.line[:, 1]) for edge in edges)


def test_two_streets_that_share_a_node_become_four_edges(sheet):
    sheet.street("东西街", (0, 10), (10, 10), (20, 10))
    sheet.street("南北街", (10, 0), (10, 10), (10, 20))
    edges, nodes, _ = _cut(sheet.extract())
    assert len(edges) == 4
    assert len(nodes) == 5


def test_a_bridge_does_not_connect_to_the_street_below(sheet):
    sheet.street("地面路", (0, 10), (20, 10))
    sheet.street("高架路", (10, 0), (10, 20), bridge="yes", layer="1")
    edges, nodes, _ = _cut(sheet.extract())
    assert len(edges) == 2
    assert len(nodes) == 4


def test_a_bridge_that_carelessly_shares_a_node_with_the_street_below_does_not_connect_either(sheet):
    sheet.street("地面路", (0, 10), (10, 10), (20, 10))
    sheet.street("高架路", (10, 0), (10, 10), (10, 20), bridge="yes")
    edges, _, _ = _cut(sheet.extract())
    assert [edge.name for edge in edges] == ["地面路", "高架路"]
    assert {edge.is_bridge for edge in edges} == {False, True}


def test_a_ramp_that_ends_on_a_bridge_does_connect(sheet):
    sheet.street("高架路", (0, 10), (10, 10), (20, 10), bridge="yes", layer="1")
    sheet.street("匝道", (10, 0), (10, 10), highway="primary_link")
    edges, _, _ = _cut(sheet.extract())
    assert len(edges) == 3


def test_a_oneway_drawn_backwards_is_turned_round(sheet):
    sheet.street("单行街", (0, 0), (20, 0), oneway="-1")
    sheet.street("双向街", (0, 0), (0, 20), oneway="no")
    edges, nodes, _ = _cut(sheet.extract())
    turned = next(edge for edge in edges if edge.name == "单行街")
    assert turned.is_oneway
    assert nodes[turned.from_node][0] > nodes[turned.to_node][0]
    assert not next(edge for edge in edges if edge.name == "双向街").is_oneway


@pytest.mark.parametrize("tags, may", [
    ({"highway": "residential"}, (True, True, True)),
    ({"highway": "footway"}, (True, False, False)),
    ({"highway": "footway", "bicycle": "yes"}, (True, True, False)),
    ({"highway": "residential", "access": "no"}, (False, False, False)),
    ({"highway": "residential", "access": "no", "foot": "yes"}, (True, False, False)),
    ({"highway": "service", "access": "private"}, (True, True, False)),
    ({"highway": "service", "access": "no", "motor_vehicle": "private", "foot": "yes"}, (True, False, False)),
    ({"highway": "residential", "motor_vehicle": "no"}, (True, True, False)),
    ({"highway": "motorway"}, (False, False, True)),
])
def test_who_may_use_a_street_follows_its_tags(sheet, tags, may):
    sheet.way((0, 0), (30, 0), **tags)
    (edge,), _, _ = _cut(sheet.extract())
    assert (edge.foot, edge.bike, edge.car) == may


def test_planned_streets_and_squares_drawn_as_highways_stay_out_and_are_counted(sheet):
    sheet.street("现有路", (0, 0), (30, 0))
    sheet.street("规划路", (0, 10), (30, 10), highway="construction")
    sheet.street("站台", (0, 20), (30, 20), highway="platform")
    sheet.way((0, 30), (10, 30), (10, 40), (0, 30), highway="pedestrian", area="yes")
    edges, _, skipped = _cut(sheet.extract())
    assert [edge.name for edge in edges] == ["现有路"]
    assert skipped == {"street_not_built": 1, "highway_no_street": 1, "street_area": 1}


def test_streets_are_cut_at_the_frame_and_one_that_leaves_and_comes_back_is_two(sheet):
    sheet.street("穿城路", (-50, 10), (150, 10))
    sheet.street("绕城路", (10, 50), (50, 150), (90, 50))
    sheet.street("城外路", (200, 0), (300, 0))
    edges, _, skipped = _cut(sheet.extract(bounds=(0, 0, 100, 100)))
    assert Counter(edge.name for edge in edges) == {"穿城路": 1, "绕城路": 2}
    assert skipped == {"street_cut_at_frame": 2, "street_outside_frame": 1}
    through = next(edge for edge in edges if edge.name == "穿城路")
    assert _lengths([through]) == pytest.approx(982.9, abs=1.0)


def test_outside_the_frame_streets_go_on_so_that_ways_may_lead_over_them(sheet):
    sheet.street("穿城路", (-50, 10), (150, 10))
    sheet.street("绕城路", (10, 50), (50, 150), (90, 50))
    sheet.street("城外路", (200, 0), (300, 0))
    inside, outside, nodes = streets.cut(sheet.extract(bounds=(0, 0, 100, 100)), Counter())
    assert Counter(edge.name for edge in outside) == {"穿城路": 2, "绕城路": 1, "城外路": 1}
    up, down = (edge for edge in inside if edge.name == "绕城路")
    around = next(edge for edge in outside if edge.name == "绕城路")
    assert (up.to_node, down.from_node) == (around.from_node, around.to_node)
    assert nodes[around.from_node].tolist() == around.line[0].tolist() == up.line[-1].tolist()
    assert _lengths([up, around, down]) == pytest.approx(2 * np.hypot(393.2, 1108.2), abs=1)


def test_a_street_whose_nodes_are_partly_missing_keeps_its_known_parts(sheet):
    sheet.street("断图路", *((x, 0) for x in range(0, 60, 10)))
    sheet.missing.add(sheet.node(20, 0))
    edges, _, skipped = _cut(sheet.extract(bounds=(-5, -5, 60, 5)))
    assert len(edges) == 2
    assert skipped == {"street_with_missing_nodes": 1}


def test_width_comes_from_the_tag_then_the_lanes_then_the_class(sheet):
    for row, tags in enumerate(({"width": "12.5 m"}, {"lanes": "4"}, {})):
        sheet.street(f"街{row}", (0, row * 20), (30, row * 20), highway="tertiary", **tags)
    edges, _, _ = _cut(sheet.extract())
    assert [edge.width_m for edge in sorted(edges, key=lambda edge: edge.name)] == [12.5, 14.0, 14.0]


def test_a_chinese_name_wins_over_a_foreign_one_and_the_first_of_several_counts():
    assert streets.name_of({"name": "Zhongshan Road", "name:zh": "中山路"}) == "中山路"
    assert streets.name_of({"name": "中山路;中山北路"}) == "中山路"
    assert streets.name_of({"highway": "residential"}) == ""


def test_the_frame_of_an_extract_without_bounds_is_the_box_it_was_cut_by(sheet):
    for row in range(40):
        sheet.street(f"横{row}", (-3 * (row % 5), row * 10), (400, row * 10))
        sheet.street(f"纵{row}", (row * 10, 0), (row * 10, 390 + (row % 7)))
    sheet.street("很长的出城路", (395, 200), (4000, 200))
    frame = sheet.extract().frame
    assert frame[2] < 117.06
    assert frame[0] < 117.001 and frame[3] > 28.038


def test_the_header_bounds_of_a_province_do_not_become_the_frame_of_a_city():
    line = np.array([[117.0, 28.0], [117.01, 28.01]])
    way = Way(1, np.array([1, 2]), line, {"highway": "primary"})
    frame, is_known = frames.find([way], [], [], (113.0, 24.0, 118.5, 30.1))
    assert not is_known
    assert frame[2] - frame[0] < 0.02


def test_one_straight_street_still_has_ground_around_it(sheet):
    sheet.street("独街", (0, 0), (100, 0))
    west, south, east, north = sheet.extract().frame
    assert north - south > 0.001
    assert east > west
