"""What lies around the streets that are delimited: buildings, other carriageways, zones that are held already."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from civmap.geo.frontage_axes import LEFT, RIGHT, Axes
from civmap.geo.frontage_spans import Blocks
from civmap.geo.frontage_walls import Wall
from civmap.geo.measure import NearPlane

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ISLAND_M2 = 6000.0
SHORTEST_BLOCK_M = 0.2


class Street(NamedTuple):
    """A street to delimit: its lon/lat LineString, the metres from it to the kerb, and which hands are wanted."""

    line: Any
    kerb_m: float
    hands: tuple[float, ...] = (LEFT, RIGHT)


class Other(NamedTuple):
    """A street that is not delimited itself: nothing may lie in its carriageway."""

    line: Any
    kerb_m: float


class Closed(NamedTuple):
    """Carriageways as lon/lat polygons, and the number of the street each belongs to (beyond them: others')."""

    shape: Any
    street: Ints
    line: Any


@dataclass(frozen=True)
class Ground:
    """What lies around: building footprints, other streets, held zones (lon/lat)."""

    buildings: Sequence[Any] = ()
    others: Sequence[Other] = ()
    held: Sequence[Any] = ()

    def pairs(self, side: Axes, roof: Floats, wanted: Any) -> Iterable[tuple[int, int]]:
        """Return (row, building) that may see each other."""
        rows = np.flatnonzero(wanted)
        if not len(self.buildings) or not len(rows):
            return []
        near = [_beside(side, row, float(roof[row])) for row in rows.tolist()]
        at, building = shapely.STRtree(self.buildings).query(np.asarray(near, dtype=object), predicate="intersects")
        return sorted(zip(rows[at].tolist(), building.tolist(), strict=True))

    def held_along(self, side: Axes, kerb: Floats) -> tuple[Ints, Floats, Floats]:
        """Return the stretches of rows before which held zones lie: rows, from, to."""
        if not len(self.held):
            return np.zeros(0, np.int64), np.zeros(0), np.zeros(0)
        near = np.asarray([_beside(side, row, float(kerb[row]) + 1.5) for row in range(side.count)], dtype=object)
        held = np.asarray(self.held, dtype=object)
        at, zone = shapely.STRtree(held).query(near, predicate="intersects")
        shared = shapely.intersection(near[at], held[zone])
        is_area = shapely.area(shared) > 1e-12
        return _along(side, at[is_area], shared[is_area])


def _along(side: Axes, row: Ints, shapes: Any) -> tuple[Ints, Floats, Floats]:
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    if not len(xy):
        return np.zeros(0, np.int64), np.zeros(0), np.zeros(0)
    s, d = side.locate(row[owner], xy)
    inside = np.isfinite(d)
    low, high = np.full(len(shapes), np.inf), np.full(len(shapes), -np.inf)
    np.minimum.at(low, owner[inside], s[inside])
    np.maximum.at(high, owner[inside], s[inside])
    length = side.length[row]
    keep = high > low
    return row[keep], np.clip(low, 0, length)[keep], np.clip(high, 0, length)[keep]


def _beside(side: Axes, row: int, depth_m: float) -> Any:
    """Return the ground from a row's street line to some metres off it (lon/lat)."""
    s = side.s[side.first[row]:side.first[row + 1]]
    number = np.full(len(s), row)
    inner, outer = side.place(number, s, np.zeros(len(s))), side.place(number, s, np.full(len(s), depth_m))
    return shapely.make_valid(shapely.Polygon(np.concatenate([inner, outer[::-1]])))


def carriageways(streets: Sequence[Street], ground: Ground) -> Closed:
    """Return the carriageways of all streets; islands inside others' rings count as carriageway."""
    every = [*streets, *ground.others]
    shapes = [_broad(street.line, street.kerb_m) for street in every]
    number = np.arange(len(every))
    rings = shapely.get_parts(shapely.union_all(shapes[len(streets):])) if ground.others else []
    islands = [shapely.Polygon(ring) for part in rings for ring in part.interiors
               if shapely.Polygon(ring).area * float(np.prod(NearPlane(*ring.coords[0]).scale)) < ISLAND_M2]
    lines = np.empty(len(every) + len(islands), dtype=object)
    lines[:] = [*(street.line for street in every), *(island.exterior for island in islands)]
    return Closed(np.asarray([*shapes, *islands], dtype=object),
                  np.concatenate([number, len(every) + np.arange(len(islands))]).astype(np.int64), lines)


def _broad(line: Any, kerb_m: float) -> Any:
    middle = shapely.centroid(line)
    plane = NearPlane(middle.x, middle.y)
    flat = shapely.buffer(plane.to_metres(line), kerb_m, cap_style="flat", join_style="mitre", mitre_limit=2)
    return shapely.transform(flat, lambda xy: xy / plane.scale + (plane.lon, plane.lat))


def blocks(side: Axes, kerb: Floats, closed: Closed, streets: int) -> Blocks:
    """Return where other carriageways open at the kerbs of rows, sorted."""
    rows = np.arange(side.count)
    kerbs = _kerbs(side, kerb)
    at, other = shapely.STRtree(closed.shape).query(kerbs, predicate="intersects") if len(kerbs) else (rows, rows)
    keep = closed.street[other] != rows[at] // 2
    at, other = at[keep], other[keep]
    shared = shapely.intersection(kerbs[at], closed.shape[other])
    pieces, owner = shapely.get_parts(shared, return_index=True)
    is_line = shapely.get_type_id(pieces) == 1
    row, low, high = _along(side, at[owner[is_line]], pieces[is_line])
    long = high - low > SHORTEST_BLOCK_M
    order = np.lexsort((low[long], row[long]))
    return Blocks(row[long][order], low[long][order], high[long][order])


def _kerbs(side: Axes, kerb: Floats) -> Any:
    """Return the line 1 cm behind the kerb of every row."""
    row = np.repeat(np.arange(side.count), np.diff(side.first))
    off = np.minimum(kerb, side.most) + 0.01
    return shapely.linestrings(side.place(row, side.s, off[row]), indices=row)


def hidden(side: Axes, seen: Sequence[Wall], closed: Closed) -> list[bool]:
    """Tell of walls whether another street lies between them and theirs: they face that one."""
    if not seen:
        return []
    row = np.array([wall.side for wall in seen])
    s = np.array([(wall.low + wall.high) / 2 for wall in seen])
    d = np.array([float(np.interp(middle, wall.s, wall.d)) for middle, wall in zip(s.tolist(), seen, strict=True)])
    rays = shapely.linestrings(np.stack([side.place(row, s, np.full(len(s), 0.2)), side.place(row, s, d)], axis=1))
    at, other = shapely.STRtree(closed.line).query(rays, predicate="intersects")
    answer = np.zeros(len(seen), bool)
    answer[at[closed.street[other] != row[at] // 2]] = True
    return answer.tolist()
