"""Undoing an import as a whole: what it made goes, what it changed is put back; what was touched since stays.

Last comes first. A thing that other records refer to is retired instead of deleted, or kept where it cannot be; who
asks is told which, and why.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.city import holidays
from civmap.city.hours import office_calendar
from civmap.imports import rules, taking_away
from civmap.imports.capturing import CHANGED, MADE
from civmap.imports.models import Import, Imported
from civmap.imports.taking_away import DELETED, Desk
from civmap.issues import divisions, rescheduling
from civmap.people.rules import Viewer
from civmap.store import ledger
from civmap.store.base import Base
from civmap.store.editing import one_at_a_time
from civmap.zones.carrying import DRAWING_KEY
from civmap.zones.rules import BORDERS

VERB = taking_away.VERB
UNDOING, TOLD_EVERY, MOST_TOLD = "undoing", 100, 500
PORTION = 2_000
Tell = Callable[[str, int, int], None]


@dataclass
class Undone:
    """What was done, by way, and what stays although it was the import's."""

    counts: Counter[str] = field(default_factory=Counter)
    stays: list[dict[str, Any]] = field(default_factory=list)

    def note(self, kind: str, key: str, why: str) -> None:
        """Note what became of a thing."""
        group = why if why in (DELETED, "restored", "retired") else "kept"
        self.counts[group] += 1
        if why not in (DELETED, "restored", "gone") and len(self.stays) < MOST_TOLD:
            self.stays.append({"kind": kind, "key": key, "why": why})

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {"counts": {name: self.counts[name] for name in (DELETED, "restored", "retired", "kept")},
                "stays": self.stays}


def undo(session: Session, viewer: Viewer, run: Import, now: datetime, tell: Tell) -> dict[str, Any]:
    """Undo in the open transaction; return what was done and what stays, and why."""
    rules.must(viewer, run.kind)
    one_at_a_time(session, DRAWING_KEY)
    desk, undone, calendar = Desk(session, viewer, now), Undone(), office_calendar(session)
    total = session.query(Imported).filter(Imported.import_id == run.id).count()
    for done, thing in enumerate(_last_first(session, run.id)):
        if done % TOLD_EVERY == 0:
            tell(UNDOING, done, total)
        if thing.last_id is not None:
            for kind, key, why in taking_away.run(desk, thing):
                undone.note(kind, key, why)
        elif thing.did == MADE:
            _noted(undone, taking_away.made(desk, thing))
        elif thing.did == CHANGED:
            _noted(undone, taking_away.changed(desk, thing))
        else:
            taking_away.removed(desk, thing)
    session.flush()
    _follow(session, viewer, run.kind, calendar, now)
    told = undone.as_json()
    run.state, run.undone_at, run.undone_by, run.token, run.error = rules.UNDONE, now, viewer.name, None, None
    run.evidence = {**run.evidence, "undo": told}
    session.flush()
    if any(told["counts"].values()):
        things = "units" if run.kind == "shops" else run.kind  # who keeps units in memory reads them anew
        ledger.record(session, viewer.actor, VERB, things, run.code, at=now, after={
            "file": run.file_name, **told["counts"]})
    return told


def _noted(undone: Undone, found: tuple[str, str, str] | None) -> None:
    if found is not None:
        undone.note(*found)


def _last_first(session: Session, import_id: int) -> Iterator[Imported]:
    """Yield what an import did: things that refer to others first, and of each table the youngest first."""
    places = {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}
    kinds = session.scalars(select(Imported.kind).where(Imported.import_id == import_id).distinct()).all()
    for kind in sorted(kinds, key=lambda name: -places.get(name, 0)):
        last = None
        while True:
            asked = select(Imported).where(Imported.import_id == import_id, Imported.kind == kind)
            if last is not None:
                asked = asked.where(Imported.id < last)
            rows = session.scalars(asked.order_by(Imported.id.desc()).limit(PORTION)).all()
            if not rows:
                break
            last = rows[-1].id
            yield from sorted(rows, key=lambda row: (row.did != CHANGED, row.id), reverse=True)


def _follow(session: Session, viewer: Viewer, kind: str, calendar: Any, now: datetime) -> None:
    if kind == "zones":
        divisions.follow(session, BORDERS[0], now)
    if kind == "holidays":
        holidays.brought(session, viewer, 0, now)
        rescheduling.follow(session, viewer, calendar, office_calendar(session), now)
