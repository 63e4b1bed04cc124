"""Pieces that were only read from the street map, and that nobody has taken up: they give way to the office's own."""

from datetime import datetime

import numpy as np
import shapely
from shapely import LineString
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.city.queries import the_city
from civmap.geo import chainage
from civmap.geo.measure import NearPlane
from civmap.people.rules import Viewer
from civmap.segments import wording
from civmap.segments.actions import KIND, facts
from civmap.segments.models import RoadSegment
from civmap.store.base import holds_at
from civmap.store.editing import change, end_validity, keep_new

BESIDE_M = 30.0
STEP_M = 5.0
LEAST_M = 25.0
"""What is left of a piece and shorter than this ends with it: it was the mouth of a crossing."""


def give_way(session: Session, viewer: Viewer, segment: RoadSegment, now: datetime) -> int:
    """Cut out of the untouched pieces of the same road what a new segment holds; return how many gave way."""
    pieces = session.scalars(select(RoadSegment).where(
        RoadSegment.road == segment.road, RoadSegment.id != segment.id, RoadSegment.version == 1,
        RoadSegment.unit_id.is_(None), ~RoadSegment.chiefs.any(), holds_at(RoadSegment, now),
        RoadSegment.valid_from == the_city(session).founded_at)).all()
    count = 0
    for piece in pieces:
        left = remaining(piece.geom, segment.geom)
        if left is None:
            continue
        count += 1
        _leave(session, viewer, piece, left, now)
    return count


def _leave(session: Session, viewer: Viewer, piece: RoadSegment, left: list[LineString], now: datetime) -> None:
    if not left:
        end_validity(session, viewer.actor, KIND, piece, now, facts)
        return
    values = {name: getattr(piece, name) for name in ("name", "road", "road_class", "width_m", "side", "division")}
    change(session, viewer.actor, KIND, piece, {"geom": left[0]}, now, facts=facts)
    taken = [piece.code]
    for line in left[1:]:
        taken.append(wording.next_code(piece.code, taken))
        keep_new(session, viewer.actor, KIND, RoadSegment(code=taken[-1], geom=line, valid_from=piece.valid_from,
                                                          **values), now, facts)


def remaining(piece: LineString, taken: LineString) -> list[LineString] | None:
    """Return what is left of a line beside another one; None where they share no more than a crossing."""
    size = float(chainage.metres_along(piece)[-1])
    marks = np.linspace(0, size, max(3, int(size / STEP_M) + 1))
    spots = np.array([chainage.spot_at(piece, at) for at in marks])
    plane = NearPlane(*spots[len(spots) // 2])
    other = plane.to_metres(taken)
    away = shapely.distance(plane.to_metres(shapely.points(spots)), other)
    covered = away <= BESIDE_M
    if covered.mean() * size <= min(LEAST_M + BESIDE_M, size * 0.9):
        return None
    edges = np.flatnonzero(np.diff(np.concatenate([[False], ~covered, [False]]).astype(np.int8)))
    left = []
    for low, high in zip(edges[::2], edges[1::2], strict=True):
        start = 0.0 if low == 0 else _end_on(piece, taken, float(marks[low]))
        stop = size if high == len(marks) else _end_on(piece, taken, float(marks[high - 1]))
        if stop - start >= LEAST_M:
            left.append(chainage.between(piece, start, stop))
    return left


def _end_on(piece: LineString, taken: LineString, near_m: float) -> float:
    """Return the metre of a piece at which the other line ends: the foot of the nearer of its two ends."""
    feet = [chainage.where_on(piece, taken.coords[place]).at_m for place in (0, -1)]
    return min(feet, key=lambda at: abs(at - near_m))
