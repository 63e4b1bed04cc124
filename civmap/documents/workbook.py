"""A paper as a workbook: one table with a frozen head and filters, real dates, small pictures or links.

Rows are written as they come (`constant_memory`): a register of 100,000 rows takes no more memory than one of a
thousand. No text becomes a formula, a number or a link.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, BinaryIO

from civmap.documents.blocks import (
    LANDSCAPE,
    Cell,
    Code,
    Column,
    Document,
    Facts,
    Photos,
    Signature,
    Table,
    Words,
)
from civmap.documents.cells import words
from civmap.documents.pictures import Pictures, code_png, is_code
from civmap.errors import Invalid
from civmap.exchange.export import MOST_XLSX_TEXT, safe_text

MOST_LINKS = 60_000
PICTURE_ROW, PLAIN_ROW = 84, 15
PICTURE_PX, CODE_PX = 104, 84
FONT = "宋体"
_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_numbers": False,
            "strings_to_urls": False, "nan_inf_to_errors": True}


def write(document: Document, target: BinaryIO, pictures: Pictures | None) -> int:
    """Write a paper as xlsx, with its pictures or (without) their addresses; return how many rows it has."""
    import xlsxwriter

    book = xlsxwriter.Workbook(target, _OPTIONS)
    book.set_properties({"title": document.title, "subject": document.number})
    sheet = _Sheet(book, document, pictures)
    count = sheet.fill()
    book.close()
    return count


def write_csv(document: Document, target: BinaryIO) -> None:
    """Write the table of a paper as csv (UTF-8 with mark), formulas guarded."""
    out = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(out)
    columns, rows = flat(document)
    writer.writerow([column.heading for column in columns])
    for row in rows:
        writer.writerow([safe_text(_plain(cell)) for cell in row])
    out.flush()
    out.detach()


def _plain(cell: Cell) -> str:
    if isinstance(cell, Photos):
        return " ".join(address for _file, address in cell.files)
    return cell.address if isinstance(cell, Code) else words(cell)


def flat(document: Document) -> tuple[list[Column], Iterable[list[Cell]]]:
    """Return the columns and rows of all tables as one; where there are several their titles become a column."""
    tables = document.tables
    if len(tables) < 2 and not (tables and tables[0].title):
        return list(tables[0].columns), (list(row) for row in tables[0].rows)
    group = Column(str(document.facts.get("group", "")), 18)
    return [group, *tables[0].columns], _grouped(tables)


def _grouped(tables: Iterable[Table]) -> Iterator[list[Cell]]:
    for table in tables:
        for row in table.rows:
            yield [table.title, *row]


class _Sheet:
    """One sheet on its way: the row that is next, and the looks of its cells."""

    def __init__(self, book: Any, document: Document, pictures: Pictures | None) -> None:
        self.document, self.pictures, self.row, self.links = document, pictures, 0, 0
        self.columns, self.rows = flat(document)
        self.sheet = book.add_worksheet(document.title[:31].translate({ord(sign): "-" for sign in "[]:*?/\\"}))
        text = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
        cell = {**text, "text_wrap": True, "border": 1, "border_color": "#9AA5AB"}
        self.looks = {
            "title": book.add_format({**text, "bold": True, "font_name": "黑体", "font_size": 16, "align": "center"}),
            "said": book.add_format({**text, "text_wrap": True}),
            "head": book.add_format({**cell, "bold": True, "bg_color": "#E3ECEF", "align": "center"}),
            "cell": book.add_format(cell), "link": book.add_format({**cell, "font_color": "#0B5C6E", "underline": 1}),
            "day": book.add_format({**cell, "num_format": "yyyy-mm-dd", "align": "center"}),
            "moment": book.add_format({**cell, "num_format": "yyyy-mm-dd hh:mm", "align": "center"})}

    def fill(self) -> int:
        """Write everything in its order; return how many rows the table has."""
        before, after = self._around()
        is_plain = self.document.kind == "register"
        if not is_plain:
            self._wide(self.document.title, "title", 28)
            for said in filter(None, (self.document.number, self.document.subtitle, *self.document.marks)):
                self._wide(said)
        for said in before:
            self._wide(said)
        head, count = self.row, self._table()
        for said in (*after, *(() if is_plain else (self.document.foot,))):
            self._wide(said)
        self._page(head, count)
        return count

    def _around(self) -> tuple[list[str], list[str]]:
        """Return what is said above and below the table, a line each."""
        said: tuple[list[str], list[str]] = ([], [])
        place = 0
        for block in self.document.blocks:
            if isinstance(block, Table):
                place = 1
            elif isinstance(block, Facts):
                said[place].extend(f"{name}：{value}" if self.document.lang == "zh" else f"{name}: {value}"
                                   for name, value in block.pairs)
            elif isinstance(block, Words):
                said[place].append(block.text)
            elif isinstance(block, Signature):
                said[place].extend(filter(None, (block.office, block.day, block.seal, *block.receipt)))
        return said

    def _wide(self, said: str, look: str = "said", height: float = 0) -> None:
        line = words(said)
        width = sum(column.width for column in self.columns)
        lines = max(1, -(-sum(2 if ord(sign) > 0x2E7F else 1 for sign in line) // int(width)))
        self.sheet.set_row(self.row, height or PLAIN_ROW * lines + 3)
        self.sheet.merge_range(self.row, 0, self.row, len(self.columns) - 1, "", self.looks[look])
        self.sheet.write_string(self.row, 0, line, self.looks[look])
        self.row += 1

    def _table(self) -> int:
        self.sheet.set_row(self.row, 24)
        for number, column in enumerate(self.columns):
            self.sheet.set_column(number, number, column.width)
            self.sheet.write_string(self.row, number, column.heading, self.looks["head"])
        self.row += 1
        first = self.row
        for cells in self.rows:
            shown = {number: made for number, cell in enumerate(cells) if (made := self._pictures(cell))}
            if shown:
                self.sheet.set_row(self.row, PICTURE_ROW)
            for number, cell in enumerate(cells):
                self._cell(number, cell)
            for number, made in shown.items():
                self._insert(number, made)
            self.row += 1
        return self.row - first

    def _pictures(self, cell: Cell) -> list[tuple[bytes, int]]:
        if isinstance(cell, Code) and is_code(cell):
            return [(code_png(cell.address), CODE_PX)]
        if isinstance(cell, Photos) and self.pictures is not None:
            return [(data, max(size)) for data, size in self.pictures.of(cell)[:1]]
        return []

    def _insert(self, number: int, made: list[tuple[bytes, int]]) -> None:
        for data, longest in made:
            scale = min(1.0, PICTURE_PX / longest) if longest != CODE_PX else CODE_PX / _width(data)
            self.sheet.insert_image(self.row, number, "picture", {
                "image_data": io.BytesIO(data), "x_offset": 3, "y_offset": 3, "object_position": 1,
                "x_scale": scale, "y_scale": scale})

    def _cell(self, number: int, cell: Cell) -> None:
        if isinstance(cell, datetime):
            self.sheet.write_datetime(self.row, number, cell, self.looks["moment"])
        elif isinstance(cell, date):
            self.sheet.write_datetime(self.row, number, datetime(cell.year, cell.month, cell.day), self.looks["day"])
        elif isinstance(cell, int | float):
            self.sheet.write_number(self.row, number, cell, self.looks["cell"])
        elif isinstance(cell, Photos) and cell.files and self.pictures is None:
            self._link(number, cell.files[0][1])
        else:
            text = words(cell)
            if len(text) > MOST_XLSX_TEXT:
                raise Invalid("cell_too_long_for_xlsx", field="out", length=len(text), most=MOST_XLSX_TEXT)
            self.sheet.write_string(self.row, number, text, self.looks["cell"])

    def _link(self, number: int, address: str) -> None:
        self.links += 1
        if address.startswith("http") and self.links <= MOST_LINKS:
            self.sheet.write_url(self.row, number, address, self.looks["link"])
        else:
            self.sheet.write_string(self.row, number, address, self.looks["cell"])

    def _page(self, head: int, count: int) -> None:
        self.sheet.freeze_panes(head + 1, 0)
        if count:
            self.sheet.autofilter(head, 0, head + count, len(self.columns) - 1)
        if self.document.orientation == LANDSCAPE:
            self.sheet.set_landscape()
        self.sheet.set_paper(8 if self.document.size == "A3" else 9)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.repeat_rows(head)
        self.sheet.set_footer("&C第 &P 页 共 &N 页" if self.document.lang == "zh" else "&CPage &P of &N")


def _width(png: bytes) -> int:
    """Return the width in pixels that the head of a PNG tells."""
    return int.from_bytes(png[16:20], "big")
