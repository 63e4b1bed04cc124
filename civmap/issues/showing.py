"""How an issue looks to a program or a page: its facts, its status at one moment, and why this unit."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.assignment import wording
from civmap.assignment.places import Answer, Claim, UnitRef
from civmap.clock import iso
from civmap.dictionaries import saying
from civmap.issues import closing, notices, pleas, rules, standing, timing
from civmap.issues.models import Issue, Photo
from civmap.issues.queries import Names, assisting, linked_no, names
from civmap.people.rules import Viewer, phone_for
from civmap.store import ledger


def stored_claims(answer: Answer) -> list[dict[str, Any]]:
    """Return an answer's claims as they are kept with the issue: facts, no language."""
    return [{"unit_id": claim.unit.id, "unit": claim.unit.code, "unit_name": claim.unit.name, "basis": claim.basis,
             "distance_m": claim.distance_m, "facts": claim.facts} for claim in answer.claims]


def kept_answer(issue: Issue, viewer: Viewer) -> Answer:
    """Return the answer kept with an issue; the runner-ups only for those who see all."""
    claims = tuple(Claim(UnitRef(kept["unit_id"], kept["unit"], kept["unit_name"]), kept["basis"], kept["distance_m"],
                         kept["facts"]) for kept in issue.claims)
    return wording.seen_by(viewer, Answer(claims, issue.is_ambiguous))


def photo_json(photo: Photo) -> dict[str, Any]:
    """Return the facts of a photo."""
    return {"id": photo.id, "kind": photo.kind, "round": photo.round, "sha256": photo.sha256, "width": photo.width,
            "height": photo.height, "taken_at": iso(photo.taken_at), "lon": photo.lon, "lat": photo.lat,
            "uploaded_at": iso(photo.uploaded_at), "uploaded_by": photo.uploaded_by, "warnings": photo.warnings,
            "accuracy_m": photo.accuracy_m, "pair_id": photo.pair_id, "masks": photo.masks,
            "masked_at": iso(photo.masked_at)}


def _summary(issue: Any, spot: tuple[float, float], known: Names, viewer: Viewer, lang: str,
             then: rules.Then) -> dict[str, Any]:
    found = dictionaries.issue_classes()[issue.class_code]
    unit = known.units.get(issue.unit_id or 0)
    point, segment = known.points.get(issue.point_id or 0), known.segments.get(issue.segment_id or 0)
    return {
        "issue_no": issue.issue_no, "code": issue.issue_no, "name": found.name(lang), "class": found.code,
        "class_name": found.name(lang), "type": found.code, "description": issue.description, "state": then.state,
        "status": then.status, "open_issues": int(then.state in rules.OPEN),
        "due_soon_issues": int(then.status == "due_soon"), "overdue_issues": int(then.status == "overdue"),
        "lon": spot[0], "lat": spot[1],
        "unit": unit.code if unit else None, "unit_name": unit.name if unit else None,
        "unit_phone": phone_for(viewer, unit.phone, unit.id) if unit else None, "person": issue.person,
        "point": point.code if point else None, "point_name": point.name if point else None,
        "segment": segment.code if segment else None, "segment_name": segment.name if segment else None,
        "reported_at": iso(issue.reported_at), "dispatched_at": iso(then.dispatched_at),
        "due_at": iso(then.due_at), "closed_at": iso(then.closed_at),
        "flags": [] if issue.id in known.pictured else ["no_photo"],
    }


