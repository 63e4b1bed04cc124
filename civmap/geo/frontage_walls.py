"""The wall bases that a street side sees: the nearest edges of buildings along its rays, as lines of (s, d).

Whatever stands behind another building has no front there. Corners are exact: every corner of a building is a place
where the wall may turn, and between two of them one edge is the nearest all along.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from civmap.geo.frontage_axes import Axes

Floats = NDArray[np.float64]
_HAIR = 1e-6
FLANK_M = 0.5
STEEP = 2.0


class Wall(NamedTuple):
    """The wall base of a building (its number) before one side, from its first to its last point in order of s."""

    side: int
    building: int
    s: Floats
    d: Floats

    @property
    def low(self) -> float:
        """Return where it begins along the street."""
        return float(self.s[0])

    @property
    def high(self) -> float:
        """Return where it ends along the street."""
        return float(self.s[-1])

    def between(self, low: float, high: float) -> "Wall":
        """Return the wall from one place to another, its ends going on straight along the street where it ends."""
        inside = (self.s > low + _HAIR) & (self.s < high - _HAIR)
        first = _at(self, low, is_start=True)
        last = _at(self, high, is_start=False)
        s = np.concatenate([[low], _ends(self, low, high, True)[0], self.s[inside], _ends(self, low, high, False)[0],
                            [high]])
        d = np.concatenate([[first], _ends(self, low, high, True)[1], self.d[inside], _ends(self, low, high, False)[1],
                            [last]])
        return Wall(self.side, self.building, s, d)


def _at(wall: Wall, s: float, *, is_start: bool) -> float:
    """Return d at a place; where the wall steps there, what follows it (at the start of a piece) or precedes it."""
    if is_start:
        after = int(np.searchsorted(wall.s, s + _HAIR, side="right"))
        before = max(after - 1, 0)
    else:
        before = int(np.searchsorted(wall.s, s - _HAIR, side="left")) - 1
        after = before + 1
        before = max(before, 0)
    after = min(after, len(wall.s) - 1)
    span = wall.s[after] - wall.s[before]
    if span < _HAIR:
        return float(wall.d[before if is_start else after])
    share = min(max((s - wall.s[before]) / span, 0.0), 1.0)
    return float(wall.d[before] + share * (wall.d[after] - wall.d[before]))


def _ends(wall: Wall, low: float, high: float, is_start: bool) -> tuple[list[float], list[float]]:
    """Return the building's own corner where a piece goes on beyond it."""
    s, d = (wall.low, float(wall.d[0])) if is_start else (wall.high, float(wall.d[-1]))
    return ([s], [d]) if (low < s - _HAIR if is_start else high > s + _HAIR) else ([], [])


def walls(axes: Axes, buildings: Sequence[Any], pairs: Iterable[tuple[int, int]], *, reach: Floats, recess_m: float,
          least_m: float = 1.0) -> list[Wall]:
    """Return the walls that sides see, by side and place along it; `pairs` are (side, building) that may meet.

    `reach` holds per side how far off the street a wall may stand. Courts deeper than `recess_m` behind a building's
    nearest point are not followed. Walls of which less than `least_m` is seen are left out.
    """
    seen: dict[int, list[Wall]] = {}
    for side, building in pairs:
        for found in _seen_from(axes, side, building, buildings[building], float(reach[side]), recess_m):
            seen.setdefault(side, []).append(found)
    return [wall for side in sorted(seen) for wall in _front_row(seen[side], least_m)]


def _seen_from(axes: Axes, side: int, building: int, shape: Any, reach: float, recess_m: float) -> Iterable[Wall]:
    ring = np.concatenate([shapely.get_coordinates(part.exterior) for part in shapely.get_parts(shape)])
    starts = np.concatenate([np.arange(len(part.exterior.coords) - 1) + offset for part, offset in _parts(shape)])
    number = np.full(len(ring), side)
    s, d = axes.locate(number, ring)
    s = s[np.isfinite(d) & (d > 0)]
    length = float(axes.length[side])
    if not len(s) or s.max() <= _HAIR or s.min() >= length - _HAIR:
        return
    flat = axes.metres(side, ring)
    edges = (flat[starts], flat[starts + 1])
    stations = axes.s[axes.first[side]:axes.first[side + 1]]
    stops = np.unique(np.clip(np.concatenate([s, stations[(stations > s.min()) & (stations < s.max())]]), 0.0, length))
    stops = stops[np.concatenate([[True], np.diff(stops) > _HAIR])]
    if len(stops) < 2:
        return
    begin, end, middle = _nearest(axes, side, stops, edges)
    hit = np.isfinite(middle) & (middle <= reach) & ~_over(axes, side, stops, shape)
    for low, high in _runs(hit):
        low, high = _without_flanks(stops, begin, end, low, high)
        most = min(float(np.minimum(begin[low:high], end[low:high]).min()) + recess_m, reach)
        points_s = np.column_stack([stops[low:high], stops[low + 1:high + 1]]).ravel()
        points_d = np.minimum(np.column_stack([begin[low:high], end[low:high]]).ravel(), most)
        yield _plain(Wall(side, building, points_s, points_d))


