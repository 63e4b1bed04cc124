"""What happened since somebody last looked, in words: the newest lines of the ledger gathered by thing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.issues.changes import Cursor
from civmap.issues.models import Issue
from civmap.issues.queries import visible
from civmap.issues.touching import OBJECTS, Story, stories
from civmap.people.models import Person
from civmap.people.rules import SEES_TRAIL, Viewer
from civmap.store.base import holds_at
from civmap.store.ledger import Entry
from civmap.store.prepared import Prepared, Shelf, asked, listed

MOST_LINES = 1_000
MOST_TOLD = 100
_LINES = Prepared(select(Entry.id, Entry.at, Entry.who, Entry.verb, Entry.kind, Entry.key).where(
    Entry.id > asked("after", Entry.id), Entry.who != asked("who", Entry.who), Entry.kind.in_([*OBJECTS, "issue"]),
).order_by(Entry.id.desc()).limit(MOST_LINES + 1))
_ISSUES: Shelf[Prepared] = Shelf()


def _issues(viewer: Viewer) -> Prepared:
    return Prepared(select(Issue.issue_no, Issue.class_code, Issue.geom, Issue.state).where(
        listed("keys", Issue.issue_no), visible(viewer, asked("now", Issue.due_at))))


@dataclass(frozen=True, slots=True)
class News:
    """One thing that others changed: what was done last, by whom (where the viewer may know), and where it lies."""

    layer: str
    code: str
    name: str
    verb: str
    who: str | None
    at: datetime
    times: int
    spot: tuple[float, float] | None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """All news, newest first: how many things, the first of them, and whether older lines were left unread."""

    total: int
    items: list[News]
    is_cut: bool


def report(session: Session, viewer: Viewer, cursor: Cursor, now: datetime, lang: str) -> Report:
    """Return what others did after a cursor to things that the viewer sees now."""
    lines = _LINES.rows(session, after=cursor.line, who=viewer.name)
    told = stories(reversed(lines[:MOST_LINES]))
    told.sort(key=lambda story: story.lines[-1].id, reverse=True)
    seen = {kind: _seen(session, viewer, kind, [one.key for one in told if one.kind == kind], now, lang)
            for kind in (*OBJECTS, "issue")}
    kept = [story for story in told if story.key in seen[story.kind]]
    items = [_news(viewer, story, seen[story.kind][story.key]) for story in kept[:MOST_TOLD]]
    return Report(len(kept), items, len(lines) > MOST_LINES)


def _news(viewer: Viewer, story: Story, found: tuple[str, Any, str | None]) -> News:
    name, geometry, state = found
    may_know = story.kind == "issue" or viewer.role in SEES_TRAIL
    layer = "issues" if story.kind == "issue" else OBJECTS[story.kind].layer
    return News(layer, story.key, name, story.verb, story.who if may_know else None, story.at, len(story.lines),
                _spot(geometry), state)


def _spot(geometry: Any) -> tuple[float, float] | None:
    if geometry is None:
        return None
    if isinstance(geometry, shapely.LineString):
        inside = geometry.interpolate(0.5, normalized=True)
    else:
        inside = geometry if isinstance(geometry, shapely.Point) else geometry.representative_point()
    return round(inside.x, 6), round(inside.y, 6)


def _seen(session: Session, viewer: Viewer, kind: str, keys: list[str], now: datetime,
          lang: str) -> dict[str, tuple[str, Any, str | None]]:
    """Return name, geometry and state by key of the things that a viewer sees."""
    if not keys:
        return {}
    if kind == "issue":
        rows = _ISSUES.of(viewer.scope, lambda: _issues(viewer)).rows(session, keys=keys, now=now)
        classes = dictionaries.issue_classes()
        return {row.issue_no: (classes[row.class_code].name(lang), row.geom, row.state) for row in rows}
    room = OBJECTS[kind]
    geometry = room.model.seat if kind == "unit" else room.model.geom
    found = session.execute(select(room.model.code, room.model.name, geometry).where(
        room.model.code.in_(keys), room.visible(viewer), holds_at(room.model, now)))
    return {code: (name or code, shape, None) for code, name, shape in found}


def full_names(session: Session, names: set[str]) -> dict[str, str]:
    """Return the full names of people by their sign-in names."""
    rows = session.execute(select(Person.name, Person.full_name).where(Person.name.in_(names)))
    return {name: full for name, full in rows if full}
