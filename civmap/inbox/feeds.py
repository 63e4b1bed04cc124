"""What happened to the issues of a unit, for feed readers: newest lines of the ledger, as a viewer may see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from civmap import dictionaries, texts
from civmap.issues import happenings
from civmap.issues.happenings import without_phones
from civmap.issues.models import AssistingUnit, Issue
from civmap.issues.queries import visible
from civmap.people.rules import Viewer
from civmap.store import ledger
from civmap.store.ledger import Entry
from civmap.store.spatial import intersects
from civmap.units.models import Unit

MOST = 100
MOST_LINES = 50_000
VERBS = ("report", "file", "acknowledge", "start", *happenings.VERBS)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that happened: `mark` is the hash of its line, which never changes."""

    mark: str
    at: datetime
    title: str
    words: str
    issue_no: str


def items(session: Session, viewer: Viewer, unit: Unit, now: datetime, lang: str) -> list[Item]:
    """Return what happened to the issues that a unit answers for or helps with, newest first."""
    helped = select(AssistingUnit.issue_id).where(AssistingUnit.unit_id == unit.id)
    return _items(session, viewer, or_(Issue.unit_id == unit.id, Issue.id.in_(helped)), now, lang)


def items_within(session: Session, viewer: Viewer, area: BaseGeometry, now: datetime, lang: str) -> list[Item]:
    """Return what happened to the issues that lie in an area (EPSG:4326), newest first."""
    return _items(session, viewer, intersects(Issue.geom, area), now, lang)


def _items(session: Session, viewer: Viewer, which: Any, now: datetime, lang: str) -> list[Item]:
    lines = session.execute(
        select(Entry.hash, Entry.at, Entry.verb, Entry.after, Issue.issue_no, Issue.class_code, Issue.description)
        .join(Issue, and_(Entry.kind == "issue", Issue.issue_no == Entry.key))
        .where(Entry.id > ledger.last_id(session) - MOST_LINES, Entry.verb.in_(VERBS), visible(viewer, now), which)
        .order_by(Entry.id.desc()).limit(MOST))
    return [_item(line, lang) for line in lines]


def _item(line: Any, lang: str) -> Item:
    title = texts.say(lang, "feed.item", what=verb_words(line.verb, line.after, lang), no=line.issue_no,
                      name=dictionaries.issue_classes()[line.class_code].name(lang))
    return Item(line.hash, line.at, title, without_phones(line.description), line.issue_no)


def verb_words(verb: str, after: Any, lang: str) -> str:
    """Return what a line says was done, in words."""
    told = happenings.of(verb, after)
    if told is None:
        return texts.say(lang, f"ledger.verb.{verb}")
    plea = texts.say(lang, f"ledger.verb.{told.plea}") if told.plea else ""
    return texts.say(lang, f"happening.{told.kind}", level=told.level or "", plea=plea)
