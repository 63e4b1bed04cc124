"""The rules of the cascade in compiled code, as `rules` has them: who answers first at a spot of the plane.

Each rule returns (unit, basis, what): the number of a unit, or NONE where the rule is silent, or DOUBTFUL where a
comparison is closer than the arithmetic is good for: then `rules.choose` decides.
"""

import numpy as np

from civmap.assignment.cells_areas import ANY, EXPIRED, UNEXPIRED, division_of, first_area
from civmap.assignment.cells_city import (
    COMMUNITY,
    DOUBTFUL,
    DUTY_COMMUNITY,
    DUTY_END,
    DUTY_TERRITORY,
    FRONTAGE,
    GRID,
    NONE,
    POINT,
    RULING,
    SUBDISTRICT,
)
from civmap.assignment.cells_lines import segment_of
from civmap.assignment.cells_metric import inner

BASES = ("none", "designated", "point", "frontage", "professional", "segment", "grid", "nearest", "territorial")
DESIGNATED_BY, POINT_BY, FRONTAGE_BY, PROFESSIONAL_BY, SEGMENT_BY, GRID_BY, NEAREST_BY, TERRITORIAL_BY = range(1, 9)
KIND_OF = (NONE, RULING, POINT, FRONTAGE, NONE, NONE, GRID, NONE, SUBDISTRICT)


@inner
def _of_area(city, around, kind, class_number, basis, x, y):
    place = first_area(city, around, kind, class_number, ANY, x, y)
    return (city.areas.unit[place] if place >= 0 else place), basis, place


@inner
def _frontage(city, around, class_number, x, y):
    if not city.asks.is_frontage[class_number]:
        return NONE, FRONTAGE_BY, NONE
    place = first_area(city, around, FRONTAGE, class_number, UNEXPIRED, x, y)
    if place != NONE:
        return (city.areas.unit[place] if place >= 0 else place), FRONTAGE_BY, place
    expired = first_area(city, around, FRONTAGE, class_number, EXPIRED, x, y)
    if expired < 0:
        return expired, FRONTAGE_BY, expired
    return _of_area(city, around, SUBDISTRICT, class_number, TERRITORIAL_BY, x, y)


@inner
def _professional(city, around, class_number, x, y):
    """Return the owner in the division of a spot: the one with the longest code, the last column stands for none."""
    if not city.asks.has_owners:
        return NONE, PROFESSIONAL_BY, NONE
    border = division_of(city, around, x, y)
    if border == DOUBTFUL:
        return DOUBTFUL, PROFESSIONAL_BY, NONE
    group = city.areas.division[border] if border >= 0 else city.asks.owner.shape[1] - 1
    unit = city.asks.owner[class_number, group]
    return unit, PROFESSIONAL_BY, unit


@inner
def _nearest(city, around, class_number, x, y):
    for duty in city.asks.duties[class_number]:
        if duty == DUTY_END:
            break
        if duty == DUTY_TERRITORY:
            found = _of_area(city, around, SUBDISTRICT, class_number, TERRITORIAL_BY, x, y)
        elif duty == DUTY_COMMUNITY:
            found = _of_area(city, around, COMMUNITY, class_number, TERRITORIAL_BY, x, y)
        else:
            found = _nearest_of(city, around, duty, x, y)
        if found[0] != NONE:
            return found
    return NONE, NEAREST_BY, NONE


@inner
def _nearest_of(city, around, group, x, y):
    """Return the unit of a category with the nearest seat; at a tie the one whose code comes first."""
    best, least = NONE, np.inf
    for number in range(around.count[2]):
        if around.seat_group[number] == group:
            least = min(least, np.hypot(around.seat_x[number] - x, around.seat_y[number] - y))
    if least > city.nearest_m + city.close_m:
        return NONE, NEAREST_BY, NONE
    for number in range(around.count[2]):
        if around.seat_group[number] != group:
            continue
        away, unit = np.hypot(around.seat_x[number] - x, around.seat_y[number] - y), around.seat[number]
        if abs(away - least - city.tie_m) < city.close_m or abs(away - city.nearest_m) < city.close_m:
            return DOUBTFUL, NEAREST_BY, NONE
        if away - least <= city.tie_m and (best == NONE or city.unit_rank[unit] < city.unit_rank[best]):
            best = unit
    return best, NEAREST_BY, best


@inner
def first_at(city, around, class_number, x, y):
    """Return (unit, basis, what) of the first claim at a spot of the plane: NONE for nobody, or DOUBTFUL."""
    found = (NONE, 0, NONE)
    for basis in city.asks.order:
        if basis == FRONTAGE_BY:
            found = _frontage(city, around, class_number, x, y)
        elif basis == PROFESSIONAL_BY:
            found = _professional(city, around, class_number, x, y)
        elif basis == SEGMENT_BY:
            number = segment_of(city, around, x, y)
            unit = city.lines.unit[around.line[number]] if number >= 0 else number
            found = (unit, SEGMENT_BY, number)
        elif basis == NEAREST_BY:
            found = _nearest(city, around, class_number, x, y)
        else:
            found = _of_area(city, around, KIND_OF[basis], class_number, basis, x, y)
        if found[0] != NONE:
            return found
    return NONE, 0, NONE
