"""Numbered papers of the office (督办单、交办单、整改通知书): one row each, numbered by kind and year, no gap."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civmap import clock
from civmap.calendar import Limit, due_at
from civmap.city.hours import office_calendar
from civmap.clock import iso
from civmap.issues import lines
from civmap.issues.models import Issue, Notice, NoticeIssue
from civmap.people.rules import Viewer
from civmap.store import ledger
from civmap.store.editing import one_at_a_time
from civmap.units.models import Unit

NOTICE_LOCK = 360_203
SIGNS: Mapping[str, str] = {"supervision": "督", "dispatch_sheet": "交", "rectification": "改"}
REPLY_WITHIN = Limit.parse("1 work_day")
CLOCK = Viewer(name="clock", role="admin", via="clock")
"""Who acts where nobody does: the clock."""


def issue_notice(session: Session, viewer: Viewer, kind: str, issues: Sequence[Issue], unit: Unit | None,
                 level: int | None, now: datetime, facts: Mapping[str, Any]) -> Notice:
    """Keep a notice about some issues under the next number of its kind and year, with its line in the ledger."""
    one_at_a_time(session, NOTICE_LOCK)
    year = clock.office_day(now).year
    last = session.scalar(select(func.max(Notice.serial)).where(Notice.kind == kind, Notice.year == year))
    serial = (last or 0) + 1
    notice = Notice(kind=kind, year=year, serial=serial, number=f"创建办{SIGNS[kind]}〔{year}〕{serial}号", level=level,
                    unit_id=unit.id if unit else None, issued_at=now, issued_by=viewer.name, facts=dict(facts))
    session.add(notice)
    session.flush()
    session.add_all(NoticeIssue(notice_id=notice.id, issue_id=issue.id) for issue in issues)
    session.flush()
    ledger.record(session, viewer.actor, "issue", "notice", notice.number, at=now, after={
        "kind": kind, "level": level, "unit": unit.code if unit else None, "facts": dict(facts),
        "issues": [issue.issue_no for issue in issues]})
    return notice


def supervise(session: Session, viewer: Viewer, issue: Issue, level: int, now: datetime,
              facts: Mapping[str, Any]) -> Notice:
    """Make the supervision notice of a level about one issue; the level itself is the step's to raise.

    It keeps how the issue stood, so that the paper can be printed again as it was issued, and until when to reply.
    """
    unit = session.get(Unit, issue.unit_id) if issue.unit_id else None
    return issue_notice(session, viewer, "supervision", [issue], unit, level, now, {
        **facts, "due_at": iso(issue.due_at), "state": issue.state, "unit_name": unit.name if unit else None,
        "reply_by": iso(due_at(REPLY_WITHIN, now, office_calendar(session))),
        "lines": lines.of(session, [issue.id], now)})


def of_issue(session: Session, issue: Issue) -> list[Notice]:
    """Return the notices that speak of an issue, oldest first."""
    return list(session.scalars(select(Notice).join(NoticeIssue, NoticeIssue.notice_id == Notice.id).where(
        NoticeIssue.issue_id == issue.id).order_by(Notice.id)))


def told_of(session: Session, issue: Issue) -> list[dict[str, Any]]:
    """Return what programs read of the notices about an issue, oldest first, without the lines they keep."""
    rows = session.execute(select(
        Notice.number, Notice.kind, Notice.level, Notice.issued_at, Notice.issued_by,
        Notice.facts["why"].as_string().label("why")).join(NoticeIssue, NoticeIssue.notice_id == Notice.id).where(
            NoticeIssue.issue_id == issue.id).order_by(Notice.id))
    return [{**row._asdict(), "issued_at": iso(row.issued_at)} for row in rows]
