"""Pieces of a table: numbered rows that are had as lines or as columns, whichever the reader wants.

A source of pieces is gone through as often as needed and holds one piece at a time.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any, Protocol

PIECE = 4_000


class Block:
    """Some rows of a table: their numbers in the file and their cells."""

    __slots__ = ("_columns", "_lines", "numbers")

    def __init__(self, numbers: Sequence[int], *, lines: Sequence[Sequence[Any]] | None = None,
                 columns: Sequence[Sequence[Any]] | None = None) -> None:
        self.numbers, self._lines, self._columns = numbers, lines, columns

    @property
    def lines(self) -> Sequence[Sequence[Any]]:
        """Return the rows, each a sequence of cells."""
        if self._lines is None:
            self._lines = list(zip(*self._columns, strict=True)) if self._columns else [()] * len(self.numbers)
        return self._lines

    @property
    def columns(self) -> Sequence[Sequence[Any]]:
        """Return the columns; where rows have different lengths nothing stands in the missing cells."""
        if self._columns is None:
            self._columns = list(zip_longest(*self._lines, fillvalue=""))
        return self._columns


class Source(Protocol):
    """Where the rows of a table come from."""

    def blocks(self) -> Iterator[Block]:
        """Go through all rows from the first one."""
        ...

    def close(self) -> None:
        """Remove what was laid aside for going through again."""
        ...
