"""Cut an area into parts of equal workload, along streets where they cross it.

Pure Shapely on lon/lat degrees. An area is halved again and again (5 parts: 2 and 3), each time across the direction
in which the two sides stay whole and the cut is short. Where streets divide it, whole blocks go to a side; the block on
which the balance turns is cut straight, unless the street beside it is fair enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from civmap.geo.contest import array_of, together
from civmap.geo.cutting import cut, reaching
from civmap.geo.measure import NearPlane
from civmap.geo.weave import weave

FAIR_ENOUGH = 0.08
DIRECTIONS = 8
HALVINGS = 45
TRIED = 3


@dataclass(frozen=True)
class Load:
    """What is to be shared out: weighted (lon, lat) spots, or the ground itself where there are none."""

    spots: NDArray[np.float64] | None = None
    weights: NDArray[np.float64] | None = None

    def within(self, area: BaseGeometry) -> "Load":
        """Return only what lies in an area; the ground itself where nothing does."""
        if self.spots is None or self.weights is None or not len(self.spots):
            return Load()
        shapely.prepare(area)
        here = shapely.intersects_xy(area, self.spots) & (self.weights > 0)
        return Load(self.spots[here], self.weights[here]) if here.any() else Load()

    def of(self, area: BaseGeometry, plane: NearPlane) -> float:
        """Return how much of it an area holds."""
        if self.spots is None or self.weights is None:
            return float(plane.to_metres(area).area)
        return float(self.weights[shapely.intersects_xy(area, self.spots)].sum())


class _Sides(NamedTuple):
    first: BaseGeometry
    second: BaseGeometry
    score: tuple[float, ...]


def parts_of(area: BaseGeometry, count: int, load: Load, streets: Sequence[BaseGeometry] = ()) -> list[BaseGeometry]:
    """Return an area in `count` parts that hold about the same load; fewer where its shape allows no more."""
    if count < 2:
        return [area]
    load = load.within(area)
    near = [street for street in streets if street.intersects(area)]
    sides = _best(area, count, load, near)
    if sides is None:
        return [area]
    return [*parts_of(sides.first, count // 2, load, near), *parts_of(sides.second, count - count // 2, load, near)]


def _best(area: BaseGeometry, count: int, load: Load, streets: Sequence[BaseGeometry]) -> _Sides | None:
    spot = area.representative_point()
    plane, share = NearPlane(spot.x, spot.y), (count // 2) / count
    blocks = cut(area, [reaching(area, line) for line in _clipped(streets, area)]).pieces if streets else [area]
    ground = plane.to_metres(area)
    angles, found = _angles(ground), []
    if len(blocks) > 1:
        found = [_by_blocks(blocks, angle, share, count, load, plane) for angle in angles]
    by_look = sorted(angles, key=lambda angle: _look(area, angle, share, load, plane))
    for angle in by_look[:TRIED]:
        sides = _straight(area, angle, share, load, plane)
        found.append(sides)
        if sides is not None and sides.score[0] <= shapely.get_num_geometries(area) + 1:
            break
    whole = [sides for sides in found if sides is not None]
    return min(whole, key=lambda sides: sides.score, default=None)


def _look(area: BaseGeometry, angle: float, share: float, load: Load, plane: NearPlane) -> tuple[int, float]:
    """Return how scattered and how long a straight cut would be, as far as can be told without sewing."""
    turned = _turned(area, angle, plane)
    west, south, east, north = turned.bounds
    at = _balanced(turned, share, load, angle, plane)
    sides = [shapely.clip_by_rect(turned, *box) for box in ((west - 1, south - 1, at, north + 1),
                                                            (at, south - 1, east + 1, north + 1))]
    if any(side.is_empty for side in sides):
        return 1_000_000, 0.0
    return sum(shapely.get_num_geometries(side) for side in sides), _Edges(turned).length_at(at)


def _clipped(streets: Sequence[BaseGeometry], area: BaseGeometry) -> list[BaseGeometry]:
    near = shapely.box(*(np.array(area.bounds) + np.array([-3e-4, -3e-4, 3e-4, 3e-4])))
    met = shapely.intersection(array_of(streets), near)
    lines = [part for part in shapely.get_parts(met) if part.geom_type == "LineString" and part.length > 0]
    return list(shapely.get_parts(shapely.line_merge(shapely.MultiLineString(lines)))) if lines else []


def _angles(ground: BaseGeometry) -> list[float]:
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(ground))
    first = float(np.arctan2(*(box[1] - box[0])[::-1])) if len(box) > 1 else 0.0
    return [first + np.pi * step / DIRECTIONS * 2 for step in range(DIRECTIONS)]


def _turned(geometry: BaseGeometry, angle: float, plane: NearPlane) -> BaseGeometry:
    """Return a geometry in metres, turned so that the sweep goes along x."""
    cosine, sine = np.cos(angle), np.sin(angle)
    turn = np.array([[cosine, -sine], [sine, cosine]])
    return shapely.transform(plane.to_metres(geometry), lambda xy: xy @ turn)


def _back(xy: NDArray[np.float64], angle: float, plane: NearPlane) -> NDArray[np.float64]:
    cosine, sine = np.cos(angle), np.sin(angle)
    return (xy @ np.array([[cosine, sine], [-sine, cosine]])) / np.array(plane.scale) + (plane.lon, plane.lat)


def _straight(area: BaseGeometry, angle: float, share: float, load: Load, plane: NearPlane) -> _Sides | None:
    """Return an area in two by one straight cut that is exact."""
    turned = _turned(area, angle, plane)
    west, south, east, north = turned.bounds
    at = _balanced(turned, share, load, angle, plane)
    if not west < at < east:
        return None
    line = LineString(_back(np.array([[at, south - 2.0], [at, north + 2.0]]), angle, plane))
    pieces = cut(area, [line]).pieces
    first, second = [], []
    for piece in pieces:
        middle = _turned(piece.representative_point(), angle, plane)
        (first if middle.x < at else second).append(piece)
    if not first or not second:
        return None
    # A cut along streets, where there is a fair one, comes before any straight one of the same number of pieces.
    return _sides(first, second, 1.0, 0.0, _Edges(turned).length_at(at))


def _balanced(turned: BaseGeometry, share: float, load: Load, angle: float, plane: NearPlane) -> float:
    """Return where along x a share of the load lies before the cut."""
    west, _south, east, _north = turned.bounds
    if load.spots is not None and load.weights is not None:
        along = shapely.get_coordinates(_turned(shapely.MultiPoint(load.spots), angle, plane))[:, 0]
        order = np.argsort(along, kind="stable")
        reached = np.cumsum(load.weights[order])
        place = int(np.argmin(np.abs(reached - share * reached[-1])))
        after = along[order[place + 1]] if place + 1 < len(order) else east
        return float((along[order[place]] + after) / 2)
    low, high, wanted, edges = west, east, share * turned.area, _Edges(turned)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if edges.area_before(middle) < wanted else (low, middle)
    return (low + high) / 2


class _Edges:
    """The edges of an area: what a sweep along x asks again and again, without cutting the area each time."""

    def __init__(self, area: BaseGeometry) -> None:
        rings = shapely.get_rings(shapely.get_parts(shapely.orient_polygons(area)))
        xy, ring = shapely.get_coordinates(rings, return_index=True)
        same = ring[1:] == ring[:-1]
        self.start, self.end = xy[:-1][same], xy[1:][same]
        run = self.end - self.start
        self.slope = np.divide(run[:, 1], run[:, 0], out=np.zeros(len(run)), where=run[:, 0] != 0)

    def area_before(self, at: float) -> float:
        """Return how much of the area lies before `at`: what the edges there enclose with the line at it."""
        first, last = np.minimum(self.start[:, 0], at), np.minimum(self.end[:, 0], at)
        middle = self.start[:, 1] + ((first + last) / 2 - self.start[:, 0]) * self.slope
        return abs(float((middle * (last - first)).sum()))

    def length_at(self, at: float) -> float:
        """Return how long a cut at `at` runs inside the area."""
        over = (self.start[:, 0] <= at) != (self.end[:, 0] <= at)
        met = np.sort(self.start[over, 1] + (at - self.start[over, 0]) * self.slope[over])
        return float((met[1::2] - met[::2]).sum())


def _by_blocks(blocks: Sequence[BaseGeometry], angle: float, share: float, count: int, load: Load,
               plane: NearPlane) -> _Sides | None:
    """Return blocks in two sides, in the order of the sweep; the block on which the balance turns may be cut."""
    middles = [_turned(block.centroid, angle, plane).x for block in blocks]
    order = sorted(range(len(blocks)), key=lambda place: middles[place])
    loads = np.array([load.of(blocks[place], plane) for place in order])
    reached, wanted = np.concatenate([[0.0], np.cumsum(loads)]), share * loads.sum()
    nearest = int(np.argmin(np.abs(reached - wanted)))
    uneven = abs(reached[nearest] - wanted) / max(loads.sum() / count, 1e-9)
    if 0 < nearest < len(blocks) and uneven <= FAIR_ENOUGH:
        return _sides([blocks[place] for place in order[:nearest]], [blocks[place] for place in order[nearest:]],
                      0.0, uneven, 0.0)
    turning = int(np.searchsorted(reached, wanted, "right")) - 1
    turning = min(max(turning, 0), len(blocks) - 1)
    block = blocks[order[turning]]
    inner = (wanted - reached[turning]) / max(loads[turning], 1e-9)
    split = _straight(block, angle, inner, load.within(block), plane) if 0 < inner < 1 else None
    if split is None:
        return None
    rest = [blocks[place] for place in order if place != order[turning]]
    *rest, low, high = weave([*rest, split.first, split.second], [False] * len(rest) + [True, True])
    return _sides([*rest[:turning], low], [high, *rest[turning:]], 0.5, 0.0, split.score[-1])


def _sides(first: Sequence[BaseGeometry], second: Sequence[BaseGeometry], kind: float, uneven: float,
           length: float) -> _Sides | None:
    one, other = together(list(first)), together(list(second))
    if one.is_empty or other.is_empty:
        return None
    scattered = shapely.get_num_geometries(one) + shapely.get_num_geometries(other)
    return _Sides(one, other, (float(scattered), kind, uneven, length))
