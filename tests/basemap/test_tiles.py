"""The offline basemap: layers, kinds and names that the page's drawing rules know, in one file."""

import gzip
import re
from pathlib import Path

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from pmtiles.reader import MemorySource, Reader

from civmap.basemap import archive, tiles
from civmap.basemap.drawing import LAND, LAYERS, PATH, PLACES, ROADS, Drawing

FRAME = (117.0, 28.0, 117.02, 28.02)
PAGE = Path(__file__).resolve().parents[2] / "static" / "js" / "ground-paint.js"


@pytest.fixture
def drawing():
    drawing = Drawing(FRAME)
    drawing.land("park", shapely.box(117.001, 28.001, 117.004, 28.004), "人民公园")
    drawing.land("parking", shapely.box(117.001, 28.001, 117.002, 28.002), "不画")
    lake = shapely.box(117.01, 28.01, 117.014, 28.014) - shapely.box(117.011, 28.011, 117.012, 28.012)
    drawing.water(lake, "碧湖")
    drawing.building(shapely.box(117.005, 28.005, 117.0055, 28.0053), "市府楼")
    drawing.road("primary", shapely.LineString([(117.0, 28.005), (117.01, 28.005)]), "人民路")
    drawing.road("primary", shapely.LineString([(117.01, 28.005), (117.02, 28.005)]), "人民路")
    drawing.road("residential", shapely.LineString([(117.005, 28.0), (117.005, 28.02)]), "桥巷", is_bridge=True)
    drawing.road("footway", shapely.LineString([(117.001, 28.001), (117.004, 28.004)]))
    drawing.border("subdistrict", shapely.box(117.0, 28.0, 117.01, 28.02))
    drawing.place("subdistrict", "河东街道", 117.005, 28.01)
    drawing.place("poi", "市医院", 117.006, 28.006)
    return drawing


def _tiles(path):
    reader = Reader(MemorySource(path.read_bytes()))
    header = reader.header()
    found = {}
    for zoom in range(header["min_zoom"], header["max_zoom"] + 1):
        corner = np.floor(tiles.mercator(np.array([[FRAME[0], FRAME[3]], [FRAME[2], FRAME[1]]])) * 2**zoom).astype(int)
        for column in range(corner[0, 0], corner[1, 0] + 1):
            for row in range(corner[0, 1], corner[1, 1] + 1):
                data = reader.get(zoom, column, row)
                if data:
                    found[zoom, column, row] = mapbox_vector_tile.decode(
                        gzip.decompress(data), default_options={"y_coord_down": True})
    return header, reader.metadata(), found


def _all(found, layer, zoom):
    return [feature for (at, _, _), tile in found.items() if at == zoom
            for feature in tile.get(layer, {}).get("features", [])]


def test_every_layer_arrives_with_its_kinds_and_names(drawing, tmp_path):
    archive.write(tmp_path / "base.pmtiles", drawing, name="试城", attribution="© OpenStreetMap contributors")
    header, metadata, found = _tiles(tmp_path / "base.pmtiles")
    assert (header["min_zoom"], header["max_zoom"]) == (10, 15)
    assert metadata["attribution"] == "© OpenStreetMap contributors"
    told = {layer: {(one["properties"].get("kind"), one["properties"].get("name")) for one in _all(found, layer, 15)}
            for layer in LAYERS}
    assert told["earth"] == {("earth", None)}
    assert told["landuse"] == {("park", "人民公园")}
    assert told["water"] == {("water", "碧湖")}
    assert told["roads"] == {("major", "人民路"), ("minor", "桥巷"), ("path", None)}
    assert told["boundaries"] == {("subdistrict", None)}
    assert told["places"] == {("subdistrict", "河东街道"), ("poi", "市医院"), ("park", "人民公园"), ("water", "碧湖")}
    assert {one["properties"].get("bridge") for one in _all(found, "roads", 15)} == {None, True}


def test_far_out_the_small_things_are_left_and_the_large_ones_stay(drawing, tmp_path):
    archive.write(tmp_path / "base.pmtiles", drawing)
    _, _, found = _tiles(tmp_path / "base.pmtiles")
    assert _all(found, "buildings", 11) == []
    assert {one["properties"]["kind"] for one in _all(found, "roads", 11)} == {"major"}
    assert {one["properties"]["kind"] for one in _all(found, "places", 11)} == {"subdistrict", "water"}


def test_pieces_of_a_street_are_one_line_in_a_tile(drawing, tmp_path):
    archive.write(tmp_path / "base.pmtiles", drawing)
    _, _, found = _tiles(tmp_path / "base.pmtiles")
    for tile in found.values():
        names = [one["properties"].get("name") for one in tile.get("roads", {}).get("features", [])]
        assert names.count("人民路") <= 1


def test_outer_rings_turn_clockwise_on_the_screen_and_holes_the_other_way(drawing):
    shape = shapely.orient_polygons(shapely.box(0, 0, 100, 100) - shapely.box(20, 20, 40, 40), exterior_cw=False)
    ((_, kind, commands),) = tiles.drawings(np.array([shape]), np.zeros(2), 3)
    rings = _rings(commands)
    assert kind == 3
    assert [np.sign(_turn(ring)) for ring in rings] == [1, -1]


def _rings(commands):
    rings, at, cursor = [], 0, np.zeros(2, int)
    while at < len(commands):
        verb, count = commands[at] & 7, commands[at] >> 3
        at += 1
        if verb == 1:
            rings.append([])
        for _ in range(count if verb != 7 else 0):
            step = [(number >> 1) ^ -(number & 1) for number in commands[at:at + 2]]
            cursor = cursor + step
            rings[-1].append(tuple(cursor))
            at += 2
    return rings


def _turn(ring):
    x, y = np.array(ring).T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())


def test_the_frames_own_edge_is_no_border(drawing):
    (border,) = drawing.layers["boundaries"]
    assert border.shape.bounds == pytest.approx((117.01, 28.0, 117.01, 28.02), abs=1e-6)


def test_equal_drawings_give_equal_bytes(drawing, tmp_path):
    archive.write(tmp_path / "one.pmtiles", drawing)
    archive.write(tmp_path / "two.pmtiles", drawing)
    assert (tmp_path / "one.pmtiles").read_bytes() == (tmp_path / "two.pmtiles").read_bytes()


def test_a_failure_leaves_the_former_basemap_and_nothing_beside_it(drawing, tmp_path, monkeypatch):
    target = tmp_path / "base.pmtiles"
    archive.write(target, drawing)
    before = target.read_bytes()

    def fail(*_args):
        raise OSError("disk full")

    monkeypatch.setattr(archive, "_metadata", fail)
    with pytest.raises(OSError, match="disk full"):
        archive.write(target, drawing)
    assert target.read_bytes() == before
    assert list(tmp_path.iterdir()) == [target]


def test_a_frame_without_anything_in_it_is_bare_ground(tmp_path):
    assert archive.write(tmp_path / "base.pmtiles", Drawing(FRAME)) > 0


def test_a_very_large_frame_gets_fewer_zooms():
    assert archive.zooms((117.0, 28.0, 117.1, 28.1)) == (10, 15)
    assert archive.zooms((117.0, 28.0, 118.0, 29.0)) == (10, 14)


def test_the_page_knows_every_layer_and_kind_that_is_drawn():
    page = PAGE.read_text(encoding="utf-8")
    words = set(re.findall(r"\b[a-z]+\b", page))
    kinds = {*LAND.values(), *(kind for kind, _ in ROADS.values()), PATH[0], *PLACES}
    assert set(LAYERS) <= words
    assert kinds <= words
