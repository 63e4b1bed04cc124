"""Cutting a block that is too large: across its long side, where the least is cut through, round every building.

Pure, in metres of a flat plane.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

FAR_M = 1e6
TRIES = 9
SWAY = 0.3
"""By how much of the smaller part a cut may move to miss buildings."""
HALVINGS = 30


class Mass(NamedTuple):
    """What weighs inside a block: spots and their weights (households), or None where ground itself weighs."""

    xy: np.ndarray
    weight: np.ndarray


def parts(block: BaseGeometry, count: int, buildings: Sequence[BaseGeometry], mass: Mass | None) -> list[BaseGeometry]:
    """Return a block cut into so many parts of about equal weight; fewer where a cut would leave nothing."""
    if count <= 1 or block.area <= 0:
        return [block]
    first = count // 2
    halves = _halved(block, first / count, buildings, mass)
    if halves is None:
        return [block]
    found: list[BaseGeometry] = []
    for half, share in zip(halves, (first, count - first), strict=True):
        inside = [one for one in buildings if one.intersects(half)]
        found += parts(half, share, inside, mass)
    return found


def _halved(block: BaseGeometry, share: float, buildings: Sequence[BaseGeometry],
            mass: Mass | None) -> tuple[BaseGeometry, BaseGeometry] | None:
    axis = _long_axis(block)
    across = np.array([-axis[1], axis[0]])
    spots, weights = _weighed(block, mass)
    reach = spots @ axis
    order = np.argsort(reach)
    total = np.cumsum(weights[order])
    if total[-1] <= 0:
        return None
    walls = np.array(list(buildings), object)
    best = None
    for wanted in share + np.linspace(-SWAY, SWAY, TRIES) * min(share, 1 - share):
        at = _between(reach[order], total, wanted * total[-1])
        line = shapely.LineString([axis * at - across * FAR_M, axis * at + across * FAR_M])
        cut = float(shapely.length(shapely.intersection(walls, line)).sum()) if len(walls) else 0.0
        cost = (cut > 0) * 5.0 + cut + abs(wanted - share) * 40.0 + shapely.length(line.intersection(block)) * 0.05
        if best is None or cost < best[0]:
            best = (cost, at)
    return _sides(block, axis, across, best[1], buildings) if best else None


def _between(reach: np.ndarray, total: np.ndarray, wanted: float) -> float:
    at = int(np.searchsorted(total, wanted))
    here = reach[min(at, len(reach) - 1)]
    there = reach[min(at + 1, len(reach) - 1)]
    return float((here + there) / 2)


def _long_axis(block: BaseGeometry) -> np.ndarray:
    """Return the direction of the longer side of the block's smallest rectangle."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(block))
    if len(corners) < 4:
        return np.array([1.0, 0.0])
    sides = corners[1:3] - corners[:2]
    longest = sides[int(np.argmax(np.hypot(sides[:, 0], sides[:, 1])))]
    return longest / max(np.hypot(*longest), 1e-9)


def _weighed(block: BaseGeometry, mass: Mass | None) -> tuple[np.ndarray, np.ndarray]:
    """Return spots of a block with weights: its households, or a lattice of its ground where it has none."""
    shapely.prepare(block)
    if mass is not None and len(mass.xy):
        inside = shapely.intersects_xy(block, mass.xy[:, 0], mass.xy[:, 1])
        if mass.weight[inside].sum() > 0:
            return mass.xy[inside], mass.weight[inside]
    west, south, east, north = block.bounds
    xs, ys = np.linspace(west, east, 42)[1:-1], np.linspace(south, north, 42)[1:-1]
    grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    inside = shapely.intersects_xy(block, grid[:, 0], grid[:, 1])
    spots = grid[inside] if inside.any() else shapely.get_coordinates(block.representative_point())
    return spots, np.ones(len(spots))


def _sides(block: BaseGeometry, axis: np.ndarray, across: np.ndarray, at: float,
           buildings: Sequence[BaseGeometry]) -> tuple[BaseGeometry, BaseGeometry] | None:
    """Return both sides of a cut; a building that it meets goes whole to the side that holds more of it."""
    corner = axis * at
    half = shapely.Polygon([corner - across * FAR_M, corner + across * FAR_M,
                            corner + across * FAR_M - axis * FAR_M, corner - across * FAR_M - axis * FAR_M])
    near, far = block.intersection(half), block.difference(half)
    if near.area <= 0 or far.area <= 0:
        return None
    moves: tuple[list[BaseGeometry], list[BaseGeometry]] = ([], [])
    for one in buildings:
        inside = one.intersection(block)
        share = inside.intersection(half).area
        if 0 < share < inside.area:
            moves[share * 2 < inside.area].append(inside)
    near = near.difference(shapely.union_all(moves[1])).union(shapely.union_all(moves[0]))
    far = far.difference(shapely.union_all(moves[0])).union(shapely.union_all(moves[1]))
    return _whole(near, far)


def _whole(near: BaseGeometry, far: BaseGeometry) -> tuple[BaseGeometry, BaseGeometry] | None:
    """Return two areas in one piece each: what a cut left lying apart goes to the other one."""
    first, second = (sorted((part for part in shapely.get_parts(one) if part.geom_type == "Polygon"),
                            key=lambda part: -part.area) for one in (near, far))
    if not first or not second:
        return None
    return shapely.union_all([first[0], *second[1:]]), shapely.union_all([second[0], *first[1:]])
