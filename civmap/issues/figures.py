"""What weighs on one thing: the counts behind its rates, its last visit, and its newest pair of photos."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from civmap.issues.measures import NEVER, Counts, seconds
from civmap.issues.models import Issue, Photo
from civmap.issues.queries import is_due_soon, is_open, is_overdue, visible
from civmap.issues.rules import Burden
from civmap.people.rules import Viewer
from civmap.store.spatial import intersects, intersects_column
from civmap.zones.models import Zone

LINKS = {"points": Issue.point_id, "segments": Issue.segment_id, "units": Issue.unit_id}


def linked(kind: str, row: Any) -> Any:
    """Return the condition that an issue is counted on a point, segment or unit, or lies inside a zone."""
    return intersects(Issue.geom, row.geom) if kind == "zones" else LINKS[kind] == row.id


def counts_on(session: Session, viewer: Viewer, kind: str, row: Any, now: datetime) -> Counts:
    """Return the counts of the issues on one thing that a viewer sees (`domain.md` §7)."""
    return _counts(session, now, visible(viewer, now), linked(kind, row))


def counts_of_all(session: Session, viewer: Viewer, now: datetime) -> Counts:
    """Return the counts of all issues that a viewer sees."""
    return _counts(session, now, visible(viewer, now))


def _counts(session: Session, now: datetime, *narrowed: Any) -> Counts:
    was_handed = and_(Issue.dispatched_at.is_not(None), Issue.state.not_in(("rejected", "duplicate")))
    conditions = (is_open(), is_due_soon(now), is_overdue(now), was_handed, and_(was_handed, Issue.state == "closed"),
                  and_(was_handed, Issue.state == "suspended"))
    sums = [func.sum(case((condition, 1), else_=0)) for condition in conditions]
    found = session.execute(select(*sums, func.max(Issue.reported_at), func.max(Issue.checked_at)).where(
        *narrowed)).one()
    *amounts, reported, checked = found
    last = max(seconds(reported, -NEVER), seconds(checked, -NEVER))
    return Counts(*(int(amount or 0) for amount in amounts), last_visit=last)


def inside_children(session: Session, viewer: Viewer, zone: Zone, now: datetime) -> dict[int, Burden]:
    """Return the open issues inside each zone below a zone, by id; one without any is left out."""
    return _burdens(session, select(Zone.id, *_amounts(now)).select_from(Issue)
                    .join(Zone, intersects_column(Zone.geom, Issue.geom))
                    .where(Zone.parent_id == zone.id, visible(viewer, now)).group_by(Zone.id))


def on_units(session: Session, viewer: Viewer, ids: Iterable[int], now: datetime) -> dict[int, Burden]:
    """Return the open issues of each of some units, by id; one without any is left out."""
    return _burdens(session, select(Issue.unit_id, *_amounts(now)).where(
        Issue.unit_id.in_(ids), visible(viewer, now)).group_by(Issue.unit_id))


def _amounts(now: datetime) -> tuple[Any, ...]:
    late = (is_due_soon(now), is_overdue(now))
    return (func.count(), *(func.sum(case((condition, 1), else_=0)) for condition in late))


def _burdens(session: Session, asked: Any) -> dict[int, Burden]:
    rows = session.execute(asked.where(is_open()))
    return {row[0]: Burden(row[1], int(row[2] or 0), int(row[3] or 0)) for row in rows}


def newest_fixed(session: Session, viewer: Viewer, kind: str, row: Any, now: datetime) -> Issue | None:
    """Return the issue on a thing whose photo after the work came last, None where there is none."""
    return session.scalar(
        select(Issue).join(Photo, Photo.issue_id == Issue.id)
        .where(Photo.kind == "after", visible(viewer, now), linked(kind, row)).order_by(Photo.id.desc()).limit(1))


def pairs(photos: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each photo after the work beside the one before it, newest round first.

    The other half is the photo that it was taken over, else that of the problem taken last up to that round; `before`
    goes ahead of views and details.
    """
    befores = [photo for photo in photos if photo["kind"] == "before"] or [
        photo for photo in photos if photo["kind"] in ("wide", "close", "reference")]
    found = []
    for after in (photo for photo in photos if photo["kind"] == "after"):
        known = [photo for photo in befores if photo["round"] <= after["round"]] or befores
        if known:
            nth = sum(one["after"]["round"] == after["round"] for one in found)
            before = next((photo for photo in photos if photo["id"] == after.get("pair_id")),
                          known[min(nth, len(known) - 1)])
            found.append({"before": before, "after": after, "round": after["round"]})
    return sorted(found, key=lambda pair: -pair["round"])
