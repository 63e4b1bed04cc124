"""The bytes of a vector tile, written by columns: varints, messages and tag tables for all features at once.

Mapbox Vector Tile Specification 2.1 over Protocol Buffers: a tile holds layers (3); a layer version (15), name (1),
features (2), keys (3), values (4) and extent (5); a feature id (1), tags (2), type (3) and geometry (4).
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType

import numpy as np

from civmap.mirror.ragged import Ragged, begins, packed

EXTENT = 4096
LINE, AREA, SPOT = 2, 3, 1
FEW = 4096
ZERO = np.zeros(1, np.int64)


def varints(values: np.ndarray) -> Ragged:
    """Return whole numbers ≥ 0 as varints, one per row."""
    values = np.asarray(values, np.uint64)
    lengths = np.ones(len(values), np.int32)
    top = int(values.max(initial=0))
    if top < 0x80:
        return Ragged(values.astype(np.uint8), np.arange(len(values)), lengths, len(values))
    most = 1
    while top >> (7 * most):
        lengths += values >= np.uint64(1 << (7 * most))
        most += 1
    starts = begins(lengths)
    found = np.zeros(int(lengths.sum()), np.uint8)
    for number in range(most):
        use = lengths > number if number else slice(None)
        part = (values[use] >> np.uint64(7 * number)).astype(np.uint8) & 0x7F
        found[starts[use] + number] = part | np.where(lengths[use] > number + 1, 0x80, 0).astype(np.uint8)
    return packed(found, lengths)


def zigzag(values: np.ndarray) -> np.ndarray:
    """Return signed numbers folded to unsigned ones: 0, -1, 1, -2 …"""
    return (values << 1) ^ (values >> 63)


def grouped(parts: Ragged, sizes: np.ndarray) -> Ragged:
    """Return packed rows joined in groups of some sizes."""
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(parts.lengths)])
    edges = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    return packed(parts.values[:parts.end], np.diff(ends[edges]))


def one(tag: int, body: bytes) -> bytes:
    """Return one body as a field with its length in front."""
    return bytes([tag]) + varint(len(body)) + body


def varint(value: int) -> bytes:
    """Return one whole number ≥ 0 as a varint."""
    return SMALL[value] if value < len(SMALL) else _written(value)


def _written(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


SMALL = tuple(_written(value) for value in range(FEW))


def text_values(texts: Ragged) -> bytes:
    """Return texts as values of a layer, one behind the other."""
    return _kernels().text_values(texts.values, texts.starts, texts.lengths).tobytes()


@dataclass(slots=True)
class Tags:
    """The columns of a layer's features: keys, values, and which features have which."""

    size: int
    keys: list[str] = field(default_factory=list)
    indexes: list[np.ndarray] = field(default_factory=list)
    present: dict[int, np.ndarray] = field(default_factory=dict)
    values: list[bytes] = field(default_factory=list)
    count: int = 0

    def _add(self, key: str, values: bytes, count: int, index: np.ndarray, present: np.ndarray | None = None) -> None:
        if present is not None:
            self.present[len(self.keys)] = present
        self.keys.append(key)
        self.indexes.append(index + self.count)
        self.values.append(values)
        self.count += count

    def texts(self, key: str, texts: Ragged) -> None:
        """Add a text of each feature's own."""
        self._add(key, text_values(texts), self.size, np.arange(self.size))

    def words(self, key: str, numbers: np.ndarray, words: Sequence[str]) -> None:
        """Add one of a few words by its number."""
        used, index = _few(numbers)
        values = b"".join(one(0x22, one(0x0A, words[number].encode())) for number in used.tolist())
        self._add(key, values, len(used), index)

    def wholes(self, key: str, numbers: np.ndarray) -> None:
        """Add whole numbers ≥ 0."""
        used, index = _few(numbers)
        values = b"".join(one(0x22, b"\x28" + varint(number)) for number in used.tolist())
        self._add(key, values, len(used), index)

    def mark(self, key: str, present: np.ndarray) -> None:
        """Add the number one to some features."""
        self._add(key, b"\x22\x02\x28\x01", 1, np.zeros(self.size, np.int64), present)

    def doubles(self, key: str, numbers: np.ndarray) -> None:
        """Add numbers with decimals; NaN is left out."""
        used, index = np.unique(numbers, return_inverse=True)
        values = b"".join(b"\x22\x09\x19" + struct.pack("<d", number) for number in used.tolist())
        self._add(key, values, len(used), index, np.isfinite(numbers))


def _few(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which numbers there are, and each one's place among them."""
    most = int(numbers.max(initial=0))
    if not most:
        return ZERO, np.zeros(len(numbers), np.int64)
    if most > FEW:
        return np.unique(numbers, return_inverse=True)
    is_used = np.bincount(numbers) > 0
    return np.flatnonzero(is_used), (np.cumsum(is_used) - 1)[numbers]


def features(ids: np.ndarray, kind: int, start: np.ndarray, tails: Ragged, tags: Tags) -> bytes:
    """Return the features of a layer: id, tags, and a shape that begins at `start` and goes on with its tail."""
    present = np.ones((len(tags.keys), tags.size), np.bool_)
    for number, there in tags.present.items():
        present[number] = there
    return _kernels().features(ids, kind, start, tails.values, tails.starts, tails.lengths, np.stack(tags.indexes),
                               present).tobytes()


def _kernels() -> ModuleType:
    """Return the compiled loops, loaded when the first tile is built."""
    from civmap.tiles import kernels

    return kernels


def layer(name: str, features_told: bytes, keys: Sequence[str], values: bytes) -> bytes:
    """Return a layer as a field of the tile."""
    return one(0x1A, b"\x78\x02" + one(0x0A, name.encode()) + features_told + _keys(tuple(keys)) + values
               + b"\x28\x80\x20")


@cache
def _keys(keys: tuple[str, ...]) -> bytes:
    return b"".join(one(0x1A, key.encode()) for key in keys)
