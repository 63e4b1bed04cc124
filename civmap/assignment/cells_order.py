"""In which order very many spots are answered: neighbours after each other, so that what one needed is still at hand.

A city's cells do not fit into a processor's nearest memory; spots as they come wait for it several times each.
"""

import numpy as np
from numba import njit

TILES = 128
LEAST = 20_000


def along(lons: np.ndarray, lats: np.ndarray) -> np.ndarray:
    """Return the spots' numbers tile by tile, row by row back and forth; a few stay as they are."""
    if len(lons) < LEAST:
        return np.arange(len(lons), dtype=np.int32)
    return _sorted(lons, lats, *_frame(lons), *_frame(lats))


def _frame(values: np.ndarray) -> tuple[float, float]:
    """Return the least value and how many strips a unit holds."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if not (np.isfinite(low) and np.isfinite(high)):
        return 0.0, 0.0
    return low, (TILES - 1e-6) / max(high - low, 1e-12)


@njit(cache=True, nogil=True)
def _sorted(lons, lats, west, across, south, up):
    """Sort by counting: once how many spots each tile has, then each spot to the next free place of its tile."""
    tile, begin = np.empty(len(lons), np.uint16), np.zeros(TILES * TILES + 1, np.int64)
    for spot in range(len(lons)):
        x, y = (lons[spot] - west) * across, (lats[spot] - south) * up
        column = min(max(int(x), 0), TILES - 1) if x == x else 0
        row = min(max(int(y), 0), TILES - 1) if y == y else 0
        tile[spot] = row * TILES + (TILES - 1 - column if row % 2 else column)
        begin[tile[spot] + 1] += 1
    for number in range(TILES * TILES):
        begin[number + 1] += begin[number]
    order = np.empty(len(lons), np.int32)
    for spot in range(len(lons)):
        order[begin[tile[spot]]] = spot
        begin[tile[spot]] += 1
    return order
