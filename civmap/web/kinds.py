"""The four kinds of things on the map, and issues: their rows joined with the colours of the open issues on them.

Pages, lists, map data and downloads all collect here, so one policy and one count stand behind all of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from sqlalchemy import func, select

from civmap.exchange import gather
from civmap.exchange.gather import Found, Narrowing
from civmap.issues import queries as issues
from civmap.issues.counting import Counter
from civmap.issues.models import Issue
from civmap.issues.rules import Burden
from civmap.points import actions as point_actions
from civmap.points import queries as point_queries
from civmap.points.models import InspectionPoint
from civmap.segments import actions as segment_actions
from civmap.segments import queries as segment_queries
from civmap.segments.models import RoadSegment
from civmap.store.base import holds_at
from civmap.store.listing import Here
from civmap.units import actions as unit_actions
from civmap.units import queries as unit_queries
from civmap.units.models import Unit
from civmap.web.desk import Desk
from civmap.zones import actions as zone_actions
from civmap.zones import queries as zone_queries
from civmap.zones.models import Zone

Feature = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its name in addresses, its name in the policy, what is kept, and the room that answers for it."""

    name: str
    one: str
    model: Any
    queries: ModuleType
    actions: ModuleType


KINDS: dict[str, Kind] = {
    "points": Kind("points", "point", InspectionPoint, point_queries, point_actions),
    "segments": Kind("segments", "segment", RoadSegment, segment_queries, segment_actions),
    "zones": Kind("zones", "zone", Zone, zone_queries, zone_actions),
    "units": Kind("units", "unit", Unit, unit_queries, unit_actions),
}
MOST = 10_000
__all__ = ["KINDS", "MOST", "Feature", "Found", "Kind", "Narrowing", "collect", "counts", "held_by", "one", "parts",
           "zones_by_kind"]


def collect(desk: Desk, kind: str, asked: Narrowing) -> Found:
    """Return features of a kind with their counts and status, as this viewer may see them; raise Invalid."""
    return gather.collect(desk.session, desk.viewer, kind, asked, desk.now, desk.lang)


def parts(desk: Desk, kind: str, asked: Narrowing) -> Iterator[gather.Part]:
    """Yield the things of a kind one by one, for answers that may be long; raise Invalid."""
    return gather.parts(desk.session, desk.viewer, kind, asked, desk.now, desk.lang)


def one(desk: Desk, kind: str, row: Any) -> Feature:
    """Return one row as a feature with its counts and status."""
    here = Here(desk.session, desk.viewer, desk.now, desk.now)
    counter = Counter(here, kind, {}, ids=[row.id], areas=[row.geom] if kind == "zones" else None)
    found = counter.of([row])
    feature = KINDS[kind].queries.as_feature(desk.session, desk.viewer, row)
    feature["properties"].update(Burden(int(found.open[0]), int(found.due_soon[0]),
                                        int(found.overdue[0])).as_properties())
    return feature


def counts(desk: Desk) -> dict[str, int]:
    """Return how many things of each kind this viewer sees, issues in any state."""
    found = {name: _count(desk, kind.model, kind.queries.visible(desk.viewer), holds_at(kind.model, desk.now))
             for name, kind in KINDS.items()}
    return {**found, "issues": _count(desk, Issue, issues.visible(desk.viewer, desk.now))}


def _count(desk: Desk, model: Any, *conditions: Any) -> int:
    return desk.session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def zones_by_kind(desk: Desk) -> dict[str, int]:
    """Return how many zones of each kind this viewer sees."""
    rows = desk.session.execute(select(Zone.kind, func.count()).where(
        zone_queries.visible(desk.viewer), holds_at(Zone, desk.now)).group_by(Zone.kind))
    return {kind: count for kind, count in rows}


def held_by(desk: Desk, kind: str, unit: str) -> int:
    """Return how many points, segments or zones that this viewer sees a unit answers for."""
    room = KINDS[kind]
    return _count(desk, room.model, room.queries.visible(desk.viewer), holds_at(room.model, desk.now),
                  room.model.unit_id.in_(select(Unit.id).where(Unit.code == unit)))
