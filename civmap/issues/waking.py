"""Time passes: issues come back from suspension on their day, and levels of supervision are reached (rules 8 and 14).

Nothing runs beside the product for this: whoever reads or changes issues next wakes first what is due by itself.
Everything happens in the order of its own moments, and stands in the ledger with them, by the actor `clock`.
"""

import logging
import threading
import time
from datetime import datetime, timedelta

from sqlalchemy import Engine, exists, select, update
from sqlalchemy.orm import Session

from civmap.city.hours import office_calendar
from civmap.errors import CivmapError
from civmap.issues import actions
from civmap.issues.deadlines import RESUME, Ring, next_ring
from civmap.issues.models import Issue
from civmap.issues.notices import CLOCK
from civmap.issues.rescheduling import pauses_of
from civmap.store import ledger
from civmap.store.database import reading, writing
from civmap.store.editing import one_at_a_time

WAKING_LOCK = 360_202
AT_ONCE = 25
MOMENT = timedelta(seconds=1)
_ONE_AT_A_TIME = threading.Lock()
log = logging.getLogger("civmap.issues.waking")


def is_due(session: Session, now: datetime) -> bool:
    """Tell whether anything is due by itself: one look at an index."""
    return bool(session.scalar(select(exists().where(Issue.rouse_at <= now))))


def wake(session: Session, now: datetime, most: int | None = None) -> int:
    """Do what is due by itself up to a moment, oldest first, in the running transaction; return how much was done."""
    one_at_a_time(session, WAKING_LOCK)
    done = 0
    while (most is None or done < most) and (issue := _next(session, now)) is not None:
        _rouse(session, issue)
        done += 1
    return done


def _next(session: Session, now: datetime) -> Issue | None:
    """Return the next issue that is due; one that somebody is changing is left to the next look (PostGIS).

    To wait for it here, with the ledger already locked, is to wait for somebody who waits for the ledger.
    """
    return session.scalar(select(Issue).where(Issue.rouse_at <= now).order_by(Issue.rouse_at, Issue.id).limit(1)
                          .with_for_update(of=Issue, skip_locked=True).execution_options(populate_existing=True))


def _rouse(session: Session, issue: Issue) -> None:
    """Do the one thing that is due on an issue; what cannot be done is noted and asked no more."""
    due, calendar = issue.rouse_at, office_calendar(session)
    if due is None:
        return
    ring = next_ring(issue, calendar, after=due - MOMENT, pauses=pauses_of(session, [issue.id])[issue.id])
    if ring is None or ring.at > due:
        _ask_again(session, issue, ring.at if ring else None)
        return
    try:
        with session.begin_nested():
            _perform(session, issue, ring, due)
    except CivmapError as problem:
        log.warning("issue %s could not be woken: %s", issue.issue_no, problem)
        _ask_again(session, issue, None)
        ledger.record(session, CLOCK.actor, "not_woken", "issue", issue.issue_no, at=due,
                      after={"why": ring.why, "code": problem.code})


def _perform(session: Session, issue: Issue, ring: Ring, at: datetime) -> None:
    if ring.why == RESUME:
        actions.resume_by_itself(session, issue, at)
    else:
        actions.supervise_by_itself(session, issue, ring.level or 1, ring.why, at)
    if issue.rouse_at is not None and issue.rouse_at < at:
        raise CivmapError("clock_runs_back", no=issue.issue_no)


def _ask_again(session: Session, issue: Issue, at: datetime | None) -> None:
    """Write when an issue rings next, without making it another version: nothing has happened to it."""
    session.execute(update(Issue).where(Issue.id == issue.id).values(rouse_at=at, version=Issue.version)
                    .execution_options(synchronize_session=False))
    session.expire(issue)


def wake_up(engine: Engine, now: datetime, seconds: float | None = None) -> int:
    """Do what is due by itself in transactions of their own; return how much was done.

    One thread of a process does so, the others go on as they are; `seconds` bounds how long a request may take, the
    next one carries on.
    """
    with reading(engine) as session:
        if not is_due(session, now):
            return 0
    if not _ONE_AT_A_TIME.acquire(blocking=seconds is None):
        return 0
    try:
        total, began = 0, time.monotonic()
        while True:
            with writing(engine) as session:
                done = wake(session, now, AT_ONCE)
            total += done
            if done < AT_ONCE or (seconds is not None and time.monotonic() - began > seconds):
                return total
    finally:
        _ONE_AT_A_TIME.release()
