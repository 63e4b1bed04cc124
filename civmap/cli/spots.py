"""`civmap assign-file`: who answers for many spots, a table in and a table out.

The file is read and written in pieces, so that a million rows need no more memory than a thousand.
"""

import codecs
import csv
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import click
import numpy as np

from civmap.cli import frame
from civmap.errors import BadInput, CivmapError, Invalid, NotFound

ANY_CLASS = "X2199"
OUT_COLUMNS = ("id", "unit", "basis", "distance_m", "ambiguous")
PIECE, FEW, HEAD, BLOCK = 50_000, 2_000, 4_000, 1 << 20
TOLD_S = 2.0
Line = tuple[int, list[str]]
"""The number of a row in its file, and its cells."""


@frame.command("assign-file")
@click.argument("source", type=click.Path(path_type=Path), metavar="IN.csv")
@click.option("--out", "target", required=True, type=click.Path(path_type=Path), metavar="OUT.csv",
              help="Where the answers go.")
def assign_file(source: Path, target: Path) -> None:
    """Tell who answers for many spots: columns id,lon,lat,class in; id,unit,basis,distance_m,ambiguous out."""
    encoding = encoding_of(source)
    unfinished = target.with_name(f".{target.name}.part")
    try:
        with (frame.reading() as session, source.open(encoding=encoding, newline="") as brought,
              unfinished.open("w", encoding="utf-8", newline="") as out):
            lines = csv.reader(brought)
            columns = _columns(next(lines, []), source.name)
            count, refused = _answer_all(session, lines, columns, csv.writer(out))
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    frame.answer({"rows": count, "refused": refused, "out": str(target)},
                 lambda: [frame.say("cli.assign_file.done", count=count, refused=refused, file=target)])


def encoding_of(source: Path) -> str:
    """Return the encoding of a table's text, read once in blocks; raise NotFound or BadInput."""
    from civmap.exchange import gate

    if not source.is_file():
        raise NotFound("file_not_found", field="file", file=source.name)
    try:
        with source.open("rb") as brought:
            head = brought.read(HEAD)
    except OSError as problem:
        raise NotFound("file_not_readable", field="file", file=source.name, problem=problem.strerror) from problem
    if head[:4] == b"PK\x03\x04" or gate.format_of_head(source.name, head) != "csv":
        raise BadInput("assign_file_csv", field="file", file=source.name)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        named = ("utf-16",)
    elif head.count(0) > len(head) // 5:
        named = ("utf-16-le",) if head[1::2].count(0) >= head[::2].count(0) else ("utf-16-be",)
    else:
        named = ("utf-8-sig", "gb18030")
    found = next((one for one in named if _reads_as(source, one)), None)
    if found is None:
        raise BadInput("text_encoding", field="file", file=source.name)
    return found


def _reads_as(source: Path, encoding: str) -> bool:
    try:
        with source.open(encoding=encoding, newline="") as brought:
            while block := brought.read(BLOCK):
                if "\0" in block:
                    raise BadInput("file_has_nul", field="file", file=source.name)
    except UnicodeError:
        return False
    return True


def _columns(header: list[str], file: str) -> dict[str, int]:
    named = {name.strip().lower(): number for number, name in enumerate(header)}
    missing = [name for name in ("id", "lon", "lat") if name not in named]
    if missing:
        raise Invalid("columns_missing", field="columns", missing=missing, found=header)
    return named


def _answer_all(session: Any, lines: Iterator[list[str]], columns: dict[str, int], out: Any) -> tuple[int, int]:
    from civmap import clock
    from civmap.assignment.many import Ground
    from civmap.city.queries import the_city

    out.writerow(OUT_COLUMNS)
    numbered = ((number, line) for number, line in enumerate(lines, start=2) if line)
    desk = _Desk(Ground.of(session, clock.now()), the_city(session).frame, columns)
    count = 0
    while piece := list(islice(numbered, PIECE)):
        out.writerows(desk.answered(piece))
        count += len(piece)
        if count > PIECE or len(piece) == PIECE:
            frame.tell("cli.assign_file.progress", done=count)
    return count, desk.refused


