"""The city as arrays for compiled code, and what of it lies around one spot.

`Around` is the compiled form of `places.Surroundings`: shapes in metres from the spot, kept only where an edge passes
within the margin; an area that holds the whole margin needs none. Units, areas and lines are numbers into `City`.
"""

from typing import NamedTuple

import numpy as np

from civmap.assignment.cells_grid import COVERS, Grid, Shapes, cell_of
from civmap.assignment.cells_metric import Metric, inner, offset, scale_at
from civmap.assignment.cells_seats import Seats, seats_near

RULING, POINT, FRONTAGE, GRID, COMMUNITY, SUBDISTRICT = range(6)
OUTSIDE, INSIDE, EDGE = range(3)
BOTH, LEFT, RIGHT = range(3)
BEYOND_M, CLOSE_M = 0.01, 1e-7
DUTY_END, DUTY_TERRITORY, DUTY_COMMUNITY = -1, -2, -3
NONE, DOUBTFUL = -1, -2
MOST_PLACES, MOST_VERTICES = 512, 200_000


class Areas(NamedTuple):
    """What an area is: unit or -1, order of its code, size in square degrees, class of a ruling or -1; of a border the
    division's group, the order of its code and how long that is.
    """

    kind: np.ndarray
    unit: np.ndarray
    rank: np.ndarray
    size: np.ndarray
    about: np.ndarray
    is_expired: np.ndarray
    division: np.ndarray
    division_rank: np.ndarray
    digits: np.ndarray


class Lines(NamedTuple):
    """What a segment with a unit is: unit, order of its code, reach in metres, side."""

    unit: np.ndarray
    rank: np.ndarray
    reach: np.ndarray
    side: np.ndarray


class Asks(NamedTuple):
    """What the cascade knows of each class: duties, units that points may name, owner by group of divisions."""

    duties: np.ndarray
    point_units: np.ndarray
    is_frontage: np.ndarray
    owner: np.ndarray
    has_owners: bool
    order: np.ndarray


class City(NamedTuple):
    """All that may answer; a unit's seat has the unit's number, `unit_rank` is the order of its code.

    `close_m`: metres to seats that differ by less are compared by `rules.choose`.
    """

    metric: Metric
    areas: Areas
    area_shapes: Shapes
    area_grid: Grid
    lines: Lines
    line_shapes: Shapes
    line_grid: Grid
    seats: Seats
    unit_rank: np.ndarray
    asks: Asks
    nearest_m: float
    margin_m: float
    tie_m: float
    close_m: float


class Around(NamedTuple):
    """What lies around one spot; `count` holds areas, lines, seats and vertices in use, `scale` metres a degree."""

    count: np.ndarray
    scale: np.ndarray
    area: np.ndarray
    state: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    away: np.ndarray
    line: np.ndarray
    line_begin: np.ndarray
    line_end: np.ndarray
    line_away: np.ndarray
    seat: np.ndarray
    seat_group: np.ndarray
    seat_x: np.ndarray
    seat_y: np.ndarray
    x: np.ndarray
    y: np.ndarray
    is_last: np.ndarray


def empty_around() -> Around:
    """Return room for what lies around a spot."""
    numbers = [np.zeros(MOST_PLACES, np.int64) for _ in range(9)]
    metres = [np.zeros(MOST_PLACES) for _ in range(4)]
    return Around(np.zeros(4, np.int64), np.zeros(2), numbers[0], numbers[1], numbers[2], numbers[3], metres[0],
                  numbers[4], numbers[5], numbers[6], metres[1], numbers[7], numbers[8], metres[2], metres[3],
                  np.zeros(MOST_VERTICES), np.zeros(MOST_VERTICES), np.zeros(MOST_VERTICES, np.uint8))


@inner
def to_edge(around, begin, end, x, y):
    """Return the metres from a spot of the plane to an edge, the nearest spot of it, and whether a ring holds it."""
    least, foot_x, foot_y, is_inside = np.inf, 0.0, 0.0, False
    for at in range(begin, end - 1):
        if around.is_last[at]:
            continue
        x1, y1, x2, y2 = around.x[at] - x, around.y[at] - y, around.x[at + 1] - x, around.y[at + 1] - y
        dx, dy = x2 - x1, y2 - y1
        length2 = dx * dx + dy * dy
        share = min(max(-(x1 * dx + y1 * dy) / length2, 0.0), 1.0) if length2 > 0 else 0.0
        px, py = x1 + share * dx, y1 + share * dy
        away = px * px + py * py
        if away < least:
            least, foot_x, foot_y = away, px + x, py + y
        if (y1 > 0) != (y2 > 0) and (x1 * dy - y1 * dx > 0) == (dy > 0):
            is_inside = not is_inside
    return np.sqrt(least), foot_x, foot_y, is_inside


