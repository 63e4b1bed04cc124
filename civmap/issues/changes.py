"""What changed since a cursor, as one viewer may know it: read from the ledger, with the counts that moved along.

A cursor is the number of a ledger line and the beginning of its hash, so that a restored database is noticed. Who
could not see a thing before and cannot now learns nothing; who could before hears only that it is gone.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.errors import Invalid
from civmap.issues import passing, touching
from civmap.issues.models import Issue
from civmap.issues.queries import visible
from civmap.people.rules import SEES_COVERT, Viewer
from civmap.store.base import holds_at
from civmap.store.ledger import Entry
from civmap.store.prepared import Prepared, Shelf, asked, listed

MOST_LINES = 300
COUNTS = "counts"
_CURSOR = re.compile(r"(\d{1,18})(?:-([0-9a-f]{8}))?")


class Cursor(NamedTuple):
    """A place in the ledger: the number of a line and the beginning of its hash ('' where it is not known)."""

    line: int
    mark: str = ""

    @property
    def text(self) -> str:
        """Return the cursor as programs carry it."""
        return f"{self.line}-{self.mark}" if self.mark else str(self.line)


class Told(NamedTuple):
    """One thing that changed; `verb` is the ledger's, or `counts` where only the issues on it changed."""

    kind: str
    code: str
    verb: str
    at: datetime
    is_own: bool = False


@dataclass(slots=True)
class Changes:
    """What to refresh, what to take away, and what to ask for anew."""

    cursor: Cursor
    told: dict[tuple[str, str], Told] = field(default_factory=dict)
    gone: set[tuple[str, str]] = field(default_factory=set)
    reload: tuple[str, ...] = ()
    next_status_at: datetime | None = None

    def tell(self, told: Told) -> None:
        """Take one in; what was done to a thing itself stands before what was only counted on it."""
        known = self.told.get((told.kind, told.code))
        if known is None or known.verb == COUNTS or told.verb != COUNTS:
            self.told[told.kind, told.code] = told


def parse(text: str) -> Cursor:
    """Return a written cursor; raise Invalid where it is none."""
    found = _CURSOR.fullmatch(text.strip())
    if found is None:
        raise Invalid("cursor_malformed", field="since", value=text[:40])
    return Cursor(int(found[1]), found[2] or "")


# Asked by every map every few seconds: put together once.
_NEWEST = Prepared(select(Entry.id, Entry.hash).order_by(Entry.id.desc()).limit(1))
_AHEAD = Prepared(select(Entry.id, Entry.hash).where(Entry.id >= asked("line", Entry.id)).order_by(Entry.id)
                  .limit(MOST_LINES + 2))
_LINES = Prepared(select(Entry.id, Entry.hash, Entry.at, Entry.who, Entry.verb, Entry.kind, Entry.key, Entry.before,
                         Entry.after).where(Entry.id > asked("after", Entry.id), Entry.id <= asked("last", Entry.id))
                  .order_by(Entry.id))
_OBJECTS: Shelf[Prepared] = Shelf()
_ISSUES: Shelf[Prepared] = Shelf()


def newest(session: Session) -> Cursor:
    """Return the cursor of the present moment."""
    rows = _NEWEST.rows(session)
    return Cursor(rows[0].id, rows[0].hash[:8]) if rows else Cursor(0)


def since(session: Session, viewer: Viewer, cursor: Cursor, now: datetime, seen: datetime | None = None) -> Changes:
    """Return what changed after a cursor; `seen` is the moment of the last answer, for colours the clock changed.

    A cursor that is too old, or of another life of the database, is answered by asking for everything anew.
    """
    ahead = _AHEAD.rows(session, line=cursor.line)
    if not _follows(cursor, ahead) or len(ahead) > MOST_LINES + 1:
        found = Changes(newest(session), reload=touching.ALL)
    else:
        last = ahead[-1] if ahead else None
        found = Changes(Cursor(last.id, last.hash[:8]) if last else cursor)
        if found.cursor.line > cursor.line:
            _read(session, viewer, found, cursor.line, now)
    if seen is not None and not found.reload:
        _flips(session, viewer, found, seen, now)
    found.next_status_at = passing.next_status_at(session, viewer, now, found.cursor)
    return found


def _follows(cursor: Cursor, ahead: Sequence[Any]) -> bool:
    """Tell whether the ledger still holds the line of a cursor as it was."""
    if cursor.line == 0:
        return not cursor.mark
    return bool(ahead) and ahead[0].id == cursor.line and ahead[0].hash.startswith(cursor.mark)


def _read(session: Session, viewer: Viewer, found: Changes, after: int, now: datetime) -> None:
    lines = _LINES.rows(session, after=after, last=found.cursor.line)
    if any(touching.moves_everything(viewer, line) for line in lines):
        found.reload = touching.ALL
        return
    stories = touching.stories(lines)
    touched = touching.Touched()
    for kind in touching.OBJECTS:
        _objects(session, viewer, found, [story for story in stories if story.kind == kind], kind, now, touched)
    _issues(session, viewer, found, [story for story in stories if story.kind == "issue"], now)
    _count(session, viewer, found, touched, now)
    _visits(session, viewer, found, lines, now)


