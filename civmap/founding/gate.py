"""The gate an extract passes before anything is read from it: name, first bytes, size, and a whole decompression."""

import gzip
import re
import zlib
from pathlib import Path

from civmap.errors import Invalid, NotFound, TooLarge

MAX_PBF_BYTES = 400_000_000
MAX_XML_BYTES = 3_000_000_000
MAX_RATIO = 150
RATIO_FLOOR = 32_000_000
CHUNK = 1 << 20
SUFFIXES = (".osm.pbf", ".osm.gz", ".osm", ".pbf")
_PROLOG = re.compile(rb"\A(?:\xef\xbb\xbf)?(?:\s|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)


def check(path: Path) -> str:
    """Return the format of an extract ("osm", "osm.gz" or "pbf") after looking at its name, first bytes and size.

    Raises NotFound for a missing file, Invalid for a foreign, empty or damaged one, TooLarge for one beyond the caps.
    """
    if not path.is_file():
        raise NotFound("osm_missing", field="osm", file=path.name)
    size = path.stat().st_size
    if size == 0:
        raise Invalid("osm_empty", field="osm", file=path.name)
    suffix = next((one for one in SUFFIXES if path.name.lower().endswith(one)), None)
    if suffix is None:
        raise Invalid("osm_extension", field="osm", file=path.name)
    if suffix.endswith("pbf"):
        return _check_pbf(path, size)
    return _check_gzip(path, size) if suffix == ".osm.gz" else _check_xml(path, size)


def _check_pbf(path: Path, size: int) -> str:
    with path.open("rb") as file:
        head = file.read(64)
    if int.from_bytes(head[:4], "big") > 64 * 1024 or b"OSMHeader" not in head:
        raise Invalid("osm_foreign", field="osm", file=path.name)
    if size > MAX_PBF_BYTES:
        raise TooLarge("osm_too_large", field="osm", file=path.name, limit_mb=MAX_PBF_BYTES // 1_000_000)
    return "pbf"


def _check_xml(path: Path, size: int) -> str:
    with path.open("rb") as file:
        _check_root(file.read(64 * 1024), path)
    if size > MAX_XML_BYTES:
        raise TooLarge("osm_too_large", field="osm", file=path.name, limit_mb=MAX_XML_BYTES // 1_000_000)
    return "osm"


def _check_gzip(path: Path, size: int) -> str:
    with path.open("rb") as file:
        if file.read(2) != b"\x1f\x8b":
            raise Invalid("osm_foreign", field="osm", file=path.name)
    try:
        with gzip.open(path, "rb") as file:
            _check_root(file.read(64 * 1024), path)
            total = 64 * 1024
            while chunk := file.read(CHUNK):
                total += len(chunk)
                if total > MAX_XML_BYTES or (total > RATIO_FLOOR and total > MAX_RATIO * size):
                    raise TooLarge("osm_too_large", field="osm", file=path.name, limit_mb=MAX_XML_BYTES // 1_000_000)
    except (EOFError, OSError, zlib.error) as problem:
        raise Invalid("osm_damaged", field="osm", file=path.name) from problem
    return "osm.gz"


def _check_root(head: bytes, path: Path) -> None:
    """Refuse XML whose first element is not <osm>, and everything that is no XML at all."""
    prolog = _PROLOG.match(head)
    rest = head[prolog.end():] if prolog else head
    if not re.match(rb"<osm[\s>/]", rest):
        raise Invalid("osm_foreign", field="osm", file=path.name)
