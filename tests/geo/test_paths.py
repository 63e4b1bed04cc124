"""Ways along streets, against a graph of NetworkX in which every spot is a node of its own on its street."""

import numpy as np
import pytest
import shapely

from civmap.geo import paths, paths_snaps
from tests.support import crossings

WEST, SOUTH, BLOCK = 118.7, 32.0, 0.0012
EAST_M = 94.4
"""Metres of a thousandth of a degree of longitude there, roughly."""


@pytest.fixture(scope="module", autouse=True)
def _compiled_where_the_product_keeps_it():
    from civmap.assignment.cells_kept import settle

    settle()


def _line(*places):
    return shapely.LineString([(WEST + x * 0.001, SOUTH + y * 0.001) for x, y in places])


def _web(*edges, back=None):
    """Build a web of (from, to, line, is_oneway)."""
    lines = paths.of_lines([line for _, _, line, _ in edges], [a for a, *_ in edges], [b for _, b, *_ in edges])
    ahead = np.ones(len(edges), bool)
    return paths.Web(lines, ahead, ahead & ~np.array([oneway for *_, oneway in edges]) if back is None else back)


def _metres(web, *spots):
    """Return the metres between the first place of each spot, doors counted, and the places."""
    places = paths_snaps.snapped(web, np.array([(WEST + x * 0.001, SOUTH + y * 0.001) for x, y in spots]))
    return web.table(places) + places.access[:, None] + places.access[None, :], places


def _town(seed):
    """Make up a town: bent streets, one-way streets, paths, a motorway, dead ends, islands, loops, twins, specks."""
    chance = np.random.default_rng(seed)
    side = 7
    at = np.array([(WEST + x * BLOCK, SOUTH + y * BLOCK) for y in range(side) for x in range(side)])
    at += chance.normal(0, BLOCK / 6, at.shape)
    grid = np.arange(side * side).reshape(side, side)
    pairs = [*zip(grid[:, :-1].ravel(), grid[:, 1:].ravel(), strict=True),
             *zip(grid[:-1].ravel(), grid[1:].ravel(), strict=True)]
    pairs = [pair[::chance.choice([-1, 1])] for pair in pairs if chance.random() > 0.12]
    edges = [(int(a), int(b), np.array([at[a], (at[a] + at[b]) / 2 + chance.normal(0, BLOCK / 8, 2), at[b]]))
             for a, b in pairs]
    edges += [(a, b, np.array([at[a], at[a] + BLOCK / 3, at[b]])) for a, b, _ in edges[:4]]
    edges.append((5, 5, at[5] + np.array([(0, 0), (BLOCK / 3, 0), (0, BLOCK / 3), (0, 0)])))
    edges.append((900, 5, np.array([at[5], at[5]])))
    edges += [(901, 902, at[24] + BLOCK * np.array([(0.3, 0.3), (0.5, 0.4)])),
              (902, 901, at[24] + BLOCK * np.array([(0.5, 0.4), (0.3, 0.3)]))]
    kind = chance.choice(["street", "path", "motorway"], len(edges), p=[0.85, 0.1, 0.05])
    may = {"walk": kind != "motorway", "cycle": kind == "street", "drive": kind != "path"}
    lines = [shapely.LineString(line) for *_, line in edges]
    return lines, [(a, b) for a, b, _ in edges], chance.random(len(edges)) < 0.2, may, chance


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("mode", ["walk", "cycle", "drive"])
def test_metres_are_those_of_an_independent_graph(seed, mode):
    lines, ends, oneway, may, chance = _town(seed)
    ahead = may[mode]
    back = ahead if mode == "walk" else ahead & ~oneway
    web = paths.Web(paths.of_lines(lines, *zip(*ends, strict=True)), ahead, back)
    spots = np.array([WEST, SOUTH]) + chance.random((24, 2)) * BLOCK * 6
    places = paths_snaps.snapped(web, spots)
    nearest = places.taken(np.unique(np.where(places.rank == 0, places.spot, 99), return_index=True)[1][:24])
    found = web.table(nearest) + nearest.access[:, None] + nearest.access[None, :]
    np.fill_diagonal(found, 0.0)
    theirs = crossings.metres(lines, ends, ahead, back, spots)
    assert np.isinf(found).tolist() == np.isinf(theirs).tolist()
    led = np.isfinite(found)
    assert np.abs(found[led] - theirs[led]).max() < 0.01
    assert led.mean() > 0.2


