"""The two shared extracts of real cities, against what `SOURCES.md` says of them; skipped where they are not there."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import shapely

from civmap.founding.actions import counts_of
from civmap.founding.survey import survey
from civmap.geo import network
from civmap.geo.measure import GEOD, area_m2

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
GUIXI = DATA / "guixi" / "guixi.osm.gz"
NANJING = DATA / "nanjing_core" / "nanjing_xinjiekou.osm.gz"


def _ground(path):
    if not path.is_file():
        pytest.skip(f"the shared extract {path.name} is not on this machine")
    return survey(path)


@pytest.fixture(scope="module")
def guixi():
    return _ground(GUIXI)


@pytest.fixture(scope="module")
def nanjing():
    return _ground(NANJING)


def _street_km(ground):
    return sum(GEOD.line_length(street.line[:, 0], street.line[:, 1]) for street in ground.streets) / 1000


def test_guixi_has_the_streets_and_buildings_its_source_lists(guixi):
    counts = counts_of(guixi)
    assert 165 <= counts["streets"] <= 185
    assert counts["buildings"] == 165
    assert _street_km(guixi) == pytest.approx(106.8, abs=1.0)
    assert len({segment.road for segment in guixi.segments if not segment.is_nameless}) >= 32


def test_guixi_has_its_subdistricts_cut_by_the_frame(guixi):
    area = {border.name: area_m2(border.geometry) / 1e6 for border in guixi.borders}
    assert area["花园街道"] == pytest.approx(9.4, rel=0.05)
    assert area["东门街道"] == pytest.approx(5.5, rel=0.05)
    assert area["雄石街道"] == pytest.approx(1.4, rel=0.05)
    assert area["滨江镇"] == pytest.approx(12.0, rel=0.05)
    assert area["河潭镇"] < 0.05 and area["流口镇"] < 0.05
    assert all(border.is_partial for border in guixi.borders)
    shapes = [border.geometry for border in guixi.borders]
    assert shapely.coverage_is_valid(shapes)
    assert sum(area.values()) == pytest.approx(area_m2(shapely.box(*guixi.frame)) / 1e6, rel=1e-4)


def test_nanjing_has_the_frame_streets_and_places_its_source_lists(nanjing):
    assert nanjing.frame == pytest.approx((118.762, 32.0345, 118.797, 32.0525), abs=0.0012)
    counts = counts_of(nanjing)
    assert 375 <= counts["streets"] <= 395
    assert counts["buildings"] == pytest.approx(1277, abs=10)
    assert counts["zones"] == 0
    types = Counter(candidate.type for candidate in nanjing.candidates)
    assert types["PT29"] == 10
    assert types["PT22"] >= 15
    assert types["PT17"] >= 12
    assert types["PT13"] == 0


def test_nanjing_streets_are_named_and_cut_at_their_crossings(nanjing):
    roads = {segment.road for segment in nanjing.segments if not segment.is_nameless}
    assert len(roads) >= 110
    pairs = {(segment.road, frozenset((segment.from_name, segment.to_name))) for segment in nanjing.segments}
    assert any(road == "中山东路" and any("洪武" in end for end in ends) for road, ends in pairs)
    crossings = {name for segment in nanjing.segments if segment.road == "太平北路"
                 for ends in (segment.from_name, segment.to_name) for name in ends.split("/")}
    assert {"中山东路", "长江路", "珠江路", "如意里"} <= crossings


def test_most_of_the_nanjing_network_hangs_together(nanjing):
    length = [GEOD.line_length(street.line[:, 0], street.line[:, 1]) for street in nanjing.streets]
    graph, _ = network.of_edges([street.from_node for street in nanjing.streets],
                                [street.to_node for street in nanjing.streets], length,
                                [street.is_oneway for street in nanjing.streets])
    _, piece = graph.pieces()
    assert np.bincount(piece).max() > 450


@pytest.mark.parametrize("city", ["guixi", "nanjing"])
def test_no_metre_of_street_vanishes(city, request):
    ground = request.getfixturevalue(city)
    metres = ground.metres
    kept = sum(metres.get(key, 0.0) for key in ("segments", "merged", "turning", "ring", "too_short"))
    assert kept == pytest.approx(metres["eligible"], rel=0.005)
    network_only = metres.get("link_only_network", 0.0) + metres.get("path_only_network", 0.0)
    assert (metres["eligible"] + network_only) / 1000 == pytest.approx(_street_km(ground), rel=1e-6)
    assert len({segment.code for segment in ground.segments}) == len(ground.segments)
    assert len({segment.name for segment in ground.segments}) == len(ground.segments)
    assert all(segment.from_name and segment.to_name for segment in ground.segments)
