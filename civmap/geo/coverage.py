"""Where areas that should fit together do not: overlaps, gaps, slivers, and street sides that no zone covers.

Pure Shapely on lon/lat degrees (EPSG:4326); areas and lengths in metres on the ground. Limits: `domain.md` §5.1.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from civmap.geo.measure import area_m2, plane_of
from civmap.geo.overlay import areas_of, is_wide

NOTICE_M2 = 0.5
SLIVER_M = 0.3
LEAST_UNCOVERED_M = 1.0


class Overlap(NamedTuple):
    """Two areas, by their place in the sequence, and the ground they share."""

    first: int
    second: int
    shape: BaseGeometry
    area_m2: float


class Patch(NamedTuple):
    """A piece of ground and its size."""

    shape: BaseGeometry
    area_m2: float


def overlaps(areas: Sequence[BaseGeometry]) -> list[Overlap]:
    """Return the pairs of areas that share more than 0.5 m², each pair once, in order."""
    if len(areas) < 2:
        return []
    shapes = np.asarray(areas, dtype=object)
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = sorted({(int(a), int(b)) for a, b in zip(first, second, strict=True) if a < b})
    found = []
    for a, b in pairs:
        if shapely.touches(shapes[a], shapes[b]):
            continue
        shared = areas_of(shapely.intersection(shapes[a], shapes[b]))
        size = 0.0 if shared.is_empty else area_m2(shared)
        if size > NOTICE_M2:
            found.append(Overlap(a, b, shared, size))
    return found


def gaps(parent: BaseGeometry, children: Sequence[BaseGeometry]) -> list[Patch]:
    """Return the pieces of a parent larger than 0.5 m² that none of its children covers, largest first."""
    left = areas_of(shapely.difference(parent, shapely.union_all(list(children))))
    pieces = [Patch(part, area_m2(part)) for part in shapely.get_parts(left) if not part.is_empty]
    return sorted((piece for piece in pieces if piece.area_m2 > NOTICE_M2), key=lambda piece: -piece.area_m2)


def is_sliver(shape: BaseGeometry) -> bool:
    """Tell whether a piece of ground is nowhere wider than 0.3 m."""
    return not is_wide(shape, SLIVER_M)


def uncovered_m(line: BaseGeometry, frontages: Iterable[BaseGeometry]) -> dict[str, float]:
    """Return the metres of each side (left, right, along the line's direction) that no frontage zone faces."""
    plane = plane_of(line)
    street = plane.to_metres(line)
    spans: dict[str, list[tuple[float, float]]] = {"left": [], "right": []}
    for frontage in frontages:
        shape = plane.to_metres(frontage)
        along = [street.project(shapely.Point(xy)) for xy in shapely.get_coordinates(shape)]
        spans[_side(street, shape.representative_point())].append((min(along), max(along)))
    return {side: max(street.length - _length(taken), 0.0) for side, taken in spans.items()}


def _side(street: BaseGeometry, spot: shapely.Point) -> str:
    at = street.project(spot)
    ahead = street.interpolate(min(at + 0.5, street.length))
    behind = street.interpolate(max(at - 0.5, 0.0))
    cross = (ahead.x - behind.x) * (spot.y - behind.y) - (ahead.y - behind.y) * (spot.x - behind.x)
    return "left" if cross > 0 else "right"


def _length(spans: list[tuple[float, float]]) -> float:
    total, reached = 0.0, 0.0
    for begin, end in sorted(spans):
        total += max(end - max(begin, reached), 0.0)
        reached = max(reached, end)
    return total
