"""Numbers go to the right places: the system told or found out, single rows that lie, layers with a lying .prj."""

from collections import Counter

import numpy as np
import pytest
import shapely

from civmap.city.queries import frame_of
from civmap.errors import CivmapError
from civmap.exchange.settling import settle
from civmap.exchange.settling_shapes import settle_shapes
from civmap.exchange.settling_telling import worded
from civmap.geo import crs
from civmap.people.rules import OFFICE
from civmap.store.database import writing
from tests.support import ledgers


@pytest.fixture
def quarter(engine):
    """Give a session on the town with a quarter of streets, and the streets."""
    with writing(engine) as session:
        yield session, ledgers.lay_streets(session)


def _settled(session, spots, said=None, addresses=None, wish="auto"):
    return settle(session, OFFICE, spots, said, addresses, None, wish, frame_of(session))


def _flagged(settled):
    return {**settled.errors, **settled.warnings}


@pytest.mark.parametrize("system", ["wgs84", "gcj02", "bd09", "EPSG:4548"])
def test_a_ledger_that_names_no_system_is_read_in_the_one_its_addresses_tell(quarter, system):
    session, lines = quarter
    lon, lat, addresses = ledgers.shops_along(lines, 60)
    settled = _settled(session, ledgers.written(lon, lat, system), None, addresses)
    assert (settled.evidence["found"], settled.evidence["code"]) == (system, "detected")
    off = ledgers.metres_off(settled, lon, lat)
    assert np.mean(off < 20) >= 0.97
    assert len(_flagged(settled)) <= 3
    assert "检测" not in worded(settled.evidence, "zh")["message"]
    assert worded(settled.evidence, "en")["shares"][0]["rows"] == 60


@pytest.mark.spatialite
@pytest.mark.parametrize("system", ["wgs84", "gcj02"])
def test_without_addresses_the_pattern_along_the_streets_tells(quarter, system):
    session, lines = quarter
    lon, lat, _ = ledgers.shops_along(lines, 120)
    settled = _settled(session, ledgers.written(lon, lat, system))
    assert (settled.evidence["found"], settled.errors) == (system, {})


@pytest.mark.spatialite
def test_rows_from_another_map_are_found_among_the_rest_or_asked_about(quarter):
    session, lines = quarter
    lon, lat, addresses = ledgers.shops_along(lines, 150)
    systems = ["bd09" if row % 10 == 3 else "wgs84" for row in range(150)]
    settled = _settled(session, ledgers.written(lon, lat, systems), None, addresses)
    off, flagged = ledgers.metres_off(settled, lon, lat), _flagged(settled)
    assert [row for row in np.flatnonzero(off > 100).tolist() if row not in flagged] == []
    assert np.mean(off < 20) >= 0.9
    assert sum(settled.system == "bd09") >= 8


@pytest.mark.spatialite
def test_what_the_file_says_holds_until_the_city_contradicts_it_and_a_person_is_obeyed(quarter):
    session, lines = quarter
    lon, lat, addresses = ledgers.shops_along(lines, 40)
    spots = ledgers.written(lon, lat, "gcj02")
    told = _settled(session, spots, "高德", addresses)
    assert (told.evidence["code"], told.errors) == ("said", {})
    lying = _settled(session, spots, ["WGS84"] * 40, addresses)
    assert Counter(error.code for error in lying.errors.values()) == {"datum_contradicted": 40}
    facts = lying.errors[0].facts
    assert (facts["crs"], float(facts["lon"])) == ("gcj02", pytest.approx(lon[0], abs=2e-6))
    obeyed = _settled(session, spots, None, addresses, "wgs84")
    assert (obeyed.errors, {error.code for error in obeyed.warnings.values()}) == ({}, {"datum_contradicted"})
    assert not obeyed.evidence["is_sure"]
    anywhere = np.random.default_rng(3).uniform((lon.min(), lat.min()), (lon.max(), lat.max()), (200, 2))
    agreed = _settled(session, ledgers.written(*anywhere.T, "wgs84"), None, None, "wgs84")
    assert (agreed.errors, agreed.warnings) == ({}, {}), "who chose what is likeliest anyway hears no doubt"


def test_a_plain_list_that_nothing_tells_of_is_wgs_84_told_once_and_slips_are_offered(engine):
    lon, lat = 115.85 + np.arange(40) * 1e-4, np.full(40, 28.68)
    spots = ledgers.written(lon, lat, "wgs84")
    spots.x[3], spots.y[3] = 28.68, 115.8503
    spots.x[4] = 1158.504
    spots.x[5] = spots.y[5] = 0.0
    spots.x[6] = 121.47
    with writing(engine) as session:
        settled = _settled(session, spots)
    assert {row: error.code for row, error in settled.errors.items()} == {
        3: "coordinates_swapped", 4: "coordinates_decimal_point", 5: "coordinates_zero", 6: "outside_city"}
    assert settled.errors[3].facts["lon"] == "115.850300"
    assert (settled.evidence["code"], settled.evidence["is_sure"]) == ("unsaid", False)
    assert np.isfinite(settled.lon).sum() == 36


@pytest.mark.spatialite
@pytest.mark.parametrize(("system", "said", "outcome"), [
    ("gcj02", None, "detected"), ("gcj02", "EPSG:4326", "contradicted"), ("EPSG:4548", "EPSG:4490", "said")])
def test_a_layer_of_streets_without_a_prj_or_with_a_lying_one_is_found_out(quarter, system, said, outcome):
    session, lines = quarter
    layer = [shapely.geometry.mapping(shapely.transform(line, lambda xy: np.column_stack(
        crs.from_wgs84(system, xy[:, 0], xy[:, 1])))) for line in lines.values()]
    settled = settle_shapes(session, OFFICE, layer, said, "auto", frame_of(session))
    assert settled.evidence["code"] == outcome
    if outcome == "contradicted":
        with pytest.raises(CivmapError) as refused:
            settled.shape(layer[0])
        assert (refused.value.code, refused.value.facts["crs"]) == ("datum_contradicted", system)
    else:
        assert settled.system == system
        first = settled.shape(layer[0])["coordinates"][0]
        assert first == pytest.approx(next(iter(lines.values())).coords[0], abs=1e-6)
