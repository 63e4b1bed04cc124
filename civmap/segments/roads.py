"""One road: the ordered list of its segments along its line, with what no segment and what several hold."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.city.models import StreetEdge
from civmap.city.queries import frame_of
from civmap.errors import NotFound
from civmap.geo import chainage
from civmap.people.rules import Viewer
from civmap.segments.matching import Network
from civmap.segments.models import RoadSegment
from civmap.segments.queries import visible
from civmap.segments.ways import Edge, Road, between
from civmap.segments.written import Names
from civmap.store.base import holds_at

OFF_M = 40.0
GAP_M = 20.0
HIDDEN = -1


class Stretch(NamedTuple):
    """A segment on the line of its road; `is_off` where it runs elsewhere (a branch of the same name)."""

    segment: Any
    from_m: float
    to_m: float
    length_m: float
    is_off: bool


class Fault(NamedTuple):
    """Metres of a road that no segment (none), more than one (several) or only others' (hidden) hold."""

    state: str
    from_m: float
    to_m: float


class Line(NamedTuple):
    """A road as a strip: its length, the segments in order, where they leave gaps or overlap, what is not shown."""

    name: str
    length_m: float
    stretches: list[Stretch]
    faults: list[Fault]
    hidden: list[Fault]


def line_of(session: Session, viewer: Viewer, name: str, now: datetime) -> Line:
    """Return a road by name; raise NotFound `road_not_found` where neither streets nor segments bear it."""
    rows = list(session.scalars(select(RoadSegment).where(RoadSegment.road == name, holds_at(RoadSegment, now),
                                                          visible(viewer)).order_by(RoadSegment.code)))
    axis = _axis(session, name, rows)
    if axis is None:
        raise NotFound("road_not_found", field="road", road=name[:60])
    length = float(chainage.metres_along(axis)[-1])
    stretches = sorted((_stretch(axis, row) for row in rows), key=lambda one: (one.is_off, one.from_m, one.to_m))
    others = session.execute(select(RoadSegment.side, RoadSegment.geom).where(
        RoadSegment.road == name, holds_at(RoadSegment, now), RoadSegment.id.not_in([row.id for row in rows]))).all()
    unseen = [one for one in (_stretch(axis, row) for row in others) if not one.is_off]
    found = faults_of([one for one in stretches if not one.is_off], length, unseen)
    return Line(name, length, stretches, [one for one in found if one.state != "hidden"],
                [one for one in found if one.state == "hidden"])


def _stretch(axis: shapely.LineString, row: Any) -> Stretch:
    ends = [chainage.where_on(axis, row.geom.coords[place]) for place in (0, -1)]
    middle = row.geom.interpolate(0.5, normalized=True)
    away = max(chainage.where_on(axis, (middle.x, middle.y)).distance_m, *(end.distance_m for end in ends))
    low, high = sorted(end.at_m for end in ends)
    return Stretch(row, low, high, float(chainage.metres_along(row.geom)[-1]), away > OFF_M)


def faults_of(stretches: list[Stretch], length: float, unseen: Sequence[Stretch] = ()) -> list[Fault]:
    """Return gaps and overlaps of twenty metres and more along a road; its two sides are judged apart.

    What only segments hold that the viewer must not see is no gap: it is `hidden`, without where one of them ends.
    """
    found: set[Fault] = set()
    for side in ("left", "right"):
        mine = [one for one in stretches if one.segment.side in ("both", side)]
        others = [one for one in unseen if one.segment.side in ("both", side)]
        marks = sorted({0.0, length, *(edge for one in (*mine, *others) for edge in (one.from_m, one.to_m))})
        counts = [(low, high, _holding(mine, low, high) or (HIDDEN if _holding(others, low, high) else 0))
                  for low, high in pairwise(marks) if high - low > 1e-6]
        for state, wanted in (("none", lambda count: count == 0), ("several", lambda count: count > 1),
                              ("hidden", lambda count: count == HIDDEN)):
            found.update(_runs(counts, state, wanted))
    return sorted(found, key=lambda one: one.from_m)


def _holding(stretches: Sequence[Stretch], low: float, high: float) -> int:
    return sum(one.from_m <= low + 1e-6 and one.to_m >= high - 1e-6 for one in stretches)


def _runs(counts: list[tuple[float, float, int]], state: str, wanted: Any) -> list[Fault]:
    runs: list[Fault] = []
    for low, high, count in counts:
        if not wanted(count):
            continue
        if runs and low - runs[-1].to_m < (GAP_M if state == "hidden" else 1e-6):
            runs[-1] = runs[-1]._replace(to_m=high)
        else:
            runs.append(Fault(state, low, high))
    return [Fault(state, round(run.from_m, 1), round(run.to_m, 1)) for run in runs if run.to_m - run.from_m >= GAP_M]


def _axis(session: Session, name: str, rows: list[RoadSegment]) -> shapely.LineString | None:
    """Return the line of a road: the longest way through its streets, else its segments end to end."""
    edges = [Edge(*row) for row in session.execute(select(
        StreetEdge.name, StreetEdge.from_node, StreetEdge.to_node, StreetEdge.geom, StreetEdge.is_oneway)
        .where(StreetEdge.name == name).order_by(StreetEdge.id))]
    axis = None
    if edges:
        west, south, east, north = frame_of(session)
        network = Network(edges, Names([name]), ((west + east) / 2, (south + north) / 2))
        xy = longest(network.road(name))
        axis = network.degrees(xy) if xy is not None else None
    if axis is None and rows:
        chain = chainage.chained([row.geom for row in rows])
        axis = max((row.geom for row in rows), key=lambda line: line.length) if isinstance(
            chain, chainage.Apart) else chain.line
    return axis if axis is None or _goes_east(axis) else chainage.reversed_line(axis)


def _goes_east(line: shapely.LineString) -> bool:
    """Tell whether a line runs to the east, or from the south where it runs neither east nor west."""
    (lon, lat), (lon2, lat2) = line.coords[0], line.coords[-1]
    return lon2 > lon if abs(lon2 - lon) >= abs(lat2 - lat) / 2 else lat2 > lat


def longest(road: Road) -> np.ndarray | None:
    """Return the line between the two crossings of a street that lie farthest apart and are joined by it."""
    where = np.array([place.middle for place in road.places])
    if len(where) < 2:
        return None
    away = np.hypot(*(where[:, None, :] - where[None, :, :]).transpose(2, 0, 1))
    for pair in np.argsort(-away, axis=None)[:40]:
        low, high = np.unravel_index(pair, away.shape)
        if low != high:
            line, _ = between(road, road.places[low], road.places[high])
            if line is not None:
                return line
    return None
