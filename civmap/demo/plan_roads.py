"""Who holds the roads: a duty unit for every segment and four levels of chiefs."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from civmap.demo.plan import Town
from civmap.demo.plan_names import People
from civmap.demo.plan_segments import Segment
from civmap.demo.plan_units import ADOPTERS, UnitPlan, community_code


@dataclass(frozen=True)
class Chief:
    """A road chief of one level: 0 总路长 to 3 三级路长."""

    level: int
    name: str
    title: str
    phone: str


def _middle(segment: Segment) -> tuple[float, float]:
    middle = segment.line.interpolate(0.5, normalized=True)
    return middle.x, middle.y


def holders_of(rng: random.Random, town: Town) -> dict[str, str]:
    """Return the duty unit of every segment: bureaus on some arterials, else subdistrict or community."""
    adopted: dict[str, str] = {}
    holders = {}
    for segment in town.segments:
        community = town.where.at(*_middle(segment), "community")
        if community is None:
            raise ValueError(f"segment {segment.code} lies outside the district")
        rank = segment.street.road_class
        if rank == "arterial_primary" and segment.street.name not in adopted:
            adopted[segment.street.name] = rng.choice(ADOPTERS)
        if rank == "arterial_primary" and rng.random() < 0.45:
            holders[segment.code] = adopted[segment.street.name]
        elif rank.startswith("arterial"):
            holders[segment.code] = "JD" + community.parent[6:]
        else:
            holders[segment.code] = community_code(community.code)
    return holders


def road_chiefs(town: Town, units: Sequence[UnitPlan], people: People) -> dict[str, list[Chief]]:
    """Return the chiefs of every segment: one for the district, then per subdistrict, community and segment."""
    heads = {unit.code: (unit.name, unit.head, unit.phone) for unit in units}
    general = Chief(0, people.name(), "区领导、总路长", people.landline())
    field: dict[tuple[str, int], Chief] = {}
    serial: dict[str, int] = {}
    chiefs = {}
    for segment in town.segments:
        community = town.where.at(*_middle(segment), "community")
        code = community.code if community else ""
        office, committee = heads["JD" + code[6:9]], heads[community_code(code)]
        serial[code] = serial.get(code, -1) + 1
        key = (code, serial[code] // 3)
        if key not in field:
            field[key] = Chief(3, people.name(), "网格巡查员", people.mobile())
        chiefs[segment.code] = [
            general,
            Chief(1, office[1], f"{office[0]}主任", office[2]),
            Chief(2, committee[1], f"{committee[0]}负责人", committee[2]),
            field[key],
        ]
    return chiefs
