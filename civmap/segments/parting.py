"""Splitting a road segment, joining several, and taking that back: worked out first, shown, then written as one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from shapely import LineString
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.city.reach import must_reach
from civmap.errors import Conflict, Invalid, Stale
from civmap.geo import chainage
from civmap.geo.bulk import exported
from civmap.people.rules import Viewer
from civmap.segments import crossings, queries, wording
from civmap.segments.actions import KIND, facts
from civmap.segments.models import RoadSegment, SegmentChief
from civmap.store.base import holds_at
from civmap.store.editing import change, keep_new, locked_row

LEAST_M = 1.0
MOST_JOINED = 200
INHERITED = ("road", "road_class", "width_m", "side", "unit_id", "valid_to")
MIRRORED = {"left": "right", "right": "left", "both": "both"}
DivisionAt = Callable[[float, float], str | None]


class Change(NamedTuple):
    """What becomes of one segment: the row (None: new), its columns, and its metres before and after."""

    code: str
    row: RoadSegment | None
    values: dict[str, Any]
    before_m: float | None
    after_m: float | None

    @property
    def is_retired(self) -> bool:
        """Tell whether the segment ends."""
        return self.after_m is None


@dataclass(frozen=True)
class Plan:
    """What would change; `source` is the segment that a new part takes its chiefs from, `differs` what a join loses."""

    verb: str
    changes: tuple[Change, ...]
    source: RoadSegment | None = None
    differs: tuple[str, ...] = field(default=())


class Where(NamedTuple):
    """Where to split: a metre, a spot, or the street that crosses there. Exactly one is given."""

    at_m: float | None = None
    spot: tuple[float, float] | None = None
    crossing: str | None = None


def plan_split(session: Session, viewer: Viewer, code: str, where: Where, now: datetime,
               versions: Mapping[str, int] | None = None) -> Plan:
    """Return what splitting a segment would change: the first part keeps the code, the second is new.

    Raise NotFound, Conflict `segment_ended`, Stale for an old version, Invalid where the place is not within it.
    """
    viewer.must("edit", KIND)
    row = _present(session, viewer, code, now, versions or {})
    known = crossings.of_segment(session, row, now)
    at_m, name = _metre(row, known, where)
    size = float(chainage.metres_along(row.geom)[-1])
    if not LEAST_M <= at_m <= size - LEAST_M:
        raise Invalid("split_outside", field="at_m", at_m=round(at_m, 1), length_m=round(size, 1), least_m=LEAST_M)
    name = name or crossings.name_at(known, at_m) or chainage.mark((row.chainage_m or 0.0) + at_m)
    first, second = chainage.cut(row.geom, at_m)
    old, ends = (row.from_name, row.to_name), ((row.from_name, name), (name, row.to_name))
    taken = session.scalars(select(RoadSegment.code).where(
        RoadSegment.code.startswith(row.code.rpartition("-")[0] or row.code, autoescape=True))).all()
    new = {**{part: getattr(row, part) for part in INHERITED}, "valid_from": now}
    return Plan("split", (
        Change(row.code, row, {
            "geom": first, "to_name": name, "chainage_m": row.chainage_m or 0.0,
            "name": wording.follow(row.name, old, ends[0]) or row.name}, size, chainage.metres_along(first)[-1]),
        Change(wording.next_code(row.code, taken), None, {
            **new, "geom": second, "from_name": name, "to_name": row.to_name,
            "chainage_m": (row.chainage_m or 0.0) + float(at_m),
            "name": wording.follow(row.name, old, ends[1]) or wording.of_part(row.name, row.road, ends[1])},
            None, chainage.metres_along(second)[-1])), row)


def _metre(row: RoadSegment, known: list[crossings.Crossing], where: Where) -> tuple[float, str | None]:
    if where.at_m is not None:
        return where.at_m, None
    if where.spot is not None:
        return crossings.at_spot(row, known, where.spot)
    found = crossings.at_name(known, where.crossing or "")
    return found.at_m, found.name


def plan_join(session: Session, viewer: Viewer, codes: Sequence[str], keep: str | None, now: datetime,
              versions: Mapping[str, int] | None = None) -> Plan:
    """Return what joining segments that touch end to end would change: one keeps its code, the others end.

    Raise Conflict where they belong to several roads, lie apart, fork or answer for different sides.
    """
    viewer.must("edit", KIND)
    wanted = list(dict.fromkeys(codes))
    if not 2 <= len(wanted) <= MOST_JOINED:
        raise Invalid("join_count", field="segments", count=len(wanted), most=MOST_JOINED)
    if keep is not None and keep not in wanted:
        raise Invalid("join_keep", field="keep", value=keep[:64])
    rows = {code: _present(session, viewer, code, now, versions or {}) for code in sorted(wanted)}
    first = rows[keep or wanted[0]]
    ordered = [first, *(rows[code] for code in wanted if rows[code] is not first)]
    roads = sorted({row.road for row in ordered if row.road})
    if len(roads) > 1:
        raise Conflict("join_roads", field="segments", roads=roads)
    chain = chainage.chained([row.geom for row in ordered])
    if isinstance(chain, chainage.Apart):
        raise Conflict(f"join_{chain.reason}", field="segments", gap_m=round(chain.gap_m, 1),
                       place={"lon": chain.place[0], "lat": chain.place[1]})
    return _joined(ordered, chain)


def _joined(ordered: list[RoadSegment], chain: chainage.Chain) -> Plan:
    first = ordered[0]
    sides = {MIRRORED[ordered[number].side] if is_back else ordered[number].side for number, is_back in chain.order}
    if len(sides) > 1:
        raise Conflict("join_sides", field="segments", sides=sorted(sides))
    (low, low_back), (high, high_back) = chain.order[0], chain.order[-1]
    start = ordered[low].to_name if low_back else ordered[low].from_name
    end = ordered[high].from_name if high_back else ordered[high].to_name
    marks = [row.chainage_m for row in ordered if row.chainage_m is not None]
    name = wording.follow(first.name, (first.from_name, first.to_name), (start, end)) or first.name
    sizes = [float(chainage.metres_along(row.geom)[-1]) for row in ordered]
    kept = Change(first.code, first, {
        "geom": chain.line, "from_name": start, "to_name": end, "name": name,
        "chainage_m": min(marks) if marks else None}, sizes[0], float(chainage.metres_along(chain.line)[-1]))
    gone = [Change(row.code, row, {}, size, None) for row, size in zip(ordered[1:], sizes[1:], strict=True)]
    return Plan("join", (kept, *gone), differs=_differing(ordered))


def _differing(rows: list[RoadSegment]) -> tuple[str, ...]:
    """Return what the segments do not agree on and one of them gives up: unit, class, width, chiefs."""
    def values(name: str) -> set[Any]:
        return {getattr(row, name) for row in rows}

    chiefs = {tuple((chief.level, chief.name) for chief in row.chiefs) for row in rows}
    found = [name for name in ("unit_id", "road_class", "width_m") if len(values(name)) > 1]
    return (*found, *(["chiefs"] if len(chiefs) > 1 else []))


def _present(session: Session, viewer: Viewer, code: str, now: datetime, versions: Mapping[str, int]) -> RoadSegment:
    """Return a segment for writing that holds now and is as the sender saw it."""
    row: RoadSegment = locked_row(session, RoadSegment, KIND, code, queries.visible(viewer))
    if code in versions and versions[code] != row.version:
        raise Stale("stale_edit", current=queries.as_feature(session, viewer, row), version=row.version)
    if (row.valid_to is not None and row.valid_to <= now) or (row.valid_from is not None and row.valid_from > now):
        raise Conflict("segment_ended", field="segments", code=code)
    must_reach(viewer, row.division)
    return row


def carry_out(session: Session, viewer: Viewer, plan: Plan, now: datetime,
              division_at: DivisionAt) -> list[RoadSegment]:
    """Write a plan, a ledger line for each segment; return the segments that hold afterwards, as planned."""
    held = []
    for each in plan.changes:
        values = dict(each.values)
        if each.is_retired:
            assert each.row is not None
            change(session, viewer.actor, KIND, each.row, {"valid_to": now}, now, verb="retire", facts=facts)
            continue
        if "geom" in values:
            values["division"] = division_at(*_middle(values["geom"]))
        if each.row is None:
            chiefs = [] if plan.source is None else plan.source.chiefs
            row = RoadSegment(code=each.code, **values, chiefs=[
                SegmentChief(level=one.level, name=one.name, title=one.title, phone=one.phone) for one in chiefs])
            keep_new(session, viewer.actor, KIND, row, now, facts)
        else:
            row = each.row
            change(session, viewer.actor, KIND, row, values, now, verb=plan.verb, facts=facts)
        held.append(row)
    return held


def _middle(line: LineString) -> tuple[float, float]:
    return chainage.spot_at(line, float(chainage.metres_along(line)[-1]) / 2)


def as_json(plan: Plan) -> dict[str, Any]:
    """Return a plan as the interface shows it: every segment that changes, with metres and shape."""
    lines = [each.values.get("geom") or (each.row.geom if each.row else None) for each in plan.changes]
    changes = []
    for each, shape in zip(plan.changes, exported(lines), strict=True):
        changes.append({
            "segment": each.code, "name": _told(each, "name"), "from_name": _told(each, "from_name"),
            "to_name": _told(each, "to_name"), "before_m": _rounded(each.before_m), "after_m": _rounded(each.after_m),
            "geometry": shape, "is_new": each.row is None, "is_retired": each.is_retired,
            "version": None if each.row is None else each.row.version})
    return {"changes": changes, "differs": list(plan.differs)}


def _told(each: Change, name: str) -> Any:
    return each.values[name] if name in each.values else getattr(each.row, name, None)


def _rounded(metres: float | None) -> float | None:
    return None if metres is None else round(float(metres), 2)


def neighbours(session: Session, viewer: Viewer, row: RoadSegment, now: datetime) -> list[RoadSegment]:
    """Return the segments of the same road that touch an end of a segment: those that it can be joined with."""
    others = session.scalars(select(RoadSegment).where(
        RoadSegment.road == row.road, RoadSegment.id != row.id, holds_at(RoadSegment, now), queries.visible(viewer)))
    return [other for other in others if isinstance(chainage.chained([row.geom, other.geom]), chainage.Chain)]