def as_json(session: Session, issue: Issue, viewer: Viewer, lang: str, now: datetime) -> dict[str, Any]:
    """Return everything a viewer may know of one issue, and what this viewer may do now and why not."""
    known = names(session, [issue])
    facts = standing.of(session, issue, now)
    return {
        **_summary(issue, _spot(issue), known, viewer, lang, rules.then(issue, now, now)),
        "assignment": wording.as_json(kept_answer(issue, viewer), lang),
        "accuracy_m": issue.accuracy_m, "address": issue.address, "source": issue.source, "on_site": issue.on_site,
        "fixed_on_spot": issue.fixed_on_spot, "criterion": issue.criterion,
        "division": issue.division, "limit": issue.time_limit, "limit_factor": issue.limit_factor,
        "plan": issue.plan, "measure": issue.measure,
        "reported_by": issue.reported_by, "handled_by": issue.handled_by, "captured_at": iso(issue.captured_at),
        "filed_at": iso(issue.filed_at), "acknowledged_at": iso(issue.acknowledged_at),
        "started_at": iso(issue.started_at), "resolved_at": iso(issue.resolved_at),
        "suspended_at": iso(issue.suspended_at), "resumes_at": iso(issue.resumes_at),
        "due_soon_at": iso(issue.due_soon_at), "return_until": iso(facts.return_until),
        "handled_work_s": issue.handled_work_s, "dispatch_count": issue.dispatch_count,
        "return_count": issue.return_count, "wrong_return_count": issue.wrong_return_count,
        "rework_count": issue.rework_count, "extension_count": issue.extension_count,
        "is_designated": issue.is_designated, "is_overdue_waived": issue.is_overdue_waived,
        "was_overdue": facts.was_late, "supervision_level": issue.supervision_level,
        "duplicate_of": linked_no(session, viewer, issue.duplicate_of_id, now),
        "recurrence_of": linked_no(session, viewer, issue.recurrence_of_id, now),
        "assisting": assisting(session, issue), "photos": [photo_json(photo) for photo in issue.photos],
        "pleas": [pleas.as_json(plea) for plea in pleas.of_issue(session, issue)],
        "suspensions": pleas.suspensions(session, issue),
        "notices": notices.told_of(session, issue),
        "duty": duty(issue, known, viewer),
        "warnings": [*closing.warnings(session, issue), *timing.warnings(session, issue)],
        "allowed": rules.allowed(viewer, facts), "why_not": why_not(viewer, facts, lang), "version": issue.version,
    }


def why_not(viewer: Viewer, facts: rules.Standing, lang: str) -> dict[str, str]:
    """Return in words, by verb, why this viewer may not do what the state of the issue allows."""
    return {verb: saying.refusal(lang, problem)[0] for verb, problem in rules.refusals(viewer, facts).items()}


def duty(issue: Issue, known: Names, viewer: Viewer) -> dict[str, Any]:
    """Return the named duty of a dispatched issue: unit, person, phone, measure and deadline, and what is missing."""
    unit = known.units.get(issue.unit_id or 0)
    said = {"unit": unit.code if unit else None, "person": issue.person,
            "phone": phone_for(viewer, unit.phone, unit.id) if unit else None,
            "measure": issue.measure or issue.plan, "due_at": iso(issue.due_at)}
    return {**said, "missing": [name for name, value in said.items() if not value]}


def _spot(issue: Issue) -> tuple[float, float]:
    return issue.geom.x, issue.geom.y


def columns(is_past: bool) -> list[Any]:
    """Return the columns that a list of issues is told from, with `lon` and `lat`; of the past, more moments."""
    own = (Issue.id, Issue.issue_no, Issue.class_code, Issue.description, Issue.state, Issue.unit_id, Issue.point_id,
           Issue.segment_id, Issue.person, Issue.reported_at, Issue.dispatched_at, Issue.due_soon_at, Issue.due_at,
           Issue.closed_at, func.ST_X(Issue.geom).label("lon"), func.ST_Y(Issue.geom).label("lat"))
    past = (Issue.filed_at, Issue.acknowledged_at, Issue.resolved_at, Issue.suspended_at, Issue.checked_at,
            Issue.ended_at)
    return [*own, *(past if is_past else ())]


def summaries(session: Session, rows: Sequence[Any], viewer: Viewer, lang: str, now: datetime,
              at: datetime) -> list[dict[str, Any]]:
    """Return what lists tell of issues (rows of `columns`), as they are now or as they were at an earlier moment."""
    known = names(session, rows)
    return [_summary(row, (row.lon, row.lat), known, viewer, lang, rules.then(row, at, now)) for row in rows]


def features(session: Session, issues: Iterable[Issue], viewer: Viewer, lang: str,
             now: datetime) -> list[dict[str, Any]]:
    """Return issues as GeoJSON Features (RFC 7946, lon/lat at 7 decimals)."""
    issues = list(issues)
    known = names(session, issues)
    return [{"type": "Feature", "id": issue.issue_no,
             "geometry": {"type": "Point", "coordinates": [round(issue.geom.x, 7), round(issue.geom.y, 7)]},
             "properties": _summary(issue, _spot(issue), known, viewer, lang, rules.then(issue, now, now))}
            for issue in issues]


def timeline(session: Session, issue: Issue) -> list[dict[str, Any]]:
    """Return an issue's ledger lines, oldest first, as programs read them."""
    return [{"at": iso(entry.at), "who": entry.who, "via": entry.via, "verb": entry.verb, "before": entry.before,
             "after": entry.after, "hash": entry.hash}
            for entry in ledger.history(session, "issue", issue.issue_no)]
