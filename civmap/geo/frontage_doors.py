"""Fronts of street sides: walls of buildings, divided among the doors in them; doors alone; or nothing at all."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from civmap.geo.frontage_axes import Axes
from civmap.geo.frontage_spans import Blocks, Fronts, free, spans
from civmap.geo.frontage_walls import Wall

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DOOR_SLACK_M = 1.0
LEAST_DEPTH_M = 1.0
DEEPEST_DOOR_M = 15.0
LEAST_BLOCK_M = 3.0
BEYOND_END_M = 5.0


class RowFronts(NamedTuple):
    """Fronts along rows; each has a wall, or stands `wall_d` off the street; and a door or a building, or nobody."""

    along: Fronts
    walls: list[Wall | None]
    wall_d: Floats
    door: Ints
    building: Ints


def fronts(side: Axes, kerb: Floats, roof: Floats, wanted: Any, walls: Sequence[Wall], doors: Any,
           options: Any) -> tuple[RowFronts, Ints]:
    """Return the fronts of all rows, and the doors that were looked at."""
    number, row, s, d = _placed(side, wanted, doors)
    width = np.where(np.isfinite(doors.width[number]), doors.width[number], options.usual_door_m)
    made: list[tuple[int, float, float, Wall | None, float, int, int]] = []
    is_in = np.zeros(len(number), bool)
    for wall in walls:
        inside = np.flatnonzero((row == wall.side) & ~is_in & (s > wall.low - DOOR_SLACK_M)
                                & (s < wall.high + DOOR_SLACK_M))
        is_in[inside] = True
        shares = _shared(wall, s[inside], width[inside], options)
        made += [(wall.side, low, high, wall, 0.0, int(number[inside[which]]), wall.building)
                 for which, low, high in shares]
        if not shares:
            made.append((wall.side, wall.low, wall.high, wall, 0.0, -1, wall.building))
    alone = np.flatnonzero(~is_in)
    depth = d[alone] - kerb[row[alone]]
    usual = options.depth_m if options.depth_rule == "fixed_m" else options.usual_depth_m
    off = np.where((depth >= LEAST_DEPTH_M) & (depth <= DEEPEST_DOOR_M), d[alone], kerb[row[alone]] + usual)
    off = np.minimum(off, roof[row[alone]])
    low, high = s[alone] - width[alone] / 2, s[alone] + width[alone] / 2
    along = Fronts(np.concatenate([np.array([one[0] for one in made], np.int64), row[alone]]),
                   np.concatenate([np.array([one[1] for one in made], float), low]),
                   np.concatenate([np.array([one[2] for one in made], float), high]))
    found = RowFronts(along, [*(one[3] for one in made), *([None] * len(alone))],
                      np.concatenate([np.array([one[4] for one in made], float), off]),
                      np.concatenate([np.array([one[5] for one in made], np.int64), number[alone]]),
                      np.concatenate([np.array([one[6] for one in made], np.int64), np.full(len(alone), -1)]))
    return found, number


def _placed(side: Axes, wanted: Any, doors: Any) -> tuple[Ints, Ints, Floats, Floats]:
    """Return the doors that stand on wanted rows: number, row, s and d."""
    number = np.flatnonzero(doors.street >= 0)
    rows = np.concatenate([2 * doors.street[number], 2 * doors.street[number] + 1])
    both = np.concatenate([number, number])
    if not len(both):
        return both, rows, np.zeros(0), np.zeros(0)
    s, d = side.locate(rows, doors.spot[both])
    d = np.where((s > -BEYOND_END_M) & (s < side.length[rows] + BEYOND_END_M), d, np.inf)
    is_left = d[:len(number)] <= d[len(number):]
    chosen = np.where(is_left, np.arange(len(number)), np.arange(len(number)) + len(number))
    chosen = chosen[np.isfinite(d[chosen])]
    chosen = chosen[wanted[rows[chosen]]]
    return both[chosen], rows[chosen], np.clip(s[chosen], 0.0, side.length[rows[chosen]]), d[chosen]



def _shared(wall: Wall, s: Floats, width: Floats, options: Any) -> list[tuple[int, float, float]]:
    """Return the stretch of a wall that each door has: gaps halved, and up to the building's corners."""
    low = np.maximum(s - width / 2, wall.low) - wall.low
    high = np.minimum(s + width / 2, wall.high) - wall.low
    inner = np.zeros(len(s), np.int64)
    span = spans(Fronts(inner, low, high), np.array([wall.high - wall.low]), most_gap_m=options.most_gap_m,
                 least_m=options.least_m, extends=True)
    return [(int(which), begins + wall.low, ends + wall.low) for which, begins, ends
            in zip(span.front.tolist(), span.low.tolist(), span.high.tolist(), strict=True)]


def filled(known: RowFronts, length: Floats, wanted: Any, kerb: Floats, roof: Floats, shut: Blocks,
           options: Any) -> RowFronts:
    """Return the fronts with those of sides that have none at all: one per block, or equal parts of it."""
    made: list[tuple[int, float, float]] = []
    has = np.isin(np.arange(len(length)), known.along.side)
    for row in np.flatnonzero(wanted & ~has).tolist():
        here = shut.side == row
        closed = list(zip(shut.low[here].tolist(), shut.high[here].tolist(), strict=True))
        for low, high in free(row, float(length[row]), closed, LEAST_BLOCK_M):
            count = max(round((high - low) / options.every_m), 1) if options.every_m else 1
            edges = np.linspace(low, high, count + 1)
            made += [(row, begins, ends) for begins, ends in pairwise(edges.tolist())]
    if not made:
        return known
    row = np.array([one[0] for one in made], np.int64)
    usual = options.depth_m if options.depth_rule == "fixed_m" else options.usual_depth_m
    nobody = np.full(len(made), -1, np.int64)
    along = Fronts(np.concatenate([known.along.side, row]),
                   np.concatenate([known.along.low, np.array([one[1] for one in made])]),
                   np.concatenate([known.along.high, np.array([one[2] for one in made])]))
    return RowFronts(along, [*known.walls, *([None] * len(made))],
                     np.concatenate([known.wall_d, np.minimum(kerb[row] + usual, roof[row])]),
                     np.concatenate([known.door, nobody]), np.concatenate([known.building, nobody]))
