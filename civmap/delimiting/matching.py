"""Which proposed zones are there already, which are new, and which have changed since they were made."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from civmap.delimiting.surroundings import Surroundings
from civmap.geo.frontage import Delimited, Doors
from civmap.geo.measure import NearPlane
from civmap.units.models import Unit
from civmap.zones.models import Zone

LEAST_M2 = 0.5
GROWN_M = 0.5
MOSTLY = 0.5
NEARLY = 0.95
SIDES = ("left", "right")


@dataclass
class Match:
    """Proposed zones by place: those to write with their shape, the zone each one is, what stays or goes.

    `blocking` are ids of zones of somebody that a proposal would take ground from: they stay, and all is asked again
    around them. `replaced` are zones of nobody that give way.
    """

    changed: list[int] = field(default_factory=list)
    shape: dict[int, Any] = field(default_factory=dict)
    zone: dict[int, Zone] = field(default_factory=dict)
    unchanged: int = 0
    replaced: list[Zone] = field(default_factory=list)
    blocking: set[int] = field(default_factory=set)


def matched(made: Delimited, doors: Doors, found: Surroundings, shops: Sequence[Unit], ours: list[Zone]) -> Match:
    """Return what of the proposed zones is new or changed beside the zones made for these streets before."""
    answer = Match()
    pairs = _pairs(made, shops, found, ours)
    used = {zone.id for zone in pairs.values()}
    _strangers(made, [zone for zone in ours if zone.id not in used], answer)
    m2 = _m2_per_degree(made)
    kept: list[Any] = []
    for at in range(len(made.row)):
        zone = pairs.get(at)
        if zone is None:
            answer.changed.append(at)
            answer.shape[at] = made.geom[at]
            continue
        shape = _wanted(made, at, zone, doors, found, m2)
        answer.zone[at] = zone
        if shape is None:
            answer.unchanged += 1
            kept.append(zone.geom)
        else:
            answer.changed.append(at)
            answer.shape[at] = shape
    _beside(answer, kept, m2)
    return answer


def _pairs(made: Delimited, shops: Sequence[Unit], found: Surroundings, ours: list[Zone]) -> dict[int, Zone]:
    """Return the zone that each proposal is: its shop's, else one of nobody that lies mostly in the same place."""
    by_unit = {(zone.unit_id, zone.segment_code): zone for zone in ours if zone.unit_id is not None}
    pairs: dict[int, Zone] = {}
    for at, door in enumerate(made.door.tolist()):
        code = found.codes[int(made.row[at]) // 2]
        zone = by_unit.get((shops[door].id, code)) if door >= 0 else None
        if zone is not None and zone not in pairs.values():
            pairs[at] = zone
    used = {zone.id for zone in pairs.values()}
    rest = [zone for zone in ours if zone.id not in used]
    if rest and len(made.row):
        shapes = np.asarray([zone.geom for zone in rest], dtype=object)
        zone_at, place = shapely.STRtree(made.geom).query(shapes, predicate="intersects")
        shared = shapely.area(shapely.intersection(shapes[zone_at], made.geom[place]))
        share = shared / np.minimum(shapely.area(shapes[zone_at]), shapely.area(made.geom[place]))
        for one in np.argsort(-share, kind="stable").tolist():
            zone, at = rest[int(zone_at[one])], int(place[one])
            is_nobodys = made.door[at] < 0 or zone.unit_id is None
            if share[one] >= MOSTLY and at not in pairs and zone.id not in used and is_nobodys:
                pairs[at] = zone
                used.add(zone.id)
    return pairs


def _strangers(made: Delimited, rest: list[Zone], answer: Match) -> None:
    """Note the zones that no proposal is but that one would take ground from."""
    if not rest or not len(made.row):
        return
    shapes = np.asarray([zone.geom for zone in rest], dtype=object)
    zone_at, place = shapely.STRtree(made.geom).query(shapes, predicate="intersects")
    shared = shapely.area(shapely.intersection(shapes[zone_at], made.geom[place])) * _m2_per_degree(made)
    for number in sorted(set(zone_at[shared > LEAST_M2].tolist())):
        zone = rest[number]
        if zone.unit_id is None and not zone.holder and not zone.pledge_signed_on:
            answer.replaced.append(zone)
        else:
            answer.blocking.add(zone.id)


def _wanted(made: Delimited, at: int, zone: Zone, doors: Doors, found: Surroundings, m2: float) -> Any:
    """Return the shape a zone should get, or None where it may stay as it is."""
    before, after = zone.geom, made.geom[at]
    if shapely.area(shapely.symmetric_difference(before, after)) * m2 < LEAST_M2:
        return None
    low, high = _along(found.streets[int(made.row[at]) // 2].line, before)
    has_grown = low - made.low[at] > GROWN_M or made.high[at] - high > GROWN_M
    newcomers = shapely.contains_xy(shapely.buffer(before, 2e-5), doors.spot[:, 0], doors.spot[:, 1])
    own = int(made.door[at])
    is_crowded = any(number != own and number in made.door and _is_new(made, number, low, high, at)
                     for number in np.flatnonzero(newcomers).tolist())
    has_moved = made.low[at] > high or made.high[at] < low
    if has_moved or is_crowded:
        return after
    if not has_grown:
        return None
    if shapely.area(shapely.intersection(before, after)) >= NEARLY * shapely.area(before):
        return after
    whole = shapely.union(before, after)
    return max(shapely.get_parts(whole), key=lambda part: part.area)


def _is_new(made: Delimited, door: int, low: float, high: float, at: int) -> bool:
    """Tell whether the middle of another door's ground lies in the stretch that a zone has had until now."""
    place = int(np.flatnonzero(made.door == door)[0])
    middle = (made.low[place] + made.high[place]) / 2
    return bool(made.row[place] == made.row[at] and low < middle < high)


def _along(line: Any, shape: Any) -> tuple[float, float]:
    """Return from where to where along a street a zone lies, in metres."""
    middle = shapely.centroid(line)
    plane = NearPlane(middle.x, middle.y)
    flat = plane.to_metres(line)
    spots = shapely.points(shapely.get_coordinates(plane.to_metres(shape)))
    at = shapely.line_locate_point(flat, spots)
    return float(at.min()), float(at.max())


def _beside(answer: Match, kept: list[Any], m2: float) -> None:
    """Cut what is proposed where a zone that stays as it is lies."""
    if not kept or not answer.changed:
        return
    tree = shapely.STRtree(kept)
    shapes = np.asarray([answer.shape[at] for at in answer.changed], dtype=object)
    place, zone = tree.query(shapes, predicate="intersects")
    for number in sorted(set(place.tolist())):
        at = answer.changed[number]
        others = [kept[one] for one in zone[place == number].tolist()]
        left = shapely.difference(answer.shape[at], shapely.union_all(others))
        parts = [part for part in shapely.get_parts(left) if part.geom_type == "Polygon"]
        largest = max(parts, key=lambda part: part.area, default=None)
        answer.shape[at] = largest if largest is not None and largest.area * m2 >= LEAST_M2 else None
    answer.changed = [at for at in answer.changed if answer.shape[at] is not None]


def _m2_per_degree(made: Delimited) -> float:
    if not len(made.row):
        return 1.0
    west, south, east, north = shapely.total_bounds(made.geom).tolist()
    return float(np.prod(NearPlane((west + east) / 2, (south + north) / 2).scale))
