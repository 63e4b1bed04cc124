"""The frontage of streets: exact metres, no overlap at corners, shared vertices, and what nobody has."""

import numpy as np
import pytest
import shapely

from civmap.geo.bulk import areas_m2
from civmap.geo.frontage import Doors, Options, delimit
from civmap.geo.frontage_axes import LEFT
from civmap.geo.frontage_ground import Ground, Other, Street
from civmap.geo.measure import NearPlane

HERE = NearPlane(115.857, 28.683)


def _line(*xy):
    return shapely.LineString(np.array(xy, float) / HERE.scale + (HERE.lon, HERE.lat))


def _house(low, high, wall=10.0, back=20.0):
    return shapely.Polygon(np.array([(low, wall), (high, wall), (high, back), (low, back)]) / HERE.scale
                           + (HERE.lon, HERE.lat))


def _doors(*doors):
    spots = np.array([door[:2] for door in doors], float) / HERE.scale + (HERE.lon, HERE.lat)
    return Doors(np.zeros(len(doors), np.int64), spots, np.array([door[2] for door in doors], float))


def _is_coverage(zones):
    coarse = shapely.transform(zones, lambda xy: np.round(xy, 7))
    return shapely.coverage_is_valid(zones) and shapely.coverage_is_valid(coarse) and shapely.is_valid(zones).all()


ROAD = [Street(_line((-20, 0), (80, 0)), 5.0, (LEFT,))]
PAIR = {"buildings": ([], [_house(0, 12), _house(18, 30)]), "doors": ([(6, 10, 12), (24, 10, 12)], [])}


@pytest.mark.parametrize("given", PAIR)
@pytest.mark.parametrize(("rule", "depth", "area"), [("kerb", 5, 75), ("centre_line", 10, 150), ("fixed_m", 3, 45)])
def test_gap_is_halved_and_ends_stop_at_the_corner(given, rule, depth, area):
    doors, houses = PAIR[given]
    found = delimit(ROAD, _doors(*doors) if doors else _doors((0, 0, 1))._replace(street=np.array([-1])),
                    Ground(houses), Options(depth_rule=rule, depth_m=3.0))
    assert areas_m2(list(found.geom)) == pytest.approx([area, area], abs=0.01)
    assert (found.low[0] - 20, found.high[0] - 20, found.high[1] - 20) == pytest.approx((0, 15, 30), abs=1e-4)
    assert found.depth == pytest.approx([depth, depth], abs=1e-4)
    assert areas_m2(list(found.snow)) == pytest.approx([150, 150], abs=0.01)
    assert [edge - 20 for free in found.free for edge in (free.low, free.high)] == pytest.approx(
        [-20, 0, 30, 80], abs=1e-4)


def test_building_is_shared_among_its_doors_up_to_its_corners():
    found = delimit(ROAD, _doors((3, 11, np.nan), (9, 12, np.nan)), Ground([_house(0, 20), _house(26, 34)]))
    assert found.door.tolist() == [0, 1, -1] and found.building.tolist() == [0, 0, 1]
    assert areas_m2(list(found.geom)) == pytest.approx([30, (23 - 6) * 5, (34 - 23) * 5], abs=0.01)


def test_a_street_alone_has_one_zone_a_block_or_equal_parts():
    crossing = Ground(others=[Other(_line((30, 0), (30, 60)), 4.0)])
    both = [Street(ROAD[0].line, 5.0)]
    whole = delimit(both, ground=crossing)
    assert areas_m2(list(whole.geom)) == pytest.approx([46 * 5, 46 * 5, 500], abs=0.02)
    parts = delimit(both, ground=crossing, options=Options(every_m=10.0))
    assert len(parts.geom) == 5 + 5 + 10 and _is_coverage(parts.geom) and not parts.free


def test_strips_of_a_crooked_city_never_overlap_nor_lie_in_a_carriageway():
    chance = np.random.default_rng(7)
    knots = np.stack(np.meshgrid(np.arange(5) * 90.0, np.arange(5) * 70.0), axis=-1) + chance.normal(0, 9, (5, 5, 2))
    bent = [_line(a, (a + b) / 2 + chance.normal(0, 6, 2), b) for a, b in
            [(knots[i, j], knots[i + 1, j]) for i in range(4) for j in range(5)]
            + [(knots[i, j], knots[i, j + 1]) for i in range(5) for j in range(4)]]
    bent.append(_line(*shapely.get_coordinates(shapely.Point(180, 140).buffer(25).exterior)))
    kerbs = chance.uniform(3, 9, len(bent))
    streets = [Street(line, float(kerb)) for line, kerb in zip(bent, kerbs, strict=True)]
    number = chance.integers(0, len(bent), 600)
    spots = np.array([shapely.get_coordinates(bent[at].interpolate(share, normalized=True))[0]
                      for at, share in zip(number.tolist(), chance.random(600).tolist(), strict=True)])
    doors = Doors(number, spots + chance.normal(0, 12, (600, 2)) / HERE.scale, np.full(600, np.nan))
    for options in (Options(), Options(depth_rule="centre_line", snow=False), Options(extends=True)):
        found = delimit(streets, doors, options=options)
        assert len(found.geom) > 300 and _is_coverage(found.geom)
        shared = shapely.area(found.geom).sum() - shapely.area(shapely.union_all(found.geom))
        assert abs(shared) * np.prod(HERE.scale) < 1e-4
    roads = shapely.union_all([HERE.to_metres(line).buffer(kerb - 0.3, cap_style="flat")
                               for line, kerb in zip(bent, kerbs, strict=True)])
    inside = shapely.area(shapely.intersection(HERE.to_metres(delimit(streets, doors).geom), roads))
    assert inside.max() < 0.5
