"""The gate for files that strangers bring: size, true format, members and ratios, before anything opens them.

Source: `engineering.md` §5. The name's extension is never believed; the first bytes decide.
"""

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from civmap.errors import BadInput, NotBuilt, NotFound, TooLarge

MAX_BYTES = 64 * 1024 * 1024
MAX_MEMBERS = 2_000
MAX_UNPACKED_BYTES = 512 * 1024 * 1024
MAX_RATIO = 400
SMALL_BYTES = 1024 * 1024
MAX_ROWS = 200_000
MAX_COLUMNS = 300
MAX_CELLS = 20_000_000
LATER = (".gpkg", ".shp", ".kml", ".kmz", ".gpx", ".osm", ".pbf", ".ods", ".zip", ".gdb", ".dxf")
_CELL = re.compile(rb"""<(?:\w{1,20}:)?c\s[^>]{0,200}?\br\s?=\s?["']([A-Z]{1,3})(\d{1,7})""")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Brought:
    """A file that passed the gate: its bytes, its name and what it truly is (csv, xlsx, xls, geojson, gpkg, shp)."""

    name: str
    format: str
    body: bytes


def open_file(path: Path) -> Brought:
    """Read a file that is small enough and of a known format; raise NotFound, TooLarge, BadInput or NotBuilt."""
    if not path.is_file():
        raise NotFound("file_not_found", field="file", file=path.name)
    if path.stat().st_size > MAX_BYTES:
        raise TooLarge("file_too_large", field="file", file=path.name, most_mb=MAX_BYTES // 1024 // 1024)
    try:
        return judge(path.name, path.read_bytes())
    except OSError as problem:
        raise NotFound("file_not_readable", field="file", file=path.name, problem=problem.strerror) from problem


def judge(name: str, body: bytes) -> Brought:
    """Return what the bytes are; raise BadInput, TooLarge or NotBuilt where they are nothing we take."""
    if len(body) > MAX_BYTES:
        raise TooLarge("file_too_large", field="file", file=name, most_mb=MAX_BYTES // 1024 // 1024)
    if not body.strip():
        raise BadInput("file_empty", field="file", file=name)
    return Brought(name, _format(name, body), body)


def _format(name: str, body: bytes) -> str:
    if body[:4] == b"PK\x03\x04":
        return _zip_format(name, body)
    if body[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return "xls"
    if body[:16] == b"SQLite format 3\x00" and body[68:72] == b"GPKG":
        return "gpkg"
    if body[:16] == b"SQLite format 3\x00" or name.lower().endswith(LATER):
        raise NotBuilt("import_format_not_built", field="file", file=name)
    start = body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start[:1] in (b"{", b"["):
        return "geojson"
    if start[:1] == b"<":
        raise BadInput("file_is_markup", field="file", file=name)
    if start[:4] in (b"%pdf", b"\x89png", b"rar!") or start[:2] == b"\xff\xd8":
        raise BadInput("file_not_a_table", field="file", file=name)
    return "csv"


def _zip_format(name: str, body: bytes) -> str:
    import io

    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
            _check_members(name, members)
            if sum(member.filename.lower().endswith(".shp") for member in members) == 1:
                return "shp"
            if not any(member.filename == "xl/workbook.xml" for member in members):
                raise NotBuilt("import_format_not_built", field="file", file=name)
            for member in members:
                if member.filename.startswith("xl/worksheets/"):
                    _check_cells(name, archive, member)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as problem:
        raise BadInput("file_damaged", field="file", file=name) from problem
    return "xlsx"


def _check_members(name: str, members: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    packed = max(sum(member.compress_size for member in members), 1)
    bomb = unpacked > SMALL_BYTES and unpacked / packed > MAX_RATIO
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED_BYTES or bomb:
        raise TooLarge("file_unpacks_too_large", field="file", file=name)


def _check_cells(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Refuse a sheet whose cells span more than can be held: a reader makes the whole rectangle of them."""
    last_row = last_column = read = 0
    tail = b""
    with archive.open(member) as stream:
        while piece := stream.read(_CHUNK):
            read += len(piece)
            if read > MAX_UNPACKED_BYTES:
                raise TooLarge("file_unpacks_too_large", field="file", file=name)
            for letters, digits in _CELL.findall(tail + piece):
                last_row, last_column = max(last_row, int(digits)), max(last_column, _column_number(letters))
            tail = piece[-256:]
    if last_row > MAX_ROWS + 100 or last_row * max(last_column, 1) > MAX_CELLS:
        raise TooLarge("too_many_rows", field="file", file=name, most=MAX_ROWS)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
