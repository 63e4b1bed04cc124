"""Writing things out as tables and geodata: the same features for pages, interface and command line.

What a viewer may not see (policy, whole phone numbers) is already out of the features when they come here.
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

from civmap import texts
from civmap.errors import Invalid
from civmap.exchange import kml, layout, places, vectors
from civmap.exchange.cells import looks_like_formula
from civmap.exchange.layout import Cell, Feature
from civmap.geo.validity import EXPORT_DECIMALS

FORMATS = ("xlsx", "csv", "geojson", "gpkg", "shp.zip", "kml", "gpx")
OF_AREAS = tuple(fmt for fmt in FORMATS if fmt != "gpx")
WGS84_ONLY = ("kml", "gpx")
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
    """Return the formats in which a kind can leave: areas have no GPX."""
    return OF_AREAS if kind == "zones" else FORMATS


def check(kind: str, fmt: str, crs: str = "wgs84") -> None:
    """Raise Invalid where a format cannot hold a kind, or not in a coordinate system."""
    if fmt not in formats_of(kind):
        raise Invalid("export_gpx_areas", field="out", kind=kind)
    if fmt in WGS84_ONLY and crs != "wgs84":
        raise Invalid("export_wgs84_only", field="crs", format=fmt.upper(), crs=crs)


def write(kind: str, features: Iterable[Feature], target: BinaryIO, fmt: str, lang: str = "zh",
          crs: str = "wgs84") -> int:
    """Write features of a kind (points, units, segments, zones, issues) to a binary file; return how many.

    Coordinates leave at 7 decimals in `crs` (default WGS 84 lon/lat). Raise Invalid for a format that cannot hold them.
    """
    check(kind, fmt, crs)
    moved = [{**feature, "geometry": places.brought_to(feature["geometry"], crs, EXPORT_DECIMALS)}
             for feature in features]
    if fmt == "xlsx":
        _fill_book(target, texts.say(lang, f"export.kind.{kind}"), layout.headings(kind, lang),
                   layout.lines(kind, moved, lang))
    elif fmt == "csv":
        _fill_csv(target, layout.headings(kind, lang), layout.lines(kind, moved, lang))
    elif fmt == "geojson":
        _write_geojson(moved, target, crs)
    elif fmt == "gpkg":
        vectors.geopackage([vectors.of_properties(kind, moved)], target, crs)
    elif fmt == "shp.zip":
        vectors.shapefiles([vectors.of_table(kind, moved, lang)], target, lang, crs)
    elif fmt == "kml":
        kml.write(kind, moved, target, lang)
    elif fmt == "gpx":
        from civmap.exchange import gpx

        gpx.write(kind, moved, target, lang)
    else:
        format_of("." + fmt)
    return len(moved)


def to_bytes(kind: str, features: Iterable[Feature], fmt: str, lang: str = "zh") -> bytes:
    """Return the file as bytes, for a download."""
    target = io.BytesIO()
    write(kind, features, target, fmt, lang)
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


def _fill_book(target: BinaryIO, title: str, headings: Sequence[str], lines: Iterable[Sequence[Cell]]) -> None:
    book = open_workbook(target)
    fill_sheet(book, title, headings, lines)
    book.close()


def _write_geojson(features: list[Feature], target: BinaryIO, crs: str) -> None:
    document: dict[str, Any] = {"type": "FeatureCollection"}
    if crs != "wgs84":
        document["civmap_crs"] = crs
    document["features"] = features
    target.write(json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode())


def open_workbook(target: BinaryIO) -> Any:
    """Return a workbook in which no text becomes a formula, a number or a link."""
    import xlsxwriter

    return xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False,
                                        "strings_to_urls": False, "nan_inf_to_errors": True})


def fill_sheet(book: Any, title: str, headings: Sequence[str], lines: Iterable[Sequence[Cell]]) -> None:
    """Write a sheet with a frozen, styled heading row and columns as wide as their text."""
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
