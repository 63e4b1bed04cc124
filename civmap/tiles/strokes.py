"""Outlines on a tile's grid: rounded, without repeats, wound as MVT 2.1 §4.3.3 wants them, written as commands."""

from dataclasses import dataclass

import numpy as np
import shapely

from civmap.mirror.places import Places
from civmap.mirror.ragged import Ragged, begins, runs
from civmap.tiles.wire import AREA, EXTENT, LINE, grouped, varints, zigzag

BUFFER = 128
"""Grid steps around a tile that are drawn too (8 pixels), so that wide strokes do not end at its edge."""
MANY_VERTICES = 6
NO_AREA, NO_LINE = shapely.MultiPolygon(), shapely.MultiLineString()
TOLERANCE = 6.0
"""Grid steps by which a generalised outline may leave the true one: less than half a pixel."""


@dataclass(frozen=True, slots=True)
class Strokes:
    """Lines and rings, one behind the other: vertices, how many each has, whose it is, and whether it is a hole.

    Rings are closed (their last vertex is their first) until they have been cleaned.
    """

    xy: np.ndarray
    sizes: np.ndarray
    owner: np.ndarray
    is_hole: np.ndarray


def of_rows(places: Places, rows: np.ndarray, zoom: int, column: int, row: int) -> Strokes:
    """Return the outlines of some rows in steps of a tile's grid, x right and y down from its upper left corner."""
    assert places.shapes is not None
    coords, rings = places.shapes.coords.take(rows), places.shapes.rings.take(rows)
    scale = float(EXTENT * 2**zoom)
    xy = coords.values * scale - np.array([column * EXTENT, row * EXTENT], float)
    return Strokes(xy, np.abs(rings.values), np.repeat(np.arange(len(rows)), rings.lengths), rings.values < 0)


def geometries(strokes: Strokes, count: int, is_area: bool) -> np.ndarray:
    """Return strokes as Shapely geometries, one per owner; owners without any are empty."""
    index = np.repeat(np.arange(len(strokes.sizes)), strokes.sizes)
    if is_area:
        rings = shapely.linearrings(strokes.xy, indices=index)
        polygon = np.cumsum(~strokes.is_hole) - 1
        parts, owner = shapely.polygons(rings, indices=polygon), strokes.owner[~strokes.is_hole]
        found = np.full(count, NO_AREA, object)
        shapely.multipolygons(parts, indices=owner, out=found)
    else:
        parts, owner = shapely.linestrings(strokes.xy, indices=index), strokes.owner
        found = np.full(count, NO_LINE, object)
        shapely.multilinestrings(parts, indices=owner, out=found)
    return found


def of_geometries(shapes: np.ndarray, owners: np.ndarray, is_area: bool) -> Strokes:
    """Return the strokes of Shapely geometries; parts of another dimension (an area cut to a line) are left out."""
    parts, index = shapely.get_parts(shapes, return_index=True)
    fits = (shapely.get_dimensions(parts) == (2 if is_area else 1)) & ~shapely.is_empty(parts)
    parts, index = parts[fits], index[fits]
    hole = np.zeros(len(parts), bool)
    if is_area:
        parts, polygon = shapely.get_rings(parts, return_index=True)
        index, hole = index[polygon], np.diff(polygon, prepend=-1) == 0
    return Strokes(shapely.get_coordinates(parts), shapely.get_num_coordinates(parts), owners[index], hole)


def joined(one: Strokes, other: Strokes) -> Strokes:
    """Return the strokes of both in order of their owners."""
    both = Strokes(np.concatenate([one.xy, other.xy]), np.concatenate([one.sizes, other.sizes]),
                   np.concatenate([one.owner, other.owner]), np.concatenate([one.is_hole, other.is_hole]))
    return chosen(both, np.argsort(both.owner, kind="stable"))


