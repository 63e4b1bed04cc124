"""Streets for a city of any size: the real ones of an extract, laid side by side like tiles of a floor."""

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
import shapely

from civmap.mirror.places import lonlat, mercator

EARTH_M = 40_075_016.7
SPACING_M = 20.0


@dataclass(frozen=True)
class Streets:
    """Straight pieces of streets in world shares (Web Mercator, 0 … 1): both ends, metres, whose they are.

    `copy` tells which repetition of the extract a piece lies in, `segment` which of its segments it belongs to.
    """

    ends: np.ndarray
    metres: np.ndarray
    copy: np.ndarray
    segment: np.ndarray
    frames: np.ndarray
    metre: float

    @property
    def frame(self) -> tuple[float, float, float, float]:
        """Return W, S, E, N of all repetitions in degrees."""
        corners = lonlat(np.array([self.frames[:, :2].min(axis=0), self.frames[:, 2:].max(axis=0)]))
        return corners[0, 0], corners[1, 1], corners[1, 0], corners[0, 1]


def laid(lines: np.ndarray, zones: int) -> Streets:
    """Return the pieces of some lines (degrees), repeated until so many zones find room on both sides."""
    xy = mercator(shapely.get_coordinates(lines))
    owner = np.repeat(np.arange(len(lines)), shapely.get_num_coordinates(lines))
    inner = owner[1:] == owner[:-1]
    ends = np.hstack([xy[:-1], xy[1:]])[inner]
    segment = owner[1:][inner]
    lat = np.radians(lonlat(xy.mean(axis=0)[None, :])[0, 1])
    metre = 1 / (EARTH_M * np.cos(lat))
    metres = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1]) / metre
    low, high = xy.min(axis=0), xy.max(axis=0)
    side = max(1, ceil(sqrt(zones * SPACING_M / (2 * metres.sum()))))
    step = (high - low) * 1.02
    shifts = np.array([(column, row) for row in range(side) for column in range(side)], float) * step
    number = len(shifts)
    return Streets((ends[None] + np.tile(shifts, 2)[:, None]).reshape(-1, 4), np.tile(metres, number),
                   np.repeat(np.arange(number), len(ends)), np.tile(segment, number),
                   np.hstack([low + shifts, high + shifts]), float(metre))


def lots(streets: Streets, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return `count` lots beside the streets as Shapely polygons in degrees, the piece of each, and its side (0, 1).

    Each is 6 to 18 m wide and 4 to 9 m deep, 5 m away from the middle of the street, many with a cut corner.
    """
    slots = np.maximum((streets.metres // SPACING_M).astype(int), 1)
    piece = np.repeat(np.arange(len(slots)), 2 * slots)
    number = np.arange(len(piece)) - np.repeat(np.cumsum(2 * slots) - 2 * slots, 2 * slots)
    use = np.sort(rng.permutation(len(piece))[:count]) if len(piece) >= count else rng.integers(0, len(piece), count)
    piece, number = piece[use], number[use]
    along, side = number // 2, number % 2
    start, stop = streets.ends[piece, :2], streets.ends[piece, 2:]
    direction = (stop - start) / np.maximum(np.hypot(*(stop - start).T), 1e-12)[:, None]
    across = np.column_stack([-direction[:, 1], direction[:, 0]]) * np.where(side, 1, -1)[:, None]
    width, depth = rng.uniform(6, 18, len(piece)), rng.uniform(4, 9, len(piece))
    near = start + direction * ((along + 0.05) * SPACING_M * streets.metre)[:, None] + across * (5 * streets.metre)
    wide, deep = direction * (width * streets.metre)[:, None], across * (depth * streets.metre)[:, None]
    cut = np.where(rng.random(len(piece)) < 0.5, 0.3, 0.0)[:, None]
    rings = np.stack([near, near + wide, near + wide + deep * (1 - cut), near + wide * (1 - cut) + deep,
                      near + deep, near], axis=1)
    return shapely.polygons(lonlat(rings.reshape(-1, 2)).reshape(rings.shape)), piece, side


def spots(streets: Streets, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return `count` spots within 12 m of the streets in degrees, and the piece of each."""
    weight = np.cumsum(streets.metres)
    piece = np.searchsorted(weight, rng.random(count) * weight[-1])
    share = rng.random(count)[:, None]
    at = streets.ends[piece, :2] * (1 - share) + streets.ends[piece, 2:] * share
    return lonlat(at + rng.uniform(-12, 12, (count, 2)) * streets.metre), piece
