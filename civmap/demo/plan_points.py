"""Inspection points: the places of the recipe found on the ground, each with its unit."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry import LineString, Point

from civmap.demo.plan import Town
from civmap.demo.plan_blocks import Block
from civmap.demo.plan_buildings import sides
from civmap.demo.plan_ground import Street, Track, street_curve
from civmap.demo.plan_segments import Addresses
from civmap.demo.plan_units import Estate, Register, Rooms, community_code

MANDATORY = frozenset({"PT07", "PT08", "PT09", "PT10", "PT11", "PT12", "PT13", "PT16", "PT17", "PT20", "PT21"})
SURROUNDINGS_M = {"PT23": 200.0, "PT04": 50.0, "PT07": 50.0}


@dataclass(frozen=True)
class Found:
    """Where a point lies: its door, its outline, the name of what was found there, and whose it is."""

    spot: tuple[float, float]
    outline: shapely.Geometry | None = None
    name: str = ""
    owner: str = ""


@dataclass(frozen=True)
class PointPlan:
    """An inspection point on the board."""

    code: str
    type: str
    name: str
    spot: tuple[float, float]
    outline: shapely.Geometry | None
    unit: str
    address: str
    street: str
    division: str
    is_declared: bool
    hours: str
    surroundings_m: float | None


class Finder:
    """Find the places that the recipe describes; each rule is `word:argument:…`."""

    def __init__(
        self, rng: random.Random, town: Town, rooms: Rooms, register: Register, estates: Sequence[Estate]
    ) -> None:
        self._town, self._rooms = town, rooms
        self._seat = {unit.code: unit for unit in register.units}
        self._lanes = [s for s in town.streets if s.road_class == "alley" and self._is_lane(s)]
        rng.shuffle(self._lanes)
        self._estates = _spread(rng, estates, lambda estate: estate.community[:9])
        communities = [a for a in town.areas if a.kind == "community" and a.name.endswith("社区")]
        self._communities = _spread(rng, communities, lambda area: area.parent)
        self._rural = sorted((b for b in town.blocks if b.use == "village"), key=self._town_like)
        self._rules: dict[str, Callable[..., Found]] = {
            "street": self._on_street, "alley": self._in_alley, "crossing": self._at_crossing,
            "community": self._committee, "estate": self._estate, "place": self._place, "shop": self._room,
            "bank": self._bank, "canal": self._canal, "rural": self._village, "subdistrict": self._office,
        }  # fmt: skip

    def find(self, rule: str) -> Found:
        """Return what a rule describes; raise KeyError or IndexError where the recipe asks for what is not there."""
        word, *arguments = rule.split(":")
        return self._rules[word](*arguments)

    def _town_like(self, block: Block) -> tuple[bool, int]:
        spot = block.parcel.representative_point()
        community = self._town.where.at(spot.x, spot.y, "community")
        return community is None or not community.name.endswith("村"), block.face

    def _is_lane(self, street: Street) -> bool:
        middle = self._curve(street).interpolate(0.5, normalized=True)
        return self._curve(street).length > 110 and -650 < middle.x < 800 and -700 < middle.y < 1150

    def _curve(self, street: Street) -> LineString:
        return LineString(street_curve(self._town.ground, street.corners))

    def _on_street(self, name: str, x: str, y: str) -> Found:
        street = min((s for s in self._town.streets if s.name == name),
                     key=lambda s: (self._curve(s).distance(Point(float(x), float(y))), s.key))  # fmt: skip
        curve = self._curve(street)
        along = curve.project(Point(float(x), float(y)))
        side = Track(shapely.get_coordinates(curve)).at([along], street.width_m / 2 + 1.5)[0]
        return Found(_spot(side), None, street.name)

    def _in_alley(self, number: str) -> Found:
        street = self._lanes[int(number) - 1]
        curve = self._curve(street)
        middle = curve.interpolate(0.5, normalized=True)
        return Found(_spot((middle.x, middle.y)), curve, street.name)

    def _at_crossing(self, one: str, other: str) -> Found:
        first, second = ([s for s in self._town.streets if s.name == name] for name in (one, other))
        corners = {c for s in first for c in s.corners} & {c for s in second for c in s.corners}
        return Found(_spot(self._town.ground.spots[min(corners)]), None, f"{one}—{other}路口")

    def _committee(self, number: str) -> Found:
        unit = self._seat[community_code(self._communities[int(number) - 1].code)]
        return Found(unit.spot, None, unit.name, unit.code)

    def _estate(self, number: str) -> Found:
        estate = [e for e in self._estates if e.property_code][int(number) - 1]
        block = next(b for b in self._town.blocks if b.face == estate.face)
        return Found(door(block, self._town.addresses), block.parcel, estate.name, estate.property_code)

    def _place(self, name: str) -> Found:
        block = next(b for b in self._town.blocks if b.name == name)
        return Found(door(block, self._town.addresses), block.parcel, name)

    def _room(self, kind: str, x: str, y: str) -> Found:
        return Found(self._rooms.take(float(x), float(y), [kind]))

    def _bank(self, x: str, y: str) -> Found:
        near = shapely.shortest_line(self._town.ground.river, Point(float(x), float(y)))
        return Found(_spot(near.coords[0]))

    def _canal(self, x: str, y: str) -> Found:
        near = shapely.shortest_line(self._town.ground.canal, Point(float(x), float(y)))
        return Found(_spot(near.coords[0]))

    def _village(self, number: str) -> Found:
        block = self._rural[int(number) - 1]
        spot = block.parcel.representative_point()
        community = self._town.where.at(spot.x, spot.y, "community")
        name = f"{community.name}村民小组" if community and community.name.endswith("村") else ""
        gate = door(block, self._town.addresses)
        return Found(gate, block.parcel, name or f"{community.name if community else ''}农居点")

    def _office(self, code: str) -> Found:
        unit = self._seat["JD" + code]
        return Found(unit.spot, None, unit.name, unit.code)


def _spot(xy: Sequence[float]) -> tuple[float, float]:
    return round(float(xy[0]), 3), round(float(xy[1]), 3)


def _spread(rng: random.Random, things: Sequence, group: Callable) -> list:
    """Return things in a mixed order that visits every group before it comes back to one."""
    by_group: dict[str, list] = {}
    for thing in things:
        by_group.setdefault(group(thing), []).append(thing)
    for members in by_group.values():
        rng.shuffle(members)
    mixed = []
    while any(by_group.values()):
        mixed += [members.pop() for _, members in sorted(by_group.items()) if members]
    return mixed


def door(block: Block, addresses: Addresses) -> tuple[float, float]:
    """Return the gate of a parcel: the middle of its longest side along a street, a step inside."""
    for side in sorted(sides(block, least_m=1.0), key=lambda side: -side.length_m):
        x, y = _spot(side.track.at([side.length_m / 2], 1.0)[0])
        if addresses.distance(x, y) < 30:
            return x, y
    spot = block.parcel.representative_point()
    return _spot((spot.x, spot.y))


def points(
    rng: random.Random, town: Town, finder: Finder, register: Register, table: Sequence[Mapping[str, str]]
) -> list[PointPlan]:
    """Return the points of the recipe, and add the units that own them."""
    found: list[PointPlan] = []
    names: set[str] = set()
    for row in table:
        place = finder.find(row["where"])
        name = row["name"] or place.name
        while name in names:
            name += "二"
        names.add(name)
        grid = town.where.at(*place.spot, "grid")
        if grid is None:
            raise ValueError(f"{name} lies outside the district")
        unit = _unit_for(row, name, place, register, grid.parent)
        found.append(PointPlan(
            f"DW{len(found) + 1:03d}", row["type"], name, place.spot, place.outline, unit,
            town.addresses.address(*place.spot), town.addresses.street(*place.spot).name, grid.code,
            row["type"] in MANDATORY or rng.random() < 0.86, row["hours"], SURROUNDINGS_M.get(row["type"]),
        ))  # fmt: skip
    return found


def _unit_for(row: Mapping[str, str], name: str, place: Found, register: Register, community: str) -> str:
    rule = row["unit"]
    if rule == "territory":
        return "JD" + community[6:9]
    if rule == "community":
        return place.owner if place.owner.startswith("SQ") else community_code(community)
    if rule == "property":
        return place.owner
    if rule.startswith("own:"):
        own = sum(unit.code.startswith("CS") for unit in register.units)
        return register.add(f"CS{own + 1:03d}", name, rule.removeprefix("own:"), place.spot).code
    return rule
