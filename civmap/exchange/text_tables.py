"""Tables of text with separated cells: found out by their bytes, read in a stream, gone through again from the file."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import IO

from civmap.errors import BadInput, CivmapError, Invalid, TooLarge
from civmap.exchange import transcoded
from civmap.exchange.blocks import PIECE, Block
from civmap.exchange.gate import MAX_COLUMNS, Brought

MAX_CELL = 8_000_000
MAX_LINE, MAX_WEIGHT = 12_000_000, 2_000_000
CHUNK, LOOK_CHARS, LOOK_ROWS = 1 << 20, 20_000, 60
USUAL = re.compile("[ -~\t\r\n\u3000-\u9fff\uff00-\uffef]")
SAID = re.compile(r'sep=(\\t|[,;|\t])', re.IGNORECASE)
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class TextTable:
    """A table of text in a file."""

    def __init__(self, path: Path, name: str, encoding: str, delimiter: str) -> None:
        self.path, self.name, self.encoding, self.delimiter = path, name, encoding, delimiter

    def blocks(self) -> Iterator[Block]:
        """Go through all rows; raise BadInput for text that cannot be read, TooLarge for a row without end."""
        csv.field_size_limit(MAX_CELL)
        first = 1
        with self.path.open(encoding=self.encoding, newline="") as file:
            left: list[str] = []
            for columns in self._plainly(file, left):
                yield Block(range(first, first + len(columns[0])), columns=columns)
                first += len(columns[0])
            lines = csv.reader(_limited(file, self.name, left), delimiter=self.delimiter)
            while piece := self._piece(lines, first):
                yield Block(range(first, first + len(piece)), lines=piece)
                first += len(piece)

    def _plainly(self, file: IO[str], left: list[str]) -> Iterator[list[list[str]]]:
        """Go through the first rows in columns, four times as fast, while nothing is quoted and all have one length.

        What was read and not gone through stands in `left` afterwards, line by line.
        """
        rest, width = "", 0
        try:
            while chunk := file.read(CHUNK):
                whole, end, rest = (rest + chunk).rpartition("\n")
                if not end and len(rest) < MAX_LINE:
                    continue
                columns = _split(whole, self.delimiter, width) if end else None
                if columns is None:
                    rest = whole + end + rest
                    break
                width = len(columns)
                yield columns
            while rest.endswith("\r") and (more := file.read(1)):
                rest += more
        except UnicodeError as problem:
            raise BadInput("text_encoding", field="file", file=self.name) from problem
        left += io.StringIO(rest, newline="")

    def _piece(self, lines: Iterator[list[str]], first: int) -> list[list[str]]:
        piece: list[list[str]] = []
        weight = 0
        try:
            for line in lines:
                if len(line) > MAX_COLUMNS:
                    line = self._narrowed(line, first + len(piece))
                piece.append(line)
                weight += len(line[-1]) + len(line[0]) + len(line[len(line) // 2]) if line else 0
                if len(piece) >= PIECE or weight > MAX_WEIGHT:
                    break
        except csv.Error as problem:
            if "field limit" in str(problem):
                raise TooLarge("csv_line_too_long", field="file", file=self.name, most=MAX_CELL) from problem
            raise BadInput("csv_unreadable", field="file", file=self.name, problem=str(problem)) from problem
        except UnicodeError as problem:
            raise BadInput("text_encoding", field="file", file=self.name) from problem
        return piece

    def _narrowed(self, line: list[str], number: int) -> list[str]:
        if any(line[MAX_COLUMNS:]):
            raise TooLarge("too_many_columns", field="file", file=self.name, row=number, most=MAX_COLUMNS)
        return line[:MAX_COLUMNS]

    def close(self) -> None:
        """Leave the file: it is not ours."""


def _split(text: str, delimiter: str, width: int) -> list[list[str]] | None:
    """Return the columns of lines; None where a quote, another end of a line or another length asks for more care."""
    text = text.replace("\r\n", "\n").removesuffix("\r")
    width = width or text.partition("\n")[0].count(delimiter) + 1
    if not 2 <= width <= MAX_COLUMNS or '"' in text or "\r" in text or "\0" in text:
        return None
    count = text.count("\n") + 1
    cells = text.replace("\n", delimiter + "\n").split(delimiter)
    if len(cells) != width * count:
        return None
    first = cells[::width]
    if sum(cell[:1] == "\n" for cell in first) != count - 1:
        return None
    return [[cell.removeprefix("\n") for cell in first], *(cells[place::width] for place in range(1, width))]


def _limited(file: IO[str], name: str, before: Iterable[str]) -> Iterator[str]:
    lines = chain(before, iter(lambda: file.readline(MAX_LINE), ""))
    if isinstance(before, list) and before and not before[-1].endswith(("\n", "\r")):
        before[-1] += file.readline(MAX_LINE)
    for line in lines:
        if len(line) >= MAX_LINE:
            raise TooLarge("csv_line_too_long", field="file", file=name, most=MAX_LINE)
        if "\0" in line:
            raise _nul(name)
        yield line


def open_table(brought: Brought, sheet: str | None) -> TextTable:
    """Return a table of text by its bytes; raise Invalid for a wish of a sheet, BadInput for what is no text."""
    if sheet is not None:
        raise Invalid("sheet_in_text", field="sheet", file=brought.name)
    encoding = encoding_of(brought.path, brought.name)
    try:
        with brought.path.open(encoding=encoding, newline="") as file:
            start = file.read(LOOK_CHARS)
    except UnicodeError as problem:
        raise BadInput("text_encoding", field="file", file=brought.name) from problem
    return TextTable(brought.path, brought.name, encoding, _delimiter(start))


def encoding_of(path: Path, name: str) -> str:
    """Return the encoding of a text: UTF-8, UTF-16 (with or without mark) or GB18030; raise BadInput for no text."""
    with path.open("rb") as file:
        head = file.read(4_000)
        for mark, encoding in MARKS:
            if head.startswith(mark):
                return encoding
        if b"\0" in head:
            return _without_mark(head, name)
        file.seek(0)
        while chunk := file.read(CHUNK):
            if b"\0" in chunk:
                raise _nul(name)
    return transcoded.encoding_of(path)


def _without_mark(head: bytes, name: str) -> str:
    """Return which UTF-16 a text without mark is: the one in which nearly all signs are of a table."""
    for encoding in ("utf-16-le", "utf-16-be"):
        text = head[:len(head) // 2 * 2].decode(encoding, "replace")
        if len(USUAL.findall(text)) > 0.9 * len(text):
            return encoding
    raise _nul(name)


def _nul(name: str) -> CivmapError:
    return BadInput("file_has_nul", field="file", file=name)


def _delimiter(content: str) -> str:
    """Return what separates cells: what parts most of the first rows into equally many, a title aside."""
    lines = content.splitlines(keepends=True)
    if lines and (said := SAID.fullmatch(lines[0].strip())):
        return said[1].replace("\\t", "\t")
    best, most = ",", (0, 0)
    for delimiter in (",", "\t", ";", "|"):
        try:
            widths = Counter(len(row) for row in islice(csv.reader(iter(lines), delimiter=delimiter), LOOK_ROWS))
        except csv.Error:
            continue
        widths = Counter({width: count for width, count in widths.items() if width > 1})
        if widths and (score := (max(widths.values()), max(widths))) > most:
            best, most = delimiter, score
    return best
