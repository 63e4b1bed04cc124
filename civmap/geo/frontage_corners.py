"""Where strips of several streets meet: they are cut on the bisector, and nothing lies in another street's carriageway.

All that meets is laid over each other once; each face goes to the zone whose kerb is nearest (on a straight corner that
is the bisector of the kerbs), to nobody inside a carriageway or a zone that is held already. It happens on a grid of 7
decimals (1 cm), so that what leaves the house at 7 decimals is the same coverage; strips that meet nothing stay exact.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from civmap.geo.measure import NearPlane
from civmap.geo.validity import STORED_DECIMALS

GRID_DECIMALS = 7
THIN_M = 0.04
HAIR_M2 = 1e-6
NEAR_DEGREES = 2.5e-7
HAIR_DEGREES = 3e-7
ROUNDS = 3
_FAR_M = 40.0
Ints = NDArray[np.int64]


class Owners(NamedTuple):
    """Whose a zone is: the row it stands in (zones of one row never overlap), its street's line and kerb distance."""

    row: Ints
    line: Any
    kerb_m: NDArray[np.float64]


def settled(zones: Any, owners: Owners, closed: Sequence[Any], closed_to: Ints, held: Sequence[Any]) -> Any:
    """Return lon/lat zones so that none overlaps another, a closed area (unless of its own row) or a held one.

    `closed` are carriageways with the street each belongs to in `closed_to`; a zone's street is `row // 2`. What is
    cut off from the larger part of a zone is lost; an empty polygon where nothing is left.
    """
    zones = sound(np.asarray(zones, dtype=object).copy(), STORED_DECIMALS)
    blocks = sound(np.asarray([*closed, *held], dtype=object), STORED_DECIMALS)
    of = np.concatenate([closed_to, np.full(len(held), -1, np.int64)])
    first, second = _meeting(zones, owners.row)
    at, block = _blocked(zones, owners.row, blocks, of)
    groups = _clusters(len(zones), first, second, at, zones, owners.row)
    _onto_grid(zones, groups, owners.row)
    for members in groups:
        inside = np.isin(first, members)
        hit = np.isin(at, members)
        _settle(zones, owners, members, np.column_stack([first[inside], second[inside]]),
                blocks, np.column_stack([at[hit], block[hit]]), of)
    return _apart(sound(zones, STORED_DECIMALS))


def _apart(zones: Any) -> Any:
    """Return zones of which those that still do not fit (seen at 7 decimals) stand a hair off their neighbours."""
    for _ in range(ROUNDS):
        coarse = shapely.transform(zones, lambda xy: np.round(xy, GRID_DECIMALS))
        wrong = ~shapely.is_valid(coarse) | ~shapely.is_valid(zones)
        for shapes in (zones, coarse):
            wrong |= ~shapely.is_empty(shapely.coverage_invalid_edges(np.where(wrong, shapely.Polygon(), shapes)))
        for at in np.flatnonzero(wrong).tolist():
            near = shapely.STRtree(zones).query(zones[at], predicate="dwithin", distance=HAIR_DEGREES)
            others = [shapely.buffer(zones[one], HAIR_DEGREES, quad_segs=1) for one in near.tolist() if one != at]
            left = shapely.difference(shapely.make_valid(zones[at]), shapely.union_all(others))
            left = shapely.buffer(shapely.buffer(left, -HAIR_DEGREES, join_style="mitre"), HAIR_DEGREES,
                                  join_style="mitre")
            zones[at] = _largest(shapely.set_precision(left, 10.0 ** -GRID_DECIMALS))
        if not wrong.any():
            break
    return zones


def _largest(shape: Any) -> Any:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    found = max(parts, key=lambda part: part.area, default=shapely.Polygon())
    return shapely.orient_polygons(shapely.transform(found, lambda xy: np.round(xy, STORED_DECIMALS)))


