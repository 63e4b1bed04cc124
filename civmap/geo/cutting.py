"""Cut areas along lines, and give pieces to the area they lie along.

Pure Shapely on lon/lat degrees at 9 decimals. A cut ends at corners that the outline then has; a line that nearly
reaches the outline is drawn on straight.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import shapely
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from civmap.geo.contest import array_of, is_worth, tidy, together
from civmap.geo.measure import NearPlane
from civmap.geo.overlay import areas_of
from civmap.geo.weave import weave

LEAST_STRETCH_M, STRETCH_SHARE = 5.0, 0.15
FEW_CORNERS, HAIR = 200, 1e-7


class Cut(NamedTuple):
    """The whole area with the corners that the cut put on its outline, and the pieces of it."""

    whole: BaseGeometry
    pieces: list[BaseGeometry]


def cut(area: BaseGeometry, lines: Sequence[BaseGeometry]) -> Cut:
    """Return the pieces that lines cut an area into, hairs added to the piece beside them; one piece: nothing is cut.

    Parts of a multipart area that no line crosses are pieces too. Raise Invalid `shapes_too_complex`.
    """
    singles = [line for line in shapely.get_parts(array_of(lines)) if line.length > 0]
    *woven, whole = weave([*singles, area], [False] * len(singles) + [True])
    faces = faces_of([*woven, whole])
    shapely.prepare(whole)
    is_inside = shapely.intersects_xy(whole, shapely.get_coordinates(shapely.point_on_surface(array_of(faces))))
    return Cut(whole, without_hairs([face for face, is_one in zip(faces, is_inside, strict=True) if is_one]))


def faces_of(shapes: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    """Return the faces between woven lines and outlines."""
    flat = shapely.get_parts(array_of(shapes))
    rings = [*shapely.get_rings(flat[shapely.get_type_id(flat) == 3]), *flat[shapely.get_type_id(flat) != 3]]
    xy, ring = shapely.get_coordinates(array_of(rings), return_index=True)
    same = (ring[1:] == ring[:-1]) & (xy[1:] != xy[:-1]).any(1)
    ends = np.stack([xy[:-1][same], xy[1:][same]], axis=1)
    back = (ends[:, 0, 0] > ends[:, 1, 0]) | ((ends[:, 0, 0] == ends[:, 1, 0]) & (ends[:, 0, 1] > ends[:, 1, 1]))
    ends[back] = ends[back][:, ::-1]
    edges = np.unique(ends.reshape(-1, 4), axis=0).reshape(-1, 2, 2)
    return list(shapely.get_parts(shapely.polygonize(shapely.linestrings(edges))))


def without_hairs(faces: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    """Return faces, hairs and specks added to the one they share most of their edge with."""
    is_kept = [is_worth(face) for face in faces]
    kept = [face for face, is_one in zip(faces, is_kept, strict=True) if is_one]
    hairs = [face for face, is_one in zip(faces, is_kept, strict=True) if not is_one]
    return given(kept, hairs)[0] if kept and hairs else kept or list(faces)


def given(areas: Sequence[BaseGeometry],
          pieces: Sequence[BaseGeometry]) -> tuple[list[BaseGeometry], list[BaseGeometry]]:
    """Return areas with every piece added to the one it lies along, and the pieces that lie along none.

    Pieces behind other pieces follow them. All must have been woven together.
    """
    whole = [piece for piece in pieces if not piece.is_empty]
    grown: list[list[BaseGeometry]] = [[area] for area in areas]
    edges, owners = _edges(areas, whole), dict(enumerate(range(len(areas))))
    left = list(range(len(whole)))
    while left:
        rest = []
        for number in left:
            best = _beside(edges[number], owners)
            if best is None:
                rest.append(number)
            else:
                owners[len(areas) + number] = best
                grown[best].append(whole[number])
        if len(rest) == len(left):
            break
        left = rest
    return [together(parts) if len(parts) > 1 else parts[0] for parts in grown], [whole[number] for number in left]


def _edges(areas: Sequence[BaseGeometry], pieces: Sequence[BaseGeometry]) -> list[list[tuple[int, float]]]:
    """Return for each piece the areas (by place) and pieces (behind them) along which it lies, and how far."""
    found: list[list[tuple[int, float]]] = [[] for _ in pieces]
    if not pieces:
        return found
    every = array_of([*areas, *pieces])
    outlines = shapely.boundary(every)
    pairs = shapely.STRtree(every).query(every[len(areas):], predicate="intersects")
    for number, other in sorted(pairs.T.tolist()):
        outline = outlines[other]
        if shapely.get_num_coordinates(outline) > FEW_CORNERS:
            west, south, east, north = pieces[number].bounds
            outline = shapely.clip_by_rect(outline, west - HAIR, south - HAIR, east + HAIR, north + HAIR)
        if other != len(areas) + number:
            length = shapely.length(shapely.intersection(outlines[len(areas) + number], outline))
            found[number] += [(other, float(length))] if length > 0 else []
    return found


def _beside(edges: Sequence[tuple[int, float]], owners: Mapping[int, int]) -> int | None:
    lengths: dict[int, float] = {}
    for other, length in edges:
        if other in owners:
            lengths[owners[other]] = lengths.get(owners[other], 0.0) + length
    return max(lengths, key=lambda place: (lengths[place], -place), default=None)


def shared_edge(one: BaseGeometry, other: BaseGeometry) -> float:
    """Return how much of their outlines two woven areas share, in degrees: to compare, not to tell."""
    if not one.intersects(other):
        return 0.0
    met = shapely.intersection(one.boundary, other.boundary)
    return float(shapely.length(met))


def reaching(area: BaseGeometry, line: BaseGeometry, most_m: float | None = None) -> BaseGeometry:
    """Return a line whose ends inside an area are drawn on straight until outside, where that is not far.

    Not far: 5 m or 15 % of the line's length, or `most_m` (inf: however far).
    """
    spot = area.representative_point()
    plane = NearPlane(spot.x, spot.y)
    xy, ground = shapely.get_coordinates(plane.to_metres(line)), plane.to_metres(area)
    far = max(LEAST_STRETCH_M, STRETCH_SHARE * shapely.LineString(xy).length) if most_m is None else most_m
    begun = _drawn_on(ground, xy[0], _before(xy), far)
    ended = _drawn_on(ground, xy[-1], _before(xy[::-1]), far)
    scale = np.array(plane.scale)
    own = shapely.get_coordinates(line)
    runs = [run / scale + (plane.lon, plane.lat) for run in (begun, ended) if run is not None]
    first = runs[:1] if begun is not None else []
    last = runs[-1:] if ended is not None else []
    return LineString(np.vstack([*first, own, *last]))


def _before(xy: np.ndarray) -> np.ndarray:
    """Return the first corner that really differs from the start."""
    off = np.hypot(*(xy - xy[0]).T)
    return xy[int(np.argmax(off > 0.01))]


def _drawn_on(ground: BaseGeometry, end: np.ndarray, inner: np.ndarray, far: float) -> np.ndarray | None:
    """Return where a line's end has to go to leave the ground, one row, or None where it need not or cannot."""
    run = end - inner
    length = float(np.hypot(*run))
    if length == 0 or not shapely.dwithin(ground, shapely.Point(end), 0.06):
        return None
    reach = min(far, 2 * float(np.hypot(*np.diff(np.reshape(ground.bounds, (2, 2)), axis=0)[0])) + 1)
    ray = LineString([end, end + run / length * reach])
    met = [part for part in shapely.get_parts(shapely.intersection(ray, ground.boundary)) if not part.is_empty]
    if not met:
        return None
    nearest = min(shapely.Point(end).distance(part) for part in met)
    return (end + run / length * (nearest + 0.2))[None, :]


