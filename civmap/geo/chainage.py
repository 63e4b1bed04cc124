"""Along a line: metres from its beginning (geodesic), the spot at a metre, cutting there, and lines end to end as one.

Between two vertices a line runs straight in degrees, as every map draws it; metres are those on the WGS 84 ellipsoid.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString

from civmap.geo.measure import GEOD, NearPlane
from civmap.geo.validity import STORED_DECIMALS

Spot = tuple[float, float]
TOUCH_M = 1.0
"""Ends closer than this are one place: two clerks who clicked the same crossing."""


class Along(NamedTuple):
    """Where a spot lies on a line: metres from its beginning, and how far it is from it."""

    at_m: float
    distance_m: float


class Apart(NamedTuple):
    """Why lines are no one line: the gap's metres and place, or a place where three ends meet or a line is forked."""

    reason: str
    gap_m: float
    place: Spot


class Chain(NamedTuple):
    """Lines in the order in which they make one: number and whether each runs against the whole; the line itself."""

    order: list[tuple[int, bool]]
    line: LineString
    breaks_m: list[float]


def metres_along(line: LineString) -> NDArray[np.float64]:
    """Return the geodesic metres from the beginning of a line to each of its vertices."""
    xy = shapely.get_coordinates(line)
    steps = GEOD.inv(xy[:-1, 0], xy[:-1, 1], xy[1:, 0], xy[1:, 1])[2]
    return np.concatenate([[0.0], np.cumsum(steps)])


def spot_at(line: LineString, at_m: float) -> Spot:
    """Return the (lon, lat) at a metre of a line, at stored precision; the ends beyond the ends."""
    walked = metres_along(line)
    xy = shapely.get_coordinates(line)
    edge = int(np.clip(np.searchsorted(walked, at_m, side="right") - 1, 0, len(xy) - 2))
    (lon, lat), (lon2, lat2) = xy[edge], xy[edge + 1]
    size, wanted = float(walked[edge + 1] - walked[edge]), float(at_m - walked[edge])
    share = float(np.clip(wanted / size, 0, 1)) if size else 0.0
    for _ in range(2 if 0 < share < 1 else 0):
        reached = GEOD.inv(lon, lat, lon + share * (lon2 - lon), lat + share * (lat2 - lat))[2]
        share += (wanted - reached) / size
    return (round(float(lon + share * (lon2 - lon)), STORED_DECIMALS),
            round(float(lat + share * (lat2 - lat)), STORED_DECIMALS))


def cut(line: LineString, at_m: float) -> tuple[LineString, LineString]:
    """Return the two parts of a line on both sides of a metre; both have the very same vertex there."""
    walked = metres_along(line)
    xy = shapely.get_coordinates(line)
    near = int(np.argmin(np.abs(walked[1:-1] - at_m))) + 1 if len(walked) > 2 else 0
    if near and abs(walked[near] - at_m) < 1e-3:
        return LineString(xy[:near + 1]), LineString(xy[near:])
    spot = spot_at(line, at_m)
    edge = int(np.searchsorted(walked, at_m))
    return LineString([*xy[:edge], spot]), LineString([spot, *xy[edge:]])


def between(line: LineString, from_m: float, to_m: float) -> LineString:
    """Return the part of a line between two metres of it, in its direction."""
    size = float(metres_along(line)[-1])
    part = cut(line, to_m)[0] if to_m < size else line
    return cut(part, from_m)[1] if from_m > 0 else part


def where_on(line: LineString, spot: Spot) -> Along:
    """Return where a spot lies on a line: the nearest place of it."""
    plane = NearPlane(*spot)
    flat = shapely.get_coordinates(plane.to_metres(line))
    start, step = flat[:-1], np.diff(flat, axis=0)
    size = (step ** 2).sum(axis=1)
    share = np.clip(-(start * step).sum(axis=1) / np.where(size > 0, size, 1.0), 0, 1)
    foot = start + step * share[:, None]
    away = np.hypot(foot[:, 0], foot[:, 1])
    edge = int(np.argmin(away))
    walked = metres_along(line)
    return Along(float(walked[edge] + share[edge] * (walked[edge + 1] - walked[edge])), float(away[edge]))


def reversed_line(line: LineString) -> LineString:
    """Return a line in the other direction."""
    return LineString(shapely.get_coordinates(line)[::-1])


