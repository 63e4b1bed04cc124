"""Tables as people bring them, whatever the file: headings and numbered rows of cells, gone through in pieces.

A row keeps the number it has in its own file, so that a problem can be found again there. Rows that are no things
(titles, sums, notes) stand aside with the reason.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from civmap.exchange import children, gate, geojson_child, layers_child, standing, text_tables, workbook_child
from civmap.exchange.blocks import Block, Source
from civmap.exchange.children import Progress
from civmap.exchange.gate import Brought
from civmap.exchange.spool import Spool
from civmap.exchange.standing import GEOMETRY, Aside, Standing

PORTION = 50_000
Known = Callable[[str], bool]


class Row(NamedTuple):
    """One row: its number in the file (GeoJSON and layers: the feature's place, from 1), cells in heading order."""

    number: int
    cells: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Portion:
    """Many rows at once: their numbers and, per heading, a column of cells."""

    numbers: np.ndarray
    columns: list[np.ndarray]


@dataclass(slots=True)
class Table:
    """A table: headings, the number of the last heading row, the coordinate system it names itself, what is aside.

    `notes` are (code, facts) of what was done to the table as a whole; `titles` what stands above the headings.
    """

    headings: list[str]
    heading_row: int
    count: int
    source: Source
    crs: str | None = None
    sheets: list[str] = field(default_factory=list)
    aside: list[Aside] = field(default_factory=list)
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    skipped: frozenset[int] = frozenset()
    samples: list[Row] = field(default_factory=list)

    @property
    def rows(self) -> "Rows":
        """Return the rows, to be gone through as often as needed."""
        return Rows(self)

    def blocks(self) -> Iterator[Block]:
        """Go through the rows that are things, in the pieces they lie in."""
        for block in self.source.blocks():
            first = self.heading_row + 1
            if block.numbers[-1] < first:
                continue
            if block.numbers[0] >= first and self.skipped.isdisjoint(block.numbers):
                yield block
                continue
            kept = [place for place, number in enumerate(block.numbers)
                    if number >= first and number not in self.skipped]
            if kept:
                lines = block.lines
                yield Block([block.numbers[place] for place in kept], lines=[lines[place] for place in kept])

    def portions(self, most: int = PORTION) -> Iterator[Portion]:
        """Go through the rows in columns, at most so many at a time."""
        numbers: list[int] = []
        columns: list[list[Any]] = [[] for _ in self.headings]
        for block in self.blocks():
            numbers.extend(block.numbers)
            cells = block.columns
            for place, column in enumerate(columns):
                column.extend(cells[place] if place < len(cells) else [""] * len(block.numbers))
            while len(numbers) >= most:
                yield _portion(numbers[:most], [column[:most] for column in columns])
                numbers, columns = numbers[most:], [column[most:] for column in columns]
        if numbers:
            yield _portion(numbers, columns)

    def sample(self, count: int = 60) -> list[Row]:
        """Return rows from the beginning, the middle and the end, for looking at their content."""
        if len(self.samples) <= count:
            return list(self.samples)
        third = count // 3
        middle = (len(self.samples) - third) // 2
        return [*self.samples[:third], *self.samples[max(middle, third):][:count - 2 * third], *self.samples[-third:]]

    def close(self) -> None:
        """Remove what was laid aside."""
        self.source.close()


class Rows:
    """The rows of a table: countable, and gone through from the first one each time."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def __len__(self) -> int:
        return self._table.count

    def __iter__(self) -> Iterator[Row]:
        for block in self._table.blocks():
            yield from map(Row, block.numbers, block.lines)


def _portion(numbers: list[int], columns: list[list[Any]]) -> Portion:
    return Portion(np.array(numbers, np.int64), [np.fromiter(cells, object, len(cells)) for cells in columns])


def read(brought: Brought | Path, sheet: str | None, known: Known, *, tell: Progress | None = None) -> Table:
    """Return the table in a file; `known` tells whether a text is a heading of the kind that is wanted.

    Raise BadInput for bytes that cannot be read, Invalid for a sheet that is not there, TooLarge beyond the caps.
    """
    if not isinstance(brought, Brought):
        brought = gate.open_file(brought)
    if brought.format == "csv":
        source = text_tables.open_table(brought, sheet)
        return _surveyed(source, source.blocks(), standing.Survey(brought.name, known, {}), {}, tell)
    if brought.format in ("xlsx", "xls"):
        return _by_child(brought, workbook_child.__file__, [sheet or ""], known, tell)
    if brought.format == "geojson":
        return _by_child(brought, geojson_child.__file__, [], known, tell)
    return _by_child(brought, layers_child.__file__, [brought.format, sheet or ""], known, tell)


def _by_child(brought: Brought, program: str, words: list[str], known: Known, tell: Progress | None) -> Table:
    """Read by a program of its own; its rows are laid aside as they come."""
    with children.lines_of(program, brought.name, str(brought.path), *words) as lines:
        facts = json.loads(next(lines))
        spool = Spool(of_features="merges" not in facts)
        survey = standing.Survey(brought.name, known, facts)
        try:
            return _surveyed(spool, _laid_aside(spool, lines, facts), survey, facts, tell)
        except BaseException:
            spool.close()
            raise


def _laid_aside(spool: Spool, lines: Iterable[bytes], facts: dict[str, Any]) -> Iterator[Block]:
    for line in lines:
        if line.startswith(b'{"end"'):
            facts.update(json.loads(line)["end"])
            return
        yield spool.add(line)


def _surveyed(source: Source, blocks: Iterable[Block], survey: "standing.Survey", facts: dict[str, Any],
              tell: Progress | None) -> Table:
    """Go through all rows once and return the table that they are."""
    for block in blocks:
        survey.take(block)
        if tell is not None:
            tell(block.numbers[-1], max(int(facts.get("total") or 0), block.numbers[-1]))
    found: Standing = survey.found(facts)
    return Table(found.headings, found.heading_row, found.count, source, facts.get("crs"), facts.get("sheets") or [],
                 found.aside, found.notes, found.titles, found.groups, frozenset(found.skipped),
                 [Row(number, cells) for number, cells in found.samples])


__all__ = ["GEOMETRY", "Aside", "Portion", "Row", "Rows", "Table", "read"]
