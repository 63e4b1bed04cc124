"""What happened, as rows: issues, their pictures, and the ledger lines of everybody's steps in the order of time."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from shapely.geometry import Point
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from civmap.demo.album import Shot, file_of
from civmap.demo.photos import MEDIA_TYPE, SIZE
from civmap.demo.plan_demo import Demo
from civmap.demo.plan_history import Step
from civmap.demo.plan_issues import IssuePlan
from civmap.issues.deadlines import rouse_at
from civmap.issues.models import Issue, Photo, Suspension
from civmap.store.ledger import Line, plain

VIA = "page"
KEPT = ("state", "basis", "person", "is_designated", "time_limit", "filed_at", "dispatched_at", "acknowledged_at",
        "started_at", "resolved_at", "suspended_at", "checked_at", "closed_at", "ended_at", "due_at", "measure",
        "handled_by", "handled_work_s", "return_count", "rework_count")  # fmt: skip
BATCH = 400
Ids = Mapping[str, int]
PhotoKey = tuple[str, str, int]  # issue number, kind, round


def write_issues(session: Session, plan: Demo, units: Ids, points: Ids, segments: Ids) -> dict[str, int]:
    """Insert the issues and return their ids by number."""
    rows = [_issue_row(plan, issue, units, points, segments) for issue in plan.issues]
    for start in range(0, len(rows), BATCH):
        session.execute(insert(Issue), rows[start : start + BATCH])
    ids = {number: key for number, key in session.execute(select(Issue.issue_no, Issue.id))}
    for issue in plan.issues:
        if issue.duplicate_of is not None:
            row = session.get_one(Issue, ids[issue.issue_no])
            row.duplicate_of_id = ids[issue.duplicate_of.issue_no]
    session.add_all(Suspension(issue_id=ids[issue.issue_no], reason=str(step.said["reason"]), began_at=step.at,
                               until=issue.life.facts["resumes_at"], granted_by=step.who)
                    for issue in plan.issues for step in issue.life.steps if step.verb == "suspend")
    session.flush()
    return ids


def _issue_row(plan: Demo, issue: IssuePlan, units: Ids, points: Ids, segments: Ids) -> dict[str, Any]:
    life = issue.life
    return {
        "issue_no": issue.issue_no, "class_code": issue.class_code, "description": issue.description,
        "geom": Point(plan.town.frame.to_spot(*issue.spot)), "accuracy_m": 8.0, "address": issue.address,
        "source": VIA, "on_site": issue.on_site, "point_id": points.get(issue.point),
        "segment_id": segments.get(issue.segment), "division": issue.division, "unit_id": units[life.facts["unit_id"]],
        "claims": [{"unit_id": units[claim["unit"]], **claim} for claim in issue.claims],
        "is_ambiguous": issue.is_ambiguous, "captured_at": issue.reported_at, "reported_at": issue.reported_at,
        "reported_by": life.steps[0].who, "due_soon_at": life.due_soon_at, "version": len(life.steps),
        "dispatch_count": life.facts.get("dispatch_count", 0), "resumes_at": life.facts.get("resumes_at"),
        "rouse_at": _rings(plan, issue),
        **{name: life.facts.get(name) for name in KEPT},
    }  # fmt: skip


def _rings(plan: Demo, issue: IssuePlan) -> datetime | None:
    """Return when something next happens to an issue by itself: what was due before the day rings as it begins."""
    facts = issue.life.facts
    clocked = SimpleNamespace(state=facts["state"], due_soon_at=issue.life.due_soon_at, due_at=facts.get("due_at"),
                              resumes_at=facts.get("resumes_at"), supervision_level=0)
    return rouse_at(clocked, plan.times.calendar, after=plan.times.start)


def shots_of(plan: Demo) -> list[Shot]:
    """Return every picture that the steps speak of."""
    return [
        Shot(issue.issue_no, f"{plan.seed}/{issue.issue_no}", issue.where, issue.class_code, _look(issue, step))
        for issue in plan.issues
        for step in issue.life.steps
        if step.verb == "photo"
    ]  # fmt: skip


def _look(issue: IssuePlan, step: Step) -> str:
    """Return what a picture shows: an after picture that failed its check still shows half of the trouble."""
    kind = str(step.said["kind"])
    return "half" if kind == "after" and step.said["round"] < issue.life.facts["rework_count"] else kind


def write_photos(
    session: Session, plan: Demo, digests: Sequence[str], ids: Ids
) -> dict[PhotoKey, tuple[int, str]]:
    """Insert the pictures' rows and return (id, hash) by issue number, kind and round."""
    steps = [(i, s) for i in plan.issues for s in i.life.steps if s.verb == "photo"]
    rows = []
    for (issue, step), digest in zip(steps, digests, strict=True):
        lon, lat = plan.town.frame.to_spot(*issue.spot)
        taken_at = step.at - timedelta(seconds=20 + int(digest[:2], 16))
        rows.append({
            "issue_id": ids[issue.issue_no], "kind": step.said["kind"], "round": step.said["round"], "sha256": digest,
            "file": file_of(digest), "media_type": MEDIA_TYPE, "width": SIZE[0], "height": SIZE[1],
            "taken_at": taken_at, "lon": lon, "lat": lat, "warnings": [], "uploaded_at": step.at,
            "uploaded_by": step.who,
        })  # fmt: skip
    for start in range(0, len(rows), BATCH):
        session.execute(insert(Photo), rows[start : start + BATCH])
    number_of = {key: number for number, key in ids.items()}
    stored = session.execute(select(Photo.issue_id, Photo.kind, Photo.round, Photo.id, Photo.sha256))
    return {(number_of[issue], kind, turn): (key, digest) for issue, kind, turn, key, digest in stored}


def lines_of(plan: Demo, units: Ids, ids: Ids, photos: Mapping[PhotoKey, tuple[int, str]]) -> list[Line]:
    """Return the ledger lines of all issues in the order of time."""
    lines = [
        _line(issue, step, units, ids, photos) for issue in plan.issues for step in issue.life.steps
    ]
    return sorted(lines, key=lambda line: line.at)


def _line(
    issue: IssuePlan, step: Step, units: Ids, ids: Ids, photos: Mapping[PhotoKey, tuple[int, str]]
) -> Line:
    if step.verb == "photo":
        key, digest = photos[issue.issue_no, step.said["kind"], step.said["round"]]
        after: dict[str, Any] = {"photo": key, "kind": step.said["kind"], "sha256": digest, "warnings": []}
        return Line(step.at, step.who, VIA, "photo", "issue", issue.issue_no, None, after)
    after = {**_facts(step.after, units), "said": plain(dict(step.said))}
    before = None if step.before is None else _facts(step.before, units)
    if step.verb == "duplicate" and issue.duplicate_of is not None:
        after["duplicate_of_id"] = ids[issue.duplicate_of.issue_no]
    return Line(step.at, step.who, VIA, step.verb, "issue", issue.issue_no, before, after)


def _facts(facts: Mapping[str, Any], units: Ids) -> dict[str, Any]:
    """Return facts as the ledger keeps them, units by their ids."""
    kept = {name: plain(value) for name, value in facts.items()}
    if kept.get("unit_id") is not None:
        kept["unit_id"] = units[kept["unit_id"]]
    return kept


def last_moment(plan: Demo) -> datetime:
    """Return when the latest step of any issue was."""
    return max(issue.life.last_at for issue in plan.issues)