def test_a_place_is_on_its_street_and_not_at_its_nearest_node():
    web = _web((1, 2, _line((0, 0), (4, 0)), False))
    found, places = _metres(web, (1, 0.2), (3, -0.1))
    assert found[0, 1] == pytest.approx(2 * EAST_M + 0.3 * 110.9, abs=1)
    way = web.way(places, web.doors(places), 0, 1)
    assert way.metres == found[0, 1] - places.access.sum()
    assert web.lines.part(*way.parts[0])[:, 0] == pytest.approx([WEST + 0.001, WEST + 0.003])


def test_back_along_a_one_way_street_one_goes_around_the_block():
    block = [(1, 2, _line((0, 0), (4, 0)), True), (2, 3, _line((4, 0), (4, 4)), True),
             (3, 1, _line((4, 4), (0, 4), (0, 0)), True)]
    web = _web(*block)
    found, places = _metres(web, (1, 0), (3, 0))
    around = float(web.lines.length.sum())
    assert found[0, 1] == pytest.approx(2 * EAST_M, abs=1)
    assert found[1, 0] == pytest.approx(around - found[0, 1], abs=0.01)
    way = web.way(places, web.doors(places), 1, 0)
    assert [edge for edge, _, _ in way.parts] == [0, 1, 2, 0]
    assert sum(abs(high - low) for _, low, high in way.parts) == pytest.approx(way.metres, abs=1e-6)


def test_at_a_crossing_one_may_set_out_by_any_street():
    web = _web((1, 2, _line((0, 0), (2, 0)), True), (2, 3, _line((2, 0), (2, 2)), True),
               (3, 1, _line((2, 2), (0, 0)), True))
    found, places = _metres(web, (2.2, -0.2), (2.05, 1), (1, 0.01))
    assert len(places) == 3
    assert found[0, 1] - places.access[[0, 1]].sum() == pytest.approx(110.9, abs=0.5)
    assert found[2, 0] - places.access[[2, 0]].sum() == pytest.approx(EAST_M, abs=0.5)


def test_of_two_lines_drawn_upon_each_other_both_directions_are_taken():
    web = _web((1, 2, _line((0, 0), (4, 0)), True), (2, 1, _line((4, 0), (0, 0)), True))
    found, places = _metres(web, (1, 0.1), (3, 0.1))
    assert places.spot.tolist() == [0, 0, 1, 1]
    there, back = found[:2, 2:], found[2:, :2]
    assert there.min() == pytest.approx(back.min()) == pytest.approx(2 * EAST_M + 22.2, abs=1)


def test_a_loop_a_twin_and_a_speck_of_no_length():
    web = _web((1, 1, _line((0, 0), (3, 0), (3, 3), (0, 0)), False), (1, 2, _line((0, 0), (-2, 0)), False),
               (1, 2, _line((0, 0), (-1, 1), (-2, 0)), False), (2, 3, _line((-2, 0), (-2, 0)), False),
               (3, 4, _line((-2, 0), (-4, 0)), False))
    found, _ = _metres(web, (2, 0), (-3, 0), (1, 1))
    assert found[0, 1] == pytest.approx(5 * EAST_M, abs=1)
    diagonal, side = float(np.hypot(EAST_M, 110.9)), 110.9
    assert found[0, 2] == pytest.approx(min(2 * EAST_M + diagonal, EAST_M + 3 * side + 2 * diagonal), abs=1)


def test_a_spot_at_a_scrap_takes_a_street_that_leads_on_too_and_one_far_off_has_none():
    web = _web(*((at, at + 1, _line((at, 0), (at + 1, 0)), False) for at in range(20)),
               (50, 51, _line((3, 1), (3.5, 1)), False), (60, 61, _line((5, 4), (5.5, 4)), False))
    _, places = _metres(web, (3.2, 1.1), (5.2, 4.1), (8, 0.1), (9, 9))
    assert list(zip(places.spot.tolist(), places.rank.tolist(), strict=True)) == [(0, 0), (1, 0), (2, 0), (0, 1)]
    assert places.access[3] == pytest.approx(1.1 * 110.9, abs=1)


def test_a_street_that_one_can_only_leave_or_enter_is_none_that_leads_on():
    web = _web(*((at, at + 1, _line((at, 0), (at + 1, 0)), False) for at in range(10)),
               (4, 90, _line((4, 0), (4, 1)), True))
    assert web.is_main.tolist() == [True] * 10 + [False]
    _, places = _metres(web, (4.1, 0.9))
    assert places.rank.tolist() == [0, 1]
