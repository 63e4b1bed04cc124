"""What the guards need to know of issues at a moment, gathered from their rows, pleas and suspensions."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.calendar import Limit, WorkCalendar, due_at
from civmap.city.hours import office_calendar
from civmap.issues import customs, rules
from civmap.issues.models import Issue, Plea, Suspension
from civmap.store.ledger import Entry

RETURNABLE = ("dispatched", "in_progress")
CHUNK = 500


def of(session: Session, issue: Issue, now: datetime) -> rules.Standing:
    """Return what the guards need to know of one issue."""
    return of_many(session, [issue], now)[issue.id]


def of_many(session: Session, issues: Sequence[Issue], now: datetime) -> dict[int, rules.Standing]:
    """Return what the guards need to know of many issues, by their ids, in a few questions."""
    asked, hung, hands = _asked(session, issues), _hung(session, issues), _hands(session, issues)
    workflow = customs.workflow(session)
    is_returnable = any(issue.state in RETURNABLE for issue in issues)
    calendar = office_calendar(session) if is_returnable else None
    window = Limit.parse(workflow.return_window)
    return {issue.id: rules.Standing(
        issue.state, issue.unit_id, issue.handled_by, issue.is_designated, issue.started_at is not None,
        issue.reported_by, is_fixed_on_spot=issue.fixed_on_spot, return_until=_until(issue, window, calendar),
        due_at=issue.due_at, resolved_at=issue.resolved_at, extension_count=issue.extension_count,
        most_extensions=workflow.most_extensions, was_suspended=issue.id in hung,
        asked=tuple(asked.get(issue.id, ())), handlers=frozenset(hands.get(issue.issue_no, ())), now=now)
        for issue in issues}


def _until(issue: Issue, window: Limit, calendar: WorkCalendar | None) -> datetime | None:
    """Return the end of the window in which a unit may send an issue back."""
    if calendar is None or issue.dispatched_at is None or issue.state not in RETURNABLE:
        return None
    return due_at(window, issue.dispatched_at, calendar)


def _asked(session: Session, issues: Sequence[Issue]) -> dict[int, list[rules.Asked]]:
    found: dict[int, list[rules.Asked]] = {}
    for ids in _chunks(issues):
        for plea in session.execute(select(Plea.issue_id, Plea.kind, Plea.state, Plea.asked_by, Plea.first_by)
                                    .where(Plea.issue_id.in_(ids)).order_by(Plea.id)):
            found.setdefault(plea.issue_id, []).append(rules.Asked(*plea[1:]))
    return found


def _hung(session: Session, issues: Sequence[Issue]) -> set[int]:
    return {issue_id for ids in _chunks(issues) for issue_id in session.scalars(
        select(Suspension.issue_id).where(Suspension.issue_id.in_(ids)))}


def _hands(session: Session, issues: Sequence[Issue]) -> dict[str, set[str]]:
    """Return who has ever fed an issue back that waits for its check, by its number: none of them may check it."""
    found: dict[str, set[str]] = {}
    numbers = [issue.issue_no for issue in issues if issue.state == "resolved"]
    if numbers:
        for number, who in session.execute(select(Entry.key, Entry.who).where(
                Entry.kind == "issue", Entry.key.in_(numbers), Entry.verb == "feedback")):
            found.setdefault(number, set()).add(who)
    return found


def _chunks(issues: Sequence[Issue]) -> list[list[int]]:
    ids = [issue.id for issue in issues]
    return [ids[start:start + CHUNK] for start in range(0, len(ids), CHUNK)]
