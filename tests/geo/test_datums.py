"""What numbers may mean: systems by their names, metres by their zones, slips of the pen by what they would give."""

import numpy as np
import pytest

from civmap.geo import datums
from civmap.geo.datum_odds import Evidence, pattern_odds, weigh

pytestmark = pytest.mark.spatialite
NANJING = (118.75, 32.02, 118.81, 32.07)


@pytest.mark.parametrize(("words", "system", "meridian"), [
    ("高德", "gcj02", None), ("腾讯地图", "gcj02", None), ("火星坐标", "gcj02", None), ("ＧＣＪ－02", "gcj02", None),
    ("百度", "bd09", None), ("BD-09", "bd09", None), ("WGS84", "wgs84", None), ("GPS 手机", "wgs84", None),
    ("国家2000", "cgcs2000", None), ("天地图", "cgcs2000", None), ("EPSG:4490", "cgcs2000", None),
    ("CGCS2000 3度带 中央经线120", "cgcs2000", 120), ("EPSG:4549", "EPSG:4549", None), ("西安80", "xian80", None),
    ("EPSG:4610", "xian80", None), ("1954北京坐标系", "beijing54", None)])
def test_the_words_of_offices_name_a_system(words, system, meridian):
    told = datums.said(words)
    assert (told.system, told.meridian) == (system, meridian)


def test_words_that_name_none_say_nothing():
    assert [datums.said(words) for words in ("", "auto", "不详", "地图上点的")] == [None] * 4


@pytest.mark.parametrize(("x", "y", "first"), [
    (383995.583, 3547067.688, "EPSG:4549"), (40383995.583, 3547067.688, "EPSG:4528"),
    (20668003.4, 3548236.0, "EPSG:4498"), (13222400.0, 3769000.0, "EPSG:3857")])
def test_metres_tell_their_zone_by_the_citys_frame_and_by_their_prefix(x, y, first):
    wide = (118.2, 31.2, 119.3, 32.7)
    east, north = datums.east_first(np.array([y]), np.array([x]))
    assert (float(east[0]), float(north[0])) == (x, y)
    assert datums.metre_systems(x, y, wide)[0] == first


@pytest.mark.parametrize(("x", "y", "slip", "lon", "lat"), [
    (32.044582, 118.772479, "coordinates_swapped", 118.772479, 32.044582),
    (1187.95494, 32.036752, "coordinates_decimal_point", 118.795494, 32.036752),
    (118.795494, 3.2036752, "coordinates_decimal_point", 118.795494, 32.036752),
    (118795494, 32036752, "coordinates_decimal_point", 118.795494, 32.036752),
    (1184612.35, 320237.94, "coordinates_packed", 118.770097, 32.043872),
    (121.47, 31.23, "", None, None), (0.5, 0.5, "", None, None)])
def test_a_slip_of_the_pen_is_named_with_what_was_meant(x, y, slip, lon, lat):
    codes, east, north = datums.slips(np.array([x, np.nan]), np.array([y, 1.0]), NANJING)
    assert datums.SLIPS[codes[0]] == slip
    assert codes[1] == 0
    if slip:
        assert (float(east[0]), float(north[0])) == pytest.approx((lon, lat), abs=1e-6)


def test_rows_of_another_system_are_found_and_silent_rows_go_with_the_rest():
    road = np.full((40, 3), 480.0)
    road[:30, 0], road[30:36, 2], road[36:] = 15.0, 15.0, np.nan
    nothing = np.full((40, 3), np.nan)
    everywhere = np.ones((40, 3), bool)
    told = weigh(Evidence(road, nothing, np.zeros(40), everywhere, np.ones(40, bool), np.zeros(40, np.intp),
                          np.array([[0.62, 0.23, 0.15]]), np.zeros((1, 3))))
    assert told.rows[:30, 0].min() > 0.98
    assert told.rows[30:36, 2].min() > 0.9
    assert 0.6 < told.rows[36:, 0].max() < 0.9


def test_a_pattern_that_stands_out_outweighs_one_that_does_not():
    chance = np.random.default_rng(2)
    background = chance.normal(0, 1, (2, 30))
    odds = pattern_odds(np.array([[0.2, 7.0, -0.5], [0.0, 0.3, 0.4]]), background, 100)
    assert odds[1] - max(odds[0], odds[2]) > 6
    assert abs(odds[0] - odds[2]) < 1.5
