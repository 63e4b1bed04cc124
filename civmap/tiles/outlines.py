"""Outlines that need no cutting, as commands: written once per zoom for a whole neighbourhood, good for every tile.

All but the first move is the same in whichever tile a shape is drawn, so that a tile only says where each begins.
"""

from threading import RLock

import numpy as np

from civmap.mirror.places import Places
from civmap.mirror.ragged import Ragged
from civmap.tiles import strokes
from civmap.tiles.strokes import Commands
from civmap.tiles.wire import EXTENT

NEIGHBOURS = 2048
"""So many outlines are written together."""
MOST_KEPT = 6


class _Written:
    """The commands of one kind at one zoom, as far as they have been asked for."""

    def __init__(self, count: int) -> None:
        self.known = np.zeros(count, bool)
        self.start = np.zeros((count, 2), np.int64)
        self.tails = Ragged(np.zeros(0, np.uint8), np.zeros(count, np.int64), np.zeros(count, np.int32), 0)

    def add(self, rows: np.ndarray, told: Commands, corner: np.ndarray) -> None:
        """Keep the commands of some rows; in place, for a copy of a large city's would cost more than a tile."""
        values, end = self.tails.values, self.tails.end
        more = end + told.tails.end
        if more > len(values):
            values = np.empty(more + more // 2 + NEIGHBOURS, np.uint8)
            values[:end] = self.tails.values[:end]
        values[end:more] = told.tails.values[:told.tails.end]
        self.known[rows], self.start[rows] = True, told.start + corner
        self.tails.starts[rows], self.tails.lengths[rows] = told.tails.starts + end, told.tails.lengths
        self.tails = Ragged(values, self.tails.starts, self.tails.lengths, more)


class Outlines:
    """What has been written, by kind and zoom; the longest unused goes, and what places have changed."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.kept: dict[tuple[int, int, bool], _Written] = {}

    def of(self, places: Places, dimension: int, rows: np.ndarray, tile: tuple[int, int, int],
           generalise: bool) -> Commands:
        """Return the commands of some rows in a tile (zoom, column, row)."""
        zoom, column, row = tile
        corner = np.array([column * EXTENT, row * EXTENT], np.int64)
        with self.lock:
            key = (places.serial, zoom, dimension == strokes.AREA)
            written = self.kept.pop(key, None) or _Written(len(places.xy))
            self.kept[key] = written
            while len(self.kept) > MOST_KEPT:
                self.kept.pop(next(iter(self.kept)))
            missing = rows[~written.known[rows]]
            if len(missing):
                near = _neighbours(places, zoom, column, row)
                missing = np.union1d(missing, near[~written.known[near]])
                shapes = strokes.of_rows(places, missing, zoom, column, row)
                clean = strokes.fitted(shapes, len(missing), dimension == strokes.AREA, np.zeros(len(missing), bool),
                                       generalise)
                written.add(missing, strokes.commands(clean, len(missing), dimension), corner)
            return Commands(written.start[rows] - corner, written.tails.take(rows))


def _neighbours(places: Places, zoom: int, column: int, row: int) -> np.ndarray:
    low, high = places.owned(zoom, column, row)
    while zoom:
        zoom, column, row = zoom - 1, column >> 1, row >> 1
        wider = places.owned(zoom, column, row)
        if wider[1] - wider[0] > NEIGHBOURS:
            break
        low, high = wider
    return places.order[low:high]
