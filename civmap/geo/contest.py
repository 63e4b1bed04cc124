"""Which ground several areas want, after they were sewn together: what is shared, what is left, whether all fits.

Pure Shapely on lon/lat degrees at 9 decimals. The areas come out of `weave`, so an overlay meets only corners that
both sides have, and what it returns has no others.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from civmap.geo.overlay import LEAST_AREA_M2, areas_of, flat, is_wide
from civmap.geo.validity import EXPORT_DECIMALS

FEW = 4
INSIDES_MEET = "T********"


class Shared(NamedTuple):
    """Two areas, by their places in two sequences, and the ground that both hold."""

    first: int
    second: int
    shape: BaseGeometry


def array_of(shapes: Sequence[BaseGeometry]) -> np.ndarray:
    """Return geometries as an array of objects, whatever they are."""
    found = np.empty(len(shapes), object)
    found[:] = list(shapes)
    return found


def shared_ground(firsts: Sequence[BaseGeometry], seconds: Sequence[BaseGeometry]) -> list[Shared]:
    """Return the pairs of areas whose insides meet, with what they share, in order."""
    if not len(firsts) or not len(seconds):
        return []
    a, b = array_of(firsts), array_of(seconds)
    one, other = shapely.STRtree(b).query(a, predicate="intersects")
    meets = shapely.relate_pattern(a[one], b[other], INSIDES_MEET)
    pairs = sorted(zip(one[meets].tolist(), other[meets].tolist(), strict=True))
    found = [Shared(i, j, areas_of(shapely.intersection(a[i], b[j]))) for i, j in pairs]
    return [each for each in found if not each.shape.is_empty]


def shared_among(areas: Sequence[BaseGeometry]) -> list[Shared]:
    """Return the pairs of a sequence whose insides meet, each pair once."""
    if len(areas) < 2 or shapely.coverage_is_valid(array_of(areas)):
        return []
    return [each for each in shared_ground(areas, areas) if each.first < each.second]


def without(area: BaseGeometry, taken: Sequence[BaseGeometry]) -> BaseGeometry:
    """Return an area without some others, cut at the corners they have."""
    if len(taken) > FEW:
        taken = [areas_of(shapely.union_all(list(taken)))]
    for other in taken:
        area = areas_of(shapely.difference(area, other))
    return tidy(area)


def together(areas: Sequence[BaseGeometry]) -> BaseGeometry:
    """Return areas that share their edges as one, every corner of the outline kept."""
    whole = [area for area in areas if not area.is_empty]
    if len(whole) < 2:
        return whole[0] if whole else shapely.Polygon()
    try:
        joined = areas_of(shapely.coverage_union_all(shapely.get_parts(array_of(whole))))
    except shapely.errors.GEOSException:
        joined = shapely.Polygon(((0, 0), (1, 1), (1, 0), (0, 1)))
    return tidy(joined if joined.is_valid else areas_of(shapely.union_all(whole)))


def tidy(area: BaseGeometry) -> BaseGeometry:
    """Return an area as one Polygon where it is one, rings in the order of GeoJSON."""
    parts = [part for part in shapely.get_parts(area) if part.area > 0]
    if not parts:
        return shapely.Polygon()
    return shapely.orient_polygons(parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts))


def wide_parts(area: BaseGeometry) -> BaseGeometry:
    """Return the parts of an area that are worth keeping: wider than 0.05 m somewhere, and no specks."""
    return tidy(shapely.MultiPolygon([part for part in shapely.get_parts(area) if is_worth(part)]))


def is_worth(part: BaseGeometry) -> bool:
    """Tell whether a piece of ground is neither a hair nor a speck."""
    return part.area > 0 and is_wide(part) and flat(part).area >= LEAST_AREA_M2


def fits(areas: Sequence[BaseGeometry], neighbours: Sequence[BaseGeometry]) -> bool:
    """Tell whether areas fit to each other and to each neighbour, as kept and as exported at 7 decimals.

    A neighbour that shares ground with an area as an old zone may is not looked at.
    """
    a = array_of(areas)
    exported = _rounded(a)
    if not shapely.is_valid(exported).all() or not _is_coverage(a) or not _is_coverage(exported):
        return False
    if not len(neighbours):
        return True
    b = array_of(neighbours)
    one, other = shapely.STRtree(b).query(a, predicate="intersects")
    apart = ~shapely.relate_pattern(a[one], b[other], INSIDES_MEET)
    seen = _rounded(b)
    return all(_is_coverage(pair) for i, j in zip(one[apart].tolist(), other[apart].tolist(), strict=True)
               for pair in ([a[i], b[j]], [exported[i], seen[j]]))


def loose(areas: Sequence[BaseGeometry], neighbours: Sequence[BaseGeometry], *, over_ground: bool) -> set[int]:
    """Return which areas meet a neighbour at edges without common corners; lying over one counts if it should."""
    if not len(areas) or not len(neighbours):
        return set()
    pairs = shapely.STRtree(array_of(neighbours)).query(array_of(areas), predicate="intersects").T.tolist()
    amiss = [(i, j) for i, j in pairs if not _is_coverage([areas[i], neighbours[j]])]
    if over_ground:
        return {i for i, _ in amiss}
    over = {i for i, j in amiss if is_wide(areas_of(shapely.intersection(areas[i], neighbours[j])))}
    return {i for i, _ in amiss} - over


def _is_coverage(areas: Sequence[BaseGeometry]) -> bool:
    return len(areas) < 2 or bool(shapely.coverage_is_valid(array_of(areas)))


def _rounded(areas: np.ndarray) -> np.ndarray:
    return shapely.transform(areas, lambda xy: np.round(xy, EXPORT_DECIMALS))
