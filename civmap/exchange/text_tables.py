"""Tables of text with separated cells: found out by their bytes, read in a stream, gone through again from the file."""

import codecs
import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO

from civmap.errors import BadInput, CivmapError, Invalid, TooLarge
from civmap.exchange.blocks import PIECE, Block
from civmap.exchange.gate import Brought

MAX_CELL = 8_000_000
MAX_LINE = 12_000_000
CHUNK, LOOK_CHARS = 1 << 20, 20_000
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
            lines = csv.reader(_limited(file, self.name), delimiter=self.delimiter)
            while piece := self._piece(lines):
                yield Block(range(first, first + len(piece)), lines=piece)
                first += len(piece)

    def _piece(self, lines: Iterator[list[str]]) -> list[list[str]]:
        try:
            return list(islice(lines, PIECE))
        except csv.Error as problem:
            raise BadInput("csv_unreadable", field="file", file=self.name, problem=str(problem)) from problem
        except UnicodeError as problem:
            raise BadInput("text_encoding", field="file", file=self.name) from problem

    def close(self) -> None:
        """Leave the file: it is not ours."""


def _limited(file: IO[str], name: str) -> Iterator[str]:
    while line := file.readline(MAX_LINE):
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
        if head.count(0) > len(head) // 5:
            return "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"
        file.seek(0)
        decoder, is_utf8 = codecs.getincrementaldecoder("utf-8")(), True
        while chunk := file.read(CHUNK):
            if b"\0" in chunk:
                raise _nul(name)
            try:
                if is_utf8:
                    decoder.decode(chunk)
            except UnicodeDecodeError:
                is_utf8 = False
    return "utf-8" if is_utf8 and not decoder.getstate()[0] else "gb18030"


def _nul(name: str) -> CivmapError:
    return BadInput("file_has_nul", field="file", file=name)


def _delimiter(content: str) -> str:
    first = next((line for line in content.splitlines() if line.strip()), "")
    return max((",", "\t", ";", "|"), key=first.count)