def sound(zones: Any, decimals: int) -> Any:
    """Return areas of which invalid ones (folded by a hair of rounding) are mended to their largest part."""
    for at in np.flatnonzero(~shapely.is_valid(zones)).tolist():
        mended = shapely.set_precision(shapely.make_valid(zones[at]), 10.0 ** -decimals)
        zones[at] = _largest(mended)
    return zones


def _meeting(zones: Any, row: Ints) -> tuple[Ints, Ints]:
    """Return pairs of zones of different rows (or far apart in one row) that share ground, or nearly touch."""
    a, b = shapely.STRtree(zones).query(zones, predicate="dwithin", distance=NEAR_DEGREES)
    keep = (a < b) & ((row[a] != row[b]) | (np.abs(a - b) > 1))
    return a[keep], b[keep]


def _blocked(zones: Any, row: Ints, blocks: Any, of: Ints) -> tuple[Ints, Ints]:
    """Return pairs of a zone and an area closed to it that share ground."""
    if not len(blocks):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    at, block = shapely.STRtree(blocks).query(zones, predicate="intersects")
    keep = of[block] != row[at] // 2
    at, block = at[keep], block[keep]
    size = shapely.area(shapely.intersection(zones[at], blocks[block])) * np.prod(_plane(zones).scale)
    return at[size > HAIR_M2], block[size > HAIR_M2]


def _plane(shapes: Any) -> NearPlane:
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    return NearPlane((west + east) / 2, (south + north) / 2)


