"""How much of each side of a street faces no frontage zone, and where.

Pure, over arrays of many streets at once. Along a street metres are counted from its first vertex; left and right are
those of somebody who walks along its line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from civmap.geo.bulk import lengths_m
from civmap.geo.measure import NearPlane

LEAST_UNCOVERED_M = 1.0
AHEAD_M = 0.5
SIDES = ("left", "right")
EMPTY_LINE = shapely.LineString()


class Bare(NamedTuple):
    """A side of a street (by its place in the sequence): its length, and the spans in metres that no zone faces."""

    street: int
    side: str
    whole_m: float
    spans: tuple[tuple[float, float], ...]

    @property
    def length_m(self) -> float:
        """Return the metres that no zone faces."""
        return sum(end - begin for begin, end in self.spans)


@dataclass(frozen=True, slots=True)
class _Streets:
    """Streets in metres of a flat plane, scaled so that each is as long as it is on the ground."""

    flat: np.ndarray
    flat_m: np.ndarray
    metres: np.ndarray


def bare(lines: Sequence[BaseGeometry], zones: Sequence[BaseGeometry], street_of: Sequence[int]) -> list[Bare]:
    """Return both sides of every street with what no zone faces; `street_of` tells the street of each zone."""
    if not len(lines):
        return []
    streets, spans = _laid(lines), {}
    owner = np.asarray(street_of, np.int64)
    if len(zones):
        plane = _plane(lines)
        shapes = plane.to_metres(np.array(list(zones), object))
        begins, ends = _along(streets, shapes, owner)
        left = _is_left(streets, shapely.point_on_surface(shapes), owner)
        for street, is_left, begin, end in zip(owner.tolist(), left.tolist(), begins.tolist(), ends.tolist(),
                                               strict=True):
            spans.setdefault((street, SIDES[not is_left]), []).append((begin, end))
    return [Bare(street, side, whole, _free(spans.get((street, side), []), whole))
            for street, whole in enumerate(streets.metres.tolist()) for side in SIDES]


def _plane(lines: Sequence[BaseGeometry]) -> NearPlane:
    west, south, east, north = shapely.total_bounds(np.array(list(lines), object)).tolist()
    return NearPlane((west + east) / 2, (south + north) / 2)


def _laid(lines: Sequence[BaseGeometry]) -> _Streets:
    flat = _plane(lines).to_metres(np.array(list(lines), object))
    return _Streets(flat, shapely.length(flat), np.asarray(lengths_m(list(lines))))


def _along(streets: _Streets, shapes: np.ndarray, owner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return from where to where along its street each zone reaches, in metres on the ground."""
    corners, zone = shapely.get_coordinates(shapes, return_index=True)
    at = shapely.line_locate_point(streets.flat[owner[zone]], shapely.points(corners))
    firsts = np.searchsorted(zone, np.arange(len(shapes)))
    scale = streets.metres[owner] / np.maximum(streets.flat_m[owner], 1e-9)
    return np.minimum.reduceat(at, firsts) * scale, np.maximum.reduceat(at, firsts) * scale


def _is_left(streets: _Streets, spots: np.ndarray, owner: np.ndarray) -> np.ndarray:
    lines, most = streets.flat[owner], streets.flat_m[owner]
    at = shapely.line_locate_point(lines, spots)
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(lines, np.minimum(at + AHEAD_M, most)))
    behind = shapely.get_coordinates(shapely.line_interpolate_point(lines, np.maximum(at - AHEAD_M, 0.0)))
    along, off = ahead - behind, shapely.get_coordinates(spots) - behind
    return along[:, 0] * off[:, 1] - along[:, 1] * off[:, 0] > 0


def _free(taken: list[tuple[float, float]], whole: float) -> tuple[tuple[float, float], ...]:
    """Return what is left of a length by some spans of it."""
    found, reached = [], 0.0
    for begin, end in sorted(taken):
        if begin > reached:
            found.append((reached, begin))
        reached = max(reached, end)
    if reached < whole:
        found.append((reached, whole))
    return tuple(found)


def stretch(line: BaseGeometry, begin_m: float, end_m: float) -> BaseGeometry:
    """Return a lon/lat line from one metre to another; an empty line where nothing is left between them."""
    whole = lengths_m([line])[0]
    if whole <= 0:
        return EMPTY_LINE
    part = substring(line, begin_m / whole, end_m / whole, normalized=True)
    return part if part.geom_type == "LineString" and part.length > 0 else EMPTY_LINE
