"""Buildings: rows of shop-houses along streets, slabs in estates, boxes for the large, houses for the small."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import shapely
import shapely.affinity
from shapely.geometry import Polygon

from civmap.demo.plan_blocks import Block
from civmap.demo.plan_ground import Track


@dataclass(frozen=True)
class House:
    """A building: footprint in board metres, kind, storeys, and the block it stands in."""

    shape: Polygon
    kind: str
    levels: int
    face: int


@dataclass(frozen=True)
class Side:
    """A side of a parcel along a street, walked with the parcel on the left."""

    face: int
    line: np.ndarray
    length_m: float

    @cached_property
    def track(self) -> Track:
        """Return the side as a track."""
        return Track(self.line)


@dataclass(frozen=True)
class Fill:
    """How the inside of a parcel is filled: cell, house, turn, chance and storeys."""

    kind: str
    cell: tuple[float, float]
    house: tuple[float, float]
    chance: float
    levels: tuple[int, int]
    margin_m: float
    jitter: float = 0.0
    facing_south: bool = False
    most: int = 10_000


FILLS = {
    "shophouse": Fill("residential", (13, 12), (10, 8.5), 0.74, (1, 3), 16, 0.06),
    "mixed": Fill("residential", (46, 30), (34, 12), 0.8, (6, 8), 22, 0.04),
    "estate": Fill("apartments", (58, 31), (46, 12), 0.93, (6, 11), 15, 0.03, True),
    "towers": Fill("apartments", (58, 52), (30, 22), 0.85, (18, 33), 18, 0.06, True),
    "office": Fill("office", (50, 44), (36, 26), 0.8, (6, 22), 9, 0.05),
    "sheds": Fill("industrial", (104, 48), (84, 32), 0.8, (1, 2), 12, 0.04),
    "village": Fill("house", (21, 18), (12, 10), 0.5, (1, 3), 30, 0.16),
    "campus": Fill("school", (92, 56), (58, 16), 0.55, (4, 6), 18, 0.1, True),
    "hospital": Fill("hospital", (52, 40), (40, 20), 0.9, (5, 14), 9, 0.04, True, 6),
    "civic": Fill("public", (76, 58), (56, 26), 1.0, (4, 10), 12, 0.0, False, 3),
    "culture": Fill("public", (70, 56), (46, 36), 1.0, (2, 4), 9, 0.0, False, 2),
    "youth": Fill("public", (60, 48), (42, 26), 1.0, (2, 5), 9, 0.0, False, 2),
    "hotel": Fill("hotel", (56, 46), (42, 20), 1.0, (9, 20), 9, 0.0, False, 2),
    "site": Fill("construction", (70, 60), (26, 22), 0.6, (3, 20), 16, 0.1, True),
    "stadium": Fill("public", (120, 90), (90, 58), 1.0, (2, 3), 16, 0.0, False, 2),
}
ROW_DEPTH = {"shophouse": 11.0, "mixed": 14.0, "estate": 12.0}
HALLS = {"mall": ("retail", 0.72, 5), "market": ("retail", 0.66, 2), "coach": ("station", 0.45, 2),
         "station": ("station", 0.4, 3)}  # fmt: skip


def sides(block: Block, sharp_degrees: float = 26.0, least_m: float = 34.0) -> list[Side]:
    """Return the sides of a parcel between its corners, anticlockwise, the short ones left out."""
    ring = np.array(shapely.geometry.polygon.orient(block.parcel.simplify(0.05), 1.0).exterior.coords)[:-1]
    step = np.roll(ring, -1, axis=0) - ring
    heading = np.arctan2(step[:, 1], step[:, 0])
    bend = (heading - np.roll(heading, 1) + math.pi) % (2 * math.pi) - math.pi
    corners = np.flatnonzero(np.abs(bend) > math.radians(sharp_degrees))
    found = []
    for i, start in enumerate(corners):
        end = corners[(i + 1) % len(corners)]
        path = np.arange(start, end + 1 if end > start else end + len(ring) + 1) % len(ring)
        line = ring[path]
        length = float(np.hypot(*np.diff(line, axis=0).T).sum())
        if length >= least_m:
            found.append(Side(block.face, line, length))
    return found


def quad(track: Track, start_m: float, end_m: float, near_m: float, far_m: float) -> Polygon:
    """Return the four-cornered piece between two chainages and two offsets to the left of a line."""
    at = (start_m, end_m)
    return Polygon(np.vstack([track.at(at, near_m), track.at(at, far_m)[::-1]]))


def rows(rng: random.Random, block: Block, taken: Sequence[Polygon] = ()) -> list[tuple[Side, float, float, House]]:
    """Return the houses in rows along the sides of a block, as (side, start, end, house); none overlap."""
    depth = ROW_DEPTH[block.use]
    inside = block.parcel.buffer(0.3)
    shapely.prepare(inside)
    stand: list[Polygon] = list(taken)
    found = []
    for side in sides(block):
        if block.use == "estate" and rng.random() < 0.35:
            continue
        at = depth + rng.uniform(2, 5)
        while at < side.length_m - 12:
            width = rng.uniform(9, 17) if block.use == "shophouse" else rng.uniform(13, 26)
            if at + width > side.length_m - 3:
                break
            shape = quad(side.track, at, at + width, 0.0, depth + rng.uniform(-2, 1.5))
            if shape.is_valid and inside.covers(shape) and not shapely.dwithin(shape, stand[-60:], 0.2).any():
                levels = rng.randint(2, 4) if block.use == "shophouse" else rng.randint(3, 7)
                stand.append(shape)
                found.append((side, at, at + width, House(shape, "retail", levels, block.face)))
            at += width + (rng.uniform(0.3, 1.2) if rng.random() < 0.8 else rng.uniform(4, 11))
    return found


def inner(rng: random.Random, block: Block, has_rows: bool) -> list[House]:
    """Return the houses inside a parcel, on a turned raster with gaps; none touches the rows."""
    fill = FILLS.get(block.use)
    if fill is None:
        return []
    margin = fill.margin_m + (9 if has_rows and block.use == "estate" else 0)
    room = block.parcel.buffer(-margin)
    if block.use == "village":
        middle = block.parcel.representative_point()
        room = room.intersection(middle.buffer(170))
    if room.is_empty:
        return []
    boxes = _raster(rng, room, fill, _angle(block.parcel, fill.facing_south))
    kept = [shape for shape in boxes if rng.random() < fill.chance][: fill.most]
    return [House(shape, fill.kind, rng.randint(*fill.levels), block.face) for shape in kept]


def _angle(parcel: Polygon, facing_south: bool) -> float:
    """Return the turn of a parcel's raster in radians; slabs that face south turn by fifteen degrees at most."""
    box = list(shapely.minimum_rotated_rectangle(parcel).exterior.coords)
    (ax, ay), (bx, by) = max(pairwise(box), key=lambda s: math.dist(*s))
    angle = math.atan2(by - ay, bx - ax) % math.pi
    if not facing_south:
        return angle
    turn = (angle + math.pi / 4) % (math.pi / 2) - math.pi / 4
    return max(-0.26, min(0.26, turn))


