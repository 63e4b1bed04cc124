"""The four kinds of things on the map, and issues: their rows joined with the colours of the open issues on them.

Pages, lists, map data and downloads all collect here, so one policy and one count stand behind all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import ModuleType
from typing import Any

from sqlalchemy import case, func, select

from civmap.errors import Invalid
from civmap.issues import queries as issues
from civmap.issues import showing
from civmap.issues.models import Issue
from civmap.issues.rules import STATUSES, Burden
from civmap.points import actions as point_actions
from civmap.points import queries as point_queries
from civmap.points.models import InspectionPoint
from civmap.segments import actions as segment_actions
from civmap.segments import queries as segment_queries
from civmap.segments.models import RoadSegment
from civmap.store.base import holds_at
from civmap.store.spatial import intersects
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


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which rows are asked for."""

    bbox: tuple[float, ...] | None = None
    q: str | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)
    status: tuple[str, ...] = ()
    on: datetime | None = None
    limit: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The features that were asked for, and the cursor of the rest where there is one."""

    features: list[Feature]
    after: int | None


def collect(desk: Desk, kind: str, asked: Narrowing) -> Found:
    """Return features of a kind with their counts and status, as this viewer may see them; raise Invalid."""
    wrong = set(asked.status) - set(STATUSES)
    if wrong:
        raise Invalid("choice_unknown", field="status", value=",".join(sorted(wrong)), known=list(STATUSES))
    return _issues(desk, asked) if kind == "issues" else _objects(desk, KINDS[kind], asked)


def _issues(desk: Desk, asked: Narrowing) -> Found:
    filters = {**asked.filters, **({"status": asked.status} if asked.status else {})}
    if filters.get("state") == "open":
        del filters["state"]
        filters["open"] = "true"
    rows = issues.listed(desk.session, desk.viewer, desk.now, bbox=asked.bbox, q=asked.q, filters=filters,
                         limit=_one_more(asked.limit), after=asked.after)
    rows, after = _cut(rows, asked.limit)
    return Found(showing.features(desk.session, rows, desk.viewer, desk.lang, desk.now), after)


def _objects(desk: Desk, kind: Kind, asked: Narrowing) -> Found:
    burdens = issues.BURDENS[kind.name](desk.session, desk.viewer, desk.now)
    limit = None if asked.status else _one_more(asked.limit)
    rows = kind.queries.listed(desk.session, desk.viewer, bbox=asked.bbox, q=asked.q, filters=asked.filters,
                               on=asked.on or desk.now, limit=limit, after=asked.after)
    if asked.status:
        rows = [row for row in rows if burdens.get(row.id, NOTHING).status in asked.status]
    rows, after = _cut(rows, asked.limit)
    known = kind.queries.lookup(desk.session, rows)
    return Found([_with_burden(kind.queries.feature(row, desk.viewer, known), burdens.get(row.id, NOTHING))
                  for row in rows], after)


NOTHING = Burden()


def _with_burden(feature: Feature, burden: Burden) -> Feature:
    feature["properties"].update(burden.as_properties())
    return feature


def one(desk: Desk, kind: str, row: Any) -> Feature:
    """Return one row as a feature with its counts and status."""
    if kind == "zones":
        burden = _inside(desk, row)
    else:
        burden = issues.BURDENS[kind](desk.session, desk.viewer, desk.now).get(row.id, NOTHING)
    return _with_burden(KINDS[kind].queries.as_feature(desk.session, desk.viewer, row), burden)


def _inside(desk: Desk, zone: Zone) -> Burden:
    """Return the open issues inside one zone, without asking about all the others."""
    soon, late = (func.sum(case((condition, 1), else_=0))
                  for condition in (issues.is_due_soon(desk.now), issues.is_overdue(desk.now)))
    row = desk.session.execute(select(func.count(), soon, late).select_from(Issue).where(
        issues.is_open(), issues.visible(desk.viewer, desk.now), intersects(Issue.geom, zone.geom))).one()
    return Burden(row[0], int(row[1] or 0), int(row[2] or 0))


def _one_more(limit: int | None) -> int | None:
    return None if limit is None else limit + 1


def _cut(rows: list[Any], limit: int | None) -> tuple[list[Any], int | None]:
    if limit is None or len(rows) <= limit:
        return rows, None
    return rows[:limit], rows[limit - 1].id


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