def halves(shared: BaseGeometry) -> LineString:
    """Return the line along the long axis of an area that cuts it in two equal ones, drawn on beyond its edge."""
    spot = shared.representative_point()
    plane = NearPlane(spot.x, spot.y)
    ground = plane.to_metres(shared)
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(ground))[:4]
    sides = box[1] - box[0], box[2] - box[1]
    along, across = sides if np.hypot(*sides[0]) >= np.hypot(*sides[1]) else (sides[1], sides[0])
    start = box[0] if along is sides[0] else box[1]
    across = across if along is sides[0] else -across
    low, high, half = 0.0, 1.0, ground.area / 2
    for _ in range(40):
        middle = (low + high) / 2
        strip = shapely.Polygon([start - along, start + 2 * along, start + 2 * along + middle * across,
                                 start - along + middle * across])
        low, high = (middle, high) if ground.intersection(strip).area < half else (low, middle)
    ends = np.array([start - 0.05 * along, start + 1.05 * along]) + (low + high) / 2 * across
    return LineString(ends / np.array(plane.scale) + (plane.lon, plane.lat))


def inside(area: BaseGeometry, pieces: Sequence[BaseGeometry]) -> BaseGeometry:
    """Return pieces of an area as one area."""
    return tidy(areas_of(together(list(pieces)))) if pieces else shapely.Polygon()
