"""The cascade: for a spot and a class of issue, who answers, and why.

Source: `domain.md` §4 "assignment cascade" and "ambiguity". Pure: what lies around the spot comes in as values, and
the order of the rules, their reach and the frontage classes as a table.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shapely import Point

from civmap.assignment import doubt
from civmap.assignment.places import ORIGIN, Answer, Claim, Place, Seat, Surroundings, UnitRef, holding
from civmap.assignment.table import DEFAULT_REACH, Reach, Table

POINT_RELATIONS = frozenset({"点位单位", "责任单位"})
OWNER_RELATION, OWNER_CATEGORY = "产权单位", "市政"
TERRITORY_RELATION, COMMUNITY_RELATION = "属地", "社区"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the cascade needs to know of an issue class."""

    code: str
    duties: tuple[str, ...]

    @property
    def categories(self) -> frozenset[str]:
        """Return the categories of units that may be the nearest one for the class."""
        return frozenset(_category(duty) for duty in self.duties)


def choose(around: Surroundings, asked: Asked, table: Table, accuracy_m: float | None = None) -> Answer:
    """Return every claim in order, and whether another unit would answer within the margin."""
    claims = tuple(_told_once(_claims(around, asked, table, ORIGIN)))
    if not claims or claims[0].basis == "explicit":
        return Answer(claims)
    margin = table.reach.margin(accuracy_m)
    nearby = doubt.within(around, asked.categories, table.reach, margin)
    answers = (_first(nearby, asked, table, spot) for spot in doubt.spots(nearby, table.reach, margin))
    return Answer(claims, any(unit is not None and unit.code != claims[0].unit.code for unit in answers))


def _told_once(claims: Iterable[Claim]) -> Iterator[Claim]:
    """Leave out a claim that says again what an earlier one said: one unit for two categories, one street twice."""
    told = set()
    for claim in claims:
        key = (claim.unit.code, claim.basis, claim.distance_m, claim.facts.get("zone"))
        if key not in told:
            told.add(key)
            yield claim


def first(around: Surroundings, asked: Asked, table: Table) -> UnitRef | None:
    """Return who answers, and nothing else: ten times quicker than `choose`."""
    return _first(around, asked, table, ORIGIN)


def _first(around: Surroundings, asked: Asked, table: Table, spot: Point) -> UnitRef | None:
    claim = next(_claims(around, asked, table, spot), None)
    return claim.unit if claim else None


def _claims(around: Surroundings, asked: Asked, table: Table, spot: Point) -> Iterator[Claim]:
    for basis in table.order:
        yield from CASCADE[basis](around, asked, table, spot)


Rule = Callable[[Surroundings, Asked, Table, Point], Iterable[Claim]]


def _explicit(around: Surroundings, _asked: Asked, _table: Table, spot: Point) -> Iterator[Claim]:
    if around.explicit:
        yield Claim(around.explicit, "explicit", _seat_distance(around, around.explicit, spot))


def _designated(around: Surroundings, asked: Asked, _table: Table, spot: Point) -> Iterator[Claim]:
    about_it = (place for place in around.rulings if place.class_code in (None, asked.code))
    for place in holding(about_it, spot):
        if place.unit:
            yield Claim(place.unit, "designated", 0.0,
                        {"ruling": int(place.code), "name": place.name, "version": place.version})


def _point(around: Surroundings, asked: Asked, _table: Table, spot: Point) -> Iterator[Claim]:
    inside = [place for place in around.points if place.unit and (place.is_linked or place.holds(spot))]
    for place in sorted(inside, key=lambda place: (not place.is_linked, round(place.shape.area, 2), place.code)):
        if place.unit and _in_duties(asked, place.unit):
            yield Claim(place.unit, "point", place.shape.distance(spot),
                        {"point": place.code, "name": place.name, "version": place.version})


def _in_duties(asked: Asked, unit: UnitRef) -> bool:
    return any(duty in POINT_RELATIONS or duty in unit.categories for duty in asked.duties)


def _frontage(around: Surroundings, asked: Asked, table: Table, spot: Point) -> Iterator[Claim]:
    if asked.code not in table.frontage_classes:
        return
    held = holding(around.frontages, spot)
    over = holding(around.subdistricts, spot) if held else []
    supervisor = over[0].name if over else ""
    for place in held:
        if place.unit and not place.expired_on:
            yield Claim(place.unit, "frontage", 0.0, zone_facts(place) | {"supervisor": supervisor})
    for place in held:
        if place.expired_on:
            yield from _in_place_of(place, over)


def _in_place_of(zone: Place, over: Iterable[Place]) -> Iterator[Claim]:
    """Yield the claim of the subdistrict for a zone whose holder's pledge has run out."""
    facts = {"expired": zone.code, "expired_name": zone.name or zone.code, "expired_on": zone.expired_on,
             "expired_version": zone.version}
    for place in over:
        if place.unit:
            yield Claim(place.unit, "territorial", 0.0, zone_facts(place) | facts)
            return


