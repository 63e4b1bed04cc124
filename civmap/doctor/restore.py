"""Bringing a city back: the copy is unpacked beside, opened, checked and counted, and only then becomes the city."""

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy import Engine, inspect, text
from sqlalchemy.engine import make_url

from civmap.config import Settings
from civmap.doctor.backup import DATABASE, DUMP, FORMAT, MANIFEST, counted, run_tool
from civmap.errors import BadInput, Conflict, NotFound, TooLarge
from civmap.exchange import strict
from civmap.store import ledger
from civmap.store.database import open_engine, reading

MAX_MEMBERS = 1_000_000
MAX_MANIFEST_BYTES = 256 * 1024 * 1024
Progress = Callable[[str], None]


def read(source: Path, settings: Settings, progress: Progress | None = None) -> dict[str, Any]:
    """Restore a backup into an empty CIVMAP_HOME and return `{"counts", "ledger_lines", "made_at"}`.

    Raise Conflict where a city is there already, BadInput for a damaged or foreign file, Unavailable for PostGIS
    tools that are missing. Nothing in CIVMAP_HOME changes unless every check passed.
    """
    progress = progress or (lambda step: None)
    _check_empty(settings)
    if not source.is_file():
        raise NotFound("file_not_found", field="file", file=source.name)
    settings.home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.home, prefix=".restoring-") as folder:
        manifest = _unpack(source, Path(folder), progress)
        return _settle(Path(folder), manifest, settings, progress)


def _check_empty(settings: Settings) -> None:
    """Refuse where anything stands that a restore would overwrite."""
    if settings.is_embedded:
        database = Path(str(make_url(settings.database_url).database))
        if database.exists():
            raise Conflict("restore_not_empty", field="file", place=str(database))
    else:
        engine = open_engine(settings.database_url)
        try:
            if "city" in inspect(engine).get_table_names():
                raise Conflict("restore_not_empty", field="file", place=make_url(settings.database_url).database)
        finally:
            engine.dispose()
    for place in (settings.photos, settings.basemap):
        if place.is_file() or (place.is_dir() and any(place.iterdir())):
            raise Conflict("restore_not_empty", field="file", place=str(place))


def _unpack(source: Path, folder: Path, progress: Progress) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(source) as pack:
            manifest = _manifest(pack, source.name)
            for name, facts in manifest["files"].items():
                progress(name)
                _unpack_member(pack, name, facts, folder, source.name)
            return manifest
    except (zipfile.BadZipFile, EOFError, KeyError, TypeError, AttributeError, NotImplementedError,
            RuntimeError) as problem:
        raise BadInput("backup_damaged", field="file", file=source.name) from problem


def _manifest(pack: zipfile.ZipFile, file: str) -> dict[str, Any]:
    members = pack.infolist()
    if len(members) > MAX_MEMBERS or pack.getinfo(MANIFEST).file_size > MAX_MANIFEST_BYTES:
        raise TooLarge("file_unpacks_too_large", field="file", file=file)
    manifest = strict.loads(pack.read(MANIFEST), file)
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise BadInput("backup_foreign", field="file", file=file)
    names = {member.filename for member in members} - {MANIFEST}
    if names != set(manifest["files"]) or not all(safe_name(name) for name in names):
        raise BadInput("backup_damaged", field="file", file=file)
    return manifest


def safe_name(name: str) -> bool:
    """Tell whether a member stays inside the folder it is unpacked into, and is one that a backup holds."""
    path = PurePosixPath(name)
    inside = not path.is_absolute() and ".." not in path.parts and "\\" not in name and ":" not in name
    return inside and (name in (DATABASE, DUMP, "basemap.pmtiles") or path.parts[:1] == ("photos",))


def _unpack_member(pack: zipfile.ZipFile, name: str, facts: dict[str, Any], folder: Path, file: str) -> None:
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, written = hashlib.sha256(), 0
    with pack.open(name) as source, target.open("wb") as out:
        while piece := source.read(1 << 20):
            written += len(piece)
            if written > facts["bytes"]:
                break
            digest.update(piece)
            out.write(piece)
    if written != facts["bytes"] or digest.hexdigest() != facts["sha256"]:
        raise BadInput("backup_damaged", field="file", file=file)


def _settle(folder: Path, manifest: dict[str, Any], settings: Settings, progress: Progress) -> dict[str, Any]:
    is_file = manifest["database"] == "spatialite"
    if is_file != settings.is_embedded:
        raise BadInput("backup_other_database", field="file", found=manifest["database"])
    progress("check")
    if is_file:
        done = _checked_file(folder / DATABASE, manifest)
        target = Path(str(make_url(settings.database_url).database))
        target.parent.mkdir(parents=True, exist_ok=True)
        _move_files(folder, settings)
        shutil.move(folder / DATABASE, target)
        target.chmod(0o600)
        return done
    engine = open_engine(settings.database_url)
    try:
        run_tool("pg_restore", ["--no-owner", "--exit-on-error", "--single-transaction", "--clean", "--if-exists",
                                str(folder / DUMP)], engine)
        done = _checked(engine, manifest)
    finally:
        engine.dispose()
    _move_files(folder, settings)
    return done


def _checked_file(database: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """Open the copy, ask SQLite whether it is whole, verify the ledger and count the rows."""
    engine = open_engine(f"sqlite:///{database}")
    try:
        with engine.connect() as connection:
            found = connection.execute(text("PRAGMA integrity_check")).scalar()
        if found != "ok":
            raise BadInput("backup_damaged", field="file", file=database.name)
        done = _checked(engine, manifest)
        with engine.connect() as connection:
            connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        engine.dispose()
    for rest in (database.with_name(database.name + "-wal"), database.with_name(database.name + "-shm")):
        rest.unlink(missing_ok=True)
    return done


def _checked(engine: Engine, manifest: dict[str, Any]) -> dict[str, Any]:
    counts = counted(engine)
    if counts != manifest["counts"]:
        raise BadInput("backup_counts_differ", field="file", found=json.dumps(counts), said=json.dumps(
            manifest["counts"]))
    with reading(engine) as session:
        lines, bad = ledger.verify_all(session)
    if bad is not None:
        raise BadInput("backup_ledger_broken", field="file", line=bad)
    return {"counts": counts, "ledger_lines": lines, "made_at": manifest["made_at"]}


def _move_files(folder: Path, settings: Settings) -> None:
    if (folder / "photos").is_dir():
        if settings.photos.is_dir():
            settings.photos.rmdir()
        os.replace(folder / "photos", settings.photos)
    if (folder / "basemap.pmtiles").is_file():
        os.replace(folder / "basemap.pmtiles", settings.basemap)
