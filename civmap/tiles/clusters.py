"""What is too small or too crowded to be itself: gathered by cells, and told number by number (they are few)."""

import math
import struct

import numpy as np

from civmap.issues import measures
from civmap.issues.measures import Counts
from civmap.mirror.counting import Colours
from civmap.mirror.standing import STATUSES
from civmap.mirror.tables import Table
from civmap.tiles.wire import EXTENT, layer, one, varint

KEYS = ("count", *STATUSES, "status", "west", "south", "east", "north", "value", "code")
PLACE = {key: number for number, key in enumerate(KEYS)}


class Told:
    """The values of a layer, each once."""

    def __init__(self) -> None:
        self.known: dict[bytes, int] = {}

    def whole(self, number: int) -> int:
        """Return the place of a whole number."""
        return self._place(b"\x28" + varint(number))

    def decimal(self, number: float) -> int:
        """Return the place of a number with decimals."""
        return self._place(b"\x19" + struct.pack("<d", number))

    def text(self, text: bytes) -> int:
        """Return the place of a text."""
        return self._place(one(0x0A, text))

    def _place(self, value: bytes) -> int:
        return self.known.setdefault(value, len(self.known))

    def all(self) -> bytes:
        """Return the values as fields of the layer."""
        return b"".join(one(0x22, value) for value in self.known)


def told(table: Table, colours: Colours, small: np.ndarray, cells: np.ndarray, corner: tuple[int, int, int],
         by: str, moment: float) -> bytes:
    """Return the layer of the clusters of some rows, sorted by their cells; `corner` is zoom, column and row."""
    first = np.flatnonzero(np.diff(cells, prepend=-1))
    counted = np.diff(first, append=len(cells))
    group = np.repeat(np.arange(len(first)), counted)
    of_status = np.bincount(4 * group + colours.status[small], minlength=4 * len(first)).reshape(-1, 4).tolist()
    places = table.places.xy[small]
    low, high = np.minimum.reduceat(places, first).tolist(), np.maximum.reduceat(places, first).tolist()
    middle = (np.add.reduceat(places, first) / counted[:, None]).tolist()
    values = None
    if colours.values is not None:
        values = np.asarray(measures.value(by, _summed(colours.counts, small, first), moment), float).tolist()
    zoom, column, row = corner
    found, features = Told(), []
    for number, count in enumerate(counted.tolist()):
        tags = [found.whole(count), *map(found.whole, of_status[number]),
                found.text(STATUSES[max(place for place in range(4) if of_status[number][place])].encode()),
                *map(found.decimal, _edges(low[number], high[number]))]
        pairs = b"".join(varint(place) + varint(value) for place, value in enumerate(tags))
        if values is not None and math.isfinite(values[number]):
            pairs += varint(PLACE["value"]) + varint(found.decimal(values[number]))
        if count == 1:
            code = table.codes.row(int(small[first[number]])).tobytes()
            pairs += varint(PLACE["code"]) + varint(found.text(code))
        x, y = (min(max(int((share * 2**zoom - edge) * EXTENT), 0), EXTENT - 1)
                for share, edge in zip(middle[number], (column, row), strict=True))
        features.append(one(0x12, one(0x12, pairs) + b"\x18\x01" + one(0x22, b"\x09" + varint(2 * x) + varint(2 * y))))
    return layer(f"{table.source.name}_clusters", b"".join(features), KEYS, found.all())


def _edges(low: list[float], high: list[float]) -> tuple[float, float, float, float]:
    """Return west, south, east and north in degrees."""
    north, south = (math.degrees(math.atan(math.sinh((0.5 - y) * 2 * math.pi))) for y in (low[1], high[1]))
    return round(low[0] * 360 - 180, 7), round(south, 7), round(high[0] * 360 - 180, 7), round(north, 7)


def _summed(counts: Counts, rows: np.ndarray, first: np.ndarray) -> Counts:
    """Return what weighs on groups of rows: sums, and of visits the newest."""
    def total(amounts: np.ndarray | float) -> np.ndarray:
        return np.add.reduceat(np.broadcast_to(amounts, max(rows.max() + 1, np.size(amounts)))[rows], first)

    newest = np.broadcast_to(counts.last_visit, max(rows.max() + 1, np.size(counts.last_visit)))[rows]
    return Counts(*(np.maximum.reduceat(newest, first) if name == "last_visit" else total(amounts)
                    for name, amounts in zip(Counts._fields, counts, strict=True)))
