"""A line that follows the streets from one spot to another: what two clicks mean when one draws a segment."""

import heapq
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.city.models import StreetEdge
from civmap.errors import Invalid
from civmap.geo.measure import NearPlane, distance_m, frame_around
from civmap.store.spatial import in_frame

Spot = tuple[float, float]
FARTHEST_M = 5000.0
SNAP_M = 60.0
AROUND_M = 400.0


class _Foot(NamedTuple):
    edge: int
    along: float


def way(session: Session, start: Spot, end: Spot) -> LineString:
    """Return the shortest way along the streets between two (lon, lat) spots near them, whatever the traffic rules.

    Raise Invalid `way_too_far`, `way_off_street` where a spot is not beside a street, `way_none` without a way.
    """
    apart = distance_m(start, end)
    if not 1 <= apart <= FARTHEST_M:
        raise Invalid("way_too_far", field="to", distance_m=round(apart), most_m=int(FARTHEST_M))
    west, south, east, north = frame_around(((start[0] + end[0]) / 2, (start[1] + end[1]) / 2), apart / 2 + AROUND_M)
    rows = session.execute(select(StreetEdge.from_node, StreetEdge.to_node, StreetEdge.geom).where(
        in_frame(StreetEdge.geom, west, south, east, north)).order_by(StreetEdge.id)).all()
    plane = NearPlane(*start)
    lines = plane.to_metres(np.array([row.geom for row in rows], dtype=object))
    feet = [_foot(lines, plane, spot, name) for spot, name in ((start, "from"), (end, "to"))]
    xy = _walked([(row.from_node, row.to_node) for row in rows], lines, *feet)
    if xy is None:
        raise Invalid("way_none", field="to")
    keep = np.append(True, np.hypot(*np.diff(xy, axis=0).T) > 1e-3)
    return LineString(np.round(xy[keep] / plane.scale + (plane.lon, plane.lat), 9))


def _foot(lines: NDArray[Any], plane: NearPlane, spot: Spot, field: str) -> _Foot:
    point = plane.to_metres(shapely.Point(*spot))
    away = shapely.distance(lines, point) if len(lines) else np.array([np.inf])
    edge = int(np.argmin(away))
    if away[edge] > SNAP_M:
        raise Invalid("way_off_street", field=field, most_m=int(SNAP_M))
    return _Foot(edge, float(shapely.line_locate_point(lines[edge], point)))


def _walked(nodes: list[tuple[int, int]], lines: NDArray[Any], start: _Foot, end: _Foot) -> NDArray[np.float64] | None:
    size = shapely.length(lines)
    ways: dict[int, list[tuple[int, float, int, bool]]] = {}
    for number, (low, high) in enumerate(nodes):
        ways.setdefault(low, []).append((high, float(size[number]), number, False))
        ways.setdefault(high, []).append((low, float(size[number]), number, True))
    best: dict[int, float] = {}
    came: dict[int, tuple[int, int, bool]] = {}
    queue: list[tuple[float, int]] = []
    low, high = nodes[start.edge]
    for node, cost in ((low, start.along), (high, float(size[start.edge]) - start.along)):
        if cost < best.get(node, np.inf):
            best[node] = cost
            heapq.heappush(queue, (cost, node))
    while queue:
        cost, node = heapq.heappop(queue)
        if cost > best[node]:
            continue
        for other, metres, number, is_back in ways[node]:
            if cost + metres < best.get(other, np.inf):
                best[other] = cost + metres
                came[other] = (node, number, is_back)
                heapq.heappush(queue, (best[other], other))
    return _shortest(nodes, lines, start, end, best, came)


def _shortest(nodes: list[tuple[int, int]], lines: NDArray[Any], start: _Foot, end: _Foot, best: dict[int, float],
              came: dict[int, tuple[int, int, bool]]) -> NDArray[np.float64] | None:
    """Return the better of the ways over both ends of the last edge, or straight along one and the same edge."""
    size = float(shapely.length(lines[end.edge]))
    low, high = nodes[end.edge]
    offers = [(best.get(low, np.inf) + end.along, low, _part(lines[end.edge], 0, end.along)),
              (best.get(high, np.inf) + size - end.along, high, _part(lines[end.edge], size, end.along))]
    cost, node, last = min(offers, key=lambda offer: offer[0])
    if start.edge == end.edge and abs(start.along - end.along) <= cost:
        return _part(lines[start.edge], start.along, end.along)
    if not np.isfinite(cost):
        return None
    parts = [last]
    while node in came:
        node, number, is_back = came[node]
        line = shapely.get_coordinates(lines[number])
        parts.append(line[::-1] if is_back else line)
    at_end = node == nodes[start.edge][1] and best[node] != start.along
    whole = float(shapely.length(lines[start.edge]))
    parts.append(_part(lines[start.edge], start.along, whole if at_end else 0.0))
    return np.vstack(parts[::-1])


def _part(line: LineString, low: float, high: float) -> NDArray[np.float64]:
    """Return the vertices of a line from one metre to another, backwards where the second is the smaller."""
    from shapely.ops import substring

    part = shapely.get_coordinates(substring(line, min(low, high), max(low, high)))
    return part if low <= high else part[::-1]
