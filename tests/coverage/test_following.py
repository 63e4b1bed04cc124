"""After every edit the coverage that a server keeps in memory is the one that checking everything would find."""

import random

import numpy as np
import pytest
import shapely
from shapely import Polygon, box
from sqlalchemy import select

from civmap.coverage import reading, state
from civmap.coverage.actions import matched
from civmap.coverage.following import followed
from civmap.coverage.queries import found
from civmap.geo import coverage, gaps
from civmap.zones.carrying import carry_out
from civmap.zones.models import Zone

SIDE, ACROSS = 0.001, 5
WEST, SOUTH = 115.86, 28.69


def cell(column, row):
    west, south = WEST + column * SIDE, SOUTH + row * SIDE
    return box(round(west, 9), round(south, 9), round(west + SIDE, 9), round(south + SIDE, 9))


@pytest.fixture
def grids(session, town):
    """A community of five by five grids that tile it exactly."""
    whole = shapely.union_all([cell(x, y) for x in range(ACROSS) for y in range(ACROSS)])
    parent = Zone(code="360199006777", kind="community", geom=shapely.orient_polygons(whole), division=town.HEDONG)
    session.add(parent)
    session.flush()
    session.add_all([Zone(code=f"360199006777{x * ACROSS + y:03d}", kind="grid", geom=cell(x, y), parent_id=parent.id,
                          division=town.HEDONG) for x in range(ACROSS) for y in range(ACROSS)])
    session.flush()
    return parent


def told(known):
    """What a state says: its faults, its gaps, its streets, and how large each is."""
    pairs = sorted((pair.kind, pair.first, pair.second, pair.fault.area_m2) for pair in known.pairs)
    free = sorted((gap.family, sorted(gap.beside), gap.area_m2) for gap in known.gaps)
    bare = sorted((code, side.side, side.length_m) for code, sides in known.bare.items() for side in sides)
    return [row[:-1] for row in (*pairs, *free, *bare)], [row[-1] for row in (*pairs, *free, *bare)]


def same(one, other):
    (names, sizes), (others, expected) = told(one), told(other)
    return names == others and sizes == pytest.approx(expected, rel=1e-5, abs=0.02)


def changed(chance, zone, parent_id):
    """Change a grid as a bad import would: moved, dented, retired, taken out of its parent, split without a vertex."""
    what = chance.choice(("moved", "dented", "retired", "orphaned", "adopted", "noded"))
    shape = zone.geom
    if what == "moved":
        shift = np.array([chance.uniform(-0.3, 0.3), chance.uniform(-0.3, 0.3)]) * SIDE
        zone.geom = shapely.transform(shape, lambda xy: np.round(xy + shift, 9))
    elif what == "dented":
        west, south, east, north = shape.bounds
        zone.geom = Polygon([(west, south), (east, south), (round((east + west) / 2, 9), round((south + north) / 2, 9)),
                             (east, north), (west, north)])
    elif what == "noded":
        zone.geom = shapely.transform(shapely.segmentize(shape, SIDE * 0.6), lambda xy: np.round(xy, 9))
    elif what == "retired":
        zone.valid_to = zone.valid_from
    else:
        zone.parent_id = parent_id if what == "adopted" else None


def test_what_is_followed_edit_by_edit_equals_what_is_found_anew(session, town, now, grids):
    chance, second = random.Random(5), now.timestamp()
    known = state.whole(session, second)
    assert [pair for pair in known.pairs if pair.kind == "grid"] == [] == [
        gap for gap in known.gaps if gap.family[1] == "grid"]
    cells = list(session.scalars(select(Zone).where(Zone.kind == "grid").order_by(Zone.id)))
    for zone in cells:
        zone.valid_from = now.replace(year=2025)
    for _ in range(40):
        touched = chance.sample(cells, chance.choice((1, 1, 2)))
        for zone in touched:
            changed(chance, zone, grids.id)
        if chance.random() < 0.1:
            grids.geom = shapely.orient_polygons(box(*grids.geom.buffer(chance.uniform(-0.2, 0.2) * SIDE).bounds))
            touched.append(grids)
        session.flush()
        known = followed(session, known, {zone.id for zone in touched}, (), second)
        assert same(known, state.whole(session, second))
    assert known.pairs and known.gaps


def test_a_zone_that_ends_by_the_calendar_leaves_a_gap_without_any_edit(session, now, grids):
    zone = session.scalar(select(Zone).where(Zone.code == "360199006777012"))
    zone.valid_to = now.replace(year=now.year + 1)
    session.flush()
    known = state.whole(session, now.timestamp())
    assert known.until == zone.valid_to.timestamp() and not [gap for gap in known.gaps if gap.family[1] == "grid"]
    later = followed(session, known, (), (), known.until)
    gap, = (gap for gap in later.gaps if gap.family[1] == "grid")
    assert gap.area_m2 == pytest.approx(10_850, rel=0.02) and len(gap.beside) == 4


