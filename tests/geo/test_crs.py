"""Coordinate systems of Chinese files, against published vectors (domain.md §6)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civmap.errors import Invalid
from civmap.geo import crs
from civmap.geo.measure import distance_m

CHINA_LON, CHINA_LAT = st.floats(74, 134), st.floats(18, 53)


def test_gcj02_and_bd09_match_the_published_vectors():
    assert crs.wgs84_to_gcj02(120.596931, 31.280844) == pytest.approx((120.601100, 31.278649), abs=1e-6)
    gcj = crs.wgs84_to_gcj02(116.404, 39.915)
    assert gcj == pytest.approx((116.410244, 39.916404), abs=1e-6)
    assert crs.gcj02_to_bd09(*gcj) == pytest.approx((116.416627, 39.922700), abs=1e-6)


@settings(deadline=None, max_examples=60)
@given(CHINA_LON, CHINA_LAT)
def test_there_and_back_is_where_it_began(lon, lat):
    for name in ("gcj02", "bd09", "cgcs2000", "EPSG:4548"):
        there = crs.from_wgs84(name, lon, lat)
        back = crs.to_wgs84(name, *there)
        limit_m = 1e-3 if name.startswith("EPSG") else 1e-5
        if name != "EPSG:4548" or 115 < lon < 119:
            assert distance_m((lon, lat), (float(back[0]), float(back[1]))) < limit_m


def test_many_spots_are_shifted_at_once():
    lons, lats = np.array([115.8, 116.4]), np.array([28.6, 39.9])
    moved = crs.wgs84_to_gcj02(lons, lats)
    assert moved[0].shape == (2,)
    assert crs.wgs84_to_gcj02(115.8, 28.6) == pytest.approx((moved[0][0], moved[1][0]))


def test_the_zone_of_a_longitude_follows_the_formula():
    assert crs.gauss_kruger_epsg(115.857) == 4548
    x, y = crs.from_wgs84("EPSG:4548", 115.857, 28.683)
    assert (float(x), float(y)) == pytest.approx((388285.20, 3174670.08), abs=0.01)


@pytest.mark.parametrize(("written", "known"), [
    ("WGS-84", "wgs84"), ("EPSG:4490", "cgcs2000"), ("GCJ-02", "gcj02"), ("amap", "gcj02"), ("Baidu", "bd09"),
    ("epsg:4549", "EPSG:4549")])
def test_names_are_read_in_any_spelling(written, known):
    assert crs.check_name(written) == known


@pytest.mark.parametrize("written", ["", "mars", "EPSG:999999", "EPSG:x"])
def test_unknown_names_are_refused(written):
    with pytest.raises(Invalid) as refused:
        crs.check_name(written)
    assert refused.value.code == "crs_unknown"
