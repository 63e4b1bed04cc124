"""What a drawn area takes from its neighbours, on awkward shapes."""

import time

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Polygon, box

from civmap.errors import Invalid
from civmap.geo import bounded, overlay

LON, LAT = 115.857, 28.683
METRE = 1e-5


def rectangle(west_m, south_m, east_m, north_m):
    return shapely.transform(box(west_m, south_m, east_m, north_m), on_the_ground)


def on_the_ground(xy):
    return np.round(xy * [METRE / 0.977, METRE * 0.9] + [LON, LAT], 9)


def comb(teeth, sideways=False):
    step = 1000 / teeth
    ring = []
    for tooth in range(teeth // 2):
        left, right = tooth * 2 * step, (tooth * 2 + 1) * step
        ring += [(left, 50), (left, 1000), (right, 1000), (right, 50)]
    shape = Polygon([*ring, (1000, 50), (1000, 0), (0, 0)])
    if sideways:
        shape = shapely.transform(shape, lambda xy: xy[:, ::-1])
    return shapely.transform(shape, on_the_ground)


def test_two_rectangles_share_the_ground_that_lies_in_both():
    found = overlay.compare(rectangle(0, 0, 15, 5), [rectangle(13, 0, 30, 5), rectangle(40, 0, 50, 5)])
    [(index, shape)] = found.overlaps
    assert index == 0
    assert overlay.flat(shape).area == pytest.approx(10, rel=0.02)
    assert found.suggestion.equals(rectangle(0, 0, 13, 5))


def test_neighbours_that_only_touch_do_not_overlap():
    drawn = rectangle(0, 0, 15, 5)
    found = overlay.compare(drawn, [rectangle(15, 0, 30, 5), rectangle(0, 5, 15, 9)])
    assert found.overlaps == ()
    assert found.settled is drawn


def test_a_strip_of_three_centimetres_is_snapped_away():
    found = overlay.compare(rectangle(0, 0, 15.03, 5), [rectangle(15, 0, 30, 5)])
    assert found.overlaps == ()
    assert found.settled.intersection(rectangle(15, 0, 30, 5)).area == 0


def test_a_strip_of_seven_centimetres_is_refused():
    assert overlay.compare(rectangle(0, 0, 15.07, 5), [rectangle(15, 0, 30, 5)]).overlaps


def test_an_area_wholly_inside_a_neighbour_has_no_way_out():
    found = overlay.compare(rectangle(2, 2, 4, 4), [rectangle(0, 0, 10, 10)])
    assert found.overlaps and found.suggestion is None


def test_the_way_out_of_an_area_cut_in_two_is_its_larger_part():
    found = overlay.compare(rectangle(0, 0, 30, 5), [rectangle(10, -1, 12, 6)])
    assert found.suggestion.equals(rectangle(12, 0, 30, 5))


def test_the_way_out_has_no_hair_thin_tail():
    found = overlay.compare(rectangle(0, 0, 30, 5.02), [rectangle(-5, -5, 15, 5)])
    assert found.suggestion.bounds[0] == pytest.approx(rectangle(15, 0, 30, 5).bounds[0], abs=1e-7)


def test_a_neighbour_inside_the_drawn_area_becomes_a_hole():
    found = overlay.compare(rectangle(0, 0, 30, 30), [rectangle(10, 10, 20, 20)])
    assert len(found.suggestion.interiors) == 1
    assert not overlay.compare(found.suggestion, [rectangle(10, 10, 20, 20)]).overlaps


blob = st.tuples(st.integers(3, 14), st.integers(0, 2**32 - 1), st.floats(0, 60), st.floats(0, 60),
                 st.floats(3, 60), st.floats(0.02, 1))


def star(spec):
    """Return a jagged star-shaped polygon of up to 14 corners with spikes, a few tens of metres across."""
    corners, seed, x, y, size, least = spec
    random = np.random.default_rng(seed)
    angles = np.sort(random.uniform(0, 2 * np.pi, corners))
    radii = random.uniform(least, 1, corners) * size
    ring = np.column_stack((x + radii * np.cos(angles), y + radii * np.sin(angles)))
    shape = shapely.transform(Polygon(ring), on_the_ground)
    return shape if shape.is_valid and overlay.is_wide(shape) else None


@settings(max_examples=120, deadline=None)
@given(blob, st.lists(blob, min_size=1, max_size=6))
def test_a_way_out_is_always_accepted_as_it_stands(drawn_spec, other_specs):
    drawn, others = star(drawn_spec), [shape for shape in map(star, other_specs) if shape is not None]
    if drawn is None or not others:
        return
    found = overlay.compare(drawn, others)
    if found.suggestion is None:
        left = overlay.without_tails(overlay.areas_of(drawn.difference(shapely.union_all(others))))
        assert found.overlaps == () or left.is_empty or overlay.flat(left).area < 1
        return
    suggestion = found.suggestion
    assert suggestion.geom_type == "Polygon" and suggestion.is_valid
    assert (np.round(shapely.get_coordinates(suggestion), 9) == shapely.get_coordinates(suggestion)).all()
    assert overlay.compare(suggestion, others).overlaps == ()
    assert not overlay.sticks_out(suggestion, drawn)


@settings(max_examples=60, deadline=None)
@given(blob, blob)
def test_what_is_kept_never_takes_more_than_a_hair_of_a_neighbour(drawn_spec, other_spec):
    drawn, other = star(drawn_spec), star(other_spec)
    if drawn is None or other is None:
        return
    found = overlay.compare(drawn, [other])
    if not found.overlaps:
        assert found.settled.is_valid
        assert not overlay.is_wide(overlay.areas_of(found.settled.intersection(other)), 0.003)


def test_lines_and_points_of_an_intersection_are_no_area():
    mixed = shapely.GeometryCollection([LineString([(0, 0), (1, 1)]), box(0, 0, 1, 1)])
    assert overlay.areas_of(mixed).equals(box(0, 0, 1, 1))
    assert overlay.areas_of(LineString([(0, 0), (1, 1)])).is_empty


def test_a_multipolygon_is_compared_part_by_part():
    drawn = MultiPolygon([rectangle(0, 0, 5, 5), rectangle(20, 0, 40, 5)])
    found = overlay.compare(drawn, [rectangle(4, 0, 6, 5)])
    assert found.suggestion.equals(rectangle(20, 0, 40, 5))


def test_heavy_work_in_a_child_gives_the_same_answer():
    drawn, other = comb(60), comb(60, sideways=True)
    here, there = overlay.compare(drawn, [other]), bounded.run("compare", [drawn, other])
    assert len(there["overlaps"]) == len(here.overlaps) == 1
    assert shapely.from_wkb(there["suggestion"]).equals(here.suggestion)


def test_two_combs_of_a_thousand_corners_are_refused_in_time():
    started = time.monotonic()
    with pytest.raises(Invalid) as refused:
        bounded.compare(comb(500), [comb(500, sideways=True)])
    assert refused.value.code == "shapes_too_complex"
    assert time.monotonic() - started < bounded.WALL_SECONDS


def test_large_but_plain_shapes_are_compared_all_the_same():
    angles = np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    circle = Polygon(np.column_stack((500 * np.cos(angles), 500 * np.sin(angles))))
    drawn = shapely.transform(circle, on_the_ground)
    other = shapely.transform(shapely.affinity.translate(circle, 900), on_the_ground)
    assert not bounded.is_light(drawn, [other])
    found = bounded.compare(drawn, [other])
    assert found.overlaps and found.suggestion is not None
    assert bounded.sticks_out(drawn, other)
