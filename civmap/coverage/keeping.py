"""The state of the coverage in a server's memory: checked whole once, then following the ledger."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.coverage import reading
from civmap.coverage.following import followed
from civmap.coverage.state import State, whole
from civmap.store.ledger import Entry

MOST_LINES = 400
"""Further behind than this, checking everything is the shorter way."""
WIDE = frozenset({"city", "zones", "segments"})
BEARS_ON_IT = WIDE | {"zone", "segment", "point", "points", "unit", "units"}
MOST_ANSWERS = 64
Line = tuple[int, str]


@dataclass(slots=True)
class _Kept:
    line: Line
    state: State


class Watch:
    """The coverage of one database, as the newest line of its ledger left it."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.kept: _Kept | None = None
        self.answers: dict[Hashable, Any] = {}

    def state(self, session: Session, second: float) -> State:
        """Return the state as this session sees it."""
        return self.seen(session, second)[0]

    def seen(self, session: Session, second: float) -> tuple[State, dict[Hashable, Any]]:
        """Return the state as this session sees it, and what was answered from it so far."""
        with self.lock:
            line, zones, streets = self._behind(session)
            if self.kept is not None and second >= self.kept.state.until:
                self.answers = {}
            if self.kept is None or zones is None or second < self.kept.state.at:
                self.kept = _Kept(line, whole(session, second))
            elif zones or streets or second >= self.kept.state.until:
                ids = reading.ids_of(session, sorted(zones))
                self.kept = _Kept(line, followed(session, self.kept.state, ids, streets, second))
            else:
                self.kept.line = line
            return self.kept.state, self.answers

    def _behind(self, session: Session) -> tuple[Line, set[str] | None, set[str]]:
        """Return the newest line and the codes of zones and segments that changed since ours; None: too much."""
        if self.kept is None:
            return _newest(session), None, set()
        ours, *later = session.execute(
            select(Entry.id, Entry.hash, Entry.kind, Entry.key, Entry.verb).where(Entry.id >= self.kept.line[0])
            .order_by(Entry.id).limit(MOST_LINES + 2)).all() or [None]
        if ours is None or (ours.id, ours.hash) != self.kept.line or len(later) > MOST_LINES:
            self.answers = {}
            return _newest(session), None, set()
        newest = (later[-1].id, later[-1].hash) if later else self.kept.line
        if any(line.kind in BEARS_ON_IT for line in later):
            self.answers = {}
        if any(line.kind in WIDE and line.verb != "export" for line in later):
            return newest, None, set()
        return newest, {line.key for line in later if line.kind == "zone"}, {
            line.key for line in later if line.kind == "segment"}


def _newest(session: Session) -> Line:
    found = session.execute(select(Entry.id, Entry.hash).order_by(Entry.id.desc()).limit(1)).first()
    return (found.id, found.hash) if found else (0, "")


_WATCHES: "WeakKeyDictionary[Any, Watch]" = WeakKeyDictionary()


def keep_for(engine: Any) -> None:
    """Keep the coverage of a database in memory from now on: for a server, which answers many times."""
    _WATCHES.setdefault(engine.pool, Watch())


def state_of(session: Session, now: datetime) -> State:
    """Return how the zones fit together now."""
    watch = _WATCHES.get(getattr(session.get_bind(), "pool", None))
    return whole(session, now.timestamp()) if watch is None else watch.state(session, now.timestamp())


def remembered(session: Session, now: datetime, key: Hashable, work: Callable[[State], Any]) -> Any:
    """Return what a piece of work makes of the state; in a server the same answer again until something is edited."""
    watch = _WATCHES.get(getattr(session.get_bind(), "pool", None))
    if watch is None:
        return work(whole(session, now.timestamp()))
    state, known = watch.seen(session, now.timestamp())
    if (answer := known.get(key)) is None:
        answer = work(state)
        with watch.lock:
            while len(known) >= MOST_ANSWERS:
                known.pop(next(iter(known)))
            known[key] = answer
    return answer
