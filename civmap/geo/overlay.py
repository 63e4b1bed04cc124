"""What a drawn area takes from its neighbours, and what would be left of it without that.

Pure Shapely on lon/lat degrees; widths and tolerances are metres in a local flat scale. The module imports nothing of
the product, because `bounded` also runs it as a program of its own, under limits of time and memory.
"""

import json
import math
import resource
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

SNAP_M = 0.05
STORED_DECIMALS = 9
LEAST_AREA_M2 = 0.05
CPU_SECONDS = 2
MEMORY_BYTES = 1 << 30
_METRES_PER_DEGREE = 111_200.0
_MARGIN_M = 0.005
_ROUNDING_M = 0.001
_WIDER_DEGREES = (0.0, 2e-9, 1e-8, 1e-7)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came out: the shared ground per neighbour, the area without thin overlaps, and a way out where one exists.

    `overlaps` holds (index of the neighbour, shared shape) for overlaps that are wider than 0.05 m somewhere.
    """

    overlaps: tuple[tuple[int, BaseGeometry], ...]
    settled: BaseGeometry
    suggestion: BaseGeometry | None


def compare(drawn: BaseGeometry, neighbours: Sequence[BaseGeometry]) -> Comparison:
    """Compare a drawn (Multi)Polygon with its neighbours, all in lon/lat degrees (EPSG:4326).

    Overlaps narrower than 0.05 m are snapped away (`settled`; below 1 mm it is rounding and stays); wider ones come
    with `suggestion`: the largest part of the drawn area outside all neighbours, at 9 decimals, which `compare` itself
    accepts; None where nothing is left.
    """
    shared = [(index, areas_of(drawn.intersection(other))) for index, other in enumerate(neighbours)]
    touched = [(index, area) for index, area in shared if is_wide(area, _ROUNDING_M)]
    wide = tuple((index, area) for index, area in touched if is_wide(area))
    if not touched:
        return Comparison((), drawn, None)
    others = [neighbours[index] for index, _ in touched]
    if wide:
        return Comparison(wide, drawn, way_out(drawn, others))
    return Comparison((), _settled(drawn, others), None)


def _settled(drawn: BaseGeometry, others: Sequence[BaseGeometry]) -> BaseGeometry:
    left = _wide_parts(_stored(without_tails(_without(drawn, others, 0.0))))
    return left if not left.is_empty and left.is_valid else drawn


def way_out(drawn: BaseGeometry, others: Sequence[BaseGeometry]) -> BaseGeometry | None:
    """Return the largest part of an area outside all others that is accepted as it stands, or None.

    Rounding to stored precision can push a corner over a neighbour's edge again, so the result is checked after
    rounding; where it fails, a hair more is cut off.
    """
    for wider in _WIDER_DEGREES:
        left = _largest(_stored(without_tails(_without(drawn, others, wider))))
        if left is None:
            return None
        if left.is_valid and not any(is_wide(areas_of(left.intersection(other))) for other in others):
            return left
    return None


def _without(drawn: BaseGeometry, others: Sequence[BaseGeometry], wider: float) -> BaseGeometry:
    taken = shapely.union_all(list(others))
    if wider:
        taken = taken.buffer(wider, quad_segs=1, join_style="mitre")
    return areas_of(drawn.difference(taken))


def sticks_out(drawn: BaseGeometry, border: BaseGeometry) -> bool:
    """Tell whether more than a strip of 0.05 m of an area lies outside a border."""
    return is_wide(areas_of(drawn.difference(border)))


def areas_of(geometry: BaseGeometry) -> BaseGeometry:
    """Return only the areas of a geometry, its lines and points dropped."""
    if geometry.geom_type in ("Polygon", "MultiPolygon"):
        return geometry
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def is_wide(area: BaseGeometry, width_m: float = SNAP_M) -> bool:
    """Tell whether an area is wider than a width somewhere: something is left when half of that is peeled off."""
    return not area.is_empty and not flat(area).buffer(-width_m / 2, quad_segs=2).is_empty


def without_tails(area: BaseGeometry) -> BaseGeometry:
    """Return an area without the tails and spikes narrower than 0.05 m that cutting left on it; edges stay as they are.

    What survives peeling 0.025 m off is grown back a little too far and cut with the area itself.
    """
    if area.is_empty:
        return area
    core = flat(area).buffer(-SNAP_M / 2, join_style="mitre", mitre_limit=10)
    grown = core.buffer(SNAP_M / 2 + _MARGIN_M, join_style="mitre", mitre_limit=10)
    return areas_of(area.intersection(_from_flat(grown, area)))


def flat(geometry: BaseGeometry) -> BaseGeometry:
    """Return a lon/lat geometry in metres around its own south-west corner (a scale true to 0.5 %, for widths only)."""
    origin, scale = _flat_scale(geometry)
    return shapely.transform(geometry, lambda xy: (xy - origin) * scale)


def _from_flat(geometry: BaseGeometry, like: BaseGeometry) -> BaseGeometry:
    origin, scale = _flat_scale(like)
    return shapely.transform(geometry, lambda xy: xy / scale + origin)


def _flat_scale(geometry: BaseGeometry) -> tuple[np.ndarray, np.ndarray]:
    west, south, _, north = geometry.bounds
    east_m = math.cos(math.radians((south + north) / 2)) * _METRES_PER_DEGREE
    return np.array([west, south]), np.array([east_m, _METRES_PER_DEGREE])


def _stored(geometry: BaseGeometry) -> BaseGeometry:
    """Return an area at stored precision, made valid again where rounding broke it."""
    geometry = shapely.transform(geometry, lambda xy: np.round(xy, STORED_DECIMALS))
    if geometry.is_valid:
        return geometry
    mended = areas_of(shapely.make_valid(geometry))
    return shapely.transform(mended, lambda xy: np.round(xy, STORED_DECIMALS))


def mended(area: BaseGeometry) -> BaseGeometry:
    """Return a valid area of what was meant by one that is not, hairs left out."""
    found = areas_of(shapely.make_valid(area, method="structure", keep_collapsed=False))
    found = _stored(found)
    parts = [part for part in shapely.get_parts(found) if is_wide(part)]
    return shapely.MultiPolygon(parts) if len(parts) != 1 else parts[0]


def coarse(area: BaseGeometry, most: int = 5_000) -> BaseGeometry:
    """Return an area with far fewer corners and hardly another outline: of each ring every n-th, then the needed ones.

    Empty where nothing valid comes out.
    """
    total = shapely.get_num_coordinates(area)
    for step in (1, 4, 16, 64):
        thin = shapely.MultiPolygon([_every(part, step) for part in shapely.get_parts(area)]) if step > 1 else area
        if shapely.get_num_coordinates(thin) > 4 * most and step < 64 and total / step > 40_000:
            continue
        for off in (1e-6, 4e-6, 1.6e-5, 6.4e-5):
            found = _stored(shapely.simplify(thin, off, preserve_topology=False))
            if shapely.get_num_coordinates(found) <= most and not found.is_empty:
                return found if found.is_valid else mended(found)
    return shapely.Polygon()


def _every(part: Any, step: int) -> BaseGeometry:
    def thinned(ring: Any) -> np.ndarray:
        xy = shapely.get_coordinates(ring)[:-1]
        return xy[::max(1, min(step, len(xy) // 8))]

    return shapely.Polygon(thinned(part.exterior), [thinned(hole) for hole in part.interiors])


def _wide_parts(geometry: BaseGeometry) -> BaseGeometry:
    parts = [part for part in shapely.get_parts(geometry) if is_wide(part)]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _largest(geometry: BaseGeometry) -> BaseGeometry | None:
    parts = [part for part in shapely.get_parts(geometry) if part.area > 0 and is_wide(part)]
    found = max(parts, key=lambda part: part.area, default=None)
    if found is None or flat(found).area < LEAST_AREA_M2:
        return None
    return shapely.orient_polygons(found)


def main() -> None:
    """Read a job (JSON, shapes as WKB in hex) from stdin, run it under limits, write the answer to stdout."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    job: dict[str, Any] = json.load(sys.stdin)
    drawn, *others = (shapely.from_wkb(shape) for shape in job["shapes"])
    if job["task"] == "sticks_out":
        answer: Any = sticks_out(drawn, others[0])
    elif job["task"] in ("mend", "coarsen"):
        answer = shapely.to_wkb(mended(drawn) if job["task"] == "mend" else coarse(drawn), hex=True)
    else:
        found = compare(drawn, others)
        answer = {"overlaps": [[index, shapely.to_wkb(shape, hex=True)] for index, shape in found.overlaps],
                  "settled": shapely.to_wkb(found.settled, hex=True),
                  "suggestion": found.suggestion and shapely.to_wkb(found.suggestion, hex=True)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
