"""Tables as people bring them, whatever the file: headings and numbered rows of cells, gone through in pieces.

A row keeps the number it has in its own file, so that a problem can be found again there. Rows that are no things
(titles, sums, notes) stand aside with the reason.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from civmap.errors import Invalid
from civmap.exchange import (
    children,
    gate,
    geojson_child,
    geopackage_child,
    html_child,
    markup_child,
    osm_child,
    shapefile_child,
    standing,
    text_tables,
    workbook_child,
)
from civmap.exchange.blocks import Block, Source
from civmap.exchange.children import Progress
from civmap.exchange.gate import Brought
from civmap.exchange.spool import Spool
from civmap.exchange.standing import GEOMETRY, Aside, Standing

PORTION, HEAVIEST = 50_000, 48 << 20
Known = Callable[[str], bool]
_MARKUP, _OSM = (markup_child, ("format", "sheet", "shapes")), (osm_child, ("format", "sheet", "shapes"))
PROGRAMS: dict[str, tuple[ModuleType, tuple[str, ...]]] = {
    "xlsx": (workbook_child, ("format", "sheet")), "xls": (workbook_child, ("format", "sheet")),
    "html": (html_child, ("format",)), "xml": (html_child, ("format",)), "geojson": (geojson_child, ()),
    "gpkg": (geopackage_child, ("sheet", "shapes")), "shp": (shapefile_child, ("sheet",)), "kml": _MARKUP,
    "kmz": _MARKUP, "gpx": _MARKUP, "osm": _OSM, "osm.gz": _OSM, "osm.pbf": _OSM}


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

    `notes` are (code, facts) of what was done to the table as a whole; `titles` what stands above the headings,
    `groups` what stands above each heading, `system_name` what a .prj calls its system.
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
    system_name: str | None = None
    sheet: str | None = None
    skipped: frozenset[int] = frozenset()
    samples: list[Row] = field(default_factory=list)
    held: Any = None

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
        held: list[Block] = []
        count = weight = 0
        for block in chain.from_iterable(whole.parts(most) for whole in self.blocks()):
            if held and (count + len(block.numbers) > most or weight + block.weight > HEAVIEST):
                yield self._portion(held)
                held, count, weight = [], 0, 0
            held.append(block)
            count, weight = count + len(block.numbers), weight + block.weight
        if held:
            yield self._portion(held)

    def _portion(self, held: list[Block]) -> Portion:
        size = sum(len(block.numbers) for block in held)
        numbers = np.fromiter(chain.from_iterable(block.numbers for block in held), np.int64, size)
        columns = [np.fromiter(chain.from_iterable(
            block.columns[place] if place < len(block.columns) else [""] * len(block.numbers) for block in held),
            object, size) for place in range(len(self.headings))]
        return Portion(numbers, columns)

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
        if self.held is not None:
            self.held.close()


class Rows:
    """The rows of a table: countable, and gone through from the first one each time."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def __len__(self) -> int:
        return self._table.count

    def __iter__(self) -> Iterator[Row]:
        for block in self._table.blocks():
            yield from map(Row, block.numbers, block.lines)


def read(brought: Brought | Path, sheet: str | None, known: Known, *, tell: Progress | None = None,
         shapes: Sequence[str] = ()) -> Table:
    """Return the table in a file; `known` tells whether a text is a heading of the kind that is wanted.

    Where a file has several layers and none is wished, the first one of the wanted `shapes` is taken (Point …). Raise
    BadInput for bytes that cannot be read, Invalid for a sheet that is not there, TooLarge beyond the caps.
    """
    if not isinstance(brought, Brought):
        brought = gate.open_file(brought)
    fmt = brought.format
    if fmt == "csv":
        source = text_tables.open_table(brought, sheet)
        facts = {"encoding": source.encoding, "held": brought.held}
        return _surveyed(source, source.blocks(), standing.Survey(brought.name, known, {}), facts, tell)
    if sheet is not None and fmt in ("geojson", "html", "xml"):
        raise Invalid("sheet_in_text", field="sheet", file=brought.name)
    program, takes = PROGRAMS[fmt]
    words = {"format": fmt, "sheet": sheet or "", "shapes": ",".join(shapes)}
    return _by_child(brought, program.__file__ or "", [words[name] for name in takes], known, tell)


def _by_child(brought: Brought, program: str, words: list[str], known: Known, tell: Progress | None) -> Table:
    """Read by a program of its own; its rows are laid aside as they come."""
    with children.lines_of(program, brought.name, str(brought.path), *words) as lines:
        facts = {**json.loads(next(lines)), "held": brought.held}
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
                 found.aside, found.notes, found.titles, found.groups, facts.get("system_name"), facts.get("sheet"),
                 frozenset(found.skipped), [Row(number, cells) for number, cells in found.samples], facts.get("held"))


__all__ = ["GEOMETRY", "Aside", "Portion", "Row", "Rows", "Table", "read"]