@inner
def _moved(shapes, place, lon, lat, around):
    """Put the vertices of a place into the plane; return where they begin and end."""
    begin, across, up = around.count[3], around.scale[0], around.scale[1]
    at = begin
    for vertex in range(shapes.start[place], shapes.start[place + 1]):
        around.x[at], around.y[at] = (shapes.lon[vertex] - lon) * across, (shapes.lat[vertex] - lat) * up
        around.is_last[at] = shapes.last[vertex]
        at += 1
    return begin, at


@inner
def _has_room(around, number, shapes, place):
    return (around.count[number] < MOST_PLACES
            and around.count[3] + shapes.start[place + 1] - shapes.start[place] < MOST_VERTICES)


@inner
def gather_areas(city, lon, lat, around):
    """Take the areas around a spot; return False where that cannot be told for certain."""
    around.scale[0], around.scale[1] = scale_at(lat)
    grid = city.area_grid
    cell = cell_of(grid, lon, lat)
    if cell < 0:
        return True
    for item in range(grid.start[cell], grid.start[cell + 1]):
        place, number = grid.item[item], around.count[0]
        if not _has_room(around, 0, city.area_shapes, place):
            return False
        around.area[number] = place
        if grid.covers[item] == COVERS:
            around.state[number], around.away[number] = INSIDE, np.inf
            around.count[0] += 1
            continue
        begin, end = _moved(city.area_shapes, place, lon, lat, around)
        away, _, _, is_inside = to_edge(around, begin, end, 0.0, 0.0)
        if abs(away - city.margin_m) < CLOSE_M:
            return False
        if away > city.margin_m + BEYOND_M:
            if is_inside:
                around.state[number], around.away[number] = INSIDE, away
                around.count[0] += 1
            continue
        around.state[number], around.away[number] = EDGE, away
        around.begin[number], around.end[number] = begin, end
        around.count[0] += 1
        around.count[3] = end
    return True


@inner
def gather_lines(city, lon, lat, around):
    """Take the segments within reach of the margin around a spot; return False where it is not certain."""
    grid = city.line_grid
    cell = cell_of(grid, lon, lat)
    if cell < 0:
        return True
    for item in range(grid.start[cell], grid.start[cell + 1]):
        place, number = grid.item[item], around.count[1]
        if not _has_room(around, 1, city.line_shapes, place):
            return False
        begin, end = _moved(city.line_shapes, place, lon, lat, around)
        away, _, _, _ = to_edge(around, begin, end, 0.0, 0.0)
        most = city.lines.reach[place]
        if away > most + city.margin_m + BEYOND_M:
            continue
        if abs(away - most) < CLOSE_M or abs(abs(away - most) - city.margin_m) < CLOSE_M:
            return False
        around.line[number], around.line_away[number] = place, away
        around.line_begin[number], around.line_end[number] = begin, end
        around.count[1] += 1
        around.count[3] = end
    return True


@inner
def gather_seats(city, class_number, lon, lat, around):
    """Take the seats that may be nearest within the margin, for each category of the class."""
    for duty in city.asks.duties[class_number]:
        if duty == DUTY_END:
            return True
        if duty < 0:
            continue
        begin, end = seats_near(city.seats, duty, lon, lat)
        first, least = around.count[2], np.inf
        if first + end - begin >= MOST_PLACES:
            return False
        for at in range(begin, end):
            seat, number = city.seats.item[at], first + at - begin
            x, y = offset(city.metric, lon, lat, city.seats.lon[seat], city.seats.lat[seat])
            around.seat[number], around.seat_group[number] = seat, duty
            around.seat_x[number], around.seat_y[number] = x, y
            least = min(least, np.sqrt(x * x + y * y))
        if not _keep_near(city, first, end - begin, least, around):
            return False
    return True


@inner
def _keep_near(city, first, count, least, around):
    """Keep of the seats just taken those that can be nearest, or at a tie with it, somewhere in the margin."""
    most, kept, doubt = least + 2 * city.margin_m + city.tie_m, first, city.close_m
    for number in range(first, first + count):
        away = np.sqrt(around.seat_x[number] ** 2 + around.seat_y[number] ** 2)
        if abs(away - most) < doubt or abs(away - city.nearest_m - city.margin_m) < doubt:
            return False
        if away <= most and away <= city.nearest_m + city.margin_m:
            around.seat[kept], around.seat_group[kept] = around.seat[number], around.seat_group[number]
            around.seat_x[kept], around.seat_y[kept] = around.seat_x[number], around.seat_y[number]
            kept += 1
    around.count[2] = kept
    return True
