"""One file that holds the whole city: the database, the photos and the basemap, with counts and hashes.

The database is copied by `VACUUM INTO` (SpatiaLite) or `pg_dump` (PostGIS), never by copying the live file: plain
copies were stale in 26 of 30 tries and corrupt in 6 (`engineering.md` §6). The secret key stays at home.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.engine import make_url

import civmap
from civmap.clock import iso
from civmap.config import Settings
from civmap.errors import Conflict, NotFound, Unavailable
from civmap.schema import standing
from civmap.schema.tables import MODELS
from civmap.store.database import open_engine, reading

MANIFEST = "manifest.json"
DATABASE = "database.sqlite"
DUMP = "database.dump"
FORMAT = 1
STORED = (".jpg", ".jpeg", ".png", ".webp", ".pmtiles")
Progress = Callable[[str], None]


def write(engine: Engine, settings: Settings, target: Path, now: datetime,
          progress: Progress | None = None) -> dict[str, Any]:
    """Write the backup to `target` and return its manifest; an unfinished one never gets the name.

    Raise Conflict where the file exists, NotFound where its folder does not, Unavailable where `pg_dump` is missing.
    """
    if target.exists():
        raise Conflict("backup_exists", field="file", file=target.name)
    if not target.parent.is_dir():
        raise NotFound("folder_not_found", field="file", folder=str(target.parent))
    unfinished = target.with_name(f".{target.name}.part")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".civmap-backup-") as folder:
            manifest = _pack(engine, settings, unfinished, Path(folder), now, progress or (lambda step: None))
        os.replace(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def _pack(engine: Engine, settings: Settings, unfinished: Path, folder: Path, now: datetime,
          progress: Progress) -> dict[str, Any]:
    progress("database")
    database, counts = _copied_database(engine, folder)
    files: dict[str, dict[str, Any]] = {}
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as pack:
        for name, path in [(database.name, database), *_members(settings)]:
            progress(name)
            files[name] = _add(pack, name, path)
        manifest = {"format": FORMAT, "civmap": civmap.__version__, "made_at": iso(now),
                    "database": "spatialite" if engine.dialect.name == "sqlite" else "postgis",
                    "schema": standing.present(engine), "counts": counts, "files": files}
        pack.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
        out.flush()
    with unfinished.open("rb") as done:
        os.fsync(done.fileno())
    return manifest


def _copied_database(engine: Engine, folder: Path) -> tuple[Path, dict[str, int]]:
    """Copy the database and count the rows of the copy, so that a row written meanwhile makes no difference."""
    if engine.dialect.name == "sqlite":
        copy = folder / DATABASE
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            cursor = connection.connection.cursor()
            cursor.execute("VACUUM INTO ?", (str(copy),))
            cursor.close()
        opened = open_engine(f"sqlite:///{copy}")
        try:
            return copy, counted(opened)
        finally:
            opened.dispose()
    copy = folder / DUMP
    counts = counted(engine)
    run_tool("pg_dump", ["--format=custom", "--no-owner", f"--file={copy}"], engine)
    return copy, counts


def run_tool(tool: str, arguments: list[str], engine: Engine) -> None:
    """Run a PostgreSQL client tool on the engine's database; raise Unavailable where it is missing or fails."""
    found = shutil.which(tool)
    if found is None:
        raise Unavailable("database_tool_missing", tool=tool)
    url = make_url(engine.url).set(drivername="postgresql")
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    done = subprocess.run([found, *arguments, f"--dbname={url.set(password=None).render_as_string(False)}"],
                          env={**os.environ, **secret}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable("database_tool_failed", tool=tool, problem=done.stderr.strip()[-200:])


def _members(settings: Settings) -> Iterator[tuple[str, Path]]:
    if settings.basemap.is_file():
        yield "basemap.pmtiles", settings.basemap
    if settings.photos.is_dir():
        for path in sorted(settings.photos.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield f"photos/{path.relative_to(settings.photos).as_posix()}", path


def _add(pack: zipfile.ZipFile, name: str, path: Path) -> dict[str, Any]:
    digest = hashlib.sha256()
    info = zipfile.ZipInfo.from_file(path, name)
    info.compress_type = zipfile.ZIP_STORED if path.suffix.lower() in STORED else zipfile.ZIP_DEFLATED
    with path.open("rb") as source, pack.open(info, "w", force_zip64=True) as target:
        while piece := source.read(1 << 20):
            digest.update(piece)
            target.write(piece)
    return {"bytes": path.stat().st_size, "sha256": digest.hexdigest()}


def counted(engine: Engine) -> dict[str, int]:
    """Return how many rows every table of the city holds."""
    with reading(engine) as session:
        return {model.__tablename__: session.scalar(select(func.count()).select_from(model)) or 0
                for model in MODELS}
