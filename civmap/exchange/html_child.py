"""A program of its own: reads the largest table of a web page that calls itself a workbook; `html_child.py FILE KIND`.

`KIND` is html (many systems "export to Excel" so) or xml (SpreadsheetML of 2003). Nothing a page names is fetched.
"""

import codecs
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from civmap.exchange import telling
from civmap.exchange.transcoded import Text, encoding_of

MOST_ROWS, MOST_COLUMNS, MOST_CELLS, MOST_TABLES = 200_000, 400, 1_500_000, 2_000
SPREAD = "{urn:schemas-microsoft-com:office:spreadsheet}"


class Page(HTMLParser):
    """Collects the tables of a page; what is drawn over several rows or columns is noted as a merge."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[Grid] = []
        self.open: list[Grid] = []
        self.cell: list[str] | None = None
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row or a cell."""
        told = dict(attrs)
        if tag in ("script", "style"):
            self.silent += 1
        elif tag == "table":
            if len(self.tables) > MOST_TABLES:
                telling.refuse("file_is_markup")
            self.open.append(Grid())
            self.tables.append(self.open[-1])
        elif tag == "tr" and self.open:
            self._close_cell()
            self.open[-1].row()
        elif tag in ("td", "th") and self.open:
            self._close_cell()
            self.open[-1].begin(_span(told.get("colspan")), _span(told.get("rowspan")))
            self.cell = []
        elif tag == "br" and self.cell is not None:
            self.cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End what has begun."""
        if tag in ("script", "style"):
            self.silent = max(self.silent - 1, 0)
        elif tag in ("td", "th", "tr"):
            self._close_cell()
        elif tag == "table" and self.open:
            self._close_cell()
            self.open.pop()

    def handle_data(self, data: str) -> None:
        """Take the words of a cell."""
        if self.cell is not None and not self.silent:
            self.cell.append(data)

    def _close_cell(self) -> None:
        if self.cell is not None and self.open:
            self.open[-1].put(" ".join("".join(self.cell).replace("\xa0", " ").split(" ")).strip())
        self.cell = None


class Grid:
    """The cells of a table, in rows."""

    def __init__(self) -> None:
        self.rows: list[list[Any]] = []
        self.merges: list[list[int]] = []
        self._taken: dict[tuple[int, int], bool] = {}
        self._place = 0
        self.cells = 0

    def row(self, number: int | None = None) -> None:
        """Begin a row, at a number (from 0) where one is given."""
        while number is not None and len(self.rows) < min(number, MOST_ROWS):
            self.rows.append([])
        self.rows.append([])
        if len(self.rows) > MOST_ROWS:
            telling.refuse("too_many_rows", most=MOST_ROWS)
        self._place = 0

    def begin(self, across: int = 1, down: int = 1, place: int | None = None) -> None:
        """Begin a cell that covers so many columns and rows."""
        if not self.rows:
            self.row()
        top = len(self.rows) - 1
        self._place = self._place if place is None else place
        while self._taken.pop((top, self._place), False):
            self._place += 1
        if across > 1 or down > 1:
            self.merges.append([top, self._place, top + down - 1, self._place + across - 1])
            for row in range(top + 1, top + down):
                self._taken.update({(row, column): True for column in range(self._place, self._place + across)})
        self._across = across

    def put(self, cell: Any) -> None:
        """Write the cell that was begun."""
        row = self.rows[-1]
        row.extend([""] * (self._place - len(row)))
        row.append(cell)
        self._place += self._across
        self.cells += 1
        if self._place > MOST_COLUMNS or self.cells > MOST_CELLS:
            telling.refuse("too_many_columns", row=len(self.rows), most=MOST_COLUMNS)


def main(path: Path, kind: str) -> None:
    """Tell the table."""
    telling.limit()
    from defusedxml.common import DefusedXmlException

    try:
        grids = _page(path) if kind == "html" else _book(path)
    except DefusedXmlException:
        telling.refuse("file_has_dtd")
    except (ParseError, UnicodeError, ValueError, RecursionError):
        telling.refuse("file_is_markup")
    grids = [grid for grid in grids if grid.cells > 1]
    if not grids:
        telling.refuse("file_is_markup")
    best = max(grids, key=lambda grid: grid.cells)
    width = max(map(len, best.rows))
    said = {(top, left): best.rows[top][left] for top, left, _, _ in best.merges
            if top < len(best.rows) and left < len(best.rows[top])}
    for row in best.rows:
        row.extend([""] * (width - len(row)))
    for top, left, bottom, right in best.merges:
        if right - left < 2:
            for row in range(top + 1, min(bottom + 1, len(best.rows))):
                best.rows[row][left] = best.rows[row][left] or said.get((top, left), "")
    telling.tell({"merges": sorted(best.merges), "total": len(best.rows)})
    telling.rows(best.rows)
    telling.end(is_page=True)


def _page(path: Path) -> list[Grid]:
    page, text, decoder = Page(), Text(path, encoding_of(path)), codecs.getincrementaldecoder("utf-8")("replace")
    while data := text.read():
        text.passed = 0
        page.feed(decoder.decode(data))
    page.close()
    return page.tables


def _book(path: Path) -> list[Grid]:
    from xml.etree.ElementTree import iterparse

    from defusedxml.ElementTree import DefusedXMLParser

    grids: list[Grid] = []
    parser: Any = DefusedXMLParser(encoding="utf-8", forbid_dtd=True)
    text = Text(path, encoding_of(path))
    for event, element in iterparse(text, ("start", "end"), parser):  # type: ignore[arg-type]
        if event == "start" and element.tag == f"{SPREAD}Table":
            grids.append(Grid())
        elif event == "end" and element.tag == f"{SPREAD}Row" and grids:
            text.passed = 0
            _row(grids[-1], element)
            element.clear()
    return grids


def _row(grid: Grid, row: Any) -> None:
    index = row.get(f"{SPREAD}Index")
    grid.row(int(index) - 1 if index and index.isdigit() else None)
    for cell in row:
        place = cell.get(f"{SPREAD}Index")
        grid.begin(_span(cell.get(f"{SPREAD}MergeAcross"), 1), _span(cell.get(f"{SPREAD}MergeDown"), 1),
                   int(place) - 1 if place and place.isdigit() else None)
        data = cell.find(f"{SPREAD}Data")
        text = "".join(data.itertext()) if data is not None else ""
        grid.put(float(text) if data is not None and data.get(f"{SPREAD}Type") == "Number" and text else text)


def _span(said: str | None, more: int = 0) -> int:
    return min(max(int(said), 1 - more), 200) + more if said and said.isdigit() else 1


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
