"""A block of streets is tiled exactly: cells of about one size, buildings whole, estates and numbers as asked."""

import numpy as np
import pytest
import shapely
from shapely import LineString, box

from civmap.geo import coverage, gaps
from civmap.geo.tiling import Ground, Wished, tiled

M = 1 / 111_195
WEST, SOUTH = 115.86, 28.69


def at(x, y):
    return WEST + x * M / np.cos(np.radians(28.69)), SOUTH + y * M


def rect(x0, y0, x1, y1):
    return box(*at(x0, y0), *at(x1, y1))


BORDER = shapely.transform(shapely.Polygon([at(0, 0), at(620, 14), at(600, 410), at(310, 395), at(-12, 400)]),
                           lambda xy: np.round(xy, 9))
MAIN = LineString([at(-50, 205), at(280, 198), at(700, 214)])
SIDE = LineString([at(305, -20), at(298, 200), at(322, 500)])
LANE = LineString([at(150, 200), at(160, 300), at(90, 300)])
HOMES = [rect(x, y, x + 22, y + 12) for x in range(15, 560, 40) for y in range(20, 380, 34)]
ESTATE = rect(400, 40, 560, 160)


def grounds(**more):
    return Ground(BORDER, [MAIN, SIDE, LANE], [0, 1, 3], **more)


def check(cells):
    shapes = [cell.shape for cell in cells]
    assert shapely.coverage_is_valid(shapes) and all(shape.geom_type == "Polygon" for shape in shapes)
    assert gaps.gaps(shapes, [0] * len(shapes), {0: BORDER}) == [] and not coverage.faults(shapes)
    whole = shapely.union_all(shapes)
    assert whole.symmetric_difference(BORDER).area * 111_195**2 < 0.2  # corners rounded to 0.1 mm on 2 km of border


@pytest.mark.parametrize("size", [6_000.0, 10_000.0, 25_000.0])
def test_cells_are_about_as_large_as_wished_and_cut_no_building(size):
    cells = tiled(grounds(buildings=HOMES), Wished(size))
    check(cells)
    sizes = np.array([cell.area_m2 for cell in cells])
    assert (sizes > 0.3 * size).all() and (sizes < 2 * size).all()
    assert np.median(sizes) == pytest.approx(size, rel=0.35)
    for home in HOMES:
        if BORDER.contains(home):
            assert max(cell.shape.intersection(home).area for cell in cells) == pytest.approx(home.area, rel=1e-4)


def test_a_number_of_cells_is_met_and_a_number_of_households_too():
    homes = {"buildings": HOMES, "households": [24.0] * len(HOMES)}
    for count in (3, 7, 12):
        cells = tiled(grounds(**homes), Wished(0.0, count=count))
        check(cells)
        assert len(cells) == count
    cells = tiled(grounds(**homes), Wished(400.0, by_households=True))
    check(cells)
    counts = [cell.households for cell in cells]
    assert sum(counts) == 24 * sum(BORDER.contains(home.representative_point()) for home in HOMES)
    assert min(counts) > 150 and max(counts) < 800


def test_a_main_street_parts_cells_and_a_closed_estate_is_one_of_its_own():
    cells = tiled(grounds(buildings=HOMES, estates=[ESTATE]), Wished(20_000.0))
    check(cells)
    estate, = (cell for cell in cells if cell.estate == 0)
    assert estate.shape.symmetric_difference(ESTATE).area < 0.03 * ESTATE.area  # buildings on its fence stay whole
    inner = [cell for cell in cells if cell.estate is None]
    crossed = [shapely.length(cell.shape.buffer(-3e-5).intersection(MAIN)) / M for cell in inner]
    assert max(crossed) < 45  # only round a building that stands in the street


def test_cells_are_numbered_from_west_to_east_and_from_north_to_south():
    cells = tiled(Ground(BORDER), Wished(0.0, count=6))
    middles = [cell.shape.centroid for cell in cells]
    assert len(cells) == 6 and middles[0].y > middles[-1].y
    assert middles[0].x < middles[1].x
