"""The places that a list can be narrowed to: subdistricts, grids, streets, and the road chiefs of streets."""

from typing import Any

from sqlalchemy import select

from civmap.segments.models import RoadSegment, SegmentChief
from civmap.segments.queries import visible as segment_visible
from civmap.store.base import holds_at
from civmap.web.desk import Desk
from civmap.zones.models import Zone
from civmap.zones.queries import visible as zone_visible

MOST_NAMED = 400
Rows = list[dict[str, str]]


def choices(desk: Desk) -> dict[str, Any]:
    """Return what the filter form offers; of what there is more than fits, the first: the field takes any word."""
    return {"divisions": _zones(desk, "subdistrict"), "grids": _zones(desk, "grid"), "streets": _streets(desk),
            "chiefs": _chiefs(desk)}


def _zones(desk: Desk, kind: str) -> Rows:
    rows = desk.session.execute(select(Zone.code, Zone.name).where(
        Zone.kind == kind, zone_visible(desk.viewer), holds_at(Zone, desk.now)).order_by(Zone.code).limit(MOST_NAMED))
    return [{"code": code, "name": name or code} for code, name in rows]


def _streets(desk: Desk) -> list[str]:
    return list(desk.session.scalars(select(RoadSegment.road).where(
        segment_visible(desk.viewer), holds_at(RoadSegment, desk.now), RoadSegment.road != "")
        .group_by(RoadSegment.road).order_by(RoadSegment.road).limit(MOST_NAMED)))


def _chiefs(desk: Desk) -> list[str]:
    return list(desk.session.scalars(select(SegmentChief.name).join(
        RoadSegment, RoadSegment.id == SegmentChief.segment_id).where(
        segment_visible(desk.viewer), holds_at(RoadSegment, desk.now))
        .group_by(SegmentChief.name).order_by(SegmentChief.name).limit(MOST_NAMED)))
