"""Wind the clock of an issue when it is handed over, extended, stopped, started again, or done (`domain.md` §4).

The clock runs from dispatch to feedback. A campaign moves no deadline that runs, each step only adds to it; when the
calendar changes, `rescheduling` moves those that follow from it.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.calendar import AROUND_THE_CLOCK, Limit, Pause, WorkCalendar, due_at, warnings_of, worked
from civmap.city.hours import campaign_factor, office_calendar
from civmap.issues import deadlines
from civmap.issues.models import Issue, Suspension

RUNNING = ("dispatched", "in_progress", "suspended", "rework")


def hand_over(session: Session, issue: Issue, limit: Limit, now: datetime) -> None:
    """Give an issue its deadline: the limit times the campaign factor of this moment."""
    issue.time_limit, issue.limit_factor, issue.dispatched_at = str(limit), campaign_factor(session), now
    issue.due_soon_at, issue.due_at = deadlines.moments(limit, now, office_calendar(session),
                                                        factor=issue.limit_factor)


def extend(session: Session, issue: Issue) -> None:
    """Add the original limit once more behind the deadline; due soon is then 75 % of the whole."""
    if issue.due_at is None or issue.dispatched_at is None:
        return
    calendar, pauses, limit = office_calendar(session), pauses_of(session, issue), _whole(issue)
    issue.due_at = due_at(limit, issue.due_at, calendar)
    share = float(deadlines.DUE_SOON_SHARE)
    if limit.unit in AROUND_THE_CLOCK:
        total = issue.due_at - issue.dispatched_at
        used = [(max(begin, issue.dispatched_at), end) for begin, end in pauses if end]
        hours = (total.total_seconds() - sum((end - begin).total_seconds() for begin, end in used if end > begin))
        issue.due_soon_at = due_at(Limit(hours * share / 3600, "urgent_hour"), issue.dispatched_at, calendar, pauses)
    else:
        seconds = worked(issue.dispatched_at, issue.due_at, calendar, pauses).total_seconds()
        issue.due_soon_at = due_at(Limit(seconds * share / 3600, "work_hour"), issue.dispatched_at, calendar, pauses)


def restart(session: Session, issue: Issue, share: float, now: datetime) -> None:
    """Give a share of the original limit anew from a moment on, where that ends later than the deadline."""
    if share <= 0 or issue.due_at is None:
        return
    soon, due = deadlines.moments(_whole(issue).times(share), now, office_calendar(session))
    if due > issue.due_at:
        issue.due_soon_at, issue.due_at = soon, due


def go_on(session: Session, issue: Issue, since: datetime, until: datetime) -> None:
    """Move the deadline of an issue whose clock stood still from a moment to another: what was left runs on."""
    calendar, unit = office_calendar(session), _whole(issue).unit
    issue.due_soon_at = _moved(issue.due_soon_at, since, until, unit, calendar)
    issue.due_at = _moved(issue.due_at, since, until, unit, calendar)


def _moved(moment: datetime | None, since: datetime, until: datetime, unit: str,
           calendar: WorkCalendar) -> datetime | None:
    if moment is None or moment <= since:
        return moment
    if unit in AROUND_THE_CLOCK:
        return moment + (until - since)
    left = worked(since, moment, calendar).total_seconds() / 3600
    return due_at(Limit(left, "work_hour"), until, calendar)


def handled_seconds(session: Session, issue: Issue, now: datetime) -> int | None:
    """Return the working seconds from dispatch to now, suspensions left out."""
    if issue.dispatched_at is None:
        return None
    return deadlines.handled_seconds(issue.dispatched_at, now, office_calendar(session), pauses_of(session, issue))


def warnings(session: Session, issue: Issue) -> list[str]:
    """Return the codes of what a deadline should be told with: a year whose days off nobody has said."""
    if issue.state not in RUNNING or not (issue.dispatched_at and issue.due_at):
        return []
    if _whole(issue).unit in AROUND_THE_CLOCK:
        return []
    return warnings_of(issue.dispatched_at, issue.due_at, office_calendar(session))


def wind(session: Session, issue: Issue, now: datetime) -> None:
    """Write when something next happens to an issue by itself."""
    issue.rouse_at = deadlines.rouse_at(issue, office_calendar(session), after=now, pauses=pauses_of(session, issue))


def pauses_of(session: Session, issue: Issue) -> list[Pause]:
    """Return the spans in which an issue hung on the books; one that lasts ends when it is to come back."""
    found = session.scalars(select(Suspension).where(Suspension.issue_id == issue.id).order_by(Suspension.id))
    return [(one.began_at, one.ended_at or one.until) for one in found]


def _whole(issue: Issue) -> Limit:
    limit = Limit.parse(issue.time_limit) if issue.time_limit else dictionaries.issue_classes()[issue.class_code].limit
    return limit.times(issue.limit_factor)
