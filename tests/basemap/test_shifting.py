"""Amap's tiles fit the city: known places, every zoom, within two metres and a fraction of a pixel."""

import io

import numpy as np
import pytest
from PIL import Image

from civmap.basemap.shifting import CELLS, SIZE, nodes, shifted
from civmap.geo import crs
from tests.support.tilehost import blob, world_pixel

KNOWN = [((120.596931, 31.280844), (120.601100, 31.278649)), ((116.404, 39.915), (116.410244, 39.916404))]
"""WGS 84 and GCJ-02 of the same places, `domain.md` §6."""


def _metres_per_pixel(lat, z):
    return 40_075_016.686 * np.cos(np.radians(lat)) / (SIZE * 2**z)


@pytest.mark.parametrize(("place", "there"), KNOWN)
@pytest.mark.parametrize("z", [12, 15, 17, 18])
def test_a_spot_drawn_by_amap_appears_where_our_own_data_has_it(place, there, z):
    right, down = world_pixel(*place, z)
    west, north = int(right // SIZE) - 1, int(down // SIZE) - 1
    sheet = Image.new("L", (3 * SIZE, 3 * SIZE))
    for x in range(3):
        for y in range(3):
            woven = shifted(lambda *at: blob(*at, there), z, west + x, north + y)
            sheet.paste(Image.open(io.BytesIO(woven)).convert("L"), (x * SIZE, y * SIZE))
    dark = 255.0 - np.asarray(sheet, float)
    dark[dark < 40] = 0
    rows, columns = np.indices(dark.shape) + 0.5
    seen = np.array([(columns * dark).sum(), (rows * dark).sum()]) / dark.sum() + [west * SIZE, north * SIZE]
    off_m = np.hypot(*(seen - [right, down])) * _metres_per_pixel(place[1], z)
    assert off_m < max(1.0, 0.15 * _metres_per_pixel(place[1], z))


@pytest.mark.parametrize("lonlat", [(115.857, 28.683), (117.22, 28.29), (87.61, 43.82), (110.35, 20.02),
                                    (126.63, 45.75)])
def test_between_the_nodes_of_the_mesh_nothing_is_off_by_a_metre(lonlat):
    for z in range(10, 19):
        right, down = world_pixel(*lonlat, z)
        x, y = int(right // SIZE), int(down // SIZE)
        mesh = nodes(z, x, y)
        between = (mesh[:-1, :-1] + mesh[1:, :-1] + mesh[:-1, 1:] + mesh[1:, 1:]) / 4
        steps = (np.arange(CELLS) + 0.5) * SIZE / CELLS
        columns, rows = np.meshgrid(x * SIZE + steps, y * SIZE + steps)
        world = SIZE * 2.0**z
        lon = columns / world * 360 - 180
        lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * rows / world))))
        true = np.stack(world_pixel(*crs.wgs84_to_gcj02(lon, lat), z), axis=-1)
        off_m = np.hypot(*(between - true).reshape(-1, 2).T) * _metres_per_pixel(lonlat[1], z)
        assert off_m.max() < 1.0, (z, off_m.max())


def test_where_the_host_has_nothing_there_is_no_tile():
    assert shifted(lambda *at: None, 15, 27_000, 13_700) is None
