"""The bytes of a vector tile, written by columns: varints, messages and tag tables for all features at once.

Mapbox Vector Tile Specification 2.1 over Protocol Buffers: a tile holds layers (3); a layer version (15), name (1),
features (2), keys (3), values (4) and extent (5); a feature id (1), tags (2), type (3) and geometry (4).
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from civmap.mirror.ragged import Ragged, begins, packed, runs

EXTENT = 4096
LINE, AREA, SPOT = 2, 3, 1


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


def beside(*parts: Ragged | bytes) -> Ragged:
    """Return rows put together piece by piece; bytes stand in every row."""
    size = next(len(part) for part in parts if isinstance(part, Ragged))
    each = [part.lengths if isinstance(part, Ragged) else np.full(size, len(part), np.int32) for part in parts]
    lengths = np.sum(each, axis=0, dtype=np.int32)
    found, at = np.empty(int(lengths.sum()), np.uint8), begins(lengths)
    for part, widths in zip(parts, each, strict=True):
        if isinstance(part, Ragged):
            found[runs(at, widths)] = part.values[:part.end]
        else:
            for number, byte in enumerate(part):
                found[at + number] = byte
        at = at + widths
    return packed(found, lengths)


def messages(tag: int, bodies: Ragged) -> Ragged:
    """Return bodies as fields with their length in front."""
    return beside(bytes([tag]), varints(bodies.lengths), bodies)


def one(tag: int, body: bytes) -> bytes:
    """Return one body as a field with its length in front."""
    return bytes([tag]) + varint(len(body)) + body


def varint(value: int) -> bytes:
    """Return one whole number ≥ 0 as a varint."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


@dataclass(slots=True)
class Tags:
    """The columns of a layer's features: keys, values, and which features have which."""

    size: int
    keys: list[str] = field(default_factory=list)
    indexes: list[np.ndarray] = field(default_factory=list)
    present: list[np.ndarray] = field(default_factory=list)
    values: list[bytes] = field(default_factory=list)
    count: int = 0

    def _add(self, key: str, values: bytes, count: int, index: np.ndarray, present: np.ndarray | None = None) -> None:
        self.keys.append(key)
        self.indexes.append(index + self.count)
        self.present.append(np.ones(self.size, bool) if present is None else present)
        self.values.append(values)
        self.count += count

    def texts(self, key: str, texts: Ragged, present: np.ndarray | None = None) -> None:
        """Add a text of each feature's own."""
        values = messages(0x22, messages(0x0A, texts))
        self._add(key, values.values[:values.end].tobytes(), self.size, np.arange(self.size), present)

    def words(self, key: str, numbers: np.ndarray, words: Sequence[str]) -> None:
        """Add one of a few words by its number."""
        used, index = np.unique(numbers, return_inverse=True)
        values = b"".join(one(0x22, one(0x0A, words[number].encode())) for number in used.tolist())
        self._add(key, values, len(used), index)

    def wholes(self, key: str, numbers: np.ndarray, present: np.ndarray | None = None) -> None:
        """Add whole numbers ≥ 0."""
        used, index = np.unique(numbers, return_inverse=True)
        values = b"".join(one(0x22, b"\x28" + varint(number)) for number in used.tolist())
        self._add(key, values, len(used), index, present)

    def doubles(self, key: str, numbers: np.ndarray) -> None:
        """Add numbers with decimals; NaN is left out."""
        used, index = np.unique(numbers, return_inverse=True)
        values = b"".join(b"\x22\x09\x19" + struct.pack("<d", number) for number in used.tolist())
        self._add(key, values, len(used), index, np.isfinite(numbers))

    def of_features(self) -> Ragged:
        """Return each feature's tags as bytes."""
        there = np.column_stack(self.present)
        pairs = np.empty((self.size, len(self.keys), 2), np.int64)
        pairs[:, :, 0] = np.arange(len(self.keys))
        pairs[:, :, 1] = np.column_stack(self.indexes)
        return grouped(varints(pairs[there].ravel()), 2 * there.sum(axis=1))


def layer(name: str, ids: np.ndarray | None, types: np.ndarray, geometry: Ragged, tags: Tags) -> bytes:
    """Return a layer as a field of the tile; nothing where it holds no feature."""
    if not tags.size:
        return b""
    number: tuple[Ragged | bytes, ...] = () if ids is None else (b"\x08", varints(ids))
    features = beside(*number, messages(0x12, tags.of_features()), b"\x18", varints(types), messages(0x22, geometry))
    whole = messages(0x12, features)
    keys = b"".join(one(0x1A, key.encode()) for key in tags.keys)
    values = b"".join(tags.values)
    head = b"\x78\x02" + one(0x0A, name.encode())
    return one(0x1A, head + whole.values[:whole.end].tobytes() + keys + values + b"\x28\x80\x20")
