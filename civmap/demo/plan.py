"""The whole plan of the demo district as frozen values: the place from the seed alone, the life from seed and day."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import shapely
from shapely.geometry import Polygon

from civmap.demo.frame import Frame
from civmap.demo.plan_blocks import Block, blocks
from civmap.demo.plan_buildings import FILLS, HALLS, ROW_DEPTH, House, hall, inner, rows, school
from civmap.demo.plan_ground import Ground, Street, ground
from civmap.demo.plan_names import named_streets
from civmap.demo.plan_segments import Addresses, Edge, Segment, edges, segments
from civmap.demo.plan_shops import RowHouse, behind, noodle_ground
from civmap.demo.plan_skeleton import bones
from civmap.demo.plan_streets import grow, growth_of
from civmap.demo.plan_territory import Area, territory
from civmap.demo.recipe import Recipe


@dataclass(frozen=True)
class Town:
    """What stands on the ground, whatever the day."""

    frame: Frame
    ground: Ground
    streets: Sequence[Street]
    blocks: Sequence[Block]
    houses: Sequence[House]
    fields: Sequence[Polygon]
    rows: Sequence[RowHouse]
    segments: Sequence[Segment]
    edges: Sequence[Edge]
    areas: Sequence[Area]

    @cached_property
    def addresses(self) -> Addresses:
        """Return the address book of the streets."""
        return Addresses(self.ground, self.streets, self.segments)

    @cached_property
    def where(self) -> "Whereabouts":
        """Return the finder of territories."""
        return Whereabouts(self.areas)


class Whereabouts:
    """Which subdistrict, community and grid a spot lies in."""

    def __init__(self, areas: Sequence[Area]) -> None:
        self._areas = list(areas)
        self._tree = shapely.STRtree([area.shape for area in areas])

    def at(self, x: float, y: float, kind: str) -> Area | None:
        """Return the area of a kind that holds a spot; on a shared line the one with the lower code."""
        hits = self._tree.query(shapely.Point(x, y), predicate="intersects")
        inside = [self._areas[i] for i in hits if self._areas[i].kind == kind]
        return min(inside, key=lambda area: area.code, default=None)


def stream(seed: int, topic: str, day: date | None = None) -> random.Random:
    """Return the chance of one topic: equal for equal seed and day, untouched by the other topics."""
    return random.Random(f"civmap/{seed}/{topic}/{day.isoformat() if day else ''}")


def town(seed: int, recipe: Recipe) -> Town:
    """Plan the place."""
    skeleton, names = recipe.skeleton, recipe.names
    frame = Frame(skeleton["origin"])
    skeletal, growth = bones(frame, skeleton), growth_of(skeleton)
    grown = grow(stream(seed, "growth"), skeletal, growth)
    land = ground(stream(seed, "bend"), skeletal, grown, growth, skeleton)
    streets = named_streets(stream(seed, "street names"), land, names)
    plots = blocks(stream(seed, "use"), land, streets, recipe.places)
    houses, fields, fronts = _built(stream(seed, "houses"), frame, plots)
    return Town(
        frame, land, streets, plots, houses, fields, fronts,
        segments(land, streets), edges(stream(seed, "edges"), land, streets),
        territory(stream(seed, "territory"), land, names),
    )  # fmt: skip


def _built(
    rng: random.Random, frame: Frame, plots: Sequence[Block]
) -> tuple[list[House], list[Polygon], list[RowHouse]]:
    noodle, free = (behind(strip) for strip in noodle_ground(frame))
    free = free.difference(noodle.buffer(0.3))
    houses: list[House] = []
    fields: list[Polygon] = []
    fronts: list[RowHouse] = []
    for block in plots:
        kept = [noodle, free] if block.parcel.intersects(noodle) else []
        houses += [House(shape, "retail", 2, block.face) for shape in kept]
        if block.use in HALLS:
            houses += hall(block)
        elif block.use == "school":
            schools, field = school(rng, block)
            houses += schools
            fields += [field] if field is not None else []
        else:
            street_rows = rows(rng, block, kept) if block.use in ROW_DEPTH else []
            fronts += street_rows
            houses += [row[3] for row in street_rows]
            houses += inner(rng, block, bool(street_rows)) if block.use in FILLS else []
    return houses, fields, fronts