def test_a_street_whose_zone_moves_away_is_measured_again(session, now, town):
    known = state.whole(session, now.timestamp())
    zone = session.scalar(select(Zone).where(Zone.code == "SB000001"))
    zone.segment_code = None
    session.flush()
    assert zone.id in reading.zones(session).ids
    after = followed(session, known, {zone.id}, (), now.timestamp())
    assert known.bare and not after.bare and same(after, state.whole(session, now.timestamp()))


def test_what_geos_calls_a_bad_coverage_is_found_and_nothing_else():
    chance = np.random.default_rng(11)
    shapes = np.array([cell(x, y) for x in range(9) for y in range(9)], object)
    for at in chance.choice(81, 20, replace=False):
        xy = shapely.get_coordinates(shapes[at])
        corner = chance.integers(1, 4)
        xy[corner] += chance.normal(0, SIDE * chance.choice([0.2, 0.001]), 2)
        shapes[at] = shapely.polygons(np.round(xy, 9))
    bad = set(np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(shapes))).tolist())
    assert {one for fault in coverage.faults(shapes) for one in fault[:2]} == bad and bad
    parent = shapely.union_all([cell(x, y) for x in range(9) for y in range(9)])
    free, found = parent.difference(shapely.union_all(shapes)), gaps.gaps(shapes, [0] * 81, {0: parent})
    assert found and sum(gap.shape.area for gap in found) == pytest.approx(free.area, rel=1e-4)


def test_sorting_and_the_compiled_table_find_the_same_lone_edges(monkeypatch):
    shapes = [cell(x, y) for x in range(6) for y in range(6)]
    shapes = np.array([*shapes, cell(2, 2), box(115.8, 28.6, 115.9, 28.7)], object)
    edges = coverage.fabric(shapely.orient_polygons(shapes))
    groups = np.arange(len(edges.begins)) % 2
    sorted_ones = [edges.lone(), edges.lone(groups)]
    monkeypatch.setattr(coverage, "FEW", 0)
    with np.errstate(over="ignore"):  # not compiled, as another test may have asked for, the hash tells of its overflow
        hashed_ones = [edges.lone(), edges.lone(groups)]
    assert [found.tolist() for found in sorted_ones] == [found.tolist() for found in hashed_ones]
    assert len(sorted_ones[0]) == 24 + 12 + 4


@pytest.mark.parametrize("seed", range(6))
def test_looking_at_lone_edges_first_loses_no_fault(monkeypatch, seed):
    """Loose shapes on a coarse lattice: shared corners, corners on edges, crossings, one inside another."""
    chance = np.random.default_rng(seed)
    shapes = []
    while len(shapes) < 60:
        spots = chance.integers(0, 40, 2) + chance.integers(-3, 4, (chance.integers(3, 7), 2))
        shape = shapely.convex_hull(shapely.multipoints(spots * 1e-5 + (115.8, 28.6)))
        if shape.geom_type == "Polygon":
            shapes.append(shapely.transform(shape, lambda xy: np.round(xy, 9)[::chance.choice((1, -1))]))
    plain = coverage.faults(shapes)
    monkeypatch.setattr(coverage, "MANY", 0)
    looked = coverage.faults(shapes)
    assert [fault[:2] for fault in looked] == [fault[:2] for fault in plain] and plain
    lines = shapely.coverage_invalid_edges(coverage.as_array(shapes))
    named = {one for fault in looked for one in fault[:2]}
    assert named >= set(np.flatnonzero(~shapely.is_empty(lines)).tolist())
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    crossing = {(a, b) for a, b in zip(first.tolist(), second.tolist(), strict=True)
                if a < b and shapely.area(shapely.intersection(shapes[a], shapes[b])) > 1e-14}
    assert crossing <= {fault[:2] for fault in looked}


def test_a_zone_inside_another_one_is_an_overlap():
    fault, = coverage.faults([box(115.8, 28.6, 115.81, 28.61), box(115.803, 28.603, 115.804, 28.604)])
    assert (fault.first, fault.second, round(fault.area_m2)) == (0, 1, round(fault.area_m2)) and fault.area_m2 > 10_000


def test_an_edge_that_two_zones_divide_differently_is_a_sliver_and_is_matched(session, cast, now, grids):
    zone = session.scalar(select(Zone).where(Zone.code == "360199006777012"))
    west, south, east, north = zone.geom.bounds
    zone.geom = shapely.orient_polygons(Polygon([(west, south), (round((west + east) / 2, 9), south), (east, south),
                                                 (east, north), (west, north)]))
    session.flush()
    row, = found(session, cast["admin"], now, "grid")["slivers"]
    assert row["area_m2"] == 0 and row["length_m"] == pytest.approx(97.7, abs=0.5)
    assert [repair["do"] for repair in row["repair"]] == ["match"]
    plan = matched(session, cast["admin"], row["a"], row["b"], now)
    carry_out(session, cast["admin"], plan, now, "match")
    assert found(session, cast["admin"], now, "grid")["slivers"] == []
