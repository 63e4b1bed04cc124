"""What tiles a zone follows it: grids when their community changes, communities when their subdistrict does.

A zone below belongs to the one above that holds most of it. What of it lies in another one goes to a zone there that
it lies along, or, where there is none, becomes a zone of its own; so the tiling stays without gap or overlap.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.errors import Conflict
from civmap.geo import contest, cutting
from civmap.geo.bounded import sticks_out
from civmap.geo.overlay import areas_of, is_wide
from civmap.geo.validity import STORED_DECIMALS, rounded
from civmap.zones import rules
from civmap.zones.models import Zone

WHOLE = 0.99999
INHERITED = ("kind", "unit_id", "level", "valid_to")


@dataclass
class Above:
    """A zone that is tiled: its code and id (None: new), its ground before and after (None: it ends)."""

    code: str
    id: int | None
    before: BaseGeometry | None
    after: BaseGeometry | None
    below: list["Below"] = field(default_factory=list)


@dataclass
class Below:
    """A zone that tiles: its row, its ground with every corner it shares, and what it becomes."""

    row: Zone
    ground: BaseGeometry
    after: BaseGeometry


@dataclass(frozen=True)
class Follows:
    """A zone below as it is wanted: code None is new, `parent` is the code of the zone above."""

    code: str | None
    geom: BaseGeometry
    parent: str
    values: Mapping[str, Any]


def kinds_below(kind: str) -> list[str]:
    """Return the kinds whose zones tile those of a kind."""
    return [name for name, entry in dictionaries.zone_kinds().items() if kind in entry.within]


def rows_below(session: Session, ids: Sequence[int], now: datetime) -> list[Zone]:
    """Return the zones that hold and tile some others."""
    asked = select(Zone).where(Zone.parent_id.in_(ids), or_(Zone.valid_to.is_(None), Zone.valid_to > now))
    return [row for row in session.scalars(asked.order_by(Zone.id)) if rules.tiles(row.kind)]


def followed(above: Sequence[Above], rows: Sequence[tuple[Zone, BaseGeometry]]) -> list[Follows]:
    """Return the zones below that change with those above; each row comes with its ground as it is sewn in now."""
    holders = [each for each in above if each.after is not None]
    if not holders or not rows:
        return []
    pieces: dict[int, list[tuple[Below, BaseGeometry]]] = {}
    for row, ground in rows:
        _share_out(Below(row, ground, ground), holders, pieces)
    held_before = contest.together([each.before for each in above if each.before is not None])
    wanted: list[Follows] = []
    for place, each in enumerate(holders):
        loose = [piece for _, piece in pieces.get(place, [])]
        gained = contest.wide_parts(contest.without(each.after, [held_before])) if each.below else shapely.Polygon()
        loose += [part for part in shapely.get_parts(gained) if part.area > 0]
        wanted += _settled(each, loose, pieces.get(place, []))
    return wanted


def _share_out(below: Below, holders: Sequence[Above],
               pieces: dict[int, list[tuple[Below, BaseGeometry]]]) -> None:
    parts = [_inside(below.ground, each.after) for each in holders]
    most = max(range(len(holders)), key=lambda place: parts[place].area)
    if parts[most].is_empty:
        return
    below.after = parts[most]
    holders[most].below.append(below)
    for place, part in enumerate(parts):
        if place != most and not part.is_empty:
            pieces.setdefault(place, []).extend((below, each) for each in shapely.get_parts(part) if each.area > 0)


def _inside(ground: BaseGeometry, holder: BaseGeometry | None) -> BaseGeometry:
    if holder is None or not ground.intersects(holder):
        return shapely.Polygon()
    if holder.covers(ground):
        return ground
    return contest.tidy(areas_of(shapely.intersection(ground, holder)))


def _settled(each: Above, loose: Sequence[BaseGeometry],
             origins: Sequence[tuple[Below, BaseGeometry]]) -> list[Follows]:
    """Return what the zones below one above become, with the loose pieces given to them."""
    grown, left = cutting.given([below.after for below in each.below], loose)
    wanted = []
    for below, shape in zip(each.below, grown, strict=True):
        is_moved = shape is not below.row.geom and not shape.equals(below.row.geom)
        if is_moved or below.row.parent_id != each.id:
            wanted.append(Follows(below.row.code, shape, each.code, {}))
    for piece in left:
        origin = next((below.row for below, part in origins if part is piece), None)
        if origin is not None and contest.is_worth(piece):
            values = {name: getattr(origin, name) for name in INHERITED}
            wanted.append(Follows(None, piece, each.code, values))
    return wanted


def is_complete(session: Session, parent: Zone, kind: str, now: datetime) -> bool:
    """Tell whether zones of a kind tile one above without a gap."""
    rows = [row for row in rows_below(session, [parent.id], now) if row.kind == kind]
    return sum(row.geom.area for row in rows) >= WHOLE * parent.geom.area


def above_at(found: Sequence[Zone], kind: str, geom: BaseGeometry) -> Zone | None:
    """Return the smallest of some zones that a new one of a kind tiles: one that holds all of it."""
    kinds = rules.tiled_kinds(kind)
    holds = [zone for zone in found
             if zone.kind in kinds and (zone.geom.covers(geom) or not sticks_out(geom, zone.geom))]
    return min(holds, key=lambda zone: zone.geom.area, default=None)


def must_stay_within(geom: BaseGeometry, before: BaseGeometry | None, parent: Zone, ground: BaseGeometry) -> None:
    """Refuse a zone that reaches beyond the one it tiles; raise Conflict with the part inside as the way out."""
    out = contest.without(geom, [ground] if before is None else [ground, before])
    if not is_wide(out):
        return
    way = contest.wide_parts(_inside(geom, ground))
    spot = out.representative_point()
    raise Conflict("zone_beyond_parent", field="geometry", parent=parent.code, name=parent.name or parent.code,
                   place={"lon": round(spot.x, 7), "lat": round(spot.y, 7)},
                   suggestion=None if way.is_empty else rounded(way, STORED_DECIMALS))


def must_leave_no_gap(after: BaseGeometry, left: Sequence[BaseGeometry], parent: BaseGeometry) -> None:
    """Refuse to leave ground of the zone above to nobody; raise Conflict with the zone that keeps it as the way out."""
    gaps = [piece for piece in left if contest.is_worth(contest.tidy(_inside(piece, parent)))]
    if not gaps:
        return
    spot = gaps[0].representative_point()
    raise Conflict("zone_leaves_gap", field="geometry", place={"lon": round(spot.x, 7), "lat": round(spot.y, 7)},
                   gaps=[rounded(gap, STORED_DECIMALS) for gap in gaps],
                   suggestion=rounded(contest.together([after, *gaps]), STORED_DECIMALS))