def _raster(rng: random.Random, room: Polygon, fill: Fill, angle: float) -> list[Polygon]:
    x, y = room.centroid.coords[0]
    cos, sin = math.cos(angle), math.sin(angle)
    away = shapely.get_coordinates(room) - (x, y)
    reach = np.abs(np.column_stack([away @ (cos, sin), away @ (-sin, cos)])).max(axis=0)
    columns, lines = (math.ceil(reach[i] / fill.cell[i]) for i in (0, 1))
    half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.array(fill.house) / 2
    boxes = []
    for row in range(-lines, lines + 1):
        for column in range(-columns, columns + 1):
            u = (column + 0.5 * (row % 2) * (fill.jitter > 0.15) + rng.uniform(-1, 1) * fill.jitter) * fill.cell[0]
            v = (row + rng.uniform(-1, 1) * fill.jitter) * fill.cell[1]
            stretch = 1 + rng.uniform(-1, 1) * min(0.15, fill.jitter * 2)
            spots = half * stretch + np.array([u, v])
            boxes.append(np.column_stack([x + spots[:, 0] * cos - spots[:, 1] * sin,
                                          y + spots[:, 0] * sin + spots[:, 1] * cos]))  # fmt: skip
    shapes = shapely.polygons(np.array(boxes))
    shapely.prepare(room)
    return list(shapes[shapely.contains_properly(room, shapes)])


def hall(block: Block) -> list[House]:
    """Return the one large hall of a mall, a market or a station."""
    kind, share, levels = HALLS[block.use]
    room = block.parcel.buffer(-8)
    if room.is_empty:
        room = block.parcel
    middle = room.representative_point() if not room.contains(room.centroid) else room.centroid
    box = shapely.minimum_rotated_rectangle(room)
    shape = shapely.affinity.scale(box, share, share, origin=middle)
    shape = shapely.affinity.translate(shape, middle.x - shape.centroid.x, middle.y - shape.centroid.y)
    shape = shape.intersection(block.parcel.buffer(-3))
    largest = max(shapely.get_parts(shape), key=lambda part: part.area)
    return [House(largest, kind, levels, block.face)]


def school(rng: random.Random, block: Block) -> tuple[list[House], Polygon | None]:
    """Return the teaching buildings of a school, and its sports field where there is room."""
    angle = _angle(block.parcel, True)
    field = None
    for size in (62, 48, 36, 26):
        oval = shapely.affinity.scale(shapely.Point(0, 0).buffer(size / 2, 12), 1.75, 1)
        oval = shapely.affinity.rotate(oval, math.degrees(angle), origin=(0, 0))
        low, x = block.parcel.bounds[1], block.parcel.centroid.x
        for lift in (0.32, 0.4, 0.5):
            y = low + (block.parcel.bounds[3] - low) * lift
            moved = shapely.affinity.translate(oval, x, y)
            if block.parcel.buffer(-3).contains(moved):
                field = moved
                break
        if field is not None:
            break
    room = block.parcel.buffer(-7)
    room = room.difference(field.buffer(7)) if field is not None else room
    fill = Fill("school", (52, 26), (40, 12), 1.0, (3, 5), 0, 0.0, True, 6)
    shapes = [s for part in shapely.get_parts(room) for s in _raster(rng, part, fill, angle)][: fill.most]
    return [House(shape, "school", rng.randint(3, 5), block.face) for shape in shapes], field
