"""Land cover of the demo: water, green and what the parcels are used for, as the basemap shows it."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import Polygon

from civmap.demo.curves import smooth
from civmap.demo.plan import Town
from civmap.demo.plan_blocks import Block
from civmap.demo.plan_segments import Segment

GREEN = frozenset({"lake_park", "park", "pocket", "scenic", "wood"})
USES = {
    "fields": "farmland", "school": "school", "campus": "school", "hospital": "hospital", "square": "square",
    "sheds": "industrial", "station": "square", "coach": "commercial", "mall": "commercial", "market": "commercial",
    "estate": "residential", "towers": "residential", "village": "residential", "stadium": "grass",
    "culture": "institution", "youth": "institution", "civic": "institution",
}  # fmt: skip
POND_SHARE = {"lake_park": 0.30, "park": 0.05}


@dataclass(frozen=True)
class Cover:
    """A piece of land: `layer` water, green or land; `kind` in OpenStreetMap's words."""

    layer: str
    kind: str
    name: str
    shape: Polygon


def covers(rng: random.Random, town: Town) -> list[Cover]:
    """Return the land cover, larger areas before what lies on them."""
    found = [cover for block in town.blocks for cover in _of_block(block)]
    found += _riverside(town)
    found.append(Cover("land", "industrial", "", town.ground.railway))
    found += [Cover("green", "grass", "", shape) for shape in town.fields]
    for block in town.blocks:
        found += _ponds(rng, block)
    found.append(Cover("water", "water", "云溪", town.ground.river))
    canal = [part for part in shapely.get_parts(town.ground.canal) if part.area > 50]
    found += [Cover("water", "water", "清水河", part) for part in canal]
    return found


def _of_block(block: Block) -> list[Cover]:
    if block.use in GREEN:
        kind = "wood" if block.use == "wood" or block.name.startswith("桃花岭") else "park"
        return [Cover("green", kind, block.name, block.parcel)]
    if block.use in USES:
        return [Cover("land", USES[block.use], block.name, block.parcel)]
    return []


def _riverside(town: Town) -> Sequence[Cover]:
    """Return the green between the river and its quays."""
    strips = [town.ground.faces[face] for face in sorted(town.ground.water_faces)]
    green = shapely.difference(shapely.union_all(strips), town.ground.river.buffer(2))
    streets = shapely.union_all([s.line.buffer(s.street.width_m / 2 + 3) for s in town.segments if _is_quay(s, town)])
    parts = [p for p in shapely.get_parts(green.difference(streets)) if p.area > 1500]
    parts.sort(key=lambda part: (-part.area, part.bounds))
    return [Cover("green", "park", "滨江公园" if i == 0 else "", part) for i, part in enumerate(parts)]


def _is_quay(segment: Segment, town: Town) -> bool:
    return segment.line.distance(town.ground.river) < 90


def _ponds(rng: random.Random, block: Block) -> list[Cover]:
    """Return the lake of a park: a smooth blob that stays clear of its edge."""
    share = POND_SHARE.get(block.use)
    if share is None or block.parcel.area < 25000:
        return []
    room = block.parcel.buffer(-24)
    middle = room.representative_point() if not room.contains(room.centroid) else room.centroid
    radius = math.sqrt(block.parcel.area * share / math.pi)
    turn = rng.uniform(0, math.pi)
    spots = []
    for step in range(9):
        angle = 2 * math.pi * step / 9
        away = radius * rng.uniform(0.72, 1.3)
        x, y = 1.35 * away * math.cos(angle), 0.78 * away * math.sin(angle)
        cos, sin = math.cos(turn), math.sin(turn)
        spots.append((middle.x + x * cos - y * sin, middle.y + x * sin + y * cos))
    blob = Polygon(np.round(smooth(spots, 18, closed=True), 3)).buffer(0).intersection(room)
    lakes = [part for part in shapely.get_parts(blob) if part.geom_type == "Polygon" and part.area > 400]
    name = block.name.removesuffix("公园") if block.use == "lake_park" else ""
    return [Cover("water", "water", name, max(lakes, key=lambda part: part.area))] if lakes else []
