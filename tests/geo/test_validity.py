"""The gate for geometries that strangers send."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon

from civmap.errors import Invalid
from civmap.geo import validity
from tests.support.features import frame, ring

CITY = (115.80, 28.64, 115.92, 28.73)
AREAS = ("Polygon", "MultiPolygon")
SQUARE = frame(115.85, 28.68, 115.86, 28.69)
HOLE = [[115.852, 28.682], [115.852, 28.684], [115.854, 28.684], [115.852, 28.682]]
JUNK = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
                    lambda part: st.lists(part, max_size=5) | st.dictionaries(st.text(max_size=3), part, max_size=3),
                    max_leaves=30)


def refusal(value, kinds=AREAS):
    with pytest.raises(Invalid) as refused:
        validity.read_geometry(value, kinds, CITY)
    return refused.value.code


def test_a_good_area_is_kept_at_nine_decimals_and_turned_the_right_way():
    sent = ring((115.85, 28.68), (115.85, 28.69000000049), (115.86, 28.69), (115.86, 28.68))
    kept = validity.read_geometry(sent, AREAS, CITY)
    assert kept.exterior.is_ccw
    assert 28.69 in np.asarray(kept.exterior.coords)[:, 1]


def test_heights_are_dropped():
    assert not validity.read_geometry({"type": "Point", "coordinates": [115.85, 28.68, 30]}, ("Point",), CITY).has_z


@pytest.mark.parametrize(("value", "code"), [
    (None, "geometry_missing"), ("POINT(1 2)", "geometry_missing"), ({"coordinates": []}, "geometry_missing"),
    ({"type": "Point", "coordinates": [115.85, 28.68]}, "geometry_type"),
    ({"type": "GeometryCollection", "geometries": []}, "geometry_type"),
    ({"type": "Polygon"}, "geometry_unreadable"), ({"type": "Polygon", "coordinates": "x"}, "geometry_unreadable"),
    ({"type": "Polygon", "coordinates": [[[115.85, 28.68], [115.86, 28.68], [115.86, None]]]}, "geometry_unreadable"),
    ({"type": "Polygon", "coordinates": [[[115.85, 28.68], [115.86, 28.68]]]}, "ring_not_closed"),
    ({"type": "Polygon", "coordinates": [[[115.85, 1e999]] * 4]}, "geometry_unreadable"),
    ({"type": "Polygon", "coordinates": [[[True, 28.68]] * 4]}, "geometry_unreadable"),
    ({"type": "Polygon", "coordinates": []}, "geometry_empty"),
    ({"type": "MultiPolygon", "coordinates": []}, "geometry_empty"),
    ({"type": "Polygon", "coordinates": [[[[115.85, 28.68]]]]}, "geometry_unreadable"),
    ({"type": "Polygon", "coordinates": [[[115.85, 28.68]] * 30_000]}, "geometry_too_large"),
    (frame(28.68, 115.85, 28.69, 115.86), "coordinates_swapped"), (frame(110, 28, 111, 29), "outside_city"),
    (ring((115.85, 28.68), (115.86, 28.69), (115.86, 28.68), (115.85, 28.69)), "geometry_invalid"),
    (ring((115.85, 28.68), (115.86, 28.68), (115.87, 28.68)), "geometry_invalid"),
    (ring((115.85, 28.68), (115.85, 28.68), (115.85, 28.68)), "geometry_invalid"),
    ({"type": "Polygon", "coordinates": [HOLE, SQUARE["coordinates"][0]]}, "geometry_invalid")])
def test_what_is_no_area_is_refused_with_the_first_thing_wrong(value, code):
    assert refusal(value) == code


def test_a_line_of_no_length_is_refused():
    line = {"type": "LineString", "coordinates": [[115.85, 28.68], [115.85, 28.68]]}
    assert refusal(line, ("LineString",)) in ("geometry_empty", "geometry_invalid")


@settings(deadline=None)
@given(JUNK, st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon"]))
def test_no_junk_gets_past_the_gate_or_breaks_it(junk, kind):
    try:
        found = validity.read_geometry({"type": kind, "coordinates": junk}, (kind,), CITY)
    except Invalid:
        return
    assert found.is_valid and not found.is_empty


def test_swapped_spots_are_offered_the_right_way_round():
    with pytest.raises(Invalid) as refused:
        validity.check_spot(28.68, 115.85, CITY)
    assert (refused.value.code, refused.value.facts["lon"]) == ("coordinates_swapped", "115.850000")
    assert validity.check_spot(115.8500000004, 28.68, CITY) == (115.85, 28.68)
    with pytest.raises(Invalid):
        validity.check_spot(float("inf"), 28.68, CITY)


def test_geometries_are_exported_at_seven_decimals():
    area = Polygon([(115.85000000049, 28.68), (115.86, 28.68), (115.86, 28.69)])
    assert json.loads(json.dumps(validity.rounded(area)))["coordinates"][0][0] == [115.85, 28.68]


@pytest.mark.parametrize("corners", [[[115.85, 28.68], [115.86, 28.68], [115.86, 28.69], [115.85, 28.69]],
                                     [[115.85, 28.68], [115.86, 28.68], [115.85, 28.68]]])
def test_a_ring_that_is_not_closed_is_refused_and_not_closed_for_the_sender(corners):
    assert refusal({"type": "Polygon", "coordinates": [corners]}) == "ring_not_closed"
    assert refusal({"type": "MultiPolygon", "coordinates": [[SQUARE["coordinates"][0], corners]]}) == "ring_not_closed"