def _clusters(count: int, first: Ints, second: Ints, at: Ints, zones: Any, row: Ints) -> list[Ints]:
    """Return groups of zones to settle together: those that meet, and the neighbours in the row of each."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    touched = np.zeros(count, bool)
    touched[np.concatenate([first, second, at]).astype(int)] = True
    if not touched.any():
        return []
    left = np.arange(count - 1)
    beside = (row[1:] == row[:-1]) & (touched[1:] | touched[:-1])
    beside &= shapely.intersects(zones[1:], zones[:-1])
    a, b = np.concatenate([first, left[beside]]), np.concatenate([second, left[beside] + 1])
    label = connected_components(coo_matrix((np.ones(len(a)), (a, b)), shape=(count, count)), directed=False)[1]
    order = np.argsort(label, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(label[order])) + 1)
    return [group for group in groups if touched[group].any()]


def _onto_grid(zones: Any, groups: list[Ints], row: Ints) -> None:
    """Move zones that are settled onto the grid, and with them the corners that others in the row share with them."""
    if not groups:
        return
    inside = np.zeros(len(zones), bool)
    inside[np.concatenate(groups)] = True
    known = set(map(tuple, shapely.get_coordinates(zones[inside]).tolist()))
    beside = np.zeros(len(zones), bool)
    same = row[1:] == row[:-1]
    beside[1:] |= inside[:-1] & same
    beside[:-1] |= inside[1:] & same
    moved_in = shapely.transform(zones[inside], lambda xy: np.round(xy, GRID_DECIMALS))
    zones[inside] = sound(moved_in, GRID_DECIMALS)

    def moved(xy: Any) -> Any:
        shared = np.array([spot in known for spot in map(tuple, xy.tolist())], bool)
        return np.where(shared[:, None], np.round(xy, GRID_DECIMALS), xy)

    others = beside & ~inside
    if others.any():
        zones[others] = shapely.transform(zones[others], moved)


def _settle(zones: Any, owners: Owners, members: Ints, pairs: Any, blocks: Any, hits: Any, of: Ints) -> None:
    """Write the settled shapes of a group into `zones`."""
    used = np.unique(hits[:, 1]).astype(int)
    own = np.unique(np.concatenate([pairs.ravel(), hits[:, 0]]).astype(int))
    nearby = shapely.union_all(zones[own])
    walls = [shapely.intersection(shapely.boundary(blocks[one]), nearby) for one in used]
    cuts = [cut for a, b in pairs.tolist() if (cut := _bisector(zones, owners, a, b)) is not None]
    lines = shapely.union_all([*shapely.boundary(zones[members]), *walls, *cuts], grid_size=10.0 ** -GRID_DECIMALS)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    if not len(faces):
        return
    spots = shapely.point_on_surface(faces)
    face, which = shapely.STRtree(zones[members]).query(spots, predicate="intersects")
    if len(used):
        inside, block = shapely.STRtree(blocks[used]).query(spots, predicate="intersects")
        barred: dict[int, set[int]] = {}
        for number, one in zip(inside.tolist(), of[used[block]].tolist(), strict=True):
            barred.setdefault(number, set()).add(one)
        street = (owners.row[members[which]] // 2).tolist()
        free = np.array([barred.get(number, set()) <= {own} for number, own in zip(face.tolist(), street, strict=True)],
                        bool)
        face, which = face[free], which[free]
    plane = _plane(faces)
    lead = shapely.distance(plane.to_metres(owners.line[members[which]]), plane.to_metres(spots[face]))
    order = np.lexsort((members[which], lead - owners.kerb_m[members[which]], face))
    best = order[np.unique(face[order], return_index=True)[1]] if len(order) else order
    owner = np.full(len(faces), -1, np.int64)
    owner[face[best]] = members[which[best]]
    _thin_to_neighbours(plane.to_metres(faces), owner, own)
    for zone in members.tolist():
        zones[zone] = _whole(faces[owner == zone])


def _thin_to_neighbours(faces: Any, owner: Ints, own: Ints) -> None:
    """Give splinters of the zones `own` to whoever of them has most of what lies around them (nobody, too)."""
    thin = np.flatnonzero((2 * shapely.area(faces) < THIN_M * shapely.length(faces) / 2) & np.isin(owner, [-1, *own]))
    if not len(thin):
        return
    at, beside = shapely.STRtree(faces).query(faces[thin], predicate="intersects")
    keep = ~np.isin(beside, thin) & np.isin(owner[beside], [-1, *own])
    at, beside = at[keep], beside[keep]
    edge = shapely.length(shapely.intersection(shapely.boundary(faces[thin[at]]), shapely.boundary(faces[beside])))
    for number, face in enumerate(thin.tolist()):
        around = np.flatnonzero(at == number)
        if len(around) and edge[around].max() > 0:
            owner[face] = owner[beside[around[edge[around].argmax()]]]


def _whole(faces: Any) -> Any:
    """Return the largest part of what faces make together, without holes that are mere splinters."""
    if not len(faces):
        return shapely.Polygon()
    found = shapely.coverage_union_all(faces)
    return shapely.orient_polygons(max(shapely.get_parts(found), key=lambda part: part.area))


def _bisector(zones: Any, owners: Owners, a: int, b: int) -> Any:
    """Return the line of places equally far behind the kerbs of two zones' streets, where they share ground."""
    shared = shapely.intersection(zones[a], zones[b])
    spot = shapely.centroid(shared)
    if spot.is_empty:
        return None
    plane = NearPlane(spot.x, spot.y)
    ways, offs = [], []
    for one in (a, b):
        line = plane.to_metres(owners.line[one])
        foot = shapely.line_interpolate_point(line, shapely.line_locate_point(line, shapely.Point(0, 0)))
        way = -np.array([foot.x, foot.y])
        size = float(np.hypot(*way))
        if size < 1e-6:
            return None
        ways.append(way / size)
        offs.append(size - owners.kerb_m[one])
    across = ways[0] - ways[1]
    size = float(np.hypot(*across))
    if size < 0.05:
        return None
    foot = -across * (offs[0] - offs[1]) / size**2
    along = np.array([-across[1], across[0]]) / size * _FAR_M
    ends = np.array([foot - along, foot + along]) / plane.scale + (plane.lon, plane.lat)
    return shapely.intersection(shapely.LineString(ends), shapely.buffer(shared, 2e-8))
