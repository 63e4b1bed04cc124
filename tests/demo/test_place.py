"""The invented place: it looks like a city, tiles without a gap, and every kind of thing is there."""

import math
from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
import shapely

from civmap import dictionaries
from civmap.demo.plan import town
from civmap.demo.recipe import recipe


def on_the_ground(plan, shapes):
    return [plan.town.frame.to_ground(shape) for shape in shapes]


@pytest.mark.parametrize("kind", ["subdistrict", "community", "grid"])
def test_every_level_of_territory_tiles_the_district_to_the_last_stored_digit(plan, kind):
    shapes = on_the_ground(plan, [area.shape for area in plan.town.areas if area.kind == kind])
    assert shapely.coverage_is_valid(shapes)
    whole = shapely.coverage_union_all(shapes)
    assert whole.geom_type == "Polygon" and not whole.interiors
    assert whole.area == pytest.approx(plan.town.frame.to_ground(plan.town.ground.border).area, rel=1e-6)


def test_every_area_lies_within_the_one_that_its_code_names(plan):
    by_code = {area.code: area for area in plan.town.areas}
    for area in plan.town.areas:
        if area.parent:
            assert area.code.startswith(area.parent)
            assert set(area.faces) <= set(by_code[area.parent].faces)
    assert len({area.name for area in plan.town.areas}) == len(plan.town.areas)
    names = {area.code: area.name for area in plan.town.areas if area.kind == "subdistrict"}
    assert names["360199006"] == "河东街道" and names["360199007"] == "桥西街道"


def test_streets_are_no_chessboard(plan):
    headings = Counter()
    for segment in plan.town.segments:
        (ax, ay), (bx, by) = segment.line.coords[0], segment.line.coords[-1]
        headings[round(math.degrees(math.atan2(by - ay, bx - ax)) % 90)] += segment.line.length
    total = sum(headings.values())
    assert max(headings.values()) < 0.2 * total
    meeting = Counter(corner for edge in plan.town.edges for corner in (edge.from_node, edge.to_node))
    assert sum(count == 3 for count in meeting.values()) > sum(count == 4 for count in meeting.values()) > 20
    assert len({street.name for street in plan.town.streets}) == len(plan.town.streets)


def test_every_place_can_be_reached_from_every_other(plan):
    beside = {}
    for edge in plan.town.edges:
        beside.setdefault(edge.from_node, set()).add(edge.to_node)
        beside.setdefault(edge.to_node, set()).add(edge.from_node)
    seen, waiting = set(), [next(iter(beside))]
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting.extend(beside[node] - seen)
    assert seen == set(beside)
    assert any(edge.is_oneway for edge in plan.town.edges) and any(not edge.may_drive for edge in plan.town.edges)
    assert sum(edge.is_bridge for edge in plan.town.edges) >= 3


def test_segments_follow_each_other_without_gap_or_overlap_and_have_four_levels_of_chiefs(plan):
    for street in plan.town.streets:
        own = [part for part in plan.town.segments if part.street is street]
        for before, after in pairwise(own):
            assert before.line.coords[-1] == after.line.coords[0]
    for segment in plan.town.segments:
        assert [chief.level for chief in plan.chiefs[segment.code]] == [0, 1, 2, 3]
        assert segment.from_name and segment.to_name and segment.street.width_m > 0


def test_buildings_stand_apart_and_off_the_carriageways_and_the_water(plan):
    shapes = [house.shape for house in plan.town.houses]
    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapes, predicate="intersects")
    overlap = shapely.area(shapely.intersection([shapes[i] for i in one], [shapes[i] for i in other]))
    assert not ((one < other) & (overlap > 1.0)).any()
    wet = tree.query(plan.town.ground.river, predicate="intersects")
    roads = [segment.line.buffer(segment.street.width_m / 2 - 0.5, cap_style="flat") for segment in plan.town.segments]
    assert len(wet) == 0 and tree.query(roads, predicate="intersects").size == 0
    assert len(shapes) > 4000