def _over(axes: Axes, side: int, stops: Floats, shape: Any) -> Any:
    """Tell of stretches whether the building spans the street there (a bridge, a mall below): no wall faces it."""
    middle = (stops[:-1] + stops[1:]) / 2
    xy = axes.place(np.full(len(middle), side), middle, np.zeros(len(middle)))
    return shapely.contains_xy(shape, xy[:, 0], xy[:, 1])


def _parts(shape: Any) -> Iterable[tuple[Any, int]]:
    offset = 0
    for part in shapely.get_parts(shape):
        yield part, offset
        offset += len(part.exterior.coords)


def _nearest(axes: Axes, side: int, stops: Floats, edges: tuple[Floats, Floats]) -> tuple[Floats, Floats, Floats]:
    """Return d of the nearest edge between each two stops: at the first, at the second, and in the middle."""
    middle = (stops[:-1] + stops[1:]) / 2
    start, ray = axes.ray(np.full(len(middle), side), middle)
    off, share = _crossed(start, ray, *edges)
    off = np.where((share >= -1e-9) & (share <= 1 + 1e-9) & (off > 0), off, np.inf)
    which = off.argmin(1)
    nearest = off[np.arange(len(middle)), which]
    chosen = (edges[0][which], edges[1][which])
    ends = []
    for at in (stops[:-1], stops[1:]):
        start, ray = axes.ray(np.full(len(at), side), at)
        with np.errstate(divide="ignore", invalid="ignore"):
            found = _cross(chosen[0] - start, chosen[1] - chosen[0]) / _cross(ray, chosen[1] - chosen[0])
        ends.append(np.where(np.isfinite(found) & (found > 0), found, nearest))
    return ends[0], ends[1], nearest


def _crossed(start: Floats, ray: Floats, a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Return for every ray and edge the metres along the ray and the share of the edge at which they meet."""
    edge, rel = (b - a)[None], a[None] - start[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = _cross(ray[:, None], edge)
        return _cross(rel, edge) / turn, _cross(rel, ray[:, None]) / turn


def _cross(a: Floats, b: Floats) -> Floats:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


def _runs(hit: Any) -> Iterable[tuple[int, int]]:
    change = np.flatnonzero(np.diff(np.concatenate([[0], hit.astype(int), [0]])))
    return zip(change[::2].tolist(), change[1::2].tolist(), strict=True)


def _without_flanks(stops: Floats, begin: Floats, end: Floats, low: int, high: int) -> tuple[int, int]:
    """Return a run without the thin ends where a building's flank is seen: the corner of its front is its end."""
    def is_flank(at: int) -> bool:
        span = stops[at + 1] - stops[at]
        return bool(span < FLANK_M and abs(end[at] - begin[at]) > STEEP * span)

    while high - low > 1 and is_flank(low):
        low += 1
    while high - low > 1 and is_flank(high - 1):
        high -= 1
    return low, high


def _plain(wall: Wall) -> Wall:
    """Return a wall without points that repeat the one before."""
    keep = np.ones(len(wall.s), bool)
    keep[1:] = (np.abs(np.diff(wall.s)) > _HAIR) | (np.abs(np.diff(wall.d)) > _HAIR)
    return wall._replace(s=wall.s[keep], d=wall.d[keep])


def _front_row(walls: list[Wall], least_m: float) -> list[Wall]:
    """Return what is left of the walls of one side where the nearer hide the farther, in order along the street."""
    left: list[Wall] = []
    for wall in sorted(walls, key=lambda one: (float(one.d.min()), one.low, one.building)):
        for low, high in _outside(wall.low, wall.high, [(one.low, one.high) for one in left]):
            if high - low >= least_m:
                left.append(wall.between(low, high))
    return sorted(left, key=lambda one: one.low)


def _outside(low: float, high: float, taken: list[tuple[float, float]]) -> list[tuple[float, float]]:
    pieces = []
    for begins, ends in sorted(taken):
        if ends <= low or begins >= high:
            continue
        if begins > low:
            pieces.append((low, begins))
        low = max(low, ends)
    return [*pieces, (low, high)] if high > low else pieces
