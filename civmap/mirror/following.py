"""The mirror follows the ledger: every request compares the newest line with what it knows, and reads what changed.

Each process has its own. Tables are immutable and swapped under a lock; an older read transaction gets the newer table.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import RLock
from time import monotonic
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.mirror import kinds, tables
from civmap.mirror.kinds import OF_LEDGER, SOURCES
from civmap.mirror.tables import Table
from civmap.store import wide
from civmap.store.ledger import Entry
from civmap.store.prepared import Prepared, asked
from civmap.zones.rules import BORDERS

MOST_LINES = 5000
"""Further behind than this, reading everything anew is the shorter way."""
CHUNK = 400
VISITS = "visits"
"""The kind of changes that visits to points make; what is published at once has no code."""
PUBLISHED = frozenset({("draw", "publish"), ("route", "publish")})
LONGEST_SECONDS = 120.0
"""No read transaction lasts longer: a ledger that is still shorter then was brought back from a backup."""


_AT = Prepared(select(Entry.hash).where(Entry.id == asked("line", Entry.id)))
_LINES = Prepared(select(Entry.id, Entry.verb, Entry.kind, Entry.key).where(
    Entry.id > asked("after", Entry.id), Entry.id <= asked("last", Entry.id)).order_by(Entry.id))


@dataclass(frozen=True, slots=True)
class Change:
    """One line that concerns the map: the kind of thing and its code; `is_wide` moves other things' divisions too."""

    line: int
    kind: str
    code: str
    is_wide: bool = False


@dataclass(slots=True)
class Log:
    """The changes after line `start` up to line `end`."""

    start: int
    end: int
    changes: list[Change] = field(default_factory=list)

    def since(self, line: int) -> list[Change] | None:
        """Return what came after a line; None where that is longer ago than is remembered."""
        if line < self.start:
            return None
        return [change for change in self.changes if change.line > line] if line < self.end else []


@dataclass(frozen=True, slots=True)
class _Kept:
    table: Table
    line: int


class Mirror:
    """The tables of one process, as the newest ledger line left them."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.log: Log | None = None
        self._hash = ""
        self._grew = 0.0
        self._kept: dict[str, _Kept] = {}
        self._still = 0
        self.beside: dict[Any, Any] = {}

    def follow(self, session: Session) -> Log:
        """Return the log of changes up to the newest line that this session sees."""
        with self.lock:
            if self._still and self.log is not None:
                return self.log
            last, mark = _newest(session)
            if self.log is None or self._is_another_life(session, self.log, last, mark):
                self._forget(last)
            elif last > self.log.end:
                self._read_on(session, self.log, last)
            if last >= self.log.end and mark != self._hash:
                self._hash, self._grew = mark, monotonic()
            return self.log

    def _is_another_life(self, session: Session, log: Log, last: int, mark: str) -> bool:
        """Tell whether the ledger is not the one that was followed: a backup was brought back under our feet."""
        if last < log.end:
            return monotonic() - self._grew > LONGEST_SECONDS
        if last == log.end:
            return mark != self._hash
        return log.end > 0 and [row.hash for row in _AT.rows(session, line=log.end)] != [self._hash]

    @contextmanager
    def still(self, session: Session) -> Iterator[None]:
        """Follow once, and stay there for as long as the block answers one request."""
        with self.lock:
            self.follow(session)
            self._still += 1
            try:
                yield
            finally:
                self._still -= 1

    def table(self, session: Session, kind: str) -> Table:
        """Return the rows of a kind, at least as new as this session sees them."""
        with self.lock:
            log = self.follow(session)
            kept = self._kept.get(kind)
            if kept is None or (changes := log.since(kept.line)) is None:
                table: Table | None = tables.load(session, SOURCES[kind])
            elif kept.line >= log.end:
                return kept.table
            else:
                table = _caught_up(session, kept.table, changes) or tables.load(session, SOURCES[kind])
            self._kept[kind] = _Kept(table, seen_line(session, log))
            return table

    def holds(self, kind: str) -> bool:
        """Tell whether a kind has been read already, so that asking for it takes no time."""
        return kind in self._kept

    def _forget(self, last: int) -> None:
        self.log, self._kept = Log(last, last), {}
        self.beside.clear()

    def _read_on(self, session: Session, log: Log, last: int) -> None:
        if last - log.end > MOST_LINES:
            self.log = Log(last, last)
            return
        lines = _LINES.rows(session, after=log.end, last=last)
        if any(line.verb == wide.VERB for line in lines):
            self.log = Log(last, last)
            return
        if any(line.kind == "city" for line in lines):
            self._forget(last)
            return
        moved = _border_lines(session, log.end, last) if any(line.kind == "zone" for line in lines) else set()
        found = [Change(line.id, OF_LEDGER[line.kind].name, line.key, line.id in moved)
                 for line in lines if line.kind in OF_LEDGER]
        found += [Change(line.id, line.kind, "", True) for line in lines
                  if line.kind in SOURCES and line.verb != "export"]
        found += [Change(line.id, VISITS, line.key if line.kind == "visit" else "") for line in lines
                  if line.kind == "visit" or (line.kind, line.verb) in PUBLISHED]
        changes = sorted([*log.changes, *found], key=lambda change: change.line)
        if len(changes) > 2 * MOST_LINES:
            log.start, changes = changes[-MOST_LINES - 1].line, changes[-MOST_LINES:]
        log.changes, log.end = changes, last


def _newest(session: Session) -> tuple[int, str]:
    """Return number and hash of the newest line; asked several times a request, so past all machinery."""
    cursor = session.connection().connection.cursor()
    try:
        cursor.execute(f"SELECT id, hash FROM {Entry.__tablename__} ORDER BY id DESC LIMIT 1")
        row = cursor.fetchone()
    finally:
        cursor.close()
    return (int(row[0]), str(row[1])) if row else (0, "")


def seen_line(session: Session, log: Log) -> int:
    """Return the line up to which an answer of this session holds: an older transaction sees less than the log."""
    return min(log.end, _newest(session)[0])


def _border_lines(session: Session, after: int, last: int) -> set[int]:
    """Return the lines of zones that are or were borders: with those, the divisions of other things moved."""
    rows = session.execute(select(Entry.id, Entry.before, Entry.after).where(
        Entry.id > after, Entry.id <= last, Entry.kind == "zone"))
    return {row.id for row in rows if any((facts or {}).get("kind") in BORDERS for facts in (row.before, row.after))}


def codes_in(changes: Iterable[Change], kind: str) -> list[str]:
    """Return the codes of a kind that changed, each once."""
    return list(dict.fromkeys(change.code for change in changes if change.kind == kind and change.code))


def _caught_up(session: Session, table: Table, changes: list[Change]) -> Table | None:
    """Return the table with the rows that changed read again; None where that cannot be done row by row."""
    codes = codes_in(changes, table.source.name)
    for start in range(0, len(codes), CHUNK):
        ids = kinds.ids_of(session, table.source, codes[start:start + CHUNK])
        if ids:
            following = table.with_rows(kinds.read(session, table.source, table.words, ids))
            if following is None:
                return None
            table = following
    return table
