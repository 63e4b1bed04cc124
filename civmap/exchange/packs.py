"""Packs of files (zip): which table or layer is inside, and whether the pack is what it pretends to be.

No member's name is ever used as a path; a pack with names that lead elsewhere is refused.
"""

import stat
import tempfile
import weakref
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from civmap.errors import BadInput, TooLarge

MAX_MEMBERS = 2_000
MAX_UNPACKED_BYTES = 2048 * 1024 * 1024
MAX_RATIO, SMALL_BYTES = 400, 1024 * 1024
CHUNK = 1 << 20
BROKEN = (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, UnicodeError)
TABLES = (".csv", ".txt", ".tsv", ".xlsx", ".xls", ".geojson", ".json", ".geojsonl", ".gpkg", ".kml", ".kmz", ".gpx",
          ".osm", ".pbf", ".gz", ".xlsm")
OTHERS = (("xl/workbook.bin", "xlsb"), ("word/", "docx"), ("ppt/", "pptx"), ("META-INF/manifest.xml", "ods"),
          ("META-INF/MANIFEST.MF", "jar"), ("content.xml", "ods"))


@dataclass(frozen=True, slots=True)
class Pack:
    """What a pack is: a format of its own, or a wrapping around a single table."""

    format: str
    single: str | None = None


def look(path: Path, name: str) -> Pack:
    """Return what a pack holds; raise BadInput or TooLarge for one that holds nothing we take."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
    except BROKEN as problem:
        raise BadInput("file_damaged", field="file", file=name) from problem
    check(members, name)
    names = {member.filename for member in members}
    if "xl/workbook.xml" in names:
        return Pack("xlsx")
    for inside, other in OTHERS:
        if any(member.startswith(inside) if inside.endswith("/") else member == inside for member in names):
            raise BadInput("file_other_office", field="file", file=name, kind=other)
    told = [member.filename for member in members if not _is_litter(member.filename)]
    if any(member.lower().endswith(".shp") for member in told):
        return Pack("shp")
    if "doc.kml" in {PurePosixPath(member).name.lower() for member in told}:
        return Pack("kmz")
    return _around(told, name)


def _around(told: list[str], name: str) -> Pack:
    tables = [member for member in told if member.lower().endswith(TABLES)]
    if any(member.lower().endswith((".shx", ".dbf", ".prj")) for member in told):
        raise BadInput("zip_without_shp", field="file", file=name)
    if sum(member.lower().endswith(".kml") for member in tables) == len(tables) and name.lower().endswith(".kmz"):
        return Pack("kmz")
    if len(tables) == 1:
        return Pack("", tables[0])
    if len(tables) > 1:
        found = [PurePosixPath(one).name for one in tables[:8]]
        raise BadInput("zip_many_tables", field="file", file=name, found=found)
    if any(member.lower().endswith(".zip") for member in told):
        raise BadInput("zip_in_zip", field="file", file=name)
    raise BadInput("zip_without_table", field="file", file=name)


def _is_litter(member: str) -> bool:
    return member.startswith("__MACOSX/") or PurePosixPath(member).name.startswith((".", "~$"))


def check(members: list[zipfile.ZipInfo], name: str) -> None:
    """Refuse a pack that unpacks too large, is locked, or names places outside itself."""
    unpacked = sum(member.file_size for member in members)
    packed = max(sum(member.compress_size for member in members), 1)
    bomb = unpacked > SMALL_BYTES and (unpacked / packed > MAX_RATIO or any(
        member.file_size > SMALL_BYTES and member.file_size / max(member.compress_size, 1) > 2 * MAX_RATIO
        for member in members))
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED_BYTES or bomb:
        raise TooLarge("file_unpacks_too_large", field="file", file=name)
    for member in members:
        parts = PurePosixPath(member.filename.replace("\\", "/"))
        is_link = stat.S_ISLNK(member.external_attr >> 16)
        if is_link or ".." in parts.parts or parts.is_absolute() or ":" in member.filename:
            raise BadInput("zip_leads_elsewhere", field="file", file=name, member=member.filename[:80])
        if member.flag_bits & 1:
            raise BadInput("file_has_password", field="file", file=name)


def take_out(path: Path, name: str, member: str) -> tuple[Any, Path]:
    """Lay a member of a pack beside as a file of our own; return what removes it, and where it lies."""
    folder = tempfile.TemporaryDirectory(prefix="civmap-pack-", ignore_cleanup_errors=True)
    inner = Path(folder.name) / "inner"
    try:
        with zipfile.ZipFile(path) as archive, inner.open("wb") as laid:
            lay(archive, member, laid, name)
    except BROKEN as problem:
        folder.cleanup()
        raise BadInput("file_damaged", field="file", file=name) from problem
    return _Held(folder), inner


def lay(archive: zipfile.ZipFile, member: str, target: Any, name: str) -> None:
    """Write a member's bytes; raise TooLarge where there are more than it said."""
    most = archive.getinfo(member).file_size
    with archive.open(member) as packed:
        while chunk := packed.read(CHUNK):
            most -= len(chunk)
            if most < 0:
                raise TooLarge("file_unpacks_too_large", field="file", file=name)
            target.write(chunk)


class _Held:
    """Removes a folder when nobody needs it any more."""

    def __init__(self, folder: Any) -> None:
        self.close = weakref.finalize(self, folder.cleanup)
        folder._finalizer.detach()
