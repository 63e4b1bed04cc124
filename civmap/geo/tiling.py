"""Tiling a community by streets and water into cells of about one size or one number of households.

Pure, on lon/lat degrees. Streets, shores and closed estates part the ground into blocks; blocks that are too large are
cut, those that are too small joined; buildings stay whole. The cells tile the border exactly: at the stored precision
of 1e-9 degree neighbours share every vertex.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from civmap.geo import tiling_cuts, tiling_joins
from civmap.geo.bulk import areas_m2
from civmap.geo.coverage import STEPS, as_array, fabric
from civmap.geo.measure import NearPlane
from civmap.geo.tiling_cuts import Mass

GRAIN_M = 1e-6
LEAST_M2 = 1e-3
NEAR_M = 0.02
TOO_LARGE = 1.5
FINER = 0.7
"""A number of cells is met by cutting finer than asked, and joining until it is reached."""
WATER_WEIGHS = 0.05
NOTHING, RIVER, LANE = 4, 0, 3


@dataclass(frozen=True, slots=True)
class Ground:
    """What lies inside a border: streets with ranks 0 (main) … 3 (lane), water, buildings with households, estates."""

    border: BaseGeometry
    streets: Sequence[BaseGeometry] = ()
    ranks: Sequence[int] = ()
    water: Sequence[BaseGeometry] = ()
    buildings: Sequence[BaseGeometry] = ()
    households: Sequence[float] = ()
    estates: Sequence[BaseGeometry] = ()


class Wished(NamedTuple):
    """How large a cell shall be: m² of ground, or households; `count` asks for a number of cells."""

    size: float
    by_households: bool = False
    count: int | None = None


class Cell(NamedTuple):
    """One cell: its shape, square metres, households, and the estate that it is (by place in the sequence) or None."""

    shape: BaseGeometry
    area_m2: float
    households: float
    estate: int | None


@dataclass(slots=True)
class _Plan:
    """The ground in metres of a flat plane."""

    ground: Ground
    plane: NearPlane
    border: BaseGeometry
    streets: np.ndarray
    water: BaseGeometry
    buildings: np.ndarray
    estates: np.ndarray
    mass: Mass
    owners: dict[int, int] = field(default_factory=dict)


def tiled(ground: Ground, wished: Wished) -> list[Cell]:
    """Return the cells, rows from north to south and in each from west to east."""
    plan = _laid(ground)
    blocks = _blocks(plan)
    total = float(_weights(plan, blocks, wished).sum())
    size = total / wished.count * FINER if wished.count else wished.size
    pieces = _cut(plan, blocks, size, wished)
    atoms, home = _atoms(plan, pieces)
    joined = _joined(plan, atoms, home, pieces, size, wished)
    return _ordered(_cells(plan, atoms, joined, plan.owners))


def _laid(ground: Ground) -> _Plan:
    west, south, east, north = ground.border.bounds
    plane = NearPlane((west + east) / 2, (south + north) / 2)
    border = plane.to_metres(ground.border)
    shapely.prepare(border)

    def within(shapes: Sequence[BaseGeometry]) -> np.ndarray:
        flat = plane.to_metres(as_array(shapes)) if len(shapes) else np.zeros(0, object)
        return flat

    buildings = within(ground.buildings)
    touches = shapely.intersects(border, buildings) if len(buildings) else np.zeros(0, bool)
    spots = shapely.get_coordinates(shapely.point_on_surface(buildings[touches])).reshape(-1, 2)
    counted = np.asarray(ground.households or np.zeros(len(buildings)), float)[touches]
    water = shapely.intersection(border, shapely.union_all(within(ground.water)))
    estates = as_array([shapely.intersection(border, one) for one in within(ground.estates)])
    return _Plan(ground, plane, border, within(ground.streets), water, buildings[touches], estates,
                 Mass(spots, counted))


def _blocks(plan: _Plan) -> np.ndarray:
    """Return the faces between streets, shores and estates, with buildings that a line would cut kept whole."""
    closed = shapely.union_all(plan.estates)
    cuts = [shapely.intersection(plan.border, line) for line in plan.streets]
    cuts += list(shapely.get_parts(shapely.boundary(plan.water)))
    cuts = [shapely.difference(line, closed) for line in cuts if not line.is_empty]
    cuts += [shapely.boundary(one) for one in plan.estates if not one.is_empty]
    lines = as_array([shapely.boundary(plan.border), *cuts])
    faces = _faces(lines, plan.border)
    return _with_whole_buildings(plan, faces)


def _faces(lines: np.ndarray, border: BaseGeometry) -> np.ndarray:
    noded = shapely.union_all(lines, grid_size=GRAIN_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    return faces[shapely.intersects(border, shapely.point_on_surface(faces))]


def _with_whole_buildings(plan: _Plan, faces: np.ndarray) -> np.ndarray:
    """Return the faces after each building that lies in several went whole to the one that holds most of it."""
    tree = shapely.STRtree(faces)
    which, face = tree.query(plan.buildings, predicate="intersects") if len(plan.buildings) else np.zeros((2, 0), int)
    share = shapely.area(shapely.intersection(plan.buildings[which], faces[face]))
    which, face, share = which[share > 1.0], face[share > 1.0], share[share > 1.0]
    for building in np.flatnonzero(np.bincount(which, minlength=len(plan.buildings)) > 1).tolist():
        mine = which == building
        most = face[mine][int(np.argmax(share[mine]))]
        inside = shapely.intersection(plan.buildings[building], plan.border)
        for other in face[mine]:
            faces[other] = (shapely.union if other == most else shapely.difference)(faces[other], inside)
    parts = shapely.get_parts(faces)
    return parts[(shapely.get_type_id(parts) == 3) & (shapely.area(parts) > LEAST_M2)]


def _weights(plan: _Plan, shapes: np.ndarray, wished: Wished) -> np.ndarray:
    """Return what each shape weighs: its households where those are wished and known, else its ground, water little."""
    if wished.by_households and plan.mass.weight.sum() > 0:
        spot, shape = shapely.STRtree(shapely.points(plan.mass.xy)).query(shapes, predicate="intersects")[::-1]
        return np.bincount(shape, weights=plan.mass.weight[spot], minlength=len(shapes))
    wet = shapely.area(shapely.intersection(shapes, plan.water))
    return shapely.area(shapes) - (1 - WATER_WEIGHS) * wet


def _estate_of(plan: _Plan, shapes: np.ndarray) -> np.ndarray:
    """Return the estate that each shape lies in, -1 for none."""
    found = np.full(len(shapes), -1)
    if len(plan.estates):
        shape, estate = shapely.STRtree(plan.estates).query(shapely.point_on_surface(shapes), predicate="intersects")
        found[shape[::-1]] = estate[::-1]
    return found


def _cut(plan: _Plan, blocks: np.ndarray, size: float, wished: Wished) -> np.ndarray:
    """Return the blocks with those that are too large cut; estates and water stay as they are."""
    weights, estates = _weights(plan, blocks, wished), _estate_of(plan, blocks)
    tree = shapely.STRtree(plan.buildings)
    wet = shapely.area(shapely.intersection(blocks, plan.water)) > shapely.area(blocks) / 2
    found: list[BaseGeometry] = []
    for block, weight, estate, is_wet in zip(blocks, weights, estates, wet, strict=True):
        if estate >= 0 or is_wet or weight <= TOO_LARGE * size:
            found.append(block)
            continue
        inside = plan.buildings[tree.query(block, predicate="intersects")].tolist()
        found += tiling_cuts.parts(block, max(round(weight / size), 2), inside,
                                   plan.mass if wished.by_households else None)
    parts = shapely.get_parts(as_array(found))
    return parts[shapely.area(parts) > LEAST_M2]


def _atoms(plan: _Plan, pieces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the faces of all pieces' outlines laid over each other, and the piece that each belongs to."""
    atoms = _faces(shapely.boundary(np.append(pieces, plan.border)), plan.border)
    spots = shapely.point_on_surface(atoms)
    return atoms, shapely.STRtree(pieces).nearest(spots)


