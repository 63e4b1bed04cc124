"""Administrative borders become zones, closed along the frame where the extract cuts them."""

import pytest
import shapely

from civmap.geo.measure import area_m2

FRAME = (0, 0, 100, 100)


def _admin(sheet, name, *members, level="8"):
    return sheet.relation(*members, type="boundary", boundary="administrative", admin_level=level, name=name)


def _by_name(ground):
    return {border.name: border for border in ground.borders}


def _share(border):
    box = shapely.box(117.0, 28.0, 117.01, 28.01)
    return area_m2(border.geometry) / area_m2(box)


def test_a_border_that_the_frame_cuts_is_closed_along_the_frame_and_marked_partial(sheet):
    sheet.street("路", (0, 10), (100, 10))
    line = sheet.way((150, 60), (40, 60), (40, 30), (150, 30))
    _admin(sheet, "东街道", ("w", line, "outer"), ("w", 999_999, "outer"))
    (border,) = sheet.ground(bounds=FRAME).borders
    assert border.is_partial
    assert border.kind == "subdistrict"
    assert _share(border) == pytest.approx(0.6 * 0.3, abs=0.001)


def test_neighbours_share_their_border_exactly_and_leave_no_gap(sheet):
    middle = sheet.way((50, -20), (52, 40), (48, 70), (50, 120))
    label_west, label_east = sheet.node(20, 50, place="town"), sheet.node(80, 50, place="town")
    _admin(sheet, "西街道", ("w", middle, "outer"), ("w", 1, "outer"), ("n", label_west, "label"))
    _admin(sheet, "东镇", ("w", middle, "outer"), ("w", 2, "outer"), ("n", label_east, "label"))
    ground = sheet.ground(bounds=FRAME)
    borders = _by_name(ground)
    assert _share(borders["西街道"]) + _share(borders["东镇"]) == pytest.approx(1.0, abs=1e-6)
    assert shapely.coverage_is_valid([border.geometry for border in ground.borders])
    assert borders["西街道"].geometry.covers(shapely.Point(117.002, 28.005))


def test_a_neighbour_without_a_label_gets_the_ground_the_others_leave(sheet):
    left, right = sheet.way((30, -20), (30, 120)), sheet.way((70, -20), (70, 120))
    label = sheet.node(50, 50, place="town")
    _admin(sheet, "中街道", ("w", left, "outer"), ("w", right, "outer"), ("n", label, "label"))
    _admin(sheet, "西街道", ("w", left, "outer"), ("w", 1, "outer"))
    _admin(sheet, "东街道", ("w", right, "outer"), ("w", 2, "outer"))
    borders = _by_name(sheet.ground(bounds=FRAME))
    assert {name: round(_share(border), 2) for name, border in borders.items()} == {
        "中街道": 0.4, "西街道": 0.3, "东街道": 0.3}


def test_a_town_whose_office_stands_next_door_is_not_put_next_door(sheet):
    middle = sheet.way((30, -20), (30, 120))
    label, seat = sheet.node(10, 50, place="town"), sheet.node(20, 50, amenity="townhall")
    _admin(sheet, "城关街道", ("w", middle, "outer"), ("w", 1, "outer"), ("n", label, "label"))
    _admin(sheet, "城郊乡", ("w", middle, "outer"), ("w", 2, "outer"), ("n", seat, "admin_centre"))
    borders = _by_name(sheet.ground(bounds=FRAME))
    assert _share(borders["城郊乡"]) == pytest.approx(0.7, abs=0.001)


def test_a_border_wholly_inside_is_not_partial_and_holds_its_communities(sheet):
    ring = sheet.way((10, 10), (90, 10), (90, 90), (10, 90), (10, 10))
    half = sheet.way((20, 20), (40, 20), (40, 40), (20, 40), (20, 20))
    _admin(sheet, "中心街道", ("w", ring, "outer"))
    _admin(sheet, "第一社区", ("w", half, "outer"), level="10")
    borders = _by_name(sheet.ground(bounds=FRAME))
    assert not borders["中心街道"].is_partial
    assert borders["第一社区"].kind == "community"
    assert borders["第一社区"].parent == borders["中心街道"].code


def test_a_border_drawn_without_a_relation_counts_too(sheet):
    sheet.way((10, 10), (90, 10), (90, 90), (10, 90), (10, 10),
              boundary="administrative", admin_level="8", name="独街道")
    assert set(_by_name(sheet.ground(bounds=FRAME))) == {"独街道"}


def test_districts_and_nameless_borders_make_no_subdistricts(sheet):
    sheet.street("路", (0, 10), (100, 10))
    ring = sheet.way((10, 20), (90, 20), (90, 90), (10, 90), (10, 20))
    _admin(sheet, "某某区", ("w", ring, "outer"), level="6")
    assert sheet.ground(bounds=FRAME).borders == []


def test_a_border_that_the_frame_does_not_reach_is_counted_and_left(sheet):
    sheet.street("路", (0, 10), (100, 10))
    ring = sheet.way((210, 10), (290, 10), (290, 90), (210, 90), (210, 10))
    _admin(sheet, "远方镇", ("w", ring, "outer"))
    ground = sheet.ground(bounds=FRAME)
    assert ground.borders == []
    assert ground.skipped["border_outside_frame"] == 1
