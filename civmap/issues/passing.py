"""Time passing: which issues change their colour by the clock alone, and when the next one will."""

from collections import OrderedDict
from datetime import datetime, timedelta
from functools import partial
from threading import Lock
from typing import Any

from sqlalchemy import and_, func, or_, select, true
from sqlalchemy.orm import Session

from civmap.issues import rules
from civmap.issues.models import Issue
from civmap.issues.queries import visible
from civmap.people.rules import Viewer
from civmap.store.prepared import Prepared, Shelf, asked, listed

SECOND = timedelta(seconds=1)
RUNNING = Issue.state.concat("").in_(rules.RUNNING)  # not by the index of states: the moments narrow far more
MOST_KEPT = 512
CHUNKS = (50, 500, 1_000)
MOST_AT_ONCE = 5_000
_KEPT: OrderedDict[tuple[Any, ...], datetime | None] = OrderedDict()
_LOCK = Lock()
_CHUNKS: Shelf[Prepared] = Shelf()
_SOONEST: Shelf[Prepared] = Shelf()


def _turned() -> Prepared:
    seen, now = asked("seen", Issue.due_at), asked("now", Issue.due_at)
    late = and_(Issue.due_at >= seen, Issue.due_at < now)
    soon = and_(Issue.due_soon_at > seen, Issue.due_soon_at <= now, Issue.due_at >= now)
    return Prepared(select(Issue.id).where(or_(late, soon), RUNNING).limit(MOST_AT_ONCE))


_TURNED = _turned()


def next_status_at(session: Session, viewer: Viewer, now: datetime, cursor: tuple[int, str]) -> datetime | None:
    """Return when the next issue that this viewer sees turns due soon or overdue; None where none will.

    It is asked once per line of the ledger and reach: nothing else moves it but the moment itself.
    """
    key = (cursor, viewer.scope)
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
    late, soon = _first(session, viewer, now, "due_at"), _first(session, viewer, now, "due_soon_at")
    return min((moment for moment in (late + SECOND if late else None, soon) if moment), default=None)


def _chunk(name: str, is_first: bool, size: int) -> Prepared:
    moment = getattr(Issue, name)
    begin = asked("begin", moment)
    ahead = moment >= begin if is_first and name == "due_at" else moment > begin
    return Prepared(select(Issue.id, moment.label("at")).where(ahead, RUNNING).order_by(moment).limit(size))


def _soonest(viewer: Viewer, name: str) -> Prepared:
    # Whoever sees only what is overdue must know of the moment when something becomes it.
    seen = true() if viewer.role == "discipline" else visible(viewer, asked("now", Issue.due_at))
    return Prepared(select(func.min(getattr(Issue, name)).label("at")).where(listed("ids", Issue.id), seen))


def _first(session: Session, viewer: Viewer, now: datetime, name: str) -> datetime | None:
    """Return the first moment ahead of an issue that the viewer sees, looking at a chunk of issues after the other.

    After some chunks without one it is the moment up to which was looked: when to ask again.
    """
    last = now
    for place, size in enumerate(CHUNKS):
        key = (name, not place, size)
        rows = _CHUNKS.of(key, partial(_chunk, *key)).rows(session, begin=last)
        if not rows:
            return None
        soonest = _SOONEST.of((name, viewer.scope), lambda: _soonest(viewer, name))
        found: datetime | None = soonest.rows(session, ids=[row.id for row in rows], now=now)[0].at
        if found is not None or len(rows) < size:
            return found
        last = max(row.at for row in rows)
    return last


def flipped(session: Session, viewer: Viewer, seen: datetime, now: datetime,
            most: int) -> list[tuple[Any, str, datetime]] | None:
    """Return the issues that turned due soon or overdue between two moments, each with what it became and when.

    None stands for more than `most`.
    """
    ids = [row.id for row in _TURNED.rows(session, seen=seen, now=now)]
    if not ids:
        return []
    if len(ids) == MOST_AT_ONCE:
        return None
    columns = (Issue.id, Issue.issue_no, Issue.point_id, Issue.segment_id, Issue.unit_id, Issue.geom, Issue.due_at,
               Issue.due_soon_at)
    rows = session.execute(select(*columns).where(Issue.id.in_(ids), visible(viewer, now)).limit(most + 1)).all()
    if len(rows) > most:
        return None
    return [(row, "overdue", row.due_at) if row.due_at < now else (row, "due_soon", row.due_soon_at) for row in rows]
