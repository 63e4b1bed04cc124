"""Columns of cells at once: which of them are plainly good, and what they say; the rest is read one by one elsewhere.

Plain is what the readers of single cells would return just as it stands: printable text without blank edges, within
its length, words that a dictionary knows, numbers that are written as numbers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from civmap.errors import CivmapError
from civmap.exchange import cells

MOST_DEGREES = 1_000.0
MOST_WORDS = 20_000
"""More different words than this are no words of a dictionary."""


@dataclass(frozen=True, slots=True)
class Column:
    """What cells say (None: nothing stands there), and which of them are plain."""

    values: list[Any]
    is_plain: np.ndarray


def texts(column: Sequence[Any], most: int, unwanted: str = "") -> Column:
    """Return cells as texts of at most `most` characters; those that hold an unwanted sign are not plain."""
    values = column.tolist() if isinstance(column, np.ndarray) else list(column)
    is_plain = np.ones(len(values), np.bool_)
    if set(map(type, values)) != {str}:
        for place, value in enumerate(values):
            if type(value) is not str:
                values[place], is_plain[place] = _as_text(value)
    if _are_all_plain(values, most, unwanted):
        if "" in values:
            values = [value or None for value in values]
        return Column(values, is_plain)
    for place, value in enumerate(values):
        if not _are_all_plain([value], most, unwanted):
            is_plain[place] = False
    return Column([value or None for value in values], is_plain)


def _are_all_plain(values: list[str], most: int, unwanted: str) -> bool:
    joined = "|".join(values)
    return (joined.isprintable() and not joined.startswith((" ", "'")) and not joined.endswith(" ")
            and "| " not in joined and " |" not in joined and "|'" not in joined
            and len(max(values, key=len, default="")) <= most and not any(sign in joined for sign in unwanted))


def _as_text(value: Any) -> tuple[str, bool]:
    if value is None:
        return "", True
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return cells.text(value), value == value
        except CivmapError:
            return "", False
    return "", False


def numbers(column: Sequence[Any]) -> np.ndarray | None:
    """Return cells as numbers where all of them are plain degrees, else None."""
    values = column.tolist() if isinstance(column, np.ndarray) else list(column)
    sorts = set(map(type, values))
    if sorts != {str} and not sorts <= {float, int}:
        return None
    try:
        if sorts == {str} and "".join(values).strip("0123456789.-"):
            return None
        found = np.array(values, object).astype(np.float64)
    except (ValueError, OverflowError):
        return None
    return found if bool((np.abs(found) < MOST_DEGREES).all()) else None


class Words:
    """A column of few different words, each read once for the whole table."""

    def __init__(self, reader: Callable[[Any], Any]) -> None:
        self._reader = reader
        self._known: dict[Any, Any] = {None: None, "": None}
        self._refused: set[Any] = set()

    def read(self, column: Sequence[Any]) -> Column:
        """Return what the words mean; a word that is refused is not plain."""
        values = column.tolist() if isinstance(column, np.ndarray) else list(column)
        words = set(values)
        for word in words - self._known.keys():
            self._known[word] = self._one(word)
        is_plain = np.ones(len(values), np.bool_)
        if not self._refused.isdisjoint(words):
            is_plain = np.fromiter((word not in self._refused for word in values), np.bool_, len(values))
        return Column(list(map(self._known.__getitem__, values)), is_plain)

    def _one(self, word: Any) -> Any:
        if cells.is_blank(word):
            return None
        try:
            if len(self._known) < MOST_WORDS:
                return self._reader(word)
        except CivmapError:
            pass
        self._refused.add(word)
        return None
