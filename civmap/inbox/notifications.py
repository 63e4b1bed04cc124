"""What one should know: the newest lines of the ledger that concern a viewer, and how far they have been read."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civmap.issues import happenings
from civmap.issues.happenings import Happening
from civmap.issues.models import Issue
from civmap.issues.queries import visible
from civmap.people.models import Person
from civmap.people.rules import Viewer
from civmap.store import ledger
from civmap.store.ledger import Entry
from civmap.store.prepared import Prepared, Shelf, asked, listed

MOST = 200
MOST_LINES = 20_000
DAYS = timedelta(days=30)
UNREAD_DAYS = timedelta(days=3)
MOST_KEPT = 500
PORTION = 400
_KEPT: OrderedDict[tuple[Any, ...], int] = OrderedDict()
_LOCK = Lock()
_SEEN: Shelf[Prepared] = Shelf()
_PORTION = Prepared(select(Entry.id, Entry.at, Entry.who, Entry.verb, Entry.key).where(
    Entry.id > asked("lowest", Entry.id), Entry.id < asked("last", Entry.id), Entry.kind == "issue",
    Entry.at > asked("begin", Entry.at), Entry.verb.in_(happenings.VERBS), Entry.who != asked("who", Entry.who),
).order_by(Entry.id.desc()).limit(PORTION))
_AFTERS = Prepared(select(Entry.id, Entry.after).where(listed("ids", Entry.id)))


def _seen(viewer: Viewer) -> Prepared:
    return Prepared(select(Issue.id, Issue.issue_no, Issue.class_code, Issue.unit_id, Issue.reported_by, Issue.state,
                           Issue.point_id, Issue.segment_id).where(
                               listed("keys", Issue.issue_no), visible(viewer, asked("now", Issue.due_at))))


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that happened to an issue and concerns the viewer."""

    line: int
    at: datetime
    who: str
    told: Happening
    issue: Any
    is_new: bool


def newest(session: Session, viewer: Viewer, now: datetime, most: int = MOST) -> list[Note]:
    """Return what concerns a viewer, newest first, of issues that they see now; not what they did themselves."""
    return _notes(session, viewer, now, read_to(session, viewer), most)


def _notes(session: Session, viewer: Viewer, now: datetime, read: int | None, most: int,
           only_new: bool = False) -> list[Note]:
    found: list[Note] = []
    begin = now - UNREAD_DAYS if only_new and read is None else now - DAYS
    for line, issue, after in _lines(session, viewer, begin, now, read if only_new and read else 0):
        told = happenings.of(line.verb, after)
        if told is None or not happenings.concerns(viewer, told, issue.unit_id, issue.reported_by):
            continue
        is_new = line.id > read if read is not None else line.at > now - UNREAD_DAYS
        found.append(Note(line.id, line.at, line.who, told, issue, is_new))
        if len(found) >= most:
            break
    return found


def _lines(session: Session, viewer: Viewer, begin: datetime, now: datetime,
           above: int) -> Iterator[tuple[Any, Any, Any]]:
    """Yield the newest lines by others, the issues that the viewer sees and what was written, portion by portion.

    Joined, a database may begin with every issue of a territory; so the lines come first, and they are bounded. What
    was written is read only of lines whose verb does not say it all.
    """
    last = ledger.last_id(session) + 1
    lowest = max(last - 1 - MOST_LINES, above)
    while True:
        lines = _PORTION.rows(session, lowest=lowest, last=last, begin=begin, who=viewer.name)
        keys = sorted({line.key for line in lines})
        statement = _SEEN.of(viewer.scope, lambda: _seen(viewer))
        seen = {row.issue_no: row for row in statement.rows(session, keys=keys, now=now)} if keys else {}
        kept = [line for line in lines if line.key in seen]
        ids = [line.id for line in kept if line.verb not in happenings.PLAIN]
        afters = {row.id: row.after for row in _AFTERS.rows(session, ids=ids)} if ids else {}
        yield from ((line, seen[line.key], afters.get(line.id)) for line in kept)
        if len(lines) < PORTION:
            return
        last = lines[-1].id


def unread(session: Session, viewer: Viewer, now: datetime) -> int:
    """Return how many notes are new; asked once per line of the ledger, person and place up to which was read."""
    key = (viewer.name, viewer.role, viewer.scope, ledger.last_hash(session), read_to(session, viewer), now.date())
    with _LOCK:
        if key in _KEPT:
            return _KEPT[key]
    found = sum(note.is_new for note in _notes(session, viewer, now, key[4], MOST, only_new=True))
    with _LOCK:
        _KEPT[key] = found
        while len(_KEPT) > MOST_KEPT:
            _KEPT.popitem(last=False)
    return found


def read_to(session: Session, viewer: Viewer) -> int | None:
    """Return the last line that a viewer has read, None where they never did."""
    return session.scalar(select(Person.read_entry_id).where(Person.id == viewer.person_id))


def mark_read(session: Session, viewer: Viewer, line: int | None) -> int:
    """Remember up to which line a viewer has read: what is newer stays new; it never goes back. Return the line."""
    newest_line = ledger.last_id(session)
    wanted = min(line if line is not None else newest_line, newest_line)
    reached = max(wanted, read_to(session, viewer) or 0)
    session.execute(update(Person).where(Person.id == viewer.person_id).values(read_entry_id=reached))
    return reached
