"""After segments were split, joined or put back: open issues and frontage zones go to the part on which they lie."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.geo.measure import NearPlane
from civmap.issues.models import Issue
from civmap.issues.rules import OPEN
from civmap.people.rules import Viewer
from civmap.segments.models import RoadSegment
from civmap.store import ledger
from civmap.store.base import holds_at
from civmap.store.editing import change, derive
from civmap.zones.models import Zone


def follow(session: Session, viewer: Viewer, codes: Sequence[str], held: Sequence[RoadSegment], now: datetime) -> int:
    """Give the open issues and the zones of some segments to the nearest of those that hold now; return how many moved.

    An issue stays with the unit that has it: only the segment it is counted on follows.
    """
    if not held:
        return 0
    ids = {row.id: row.code for row in session.scalars(select(RoadSegment).where(RoadSegment.code.in_(codes)))}
    issues = list(session.scalars(select(Issue).where(Issue.segment_id.in_(ids), Issue.state.in_(OPEN))))
    lines: list[ledger.Line] = []
    wanted: dict[int, int] = {}
    for issue, row in zip(issues, _nearest([issue.geom for issue in issues], held), strict=True):
        if issue.segment_id != row.id:
            lines.append(ledger.Line(now, viewer.name, viewer.actor.via, "edit", "issue", issue.issue_no,
                                     before={"segment_id": issue.segment_id}, after={"segment_id": row.id}))
            wanted[issue.id] = row.id
    ledger.append(session, lines)
    moved = derive(session, Issue, "segment_id", wanted)
    zones = list(session.scalars(select(Zone).where(Zone.segment_code.in_(codes), holds_at(Zone, now))))
    for zone, row in zip(zones, _nearest([zone.geom for zone in zones], held), strict=True):
        moved += change(session, viewer.actor, "zone", zone, {"segment_code": row.code}, now)
    return moved


def _nearest(shapes: Sequence[BaseGeometry], held: Sequence[RoadSegment]) -> list[RoadSegment]:
    """Return the segment nearest to each shape, by metres on the ground; at a tie the one whose code comes first."""
    ordered = sorted(held, key=lambda row: row.code)
    found = []
    for shape in shapes:
        spot = shapely.point_on_surface(shape)
        lines = NearPlane(spot.x, spot.y).to_metres(np.array([row.geom for row in ordered]))
        found.append(ordered[int(np.argmin(np.round(shapely.distance(lines, shapely.Point(0, 0)), 6)))])
    return found
