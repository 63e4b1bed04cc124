"""Tables at the margin: how many rows of each fit into the columns, so that nothing ever runs over.

Rows have one height and one line, so arithmetic alone decides; what does not fit is told as "and n more".
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from civmap.paper.frames import Box

HEAD_ROWS = 2.35
"""The title and the column heads of a table, in rows."""


@dataclass(slots=True)
class Block:
    """A table that wants to stand at the margin: all its rows, and the fewest with which it makes sense.

    A block of one piece (`rows_high`) is no list: it stands whole or not at all.
    """

    name: str
    title: str
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = ()
    least: int = 3
    most: int = 10_000
    rows_high: float | None = None
    abreast: int = 1
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def is_list(self) -> bool:
        """Tell whether the block may be cut."""
        return self.rows_high is None

    def lines(self, rows: int) -> int:
        """Return how many lines so many rows take, with rows abreast."""
        return -(-rows // self.abreast)

    def height(self, lines: int) -> float:
        """Return the height of the block in rows."""
        return self.rows_high if self.rows_high is not None else HEAD_ROWS - (not any(self.heads)) + lines


@dataclass(frozen=True, slots=True)
class Placed:
    """A block where it stands: its rows that are shown and how many are not."""

    block: Block
    box: Box
    rows: list[Sequence[Any]]
    more: int


def place(blocks: Sequence[Block], columns: Sequence[Box], row: float, gap: float) -> list[Placed]:
    """Put blocks into columns in their order, the more important first; what has no room is left out."""
    shares: list[list[list[Any]]] = [[] for _ in columns]
    free = [column.height / row for column in columns]
    space = gap / row
    for block in blocks:
        if block.is_list and not block.rows:
            continue
        wanted = _least_lines(block)
        needed = block.height(wanted)
        chosen = _column_for(free, needed, [bool(share) for share in shares], space)
        if chosen is None:
            continue
        free[chosen] -= needed + (space if shares[chosen] else 0)
        shares[chosen].append([block, wanted])
    for share, column_free in zip(shares, free, strict=True):
        _grow(share, column_free)
    return [placed for share, column in zip(shares, columns, strict=True) for placed in _stand(share, column, row, gap)]


def _least_lines(block: Block) -> int:
    return block.lines(min(len(block.rows), block.least)) if block.is_list else 0


def _column_for(free: list[float], needed: float, used: list[bool], space: float) -> int | None:
    fits = [number for number, room in enumerate(free) if room - (space if used[number] else 0) >= needed - 1e-9]
    return max(fits, key=lambda number: free[number]) if fits else None


def _grow(share: list[list[Any]], free: float) -> None:
    """Give the rows that are left to the blocks in turn, one line each, the first first."""
    grown = True
    while free >= 1 and grown:
        grown = False
        for entry in share:
            block, lines = entry
            if block.is_list and lines < block.lines(min(len(block.rows), block.most)) and free >= 1:
                entry[1], free, grown = lines + 1, free - 1, True


def _stand(share: list[list[Any]], column: Box, row: float, gap: float) -> list[Placed]:
    found, y = [], column.y
    for block, lines in share:
        height = block.height(lines) * row
        shown, more = cut(block.rows, lines * block.abreast) if block.is_list else (list(block.rows), 0)
        found.append(Placed(block, Box(column.x, y, column.width, height), shown, more))
        y += height + gap
    return found


def cut(rows: Sequence[Any], room: int) -> tuple[list[Any], int]:
    """Return the rows that are shown in so many places and how many are not; the last place then tells the number."""
    if len(rows) <= room:
        return list(rows), 0
    kept = max(room - 1, 0)
    return list(rows[:kept]), len(rows) - kept
