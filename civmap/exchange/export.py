"""Writing things out as tables and geodata: the same features for pages, interface and command line.

What a viewer may not see (policy, whole phone numbers) is already out of the features when they come here.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO

from civmap import texts
from civmap.errors import Invalid
from civmap.exchange import kml, layout, marks, places, vectors
from civmap.exchange.cells import looks_like_formula
from civmap.exchange.layout import Cell, Feature
from civmap.geo.validity import STORED_DECIMALS

FORMATS = ("xlsx", "csv", "geojson", "gpkg", "shp.zip", "kml", "gpx")
OF_AREAS = tuple(fmt for fmt in FORMATS if fmt != "gpx")
WGS84_ONLY = ("kml", "gpx")
PLACELESS = ("people", "duties", "holidays")
PORTION = 2_000
MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
    "shp.zip": "application/zip",
    "kml": "application/vnd.google-earth.kml+xml",
    "gpx": "application/gpx+xml",
}
MOST_XLSX_TEXT = 32_000


def format_of(name: str, formats: Sequence[str] = FORMATS) -> str:
    """Return the format that a file name's ending asks for, of those there are; raise Invalid for another."""
    lower = name.lower()
    for ending in formats:
        if lower.endswith("." + ending):
            return ending
    if lower.endswith(".json"):
        return "geojson"
    raise Invalid("export_format_unknown", field="out", file=name[-60:], known=list(formats))


def formats_of(kind: str) -> tuple[str, ...]:
    """Return the formats in which a kind can leave: areas have no GPX, what has no place leaves as a table."""
    if kind in PLACELESS:
        return FORMATS[:2]
    return OF_AREAS if kind in ("zones", "buildings") else FORMATS


def check(kind: str, fmt: str, crs: str = "wgs84") -> None:
    """Raise Invalid where a format cannot hold a kind, or not in a coordinate system."""
    if fmt not in formats_of(kind):
        why = "export_no_place" if kind in PLACELESS else "export_gpx_areas"
        raise Invalid(why, field="out", kind=kind, known=list(formats_of(kind)))
    if fmt in WGS84_ONLY and crs != "wgs84":
        raise Invalid("export_wgs84_only", field="crs", format=fmt.upper(), crs=crs)


def write(kind: str, features: Iterable[Feature], target: BinaryIO, fmt: str, lang: str = "zh",
          crs: str = "wgs84", mark: str = "") -> int:
    """Write features of a kind to a binary file; return how many.

    Coordinates leave at 7 decimals of WGS 84 lon/lat, or moved from there to `crs`; `mark` says whose file it is.
    Raise Invalid for a format that cannot hold them. Tables and GeoJSON are written as the features come.
    """
    check(kind, fmt, crs)
    moved = Counted(_moved(features, crs))
    title, system = texts.say(lang, f"export.kind.{kind}"), "" if crs == "wgs84" else marks.system_name(crs)
    if fmt == "xlsx":
        _fill_book(target, title, layout.headings(kind, lang, system), layout.lines(kind, moved, lang), mark)
    elif fmt == "csv":
        _fill_csv(target, layout.headings(kind, lang, system), layout.lines(kind, moved, lang))
    elif fmt == "geojson":
        _write_geojson(moved, target, crs, mark)
    elif fmt == "gpkg":
        vectors.geopackage([vectors.of_properties(kind, _named(moved, system))], target, crs, mark)
    elif fmt == "shp.zip":
        vectors.shapefiles([vectors.of_table(kind, list(moved), lang, system)], target, lang, crs, mark)
    elif fmt == "kml":
        kml.write(kind, moved, target, lang, mark)
    elif fmt == "gpx":
        from civmap.exchange import gpx

        gpx.write(kind, moved, target, lang, mark)
    else:
        format_of("." + fmt)
    return moved.count


class Counted:
    """Features on their way out, counted as they go."""

    def __init__(self, features: Iterable[Feature]) -> None:
        self._features, self.count = features, 0

    def __iter__(self) -> Iterator[Feature]:
        for feature in self._features:
            self.count += 1
            yield feature


def _moved(features: Iterable[Feature], crs: str) -> Iterator[Feature]:
    """Yield features in a coordinate system, a portion at a time: one call moves them all.

    What was rounded to 7 decimals once is not rounded again: on its way back it would seem to have moved.
    """
    if crs == "wgs84":
        yield from features
        return
    rest = iter(features)
    while portion := list(islice(rest, PORTION)):
        shapes = places.brought_all([feature["geometry"] for feature in portion], crs, STORED_DECIMALS)
        yield from ({**feature, "geometry": shape} for feature, shape in zip(portion, shapes, strict=True))


