"""Closed ways and multipolygons become water, green, other land and buildings."""

from civmap.geo.measure import area_m2


def _of(ground, layer):
    return [area for area in ground.areas if area.layer == layer]


def test_a_lake_with_an_island_is_water_with_a_hole(sheet):
    outer = sheet.way((0, 0), (40, 0), (40, 40), (0, 40), (0, 0))
    inner = sheet.way((15, 15), (25, 15), (25, 25), (15, 25), (15, 15))
    sheet.relation(("w", outer, "outer"), ("w", inner, "inner"), type="multipolygon", natural="water", name="湖")
    (lake,) = _of(sheet.ground(), "water")
    assert len(lake.geometry.interiors) == 1
    assert area_m2(lake.geometry) == sum((40 * 40, -10 * 10)) * area_m2(lake.geometry) / 1500


def test_a_multipolygon_whose_outline_is_in_two_ways_is_put_together(sheet):
    one = sheet.way((0, 0), (40, 0), (40, 40))
    other = sheet.way((40, 40), (0, 40), (0, 0))
    sheet.relation(("w", one, "outer"), ("w", other, "outer"), type="multipolygon", leisure="park", name="公园")
    assert [area.name for area in _of(sheet.ground(), "green")] == ["公园"]


def test_a_multipolygon_that_does_not_close_is_left_out_and_counted(sheet):
    sheet.street("路", (0, 60), (50, 60))
    one = sheet.way((0, 0), (40, 0), (40, 40))
    sheet.relation(("w", one, "outer"), ("w", 999_999, "outer"), type="multipolygon", natural="water")
    ground = sheet.ground()
    assert _of(ground, "water") == []
    assert ground.skipped["multipolygon_incomplete"] == 1


def test_a_river_drawn_as_a_line_becomes_an_area_of_its_usual_width_unless_water_covers_it(sheet):
    sheet.way((0, 0), (100, 0), waterway="river", name="河")
    sheet.way((0, 50), (100, 50), waterway="river", name="大江")
    sheet.way((-5, 40), (105, 40), (105, 60), (-5, 60), (-5, 40), natural="water", name="大江")
    ground = sheet.ground(bounds=(-10, -10, 110, 70))
    river = next(area for area in _of(ground, "water") if area.name == "河")
    assert 20_000 < area_m2(river.geometry) < 28_000
    assert len(_of(ground, "water")) == 2


def test_areas_are_cut_at_the_frame_and_buildings_are_not(sheet):
    sheet.street("路", (10, 10), (90, 10))
    sheet.way((50, 20), (150, 20), (150, 60), (50, 60), (50, 20), landuse="forest")
    sheet.way((95, 70), (110, 70), (110, 80), (95, 80), (95, 70), building="yes", name="跨界楼", building__levels="6")
    ground = sheet.ground(bounds=(0, 0, 100, 100))
    (forest,) = _of(ground, "green")
    assert forest.geometry.bounds[2] <= 117.01 + 1e-9
    (building,) = _of(ground, "building")
    assert (building.name, building.levels) == ("跨界楼", 6)
    assert building.geometry.bounds[2] > 117.01


def test_an_outline_that_crosses_itself_is_mended(sheet):
    sheet.way((0, 0), (20, 20), (20, 0), (0, 20), (0, 0), building="yes")
    sheet.way((40, 0), (60, 0), (40, 0), (40, 0), building="yes")
    ground = sheet.ground(bounds=(-5, -5, 70, 30))
    (building,) = _of(ground, "building")
    assert building.geometry.is_valid
    assert ground.skipped["area_damaged"] == 1
