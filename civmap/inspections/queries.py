"""Ask about visits: which a viewer sees, when a point was last visited, how the stops of a round stand."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from civmap import clock, dictionaries
from civmap.city.covert import rounds_seen, visits_seen
from civmap.errors import NotFound
from civmap.inspections import rounds, rules
from civmap.inspections.models import Finding, Visit
from civmap.inspections.scores import point_rate
from civmap.issues import queries as issues
from civmap.issues.models import Issue, Photo
from civmap.people.rules import Viewer
from civmap.points import queries as points
from civmap.points.models import InspectionPoint


def visible(viewer: Viewer) -> Any:
    """Return the condition that a viewer sees a visit: its point or one's own, and while it is covert, its round."""
    seen = Visit.point_id.in_(select(InspectionPoint.id).where(points.visible(viewer)))
    return and_(or_(seen, Visit.who == viewer.name), visits_seen(viewer, Visit))


def by_id(session: Session, viewer: Viewer, number: int, *, for_change: bool = False) -> Visit:
    """Return the visit of a number; raise NotFound where it is missing or hidden from the viewer."""
    asked = select(Visit).where(Visit.id == number, visible(viewer))
    if for_change:
        asked = asked.with_for_update(of=Visit).execution_options(populate_existing=True)
    row = session.scalar(asked)
    if row is None:
        raise NotFound("visit_not_found", field="id", id=number)
    return row


def listed(session: Session, viewer: Viewer, *, route: str | None = None, point: str | None = None,
           since: datetime | None = None, until: datetime | None = None, limit: int = 100,
           after: int | None = None) -> list[Visit]:
    """Return the visits a viewer sees, newest first."""
    asked = select(Visit).where(visible(viewer))
    if route is not None:
        asked = asked.where(Visit.route_id.in_(
            select(rounds.ROUTE.c.id).where(rounds_seen(viewer, rounds.ROUTE.c), rounds.ROUTE.c.code == route)))
    if point is not None:
        asked = asked.where(Visit.point_id == points.by_code(session, viewer, point, field="point").id)
    if since is not None:
        asked = asked.where(Visit.arrived_at >= since)
    if until is not None:
        asked = asked.where(Visit.arrived_at < until)
    if after is not None:
        asked = asked.where(Visit.id < after)
    return list(session.scalars(asked.order_by(Visit.id.desc()).limit(limit)))


def findings_of(session: Session, visit_ids: Iterable[int]) -> dict[int, list[Finding]]:
    """Return the findings of some visits, each list in the order of its items."""
    found: dict[int, list[Finding]] = {}
    for row in session.scalars(select(Finding).where(Finding.visit_id.in_(list(visit_ids))).order_by(Finding.item)):
        found.setdefault(row.visit_id, []).append(row)
    return found


def told(session: Session, viewer: Viewer, rows: Iterable[Visit], lang: str, now: datetime) -> list[dict[str, Any]]:
    """Return visits in words, with their findings and the issues that the viewer sees."""
    rows = list(rows)
    found = findings_of(session, (row.id for row in rows))
    ids = {one.issue_id for some in found.values() for one in some if one.issue_id is not None}
    numbers = {row[0]: (row[1], row[2]) for row in session.execute(
        select(Issue.id, Issue.issue_no, Issue.state).where(Issue.id.in_(ids), issues.visible(viewer, now)))}
    pictured = set(session.scalars(select(Photo.issue_id).where(Photo.issue_id.in_(ids)).distinct()))
    names = {row.id: row for row in session.execute(
        select(InspectionPoint.id, InspectionPoint.code, InspectionPoint.name, InspectionPoint.type)
        .where(InspectionPoint.id.in_({row.point_id for row in rows})))}
    codes = {row[0]: row[1] for row in session.execute(select(rounds.ROUTE.c.id, rounds.ROUTE.c.code).where(
        rounds_seen(viewer, rounds.ROUTE.c), rounds.ROUTE.c.id.in_({row.route_id for row in rows})))}
    return [_told(row, names[row.point_id], codes.get(row.route_id), found.get(row.id, []), numbers, pictured, lang)
            for row in rows]


def _told(row: Visit, point: Any, route: str | None, findings: list[Finding],
          numbers: Mapping[int, tuple[str, str]], pictured: set[int], lang: str) -> dict[str, Any]:
    said = [_finding(one, numbers, pictured, lang) for one in findings]
    bare = any(one["result"] == rules.FAIL and not one["has_photo"] for one in said)
    return {
        "visit": row.id, "key": row.key, "point": point.code, "point_name": point.name, "type": point.type,
        "route": route, "outcome": row.outcome, "state": rules.state_of(row.outcome, row.left_at is not None),
        "who": row.who, "arrived_at": clock.iso(row.arrived_at), "left_at": clock.iso(row.left_at),
        "saved_at": clock.iso(row.saved_at), "lon": row.lon, "lat": row.lat, "accuracy_m": row.accuracy_m,
        "distance_m": row.distance_m, "edition": row.edition, "remark": row.remark, "version": row.version,
        "score_rate": point_rate(row.weight_passed, row.weight_all).value, "passed": row.passed,
        "failed": row.failed, "not_applicable": row.not_applicable,
        "warnings": [*row.warnings, *(["no_photo"] if bare else [])], "findings": said,
        "issues": [{"item": one["item"], "issue_no": one["issue_no"], "state": one["issue_state"]}
                   for one in said if one["issue_no"]]}


def _finding(row: Finding, numbers: Mapping[int, tuple[str, str]], pictured: set[int], lang: str) -> dict[str, Any]:
    item = dictionaries.check_items().get(row.item)
    number, state = numbers.get(row.issue_id or 0, (None, None))
    return {"item": row.item, "name": item.name(lang) if item else row.item, "result": row.result,
            "weight": row.weight, "remark": row.remark, "issue_no": number, "issue_state": state,
            "has_photo": row.issue_id in pictured}


def last_of(session: Session, viewer: Viewer, point_id: int) -> Visit | None:
    """Return the newest visit of a point that the viewer sees and that is finished."""
    return session.scalar(select(Visit).where(
        Visit.point_id == point_id, Visit.outcome == rules.VISITED, Visit.left_at.is_not(None), visible(viewer))
        .order_by(Visit.arrived_at.desc(), Visit.id.desc()).limit(1))
