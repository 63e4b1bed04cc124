"""What an atlas has a page for: road chiefs, units, grids or subdistricts, and which things belong on each page."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from civmap.paper.things import Thing, inside

KINDS = ("chief", "grid", "unit", "subdistrict")
BESIDE_M = 30.0
"""What lies within so many metres of a chief's segments belongs on the chief's page."""
Say = Callable[..., str]


@dataclass(slots=True)
class Item:
    """A page: what it is called, what is on it, what the map fits and stresses, and who answers."""

    code: str
    name: str
    found: list[Thing]
    shapes: list[BaseGeometry]
    people: list[tuple[str, str, str]] = field(default_factory=list)
    detail: str = ""

    @property
    def open(self) -> int:
        """Return how many open issues are on the page."""
        return sum(one.kind == "issues" and one.open > 0 for one in self.found)

    @property
    def overdue(self) -> int:
        """Return how many overdue issues are on the page."""
        return sum(one.kind == "issues" and one.status == "overdue" for one in self.found)


def by_chief(found: Sequence[Thing], say: Say) -> list[Item]:
    """Return a page per road chief who holds segments at first hand: the lowest level that a segment names."""
    groups: dict[str, list[Thing]] = defaultdict(list)
    for thing in found:
        chiefs = thing.facts.get("chiefs") if thing.kind == "segments" else None
        if chiefs:
            groups[max(chiefs, key=lambda chief: chief["level"])["name"]].append(thing)
    others = [thing for thing in found if thing.kind != "segments"]
    spots = shapely.points(np.array([thing.spot for thing in others], float).reshape(-1, 2))
    tree = shapely.STRtree(spots)
    return [_chief(name, segments, others, tree, say) for name, segments in groups.items()]


def _chief(name: str, segments: list[Thing], others: Sequence[Thing], tree: shapely.STRtree, say: Say) -> Item:
    codes = {thing.code for thing in segments}
    lines = shapely.union_all(np.array([thing.shape for thing in segments], object))
    near = set(tree.query(lines, predicate="dwithin", distance=BESIDE_M).tolist())
    held = [thing for number, thing in enumerate(others)
            if (thing.facts.get("segment") in codes if thing.facts.get("segment") else number in near)
            and thing.kind != "units"]
    people: dict[tuple[int, str], tuple[str, str, str]] = {}
    for thing in segments:
        for chief in thing.facts["chiefs"]:
            people[chief["level"], chief["name"]] = (
                say(f"paper.chief.{chief['level']}"), f"{chief['name']} {chief.get('title') or ''}".strip(),
                chief.get("phone") or "—")
    roads = list(dict.fromkeys(str(thing.facts.get("road") or thing.name) for thing in segments))
    return Item(name, name, [*segments, *held], [thing.shape for thing in segments],
                [people[key] for key in sorted(people)], "、".join(roads))


def by_unit(found: Sequence[Thing], say: Say) -> list[Item]:
    """Return a page per unit that answers for something on the map; shops are left to the street they stand in."""
    shops = {thing.code for thing in found if thing.kind == "units" and thing.facts.get("kind") == "shop"}
    seats = {thing.code: thing for thing in found if thing.kind == "units"}
    groups: dict[str, list[Thing]] = defaultdict(list)
    for thing in found:
        code = thing.facts.get("unit")
        if code and code not in shops and thing.kind != "units":
            groups[str(code)].append(thing)
    items = []
    for code, held in groups.items():
        seat = seats.get(code)
        shapes = [thing.shape for thing in held if thing.kind != "issues"] or [thing.shape for thing in held]
        items.append(Item(code, str(held[0].facts.get("unit_name") or code), [*held, *([seat] if seat else [])], shapes,
                          _people(seat.facts if seat else held[0].facts, say), code))
    return items


def _people(facts: Mapping[str, Any], say: Say) -> list[tuple[str, str, str]]:
    phone = facts.get("phone") or facts.get("unit_phone") or "—"
    rows = [(say(f"paper.person.{role}"), str(facts[role]), "")
            for role in ("head_person", "liaison") if facts.get(role)]
    return [*rows, (say("paper.person.phone"), str(facts.get("unit_name") or facts.get("name") or "—"), str(phone))]


def by_area(areas: Sequence[Thing], found: Sequence[Thing], say: Say) -> list[Item]:
    """Return a page per zone of some kind (grids, subdistricts) with what lies in it."""
    items = []
    for area in areas:
        held = [thing for thing in inside(found, area.shape) if thing.code != area.code]
        people = [(say("paper.person.unit"), str(area.facts.get("unit_name") or "—"),
                   str(area.facts.get("unit_phone") or "—"))]
        if area.facts.get("holder"):
            people.append((say("paper.person.holder"), str(area.facts["holder"]),
                           str(area.facts.get("holder_phone") or "—")))
        items.append(Item(area.code, area.name, held, [area.shape], people, area.code))
    return items


def ordered(items: Sequence[Item]) -> list[Item]:
    """Return pages in the order in which people look names up: by their sound, then by code."""
    return sorted(items, key=lambda item: (item.name.encode("gb18030", "replace"), item.code))