def test_frontage_strips_reach_from_the_shops_to_the_kerb_and_never_overlap(plan):
    zones = on_the_ground(plan, [shop.zone for shop in plan.shops])
    assert len(zones) >= 300 and all(zone.is_valid for zone in zones)
    boards = [shop.zone for shop in plan.shops]
    tree = shapely.STRtree(boards)
    one, other = tree.query(boards, predicate="intersects")
    shared = [(i, j) for i, j in zip(one, other, strict=True) if i < j]
    assert all(boards[i].intersection(boards[j]).area < 1e-3 for i, j in shared)
    for shop in plan.shops[1:]:
        kerb = shop.segment.line.distance(shop.zone)
        assert kerb == pytest.approx(shop.segment.street.width_m / 2, abs=0.6), shop.name
    assert any(boards[i].intersection(boards[j]).length > 3 for i, j in shared)


def test_the_noodle_shop_of_the_examples_has_its_strip_and_free_ground_beside_it(plan):
    noodle = plan.shops[0]
    assert noodle.name == "小李面馆" and noodle.zone.area == pytest.approx(75, abs=0.5)
    lon, lat = plan.town.frame.to_spot(*noodle.zone.centroid.coords[0])
    assert (lon, lat) == pytest.approx((115.857226, 28.683249), abs=2e-6)
    assert plan.town.where.at(*noodle.spot, "subdistrict").name == "河东街道"
    beside = shapely.box(31, 25.3, 44, 30)
    assert all(shop.zone.intersection(beside).area == 0 for shop in plan.shops)


def test_pledges_are_signed_run_out_soon_have_run_out_or_are_missing(plan):
    states = Counter()
    for shop in plan.shops:
        if shop.pledge is None:
            states["unsigned"] += 1
            continue
        signed, expires = shop.pledge
        assert signed < plan.day and signed < expires
        soon = plan.day <= expires <= plan.day + timedelta(days=30)
        states["expiring" if soon else "expired" if expires < plan.day else "signed"] += 1
    assert all(states[state] >= 10 for state in ("unsigned", "expiring", "expired"))
    assert states["signed"] > 0.6 * len(plan.shops)


def test_the_132_points_are_of_every_type_and_none_is_called_like_another(plan):
    types = Counter(point.type for point in plan.points)
    known = dictionaries.point_types()
    assert len(plan.points) == 132 and set(types) == set(known)
    assert all(types[code] >= 2 for code, kind in known.items() if kind.is_mandatory)
    declared = {point.type for point in plan.points if point.is_declared}
    assert {code for code, kind in known.items() if kind.is_mandatory} <= declared
    assert len({point.name for point in plan.points}) == 132 and len({point.code for point in plan.points}) == 132
    border = plan.town.ground.border
    assert all(border.contains(shapely.Point(point.spot)) for point in plan.points)
    assert len({point.spot for point in plan.points}) > 120


def test_units_hold_every_duty_category_and_each_has_a_seat_and_a_telephone(plan):
    known = {unit.code for unit in plan.units}
    held = {category for unit in plan.units for category in unit.categories}
    assert held == set(dictionaries.duty_categories())
    assert sum(unit.kind != "shop" for unit in plan.units) >= 40
    assert all(unit.kind in dictionaries.unit_kinds() and unit.phone for unit in plan.units)
    assert all(not unit.parent or unit.parent in known for unit in plan.units)
    assert len(known) == len(plan.units) and len({unit.name for unit in plan.units}) == len(plan.units)


def test_another_seed_gives_another_place_where_everything_is_found_again(plan):
    other = town(8, recipe())
    shapes = [other.frame.to_ground(area.shape) for area in other.areas if area.kind == "grid"]
    assert shapely.coverage_is_valid(shapes)
    assert other.where.at(22, 28, "subdistrict").name == "河东街道"
    assert {s.name for s in other.streets} != {s.name for s in plan.town.streets}
