"""The ledger (留痕): an append-only, hash-chained line for every change.

Each line's hash covers its content and the hash before it, so a line cannot be changed, dropped or slipped in
unnoticed. One transaction at a time appends (SpatiaLite: BEGIN IMMEDIATE; PostGIS: an advisory lock).
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import shapely
from sqlalchemy import JSON, String, func, insert, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from civmap.store.base import Base, UtcDateTime

FIRST_HASH = "0" * 64
LOCK_KEY = 360_199
REHEARSAL = "civmap_rehearsal"
"""In the `info` of a session that tries things and keeps nothing: it writes no lines and waits for no lock."""
SECRETS = ("password_hash", "token_hash", "feed_hash")


class Entry(Base):
    """One line: who did what to which thing, when, from where, and how the thing was before and after."""

    __tablename__ = "ledger_entry"

    at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    who: Mapped[str] = mapped_column(String(64), nullable=False)
    via: Mapped[str] = mapped_column(String(16), nullable=False)
    verb: Mapped[str] = mapped_column(String(32), nullable=False)
    kind: Mapped[str] = mapped_column(String(32), nullable=False)
    key: Mapped[str] = mapped_column(String(64), nullable=False, index=True)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    previous_hash: Mapped[str] = mapped_column(String(64), nullable=False)
    hash: Mapped[str] = mapped_column(String(64), nullable=False, unique=True)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and through which door (page, api, cli, demo)."""

    name: str
    via: str = "cli"


@dataclass(frozen=True, slots=True)
class Line:
    """A change to be written down."""

    at: datetime
    who: str
    via: str
    verb: str
    kind: str
    key: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


def plain(value: Any) -> Any:
    """Return a value as JSON keeps it: moments as ISO text in UTC, geometries as WKT at 9 decimals."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, shapely.Geometry):
        return shapely.to_wkt(value, rounding_precision=9)
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value


def row_facts(row: Any) -> dict[str, Any]:
    """Return a stored row's columns as plain values, for `before` and `after`."""
    names = (column.key for column in row.__mapper__.column_attrs)
    return {name: plain(getattr(row, name)) for name in names if name not in ("id", *SECRETS)}


def line_hash(previous: str, line: Line) -> str:
    """Return the SHA-256 of a line's content chained to the hash before it."""
    content = [previous, plain(line.at), line.who, line.via, line.verb, line.kind, line.key,
               plain(line.before), plain(line.after)]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True,
                                     separators=(",", ":")).encode()).hexdigest()


def record(session: Session, actor: Actor, verb: str, kind: str, key: str, *, at: datetime,
           before: dict[str, Any] | None = None, after: dict[str, Any] | None = None) -> None:
    """Write one line."""
    append(session, [Line(at, actor.name, actor.via, verb, kind, key, before, after)])


def append(session: Session, lines: Sequence[Line]) -> None:
    """Write many lines in the given order."""
    if not lines or REHEARSAL in session.info:
        return
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
    session.flush()
    previous = last_hash(session)
    rows = []
    for line in lines:
        digest = line_hash(previous, line)
        rows.append({"at": line.at, "who": line.who, "via": line.via, "verb": line.verb, "kind": line.kind,
                     "key": line.key, "before": plain(line.before), "after": plain(line.after),
                     "previous_hash": previous, "hash": digest})
        previous = digest
    session.execute(insert(Entry), rows)


def history(session: Session, kind: str, key: str) -> list[Entry]:
    """Return the lines of one thing, oldest first; what a wide line tells of it stands as a line of its own."""
    from civmap.store import wide

    own = session.scalars(select(Entry).where(Entry.kind == kind, Entry.key == key)).all()
    return sorted([*own, *wide.of_thing(session, kind, key)], key=lambda entry: entry.id)


def last_id(session: Session) -> int:
    """Return the number of the newest line, 0 in an empty ledger."""
    return session.scalar(select(func.max(Entry.id))) or 0


def last_hash(session: Session) -> str:
    """Return the hash of the newest line: it stands for the whole ledger, also where a backup was brought back."""
    return session.scalar(select(Entry.hash).order_by(Entry.id.desc()).limit(1)) or FIRST_HASH


def verify(entries: Iterable[Entry]) -> tuple[int, int | None]:
    """Return how many lines are good and the id of the first bad one (None where the whole chain holds)."""
    previous, good = FIRST_HASH, 0
    for entry in entries:
        line = Line(entry.at, entry.who, entry.via, entry.verb, entry.kind, entry.key, entry.before, entry.after)
        if entry.previous_hash != previous or entry.hash != line_hash(previous, line):
            return good, entry.id
        previous, good = entry.hash, good + 1
    return good, None


def verify_all(session: Session) -> tuple[int, int | None]:
    """Verify the stored chain from its first line, streaming, and that its wide lines are found."""
    from civmap.store import wide

    with closing(session.scalars(select(Entry).order_by(Entry.id).execution_options(yield_per=500))) as entries:
        good, bad = verify(entries)
    return good, wide.lost(session) if bad is None else bad