class _Desk:
    """Answers pieces of a file: few rows one by one, many by compiled code, and by hand what that cannot read."""

    def __init__(self, ground: Any, city_frame: Any, columns: dict[str, int]) -> None:
        self.ground, self.frame, self.columns = ground, city_frame, columns
        self.masses: Any = None
        self.classes: dict[str, int] = {}
        self.refused = 0

    def answered(self, piece: Sequence[Line]) -> Iterator[Sequence[str]]:
        """Yield the answers of rows, in their order; a refused one keeps its place with the code."""
        if self.masses is None and len(piece) < FEW:
            return (self._singly(line) for line in piece)
        return self._at_once(piece)

    def _at_once(self, piece: Sequence[Line]) -> Iterator[Sequence[str]]:
        masses = self._ready()
        spots = np.array([_numbers([self._cell(line, name) for _, line in piece]) for name in ("lon", "lat")])
        west, south, east, north = self.frame
        classes = np.array([self._class(self._cell(line, "class")) for _, line in piece], np.int64)
        with np.errstate(invalid="ignore"):
            good = ((spots[0] >= west) & (spots[0] <= east) & (spots[1] >= south) & (spots[1] <= north)
                    & (classes >= 0))
        told = masses.answer(classes[good], *np.ascontiguousarray(spots[:, good]))
        units, flags = masses.codes_of(told.unit), np.where(told.is_ambiguous, "true", "false").tolist()
        rows = zip(units, told.basis.tolist(), ["" if metres != metres else f"{metres:.2f}"
                                                for metres in told.metres.tolist()], flags, strict=True)
        for line, is_good in zip(piece, good.tolist(), strict=True):
            yield (self._cell(line[1], "id"), *next(rows)) if is_good else self._singly(line)

    def _ready(self) -> Any:
        if self.masses is None:
            from civmap.assignment.masses import Masses

            begun = time.monotonic()
            frame.tell("cli.assign_file.preparing")
            self.masses = Masses(self.ground)
            self.masses.compile()
            if time.monotonic() - begun > TOLD_S:
                frame.tell("cli.assign_file.prepared", seconds=f"{time.monotonic() - begun:.1f}")
        return self.masses

    def _class(self, text: str) -> int:
        """Return the number of a class, -1 for an unknown one."""
        from civmap import dictionaries

        if text not in self.classes:
            try:
                self.classes[text] = self.masses.codes.index(dictionaries.issue_class(text or ANY_CLASS).code)
            except CivmapError:
                self.classes[text] = -1
        return self.classes[text]

    def _singly(self, numbered: Line) -> Sequence[str]:
        number, line = numbered
        try:
            spot, class_code = self._read(line)
            found = self.ground.answer(spot, class_code)
        except CivmapError as problem:
            self.refused += 1
            click.echo(f"{number}: {frame.sentence(frame.language(), problem)}", err=True)
            return self._cell(line, "id"), "", problem.code, "", ""
        metres = "" if found.distance_m is None else f"{found.distance_m:.2f}"
        return (self._cell(line, "id"), found.unit.code if found.unit else "", found.basis, metres,
                "true" if found.is_ambiguous else "false")

    def _read(self, line: list[str]) -> tuple[tuple[float, float], str]:
        from civmap.exchange import cells
        from civmap.geo.validity import check_spot

        lon, lat = (cells.number(self._cell(line, name)) for name in ("lon", "lat"))
        return check_spot(lon, lat, self.frame), self._cell(line, "class") or ANY_CLASS

    def _cell(self, line: list[str], name: str) -> str:
        column = self.columns.get(name)
        return line[column].strip() if column is not None and column < len(line) else ""


def _numbers(texts: Sequence[str]) -> list[float]:
    """Return plain numbers at stored precision; NaN for what must be read with care."""
    from civmap.geo.validity import STORED_DECIMALS

    return [round(value, STORED_DECIMALS) for value in map(_plain, texts)]


def _plain(text: str) -> float:
    try:
        return float(text) if "_" not in text and text.isascii() else np.nan
    except ValueError:
        return np.nan


COMMANDS = {"assign-file": assign_file}
