"""Which area holds a spot of the plane, in compiled code: the form of `places.holding` for millions.

A comparison that is closer than the arithmetic is good for gives DOUBTFUL; then `rules.choose` decides.
"""


from civmap.assignment.cells_city import CLOSE_M, DOUBTFUL, INSIDE, NONE, POINT, RULING, to_edge
from civmap.assignment.cells_metric import inner
from civmap.assignment.places import ON_EDGE_M

ANY, UNEXPIRED, EXPIRED = range(3)


@inner
def _holds(around, number, x, y):
    """Return 1 where an area holds a spot, its edge and a millimetre included; 0 where not, DOUBTFUL in between."""
    if around.state[number] == INSIDE:
        return 1
    away, _, _, is_inside = to_edge(around, around.begin[number], around.end[number], x, y)
    if is_inside and away > CLOSE_M:
        return 1
    if abs(away - ON_EDGE_M) < CLOSE_M:
        return DOUBTFUL
    return 1 if away <= ON_EDGE_M else 0


@inner
def _before(areas, around, one, other):
    """Return whether an area comes before another: the smaller one to 0.01 m², then by code; DOUBTFUL in between."""
    m2 = around.scale[0] * around.scale[1]
    more = (areas.size[one] - areas.size[other]) * m2
    if abs(more) > 0.0101:
        return 1 if more < 0 else 0
    if abs(more) < 1e-6:
        return 1 if areas.rank[one] < areas.rank[other] else 0
    return DOUBTFUL


@inner
def _is_wanted(city, place, kind, class_number, need):
    areas = city.areas
    if areas.kind[place] != kind:
        return False
    if need == EXPIRED:
        return areas.is_expired[place] == 1
    if areas.unit[place] < 0 or (need == UNEXPIRED and areas.is_expired[place] == 1):
        return False
    if kind == RULING:
        return areas.about[place] == -1 or areas.about[place] == class_number
    return kind != POINT or city.asks.point_units[class_number, areas.unit[place]] == 1


@inner
def first_area(city, around, kind, class_number, need, x, y):
    """Return the smallest wanted area of a kind that holds a spot; NONE or DOUBTFUL."""
    best, areas = NONE, city.areas
    for number in range(around.count[0]):
        place = around.area[number]
        if not _is_wanted(city, place, kind, class_number, need):
            continue
        holds = _holds(around, number, x, y)
        if holds == DOUBTFUL:
            return DOUBTFUL
        if holds == 0:
            continue
        if best == NONE:
            best = place
            continue
        before = _before(areas, around, place, best)
        if before == DOUBTFUL and not _is_same(areas, place, best, need):
            return DOUBTFUL
        if before == 1:
            best = place
    return best


@inner
def _is_same(areas, one, other, need):
    return need == EXPIRED or areas.unit[one] == areas.unit[other]


@inner
def division_of(city, around, x, y):
    """Return the area with the longest division code that holds a spot, the first code of several; or NONE."""
    best, areas = NONE, city.areas
    for number in range(around.count[0]):
        place = around.area[number]
        if areas.digits[place] == 0 or (best >= 0 and not _is_longer(areas, place, best)):
            continue
        holds = _holds(around, number, x, y)
        if holds == DOUBTFUL:
            return DOUBTFUL
        if holds == 1:
            best = place
    return best


@inner
def _is_longer(areas, one, other):
    if areas.digits[one] != areas.digits[other]:
        return areas.digits[one] > areas.digits[other]
    return areas.division_rank[one] < areas.division_rank[other]
