"""Metres, not degrees (domain.md §10, A2, A3, A12)."""

import math

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon

from civmap.geo.measure import (
    Plane,
    area_m2,
    distance_m,
    frame_around,
    length_m,
    plane_of,
)

SPOT = (115.8570, 28.6830)


def test_the_nearer_unit_in_metres_is_the_farther_one_in_degrees():
    west, north = (115.8536, 28.6830), (115.8570, 28.6861)
    assert distance_m(SPOT, west) == pytest.approx(332.3, abs=0.1)
    assert distance_m(SPOT, north) == pytest.approx(343.6, abs=0.1)


def test_the_noodle_shop_answers_for_75_square_metres():
    ring = [(115.8571485, 28.6832711), (115.8573019, 28.6832724), (115.8573024, 28.6832273), (115.857149, 28.683226)]
    assert area_m2(Polygon(ring)) == area_m2(Polygon(ring[::-1])) == pytest.approx(75, abs=0.5)


def test_river_street_is_a_kilometre_long():
    assert length_m(LineString([(115.8571496, 28.6831629), (115.8673794, 28.6832489)])) == pytest.approx(1000, abs=2)


@settings(deadline=None, max_examples=60)
@given(st.floats(-0.03, 0.03), st.floats(-0.03, 0.03))
def test_the_plane_is_true_from_its_middle(dlon, dlat):
    spot = (SPOT[0] + dlon, SPOT[1] + dlat)
    flat = Plane(*SPOT).to_metres(Point(spot))
    assert flat.distance(Point(0, 0)) == pytest.approx(distance_m(SPOT, spot), rel=1e-6, abs=1e-3)
    back = Plane(*SPOT).to_degrees(flat)
    assert (back.x, back.y) == pytest.approx(spot, abs=1e-8)  # PROJ takes what lies within 0.6 mm for the middle


@settings(deadline=None, max_examples=60)
@given(st.floats(1, 5000), st.floats(0, 6.283))
def test_the_frame_around_a_spot_holds_all_within_reach(reach_m, angle):
    west, south, east, north = frame_around(SPOT, reach_m)
    edge = Plane(*SPOT).to_degrees(shapely.transform(Point(0, reach_m), lambda xy: xy @ _turn(angle)))
    assert west <= edge.x <= east and south <= edge.y <= north


def _turn(angle):
    return [[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]]


def test_the_plane_of_a_shape_lies_in_its_middle():
    assert plane_of(LineString([(115.0, 28.0), (116.0, 29.0)])) == Plane(115.5, 28.5)
