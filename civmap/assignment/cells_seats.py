"""Cells of seats: for each duty category, which seats may be the nearest ones to a spot of the cell.

A seat may be nearest to a spot of a cell only when it is at most the cell's diagonal farther from its middle than the
nearest one is: the triangle inequality of metres on the ground. Cells are parted in four until few seats are left.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit

from civmap.assignment.cells_metric import Metric, inner, metres, scale_at

PER_SEAT, CELLS_MOST, LEAST_M = 12, 1_000_000, 4.0
TRUST, ROUGH = 1.001, 1.02
"""What rough metres are trusted to: a cell's radius; squared metres in the flat plane of a spot, within 20 km."""


class Seats(NamedTuple):
    """Seats and, for each category, its frame (west, south, columns and rows a degree), size and first cell."""

    lon: np.ndarray
    lat: np.ndarray
    frame: np.ndarray
    size: np.ndarray
    base: np.ndarray
    start: np.ndarray
    item: np.ndarray


def seats_of(lon: np.ndarray, lat: np.ndarray, groups: Sequence[np.ndarray], metric: Metric, reach_m: float,
             slack_m: float) -> Seats:
    """Return the cells of groups of seats (numbers into lon, lat); a spot takes all within `slack_m` of the nearest."""
    frame, size, base = np.zeros((len(groups), 4)), np.zeros(len(groups), np.int64), np.zeros(len(groups), np.int64)
    starts, items, cells, total = [np.zeros(1, np.int64)], [np.zeros(0, np.int32)], 0, 0
    for number, group in enumerate(groups):
        base[number] = cells
        if not len(group):
            continue
        box = _frame(lon[group], lat[group], reach_m)
        size[number], start, item = _parted(lon, lat, np.asarray(group, np.int32), metric, box, reach_m, slack_m)
        frame[number] = box[0], box[1], size[number] / (box[2] - box[0]), size[number] / (box[3] - box[1])
        starts.append(start[1:] + total)
        items.append(item)
        cells, total = cells + size[number] ** 2, total + len(item)
    return Seats(lon, lat, frame, size, base, np.concatenate(starts), np.concatenate(items))


def _frame(lon: np.ndarray, lat: np.ndarray, reach_m: float) -> np.ndarray:
    up = reach_m / 110_500
    wide = reach_m / (111_300 * max(np.cos(np.radians(np.abs(lat).max() + up)), 0.01))
    return np.array([lon.min() - wide, lat.min() - up, lon.max() + wide, lat.max() + up])


def _parted(lon: np.ndarray, lat: np.ndarray, group: np.ndarray, metric: Metric, box: np.ndarray, reach_m: float,
            slack_m: float) -> tuple[int, np.ndarray, np.ndarray]:
    size, start, item = 1, np.array([0, len(group)], np.int64), group
    wanted = min(PER_SEAT * len(group), CELLS_MOST)
    while size * size < wanted and (box[3] - box[1]) * 110_500 / size > LEAST_M:
        size *= 2
        start, item = _part(lon, lat, start, item, metric, box, size, reach_m, slack_m)
    return size, start, item


@njit(cache=True)
def _part(lon, lat, start, item, metric, box, size, reach_m, slack_m):
    """Part each cell in four, and keep of its seats those that may matter in each."""
    begin, kept = np.zeros(size * size + 1, np.int64), np.empty(max(len(item), 16), np.int32)
    away = np.empty(np.diff(start).max() + 1)
    wide, high, total = (box[2] - box[0]) / size, (box[3] - box[1]) / size, 0
    for cell in range(size * size):
        row, column = cell // size, cell % size
        parent = row // 2 * (size // 2) + column // 2
        first, count = start[parent], start[parent + 1] - start[parent]
        west, south = box[0] + column * wide, box[1] + row * high
        middle_lon, middle_lat = west + wide / 2, south + high / 2
        radius = TRUST * max(metres(metric, middle_lon, middle_lat, west, south),
                             metres(metric, middle_lon, middle_lat, west, south + high))
        least = np.inf
        for at in range(count):
            seat = item[first + at]
            away[at] = metres(metric, middle_lon, middle_lat, lon[seat], lat[seat])
            least = min(least, away[at])
        most = min(least + 2 * radius + slack_m, reach_m + radius + slack_m)
        if total + count > len(kept):
            kept = np.concatenate((kept, np.empty(len(kept) + count, np.int32)))
        for at in range(count):
            if away[at] <= most:
                kept[total] = item[first + at]
                total += 1
        begin[cell + 1] = total
    return begin, kept[:total].copy()


@inner
def seats_near(seats, group, lon, lat):
    """Return from where to where `item` lists the seats that may be nearest to a spot."""
    size, frame = seats.size[group], seats.frame[group]
    column = int(np.floor((lon - frame[0]) * frame[2]))
    row = int(np.floor((lat - frame[1]) * frame[3]))
    if column < 0 or row < 0 or column >= size or row >= size:
        return 0, 0
    cell = seats.base[group] + row * size + column
    return seats.start[cell], seats.start[cell + 1]


@njit(cache=True, nogil=True)
def nearest_seats(seats, group, metric, lon, lat):
    """Return for many spots the nearest seat of a group, -1 where none is within reach, and its metres."""
    found, away = np.full(len(lon), -1, np.int64), np.full(len(lon), np.inf)
    for spot in range(len(lon)):
        begin, end = seats_near(seats, group, lon[spot], lat[spot])
        across, up = scale_at(lat[spot])
        most = np.inf
        for at in range(begin, end):
            seat = seats.item[at]
            most = min(most, ((seats.lon[seat] - lon[spot]) * across) ** 2 + ((seats.lat[seat] - lat[spot]) * up) ** 2)
        most *= ROUGH
        for at in range(begin, end):
            seat = seats.item[at]
            if ((seats.lon[seat] - lon[spot]) * across) ** 2 + ((seats.lat[seat] - lat[spot]) * up) ** 2 > most:
                continue
            one = metres(metric, lon[spot], lat[spot], seats.lon[seat], seats.lat[seat])
            if one < away[spot]:
                found[spot], away[spot] = seat, one
    return found, away
