"""Cells of the city with what may matter in each: areas and lines that a spot of the cell may lie in or near to.

A cell lists the places whose edge passes within reach of it, and the areas that hold it entire.
"""

from typing import NamedTuple

import numpy as np
import shapely
from numba import njit

from civmap.assignment.cells_metric import inner

PER_PLACE, CELLS_LEAST, CELLS_MOST = 16, 4_096, 2_000_000
COVERS, MEETS = 1, 0


class Shapes(NamedTuple):
    """Vertices of many places in degrees; `last` where a ring or a part of a line ends."""

    start: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    last: np.ndarray


class Grid(NamedTuple):
    """Cells of a frame of degrees; what a cell lists are `item[start[cell]:start[cell + 1]]`."""

    west: float
    south: float
    across: float
    up: float
    columns: int
    rows: int
    start: np.ndarray
    item: np.ndarray
    covers: np.ndarray


def shapes_of(geometries: np.ndarray) -> Shapes:
    """Return the vertices of polygons or lines."""
    parts, place = shapely.get_parts(geometries, return_index=True)
    if len(parts) and parts[0].geom_type == "Polygon":
        parts, ring = shapely.get_rings(parts, return_index=True)
        place = place[ring]
    count = shapely.get_num_coordinates(parts)
    xy = shapely.get_coordinates(parts)
    last = np.zeros(len(xy), np.uint8)
    last[np.cumsum(count)[count > 0] - 1] = 1
    of_place = np.bincount(place, weights=count, minlength=len(geometries)).astype(np.int64)
    return Shapes(np.concatenate([[0], np.cumsum(of_place)]), np.ascontiguousarray(xy[:, 0]),
                  np.ascontiguousarray(xy[:, 1]), last)


def grid_of(shapes: Shapes, reach_m: np.ndarray, is_area: bool) -> Grid:
    """Return the cells of places, each with its own reach in metres."""
    count = len(shapes.start) - 1
    if not len(shapes.lon):
        return Grid(0.0, 0.0, 1.0, 1.0, 0, 0, np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.uint8))
    low, high = np.array([shapes.lon.min(), shapes.lat.min()]), np.array([shapes.lon.max(), shapes.lat.max()])
    metre = 1 / np.array([111_320 * max(np.cos(np.radians(np.abs([low[1], high[1]]).max())), 0.01), 110_540])
    pad = (reach_m.max() + 1) * metre * 1.02
    low, high = low - pad, high + pad
    sides = (high - low) / metre
    wanted = min(max(PER_PLACE * count, CELLS_LEAST), CELLS_MOST)
    size = max(np.sqrt(sides[0] * sides[1] / wanted), 5.0)
    columns, rows = (max(int(np.ceil(side / size)), 1) for side in sides)
    bare = Grid(low[0], low[1], columns / (high[0] - low[0]), rows / (high[1] - low[1]), columns, rows,
                np.zeros(columns * rows + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.uint8))
    mark = np.zeros(columns * rows, np.int64)
    _sweep(bare, shapes, reach_m, metre, is_area, mark, 0)
    np.cumsum(bare.start, out=bare.start)
    total = bare.start[-1]
    full = bare._replace(item=np.empty(total, np.int32), covers=np.empty(total, np.uint8))
    _sweep(full, shapes, reach_m, metre, is_area, mark, count)
    return full._replace(start=np.concatenate([[0], full.start[:-1]]))


@njit(cache=True)
def _sweep(grid, shapes, reach_m, metre, is_area, mark, shift):
    """Count what each cell lists (shift 0), or list it: then `start` moves from each cell's begin to its end."""
    crossings = np.empty(len(shapes.lon) + 1)
    for place in range(len(shapes.start) - 1):
        token = shift + place + 1
        _edges(grid, shapes, place, reach_m[place], metre, mark, token, shift > 0)
        if is_area:
            _inside(grid, shapes, place, mark, token, shift > 0, crossings)


@inner
def _note(grid, cell, place, covers, mark, token, is_filling):
    if mark[cell] == token:
        return
    mark[cell] = token
    if is_filling:
        at = grid.start[cell]
        grid.item[at] = place
        grid.covers[at] = covers
        grid.start[cell] = at + 1
    else:
        grid.start[cell + 1] += 1


@inner
def _between(value, low, high):
    return min(max(value, low), high)


