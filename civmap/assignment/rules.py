"""The cascade: for a spot and a class of issue, who answers, and why.

Source: `domain.md` §4 "assignment cascade" and "ambiguity". Pure: what lies around the spot comes in as values.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import cos, pi, sin
from typing import Any

from shapely import Point
from shapely.ops import nearest_points

from civmap.assignment.places import Answer, Claim, Place, Seat, Surroundings, UnitRef

POINT_RELATIONS = frozenset({"点位单位", "责任单位"})
OWNER_RELATION, OWNER_CATEGORY = "产权单位", "市政"
TERRITORY_RELATION, COMMUNITY_RELATION = "属地", "社区"
SAMPLES = 24


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the rules reach, in metres; the defaults of `domain.md` §4."""

    nearest_m: float = 2000.0
    segment_default_m: float = 25.0
    segment_beside_m: float = 10.0
    margin_m: float = 1.0
    margin_most_m: float = 10.0
    tie_m: float = 0.01
    runners_up: int = 5

    def of_segment(self, width_m: float | None) -> float:
        """Return how far from its centre line a segment answers."""
        return self.segment_default_m if not width_m else width_m / 2 + self.segment_beside_m

    def margin(self, accuracy_m: float | None) -> float:
        """Return within how many metres another answer makes this one doubtful."""
        return min(max(self.margin_m, (accuracy_m or 0.0) / 2), self.margin_most_m)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the cascade needs to know of an issue class."""

    code: str
    duties: tuple[str, ...]
    is_frontage: bool


DEFAULT_REACH = Reach()


def choose(around: Surroundings, asked: Asked, reach: Reach = DEFAULT_REACH,
           accuracy_m: float | None = None) -> Answer:
    """Return every claim in order, and whether another unit would answer within the margin."""
    claims = tuple(_told_once(_claims(around, asked, reach, Point(0, 0))))
    if not claims or claims[0].basis == "explicit":
        return Answer(claims)
    margin = reach.margin(accuracy_m)
    answers = (_first(around, asked, reach, spot) for spot in _doubtful_spots(around, margin))
    doubtful = any(unit is not None and unit.code != claims[0].unit.code for unit in answers)
    return Answer(claims, doubtful)


def _told_once(claims: Iterable[Claim]) -> Iterator[Claim]:
    """Leave out a claim that says again what an earlier one said: one unit for two categories, one street twice."""
    told = set()
    for claim in claims:
        key = (claim.unit.code, claim.basis, claim.distance_m, claim.facts.get("zone"))
        if key not in told:
            told.add(key)
            yield claim


def _first(around: Surroundings, asked: Asked, reach: Reach, spot: Point) -> UnitRef | None:
    claim = next(_claims(around, asked, reach, spot), None)
    return claim.unit if claim else None


def _doubtful_spots(around: Surroundings, margin: float) -> Iterator[Point]:
    """Yield spots within the margin where the answer may change: a ring, and just across each edge nearby."""
    for step in range(SAMPLES):
        angle = 2 * pi * step / SAMPLES
        yield Point(margin * cos(angle), margin * sin(angle))
    origin = Point(0, 0)
    for place in (*around.frontages, *around.grids, *around.subdistricts, *around.communities, *around.points):
        edge = place.shape.boundary if place.shape.geom_type.endswith("Polygon") else place.shape
        if edge.is_empty or origin.distance(edge) > margin:
            continue
        near = nearest_points(origin, edge)[1]
        away = max(near.distance(origin), 1e-9)
        yield near
        for factor in (1 + 1e-6 / away, 1 - 1e-6 / away):
            yield Point(near.x * factor, near.y * factor)


def _claims(around: Surroundings, asked: Asked, reach: Reach, spot: Point) -> Iterator[Claim]:
    for rule in CASCADE:
        yield from rule(around, asked, reach, spot)


Rule = Callable[[Surroundings, Asked, Reach, Point], Iterable[Claim]]


def _explicit(around: Surroundings, _asked: Asked, _reach: Reach, spot: Point) -> Iterator[Claim]:
    if around.explicit:
        yield Claim(around.explicit, "explicit", _seat_distance(around, around.explicit, spot))


def _point(around: Surroundings, asked: Asked, _reach: Reach, spot: Point) -> Iterator[Claim]:
    inside = [place for place in around.points if place.unit and (place.is_linked or _holds(place, spot))]
    for place in sorted(inside, key=lambda place: (not place.is_linked, place.shape.area, place.code)):
        if _in_duties(asked, place.unit):
            yield Claim(place.unit, "point", place.shape.distance(spot), {"point": place.code, "name": place.name})


def _in_duties(asked: Asked, unit: UnitRef) -> bool:
    return any(duty in POINT_RELATIONS or duty in unit.categories for duty in asked.duties)


def _frontage(around: Surroundings, asked: Asked, _reach: Reach, spot: Point) -> Iterator[Claim]:
    if not asked.is_frontage:
        return
    over = next((place for place in around.subdistricts if _holds(place, spot)), None)
    for place in _holding(around.frontages, spot):
        yield Claim(place.unit, "frontage", 0.0, _zone_facts(place) | {"supervisor": over.name if over else ""})


def _professional(around: Surroundings, asked: Asked, _reach: Reach, spot: Point) -> Iterator[Claim]:
    ranked = []
    for owner in around.owners:
        if owner.class_code == asked.code:
            ranked.append((-1, -len(owner.territory), owner.unit.code, owner))
        elif owner.category in asked.duties and owner.class_code is None:
            ranked.append((asked.duties.index(owner.category), -len(owner.territory), owner.unit.code, owner))
    for *_, owner in sorted(ranked, key=lambda row: row[:3]):
        yield Claim(owner.unit, "professional", _seat_distance(around, owner.unit, spot),
                    {"category": owner.category or "", "class": owner.class_code or ""})


def _segment(around: Surroundings, _asked: Asked, reach: Reach, spot: Point) -> Iterator[Claim]:
    near = [(place.shape.distance(spot), place) for place in around.segments if place.unit]
    near = [(away, place) for away, place in near if away <= place.reach_m and _on_side(place, spot)]
    for away, place in _by_distance(near, reach):
        yield Claim(place.unit, "segment", away, {"segment": place.code, "name": place.name,
                                                  "chief": place.chief or ""})


def _on_side(place: Place, spot: Point) -> bool:
    if place.side not in ("left", "right") or place.shape.distance(spot) < 0.5:
        return True
    line = place.shape
    along = line.project(spot)
    ahead, behind = line.interpolate(min(along + 0.5, line.length)), line.interpolate(max(along - 0.5, 0.0))
    cross = (ahead.x - behind.x) * (spot.y - behind.y) - (ahead.y - behind.y) * (spot.x - behind.x)
    return (cross > 0) == (place.side == "left")


def _grid(around: Surroundings, _asked: Asked, _reach: Reach, spot: Point) -> Iterator[Claim]:
    for place in _holding(around.grids, spot):
        yield Claim(place.unit, "grid", 0.0, _zone_facts(place))


def _nearest(around: Surroundings, asked: Asked, reach: Reach, spot: Point) -> Iterator[Claim]:
    for duty in asked.duties:
        if duty == TERRITORY_RELATION:
            yield from _territorial(around, asked, reach, spot)
        elif duty == COMMUNITY_RELATION:
            for place in _holding(around.communities, spot):
                yield Claim(place.unit, "territorial", 0.0, _zone_facts(place))
        else:
            category = OWNER_CATEGORY if duty == OWNER_RELATION else duty
            yield from _nearest_of(around.seats, category, reach, spot)


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


def _territorial(around: Surroundings, _asked: Asked, _reach: Reach, spot: Point) -> Iterator[Claim]:
    for place in _holding(around.subdistricts, spot):
        yield Claim(place.unit, "territorial", 0.0, _zone_facts(place))


CASCADE: tuple[Rule, ...] = (_explicit, _point, _frontage, _professional, _segment, _grid, _nearest, _territorial)


def _holds(place: Place, spot: Point) -> bool:
    return place.shape.geom_type.endswith("Polygon") and place.shape.intersects(spot)


def _holding(places: Iterable[Place], spot: Point) -> list[Place]:
    return sorted((place for place in places if place.unit and _holds(place, spot)),
                  key=lambda place: (round(place.shape.area, 2), place.code))


def _zone_facts(place: Place) -> dict[str, Any]:
    return {"zone": place.code, "name": place.name or place.code, "version": place.version}


def _seat_distance(around: Surroundings, unit: UnitRef, spot: Point) -> float | None:
    return next((seat.shape.distance(spot) for seat in around.seats if seat.unit.code == unit.code), None)


def segment_at(segments: Iterable[Place], spot: Point | None = None) -> Place | None:
    """Return the nearest segment within its reach of the spot, with or without a unit; None where there is none."""
    origin = spot or Point(0, 0)
    near = [(place.shape.distance(origin), place.code, place) for place in segments]
    near = [row for row in near if row[0] <= row[2].reach_m]
    return min(near, key=lambda row: row[:2])[2] if near else None
