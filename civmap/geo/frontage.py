"""The frontage zones of streets: who has which metres along each side, how deep, and what nobody has.

Pure: lon/lat (EPSG:4326) in and out, metres on the ground. Rules: `domain.md` §5.1. A row is one side of one street:
2 × the street's number on the left of its line, one more on the right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from civmap.geo import frontage_doors as doorways
from civmap.geo import frontage_spans as spans
from civmap.geo import frontage_strips as strips
from civmap.geo.bulk import areas_m2
from civmap.geo.frontage_axes import LEFT, RIGHT, Axes, axes
from civmap.geo.frontage_corners import Owners, settled, sound
from civmap.geo.frontage_ground import Ground, Street, blocks, carriageways, hidden
from civmap.geo.frontage_walls import Wall, walls
from civmap.geo.validity import STORED_DECIMALS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DEPTH_RULES = ("kerb", "centre_line", "fixed_m")
TIGHT_M = 1.0
LEAST_M2 = 0.5


@dataclass(frozen=True)
class Options:
    """How to delimit: depth rule, usual sizes in metres, and what happens to corners and to streets without doors."""

    depth_rule: str = "kerb"
    depth_m: float = 5.0
    usual_depth_m: float = 5.0
    usual_door_m: float = 4.0
    most_gap_m: float = 30.0
    least_m: float = 0.8
    reach_m: float = 25.0
    recess_m: float = 6.0
    every_m: float | None = None
    fills: bool = True
    extends: bool = False
    snow: bool = True


class Doors(NamedTuple):
    """Doors of shops: the street each stands on (-1: none), lon/lat, and the width in metres (NaN: not known)."""

    street: Ints
    spot: Floats
    width: Floats


class Free(NamedTuple):
    """A stretch of a row that no zone covers, and its place along the kerb."""

    row: int
    low: float
    high: float
    line: Any


class Delimited(NamedTuple):
    """Zones in the order of their rows: `door` or `building` tells whose each is (-1: nobody's yet).

    `piece` counts the zones of one row and door (or building) from 0; these name a zone.
    """

    row: Ints
    low: Floats
    high: Floats
    depth: Floats
    geom: Any
    snow: Any
    door: Ints
    building: Ints
    piece: Ints
    free: list[Free]
    left_out: Ints

    @property
    def street(self) -> Ints:
        """Return the number of each zone's street."""
        return self.row // 2


Key = tuple[int, int, int, int]
NO_DOORS = Doors(np.zeros(0, np.int64), np.zeros((0, 2)), np.zeros(0))


def delimit(streets: Sequence[Street], doors: Doors = NO_DOORS, ground: Ground | None = None,
            options: Options | None = None, moves: Mapping[Key, tuple[float, float]] | None = None) -> Delimited:
    """Return the frontage zones of streets.

    Fronts are the walls of `ground.buildings`, divided among the doors in them; doors without a building; and where a
    side has neither, equal parts of `every_m` or one zone per block. `ground.others` are streets that are not
    delimited themselves, `ground.held` zones that stay as they are. `moves` puts the ends of zones (row, door,
    building, piece) elsewhere along the street; raise Invalid where they then overlap.
    """
    options, ground = options or Options(), ground or Ground()
    number = np.arange(len(streets))
    kerb = np.repeat(np.array([street.kerb_m for street in streets], float), 2)
    side = axes([street.line for street in streets], np.repeat(number, 2), np.tile([LEFT, RIGHT], len(streets)),
                kerb + options.usual_depth_m + options.recess_m)
    roof = np.minimum(side.most, kerb + options.reach_m)
    wanted = np.array([hand in street.hands for street in streets for hand in (LEFT, RIGHT)], bool)
    wanted &= roof > kerb + TIGHT_M
    closed = carriageways(streets, ground)
    shut = blocks(side, kerb, closed, len(streets))
    row_walls = _walls(side, ground, closed, roof, wanted, options)
    fronts, row_doors = doorways.fronts(side, kerb, roof, wanted, row_walls, doors, options)
    if options.fills:
        fronts = doorways.filled(fronts, side.length, wanted, kerb, roof, shut, options)
    found = spans.spans(fronts.along, side.length, shut, most_gap_m=options.most_gap_m, least_m=options.least_m,
                        extends=options.extends)
    if moves:
        found = spans.moved(found, _keys(found.side, fronts.door[found.front], fronts.building[found.front]),
                            moves, side.length)
    made = _strips(found, fronts, kerb, roof, options)
    return _result(side, kerb, wanted, made, found, fronts, streets, ground, closed, shut, row_doors, options)


def _keys(row: Ints, door: Ints, building: Ints) -> list[Key]:
    counts: dict[tuple[int, int, int], int] = {}
    keys = []
    for key in zip(row.tolist(), door.tolist(), np.where(door >= 0, -1, building).tolist(), strict=True):
        keys.append((*key, counts.get(key, 0)))
        counts[key] = counts.get(key, 0) + 1
    return keys


def _walls(side: Axes, ground: Ground, closed: Any, roof: Floats, wanted: Any, options: Options) -> list[Wall]:
    pairs = ground.pairs(side, roof, wanted)
    seen = walls(side, ground.buildings, pairs, reach=roof, recess_m=options.recess_m)
    return [wall for wall, is_hidden in zip(seen, hidden(side, seen, closed), strict=True) if not is_hidden]


def _strips(found: spans.Spans, fronts: doorways.RowFronts, kerb: Floats, roof: Floats,
            options: Options) -> strips.Strips:
    """Return the strips of spans: their walls cut to them, their near lines by the depth rule."""
    made = [fronts.walls[front].between(low, high) if fronts.walls[front] is not None else None for front, low, high
            in zip(found.front.tolist(), found.low.tolist(), found.high.tolist(), strict=True)]
    flat = fronts.wall_d[found.front]
    counts = np.array([2 if wall is None else len(wall.s) for wall in made], np.int64)
    wall_of = np.repeat(np.arange(len(made)), counts)
    wall_s, wall_d = np.zeros(len(wall_of)), np.repeat(flat, counts)
    stop = np.cumsum(counts)
    plain = np.array([wall is None for wall in made], bool)
    wall_s[stop[plain] - 2], wall_s[stop[plain] - 1] = found.low[plain], found.high[plain]
    for at in np.flatnonzero(~plain).tolist():
        wall: Any = made[at]
        wall_s[stop[at] - counts[at]:stop[at]], wall_d[stop[at] - counts[at]:stop[at]] = wall.s, wall.d
    nearest = np.full(len(made), np.inf)
    np.minimum.at(nearest, wall_of, wall_d)
    near = _near(kerb[found.side], nearest, options)
    wall_d = np.clip(wall_d, near[wall_of] + TIGHT_M / 2, roof[found.side][wall_of])
    return strips.Strips(found.side, found.low, found.high, near, wall_of, wall_s, wall_d, found.meets_next)


def _near(kerb: Floats, wall: Floats, options: Options) -> Floats:
    if options.depth_rule == "centre_line":
        return np.zeros(len(wall))
    if options.depth_rule == "fixed_m":
        return np.maximum(wall - options.depth_m, 0.0)
    return np.clip(np.minimum(kerb, wall - TIGHT_M), 0.0, None)


def _result(side: Axes, kerb: Floats, wanted: Any, made: strips.Strips, found: spans.Spans,
            fronts: doorways.RowFronts, streets: Sequence[Street], ground: Ground, closed: Any, shut: spans.Blocks,
            row_doors: Ints, options: Options) -> Delimited:
    geom = strips.polygons(side, made) if len(made.side) else np.zeros(0, dtype=object)
    lines = np.empty(len(streets), dtype=object)
    lines[:] = [street.line for street in streets]
    owners = Owners(made.side, lines[made.side // 2], kerb[made.side])
    reach = np.zeros(0, np.int64) if options.depth_rule == "centre_line" else closed.street
    geom = settled(geom, owners, closed.shape if len(reach) else (), reach, ground.held) if len(geom) else geom
    snow = geom
    if options.snow and len(geom):
        snow = sound(strips.polygons(side, made.with_near(np.zeros(len(made.side)))), STORED_DECIMALS)
    stays = np.array(areas_m2(geom.tolist())) >= LEAST_M2 if len(geom) else np.zeros(0, bool)
    free = _free(side, kerb, wanted, found, stays, shut, ground)
    door, building = fronts.door[found.front], fronts.building[found.front]
    nearest = np.full(len(made.side), np.inf)
    np.minimum.at(nearest, made.wall_of, made.wall_d)
    left_out = np.setdiff1d(row_doors, door[stays])
    piece = np.array([key[3] for key in _keys(found.side, door, building)], np.int64)
    return Delimited(made.side[stays], made.low[stays], made.high[stays], (nearest - made.near)[stays], geom[stays],
                     snow[stays], door[stays], building[stays], piece[stays], free, left_out)


def _free(side: Axes, kerb: Floats, wanted: Any, found: spans.Spans, stays: Any, shut: spans.Blocks,
          ground: Ground) -> list[Free]:
    """Return the stretches of the wanted rows that no zone, no other street and no held zone covers."""
    taken: dict[int, list[tuple[float, float]]] = {}
    for rows, low, high in ((found.side[stays], found.low[stays], found.high[stays]), shut,
                            ground.held_along(side, kerb)):
        for row, begins, ends in zip(rows.tolist(), low.tolist(), high.tolist(), strict=True):
            taken.setdefault(row, []).append((begins, ends))
    left = [(row, *stretch) for row in np.flatnonzero(wanted).tolist()
            for stretch in spans.free(row, float(side.length[row]), taken.get(row, []), 1.0)]
    if not left:
        return []
    row, low, high = (np.array(column) for column in zip(*left, strict=True))
    return [Free(*one, line) for one, line in zip(left, _kerb_lines(side, row, low, high, kerb), strict=True)]


def _kerb_lines(side: Axes, row: Ints, low: Floats, high: Floats, kerb: Floats) -> Any:
    """Return the kerb along stretches of rows."""
    bend, s, _ = strips.bends(side, row, low, high)
    number = np.concatenate([np.arange(len(row)), np.arange(len(row)), bend])
    s = np.concatenate([low, high, s])
    order = np.lexsort((s, number))
    number, s = number[order], s[order]
    places = side.place(row[number], s, kerb[row[number]])
    return shapely.linestrings(np.round(places, STORED_DECIMALS), indices=number)
