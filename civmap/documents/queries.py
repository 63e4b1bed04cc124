"""Ask about numbered papers: which a viewer sees, and what is kept of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, false, func, select, true
from sqlalchemy.orm import Session, defer

from civmap.clock import iso
from civmap.documents.sheets import Addressed
from civmap.errors import NotFound
from civmap.issues import lines
from civmap.issues.lines import Line
from civmap.issues.models import Issue, Notice, NoticeIssue, Photo
from civmap.issues.queries import visible as issue_visible
from civmap.people.models import Person
from civmap.people.rules import Viewer, phone_for
from civmap.store import ledger
from civmap.store.listing import one_of
from civmap.units.models import Unit

KINDS = ("dispatch_sheet", "rectification", "supervision")
SIDES = ("before", "after")


def visible(viewer: Viewer, now: datetime) -> Any:
    """Return the condition of the notices a viewer sees: those to their own units, and those whose issues they all see.

    A notice without issues is for those who see everything.
    """
    if viewer.sees_all:
        return true()
    of_it = NoticeIssue.notice_id == Notice.id
    is_seen = func.coalesce(issue_visible(viewer, now), false())  # NULL is not seen
    hidden = exists().where(of_it, NoticeIssue.issue_id == Issue.id, ~is_seen)
    some = exists().where(of_it)
    return Notice.unit_id.in_(viewer.unit_ids) | (some & ~hidden) if viewer.unit_ids else some & ~hidden


def by_id(session: Session, viewer: Viewer, notice_id: int, now: datetime) -> Notice:
    """Return a notice that a viewer sees; raise NotFound."""
    notice = session.scalar(select(Notice).where(Notice.id == notice_id, visible(viewer, now)))
    if notice is None:
        raise NotFound("notice_not_found", field="id", id=notice_id)
    return notice


@dataclass(frozen=True, slots=True)
class Asked:
    """Which notices are asked for."""

    kind: str | None = None
    unit: str | None = None
    issue: str | None = None
    limit: int = 100
    after: int | None = None


def listed(session: Session, viewer: Viewer, now: datetime, asked: Asked) -> list[dict[str, Any]]:
    """Return notices as programs and pages read them, the newest first."""
    wanted = select(Notice).where(visible(viewer, now)).order_by(Notice.id.desc()).limit(asked.limit).options(
        defer(Notice.facts))
    if asked.kind:
        wanted = wanted.where(Notice.kind == asked.kind)
    if asked.unit:
        wanted = wanted.where(Notice.unit_id.in_(select(Unit.id).where(Unit.code == asked.unit)))
    if asked.issue:
        about = select(NoticeIssue.notice_id).join(Issue, Issue.id == NoticeIssue.issue_id)
        wanted = wanted.where(Notice.id.in_(about.where(Issue.issue_no == asked.issue)))
    if asked.after is not None:
        wanted = wanted.where(Notice.id < asked.after)
    return told(session, list(session.scalars(wanted)))


def told(session: Session, notices: Sequence[Notice]) -> list[dict[str, Any]]:
    """Return what is told of notices: number, kind, level, unit, when, by whom, and of how many issues."""
    ids = [notice.id for notice in notices]
    counts = {row[0]: row[1] for row in session.execute(
        select(NoticeIssue.notice_id, func.count()).where(NoticeIssue.notice_id.in_(ids))
        .group_by(NoticeIssue.notice_id))}
    units = {row.id: row for row in session.execute(select(Unit.id, Unit.code, Unit.name).where(
        Unit.id.in_({notice.unit_id for notice in notices if notice.unit_id})))}
    names = {row[0]: row[1] for row in session.execute(select(Person.name, Person.full_name).where(
        Person.name.in_({notice.issued_by for notice in notices})))}
    rows = []
    for notice in notices:
        unit = units.get(notice.unit_id or 0)
        rows.append({"id": notice.id, "number": notice.number, "kind": notice.kind, "level": notice.level,
                     "unit": unit.code if unit else None, "unit_name": unit.name if unit else None,
                     "issued_at": iso(notice.issued_at), "issued_by": notice.issued_by,
                     "issued_by_name": names.get(notice.issued_by) or notice.issued_by,
                     "issue_count": counts.get(notice.id, 0)})
    return rows


def issue_numbers(session: Session, notice: Notice) -> list[str]:
    """Return the numbers of the issues that a notice speaks of."""
    return list(session.scalars(select(Issue.issue_no).join(NoticeIssue, NoticeIssue.issue_id == Issue.id).where(
        NoticeIssue.notice_id == notice.id).order_by(Issue.id)))


def kept_lines(session: Session, notice: Notice, lang: str, now: datetime) -> list[Line]:
    """Return the lines kept with a notice; of one that kept none, how its issues stand now.

    Everything is as it was issued but for faces and plates that were covered since: they stay covered.
    """
    kept = notice.facts.get("lines")
    if kept:
        return _covered(session, kept[lang])
    ids = list(session.scalars(select(NoticeIssue.issue_id).where(NoticeIssue.notice_id == notice.id)))
    return lines.of(session, ids, now)[lang]


def _covered(session: Session, kept: Sequence[Line]) -> list[Line]:
    ids = {photo["id"] for line in kept for side in SIDES for photo in line[side]}
    covered = {row.id: row.masked_file for row in session.execute(select(Photo.id, Photo.masked_file).where(
        one_of(Photo.id, sorted(ids)), Photo.masked_file.is_not(None)))} if ids else {}
    return [{**line, **{side: [{**photo, "file": covered.get(photo["id"], photo["file"])} for photo in line[side]]
                        for side in SIDES}} for line in kept]


def addressed(session: Session, viewer: Viewer, notice: Notice) -> Addressed:
    """Return whom a notice goes to: the name as it was kept, the phone as this viewer may see it."""
    unit = session.get(Unit, notice.unit_id) if notice.unit_id else None
    if unit is None:
        return Addressed()
    return Addressed(unit.code, str(notice.facts.get("unit_name") or unit.name),
                     phone_for(viewer, unit.phone, unit.id) or "")


def trail(session: Session, notice: Notice) -> list[dict[str, Any]]:
    """Return when a notice was issued and printed, and by whom, oldest first."""
    return [{"at": iso(entry.at), "who": entry.who, "verb": entry.verb,
             "format": (entry.after or {}).get("format")}
            for entry in ledger.history(session, "notice", notice.number)]