def chosen(strokes: Strokes, which: np.ndarray) -> Strokes:
    """Return some strokes in the given order."""
    at = runs(begins(strokes.sizes)[which], strokes.sizes[which])
    return Strokes(strokes.xy[at], strokes.sizes[which], strokes.owner[which], strokes.is_hole[which])


def fitted(strokes: Strokes, count: int, is_area: bool, must_cut: np.ndarray, generalise: bool) -> Strokes:
    """Return the strokes cut to the tile and its margin where they leave it, generalised, rounded and cleaned."""
    per_owner = np.bincount(strokes.owner, weights=strokes.sizes, minlength=count)
    special = must_cut | (generalise & (per_owner > MANY_VERTICES))
    if special.any():
        theirs = special[strokes.owner]
        owners = np.flatnonzero(special)
        number = np.cumsum(special) - 1
        part = chosen(strokes, np.flatnonzero(theirs))
        shapes = geometries(Strokes(part.xy, part.sizes, number[part.owner], part.is_hole), len(owners), is_area)
        if generalise:
            shapes = shapely.simplify(shapes, TOLERANCE, preserve_topology=is_area)
        if must_cut.any():
            shapes = shapely.clip_by_rect(shapes, -BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
        strokes = joined(chosen(strokes, np.flatnonzero(~theirs)), of_geometries(shapes, owners, is_area))
    return _cleaned_areas(strokes, count) if is_area else _cleaned_lines(strokes)


def _rounded(strokes: Strokes, is_area: bool) -> Strokes:
    """Round to the grid; leave out repeats, and of a ring its last vertex, which is its first."""
    xy = np.rint(strokes.xy).astype(np.int64)
    stroke = np.repeat(np.arange(len(strokes.sizes)), strokes.sizes)
    starts = begins(strokes.sizes)
    keep = np.ones(len(xy), bool)
    keep[1:] = (xy[1:] != xy[:-1]).any(axis=1)
    keep[starts] = True
    xy, sizes = xy[keep], np.bincount(stroke[keep], minlength=len(strokes.sizes))
    if is_area and len(sizes):
        starts = begins(sizes)
        last = starts + sizes - 1
        is_closing = (xy[last] == xy[starts]).all(axis=1) & (sizes > 1)
        xy, sizes = np.delete(xy, last[is_closing], axis=0), sizes - is_closing
    return Strokes(xy, sizes, strokes.owner, strokes.is_hole)


def _cleaned_lines(strokes: Strokes) -> Strokes:
    found = _rounded(strokes, is_area=False)
    return chosen(found, np.flatnonzero(found.sizes >= 2))


def _cleaned_areas(strokes: Strokes, count: int) -> Strokes:
    """Return good rings: rounding that crosses itself is repaired on the grid, what has no inside is left out."""
    found = _wound(_rounded(strokes, is_area=True))
    if not len(found.sizes):
        return found
    bad = ~_is_plain(found, count)
    doubtful = np.flatnonzero(bad)
    if len(doubtful):
        number, part = np.cumsum(bad) - 1, chosen(found, np.flatnonzero(bad[found.owner]))
        shapes = geometries(Strokes(part.xy, part.sizes, number[part.owner], part.is_hole), len(doubtful), is_area=True)
        bad[doubtful] = ~shapely.is_valid(shapes)
    if not bad.any():
        return found
    part = chosen(strokes, np.flatnonzero(bad[strokes.owner]))
    owners = np.flatnonzero(bad)
    number = np.cumsum(bad) - 1
    shapes = geometries(Strokes(part.xy, part.sizes, number[part.owner], part.is_hole), len(owners), True)
    shapes = shapely.set_precision(shapely.make_valid(shapes), 1.0)
    good = chosen(found, np.flatnonzero(~bad[found.owner]))
    return joined(good, _wound(_rounded(of_geometries(shapes, owners, True), is_area=True)))


def _is_plain(strokes: Strokes, count: int) -> np.ndarray:
    """Tell of each owner whether it is surely a good area: one ring of at most six vertices that only turns one way."""
    starts = begins(strokes.sizes)
    last = starts + strokes.sizes - 1
    before, after = np.arange(len(strokes.xy)) - 1, np.arange(len(strokes.xy)) + 1
    before[starts], after[last] = last, starts
    come, go = strokes.xy - strokes.xy[before], strokes.xy[after] - strokes.xy
    turns = come[:, 0] * go[:, 1] - come[:, 1] * go[:, 0]
    plain = (np.minimum.reduceat(turns, starts) > 0) & (strokes.sizes <= MANY_VERTICES)
    single = np.bincount(strokes.owner, minlength=count) == 1
    found = np.ones(count, bool)
    found[strokes.owner[~plain]] = False
    return found & (single | (np.bincount(strokes.owner, minlength=count) == 0))


def _wound(strokes: Strokes) -> Strokes:
    """Return rings with an inside, outer ones with positive area (y down), holes negative; holes go with their ring."""
    if not len(strokes.sizes):
        return strokes
    starts = begins(strokes.sizes)
    following = np.arange(len(strokes.xy)) + 1
    following[starts + strokes.sizes - 1] = starts
    x, y = strokes.xy[:, 0], strokes.xy[:, 1]
    twice = np.add.reduceat(x * y[following] - x[following] * y, starts)
    good = (strokes.sizes >= 3) & (twice != 0)
    shell = np.maximum.accumulate(np.where(~strokes.is_hole, np.arange(len(good)), 0))
    good &= good[shell]
    turned = (twice < 0) != strokes.is_hole
    at = np.arange(len(strokes.xy))
    stroke = np.repeat(np.arange(len(strokes.sizes)), strokes.sizes)
    backward = (2 * starts + strokes.sizes - 1)[stroke] - at
    xy = strokes.xy[np.where(turned[stroke], backward, at)]
    return chosen(Strokes(xy, strokes.sizes, strokes.owner, strokes.is_hole), np.flatnonzero(good))


@dataclass(frozen=True, slots=True)
class Commands:
    """Each owner's geometry: where it begins, and what follows the first move as bytes (nothing: no geometry)."""

    start: np.ndarray
    tails: Ragged

    def take(self, rows: np.ndarray) -> "Commands":
        """Return those of some owners."""
        return Commands(self.start[rows], self.tails.take(rows))


def commands(strokes: Strokes, count: int, kind: int) -> Commands:
    """Return each owner's commands: move, lines and (for areas) close, the cursor running on."""
    closing = kind == AREA
    sizes, starts = strokes.sizes, begins(strokes.sizes)
    steps = 2 + 2 * sizes + closing
    first = begins(steps)
    found = np.zeros(int(steps.sum()), np.int64)
    found[first] = 9
    found[first + 3] = (sizes - 1) << 3 | LINE
    if closing:
        found[first + steps - 1] = 15
    stroke = np.repeat(np.arange(len(sizes)), sizes)
    number = np.arange(len(strokes.xy)) - starts[stroke]
    delta = strokes.xy.copy()
    delta[1:] -= strokes.xy[:-1]
    at = first[stroke] + 1 + 2 * number + (number > 0)
    found[at], found[at + 1] = zigzag(delta[:, 0]), zigzag(delta[:, 1])
    news = np.flatnonzero(np.diff(strokes.owner, prepend=-1) != 0)
    follows = np.ones(len(found), bool)
    follows[(first[news][:, None] + np.arange(3)).ravel()] = False
    start, owners = np.zeros((count, 2), np.int64), strokes.owner[news]
    start[owners] = strokes.xy[starts[news]]
    per_owner = np.bincount(strokes.owner, weights=steps, minlength=count).astype(np.int64)
    per_owner[owners] -= 3
    return Commands(start, grouped(varints(found[follows]), per_owner))
