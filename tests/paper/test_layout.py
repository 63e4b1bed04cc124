"""The arithmetic of a sheet: boxes fit, the scale is true on the ground, tables are cut, names do not overlap."""

import random

import numpy as np
import pytest
import shapely

from civmap.errors import Invalid
from civmap.geo.measure import Plane, distance_m
from civmap.paper import labels
from civmap.paper.flow import Block, cut, place
from civmap.paper.frames import Box, frames
from civmap.paper.scales import fit, mesh, nice_scale, scale_bar
from civmap.paper.sizes import ORIENTATIONS, SIZES, paper

ALL = [(size, way) for size in SIZES for way in ORIENTATIONS]


@pytest.mark.parametrize(("size", "way"), ALL)
@pytest.mark.parametrize("full", [True, False])
def test_every_box_stands_on_the_printable_ground_and_none_on_another(size, way, full):
    sheet = paper(size, way)
    made = frames(sheet, with_tables=full)
    boxes = [made.head, made.map, *made.columns, made.foot]
    assert made.printable.x >= 10 and made.printable.right <= sheet.width - 10
    assert all(made.printable.holds(box) for box in boxes)
    assert [(a, b) for n, a in enumerate(boxes) for b in boxes[n + 1:] if a.meets(b)] == []
    assert made.map.width * made.map.height > 0.5 * made.printable.width * made.printable.height


def test_letters_grow_with_the_paper_and_a_wall_is_read_from_two_metres():
    texts = [paper(size).text for size in ("A4", "A3", "A2", "A1", "A0")]
    assert texts == sorted(texts) and texts[0] >= 2.4
    assert paper("A0").text >= 6.5 and paper("A0").title >= 18


def test_a_sheet_there_is_not_is_refused_with_the_ones_there_are():
    with pytest.raises(Invalid) as refused:
        paper("A5")
    assert refused.value.facts["known"] == list(SIZES)


@pytest.mark.parametrize("lat", [3.0, 28.7, 52.0])
@pytest.mark.parametrize("scale", [None, 1000, 7500, 50_000])
def test_the_scale_bar_is_as_long_as_it_says_on_the_ground(lat, scale):
    plane = Plane(115.86, lat)
    bounds = plane.to_metres(shapely.box(115.83, lat - 0.02, 115.89, lat + 0.02)).bounds
    window = fit(plane, bounds, Box(0, 0, 280, 190), scale)
    bar = scale_bar(window, 60)
    west, _south, _east, north = window.metres
    ends = np.array([[west + 5, north - 5], [west + 5 + bar.millimetres * window.scale / 1000, north - 5]])
    places = shapely.get_coordinates(plane.to_degrees(shapely.LineString(ends)))
    assert distance_m(tuple(places[0]), tuple(places[1])) == pytest.approx(bar.metres, rel=0.005)
    assert 20 < bar.millimetres <= 60


def test_a_window_shows_what_was_asked_for_at_a_round_scale():
    window = fit(Plane(115.86, 28.7), (-3000, -1000, 3000, 1000), Box(0, 0, 277, 180), air=0.03)
    west, south, east, north = window.metres
    assert west < -3000 and east > 3000 and south < -1000 and north > 1000
    assert window.scale == nice_scale(window.scale) == 25_000
    assert window.place(west, north) == pytest.approx((0, 0)) and window.place(east, south) == pytest.approx((277, 180))


def test_squares_name_every_place_of_the_map_once():
    squares = mesh(280, 190)
    assert squares.square(1, 1) == "A1" and squares.square(279, 189) == f"H{squares.rows}"
    assert squares.square(-1, 5) == "" and squares.square(5, 191) == ""
    assert abs(280 / squares.columns - 190 / squares.rows) < 12


def test_tables_never_run_over_and_say_what_they_leave_out():
    blocks = [Block(str(n), "t", ("a",), [(i,) for i in range(rows)], least=3) for n, rows in enumerate((40, 2, 0, 90))]
    columns = (Box(0, 0, 60, 70), Box(65, 0, 60, 70))
    placed = place(blocks, columns, row=4.0, gap=3.0)
    assert [one.block.name for one in placed] == ["0", "1", "3"] or {"0", "1", "3"} == {p.block.name for p in placed}
    for one in placed:
        assert any(column.holds(one.box) for column in columns)
        assert len(one.rows) + one.more == len(one.block.rows)
        assert one.block.height(one.block.lines(len(one.rows)) + (one.more > 0)) * 4.0 <= one.box.height + 1e-6
    assert [(a, b) for n, a in enumerate(placed) for b in placed[n + 1:] if a.box.meets(b.box)] == []


def test_a_table_is_cut_with_a_place_kept_for_how_many_more():
    assert cut(list(range(5)), 5) == ([0, 1, 2, 3, 4], 0)
    assert cut(list(range(9)), 5) == ([0, 1, 2, 3], 5)
    assert cut(list(range(9)), 0) == ([], 9)


def test_a_block_without_room_is_left_out_rather_than_squeezed():
    assert place([Block("x", "t", ("a",), [(1,)] * 9, least=9)], (Box(0, 0, 60, 20),), 4.0, 3.0) == []


def test_names_cover_neither_one_another_nor_the_edge():
    space, chance = labels.Space(200, 120), random.Random(7)
    placed = [space.around(f"第{number}号农贸市场", chance.uniform(0, 200), chance.uniform(0, 120), 2.5, 1.0)
              for number in range(300)]
    found = [label for label in placed if label is not None]
    boxes = [Box(one.x - labels.width_of(one.text, one.size) / 2, one.y - one.size / 2,
                 labels.width_of(one.text, one.size), one.size) for one in found]
    assert 40 < len(found) < 300
    assert all(Box(0, 0, 200, 120).holds(box) for box in boxes)
    assert [1 for n, a in enumerate(boxes) for b in boxes[n + 1:] if a.meets(b)] == []


def test_a_long_name_is_cut_and_a_turned_one_stays_readable():
    assert labels.shortened("人民公园东门公共厕所以及旁边的停车场") == "人民公园东门公共厕所以及旁…"
    assert labels.width_of(labels.shortened("A very long English name of a farmers' market"), 1) <= 14
    spots = labels.spots_along([(0, 0), (40, 40), (80, 40)], 1.0)
    assert all(-90 < turn <= 90 for _x, _y, turn, _length in spots)
    assert [round(spot[2]) for spot in spots] == [45, 0]
