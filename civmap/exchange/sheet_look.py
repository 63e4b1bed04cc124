"""What a workbook's sheet does not tell its readers: hidden rows and columns, formulas nobody calculated, its claims.

The sheet's XML is passed through in pieces, never held as a tree; definitions of document types are refused.
"""

import re
import zipfile
from dataclasses import dataclass, field
from html import unescape
from typing import Any

CHUNK, MOST_PIECE, MOST_PART, MOST_MARKS = 1 << 20, 32 << 20, 8 << 20, 20_000
_ROW = re.compile(rb'<(?:\w+:)?row\b([^>]*\bhidden\s*=\s*["\'](?:1|true)["\'][^>]*)>')
_COL = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
_FORMULA = re.compile(rb"<c\b([^>]*)>\s*<f\b[^>]*?(?:/>|>([^<]*)</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")
_NAMED = re.compile(rb"\b(\w+)\s*=\s*[\"']([^\"']*)[\"']")
_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_SPAN = re.compile(rb"<(?:\w+:)?dimension\b[^>]*\bref\s*=\s*[\"'](?:[A-Z]+\d+:)?([A-Z]+)(\d+)[\"']")


class TypesDefined(Exception):
    """The XML defines a document type: nothing of ours does."""


@dataclass(slots=True)
class Look:
    """What was seen: numbers of hidden rows and columns (from 1), formulas by (row, column) from 0."""

    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    formulas: dict[int, dict[int, str]] = field(default_factory=dict)
    marks: int = 0


def part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Return the member that holds a sheet; raise TypesDefined or an error of XML for foreign matter."""
    from defusedxml import ElementTree

    def parsed(name: str) -> Any:
        with archive.open(name) as file:
            return ElementTree.fromstring(file.read(MOST_PART), forbid_dtd=True)

    targets = {one.get("Id"): one.get("Target", "") for one in parsed("xl/_rels/workbook.xml.rels")}
    for one in parsed("xl/workbook.xml").iter():
        if one.tag.endswith("}sheet") and one.get("name") == sheet:
            target = next((targets.get(value) for key, value in one.attrib.items() if key.endswith("}id")), None) or ""
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return None


def span(archive: zipfile.ZipFile, part: str) -> tuple[int, int]:
    """Return rows and columns that a sheet claims, no more than its length can hold; zeros where it claims none."""
    with archive.open(part) as file:
        start = file.read(4096)
    if b"<!DOCTYPE" in start or b"<!ENTITY" in start:
        raise TypesDefined
    found = _SPAN.search(start)
    return (int(found[2]), column_number(found[1].decode())) if found else (0, 0)


def look(archive: zipfile.ZipFile, part: str) -> Look:
    """Pass through a sheet and return what was seen."""
    seen, rest, is_begun = Look(), b"", False
    with archive.open(part) as file:
        while chunk := file.read(CHUNK):
            rest += chunk
            if not is_begun:
                begin = rest.find(b"sheetData")
                if begin < 0 and len(rest) < MOST_PIECE:
                    continue
                _columns(seen, rest[:begin])
                is_begun = True
            cut = rest.rfind(b"</row>")
            if cut >= 0:
                _rows(seen, rest[:cut + 6])
                rest = rest[cut + 6:]
            elif len(rest) > MOST_PIECE:
                break
    _rows(seen, rest)
    return seen


def _columns(seen: Look, start: bytes) -> None:
    for found in _COL.findall(start):
        told = {name: value for name, value in _NAMED.findall(found)}
        if told.get(b"hidden") in (b"1", b"true") and told.get(b"min", b"").isdigit():
            first, last = int(told[b"min"]), int(told.get(b"max", told[b"min"]))
            seen.hidden_columns += range(first, min(last, first + 300) + 1)


def _rows(seen: Look, piece: bytes) -> None:
    if b"hidden=" in piece and len(seen.hidden_rows) < MOST_MARKS:
        for found in _ROW.findall(piece):
            told = {name: value for name, value in _NAMED.findall(found)}
            if told.get(b"r", b"").isdigit():
                seen.hidden_rows.append(int(told[b"r"]))
    if b"<f" in piece and seen.marks < MOST_MARKS:
        for attributes, formula in _FORMULA.findall(piece):
            told = {name: value.decode("ascii", "replace") for name, value in _NAMED.findall(attributes)}
            place = _CELL.fullmatch(told.get(b"r", ""))
            if place and told.get(b"t") != "str":
                row = seen.formulas.setdefault(int(place[2]) - 1, {})
                row[column_number(place[1]) - 1] = "=" + unescape(formula.decode("utf-8", "replace")[:200])
                seen.marks += 1


def column_number(letters: str) -> int:
    """Return the number of a column from its letters, from 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
