"""Where within the margin another unit may answer: the spots that decide whether an answer is ambiguous.

Source: `domain.md` §4 "ambiguity". Pure. A spot far from every edge, every reach and every second seat has none.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from math import cos, hypot, inf, pi, sin

from shapely import Point
from shapely.ops import nearest_points

from civmap.assignment.places import ORIGIN, Place, Seat, Surroundings
from civmap.assignment.table import Reach

SAMPLES = 24
ACROSS_M = 0.003
"""How far beyond an edge its other side is looked at: past the millimetre that belongs to both sides."""
Direction = tuple[float, float]


def within(around: Surroundings, categories: Collection[str], reach: Reach, margin: float) -> Surroundings:
    """Return the surroundings with the seats alone that can be the nearest of a category anywhere in the margin."""
    most = dict.fromkeys(categories, inf)
    relevant = [(hypot(seat.shape.x, seat.shape.y), seat) for seat in around.seats
                if not most.keys().isdisjoint(seat.unit.categories)]
    for away, seat in relevant:
        for category in most.keys() & seat.unit.categories:
            most[category] = min(most[category], away + 2 * margin + reach.tie_m)
    kept = [seat for away, seat in relevant if away <= reach.nearest_m + margin
            and any(away <= most[category] for category in most.keys() & seat.unit.categories)]
    return replace(around, seats=tuple(kept))


def spots(around: Surroundings, reach: Reach, margin: float) -> Iterator[Point]:
    """Yield spots within the margin that between them see every unit that may answer there; none where nothing can."""
    near = [*_edges(around, margin), *_segments(around.segments, reach, margin),
            *_seats(around.seats, reach, margin)]
    yield from near
    if not near:
        return
    yield from _ring(margin, SAMPLES)


def _ring(radius: float, count: int) -> Iterator[Point]:
    for step in range(count):
        angle = 2 * pi * step / count
        yield Point(radius * cos(angle), radius * sin(angle))


def _edges(around: Surroundings, margin: float) -> Iterator[Point]:
    """Yield the nearest spot of each edge in the margin, and the spots just across it."""
    for place in (*around.rulings, *around.frontages, *around.grids, *around.subdistricts, *around.communities,
                  *around.points):
        if place.shape.geom_type.endswith("Polygon") and place.shape.boundary.distance(ORIGIN) <= margin:
            yield from _across(nearest_points(ORIGIN, place.shape.boundary)[1])


def _across(edge: Point) -> Iterator[Point]:
    away = hypot(edge.x, edge.y)
    if away < 1e-9:
        yield from _ring(ACROSS_M, 8)
        return
    yield edge
    for factor in (1 + ACROSS_M / away, 1 - ACROSS_M / away):
        yield Point(edge.x * factor, edge.y * factor)


def _segments(segments: Iterable[Place], reach: Reach, margin: float) -> Iterator[Point]:
    """Yield spots at the margin towards and away from segments whose reach ends, begins or is shared there."""
    near = []
    for place in segments:
        away, most = place.shape.distance(ORIGIN), reach.of_segment(place.width_m)
        if place.unit is None or away > most + margin:
            continue
        foot = nearest_points(ORIGIN, place.shape)[1]
        near.append((away, _towards(foot)))
        if abs(away - most) <= margin or place.side != "both":
            yield from _both_ways(_towards(foot), margin)
        if away <= margin and place.side != "both":
            yield from _across(foot)
    yield from _between(near, reach, margin)


def _seats(seats: Iterable[Seat], reach: Reach, margin: float) -> Iterator[Point]:
    near = [(hypot(seat.shape.x, seat.shape.y), _towards(seat.shape)) for seat in seats]
    for away, direction in near:
        if abs(away - reach.nearest_m) <= margin:
            yield from _both_ways(direction, margin)
    yield from _between(near, reach, margin)


def _between(near: Collection[tuple[float, Direction]], reach: Reach, margin: float) -> Iterator[Point]:
    """Yield spots that come nearer to a second one as fast as they leave the first."""
    ranked = sorted(near)
    for first, ours in ranked:
        for second, theirs in ranked:
            if first <= second <= first + 2 * margin + reach.tie_m and ours != theirs:
                yield from _both_ways((theirs[0] - ours[0], theirs[1] - ours[1]), margin)


def _towards(spot: Point) -> Direction:
    away = hypot(spot.x, spot.y)
    return (spot.x / away, spot.y / away) if away > 1e-9 else (1.0, 0.0)


def _both_ways(direction: Direction, margin: float) -> Iterator[Point]:
    length = hypot(*direction)
    if length > 1e-9:
        for sign in (margin, -margin):
            yield Point(direction[0] * sign / length, direction[1] * sign / length)
