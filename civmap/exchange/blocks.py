"""Pieces of a table: numbered rows that are had as lines or as columns, whichever the reader wants.

A source of pieces is gone through as often as needed and holds one piece at a time.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any, Protocol

PIECE, CELL_WEIGHT = 4_000, 64


class Block:
    """Some rows of a table: their numbers in the file and their cells."""

    __slots__ = ("_columns", "_lines", "numbers", "weight")

    def __init__(self, numbers: Sequence[int], *, lines: Sequence[Sequence[Any]] | None = None,
                 columns: Sequence[Sequence[Any]] | None = None, weight: int = 0) -> None:
        self.weight = weight or len(numbers) * CELL_WEIGHT
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
            lines = self._lines or ()
            is_even = len(set(map(len, lines))) == 1
            self._columns = list(zip(*lines, strict=False) if is_even else zip_longest(*lines, fillvalue=""))
        return self._columns

    def line(self, place: int) -> Sequence[Any]:
        """Return one row."""
        return self._lines[place] if self._lines is not None else tuple(column[place] for column in self._columns or ())

    def parts(self, most: int) -> "Iterator[Block]":
        """Return the block in parts of at most so many rows."""
        if len(self.numbers) <= most:
            yield self
            return
        for start in range(0, len(self.numbers), most):
            yield Block(self.numbers[start:start + most], lines=self.lines[start:start + most])


class Source(Protocol):
    """Where the rows of a table come from."""

    def blocks(self) -> Iterator[Block]:
        """Go through all rows from the first one."""
        ...

    def close(self) -> None:
        """Remove what was laid aside for going through again."""
        ...