def _joined(plan: _Plan, atoms: np.ndarray, home: np.ndarray, pieces: np.ndarray, size: float,
            wished: Wished) -> np.ndarray:
    """Return the cell of each atom after small pieces were joined with neighbours."""
    pairs, lengths, ranks = _common(plan, atoms, home)
    weights, estates = _weights(plan, pieces, wished), _estate_of(plan, pieces)
    fixed: dict[int, int] = {}
    for piece, estate in enumerate(estates.tolist()):
        if estate >= 0:
            fixed.setdefault(estate, piece)
    known = tiling_joins.of_edges(weights, pairs, lengths, ranks, set())
    for piece, estate in enumerate(estates.tolist()):
        if estate >= 0 and fixed[estate] != piece:
            known.join(piece, fixed[estate])
    known.is_fixed = set(fixed.values())
    tiling_joins.even(known, size / 2 if wished.count else size)
    if wished.count:
        tiling_joins.until(known, wished.count)
    plan.owners = {piece: estate for estate, piece in fixed.items()}
    return np.array([known.home(piece) for piece in home.tolist()])


def _common(plan: _Plan, atoms: np.ndarray, home: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the common edges of pieces: pairs, metres, and the rank of what runs along each."""
    edges = fabric(shapely.orient_polygons(atoms))
    begins = np.delete(np.arange(len(edges.steps)), edges.ends - 1)
    one, other = edges.steps[begins], edges.steps[begins + 1]
    runs = (one[:, 0] < other[:, 0]) | ((one[:, 0] == other[:, 0]) & (one[:, 1] < other[:, 1]))
    keys = np.column_stack([np.where(runs[:, None], one, other), np.where(runs[:, None], other, one)])
    order = np.lexsort(keys.T)
    twin = np.flatnonzero((keys[order][1:] == keys[order][:-1]).all(axis=1))
    first, second = order[twin], order[twin + 1]
    owner = home[edges.owner[edges.ring_of(begins)]]
    differ = owner[first] != owner[second]
    first, second = first[differ], second[differ]
    ends = np.stack([one[first], other[first]], axis=1) / STEPS
    lengths = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    return np.column_stack([owner[first], owner[second]]), lengths, _ranks(plan, ends.mean(axis=1))


def _ranks(plan: _Plan, middles: np.ndarray) -> np.ndarray:
    """Return the rank of what runs within 2 cm of some spots, the most important first."""
    ranks = np.full(len(middles), NOTHING)
    lines = [*plan.streets, shapely.boundary(plan.water)]
    known = np.array([*(plan.ground.ranks or [LANE] * len(plan.streets)), RIVER])
    if len(middles):
        spot, line = shapely.STRtree(lines).query(shapely.points(middles), predicate="dwithin", distance=NEAR_M)
        np.minimum.at(ranks, spot, known[line])
    return ranks


def _cells(plan: _Plan, atoms: np.ndarray, joined: np.ndarray, owners: dict[int, int]) -> list[Cell]:
    """Return the cells in degrees, rounded together so that neighbours and border keep every vertex in common."""
    origin = np.array([plan.plane.lon, plan.plane.lat])
    keys = np.unique(joined)
    flat = as_array([shapely.coverage_union_all(atoms[joined == key]) for key in keys])
    steps = shapely.transform(flat, lambda xy: np.rint(xy / plan.plane.scale * STEPS))
    border = shapely.transform(plan.ground.border, lambda xy: np.rint((xy - origin) * STEPS))
    lines = shapely.union_all(shapely.boundary(np.append(steps, border)), grid_size=1)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    spots = shapely.point_on_surface(faces)
    inside = shapely.intersects(border, spots)
    faces, spots = faces[inside], spots[inside]
    home = shapely.STRtree(steps).nearest(spots)
    shapes = [shapely.transform(shapely.coverage_union_all(faces[home == at]),
                                lambda xy: np.round((xy + np.rint(origin * STEPS)) / STEPS, 9))
              for at in range(len(keys)) if (home == at).any()]
    kept = [int(key) for at, key in enumerate(keys) if (home == at).any()]
    households = _households(plan, flat[[at for at in range(len(keys)) if (home == at).any()]])
    return [Cell(shapely.orient_polygons(shape), size, count, owners.get(key))
            for shape, size, count, key in zip(shapes, areas_m2(shapes), households, kept, strict=True)]


def _households(plan: _Plan, flat: np.ndarray) -> list[float]:
    counted = np.zeros(len(flat))
    if len(plan.mass.xy):
        cell, spot = shapely.STRtree(shapely.points(plan.mass.xy)).query(flat, predicate="intersects")
        np.add.at(counted, cell, plan.mass.weight[spot])
    return counted.tolist()


def _ordered(cells: list[Cell]) -> list[Cell]:
    """Return cells as they are numbered: bands from north to south, and in each from west to east."""
    if not cells:
        return cells
    middles = shapely.get_coordinates(shapely.centroid(as_array([cell.shape for cell in cells])))
    heights = shapely.bounds(as_array([cell.shape for cell in cells]))[:, [1, 3]]
    band = max(float(np.median(heights[:, 1] - heights[:, 0])), 1e-9)
    rows = np.floor((middles[:, 1].max() - middles[:, 1]) / band)
    return [cells[at] for at in np.lexsort((middles[:, 0], rows))]
