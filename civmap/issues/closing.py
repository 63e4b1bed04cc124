"""What is odd about after photos before striking off: warnings, never blocks (`domain.md` §4, rule 5)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from civmap.geo.measure import distance_m
from civmap.issues import customs
from civmap.issues.models import Issue

STATES = ("resolved", "closed")


def warnings(session: Session, issue: Issue) -> list[str]:
    """Return the codes of what is odd about the after photos of a fed-back issue."""
    if issue.state not in STATES:
        return []
    after = [photo for photo in issue.photos if photo.kind == "after"]
    reach_m = customs.workflow(session).after_photo_m
    return told(after, issue.dispatched_at, (issue.geom.x, issue.geom.y), reach_m)


def told(after: Iterable[Any], dispatched_at: datetime | None, spot: tuple[float, float], reach_m: float) -> list[str]:
    """Return what is odd: no photo, none taken after the dispatch, none within reach of the spot, or none placed."""
    after = list(after)
    if not after:
        return ["after_photo_missing"]
    fresh = [photo for photo in after
             if dispatched_at is None or (photo.taken_at or photo.uploaded_at) >= dispatched_at]
    if not fresh:
        return ["after_photo_old"]
    placed = [photo for photo in fresh if photo.lon is not None and photo.lat is not None]
    if not placed:
        return ["after_photo_unplaced"]
    is_near = any(distance_m((photo.lon, photo.lat), spot) <= reach_m for photo in placed)
    return [] if is_near else ["after_photo_far"]