def _professional(around: Surroundings, asked: Asked, _table: Table, spot: Point) -> Iterator[Claim]:
    ranked = []
    division = (around.division_at(spot) or around.city) if around.owners else ""
    for owner in around.owners:
        if owner.class_code == asked.code:
            rank = -1
        elif owner.category in asked.duties and owner.class_code is None:
            rank = asked.duties.index(str(owner.category))
        else:
            continue
        if owner.holds_in(division):
            ranked.append((rank, -len(owner.territory), owner.unit.code, owner))
    for *_, owner in sorted(ranked, key=lambda row: row[:3]):
        yield Claim(owner.unit, "professional", _seat_distance(around, owner.unit, spot),
                    {"category": owner.category or "", "class": owner.class_code or "", "territory": owner.territory})


def _segment(around: Surroundings, _asked: Asked, table: Table, spot: Point) -> Iterator[Claim]:
    near = [(place.shape.distance(spot), place) for place in around.segments if place.unit]
    near = [(away, place) for away, place in near
            if away <= table.reach.of_segment(place.width_m) and _on_side(place, spot)]
    for away, place in _by_distance(near, table.reach):
        yield Claim(place.unit, "segment", away, {"segment": place.code, "name": place.name, "version": place.version,
                                                  "chief": place.chief or ""})


def _on_side(place: Place, spot: Point) -> bool:
    if place.side not in ("left", "right") or place.shape.distance(spot) < 0.5:
        return True
    line = place.shape
    along = line.project(spot)
    ahead, behind = line.interpolate(min(along + 0.5, line.length)), line.interpolate(max(along - 0.5, 0.0))
    cross = (ahead.x - behind.x) * (spot.y - behind.y) - (ahead.y - behind.y) * (spot.x - behind.x)
    return (cross > 0) == (place.side == "left")


def _grid(around: Surroundings, _asked: Asked, _table: Table, spot: Point) -> Iterator[Claim]:
    yield from _of_areas(around.grids, "grid", spot)


def _of_areas(places: Iterable[Place], basis: str, spot: Point) -> Iterator[Claim]:
    for place in holding(places, spot):
        if place.unit:
            yield Claim(place.unit, basis, 0.0, zone_facts(place))


def _category(duty: str) -> str:
    return OWNER_CATEGORY if duty == OWNER_RELATION else duty


def _nearest(around: Surroundings, asked: Asked, table: Table, spot: Point) -> Iterator[Claim]:
    for duty in asked.duties:
        if duty == TERRITORY_RELATION:
            yield from _of_areas(around.subdistricts, "territorial", spot)
        elif duty == COMMUNITY_RELATION:
            yield from _of_areas(around.communities, "territorial", spot)
        else:
            yield from _nearest_of(around.seats, _category(duty), table.reach, spot)


def _nearest_of(seats: Iterable[Seat], category: str, reach: Reach, spot: Point) -> Iterator[Claim]:
    near = [(seat.shape.distance(spot), seat.unit) for seat in seats if category in seat.unit.categories]
    near = [pair for pair in near if pair[0] <= reach.nearest_m]
    for away, unit in _by_distance(near, reach)[:reach.runners_up]:
        yield Claim(unit, "nearest", away, {"category": category})


def _by_distance(near: Iterable[tuple[float, Any]], reach: Reach) -> list[tuple[float, Any]]:
    """Return pairs of metres and place or unit, nearest first; those level with the first of them (a tie) by code."""
    ranked, level, first = [], 0, float("-inf")
    for away, found in sorted(near, key=lambda pair: pair[0]):
        if away - first > reach.tie_m:
            level, first = level + 1, away
        ranked.append((level, found.code, away, found))
    return [(away, found) for _, _, away, found in sorted(ranked, key=lambda row: row[:2])]


def _territorial(around: Surroundings, _asked: Asked, _table: Table, spot: Point) -> Iterator[Claim]:
    yield from _of_areas(around.subdistricts, "territorial", spot)


CASCADE: Mapping[str, Rule] = {
    "explicit": _explicit, "designated": _designated, "point": _point, "frontage": _frontage,
    "professional": _professional, "segment": _segment, "grid": _grid, "nearest": _nearest,
    "territorial": _territorial,
}


def zone_facts(place: Place) -> dict[str, Any]:
    """Return what a claim tells of the zone it rests on."""
    return {"zone": place.code, "name": place.name or place.code, "version": place.version}


def _seat_distance(around: Surroundings, unit: UnitRef, spot: Point) -> float | None:
    return next((seat.shape.distance(spot) for seat in around.seats if seat.unit.code == unit.code), None)


def segment_at(segments: Iterable[Place], reach: Reach = DEFAULT_REACH) -> Place | None:
    """Return the nearest segment within its reach of the spot, with or without a unit; None where there is none."""
    near = [(place.shape.distance(ORIGIN), place.code, place) for place in segments]
    near = [row for row in near if row[0] <= reach.of_segment(row[2].width_m)]
    return min(near, key=lambda row: row[:2])[2] if near else None
