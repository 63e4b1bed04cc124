"""Who gets the ground that an area gives up: each neighbour the part along its own edge."""

from collections.abc import Sequence

import shapely
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from civmap.geo.contest import array_of, without
from civmap.geo.cutting import cut, given, shared_edge
from civmap.geo.weave import weave


def given_up(before: BaseGeometry, after: BaseGeometry,
             neighbours: Sequence[BaseGeometry]) -> tuple[list[BaseGeometry], list[BaseGeometry]]:
    """Return the neighbours with the ground that an area gave up along them, and the ground that lies along none.

    All shapes are woven together. Where two neighbours meet on the old edge, the ground between the old edge and the
    new one is cut from there on the shortest way.
    """
    faces: list[BaseGeometry] = []
    for part in shapely.get_parts(without(before, [after])):
        if part.area > 0:
            faces += _along(part, after, neighbours)
    if not faces:
        return list(neighbours), []
    woven = weave([*faces, *neighbours], [False] * len(faces) + [True] * len(neighbours))
    return given(woven[len(faces):], woven[:len(faces)])


def _along(part: BaseGeometry, after: BaseGeometry, neighbours: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    """Return a piece of given-up ground cut where the neighbour along its old edge changes."""
    beside = [other for other in neighbours if shared_edge(part, other) > 0]
    fresh = shapely.intersection(part.boundary, after.boundary)
    if len(beside) < 2 or fresh.length == 0:
        return [part]
    lines = []
    for spot in _junctions(part, beside):
        if spot.distance(fresh) > 0:
            near = shapely.shortest_line(spot, fresh)
            if near.length > 0:
                lines.append(LineString(near))
    return cut(part, lines).pieces if lines else [part]


def _junctions(part: BaseGeometry, beside: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    """Return the corners of a piece that two of its neighbours have in common."""
    corners = shapely.points(shapely.get_coordinates(part.exterior)[:-1])
    edges = array_of([other.boundary for other in beside])
    hits = shapely.STRtree(edges).query(corners, predicate="intersects")[0].tolist()
    return [corners[place] for place in sorted(set(hits)) if hits.count(place) > 1]
