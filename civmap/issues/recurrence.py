"""What is near and alike: issues that may be the same one, and issues that have come back (`domain.md` §4, 12 and 13).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.geo.measure import distance_m, frame_around
from civmap.issues import rules
from civmap.issues.customs import Workflow
from civmap.issues.models import Issue
from civmap.issues.queries import visible
from civmap.people.rules import Viewer
from civmap.store.spatial import in_frame

Spot = tuple[float, float]
MOST = 10


def is_same(metres: float, apart: timedelta, reach_m: float, span: timedelta) -> bool:
    """Tell whether two of one class are near enough in place and time to be the same, or to have come back."""
    return metres <= reach_m and abs(apart) <= span


def possible_duplicates(session: Session, viewer: Viewer, issue: Issue, now: datetime,
                        workflow: Workflow) -> list[dict[str, Any]]:
    """Return the open issues of the same class near in place and time that the viewer sees, the nearest first."""
    span = timedelta(hours=workflow.duplicate_hours)
    near = [(metres, other) for metres, other in _alike(
        session, issue.class_code, (issue.geom.x, issue.geom.y), workflow.duplicate_m,
        Issue.state.in_(rules.OPEN), Issue.id != issue.id, visible(viewer, now),
        Issue.reported_at >= issue.reported_at - span)
        if is_same(metres, issue.reported_at - other.reported_at, workflow.duplicate_m, span)]
    near.sort(key=lambda pair: (pair[0], pair[1].issue_no))
    return [{"issue_no": other.issue_no, "distance_m": round(metres, 1), "state": other.state,
             "description": other.description} for metres, other in near[:MOST]]


def of_which(session: Session, class_code: str, spot: Spot, now: datetime, workflow: Workflow) -> int | None:
    """Return the id of the issue that has come back here: the last one closed near enough and lately enough."""
    span = timedelta(days=workflow.recurrence_days)
    closed = [other for metres, other in _alike(session, class_code, spot, workflow.recurrence_m,
                                                Issue.state == "closed", Issue.closed_at <= now)
              if is_same(metres, now - other.closed_at, workflow.recurrence_m, span)]
    last = max(closed, key=lambda other: (other.closed_at, other.id), default=None)
    return last.id if last else None


def _alike(session: Session, class_code: str, spot: Spot, reach_m: float, *more: Any) -> Iterator[tuple[float, Any]]:
    columns = (Issue.id, Issue.issue_no, Issue.state, Issue.reported_at, Issue.closed_at, Issue.description,
               Issue.geom)
    for other in session.execute(select(*columns).where(
            in_frame(Issue.geom, *frame_around(spot, reach_m)), Issue.class_code == class_code, *more)):
        yield distance_m(spot, (other.geom.x, other.geom.y)), other
