"""Merge zones, and give ground that nobody holds to one or make it one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.city.queries import frame_of
from civmap.errors import Conflict, Invalid
from civmap.geo import contest, cutting
from civmap.geo.measure import frame_around
from civmap.geo.validity import check_spot
from civmap.geo.weave import weave
from civmap.people.rules import Viewer
from civmap.zones import fitting, queries, rules
from civmap.zones.models import Zone
from civmap.zones.places import parent_prefix
from civmap.zones.plans import Wish, planned
from civmap.zones.subjects import Proposal, called, subject

MOST_MERGED = 500
SIGHT_M = 300.0


def merge(session: Session, viewer: Viewer, codes: Sequence[str], keep: str | None, now: datetime) -> Proposal:
    """Make one zone of several that lie along each other; `keep` (the largest) keeps its code, name and holder.

    Raise Conflict `zones_not_adjacent`, `zones_of_two_kinds` or `merge_across_parents`, each with what is apart.
    """
    codes = list(dict.fromkeys(codes))
    if not 2 <= len(codes) <= MOST_MERGED:
        raise Invalid("number_out_of_range", field="zones", value=str(len(codes)), low="2", high=str(MOST_MERGED))
    if keep is not None and keep not in codes:
        raise Invalid("choice_unknown", field="keep", value=keep, known=codes[:20])
    zones = [subject(session, viewer, code, now) for code in codes]
    keeper = next((zone for zone in zones if zone.code == keep), max(zones, key=lambda zone: zone.geom.area))
    _must_match(zones, keeper)
    woven = weave([zone.geom for zone in zones], [False] + [True] * (len(zones) - 1))
    grown, apart = cutting.given([woven[0]], woven[1:])
    if apart:
        raise _apart(zones, woven, apart)
    values: dict[str, Any] = {}
    if any(zone.households for zone in zones):
        values["households"] = sum(zone.households or 0 for zone in zones)
    snow = [zone.snow_geom for zone in zones if zone.snow_geom is not None]
    if snow:
        values["snow_geom"] = contest.together(snow)
    wishes = [Wish(keeper.code, grown[0], values)]
    wishes += [Wish(zone.code, None, {}) for zone in zones if zone is not keeper]
    notes = (("merged_keeps_holder", {"code": keeper.code}),) if keeper.kind == "frontage" else ()
    return Proposal(planned(session, viewer, wishes, now), notes)


def _must_match(zones: Sequence[Zone], keeper: Zone) -> None:
    for zone in zones:
        if zone.kind != keeper.kind:
            raise Conflict("zones_of_two_kinds", field="zones", code=zone.code)
        is_below = rules.tiles(keeper.kind) and zone.parent_id != keeper.parent_id
        if is_below and None not in (zone.parent_id, keeper.parent_id):
            raise Conflict("merge_across_parents", field="zones", code=zone.code, keep=keeper.code)


def _apart(zones: Sequence[Zone], woven: Sequence[BaseGeometry], apart: Sequence[BaseGeometry]) -> Conflict:
    lost = [zone for zone, shape in zip(zones, woven, strict=True)
            if any(shape is other for other in apart)]
    near = shapely.shortest_line(woven[0], apart[0]).centroid
    return Conflict("zones_not_adjacent", field="zones", zones=[zone.code for zone in lost],
                    apart="、".join(called(zone) for zone in lost[:5]),
                    place={"lon": round(near.x, 7), "lat": round(near.y, 7)})


def fill(session: Session, viewer: Viewer, kind: str, spot: tuple[float, float], to: str | None,
         now: datetime) -> Proposal:
    """Give the gap around a spot to a zone, or make it one (`to` None).

    The gap ends at zones of the kind and at the border of what they tile. Raise Conflict `spot_is_held` with the zone
    that has it, `gap_is_open` where nothing closes it, `zones_not_adjacent` where `to` does not lie along it.
    """
    lon, lat = check_spot(*spot, frame_of(session))
    kind = dictionaries.zone_kind(kind).code
    held = [zone for zone in queries.containing(session, (lon, lat), [kind], now)]
    if held:
        raise Conflict("spot_is_held", field="lon", code=held[0].code, name=held[0].name or held[0].code)
    taker = subject(session, viewer, to, now) if to is not None else None
    if taker is not None and taker.kind != kind:
        raise Conflict("zones_of_two_kinds", field="to", code=taker.code)
    above = _tiled(session, kind, (lon, lat), now)
    gap = _gap(session, kind, (lon, lat), above, now)
    if taker is None:
        parent_id = above.id if above is not None else None
        values = {"kind": kind, "name": "", "parent_id": parent_id,
                  "code_prefix": parent_prefix(session, parent_id, kind)}
        return Proposal(planned(session, viewer, [Wish(None, gap, values)], now))
    woven = weave([gap, taker.geom], [False, True])
    grown, apart = cutting.given([woven[1]], [woven[0]])
    if apart:
        raise Conflict("zones_not_adjacent", field="to", zones=[taker.code], apart=called(taker),
                       place={"lon": lon, "lat": lat})
    return Proposal(planned(session, viewer, [Wish(taker.code, grown[0], {})], now))


def _tiled(session: Session, kind: str, spot: tuple[float, float], now: datetime) -> Zone | None:
    """Return the smallest border that zones of the kind tile around a spot."""
    found = queries.containing(session, spot, rules.tiled_kinds(kind), now)
    return min(found, key=lambda zone: zone.geom.area, default=None)


def _gap(session: Session, kind: str, spot: tuple[float, float], above: Zone | None, now: datetime) -> BaseGeometry:
    point = shapely.Point(spot)
    window = above.geom if above is not None else shapely.box(*frame_around(spot, SIGHT_M))
    around = fitting.stood_around(session, kind, (now, None), [window])
    same = [zone.geom for zone in around if zone.kind == kind]
    woven = weave([window, *same], [False] + [True] * len(same))
    left = contest.without(woven[0], [shape for shape in woven[1:] if shape.intersects(woven[0])])
    gap = next((part for part in shapely.get_parts(left) if part.intersects(point)), None)
    if gap is None:
        raise Conflict("spot_is_held", field="lon", code=kind, name=kind)
    if above is None and gap.intersects(window.boundary):
        raise Conflict("gap_is_open", field="lon", place={"lon": spot[0], "lat": spot[1]})
    return gap
