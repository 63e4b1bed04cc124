"""The gate for files that strangers bring: size, true format, members and ratios, before anything opens them.

Source: `engineering.md` §5. The name's extension is never believed; the bytes decide. Nothing is held in memory but
the first kilobytes of a file and the list of a pack's members.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path

from civmap.errors import BadInput, NotBuilt, NotFound, TooLarge

MAX_BYTES = 512 * 1024 * 1024
MAX_MEMBERS = 2_000
MAX_UNPACKED_BYTES = 2048 * 1024 * 1024
MAX_RATIO = 400
SMALL_BYTES = 1024 * 1024
MAX_ROWS = 2_000_000
MAX_COLUMNS = 300
HEAD_BYTES = 4_096
LATER = (".gpkg", ".shp", ".kml", ".kmz", ".gpx", ".osm", ".pbf", ".ods", ".zip", ".gdb", ".dxf")


@dataclass(frozen=True, slots=True)
class Brought:
    """A file that passed the gate: where it lies, its name and what it truly is (csv, xlsx, xls, geojson, …)."""

    name: str
    format: str
    path: Path


def open_file(path: Path, name: str | None = None) -> Brought:
    """Return what a file is, under the name it was brought with; raise NotFound, TooLarge, BadInput or NotBuilt."""
    name = name or path.name
    if not path.is_file():
        raise NotFound("file_not_found", field="file", file=name)
    if path.stat().st_size > MAX_BYTES:
        raise TooLarge("file_too_large", field="file", file=name, most_mb=MAX_BYTES // 1024 // 1024)
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as problem:
        raise NotFound("file_not_readable", field="file", file=name, problem=problem.strerror) from problem
    if head[:4] == b"PK\x03\x04":
        return Brought(name, _zip_format(name, path), path)
    return Brought(name, format_of_head(name, head), path)


def format_of_head(name: str, head: bytes) -> str:
    """Return what the first bytes of a file say it is (no pack of files); raise BadInput or NotBuilt."""
    if not head.strip():
        raise BadInput("file_empty", field="file", file=name)
    if head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return "xls"
    if head[:16] == b"SQLite format 3\x00" and head[68:72] == b"GPKG":
        return "gpkg"
    if head[:16] == b"SQLite format 3\x00" or name.lower().endswith(LATER):
        raise NotBuilt("import_format_not_built", field="file", file=name)
    start = head[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start[:1] in (b"{", b"["):
        return "geojson"
    if start[:1] == b"<":
        raise BadInput("file_is_markup", field="file", file=name)
    if start[:4] in (b"%pdf", b"\x89png", b"rar!") or start[:2] == b"\xff\xd8":
        raise BadInput("file_not_a_table", field="file", file=name)
    return "csv"


def _zip_format(name: str, path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as problem:
        raise BadInput("file_damaged", field="file", file=name) from problem
    _check_members(name, members)
    if sum(member.filename.lower().endswith(".shp") for member in members) == 1:
        return "shp"
    if not any(member.filename == "xl/workbook.xml" for member in members):
        raise NotBuilt("import_format_not_built", field="file", file=name)
    return "xlsx"


def _check_members(name: str, members: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    packed = max(sum(member.compress_size for member in members), 1)
    bomb = unpacked > SMALL_BYTES and unpacked / packed > MAX_RATIO
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED_BYTES or bomb:
        raise TooLarge("file_unpacks_too_large", field="file", file=name)