def _named(features: Iterable[Feature], system: str) -> list[Feature]:
    """Return features that say themselves in which system they lie, where a file has no name for it."""
    if not system or system.startswith("EPSG"):
        return list(features)
    return [{**feature, "properties": {**feature["properties"], "crs": system}} for feature in features]


def to_bytes(kind: str, features: Iterable[Feature], fmt: str, lang: str = "zh", crs: str = "wgs84",
             mark: str = "") -> bytes:
    """Return the file as bytes, for a download."""
    target = io.BytesIO()
    write(kind, features, target, fmt, lang, crs, mark)
    return target.getvalue()


def safe_text(value: Cell) -> Cell:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe goes before = + - @ (also full-width)."""
    return f"'{value}" if isinstance(value, str) and looks_like_formula(value) else value


def table(fmt: str, title: str, headings: Sequence[str], lines: Iterable[Sequence[Cell]]) -> bytes:
    """Return a table as the bytes of a workbook (xlsx), or else of a CSV file in UTF-8 with its mark."""
    target = io.BytesIO()
    if fmt == "xlsx":
        _fill_book(target, title, headings, lines)
    else:
        _fill_csv(target, headings, lines)
    return target.getvalue()


def _fill_csv(target: BinaryIO, headings: Sequence[str], lines: Iterable[Sequence[Cell]]) -> None:
    out = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(out)
    writer.writerow(headings)
    for line in lines:
        writer.writerow(["" if cell is None else safe_text(cell) for cell in line])
    out.flush()
    out.detach()


def _fill_book(target: BinaryIO, title: str, headings: Sequence[str], lines: Iterable[Sequence[Cell]],
               mark: str = "") -> None:
    book = open_workbook(target)
    sheet = fill_sheet(book, title, headings, lines)
    if mark:
        book.set_properties({"title": title, "comments": mark, "company": "civmap"})
        sheet.set_footer("&L&8" + mark.replace("&", "&&")[:200] + "&R&8&P/&N")
    book.close()


def _write_geojson(features: Iterable[Feature], target: BinaryIO, crs: str, mark: str) -> None:
    """Write a collection as it comes; members of our own (RFC 7946 §6.1) say whose it is and in which system."""
    told = {**({"civmap_crs": crs} if crs != "wgs84" else {}), **({"civmap_mark": mark} if mark else {})}
    own = "".join(f"{_json(name)}:{_json(value)}," for name, value in told.items())
    target.write(f'{{"type":"FeatureCollection",{own}"features":['.encode())
    for number, feature in enumerate(features):
        target.write((("," if number else "") + _json(feature)).encode())
    target.write(b"]}")


_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def open_workbook(target: BinaryIO) -> Any:
    """Return a workbook in which no text becomes a formula, a number or a link."""
    import xlsxwriter

    return xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False,
                                        "strings_to_urls": False, "nan_inf_to_errors": True})


def fill_sheet(book: Any, title: str, headings: Sequence[str], lines: Iterable[Sequence[Cell]]) -> Any:
    """Write a sheet with a frozen, styled heading row and columns as wide as their text; return it."""
    sheet = book.add_worksheet(title[:31])
    bold = book.add_format({"bold": True, "bg_color": "#1F4E79", "font_color": "#FFFFFF", "border": 1,
                            "valign": "vcenter"})
    widths = [_width(heading) for heading in headings]
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading, bold)
    last = 0
    for last, line in enumerate(lines, start=1):
        for column, cell in enumerate(line):
            _write_cell(sheet, last, column, cell)
            if last <= 200:
                widths[column] = max(widths[column], _width(cell))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, min(width + 2, 48))
    sheet.freeze_panes(1, 0)
    if headings:
        sheet.autofilter(0, 0, last, len(headings) - 1)
    return sheet


def _write_cell(sheet: Any, row: int, column: int, cell: Cell) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        sheet.write_number(row, column, cell)
        return
    text = str(cell)
    if len(text) > MOST_XLSX_TEXT:
        raise Invalid("cell_too_long_for_xlsx", field="out", length=len(text), most=MOST_XLSX_TEXT)
    sheet.write_string(row, column, text)


def _width(cell: Cell) -> int:
    text = "" if cell is None else str(cell)
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text[:60])
