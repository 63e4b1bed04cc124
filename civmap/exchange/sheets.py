"""Tables as people bring them, whatever the file: a heading row and numbered rows of cells.

A row keeps the number it has in its own file, so that a problem can be found again there.
"""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from civmap.errors import BadInput, Invalid, TooLarge
from civmap.exchange import cells, layers_child, strict, workbook_child
from civmap.exchange.gate import MAX_COLUMNS, MAX_ROWS, Brought

LOOK_FOR_HEADINGS_IN = 20
SECOND_HEADINGS = 3
MAX_CELL = 8_000_000
WALL_SECONDS = 60
GEOMETRY = "geometry"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the file (GeoJSON: the feature's place, from 1) and its cells in heading order."""

    number: int
    cells: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its headings, the number of the heading row, its rows, and the coordinate system it names itself."""

    headings: list[str]
    heading_row: int
    rows: list[Row]
    crs: str | None = None
    sheets: list[str] = field(default_factory=list)


def read(brought: Brought, sheet: str | None, known: Callable[[str], bool]) -> Table:
    """Return the table in a file; `known` tells whether a text is a heading of the kind that is wanted.

    Raise BadInput for bytes that cannot be read, Invalid for a sheet that is not there, TooLarge beyond the caps.
    """
    if brought.format == "geojson":
        return _geojson(brought)
    if brought.format in ("gpkg", "shp"):
        return _layer(brought, sheet)
    if brought.format == "csv":
        if sheet is not None:
            raise Invalid("sheet_in_text", field="sheet", file=brought.name)
        return _with_headings(brought.name, _text_rows(brought), known, [])
    rows, names = _workbook_rows(brought, sheet)
    return _with_headings(brought.name, rows, known, names)


def _with_headings(name: str, numbered: Iterable[tuple[int, list[Any]]], known: Callable[[str], bool],
                   sheets: list[str]) -> Table:
    """Take as headings the one of the first rows that holds most known headings."""
    rows = [Row(number, line) for number, line in _capped(name, numbered)]
    candidates = [row for row in rows if row.number <= LOOK_FOR_HEADINGS_IN]
    if not candidates:
        raise BadInput("file_empty", field="file", file=name)
    best = max(candidates, key=lambda row: (sum(known(_heading(cell)) for cell in row.cells), -row.number))
    headings = [_heading(cell) for cell in best.cells]
    if not any(known(heading) for heading in headings):
        best, headings = candidates[0], [_heading(cell) for cell in candidates[0].cells]
    below = [row for row in rows if row.number > best.number]
    while below and _is_second_heading(below[0], known):
        below = below[1:]
    return Table(headings, best.number, below, sheets=sheets)


def _is_second_heading(row: Row, known: Callable[[str], bool]) -> bool:
    """Tell whether a row under the headings says them again, in another language or as field keys."""
    filled = [_heading(cell) for cell in row.cells if not cells.is_blank(cell)]
    said = sum(known(text) for text in filled)
    return said >= SECOND_HEADINGS and said * 2 > len(filled)


def _capped(name: str, numbered: Iterable[tuple[int, list[Any]]]) -> Iterator[tuple[int, list[Any]]]:
    count = 0
    for number, line in numbered:
        if all(cells.is_blank(cell) for cell in line):
            continue
        count += 1
        if count > MAX_ROWS:
            raise TooLarge("too_many_rows", field="file", file=name, most=MAX_ROWS)
        if len(line) > MAX_COLUMNS:
            raise TooLarge("too_many_columns", field="file", file=name, row=number, most=MAX_COLUMNS)
        yield number, line


def _heading(cell: Any) -> str:
    return "" if cells.is_blank(cell) else str(cell).strip().replace("\n", "")[:200]


def _text_rows(brought: Brought) -> Iterator[tuple[int, list[str]]]:
    content = decoded(brought)
    csv.field_size_limit(MAX_CELL)
    delimiter = _delimiter(content)
    try:
        yield from enumerate(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter), start=1)
    except csv.Error as problem:
        raise BadInput("csv_unreadable", field="file", file=brought.name, problem=str(problem)) from problem


def decoded(brought: Brought) -> str:
    """Return the text of a file in UTF-8 (with or without mark), UTF-16 or GB18030; raise BadInput for no text."""
    body = brought.body
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if body.startswith(mark):
            return _checked(brought, body, encoding)
    sample = body[:4000]
    if sample.count(0) > len(sample) // 5:
        return _checked(brought, body, "utf-16-le" if sample[1::2].count(0) >= sample[::2].count(0) else "utf-16-be")
    try:
        return _checked(brought, body, "utf-8")
    except BadInput as not_utf8:
        if not_utf8.code == "file_has_nul":
            raise
        return _checked(brought, body, "gb18030")


def _checked(brought: Brought, body: bytes, encoding: str) -> str:
    try:
        content = body.decode(encoding)
    except UnicodeDecodeError as problem:
        raise BadInput("text_encoding", field="file", file=brought.name) from problem
    if "\x00" in content:
        raise BadInput("file_has_nul", field="file", file=brought.name)
    return content


def _delimiter(content: str) -> str:
    first = next((line for line in content[:20_000].splitlines() if line.strip()), "")
    return max((",", "\t", ";", "|"), key=first.count)


def _workbook_rows(brought: Brought, sheet: str | None) -> tuple[Iterator[tuple[int, list[Any]]], list[str]]:
    """Read a workbook in a child process under limits; raise what its end means."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("CIVMAP_", "PYTHON"))}
    try:
        done = subprocess.run([sys.executable, "-I", workbook_child.__file__, sheet or "", str(MAX_ROWS + 100)],
                              input=brought.body, capture_output=True, timeout=WALL_SECONDS, env=environ, check=False)
    except subprocess.TimeoutExpired as problem:
        raise TooLarge("too_many_rows", field="file", file=brought.name, most=MAX_ROWS) from problem
    if done.returncode in (3, 4):
        raise BadInput("file_has_password" if done.returncode == 3 else "file_damaged", field="file", file=brought.name)
    if done.returncode:
        raise TooLarge("too_many_rows", field="file", file=brought.name, most=MAX_ROWS)
    first, *rest = done.stdout.decode("utf-8", "surrogatepass").split("\n")
    names = json.loads(first)
    if sheet is not None and sheet not in names:
        raise Invalid("sheet_not_found", field="sheet", sheet=sheet, known=names)
    return ((number, json.loads(line, object_hook=_day_or_moment))
            for number, line in enumerate(rest, start=1) if line), names


def _day_or_moment(value: dict[str, str]) -> date:
    return datetime.fromisoformat(value["at"]) if "at" in value else date.fromisoformat(value["on"])


def _geojson(brought: Brought) -> Table:
    document = strict.loads(brought.body, brought.name)
    return _of_features(_features(document, brought.name), brought, _named_crs(document))


def _layer(brought: Brought, layer: str | None) -> Table:
    """Read a layer in a child process that knows only that format; raise what its end means."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("CIVMAP_", "PYTHON"))}
    try:
        done = subprocess.run([sys.executable, "-I", layers_child.__file__, brought.format, layer or "", str(MAX_ROWS)],
                              input=brought.body, capture_output=True, timeout=WALL_SECONDS, env=environ, check=False)
    except subprocess.TimeoutExpired as problem:
        raise TooLarge("too_many_rows", field="file", file=brought.name, most=MAX_ROWS) from problem
    if done.returncode == 5:
        raise TooLarge("too_many_rows", field="file", file=brought.name, most=MAX_ROWS)
    if done.returncode not in (0, 4):
        raise BadInput("file_damaged", field="file", file=brought.name)
    found = json.loads(done.stdout)
    if done.returncode == 4:
        raise Invalid("sheet_not_found", field="sheet", sheet=layer or "", known=found["layers"])
    return _of_features(found["features"], brought, found["crs"])


def _of_features(features: list[dict[str, Any]], brought: Brought, crs: str | None) -> Table:
    if len(features) > MAX_ROWS:
        raise TooLarge("too_many_rows", field="file", file=brought.name, most=MAX_ROWS)
    headings: dict[str, int] = {}
    for feature in features:
        for key in feature["properties"]:
            headings.setdefault(key, len(headings))
    if len(headings) > MAX_COLUMNS:
        raise TooLarge("too_many_columns", field="file", file=brought.name, row=1, most=MAX_COLUMNS)
    names = [*(key for key in headings if key != GEOMETRY), GEOMETRY]
    rows = [Row(number, [*(feature["properties"].get(key) for key in names[:-1]), feature.get(GEOMETRY)])
            for number, feature in enumerate(features, start=1)]
    return Table(names, 0, rows, crs=crs)


def _features(document: Any, name: str) -> list[dict[str, Any]]:
    if isinstance(document, dict) and document.get("type") == "Feature":
        document = {"type": "FeatureCollection", "features": [document]}
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection" \
            or not isinstance(document.get("features"), list):
        raise BadInput("geojson_no_features", field="file", file=name)
    features = []
    for number, feature in enumerate(document["features"], start=1):
        if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict):
            raise BadInput("geojson_feature", field="file", file=name, row=number)
        features.append({"properties": feature.get("properties") or {}, GEOMETRY: feature.get(GEOMETRY)})
    return features


def _named_crs(document: Any) -> str | None:
    """Return the coordinate system our own export wrote into the document, or an old GeoJSON `crs` member's."""
    if not isinstance(document, dict):
        return None
    own = document.get("civmap_crs")
    if isinstance(own, str):
        return own
    old = document.get("crs")
    label = old.get("properties", {}).get("name") if isinstance(old, dict) and isinstance(
        old.get("properties"), dict) else None
    if not isinstance(label, str) or "CRS84" in label.upper():
        return None
    return "EPSG:" + label.rsplit(":", 1)[-1] if "EPSG" in label.upper() else None
