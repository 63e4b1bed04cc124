"""Many geometries at once measure the same as one by one."""

import json

import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon, box

from civmap.geo import bulk
from civmap.geo.echo import same_shape, without_echo
from civmap.geo.measure import area_m2, length_m
from civmap.geo.validity import rounded

CITY = box(115.6, 28.5, 116.2, 29.0)
NOODLES = Polygon([(115.8571485, 28.6832711), (115.8573019, 28.6832724), (115.8573024, 28.6832273),
                   (115.857149, 28.683226)])
RING = Polygon(CITY.exterior, [NOODLES.exterior])
PAIR = MultiPolygon([NOODLES, box(115.86, 28.68, 115.87, 28.69)])
LINES = (LineString([(115.8571496, 28.6831629), (115.8673794, 28.6832489)]),
         LineString([(115.8, 28.6), (115.81, 28.61), (115.82, 28.6)]))


def test_areas_are_those_of_the_ellipsoid():
    for area, metres in zip((CITY, NOODLES, RING, PAIR), bulk.areas_m2([CITY, NOODLES, RING, PAIR]), strict=True):
        assert metres == pytest.approx(area_m2(area), rel=2e-4)
    assert bulk.areas_m2([NOODLES]) == [pytest.approx(75, abs=0.5)]


def test_lengths_are_geodesic():
    assert bulk.lengths_m(LINES) == [pytest.approx(length_m(line)) for line in LINES]
    assert bulk.lengths_m(LINES)[0] == pytest.approx(1000, abs=2)


def test_shapes_are_exported_at_seven_decimals():
    shapes = [shapely.transform(area, lambda xy: xy + 1.23456e-8) for area in (NOODLES, RING, PAIR, *LINES)]
    shapes.append(Point(115.123456789, 28.987654321))
    assert json.dumps(bulk.exported(shapes)) == json.dumps([rounded(area) for area in shapes])


def test_nothing_measures_nothing():
    assert bulk.areas_m2([]) == bulk.lengths_m([]) == bulk.exported([]) == []


def test_an_exported_shape_that_comes_back_is_an_echo():
    kept = shapely.transform(NOODLES, lambda xy: xy + 4.9e-8)
    sent = {"type": "Feature", "geometry": rounded(kept), "properties": {}}
    assert "geometry" not in without_echo(sent, kept)
    assert same_shape(kept, shapely.from_geojson(json.dumps(rounded(kept))))
    assert same_shape(kept, shapely.orient_polygons(kept, exterior_cw=True))


def test_a_shape_that_moved_by_a_centimetre_is_no_echo():
    moved = shapely.transform(NOODLES, lambda xy: xy + 1e-7)
    sent = {"type": "Feature", "geometry": rounded(moved), "properties": {}}
    assert "geometry" in without_echo(sent, NOODLES)
    assert not same_shape(NOODLES, moved)
    assert same_shape(None, None) and not same_shape(None, NOODLES)
