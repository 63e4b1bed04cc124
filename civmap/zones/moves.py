"""Reshape a zone with its neighbours following, give up what it overlaps, cut contested ground in half."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from civmap.errors import Conflict
from civmap.geo import contest, cutting
from civmap.geo.giving import given_up
from civmap.geo.overlay import is_wide
from civmap.geo.validity import STORED_DECIMALS, rounded
from civmap.geo.weave import weave
from civmap.people.rules import Viewer
from civmap.zones import lineage, rules
from civmap.zones.fitting import Stood
from civmap.zones.models import Zone
from civmap.zones.plans import Wish, planned
from civmap.zones.subjects import Proposal, area_of, beside, subject


def reshape(session: Session, viewer: Viewer, code: str, geometry: Any, neighbours: Literal["follow", "refuse"],
            now: datetime) -> Proposal:
    """Give a zone another shape.

    With `follow` the neighbours give up the ground it takes, and where the kind tiles, take the ground it gives up
    along their edges. With `refuse` ground of others is refused as for a drawn zone. Raise Conflict `zone_swallowed`
    where nothing would be left of a neighbour, with `suggestion`.
    """
    row = subject(session, viewer, code, now)
    drawn = area_of(session, geometry)
    if neighbours == "refuse" and rules.tiles(row.kind):
        lost, kept = weave([row.geom, drawn], [True, False])
        _leave_no_gap(session, row, kept, shapely.get_parts(contest.wide_parts(contest.without(lost, [kept]))),
                      now)
    if neighbours == "refuse" or not rules.forbids_overlap(row.kind):
        return Proposal(planned(session, viewer, [Wish(code, drawn, {})], now))
    zones = beside(session, row, [drawn, row.geom], now)
    woven = weave([drawn, row.geom, *(zone.geom for zone in zones)], [False] + [True] * (len(zones) + 1))
    after, before, others = woven[0], woven[1], woven[2:]
    left, bits = _without(after, others, before, zones)
    (after, *left), _ = cutting.given([after, *left], bits)
    if rules.tiles(row.kind):
        left, nobodys = given_up(before, after, left)
        _leave_no_gap(session, row, after, nobodys, now)
    wishes = [Wish(code, after, {})]
    wishes += [Wish(zone.code, shape, {}) for zone, shape, other in zip(zones, left, others, strict=True)
               if shape is not other]
    return Proposal(planned(session, viewer, wishes, now))


def _leave_no_gap(session: Session, row: Zone, after: BaseGeometry, left: Sequence[BaseGeometry],
                  now: datetime) -> None:
    """Refuse a shape that leaves ground to nobody where the zone above was tiled without a gap."""
    parent = session.get(Zone, row.parent_id) if row.parent_id is not None and len(left) else None
    is_below = parent is not None and parent.kind in rules.tiled_kinds(row.kind)
    if parent is not None and is_below and lineage.is_complete(session, parent, row.kind, now):
        lineage.must_leave_no_gap(after, left, parent.geom)


def _without(after: BaseGeometry, others: Sequence[BaseGeometry], before: BaseGeometry,
             zones: Sequence[Stood]) -> tuple[list[BaseGeometry], list[BaseGeometry]]:
    """Return the neighbours without what an area takes now, and the hairs and specks that remain of them.

    What old zones shared before stays shared.
    """
    left, bits, swallowed = list(others), [], []
    for each in contest.shared_ground([after], others):
        if not is_wide(contest.without(each.shape, [before])):
            continue
        rest = contest.without(others[each.second], [after])
        shape = contest.wide_parts(rest)
        if shape.is_empty:
            swallowed.append(each.second)
        left[each.second] = shape
        bits += [part for part in shapely.get_parts(rest) if part.area > 0 and not contest.is_worth(part)]
    if swallowed:
        way = contest.wide_parts(contest.without(after, [others[place] for place in swallowed]))
        raise Conflict("zone_swallowed", field="geometry", zones=[zones[place].code for place in swallowed],
                       zone=zones[swallowed[0]].code,
                       suggestion=None if way.is_empty else rounded(way, STORED_DECIMALS))
    return left, bits


def trim(session: Session, viewer: Viewer, code: str, now: datetime) -> Proposal:
    """Take away from a zone what others of its kind hold too; raise Conflict where it shares nothing."""
    row = subject(session, viewer, code, now)
    if not rules.forbids_overlap(row.kind):
        raise Conflict("kind_may_overlap", field="kind", kind=row.kind)
    return Proposal(planned(session, viewer, [Wish(code, row.geom, {})], now, rule="trim"))


def halve(session: Session, viewer: Viewer, a: str, b: str, now: datetime) -> Proposal:
    """Cut the ground that two zones both hold in two along its long axis; each keeps the half on its own side."""
    first, second = subject(session, viewer, a, now), subject(session, viewer, b, now)
    if first.kind != second.kind or first.id == second.id:
        raise Conflict("zones_of_two_kinds", field="b", code=b)
    one, other = fair(first.geom, second.geom)
    if one is None or other is None:
        raise Conflict("nothing_shared", field="b", a=a, b=b)
    return Proposal(planned(session, viewer, [Wish(a, one, {}), Wish(b, other, {})], now))


def halve_drawn(session: Session, viewer: Viewer, columns: dict[str, Any], codes: Sequence[str],
                now: datetime) -> Proposal:
    """Draw a new zone that shares the contested ground fairly with zones that hold it; others keep theirs."""
    zones = [subject(session, viewer, code, now) for code in codes]
    drawn, wishes = columns["geom"], []
    for zone in zones:
        if zone.kind != columns["kind"]:
            raise Conflict("zones_of_two_kinds", field="with", code=zone.code)
        one, other = fair(drawn, zone.geom)
        if one is None or other is None:
            raise Conflict("nothing_shared", field="with", a="—", b=zone.code)
        drawn = one
        wishes.append(Wish(zone.code, other, {}))
    values = {name: value for name, value in columns.items() if name != "geom"}
    return Proposal(planned(session, viewer, [Wish(None, drawn, values), *wishes], now))


def fair(first: BaseGeometry, second: BaseGeometry) -> tuple[BaseGeometry | None, BaseGeometry | None]:
    """Return two areas with what they share cut in two along its long axis; None, None where they share nothing.

    Each keeps the half on its own side, so that the new edge is their common one.
    """
    one, other = weave([first, second], [False, True])
    found = contest.shared_ground([one], [other])
    shared = contest.wide_parts(found[0].shape) if found else shapely.Polygon()
    if shared.is_empty:
        return None, None
    mine, yours = contest.without(one, [other]), contest.without(other, [one])
    for part in shapely.get_parts(shared):
        pieces = cutting.cut(part, [cutting.halves(part)]).pieces
        woven = weave([*pieces, mine, yours], [True] * len(pieces) + [False, False])
        pieces, mine, yours = woven[:-2], woven[-2], woven[-1]
        order = sorted(pieces, key=lambda piece: _pull(piece, mine) - _pull(piece, yours))
        half, taken = part.area / 2, 0.0
        for piece in order:
            if taken + piece.area / 2 < half:
                yours, taken = contest.together([yours, piece]), taken + piece.area
            else:
                mine = contest.together([mine, piece])
    mine, yours = contest.tidy(mine), contest.tidy(yours)
    return (None, None) if mine.is_empty or yours.is_empty else (mine, yours)


def _pull(piece: BaseGeometry, area: BaseGeometry) -> float:
    """Return how strongly a piece belongs to an area: by the edge they share, else by nearness."""
    if area.is_empty:
        return -1.0
    return cutting.shared_edge(piece, area) - piece.centroid.distance(area)


def halved(row: Zone, drawn: BaseGeometry) -> BaseGeometry | None:
    """Return the share of a drawn area beside a zone that it overlaps, or None."""
    return fair(drawn, row.geom)[0]
