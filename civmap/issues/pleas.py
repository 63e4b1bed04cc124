"""What a unit asks for and who decides it: extension, suspension, appeal (`domain.md` §4, rules 7, 8 and 9).

A unit's own reason asks and leaves the state; an office's decision answers. An extension is first seconded by the
unit's own head; an appeal is reviewed by two different people.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civmap.clock import iso
from civmap.errors import Invalid, NotAllowed
from civmap.issues import customs, rules, standing, timing
from civmap.issues.models import Issue, Plea, Suspension
from civmap.people.models import Person
from civmap.people.rules import Viewer
from civmap.units.queries import ancestor_ids

Told = Mapping[str, Any] | None
Said = Mapping[str, Any]
YEAR_DAYS = 365


def extend(session: Session, viewer: Viewer, issue: Issue, said: Said, now: datetime) -> Told:
    """Ask for once more the limit, second it, or decide it; granted, the deadline moves."""
    plea = _waiting(session, issue, "extension")
    if not said["decision"]:
        is_direct = viewer.role in (*rules.OFFICE_ROLES, "unit_head") or not _has_head(session, issue)
        return _ask(session, viewer, issue, "extend", plea, said, now, "seconded" if is_direct else "asked")
    plea = _to_decide(session, viewer, issue, "extend", plea, now)
    if plea.state == "asked":
        return _first(viewer, plea, said, now)
    _second(viewer, plea, said, now)
    if plea.state == "granted":
        issue.extension_count += 1
        timing.extend(session, issue)
    return _told(plea)


def suspend(session: Session, viewer: Viewer, issue: Issue, said: Said, now: datetime) -> Told:
    """Ask to hang it on the books, decide that, or (the office) hang it at once: the clock stops."""
    plea = _waiting(session, issue, "suspension")
    if said["decision"]:
        plea = _to_decide(session, viewer, issue, "suspend", plea, now)
        until = _until(session, said["until"] or plea.until, now) if said["decision"] == "grant" else None
        _second(viewer, plea, said, now)
        if until is not None:
            _hang(session, viewer, issue, plea.reason, until, now)
        return _told(plea)
    until = _until(session, said["until"], now)
    if viewer.role not in rules.OFFICE_ROLES:
        return _ask(session, viewer, issue, "suspend", plea, {**said, "until": until}, now, "asked")
    reason = _reason(said)
    if plea is not None:
        _second(viewer, plea, {"decision": "grant", "reason": reason}, now)
    _hang(session, viewer, issue, reason, until, now)
    return _told(plea) if plea is not None else None


def _until(session: Session, until: datetime | None, now: datetime) -> datetime:
    """Return the end of a suspension: it must be named, ahead, and within a year (or the city's own most)."""
    if until is None:
        raise Invalid("suspension_needs_end", field="until")
    if until <= now:
        raise Invalid("suspension_end_past", field="until")
    days = customs.workflow(session).suspension_days
    most = now + timedelta(days=days)
    if days == YEAR_DAYS and (now.month, now.day) != (2, 29):
        most = max(most, now.replace(year=now.year + 1))
    if until > most:
        raise Invalid("suspension_too_long", field="until", days=days)
    return until


def _hang(session: Session, viewer: Viewer, issue: Issue, reason: str, until: datetime, now: datetime) -> None:
    session.add(Suspension(issue_id=issue.id, reason=reason, began_at=now, until=until, granted_by=viewer.name))
    issue.state, issue.resumes_at = "suspended", until


def resume(session: Session, viewer: Viewer, issue: Issue, said: Said, now: datetime) -> Told:
    """Take it off the books: what was left of the limit runs on."""
    hung = session.scalar(select(Suspension).where(Suspension.issue_id == issue.id, Suspension.ended_at.is_(None))
                          .order_by(Suspension.id.desc()).limit(1))
    since = hung.began_at if hung else issue.suspended_at
    if hung is not None:
        hung.ended_at = now
    if since is not None:
        timing.go_on(session, issue, since, now)
    issue.resumes_at = None
    return None


def appeal(session: Session, viewer: Viewer, issue: Issue, said: Said, now: datetime) -> Told:
    """Ask that being late be dropped from the figures, or review that; granted twice, the fact stays all the same."""
    plea = _waiting(session, issue, "appeal")
    if not said["decision"]:
        return _ask(session, viewer, issue, "appeal", plea, said, now, "asked")
    plea = _to_decide(session, viewer, issue, "appeal", plea, now)
    if plea.state == "asked":
        return _first(viewer, plea, said, now)
    _second(viewer, plea, said, now)
    issue.is_overdue_waived = plea.state == "granted"
    return _told(plea)


def lapse(session: Session, issue: Issue, *kinds: str) -> Told:
    """Let what still waits for a decision (of some kinds, or all) fall: the issue has moved on without it."""
    which = Plea.kind.in_(kinds or tuple(rules.PLEAS.values()))
    done = session.execute(update(Plea).where(Plea.issue_id == issue.id, Plea.state.in_(rules.WAITING), which)
                           .values(state="lapsed", version=Plea.version + 1))
    return {"plea": {"state": "lapsed"}} if done.rowcount else None


def of_issue(session: Session, issue: Issue) -> list[Plea]:
    """Return everything a unit asked for about an issue, oldest first."""
    return list(session.scalars(select(Plea).where(Plea.issue_id == issue.id).order_by(Plea.id)))


def suspensions(session: Session, issue: Issue) -> list[dict[str, Any]]:
    """Return the spans in which an issue hung on the books, oldest first."""
    return [{"reason": one.reason, "began_at": iso(one.began_at), "until": iso(one.until),
             "ended_at": iso(one.ended_at), "granted_by": one.granted_by} for one in session.scalars(
                 select(Suspension).where(Suspension.issue_id == issue.id).order_by(Suspension.id))]


def as_json(plea: Plea) -> dict[str, Any]:
    """Return a plea as programs read it."""
    return {"kind": plea.kind, "state": plea.state, "reason": plea.reason, "until": iso(plea.until),
            "asked_at": iso(plea.asked_at), "asked_by": plea.asked_by, "first_at": iso(plea.first_at),
            "first_by": plea.first_by, "first_opinion": plea.first_opinion, "second_at": iso(plea.second_at),
            "second_by": plea.second_by, "second_opinion": plea.second_opinion}


def _waiting(session: Session, issue: Issue, kind: str) -> Plea | None:
    return session.scalar(select(Plea).where(Plea.issue_id == issue.id, Plea.kind == kind,
                                             Plea.state.in_(rules.WAITING)).order_by(Plea.id.desc()).limit(1))


def _has_head(session: Session, issue: Issue) -> bool:
    """Tell whether somebody at the head of the unit, or of one above it, could second."""
    ids = ancestor_ids(session, issue.unit_id) if issue.unit_id else ()
    return session.scalar(select(Person.id).where(Person.role == "unit_head", Person.is_active,
                                                  Person.unit_id.in_(ids)).limit(1)) is not None


def _reason(said: Said) -> str:
    if not said["reason"]:
        raise Invalid("field_missing", field="reason")
    return str(said["reason"])


def _ask(session: Session, viewer: Viewer, issue: Issue, verb: str, plea: Plea | None, said: Said, now: datetime,
         state: str) -> Told:
    if plea is not None:
        raise _not_now(session, viewer, issue, verb, "plea_waits", now)
    made = Plea(issue_id=issue.id, kind=rules.PLEAS[verb], state=state, reason=_reason(said), until=said.get("until"),
                asked_at=now, asked_by=viewer.name)
    session.add(made)
    return _told(made)


def _to_decide(session: Session, viewer: Viewer, issue: Issue, verb: str, plea: Plea | None, now: datetime) -> Plea:
    if plea is None:
        raise _not_now(session, viewer, issue, verb, "plea_not_asked", now)
    return plea


def _not_now(session: Session, viewer: Viewer, issue: Issue, verb: str, code: str, now: datetime) -> NotAllowed:
    return NotAllowed(code, verb=verb, state=issue.state, allowed=rules.allowed(
        viewer, standing.of(session, issue, now)))


def _first(viewer: Viewer, plea: Plea, said: Said, now: datetime) -> Told:
    plea.first_at, plea.first_by, plea.first_opinion = now, viewer.name, said["reason"]
    plea.state = "seconded" if said["decision"] == "grant" else "refused"
    return _told(plea)


def _second(viewer: Viewer, plea: Plea, said: Said, now: datetime) -> None:
    plea.second_at, plea.second_by, plea.second_opinion = now, viewer.name, said["reason"]
    plea.state = "granted" if said["decision"] == "grant" else "refused"


def _told(plea: Plea) -> Told:
    return {"plea": {"kind": plea.kind, "state": plea.state}}
