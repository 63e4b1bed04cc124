"""Distances along the city's streets: from its table, from imported files, in two real cities, and with none at all."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import shapely

from civmap import texts
from civmap.city.fabric import Fabric
from civmap.founding import extract, streets
from civmap.geo import paths
from civmap.geo.measure import GEOD
from civmap.routes.streets import MODES, Ground, ground_of
from civmap.store.ledger import Actor, record
from tests.support import crossings

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
CITIES = {"guixi": DATA / "guixi" / "guixi.osm.gz", "nanjing": DATA / "nanjing_core" / "nanjing_xinjiekou.osm.gz"}
WEST_END, MIDDLE, EAST_END = (115.8701, 28.6901), (115.8721, 28.6901), (115.8739, 28.6899)
NORTH_END, NOWHERE = (115.8721, 28.692), (115.890, 28.700)


def _lay(session, cast, now, name, *places, **facts):
    line = {"type": "LineString", "coordinates": places}
    Fabric(session).street(cast["admin"], {"name": name, "geometry": line, **facts})
    record(session, Actor("admin", "cli"), "import", "city", name, at=now)
    session.flush()


def _codes(found):
    return [(code, {name: value for name, value in facts.items() if name != "pairs"}) for code, facts in found.notes]


def _by_air(a, b):
    return GEOD.inv(*a, *b)[2]


def test_without_streets_all_is_air_and_said_so_and_what_is_imported_counts_at_once(session, cast, now):
    spots = np.array([WEST_END, EAST_END, NORTH_END])
    found = ground_of(session).matrices(spots, "walk")
    assert _codes(found) == [("network_missing", {"mode": "walk"})]
    assert found.is_air.tolist() == (~np.eye(3, dtype=bool)).tolist()
    assert found.metres == pytest.approx(ground_of(session).matrices(spots, "walk", "air").metres)
    assert found.metres[0, 1] == pytest.approx(_by_air(WEST_END, EAST_END))

    _lay(session, cast, now, "新民路", (115.870, 28.690), (115.874, 28.690), is_oneway=True)
    _lay(session, cast, now, "横街", (115.872, 28.688), (115.872, 28.692), highway="footway")
    ground = ground_of(session)
    assert ground is ground_of(session)
    record(session, Actor("admin", "cli"), "edit", "point", "X", at=now)
    assert ground is ground_of(session), "what is no street must not cost a reading of all streets"
    walk, drive = (ground.matrices(spots, mode) for mode in ("walk", "drive"))
    assert not walk.is_air.any() and not walk.notes
    assert walk.metres[0, 1] == pytest.approx(walk.metres[1, 0]) == pytest.approx(371.4 + 2 * 11.1, abs=0.3)
    assert walk.metres[0, 2] == pytest.approx(11.1 + 185.7 + 221.7 + 9.8, abs=0.3)
    assert not drive.is_air[0, 1] and drive.is_air[1, 0], "no way back along a one-way street that ends"
    assert drive.metres[1, 0] == pytest.approx(_by_air(EAST_END, WEST_END))
    assert [code for code, _ in drive.notes] == ["no_way_by_street"]


def test_legs_are_as_long_as_the_matrix_says_and_run_from_door_to_door(session, cast, now):
    _lay(session, cast, now, "新民路", (115.870, 28.690), (115.874, 28.690))
    _lay(session, cast, now, "横街", (115.872, 28.688), (115.872, 28.692))
    spots = np.array([WEST_END, MIDDLE, EAST_END, NORTH_END, NOWHERE, EAST_END])
    pairs = [(at, other) for at in range(6) for other in range(6)]
    for metric in ("road", "air"):
        found, legs = (ground_of(session).matrices(spots, "cycle", metric),
                       ground_of(session).legs(spots, pairs, "cycle", metric))
        for (here, there), leg in zip(pairs, legs, strict=True):
            assert leg.coordinates[[0, -1]] == pytest.approx(spots[[here, there]])
            assert leg.metres == pytest.approx(found.metres[here, there], abs=1e-6)
            assert GEOD.line_length(*leg.coordinates.T) == pytest.approx(leg.metres, abs=0.001)
            assert leg.is_air == found.is_air[here, there]
    found = ground_of(session).matrices(spots, "cycle")
    assert _codes(found) == [("spot_far_from_street", {"spots": [4], "count": 1, "metres": 500})]
    assert found.metres[2, 5] == 0.0 and found.metres[0, 4] == pytest.approx(_by_air(WEST_END, NOWHERE))
    corner = ground_of(session).legs(spots, [(0, 3)], "walk")[0].coordinates
    assert corner[1:4] == pytest.approx(np.array([(115.8701, 28.69), (115.872, 28.69), (115.872, 28.692)]))


def test_a_lane_that_ends_a_hand_short_of_a_slanted_street_ends_at_it(session, cast, now):
    _lay(session, cast, now, "斜街", (115.870, 28.690), (115.874, 28.693))
    _lay(session, cast, now, "巷", (115.872002, 28.691498), (115.873, 28.690))
    _lay(session, cast, now, "横路", (115.869, 28.688), (115.8700003, 28.6899997))
    spots = np.array([(115.873, 28.690), (115.869, 28.688), (115.874, 28.693)])
    found = ground_of(session).matrices(spots, "walk")
    assert not found.is_air.any()
    by_hand = [_by_air((115.873, 28.690), (115.872, 28.6915)), _by_air((115.872, 28.6915), (115.870, 28.690)),
               _by_air((115.870, 28.690), (115.869, 28.688))]
    assert found.metres[0, 1] == pytest.approx(sum(by_hand), abs=1)


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_every_note_has_words(lang):
    for code in ("network_missing", "spot_far_from_street", "no_way_by_street"):
        facts = {"mode_name": "M", "count": 3, "metres": 500, "names": "N"}
        assert "{" not in texts.say(lang, f"route.note.{code}", **facts)


@pytest.mark.parametrize("city", CITIES)
def test_metres_of_a_real_city_are_those_of_an_independent_graph(city):
    if not CITIES[city].is_file():
        pytest.skip(f"the shared extract {CITIES[city].name} is not on this machine")
    inside, outside, _ = streets.cut(extract.read(CITIES[city]), Counter())
    cut = [*inside, *outside]
    lines = [shapely.LineString(street.line) for street in cut]
    ends = [(street.from_node, street.to_node) for street in cut]
    oneway = np.array([street.is_oneway for street in cut])
    may = {"walk": [street.foot for street in cut], "cycle": [street.bike for street in cut],
           "drive": [street.car for street in cut]}
    ground = Ground(paths.of_lines(lines, *zip(*ends, strict=True)), oneway, may)
    chance = np.random.default_rng(len(city))
    places = shapely.get_coordinates(lines)
    spots = places[chance.integers(0, len(places), 50)] + chance.normal(0, 3e-4, (50, 2))
    for mode in MODES:
        ahead = np.array(may[mode])
        theirs = crossings.metres(lines, ends, ahead, ahead if mode == "walk" else ahead & ~oneway, spots)
        ours = ground.matrices(spots, mode)
        led = np.isfinite(theirs)
        assert not ours.is_air[led].any()
        assert np.abs(ours.metres[led] - theirs[led]).max() < 0.01
        assert led.mean() > 0.3 and ours.is_air.mean() < 0.2