@inner
def cell_of(grid, lon, lat):
    """Return the number of the cell of a spot, -1 outside."""
    column = int(np.floor((lon - grid.west) * grid.across))
    row = int(np.floor((lat - grid.south) * grid.up))
    if column < 0 or row < 0 or column >= grid.columns or row >= grid.rows:
        return -1
    return row * grid.columns + column


@inner
def _edges(grid, shapes, place, reach, metre, mark, token, is_filling):
    begin, end = shapes.start[place], shapes.start[place + 1]
    for at in range(begin, end):
        if shapes.last[at]:
            if at == begin or shapes.last[at - 1]:
                _edge(grid, shapes, at, at, reach, metre, place, mark, token, is_filling)
            continue
        _edge(grid, shapes, at, at + 1, reach, metre, place, mark, token, is_filling)


@inner
def _edge(grid, shapes, one, other, reach, metre, place, mark, token, is_filling):
    """Note the cells within reach of an edge, row by row."""
    lon1, lat1, lon2, lat2 = shapes.lon[one], shapes.lat[one], shapes.lon[other], shapes.lat[other]
    if lat1 > lat2:
        lon1, lat1, lon2, lat2 = lon2, lat2, lon1, lat1
    wide, high = (reach + 0.1) * 1.02 * metre[0], (reach + 0.1) * 1.02 * metre[1]
    first = _between(int(np.floor((lat1 - high - grid.south) * grid.up)), 0, grid.rows - 1)
    final = _between(int(np.floor((lat2 + high - grid.south) * grid.up)), 0, grid.rows - 1)
    for row in range(first, final + 1):
        low, top = grid.south + row / grid.up - high, grid.south + (row + 1) / grid.up + high
        from_share = to_share = 0.0
        if lat2 > lat1:
            from_share = _between((low - lat1) / (lat2 - lat1), 0.0, 1.0)
            to_share = _between((top - lat1) / (lat2 - lat1), 0.0, 1.0)
        else:
            to_share = 1.0
        a, b = lon1 + from_share * (lon2 - lon1), lon1 + to_share * (lon2 - lon1)
        left = _between(int(np.floor((min(a, b) - wide - grid.west) * grid.across)), 0, grid.columns - 1)
        right = _between(int(np.floor((max(a, b) + wide - grid.west) * grid.across)), 0, grid.columns - 1)
        for column in range(left, right + 1):
            _note(grid, row * grid.columns + column, place, MEETS, mark, token, is_filling)


@inner
def _inside(grid, shapes, place, mark, token, is_filling, crossings):
    """Note the cells that an area holds entire: those its edges stay away from and whose middle lies inside."""
    begin, end = shapes.start[place], shapes.start[place + 1]
    if end - begin < 4:
        return
    south, north = shapes.lat[begin], shapes.lat[begin]
    for at in range(begin, end):
        south, north = min(south, shapes.lat[at]), max(north, shapes.lat[at])
    first = _between(int(np.floor((south - grid.south) * grid.up)), 0, grid.rows - 1)
    final = _between(int(np.floor((north - grid.south) * grid.up)), 0, grid.rows - 1)
    for row in range(first, final + 1):
        count = _crossed(shapes, begin, end, grid.south + (row + 0.5) / grid.up, crossings)
        _sort(crossings, count)
        for pair in range(0, count - 1, 2):
            left = int(np.ceil((crossings[pair] - grid.west) * grid.across - 0.5))
            right = int(np.floor((crossings[pair + 1] - grid.west) * grid.across - 0.5))
            for column in range(_between(left, 0, grid.columns), _between(right, -1, grid.columns - 1) + 1):
                _note(grid, row * grid.columns + column, place, COVERS, mark, token, is_filling)


@inner
def _sort(values, count):
    for one in range(1, count):
        value, at = values[one], one
        while at > 0 and values[at - 1] > value:
            values[at] = values[at - 1]
            at -= 1
        values[at] = value


@inner
def _crossed(shapes, begin, end, lat, crossings):
    count = 0
    for at in range(begin, end - 1):
        if shapes.last[at] or (shapes.lat[at] > lat) == (shapes.lat[at + 1] > lat):
            continue
        share = (lat - shapes.lat[at]) / (shapes.lat[at + 1] - shapes.lat[at])
        crossings[count] = shapes.lon[at] + share * (shapes.lon[at + 1] - shapes.lon[at])
        count += 1
    return count
