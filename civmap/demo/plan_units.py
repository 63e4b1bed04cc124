"""Units: bureaus, subdistricts, communities, property companies, the owners of places, and the shops."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry import Polygon

from civmap.demo.plan import Town
from civmap.demo.plan_buildings import House
from civmap.demo.plan_names import People, Pool
from civmap.demo.plan_shops import Shop
from civmap.demo.plan_territory import Area

SEATS = ("office", "public", "retail", "apartments")
ADOPTERS = tuple(f"U{number}" for number in (101, 107, 108, 112, 113, 114, 119, 121, 122, 123, 124, 125, 126, 127, 128))


@dataclass(frozen=True)
class UnitPlan:
    """A responsible unit with its seat on the board."""

    code: str
    name: str
    kind: str
    categories: tuple[str, ...]
    spot: tuple[float, float]
    parent: str
    territory: str
    phone: str
    head: str
    liaison: str
    address: str


@dataclass(frozen=True)
class Estate:
    """A residential estate: shape, who manages it, who adopted it."""

    code: str
    name: str
    shape: Polygon
    property_code: str
    community: str
    adopter: str
    households: int
    face: int


class Rooms:
    """The houses that are still free to be somebody's seat."""

    def __init__(self, houses: Sequence[House]) -> None:
        self._spots = np.array([h.shape.centroid.coords[0] for h in houses])
        self._kinds = np.array([h.kind for h in houses])
        self._taken = np.zeros(len(houses), dtype=bool)

    def take(self, x: float, y: float, kinds: Sequence[str]) -> tuple[float, float]:
        """Return the middle of the nearest free house of one of the kinds, and keep it taken.

        A kind further back in the list is taken only where it lies 250 m nearer.
        """
        cost = np.where(np.isin(self._kinds, kinds) & ~self._taken, 0.0, np.inf)
        for place, kind in enumerate(kinds):
            cost += np.where(self._kinds == kind, 250.0 * place, 0.0)
        cost += np.hypot(*(self._spots - (x, y)).T)
        best = int(np.argmin(np.round(cost, 6)))
        self._taken[best] = True
        return round(float(self._spots[best][0]), 3), round(float(self._spots[best][1]), 3)


class Register:
    """Units in the making: gives every new unit its people and telephone."""

    def __init__(self, town: Town, people: People) -> None:
        self._town, self._people = town, people
        self.units: list[UnitPlan] = []

    def add(
        self, code: str, name: str, kind: str, spot: tuple[float, float],
        categories: Sequence[str] = (), parent: str = "", territory: str = "", is_private: bool = False,
    ) -> UnitPlan:  # fmt: skip
        """Add a unit and return it."""
        phone = self._people.mobile() if is_private else self._people.landline()
        unit = UnitPlan(code, name, kind, tuple(categories), spot, parent, territory, phone,
                        self._people.name(), self._people.name(), self._town.addresses.address(*spot))  # fmt: skip
        self.units.append(unit)
        return unit


def bureaus(register: Register, rooms: Rooms, table: Sequence[Mapping[str, str]]) -> None:
    """Add the units of the recipe."""
    for row in table:
        spot = rooms.take(float(row["x"]), float(row["y"]), SEATS)
        categories = [word for word in row["categories"].split("|") if word]
        register.add(row["code"], row["name"], row["kind"], spot, categories, row["parent"])


def authorities(register: Register, rooms: Rooms, areas: Sequence[Area]) -> None:
    """Add the offices of subdistricts with their enforcement teams, and the committees of communities."""
    for area in areas:
        if area.kind not in ("subdistrict", "community"):
            continue
        middle = area.shape.representative_point()
        kinds = SEATS if area.kind == "subdistrict" else (*SEATS, "residential", "house", "school", "industrial")
        spot = rooms.take(middle.x, middle.y, kinds)
        if area.kind == "subdistrict":
            register.add("JD" + area.code[6:], area.name + "办事处", "subdistrict", spot, territory=area.code)
            team = rooms.take(middle.x + 60, middle.y - 40, SEATS)
            register.add("ZF" + area.code[6:], area.name + "综合执法中队", "bureau", team, ["城管"], "U101", area.code)
        else:
            name = area.name + ("居委会" if area.name.endswith("社区") else "村委会")
            register.add(community_code(area.code), name, "community", spot,
                         parent="JD" + area.parent[6:], territory=area.code)  # fmt: skip


def community_code(code: str) -> str:
    """Return the unit code of a community's committee."""
    return "SQ" + code[6:]


def estates(rng: random.Random, town: Town, register: Register, names: Mapping) -> list[Estate]:
    """Return the estates, and add the companies that manage them."""
    companies = Pool(rng, names["property_companies"])
    blocks = [b for b in town.blocks if b.use in ("estate", "towers") and b.parcel.area > 6000]
    spread = blocks[:: max(1, len(blocks) // len(companies))]
    managers: list[UnitPlan] = []
    while len(companies):
        spot = spread[len(managers) % len(spread)].parcel.representative_point()
        managers.append(register.add(f"WY{len(managers) + 1:02d}", companies.take() + "有限公司", "property",
                                     (round(spot.x, 3), round(spot.y, 3)), ["物业"]))  # fmt: skip
    titles = _estate_names(rng, names, len(blocks))
    found = []
    for number, (block, name) in enumerate(zip(blocks, titles, strict=True), 1):
        spot = block.parcel.representative_point()
        community = town.where.at(spot.x, spot.y, "community")
        nearest = sorted(managers, key=lambda unit: (spot.distance(shapely.Point(unit.spot)), unit.code))[:3]
        manager = "" if name.endswith(("家属院", "宿舍")) else rng.choice(nearest).code
        adopter = rng.choice(ADOPTERS) if rng.random() < 0.9 else ""
        households = sum(house.levels for house in town.houses if house.face == block.face) * rng.randint(4, 6)
        found.append(Estate(f"XQ-{number:03d}", name, block.parcel, manager, community.code if community else "",
                            adopter, households, block.face))  # fmt: skip
    return found


def _estate_names(rng: random.Random, names: Mapping, count: int) -> list[str]:
    ends, stems = names["estate_ends"].split(), names["estate_stems"].split()
    all_names = {stem + end for stem in stems for end in ends if not stem.endswith(end[:1])}
    chosen = sorted(names["work_estates"].split()) + rng.sample(sorted(all_names), max(0, count - 12))
    rng.shuffle(chosen)
    return chosen[:count]


def shop_units(shops: Sequence[Shop], town: Town) -> list[UnitPlan]:
    """Return the units of the shops that hold a frontage zone."""
    found = []
    for shop in shops:
        area = town.where.at(*shop.spot, "subdistrict")
        found.append(UnitPlan(
            f"SH-{shop.number:04d}", shop.name, "shop", (), shop.spot, "JD" + area.code[6:] if area else "", "",
            shop.phone, shop.holder, shop.holder, shop.address,
        ))  # fmt: skip
    return found


def with_parent(unit: UnitPlan, parent: str) -> UnitPlan:
    """Return the unit under another one."""
    return replace(unit, parent=parent)