def _objects(session: Session, viewer: Viewer, found: Changes, stories: list[touching.Story], kind: str,
             now: datetime, touched: touching.Touched) -> None:
    if not stories:
        return
    room = touching.OBJECTS[kind]
    rows = _OBJECTS.of((kind, viewer.scope), lambda: _objects_seen(viewer, room)).rows(
        session, keys=[story.key for story in stories], now=now)
    seen = {row.code for row in rows if row.seen}
    for story in stories:
        place = (room.layer, story.key)
        if story.key in seen:
            found.tell(Told(*place, story.verb, story.at, story.who == viewer.name))
        elif room.was_visible(session, viewer, story, now):
            found.gone.add(place)
        else:
            continue
        touched.by_object(story)


def _objects_seen(viewer: Viewer, room: touching.Room) -> Prepared:
    model = room.model
    is_seen = room.visible(viewer) & holds_at(model, asked("now", Entry.at))
    return Prepared(select(model.code, is_seen.label("seen")).where(listed("keys", model.code)))


def _issues_seen(viewer: Viewer) -> Prepared:
    columns = [getattr(Issue, name) for name in touching.ISSUE_FACTS]
    return Prepared(select(*columns, visible(viewer, asked("now", Entry.at)).label("seen")).where(
        listed("keys", Issue.issue_no)))


def _issues(session: Session, viewer: Viewer, found: Changes, stories: list[touching.Story],
            now: datetime) -> None:
    if not stories:
        return
    rows = {row.issue_no: row for row in _ISSUES.of(viewer.scope, lambda: _issues_seen(viewer)).rows(
        session, keys=[story.key for story in stories], now=now)}
    for story in stories:
        row = rows.get(story.key)
        if row is None:
            continue
        if row.seen:
            found.tell(Told("issues", story.key, story.verb, story.at, story.who == viewer.name))
        elif touching.issue_was_visible(session, viewer, story, row._asdict()):
            found.gone.add(("issues", story.key))
        else:
            continue
        if story.is_counted:
            for layer, code, at in touching.counted_on(session, viewer, story, row, now):
                found.tell(Told(layer, code, COUNTS, at))


def _count(session: Session, viewer: Viewer, found: Changes, touched: touching.Touched, now: datetime) -> None:
    for layer, code, at in touching.things(session, viewer, touched, now):
        found.tell(Told(layer, code, COUNTS, at))


def _visits(session: Session, viewer: Viewer, found: Changes, lines: Sequence[Any], now: datetime) -> None:
    """Tell the points that somebody was at, as what was counted on them; of hidden visits only who knows of them."""
    first = [line for line in lines if line.kind == "visit" and line.before is None and line.after]
    told = {str(line.after.get("point") or ""): line.at for line in first
            if viewer.role in SEES_COVERT or not line.after.get("is_covert")}
    told.pop("", None)
    if told:
        rows = _OBJECTS.of(("point", viewer.scope), lambda: _objects_seen(viewer, touching.OBJECTS["point"])).rows(
            session, keys=list(told), now=now)
        for row in rows:
            if row.seen:
                found.tell(Told("points", row.code, COUNTS, told[row.code]))


def _flips(session: Session, viewer: Viewer, found: Changes, seen: datetime, now: datetime) -> None:
    """Tell the issues whose colour the clock alone has changed between two moments."""
    rows = passing.flipped(session, viewer, seen, now, MOST_LINES)
    if rows is None:
        found.reload = touching.ALL
        return
    if not rows:
        return
    touched = touching.Touched()
    for row, verb, at in rows:
        if ("issues", row.issue_no) not in found.told:
            found.tell(Told("issues", row.issue_no, verb, at))
        touched.by_row(row, at)
    _count(session, viewer, found, touched, now)


def as_json(found: Changes, now: str, iso: Any, weights: Mapping[tuple[str, str], Any] = MappingProxyType({}),
            ) -> dict[str, Any]:
    """Return the changes as programs read them; `iso` writes moments, `weights` are told beside what they weigh on."""
    if found.reload:
        told: Iterable[Told] = ()
    else:
        told = found.told.values()
    return {
        "cursor": found.cursor.text, "at": now,
        "changes": [{"kind": one.kind, "code": one.code, "verb": one.verb, "at": iso(one.at),
                     **({"own": True} if one.is_own else {}), **weights.get((one.kind, one.code), {})} for one in told],
        "gone": [{"kind": kind, "code": code} for kind, code in sorted(found.gone)] if not found.reload else [],
        "reload": list(found.reload), "next_status_at": iso(found.next_status_at)}
