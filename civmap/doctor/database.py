"""What the doctor looks at in the database: extension, schema, integrity, spatial index, ledger, photos, passwords."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from civmap import clock
from civmap.city.hours import office_calendar
from civmap.city.models import City
from civmap.config import Settings
from civmap.doctor.findings import Finding, refusal
from civmap.doctor.machine import unknown_years
from civmap.errors import CivmapError
from civmap.issues.models import Photo
from civmap.messages.outbox import waiting_since
from civmap.messages.rules import LONG
from civmap.people import passwords
from civmap.people.models import Person
from civmap.schema import standing
from civmap.schema.tables import metadata
from civmap.store import ledger
from civmap.store.base import Geom
from civmap.store.database import MINIMUM_SQLITE, open_engine, reading

WEAK_PASSWORDS = ("yunxi-{name}", "{name}", "{name}123", "password12", "1234567890", "0123456789")
"""The demo's passwords, printed for everybody, and notorious ones of at least ten characters."""
SHOWN = 5


def look(settings: Settings) -> Iterator[Finding]:
    """Yield what is wrong with the city's database; one that cannot be opened is one finding."""
    if settings.is_embedded:
        file = Path(str(make_url(settings.database_url).database))
        if not file.is_file():
            yield Finding("database_missing", "error", {"file": file})
            return
    try:
        engine = open_engine(settings.database_url)
        try:
            yield from _look_inside(engine, settings)
        finally:
            engine.dispose()
    except CivmapError as problem:
        yield refusal(problem)
    except _broken() as problem:
        yield Finding("database_damaged", "error", {"what": str(getattr(problem, "orig", problem))[:200]})


def _broken() -> tuple[type[Exception], ...]:
    """Return what a damaged database raises: wrapped by SQLAlchemy, or bare while it connects."""
    from pysqlite3 import dbapi2

    return DBAPIError, dbapi2.DatabaseError


def _look_inside(engine: Engine, settings: Settings) -> Iterator[Finding]:
    with reading(engine) as session:
        yield from (_sqlite(session) if engine.dialect.name == "sqlite" else _postgis(session))
    present, newest = standing.present(engine), standing.newest()
    if present != newest:
        yield Finding("schema_not_current", "error", {"present": present or "—", "newest": newest})
        return
    with reading(engine) as session:
        city = session.scalar(select(City).limit(1))
        if city is None:
            yield Finding("no_city_yet", "warning")
            return
        lines, bad = ledger.verify_all(session)
        if bad is not None:
            yield Finding("ledger_broken", "error", {"line": bad, "good": lines})
        yield from unknown_years(clock.office_day(clock.now()), office_calendar(session))
        yield from _photos(session, settings.photos)
        yield from _messages(session, settings)
        if not city.is_demo:
            yield from _weak_passwords(session)
        elif settings.public_url:
            yield Finding("demo_public", "warning", {"url": settings.public_url})


def _sqlite(session: Session) -> Iterator[Finding]:
    version = str(session.scalar(text("SELECT sqlite_version()")))
    if tuple(int(part) for part in version.split(".")) < MINIMUM_SQLITE:
        yield Finding("sqlite_old", "error", {"found": version})
    if not session.scalar(text("SELECT spatialite_version()")):
        yield Finding("spatialite_silent", "error")
    answers = [str(row[0]) for row in session.execute(text("PRAGMA integrity_check(10)"))]
    if answers != ["ok"]:
        yield Finding("database_damaged", "error", {"what": "; ".join(answers)[:300]})
    for table, column in _indexed_columns():
        known = session.scalar(text("SELECT count(*) FROM sqlite_master WHERE name = :name"), {
            "name": f"idx_{table}_{column}"})
        if known and session.scalar(text("SELECT CheckSpatialIndex(:table, :column)"), {
                "table": table, "column": column}) != 1:
            yield Finding("spatial_index_broken", "error", {"table": table, "column": column})


def _indexed_columns() -> Iterator[tuple[str, str]]:
    for table in metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Geom) and column.type.spatial_index:
                yield table.name, column.name


def _postgis(session: Session) -> Iterator[Finding]:
    if not session.scalar(text("SELECT count(*) FROM pg_extension WHERE extname = 'postgis'")):
        yield Finding("postgis_missing", "error")


def _photos(session: Session, folder: Path) -> Iterator[Finding]:
    kept = (name for row in session.execute(select(Photo.file, Photo.masked_file)) for name in row if name)
    missing = [name for name in kept if not (folder / name).is_file()]
    if missing:
        total = session.scalar(select(func.count()).select_from(Photo))
        yield Finding("photos_missing", "error", {"missing": len(missing), "total": total, "first": missing[:SHOWN]})


def _messages(session: Session, settings: Settings) -> Iterator[Finding]:
    count, oldest, reason = waiting_since(session)
    if oldest is not None and clock.now() - oldest > LONG:
        facts = {"count": count, "minutes": int((clock.now() - oldest).total_seconds() // 60), "reason": reason or "—"}
        yield Finding("messages_waiting" if settings.channels else "messages_without_channel", "warning", facts)


def _weak_passwords(session: Session) -> Iterator[Finding]:
    """Look for the demo's and other notorious passwords among those who may change most; each try costs 30 ms."""
    powerful = session.execute(select(Person.name, Person.password_hash).where(
        Person.is_active, Person.role.in_(("admin", "dispatcher"))).order_by(Person.id).limit(20))
    weak = [name for name, kept in powerful
            if kept and any(passwords.matches(kept, guess.format(name=name)) for guess in WEAK_PASSWORDS)]
    if weak:
        yield Finding("passwords_weak", "error", {"names": weak})
