"""Where other streets meet a segment: of the street network, and where segments of other roads touch it."""

from typing import NamedTuple

import numpy as np
import shapely
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from civmap.city.models import StreetEdge
from civmap.errors import Invalid
from civmap.geo.chainage import Along, metres_along, where_on
from civmap.geo.measure import frame_around
from civmap.segments.models import RoadSegment
from civmap.store.base import holds_at
from civmap.store.spatial import in_frame

REACH_M = 40.0
TOUCHES_M = 2.0
SAME_M = 60.0
SNAP_M = 30.0
"""A tap closer than this to a crossing means the crossing."""
FARTHEST_M = 150.0


class Crossing(NamedTuple):
    """A street that meets a segment, and at which metre of it."""

    name: str
    at_m: float


def of_segment(session: Session, segment: RoadSegment, now: object) -> list[Crossing]:
    """Return the named streets that meet a segment, along it; its own road is none of them."""
    west, south, east, north = segment.geom.bounds
    lower, upper = frame_around((west, south), REACH_M), frame_around((east, north), REACH_M)
    frame = (lower[0], lower[1], upper[2], upper[3])
    found = [*_of_network(session, segment, frame), *_of_segments(session, segment, frame, now)]
    return _merged(found)


def _of_network(session: Session, segment: RoadSegment, frame: tuple[float, float, float, float]) -> list[Crossing]:
    """Nodes that a street shares with the segment's own road; without one of its name, ends of streets on its line."""
    rows = session.execute(select(StreetEdge.name, StreetEdge.from_node, StreetEdge.to_node, StreetEdge.geom).where(
        in_frame(StreetEdge.geom, *frame), StreetEdge.name.is_not(None), StreetEdge.name != "")).all()
    own = {node for row in rows if row.name == segment.road for node in (row.from_node, row.to_node)}
    found = []
    for row in rows:
        if row.name == segment.road:
            continue
        for node, place in ((row.from_node, 0), (row.to_node, -1)):
            along = where_on(segment.geom, row.geom.coords[place])
            if along.distance_m <= (REACH_M if node in own else 0 if own else TOUCHES_M):
                found.append(Crossing(row.name, along.at_m))
    return found


def _of_segments(session: Session, segment: RoadSegment, frame: tuple[float, float, float, float],
                 now: object) -> list[Crossing]:
    rows = session.execute(select(RoadSegment.road, RoadSegment.geom).where(
        in_frame(RoadSegment.geom, *frame), holds_at(RoadSegment, now), RoadSegment.road != "",
        or_(RoadSegment.road != segment.road, segment.road == ""), RoadSegment.id != segment.id)).all()
    found = []
    for row in rows:
        spots = [row.geom.coords[0], row.geom.coords[-1]]
        meeting = shapely.intersection(segment.geom, row.geom)
        if not meeting.is_empty:
            spots += [tuple(xy) for xy in shapely.get_coordinates(meeting)[:4]]
        places = [where_on(segment.geom, spot) for spot in spots]
        found += [Crossing(row.road, place.at_m) for place in places if place.distance_m <= TOUCHES_M]
    return found


def _merged(found: list[Crossing]) -> list[Crossing]:
    """Take the several nodes of one crossing (two carriageways) as one place, in their middle."""
    merged: list[Crossing] = []
    for name in sorted({each.name for each in found}):
        marks = sorted({each.at_m for each in found if each.name == name})
        groups = np.split(marks, np.flatnonzero(np.diff(marks) > SAME_M) + 1)
        merged += [Crossing(name, float((group[0] + group[-1]) / 2)) for group in groups]
    return sorted(merged, key=lambda each: (each.at_m, each.name))


def at_name(known: list[Crossing], name: str) -> Crossing:
    """Return the crossing with a street; raise Invalid `crossing_unknown` with those there are."""
    wanted = name.strip().removesuffix("路口").removesuffix("交叉口").removesuffix("口") or name
    for spelling in (name.strip(), wanted):
        exact = [each for each in known if each.name == spelling]
        if exact:
            return exact[0]
    raise Invalid("crossing_unknown", field="crossing", value=name[:60],
                  known=list(dict.fromkeys(each.name for each in known))[:12])


def at_spot(segment: RoadSegment, known: list[Crossing], spot: tuple[float, float]) -> tuple[float, str | None]:
    """Return the metre that a tap means and the crossing's name: the crossing nearby, else the foot of the spot."""
    along: Along = where_on(segment.geom, spot)
    if along.distance_m > FARTHEST_M:
        raise Invalid("split_far_off", field="lon", distance_m=round(along.distance_m), most_m=int(FARTHEST_M))
    size = float(metres_along(segment.geom)[-1])
    near = [each for each in known if abs(each.at_m - along.at_m) <= SNAP_M and 1 < each.at_m < size - 1]
    if near:
        nearest = min(near, key=lambda each: abs(each.at_m - along.at_m))
        return nearest.at_m, nearest.name
    return along.at_m, None


def name_at(known: list[Crossing], at_m: float) -> str | None:
    """Return the street that meets a segment at a metre, or None."""
    near = [each for each in known if abs(each.at_m - at_m) <= SNAP_M]
    return min(near, key=lambda each: abs(each.at_m - at_m)).name if near else None
