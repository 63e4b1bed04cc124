"""Ask where the city is not covered: overlaps, gaps, slivers, and points, segments and zones without an answerer."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from civmap.clock import office_day
from civmap.coverage import rules
from civmap.coverage.keeping import state_of
from civmap.coverage.reading import NOBODY
from civmap.coverage.rules import KINDS
from civmap.coverage.state import FRONTAGE, Family, Gap, Pair, State
from civmap.errors import Invalid
from civmap.geo.coverage import is_sliver
from civmap.geo.facing import LEAST_UNCOVERED_M, Bare
from civmap.people.rules import Viewer
from civmap.points import queries as points
from civmap.points.models import InspectionPoint
from civmap.segments import queries as segments
from civmap.segments.models import RoadSegment, SegmentChief
from civmap.store.base import holds_at
from civmap.zones import queries as zones
from civmap.zones.models import Zone

CHUNK = 5000
FITTING = ("overlaps", "gaps", "slivers", "unmatched_edges")
Row = dict[str, Any]
Placed = tuple[Row, Any]
"""A row as programs get it, and its shape."""


def found(session: Session, viewer: Viewer, now: datetime, kind: str | None = None) -> dict[str, Any]:
    """Return what is not covered among the things a viewer sees, as `civmap coverage --json` prints it.

    Zones of one kind are compared where that kind may not overlap, and with their parent where it must tile; ground
    is covered also where the zone that covers it is hidden from the viewer. Slivers are also the edges on which the
    vertices of two zones do not meet: without ground, but with a length. Raise Invalid for a kind there is not.
    """
    state = checked(session, now, kind)
    rows = {group: [row for row, _shape in placed]
            for group, placed in misfits(session, viewer, now, state, kind).items()}
    return {
        "overlaps": rows["overlaps"], "gaps": rows["gaps"], "slivers": rows["slivers"] + rows["unmatched_edges"],
        "points_without_unit": _codes(session, points_without_unit(viewer, now)),
        "segments_without_chief": _codes(session, segments_without_chief(viewer, now)),
        "zones_without_holder": _codes(session, zones_without_holder(viewer, now, kind)),
        "expired_pledges": _codes(session, expired_pledges(viewer, now, kind)),
        "uncovered_frontage": [row for row, _shape in uncovered(session, viewer, now, state, kind)],
    }


def checked(session: Session, now: datetime, kind: str | None) -> State:
    """Return how the zones fit together now; raise Invalid for a kind there is not."""
    if kind is not None and kind not in KINDS:
        raise Invalid("choice_unknown", field="kind", value=kind[:40], known=list(KINDS))
    return state_of(session, now)


def misfits(session: Session, viewer: Viewer, now: datetime, state: State,
            kind: str | None) -> dict[str, list[Placed]]:
    """Return what does not fit together among the zones that a viewer sees, by group, with shapes."""
    pairs = [pair for pair in state.pairs if kind in (None, pair.kind)]
    gaps = [gap for gap in state.gaps if kind in (None, gap.family[1])]
    codes = _seen(session, viewer, now, {one for pair in pairs for one in (pair.first, pair.second)}
                  | {one for gap in gaps for one in (gap.family[0], *gap.beside)})
    families = _families(session, viewer, now, gaps)
    rows: dict[str, list[Placed]] = {group: [] for group in FITTING}
    for pair in pairs:
        if pair.first in codes and pair.second in codes:
            group, row = _pair(pair, codes)
            rows[group].append((row, pair.fault.shape))
    for gap in gaps:
        if gap.family in families:
            rows["slivers" if gap.is_thin else "gaps"].append((_gap(gap, codes), gap.shape))
    return rows


def _pair(pair: Pair, codes: dict[int, str]) -> tuple[str, Row]:
    first, second, fault = codes[pair.first], codes[pair.second], pair.fault
    group = "unmatched_edges" if fault.is_edge else "slivers" if is_sliver(fault.shape) else "overlaps"
    row = {"a": first, "b": second, **_placed(fault.shape, fault.area_m2), "kind": pair.kind,
           "severity": rules.severity(group, fault.area_m2),
           "repair": rules.of_pair(first, second, is_edge=fault.is_edge)}
    return group, row | ({"length_m": round(fault.length_m, 2)} if fault.is_edge else {})


def _gap(gap: Gap, codes: dict[int, str]) -> Row:
    placed = _placed(gap.shape, gap.area_m2)
    beside = [codes[one] for one in gap.beside if one in codes]
    return {"parent": codes.get(gap.family[0]), **placed, "kind": gap.family[1],
            "severity": rules.severity("slivers" if gap.is_thin else "gaps", gap.area_m2), "beside": beside,
            "repair": rules.of_gap(gap.family[1], placed["place"], beside)}


def _placed(shape: Any, area_m2: float) -> Row:
    spot = shape.representative_point()
    return {"area_m2": round(area_m2, 2), "bbox": [round(edge, 7) for edge in shape.bounds],
            "place": [round(spot.x, 9), round(spot.y, 9)]}


def _seen(session: Session, viewer: Viewer, now: datetime, ids: Collection[int]) -> dict[int, str]:
    """Return the codes of the zones among some ids that a viewer sees."""
    wanted, codes = sorted(set(ids) - {NOBODY}), {}
    for start in range(0, len(wanted), CHUNK):
        asked = select(Zone.id, Zone.code).where(Zone.id.in_(wanted[start:start + CHUNK]), zones.visible(viewer),
                                                 holds_at(Zone, now))
        codes.update(dict(session.execute(asked).all()))
    return codes


def _families(session: Session, viewer: Viewer, now: datetime, gaps: Iterable[Gap]) -> set[Family]:
    """Return the families of some gaps whose parent a viewer sees, and at least one zone that tiles it."""
    families = {gap.family for gap in gaps}
    if viewer.sees_all or not families:
        return families
    above = _seen(session, viewer, now, {parent for parent, _kind in families})
    tiled = select(Zone.parent_id, Zone.kind).where(zones.visible(viewer), holds_at(Zone, now)).distinct()
    seen = {(NOBODY if parent is None else parent, kind) for parent, kind in session.execute(tiled)}
    return {family for family in families & seen if family[0] == NOBODY or family[0] in above}


def _codes(session: Session, asked: Any) -> list[str]:
    return sorted(session.scalars(asked))


def points_without_unit(viewer: Viewer, now: datetime, *columns: Any) -> Any:
    """Return the statement of the points for which nobody answers."""
    return select(*(columns or (InspectionPoint.code,))).where(
        InspectionPoint.unit_id.is_(None), holds_at(InspectionPoint, now), points.visible(viewer))


def segments_without_chief(viewer: Viewer, now: datetime, *columns: Any) -> Any:
    """Return the statement of the segments that no chief holds."""
    held = select(SegmentChief.id).where(SegmentChief.segment_id == RoadSegment.id).exists()
    return select(*(columns or (RoadSegment.code,))).where(~held, holds_at(RoadSegment, now),
                                                           segments.visible(viewer))


def zones_without_holder(viewer: Viewer, now: datetime, kind: str | None, *columns: Any) -> Any:
    """Return the statement of the zones for which neither a unit nor a person answers."""
    return _zones(viewer, now, kind, columns, Zone.unit_id.is_(None) & or_(Zone.holder.is_(None), Zone.holder == ""))


def expired_pledges(viewer: Viewer, now: datetime, kind: str | None, *columns: Any) -> Any:
    """Return the statement of the zones whose pledge has run out."""
    return _zones(viewer, now, kind, columns, Zone.pledge_expires_on < office_day(now))


def _zones(viewer: Viewer, now: datetime, kind: str | None, columns: Any, condition: ColumnElement[bool]) -> Any:
    asked = select(*(columns or (Zone.code,))).where(condition, holds_at(Zone, now), zones.visible(viewer))
    return asked if kind is None else asked.where(Zone.kind == kind)


def streets_seen(session: Session, viewer: Viewer, now: datetime, codes: Collection[str]) -> dict[str, Any]:
    """Return code, road, name, side and shape of the segments of some codes that a viewer sees."""
    wanted, rows = sorted(codes), {}
    for start in range(0, len(wanted), CHUNK):
        asked = select(RoadSegment.code, RoadSegment.road, RoadSegment.name, RoadSegment.side, RoadSegment.geom).where(
            RoadSegment.code.in_(wanted[start:start + CHUNK]), holds_at(RoadSegment, now), segments.visible(viewer))
        rows.update({row.code: row for row in session.execute(asked)})
    return rows


def uncovered(session: Session, viewer: Viewer, now: datetime, state: State, kind: str | None) -> list[Placed]:
    """Return the uncovered metres per side of the segments that have at least one frontage zone, with their lines."""
    rows: list[Placed] = []
    if kind not in (None, FRONTAGE):
        return rows
    for code, street in streets_seen(session, viewer, now, state.bare).items():
        for bare in state.bare[code]:
            if street.side in ("both", bare.side) and bare.length_m >= LEAST_UNCOVERED_M:
                rows.append((_bare(street, bare), street.geom))
    return rows


def _bare(street: Any, bare: Bare) -> Row:
    return {"segment": street.code, "side": bare.side, "length_m": round(bare.length_m, 1),
            "whole_m": round(bare.whole_m, 1), "road": street.road, "name": street.name,
            "spans": [[round(edge, 2) for edge in span] for span in bare.spans],
            "severity": rules.severity("uncovered_frontage"), "repair": rules.of_street(street.code, bare.side)}
