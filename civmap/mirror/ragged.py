"""Rows of different length in one flat array: texts as bytes, coordinates, rings. Appending copies nothing old."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SPARE = 1024


@dataclass(frozen=True, slots=True)
class Ragged:
    """Row i is `values[starts[i]:starts[i] + lengths[i]]`; what lies at and beyond `end` belongs to later versions."""

    values: np.ndarray
    starts: np.ndarray
    lengths: np.ndarray
    end: int

    def __len__(self) -> int:
        return len(self.starts)

    def row(self, number: int) -> np.ndarray:
        """Return one row."""
        return self.values[self.starts[number]:self.starts[number] + self.lengths[number]]

    def take(self, rows: np.ndarray) -> "Ragged":
        """Return some rows, packed one behind the other."""
        lengths = self.lengths[rows]
        return Ragged(self.values[runs(self.starts[rows], lengths)], begins(lengths), lengths, int(lengths.sum()))

    def view(self, rows: np.ndarray) -> "Ragged":
        """Return some rows where they lie, nothing copied."""
        return Ragged(self.values, self.starts[rows], self.lengths[rows], self.end)

    def branch(self) -> "Ragged":
        """Return the same rows where they lie; what follows from them is written elsewhere, not behind them."""
        return Ragged(self.values[:self.end], self.starts, self.lengths, self.end)

    def with_rows(self, rows: np.ndarray, new: "Ragged") -> "Ragged":
        """Return this with some rows replaced; rows beyond the end are appended.

        What was replaced stays behind until it is more than what is told; then the rows are packed anew.
        """
        more = int(rows.max(initial=-1)) + 1 - len(self)
        starts, lengths = grown(self.starts, more), grown(self.lengths, more)
        starts[rows], lengths[rows] = new.starts + self.end, new.lengths
        end = self.end + new.end
        values = self.values
        if end > len(values) or not values.flags.owndata:
            values = np.empty((end + end // 16 + SPARE, *values.shape[1:]), values.dtype)
            values[:self.end] = self.values[:self.end]
        values[self.end:end] = new.values[:new.end]
        following = Ragged(values, starts, lengths, end)
        is_sparse = end > 2 * int(lengths.sum(dtype=np.int64)) + SPARE
        return following.take(np.arange(len(starts))) if is_sparse else following


def begins(lengths: np.ndarray) -> np.ndarray:
    """Return where each row begins when rows of these lengths lie one behind the other."""
    found = np.zeros(len(lengths), np.int64)
    np.add.accumulate(lengths[:-1], out=found[1:])
    return found


def runs(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return the indices start, start + 1, … of every row, one row behind the other."""
    total = int(lengths.sum())
    return np.arange(total) + np.repeat(starts - begins(lengths), lengths)


def grown(array: np.ndarray, more: int) -> np.ndarray:
    """Return a copy with room for some more rows, those as zeros."""
    copy = np.zeros((len(array) + max(more, 0), *array.shape[1:]), array.dtype)
    copy[:len(array)] = array
    return copy


def of_texts(texts: Sequence[str | None]) -> Ragged:
    """Return texts as UTF-8 bytes; a missing one is empty."""
    coded = [(text or "").encode("utf-8", "replace") for text in texts]
    lengths = np.fromiter(map(len, coded), np.int32, len(coded))
    return packed(np.frombuffer(b"".join(coded), np.uint8), lengths)


def packed(values: np.ndarray, lengths: np.ndarray) -> Ragged:
    """Return rows that lie one behind the other already."""
    return Ragged(values, begins(lengths), np.asarray(lengths, np.int32), len(values))


def joined(parts: Sequence[Ragged]) -> Ragged:
    """Return packed rows of several pieces as one."""
    return packed(np.concatenate([part.values[:part.end] for part in parts]),
                  np.concatenate([part.lengths for part in parts]))
