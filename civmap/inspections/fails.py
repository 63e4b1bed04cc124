"""Make a fail an issue, by the door of all issues: at most one for a finding, and none twice for the same matter."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from civmap import dictionaries
from civmap.assignment import queries as assignment
from civmap.dictionaries import CheckItem
from civmap.errors import Invalid
from civmap.inspections.models import Finding, Visit
from civmap.issues import actions as issue_actions
from civmap.issues import queries as issues
from civmap.issues.models import Issue
from civmap.issues.rules import OPEN
from civmap.people.rules import Viewer
from civmap.points import queries as points
from civmap.points.models import InspectionPoint
from civmap.store.listing import one_of

Said = Mapping[str, Any]
EMPTY: Said = {}


def settle(session: Session, viewer: Viewer, visit: Visit, point: InspectionPoint,
           asked: Iterable[tuple[Finding, Said]], now: datetime, lang: str) -> list[Finding]:
    """Give each of the asked findings its issue: an open one that it is, or a new one; return those that got one.

    A finding that has an issue keeps it. Raise what reporting an issue raises.
    """
    given = []
    for finding, said in asked:
        if finding.issue_id is not None:
            continue
        finding.issue_id = _issue(session, viewer, visit, point, finding, said, now, lang).id
        session.flush()
        given.append(finding)
    return given


def _issue(session: Session, viewer: Viewer, visit: Visit, point: InspectionPoint, finding: Finding, said: Said,
           now: datetime, lang: str) -> Issue:
    item = dictionaries.check_items()[finding.item]
    wanted = dictionaries.issue_class(said.get("class_code") or item.issue_class).code
    if said.get("link"):
        return _linked(session, viewer, point, said["link"], now)
    known = None if said.get("is_new") else same_matter(session, viewer, point.id, finding.item, wanted, now)
    if known is not None:
        return known
    body = _body(session, viewer, visit, point, finding, item, {**said, "class_code": wanted}, now, lang)
    issue = issue_actions.report(session, viewer, body, now, lang)
    issue.point_id = point.id
    return issue


def _linked(session: Session, viewer: Viewer, point: InspectionPoint, number: str, now: datetime) -> Issue:
    issue = issues.by_no(session, viewer, number, now)
    if issue.point_id != point.id or issue.state not in OPEN:
        raise Invalid("issue_not_linkable", field="link", no=number, point=point.code)
    return issue


def same_matter(session: Session, viewer: Viewer, point_id: int, item: str, class_code: str,
                now: datetime) -> Issue | None:
    """Return the open issue of this class at this point which a fail of this item is, the oldest; None for none.

    What another item led to is another matter, though its class be the same.
    """
    return _same(open_at(session, viewer, point_id, now), item, class_code)


def open_at(session: Session, viewer: Viewer, point_id: int, now: datetime) -> list[tuple[Issue, set[str]]]:
    """Return the open issues of a point that the viewer sees, each with the items that led to it, oldest first."""
    return open_at_each(session, viewer, [point_id], now).get(point_id, [])


def open_at_each(session: Session, viewer: Viewer, point_ids: Iterable[int],
                 now: datetime) -> dict[int, list[tuple[Issue, set[str]]]]:
    """Return the same for many points, by the point's id; points without any are left out."""
    rows = session.execute(
        select(Issue, Finding.item).outerjoin(Finding, Finding.issue_id == Issue.id)
        .where(one_of(Issue.point_id, list(point_ids)), Issue.state.in_(OPEN), issues.visible(viewer, now))
        .options(defer(Issue.claims)).order_by(Issue.id))
    found: dict[int, tuple[Issue, set[str]]] = {}
    for issue, item in rows:
        found.setdefault(issue.id, (issue, set()))[1].update([item] if item else [])
    by_point: dict[int, list[tuple[Issue, set[str]]]] = {}
    for issue, items in found.values():
        by_point.setdefault(issue.point_id or 0, []).append((issue, items))
    return by_point


def _same(known: Iterable[tuple[Issue, set[str]]], item: str, class_code: str) -> Issue | None:
    return next((issue for issue, items in known
                 if issue.class_code == class_code and (not items or item in items)), None)


def _body(session: Session, viewer: Viewer, visit: Visit, point: InspectionPoint, finding: Finding, item: CheckItem,
          said: Said, now: datetime, lang: str) -> dict[str, Any]:
    """Return the report: what is not said comes from the item, the point and the visit; the round is never named."""
    words = f"{item.name(lang)}：{finding.remark}" if finding.remark else item.name(lang)
    seen_at = said.get("captured_at") or visit.left_at or visit.arrived_at
    is_seen = session.scalar(select(InspectionPoint.id).where(InspectionPoint.id == point.id, points.visible(viewer)))
    place = {"point": point.code} if is_seen else {"lon": point.geom.x, "lat": point.geom.y}
    body = {"class": said["class_code"], "description": said.get("description") or words, **place,
            "captured_at": seen_at.isoformat(),
            **{name: said[name] for name in ("unit", "person", "limit", "criterion", "lon", "lat", "accuracy_m")
               if said.get(name) is not None}}
    if viewer.may("on_site", "issue"):
        body["unit"] = body.get("unit") or _answering(session, point, said, now)
        body["on_site"] = body["unit"] is not None
    return body


def _answering(session: Session, point: InspectionPoint, said: Said, now: datetime) -> str | None:
    """Return the unit that the cascade names for an on-site order, None where nobody answers."""
    spot = (point.geom.x, point.geom.y) if said.get("lon") is None else (said["lon"], said["lat"])
    answer = assignment.answer(session, spot, said["class_code"], on=now, accuracy_m=said.get("accuracy_m"),
                               point_code=point.code)
    return answer.unit.code if answer.unit else None
