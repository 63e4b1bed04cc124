"""Whether another unit may answer within the margin, and the answers of many spots, in compiled code.

The form of `doubt` for millions: the same spots are looked at. One that is surely answered by another unit makes the
answer ambiguous; where none is and one cannot be told for certain, `rules.choose` decides.
"""

import numpy as np
from numba import njit

from civmap.assignment.cells_city import (
    BOTH,
    CLOSE_M,
    DOUBTFUL,
    EDGE,
    NONE,
    Around,
    City,
    empty_around,
    gather_areas,
    gather_lines,
    gather_seats,
    to_edge,
)
from civmap.assignment.cells_metric import inner
from civmap.assignment.cells_rules import SEGMENT_BY, first_at
from civmap.assignment.doubt import ACROSS_M, SAMPLES

MOST_SPOTS = 4_096
UNSURE_M = 1e-5
NO_TURN, SMALL_TURN = 1e-10, 1e-7


@inner
def _note(spots, count, x, y):
    if count < MOST_SPOTS:
        spots[count, 0], spots[count, 1] = x, y
    return count + 1


@inner
def _both_ways(spots, count, x, y, margin):
    """Note the spots at the margin in a direction and against it; none where there is no direction."""
    length = np.sqrt(x * x + y * y)
    if length < 1e-9:
        return count
    count = _note(spots, count, x * margin / length, y * margin / length)
    return _note(spots, count, -x * margin / length, -y * margin / length)


@inner
def _across(spots, count, x, y):
    """Note a spot of an edge and those just across it."""
    away = np.sqrt(x * x + y * y)
    count = _note(spots, count, x, y)
    for factor in (1 + ACROSS_M / away, 1 - ACROSS_M / away):
        count = _note(spots, count, x * factor, y * factor)
    return count


@inner
def _at_edges(city, around, spots, count):
    for number in range(around.count[0]):
        if around.state[number] != EDGE or around.away[number] > city.margin_m:
            continue
        if around.away[number] < UNSURE_M:
            return DOUBTFUL
        _, x, y, _ = to_edge(around, around.begin[number], around.end[number], 0.0, 0.0)
        count = _across(spots, count, x, y)
    return count


@inner
def _at_lines(city, around, spots, count, towards):
    margin = city.margin_m
    for number in range(around.count[1]):
        place, away = around.line[number], around.line_away[number]
        if away > city.lines.reach[place] + margin:
            towards[number, 0] = np.inf
            continue
        if away < UNSURE_M:
            return DOUBTFUL
        _, x, y, _ = to_edge(around, around.line_begin[number], around.line_end[number], 0.0, 0.0)
        towards[number, 0], towards[number, 1], towards[number, 2] = away, x / away, y / away
        is_sided = city.lines.side[place] != BOTH
        if is_sided or abs(away - city.lines.reach[place]) <= margin:
            count = _both_ways(spots, count, x, y, margin)
        if is_sided and away <= margin:
            count = _across(spots, count, x, y)
    return _between(city, spots, count, towards, around.count[1])


@inner
def _at_seats(city, around, spots, count, towards):
    for number in range(around.count[2]):
        x, y = around.seat_x[number], around.seat_y[number]
        away = np.sqrt(x * x + y * y)
        if away < UNSURE_M or abs(abs(away - city.nearest_m) - city.margin_m) < city.close_m:
            return DOUBTFUL
        towards[number, 0], towards[number, 1], towards[number, 2] = away, x / away, y / away
        if abs(away - city.nearest_m) <= city.margin_m:
            count = _both_ways(spots, count, x, y, city.margin_m)
    return _between(city, spots, count, towards, around.count[2])


@inner
def _between(city, spots, count, towards, many):
    """Note spots that come nearer to a second one as fast as they leave the first."""
    most = 2 * city.margin_m + city.tie_m
    for one in range(many):
        for other in range(many):
            more = towards[other, 0] - towards[one, 0]
            if not 0 <= more <= most + city.close_m:
                continue
            x, y = towards[other, 1] - towards[one, 1], towards[other, 2] - towards[one, 2]
            if abs(x) + abs(y) < NO_TURN:
                continue
            if more > most - city.close_m or abs(x) + abs(y) < SMALL_TURN:
                return DOUBTFUL
            count = _both_ways(spots, count, x, y, city.margin_m)
    return count


@inner
def _spots(city, around, spots, towards):
    """Note the spots to look at; return their number, DOUBTFUL where it is not certain."""
    count = _at_edges(city, around, spots, 0)
    if count >= 0:
        count = _at_lines(city, around, spots, count, towards)
    if count >= 0:
        count = _at_seats(city, around, spots, count, towards)
    if count <= 0:
        return count
    for step in range(SAMPLES):
        angle = 2 * np.pi * step / SAMPLES
        count = _note(spots, count, city.margin_m * np.cos(angle), city.margin_m * np.sin(angle))
    return count if count <= MOST_SPOTS else DOUBTFUL


@inner
def _is_ambiguous(city, around, class_number, unit, spots, towards):
    count, answer = _spots(city, around, spots, towards), 0
    if count < 0:
        return DOUBTFUL
    for number in range(count):
        other, _, _ = first_at(city, around, class_number, spots[number, 0], spots[number, 1])
        if other == DOUBTFUL:
            answer = DOUBTFUL
        elif other not in (NONE, unit):
            return 1
    return answer


@inner
def _gather(city, class_number, lon, lat, around):
    around.count[:] = 0
    return (gather_areas(city, lon, lat, around) and gather_lines(city, lon, lat, around)
            and gather_seats(city, class_number, lon, lat, around))


@njit(cache=True, nogil=True, _nrt=False)
def _answer(city, classes, lons, lats, around, spots, towards, found, away):
    for number in range(len(classes)):
        found[number, 0], found[number, 2], away[number] = DOUBTFUL, DOUBTFUL, 0.0
        if not _gather(city, classes[number], lons[number], lats[number], around):
            continue
        unit, basis, what = first_at(city, around, classes[number], 0.0, 0.0)
        found[number, 0], found[number, 1], found[number, 2] = unit, basis, 0
        if unit < 0:
            continue
        if basis == SEGMENT_BY:
            away[number] = around.line_away[what]
            cents = away[number] * 100
            if abs(cents - np.floor(cents) - 0.5) < 100 * CLOSE_M:
                found[number, 2] = DOUBTFUL
                continue
        found[number, 2] = _is_ambiguous(city, around, classes[number], unit, spots, towards)


def answers(city: City, classes: np.ndarray, lons: np.ndarray, lats: np.ndarray,
            around: Around | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return for many spots unit, number of the basis, and 1 where it is ambiguous; and metres to a segment.

    A unit is NONE where nobody answers. Unit or ambiguity is DOUBTFUL where `rules.choose` must be asked.
    """
    around = around or empty_around()
    found, away = np.empty((len(classes), 3), np.int64), np.empty(len(classes))
    _answer(city, classes, lons, lats, around, np.empty((MOST_SPOTS, 2)), np.empty((len(around.line), 3)), found, away)
    return found, away