def chained(lines: Sequence[LineString]) -> Chain | Apart:
    """Return lines that touch end to end as one line in the direction of the first, or why they are not one.

    Ends within a metre count as touching; the first line's vertices stay where they are. Lines that close a ring are
    one line that begins where the first begins.
    """
    nodes = _ends(lines)
    meets: dict[int, list[int]] = {}
    for number, (start, end) in enumerate(nodes):
        for node in (start, end):
            meets.setdefault(node, []).append(number)
    for node, there in meets.items():
        if len(there) > 2:
            return Apart("fork", 0.0, _end_of(lines, nodes, node))
    order = _walk(nodes, meets)
    if len(order) < len(lines):
        return _gap(lines, {number for number, _ in order})
    return _joined(lines, order)


def _ends(lines: Sequence[LineString]) -> list[tuple[int, int]]:
    """Return the numbers of the places where each line begins and ends; ends within a metre are one place."""
    places: list[Spot] = []

    def number(spot: Spot) -> int:
        for known, place in enumerate(places):
            if GEOD.inv(*place, *spot)[2] <= TOUCH_M:
                return known
        places.append(spot)
        return len(places) - 1

    return [(number(line.coords[0]), number(line.coords[-1])) for line in lines]


def _end_of(lines: Sequence[LineString], nodes: list[tuple[int, int]], node: int) -> Spot:
    for line, (start, end) in zip(lines, nodes, strict=True):
        if node in (start, end):
            lon, lat = line.coords[0 if node == start else -1]
            return lon, lat
    raise AssertionError("unreachable")


def _walk(nodes: list[tuple[int, int]], meets: dict[int, list[int]]) -> list[tuple[int, bool]]:
    """Walk from the first line forwards, then backwards; return the lines met, each with whether it is reversed."""
    seen = {0}
    order: list[tuple[int, bool]] = [(0, False)]
    for forwards in (True, False):
        node = nodes[0][1 if forwards else 0]
        while True:
            ahead = next((number for number in meets[node] if number not in seen), None)
            if ahead is None:
                break
            seen.add(ahead)
            start, end = nodes[ahead]
            is_reversed = (start != node) if forwards else (end != node)
            node = (start if is_reversed else end) if forwards else (end if is_reversed else start)
            order.insert(len(order) if forwards else 0, (ahead, is_reversed))
    return order


def _gap(lines: Sequence[LineString], there: set[int]) -> Apart:
    """Return the narrowest gap between the lines that hang together and the others, and whether it is a fork."""
    found: list[tuple[float, bool, Spot]] = []
    for here in there:
        for other in set(range(len(lines))) - there:
            for one, two in ((here, other), (other, here)):
                for spot in (lines[one].coords[0], lines[one].coords[-1]):
                    gap = where_on(lines[two], spot)
                    ends = min(GEOD.inv(*spot, *end)[2] for end in (lines[two].coords[0], lines[two].coords[-1]))
                    found.append((gap.distance_m, gap.distance_m <= TOUCH_M < ends, spot))
    gap_m, is_fork, place = min(found)
    return Apart("fork" if is_fork else "gap", gap_m, place)


def _joined(lines: Sequence[LineString], order: list[tuple[int, bool]]) -> Chain:
    parts = [shapely.get_coordinates(reversed_line(lines[number]) if is_reversed else lines[number])
             for number, is_reversed in order]
    first = next(place for place, (number, _) in enumerate(order) if number == 0)
    for place in range(first + 1, len(parts)):
        parts[place] = np.vstack([parts[place - 1][-1:], parts[place][1:]])
    for place in range(first - 1, -1, -1):
        parts[place] = np.vstack([parts[place][:-1], parts[place + 1][:1]])
    whole = np.vstack([parts[0], *(part[1:] for part in parts[1:])])
    keep = np.append(True, (np.diff(whole, axis=0) != 0).any(axis=1))
    lengths = [float(metres_along(LineString(part))[-1]) for part in parts]
    return Chain(order, LineString(whole[keep]), [float(at) for at in np.cumsum(lengths)[:-1]])


def mark(at_m: float) -> str:
    """Return a metre as road people write it: K1+250."""
    whole = round(at_m)
    return f"K{whole // 1000}+{whole % 1000:03d}"
