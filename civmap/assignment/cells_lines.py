"""Which segment answers at a spot of the plane, in compiled code: nearest within its reach and on its side."""

import numpy as np

from civmap.assignment.cells_city import BOTH, CLOSE_M, DOUBTFUL, LEFT, NONE, to_edge
from civmap.assignment.cells_metric import inner


@inner
def _side_of(around, begin, end, x, y):
    """Return the length along a line up to the foot of a spot, and the whole length."""
    least, along, whole = np.inf, 0.0, 0.0
    for at in range(begin, end - 1):
        x1, y1 = around.x[at] - x, around.y[at] - y
        dx, dy = around.x[at + 1] - around.x[at], around.y[at + 1] - around.y[at]
        length = np.sqrt(dx * dx + dy * dy)
        share = min(max(-(x1 * dx + y1 * dy) / (length * length), 0.0), 1.0) if length > 0 else 0.0
        away = (x1 + share * dx) ** 2 + (y1 + share * dy) ** 2
        if away < least:
            least, along = away, whole + share * length
        whole += length
    return along, whole


@inner
def _spot_at(around, begin, end, along):
    for at in range(begin, end - 1):
        dx, dy = around.x[at + 1] - around.x[at], around.y[at + 1] - around.y[at]
        length = np.sqrt(dx * dx + dy * dy)
        if along <= length and length > 0:
            return around.x[at] + dx * along / length, around.y[at] + dy * along / length
        along -= length
    return around.x[end - 1], around.y[end - 1]


@inner
def _on_side(city, around, number, away, x, y):
    """Return whether a spot lies on the side of a segment that answers; DOUBTFUL near the ends of its reach."""
    side = city.lines.side[around.line[number]]
    if side == BOTH or away < 0.5 - CLOSE_M:
        return 1
    if away < 0.5 + CLOSE_M:
        return DOUBTFUL
    begin, end = around.line_begin[number], around.line_end[number]
    along, whole = _side_of(around, begin, end, x, y)
    ahead_x, ahead_y = _spot_at(around, begin, end, min(along + 0.5, whole))
    behind_x, behind_y = _spot_at(around, begin, end, max(along - 0.5, 0.0))
    cross = (ahead_x - behind_x) * (y - behind_y) - (ahead_y - behind_y) * (x - behind_x)
    if abs(cross) < 1e-5:
        return DOUBTFUL
    return 1 if (cross > 0) == (side == LEFT) else 0


@inner
def _reached(city, around, number, x, y):
    """Return the metres to a segment that answers at a spot, infinity where it does not, -1 where it is doubtful."""
    away, _, _, _ = to_edge(around, around.line_begin[number], around.line_end[number], x, y)
    most = city.lines.reach[around.line[number]]
    if abs(away - most) < CLOSE_M:
        return -1.0
    if away > most:
        return np.inf
    on_side = _on_side(city, around, number, away, x, y)
    if on_side == DOUBTFUL:
        return -1.0
    return away if on_side == 1 else np.inf


@inner
def segment_of(city, around, x, y):
    """Return which of the lines around is the nearest segment; at a tie the one whose code comes first."""
    best, least, rank = NONE, np.inf, 0
    for number in range(around.count[1]):
        away = _reached(city, around, number, x, y)
        if away < 0:
            return DOUBTFUL
        least = min(least, away)
    if least == np.inf:
        return NONE
    for number in range(around.count[1]):
        away = _reached(city, around, number, x, y)
        if abs(away - least - city.tie_m) < CLOSE_M:
            return DOUBTFUL
        if away - least <= city.tie_m and (best == NONE or city.lines.rank[around.line[number]] < rank):
            best, rank = number, city.lines.rank[around.line[number]]
    return best
