"""Time passing: which issues change their colour by the clock alone, and when the next one will."""

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from sqlalchemy import and_, or_, select, true
from sqlalchemy.orm import Session

from civmap.issues import rules
from civmap.issues.models import Issue
from civmap.issues.queries import visible
from civmap.people.rules import Viewer

SECOND = timedelta(seconds=1)
MOST_KEPT = 512
_KEPT: OrderedDict[tuple[Any, ...], datetime | None] = OrderedDict()
_LOCK = Lock()


def reach_of(viewer: Viewer) -> tuple[Any, ...]:
    """Return what a viewer's sight depends on; those who see everything share one."""
    if viewer.sees_all:
        return ("all",)
    return (viewer.name, viewer.role, viewer.territory, viewer.unit_ids, viewer.segment_codes, viewer.unit_categories)


def next_status_at(session: Session, viewer: Viewer, now: datetime, cursor: tuple[int, str]) -> datetime | None:
    """Return when the next issue that this viewer sees turns due soon or overdue; None where none will.

    It is asked once per line of the ledger and reach: nothing else moves it but the moment itself.
    """
    key = (cursor, reach_of(viewer))
    with _LOCK:
        if cursor[0] and key in _KEPT and ((kept := _KEPT[key]) is None or kept > now):
            _KEPT.move_to_end(key)
            return kept
    found = _next(session, viewer, now)
    with _LOCK:
        _KEPT[key] = found
        while len(_KEPT) > MOST_KEPT:
            _KEPT.popitem(last=False)
    return found


def _next(session: Session, viewer: Viewer, now: datetime) -> datetime | None:
    # Whoever sees only what is overdue must know of the moment when something becomes it.
    seen = true() if viewer.role == "discipline" else visible(viewer, now)
    running = Issue.state.in_(rules.RUNNING)
    late = session.scalar(select(Issue.due_at).where(Issue.due_at >= now, running, seen)
                          .order_by(Issue.due_at).limit(1))
    soon = session.scalar(select(Issue.due_soon_at).where(Issue.due_soon_at > now, running, seen)
                          .order_by(Issue.due_soon_at).limit(1))
    return min((moment for moment in (late + SECOND if late else None, soon) if moment), default=None)


def flipped(session: Session, viewer: Viewer, seen: datetime, now: datetime,
            most: int) -> list[tuple[Any, str, datetime]]:
    """Return the issues that turned due soon or overdue between two moments, each with what it became and when."""
    late = and_(Issue.due_at >= seen, Issue.due_at < now)
    soon = and_(Issue.due_soon_at > seen, Issue.due_soon_at <= now, Issue.due_at >= now)
    columns = (Issue.id, Issue.issue_no, Issue.point_id, Issue.segment_id, Issue.unit_id, Issue.geom, Issue.due_at,
               Issue.due_soon_at)
    rows = session.execute(select(*columns).where(or_(late, soon), Issue.state.in_(rules.RUNNING),
                                                  visible(viewer, now)).limit(most))
    return [(row, "overdue", row.due_at) if row.due_at < now else (row, "due_soon", row.due_soon_at) for row in rows]
