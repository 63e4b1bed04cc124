"""What changes hands between two days: points and open issues for which the cascade answers another unit."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
import shapely
from sqlalchemy import func, not_, select
from sqlalchemy.orm import Session

from civmap.assignment import queries as assignment
from civmap.assignment import rules as cascade
from civmap.assignment.many import Ground
from civmap.assignment.masses import Masses
from civmap.assignment.places import Answer
from civmap.geo.measure import frame_around
from civmap.issues.differences import Differences, touched
from civmap.issues.filters import known_at, stands
from civmap.issues.models import Issue
from civmap.issues.queries import visible
from civmap.people.rules import Viewer
from civmap.points import queries as points
from civmap.points.models import InspectionPoint
from civmap.store.base import holds_at
from civmap.store.listing import Here

POINT_CLASS = "E0503"
"""Points are asked about with the class that follows the zones most closely: trading outside the shop."""
MOST_SPOTS = 20_000
FEW_SPOTS = 1_500


class Spot(NamedTuple):
    """A point or an issue on the ground, and the point it is linked to."""

    kind: str
    code: str
    name: str
    class_code: str
    lon: float
    lat: float
    point: str | None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Hand:
    """A point or issue and who answers for it on either day."""

    spot: Spot
    before: Answer
    after: Answer


@dataclass(frozen=True, slots=True)
class Hands:
    """What changes hands, how many spots were looked at, and how many were not for there are too many."""

    found: list[Hand]
    checked: int
    left_out: int


def change(session: Session, viewer: Viewer, found: Differences, first: datetime, last: datetime,
           now: datetime) -> Hands:
    """Return the points and open issues (open at the later moment) for which another unit answers than before."""
    everything = bool(found.duties)
    shapes = touched(found)
    if not shapes and not everything:
        return Hands([], 0, 0)
    grounds = Ground.of(session, first), Ground.of(session, last)
    near = assignment.segments_near_m(grounds[1].table.reach)
    spots = [*_points(session, viewer, last), *_issues(session, viewer, last, now)]
    if not everything:
        spots = _near(spots, shapes, near)
    kept = spots[:MOST_SPOTS]
    return Hands(list(_moved(grounds, _suspects(grounds, kept))), len(kept), len(spots) - len(kept))


def _points(session: Session, viewer: Viewer, at: datetime) -> list[Spot]:
    rows = session.execute(select(InspectionPoint.code, InspectionPoint.name,
                                  func.ST_X(InspectionPoint.geom).label("lon"),
                                  func.ST_Y(InspectionPoint.geom).label("lat"))
                           .where(points.visible(viewer), holds_at(InspectionPoint, at))
                           .order_by(InspectionPoint.code))
    return [Spot("point", row.code, row.name, POINT_CLASS, row.lon, row.lat, row.code) for row in rows]


def _issues(session: Session, viewer: Viewer, at: datetime, now: datetime) -> list[Spot]:
    here = Here(session, viewer, now, at)
    rows = session.execute(
        select(Issue.issue_no, Issue.class_code, Issue.state, func.ST_X(Issue.geom).label("lon"),
               func.ST_Y(Issue.geom).label("lat"), InspectionPoint.code.label("point"))
        .outerjoin(InspectionPoint, InspectionPoint.id == Issue.point_id)
        .where(visible(viewer, now), known_at(here), stands(here).open, not_(Issue.is_designated),
               func.coalesce(Issue.basis, "") != "explicit").order_by(Issue.issue_no))
    return [Spot("issue", row.issue_no, "", row.class_code, row.lon, row.lat, row.point, row.state) for row in rows]


def _near(spots: Sequence[Spot], shapes: Collection[shapely.Geometry], reach_m: float) -> list[Spot]:
    """Return the spots in or near some shapes, in their order."""
    if not spots:
        return []
    boxes = []
    for shape in shapes:
        west, south, east, north = shape.bounds
        low, high = frame_around((west, south), reach_m), frame_around((east, north), reach_m)
        boxes.append(shapely.box(low[0], low[1], high[2], high[3]))
    where = shapely.points(np.array([(spot.lon, spot.lat) for spot in spots], float))
    return [spots[number] for number in np.unique(shapely.STRtree(boxes).query(where)[0]).tolist()]


def _suspects(grounds: tuple[Ground, Ground], spots: Sequence[Spot]) -> list[Spot]:
    """Return the spots whose answers may differ: of very many, compiled code leaves those that surely do not."""
    if len(spots) <= FEW_SPOTS:
        return list(spots)
    masses = [Masses(ground) for ground in grounds]
    number = {code: place for place, code in enumerate(masses[0].codes)}
    classes = np.array([number[spot.class_code] for spot in spots], np.int64)
    lons, lats = (np.array([getattr(spot, name) for spot in spots], float) for name in ("lon", "lat"))
    units = [one.codes_of(one.answer(classes, lons, lats).unit) for one in masses]
    return [spot for spot, before, after in zip(spots, *units, strict=True) if before != after or spot.point]


def _moved(grounds: tuple[Ground, Ground], spots: Iterable[Spot]) -> Iterable[Hand]:
    for spot in spots:
        where, asked = (spot.lon, spot.lat), assignment.asked_of(spot.class_code)
        around = [ground.around(where, asked, point_code=spot.point) for ground in grounds]
        units = [cascade.first(each, asked, ground.table) for each, ground in zip(around, grounds, strict=True)]
        if units[0] == units[1]:
            continue
        before, after = (cascade.choose(each, asked, ground.table)
                         for each, ground in zip(around, grounds, strict=True))
        if (before.unit and before.unit.code) != (after.unit and after.unit.code):
            yield Hand(spot, before, after)
