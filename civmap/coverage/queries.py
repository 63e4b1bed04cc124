"""Ask where the city is not covered: overlaps, gaps, slivers, and points, segments and zones without an answerer."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.clock import office_day
from civmap.errors import Invalid
from civmap.geo import coverage
from civmap.people.rules import OFFICE, Viewer
from civmap.points import queries as points
from civmap.segments import queries as segments
from civmap.zones import queries as zones
from civmap.zones.models import Zone

KINDS = ("frontage", "grid", "estate", "subdistrict", "community")


def found(session: Session, viewer: Viewer, now: datetime, kind: str | None = None) -> dict[str, Any]:
    """Return what is not covered among the things a viewer sees, as `civmap coverage --json` prints it.

    Zones of one kind are compared where that kind may not overlap, and with their parent where it must tile; ground
    is covered also where the zone that covers it is hidden from the viewer. Raise Invalid for a kind there is not.
    """
    if kind is not None and kind not in KINDS:
        raise Invalid("choice_unknown", field="kind", value=kind[:40], known=list(KINDS))
    known = zones.listed(session, viewer, on=now)
    everything = known if viewer.sees_all else zones.listed(session, OFFICE, on=now)
    chosen = [zone for zone in known if kind is None or zone.kind == kind]
    overlapping, thin = _overlaps(chosen)
    missing, thin_gaps = _gaps(everything, known, kind)
    today = office_day(now)
    return {
        "overlaps": overlapping,
        "gaps": missing,
        "slivers": [*thin, *thin_gaps],
        "points_without_unit": sorted(point.code for point in points.listed(session, viewer, on=now)
                                      if point.unit_id is None),
        "segments_without_chief": sorted(row.code for row in segments.listed(session, viewer, on=now)
                                         if not row.chiefs),
        "zones_without_holder": sorted(zone.code for zone in chosen if zone.unit_id is None and not zone.holder),
        "expired_pledges": sorted(zone.code for zone in chosen
                                  if zone.pledge_expires_on is not None and zone.pledge_expires_on < today),
        "uncovered_frontage": _uncovered(session, viewer, now, everything if kind in (None, "frontage") else ()),
    }


def _by_kind(chosen: Iterable[Zone]) -> dict[str, list[Zone]]:
    groups: dict[str, list[Zone]] = defaultdict(list)
    for zone in chosen:
        groups[zone.kind].append(zone)
    return groups


def _overlaps(chosen: Iterable[Zone]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    wide, thin = [], []
    for kind, members in _by_kind(chosen).items():
        if not dictionaries.zone_kinds()[kind].forbids_overlap:
            continue
        for pair in coverage.overlaps([zone.geom for zone in members]):
            row = {"a": members[pair.first].code, "b": members[pair.second].code, **_patch(pair)}
            (thin if coverage.is_sliver(pair.shape) else wide).append(row)
    return wide, thin


def _gaps(everything: Iterable[Zone], known: Iterable[Zone],
          kind: str | None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    parents, seen = {zone.id: zone for zone in known}, {zone.id for zone in known}
    families: dict[tuple[int, str], list[Zone]] = defaultdict(list)
    for zone in everything:
        is_asked = kind is None or zone.kind == kind
        if is_asked and zone.parent_id in parents and dictionaries.zone_kinds()[zone.kind].must_tile:
            families[zone.parent_id, zone.kind].append(zone)
    wide, thin = [], []
    for (parent_id, _kind), members in families.items():
        if seen.isdisjoint(zone.id for zone in members):
            continue
        parent = parents[parent_id]
        for gap in coverage.gaps(parent.geom, [zone.geom for zone in members]):
            (thin if coverage.is_sliver(gap.shape) else wide).append({"parent": parent.code, **_patch(gap)})
    return wide, thin


def _patch(patch: coverage.Overlap | coverage.Patch) -> dict[str, Any]:
    return {"area_m2": round(patch.area_m2, 2), "bbox": [round(edge, 7) for edge in patch.shape.bounds]}


def _uncovered(session: Session, viewer: Viewer, now: datetime, everything: Iterable[Zone]) -> list[dict[str, Any]]:
    """Return the uncovered metres per side of the segments that have at least one frontage zone."""
    facing: dict[str, list[Any]] = defaultdict(list)
    for zone in everything:
        if zone.kind == "frontage" and zone.segment_code:
            facing[zone.segment_code].append(zone.geom)
    rows = []
    for segment in segments.listed(session, viewer, on=now, filters={"code": sorted(facing)}) if facing else ():
        for side, length in coverage.uncovered_m(segment.geom, facing[segment.code]).items():
            if length >= coverage.LEAST_UNCOVERED_M and segment.side in ("both", side):
                rows.append({"segment": segment.code, "side": side, "length_m": round(length, 1)})
    return rows
