"""Which keys a file has shown already, and in which row first: eight bytes a key, for a million of them."""

from collections.abc import Sequence

import numpy as np

Key = tuple[str, ...]


class Seen:
    """Keys of good rows. Many come as arrays, single ones as texts; both know of each other."""

    def __init__(self) -> None:
        self._single: dict[int, int] = {}
        self._many: list[tuple[np.ndarray, np.ndarray]] = []

    def setdefault(self, key: Key, row: int) -> int:
        """Return the row in which a key was met first; it is this one where it was not met before."""
        mark = _mark(key)
        found = self._single.get(mark)
        if found is None:
            found = next((first for first in (_first(part, mark) for part in self._many) if first is not None), None)
        return self._single.setdefault(mark, row) if found is None else found

    def fresh(self, codes: Sequence[str | None]) -> tuple[np.ndarray, np.ndarray]:
        """Return the marks of codes, and which of them were met neither before nor twice among themselves."""
        marks = np.fromiter(map(hash, codes), np.int64, len(codes))
        ordered = np.argsort(marks, kind="stable")
        same = marks[ordered][1:] == marks[ordered][:-1]
        is_fresh = np.ones(len(marks), np.bool_)
        is_fresh[ordered[1:][same]] = is_fresh[ordered[:-1][same]] = False
        for known, _rows in self._many:
            at = np.minimum(np.searchsorted(known, marks), len(known) - 1)
            is_fresh &= known[at] != marks
        if self._single:
            is_fresh &= ~np.isin(marks, np.fromiter(self._single, np.int64, len(self._single)))
        return marks, is_fresh

    def add(self, marks: np.ndarray, rows: np.ndarray) -> None:
        """Remember the marks of good rows; parts of like size are joined, so that few are asked."""
        part = _sorted(marks, rows)
        while self._many and len(self._many[-1][0]) <= 2 * len(part[0]):
            other = self._many.pop()
            part = _sorted(np.concatenate([other[0], part[0]]), np.concatenate([other[1], part[1]]))
        if len(part[0]):
            self._many.append(part)


def _mark(key: Key) -> int:
    return hash(key[0]) if len(key) == 1 else hash(key)


def _first(part: tuple[np.ndarray, np.ndarray], mark: int) -> int | None:
    at = int(np.searchsorted(part[0], mark))
    return int(part[1][at]) if at < len(part[0]) and int(part[0][at]) == mark else None


def _sorted(marks: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(marks, kind="stable")
    return marks[order], rows[order]
