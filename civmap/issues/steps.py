"""The steps from report to strike-off: what each verb changes on the row. Guards spoke before, `actions` notes after.

A step returns what its ledger line tells beside the row's facts and the words that were said, or None.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.assignment.customs import must_be_decided
from civmap.calendar import Limit
from civmap.errors import Invalid
from civmap.issues import customs, notices, pleas, queries, rules, standing, timing
from civmap.issues.models import AssistingUnit, Issue, Photo
from civmap.people.rules import Viewer
from civmap.store.ledger import Entry
from civmap.units.models import Unit
from civmap.units.queries import in_office

Told = Mapping[str, Any] | None
Said = Mapping[str, Any]
BEFORE = ("before", "close", "wide")


def nothing_more(session: Session, viewer: Viewer, issue: Issue, said: Said, now: datetime) -> Told:
    """Change the state and nothing else; the words are in the ledger line."""
    return None


def file(session: Session, viewer: Viewer, issue: Issue, said: Said, now: datetime) -> Told:
    """Take it on (立案)."""
    issue.filed_at = now
    return None


def duplicate(session: Session, viewer: Viewer, issue: Issue, said: Said, now: datetime) -> Told:
    """Point to the issue that this one repeats."""
    parent = queries.by_no(session, viewer, said["of"], now)
    if parent.id == issue.id or parent.state == "duplicate":
        raise Invalid("duplicate_of_itself", field="of", no=parent.issue_no)
    issue.duplicate_of_id = parent.id
    return None


def dispatch(session: Session, viewer: Viewer, issue: Issue, said: Said, now: datetime) -> Told:
    """Hand the issue to one main unit with a deadline and a named person (rules 6, 10 and 15)."""
    is_again = issue.state == "returned"
    unit = _unit_for(session, issue, said, now, is_again)
    if is_again and unit.id == issue.unit_id:
        issue.wrong_return_count += 1
    if unit.id != issue.unit_id or said["designated"]:
        issue.basis = "designated" if said["designated"] else "explicit"
        issue.claims = [chosen_claim(unit, issue.basis), *issue.claims]
        issue.person = said["person"] or _named(unit)
    else:
        issue.person = said["person"] or issue.person or _named(unit)
    issue.unit_id = unit.id
    if said["criterion"]:
        issue.criterion = dictionaries.filing_criterion(issue.class_code, said["criterion"]).code
    limit = (Limit.parse(said["limit"]) if said["limit"]
             else customs.limit_of(session, issue.class_code, issue.criterion))
    timing.hand_over(session, issue, limit, now)
    issue.acknowledged_at = issue.started_at = issue.plan = None
    issue.is_designated = bool(said["designated"])
    issue.dispatch_count += 1
    set_assisting(session, issue, said["assisting"] or [], now)
    return None


def _unit_for(session: Session, issue: Issue, said: Said, now: datetime, is_again: bool) -> Unit:
    """Return the main unit that is named, or the one that answers; who sent it back is never meant silently."""
    if said["unit"]:
        return in_office(session, said["unit"], now)
    known = session.get(Unit, issue.unit_id) if issue.unit_id and not is_again else None
    if known is None:
        raise Invalid("dispatch_needs_unit", field="unit")
    must_be_decided(session, {"is_ambiguous": issue.is_ambiguous, "basis": issue.basis, "unit": said["unit"]})
    return in_office(session, known.code, now)


def _named(unit: Unit) -> str | None:
    return unit.liaison or unit.head_person


def chosen_claim(unit: Unit, basis: str) -> dict[str, Any]:
    """Return the claim of a unit that a person chose, as it is kept with the issue."""
    return {"unit_id": unit.id, "unit": unit.code, "unit_name": unit.name, "basis": basis, "distance_m": None,
            "facts": {}}


def set_assisting(session: Session, issue: Issue, codes: Sequence[str], now: datetime) -> bool:
    """Add units that assist, by code or name; tell whether one was new. Raise Invalid for one nobody knows."""
    if not codes:
        return False
    known = set(session.scalars(select(AssistingUnit.unit_id).where(AssistingUnit.issue_id == issue.id)))
    before = len(known)
    for code in codes:
        unit = in_office(session, code, now, field="assisting")
        if unit.id != issue.unit_id and unit.id not in known:
            session.add(AssistingUnit(issue_id=issue.id, unit_id=unit.id))
            known.add(unit.id)
    return len(known) > before


def acknowledge(session: Session, viewer: Viewer, issue: Issue, said: Said, now: datetime) -> Told:
    """Take it in hand (签收): the clock runs on."""
    issue.acknowledged_at = now
    return None


def send_back(session: Session, viewer: Viewer, issue: Issue, said: Said, now: datetime) -> Told:
    """Say that it is not ours (退单)."""
    issue.return_count += 1
    return pleas.lapse(session, issue)


def start(session: Session, viewer: Viewer, issue: Issue, said: Said, now: datetime) -> Told:
    """Begin the work: from now on there is no way back."""
    issue.started_at = issue.started_at or now
    issue.plan = said["plan"] or issue.plan
    return None


def feedback(session: Session, viewer: Viewer, issue: Issue, said: Said, now: datetime) -> Told:
    """Say what was done, with at least one after photo of this round; fixed on the spot it is struck off at once."""
    _must_show(session, issue, said["photos"])
    is_done = rules.fixes_on_spot(viewer, standing.of(session, issue, now))
    if is_done and not _has(session, issue, *BEFORE):
        raise Invalid("before_photo_missing", field="photos")
    issue.handled_work_s = timing.handled_seconds(session, issue, now)
    issue.resolved_at, issue.measure, issue.handled_by = now, said["measure"], viewer.name
    if is_done:
        issue.state, issue.checked_at, issue.closed_at = "closed", now, now
    return pleas.lapse(session, issue, *(() if is_done else ("suspension",)))


def _must_show(session: Session, issue: Issue, ids: Sequence[int] | None) -> None:
    """Refuse a feedback without an after photo of this round (rule 4: those of earlier rounds stay theirs).

    A round begins with a failed check, and when a struck-off issue is taken up again.
    """
    reopened = session.scalar(select(Entry.after).where(
        Entry.kind == "issue", Entry.key == issue.issue_no, Entry.verb == "reopen").order_by(Entry.id.desc()).limit(1))
    shown = {row.id: row.round == issue.rework_count and row.id > (reopened or {}).get("photos_to", 0)
             for row in session.execute(select(Photo.id, Photo.round).where(
                 Photo.issue_id == issue.id, Photo.kind == "after"))}
    unknown = [number for number in ids or () if number not in shown]
    if unknown:
        raise Invalid("photo_not_of_this_issue", field="photos", ids=unknown)
    if not any(shown[number] for number in (ids or shown)):
        raise Invalid("after_photo_missing", field="photos")


def _has(session: Session, issue: Issue, *kinds: str) -> bool:
    found = select(Photo.id).where(Photo.issue_id == issue.id, Photo.kind.in_(kinds))
    return session.scalar(found.limit(1)) is not None


def check(session: Session, viewer: Viewer, issue: Issue, said: Said, now: datetime) -> Told:
    """Look whether it is gone: strike it off, or send it into rework, which is supervised (rules 5, 6 and 14)."""
    _must_be_its_own(session, issue, said["photos"])
    if said["passed"]:
        if not _has(session, issue, "after"):
            raise Invalid("after_photo_missing", field="photos")
        issue.state, issue.closed_at, issue.checked_at = "closed", now, now
        return pleas.lapse(session, issue)
    if not said["opinion"]:
        raise Invalid("opinion_missing", field="opinion")
    level, told = rules.level_of_rework(issue.rework_count + 1), None
    if issue.supervision_level < level:
        notice = notices.supervise(session, notices.CLOCK, issue, level, now,
                                   {"why": "rework", "opinion": said["opinion"]})
        issue.supervision_level, told = level, {"notice": notice.number}
    issue.state, issue.checked_at = "rework", now
    issue.rework_count += 1
    timing.restart(session, issue, customs.workflow(session).rework_share, now)
    return told


def _must_be_its_own(session: Session, issue: Issue, ids: Sequence[int] | None) -> None:
    known = set(session.scalars(select(Photo.id).where(Photo.issue_id == issue.id))) if ids else set()
    unknown = [number for number in ids or () if number not in known]
    if unknown:
        raise Invalid("photo_not_of_this_issue", field="photos", ids=unknown)


def supervise(session: Session, viewer: Viewer, issue: Issue, said: Said, now: datetime) -> Told:
    """Press for it with a numbered notice of a level; the level of the issue never falls."""
    notice = notices.supervise(session, viewer, issue, said["level"], now,
                               {"why": "person", **({"remark": said["remark"]} if said["remark"] else {})})
    issue.supervision_level = max(issue.supervision_level, said["level"])
    return {"notice": notice.number}


def reopen(session: Session, viewer: Viewer, issue: Issue, said: Said, now: datetime) -> Told:
    """Take a struck-off issue up again with its unit; what was forgiven was the lateness until now."""
    issue.closed_at = issue.ended_at = None
    issue.is_overdue_waived = False
    timing.restart(session, issue, customs.workflow(session).reopen_share, now)
    newest = session.scalar(select(func.max(Photo.id)).where(Photo.issue_id == issue.id)) or 0
    return {**(pleas.lapse(session, issue) or {}), "photos_to": newest}
