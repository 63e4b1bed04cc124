"""The gate for files that strangers bring: size, true format, members and ratios, before anything opens them.

Source: `engineering.md` §5. The name's extension is never believed; the bytes decide. Nothing is held in memory but
the first kilobytes of a file and the list of a pack's members.
"""

import mmap
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from civmap.errors import BadInput, NotFound, TooLarge
from civmap.exchange import packs

MAX_BYTES = 512 * 1024 * 1024
MAX_ROWS = 2_000_000
MAX_COLUMNS = 300
HEAD_BYTES = 16_384
OLE, ZIP, GZIP, SQLITE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04", b"\x1f\x8b", b"SQLite format 3\x00"
SHP = b"\x00\x00\x27\x0a"
FOREIGN = (b"%PDF", b"\x89PNG", b"Rar!", b"\xff\xd8\xff", b"GIF8", b"7z\xbc\xaf", b"AC10", b"\x7fELF", b"MZ\x90",
           b"II*\0", b"MM\0*", b"\x00\x01\x00\x00Standard", b"BM\x00", b"RIFF", b"\xfd7zXZ", b"BZh9", b"fLaC", b"ID3",
           b"PAR1", b"ARROW1", b"{\\rtf")
PARTS_OF_SHP = (".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix")
ROOTS = {"kml": "kml", "gpx": "gpx", "osm": "osm", "html": "html", "table": "html", "workbook": "xml", "style": "html",
         "meta": "html", "head": "html", "body": "html", "div": "html"}
_PROLOG = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->|<!doctype[^>\[]*(?:\[.*?\]\s*)?>)*", re.DOTALL | re.IGNORECASE)
_ROOT = re.compile(r"<(?:\w{1,20}:)?([A-Za-z]\w{0,40})")


@dataclass(frozen=True, slots=True)
class Brought:
    """A file that passed the gate: where it lies, its name and what it truly is (csv, xlsx, xls, geojson, …).

    `path` may lie in a folder of our own, where a table was taken out of a pack; `held` removes it in the end.
    """

    name: str
    format: str
    path: Path
    held: Any = None


def open_file(path: Path, name: str | None = None) -> Brought:
    """Return what a file is, under the name it was brought with; raise NotFound, TooLarge or BadInput."""
    name = name or path.name
    if not path.is_file():
        raise NotFound("file_not_found", field="file", file=name)
    if path.stat().st_size > MAX_BYTES:
        raise TooLarge("file_too_large", field="file", file=name, most_mb=MAX_BYTES // 1024 // 1024)
    try:
        return _opened(path, name)
    except OSError as problem:
        raise NotFound("file_not_readable", field="file", file=name, problem=problem.strerror) from problem


def _opened(path: Path, name: str) -> Brought:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head.startswith(ZIP):
        return Brought(name, _format(path, name, head), path)
    found = packs.look(path, name)
    if found.single is None:
        return Brought(name, found.format, path)
    held, inner = packs.take_out(path, name, found.single)
    with inner.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head.startswith(ZIP):
        return Brought(name, _format(inner, name, head), inner, held)
    found = packs.look(inner, name)
    if found.single is not None:
        raise BadInput("zip_in_zip", field="file", file=name)
    return Brought(name, found.format, inner, held)


def _format(path: Path, name: str, head: bytes) -> str:
    if head.startswith(OLE):
        return _ole_format(path, name)
    if head.startswith(SQLITE):
        return "gpkg"
    if head.startswith(GZIP):
        if _is_osm(head):
            _check_stream(path, name)
            return "osm.gz"
        raise BadInput("file_not_a_table", field="file", file=name)
    return format_of_head(name, head)


def format_of_head(name: str, head: bytes) -> str:
    """Return what the first bytes of a file say it is where it is no pack and no database; raise BadInput."""
    if not head.strip(b" \t\r\n\xef\xbb\xbf"):
        raise BadInput("file_empty", field="file", file=name)
    if head[4:15] in (b"\x0a\x09OSMHeader",) or head[6:15] == b"OSMHeader":
        return "osm.pbf"
    if head.startswith(SHP) or (name.lower().endswith(PARTS_OF_SHP) and b"\0" in head) or _is_dbf(name, head):
        raise BadInput("shp_alone", field="file", file=name)
    if head.startswith(FOREIGN) or head[:8] == SQLITE[:8]:
        raise BadInput("file_not_a_table", field="file", file=name)
    start = _as_text(head)
    if start[:1] in ("{", "["):
        return "geojson"
    return _markup(name, start) if start[:1] == "<" else "csv"


def _is_dbf(name: str, head: bytes) -> bool:
    return name.lower().endswith(".dbf") and head[:1] in (b"\x03", b"\x30", b"\x83", b"\x8b", b"\xf5")


def _as_text(head: bytes) -> str:
    """Return the beginning of a file as text, for looking at its first signs only."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head.decode("utf-16", "ignore").lstrip("\ufeff \t\r\n\x1e")
    if head[:2] == b"<\0":
        return head.decode("utf-16-le", "ignore")
    if head[:2] == b"\0<":
        return head.decode("utf-16-be", "ignore")
    return head.decode("utf-8", "ignore").lstrip("\ufeff \t\r\n\x1e")


def _markup(name: str, start: str) -> str:
    prolog = _PROLOG.match(start)
    root = _ROOT.match(start, prolog.end() if prolog else 0)
    found = ROOTS.get(root[1].lower()) if root else "html" if start[:9].lower() == "<!doctype" else None
    if found is None or (found == "xml" and "urn:schemas-microsoft-com:office:spreadsheet" not in start):
        raise BadInput("file_is_markup", field="file", file=name)
    return found


def _is_osm(head: bytes) -> bool:
    try:
        start = zlib.decompressobj(31).decompress(head, 4096)
    except zlib.error:
        return False
    return bool(re.match(rb"\s*(?:\xef\xbb\xbf)?(?:<\?[^>]*\?>|<!--.*?-->|\s+)*<osm[\s>]", start, re.DOTALL))


def _check_stream(path: Path, name: str) -> None:
    """Refuse a stream that unpacks far beyond its size: maps shrink some fifteen times, not a hundred."""
    unpacker, packed, unpacked = zlib.decompressobj(31), 0, 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 16):
                packed += len(chunk)
                while chunk:
                    unpacked += len(unpacker.decompress(chunk, 1 << 22))
                    chunk = unpacker.unconsumed_tail
                    if unpacked > packs.MAX_UNPACKED_BYTES or (unpacked > 16 << 20 and unpacked > 100 * packed):
                        raise TooLarge("file_unpacks_too_large", field="file", file=name)
    except zlib.error as problem:
        raise BadInput("file_damaged", field="file", file=name) from problem


def _ole_format(path: Path, name: str) -> str:
    """Tell an old workbook from a locked one and from other things in the same kind of pack."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find("EncryptedPackage".encode("utf-16-le")) >= 0:
            raise BadInput("file_has_password", field="file", file=name)
        if content.find("Workbook\0".encode("utf-16-le")) < 0 and content.find("Book\0".encode("utf-16-le")) < 0:
            others = ("WordDocument", "PowerPoint Document", "__properties_version")
            known = any(content.find(other.encode("utf-16-le")) >= 0 for other in others)
            raise BadInput("file_not_a_table" if known else "file_damaged", field="file", file=name)
    return "xls"
