"""Shops and their frontage zones: strips from the shop fronts to the kerb, gaps between neighbours halved."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
from shapely.geometry import LineString, Polygon

from civmap.demo.frame import Frame
from civmap.demo.plan_buildings import House, Side
from civmap.demo.plan_ground import SIDEWALK_M
from civmap.demo.plan_names import People
from civmap.demo.plan_segments import Addresses, Segment, is_left_of

FEW_ENOUGH = 372
HALVED_GAP_M = 12.0
# domain.md §10 A3: the frontage of the noodle shop, lon lat, and the free ground beside it (A4)
NOODLE_RING = ((115.8571485, 28.6832711), (115.8573019, 28.6832724), (115.8573024, 28.6832273), (115.857149, 28.683226))
FREE_RING = ((115.8572815, 28.6832723), (115.8574554, 28.6832737), (115.8574559, 28.6832286), (115.8572819, 28.6832272))

RowHouse = tuple[Side, float, float, House]


@dataclass(frozen=True)
class Shop:
    """A shop with its frontage zone; `pledge` is (signed on, expires on) or nothing where none was signed."""

    number: int
    name: str
    trade: str
    holder: str
    phone: str
    spot: tuple[float, float]
    zone: Polygon
    address: str
    segment: Segment
    side: str
    depth_m: float
    pledge: tuple[date, date] | None


def noodle_ground(frame: Frame) -> tuple[Polygon, Polygon]:
    """Return the noodle shop's strip and the free strip beside it, on the board."""
    return Polygon(frame.to_board(NOODLE_RING)), Polygon(frame.to_board(FREE_RING))


def behind(strip: Polygon, depth_m: float = 11.0) -> Polygon:
    """Return the house behind a strip whose first two corners are its front."""
    west, east = np.array(strip.exterior.coords[0]), np.array(strip.exterior.coords[1])
    along = (east - west) / np.hypot(*(east - west))
    back = np.array([-along[1], along[0]]) * depth_m
    return Polygon([west, east, east + back, west + back])


class Signs:
    """Shop names, each given out once."""

    def __init__(self, rng: random.Random, names: Mapping) -> None:
        self._rng, self._names = rng, names["shops"]
        self._taken = {"小李面馆"}
        self._trades = [trade for trade, weight in (("餐饮", 8), ("生活", 6), ("服饰", 4), ("超市", 3), ("药店", 1))
                        for _ in range(weight)]  # fmt: skip

    def take(self) -> tuple[str, str]:
        """Return a new (name, trade)."""
        while True:
            trade = self._rng.choice(self._trades)
            words = self._names[trade]
            name = self._rng.choice(words["stems"].split()) + self._rng.choice(words["ends"].split())
            if name not in self._taken:
                self._taken.add(name)
                return name, trade


def shops(
    rng: random.Random, day: date, frame: Frame, rows: Sequence[RowHouse], addresses: Addresses,
    names: Mapping, people: People,
) -> list[Shop]:  # fmt: skip
    """Return the shops of the busiest street fronts, the noodle shop first; their strips never overlap."""
    noodle, free = noodle_ground(frame)
    found = [_shop(rng, day, 1, ("小李面馆", "餐饮", "李小明"), noodle, addresses, people)]
    taken = [noodle, free]
    signs = Signs(rng, names)
    for fronts in _busy_fronts(rows, addresses, names["busy_streets"].split()):
        if len(found) >= FEW_ENOUGH:
            break
        for strip in _strips(fronts, addresses):
            if not _is_on_the_kerb(strip, addresses):
                continue
            near = [other for other in taken if other.distance(strip) < 0.05]
            if not strip.is_valid or any(strip.intersection(other).area > 1e-6 for other in near):
                continue
            name, trade = signs.take()
            taken.append(strip)
            found.append(_shop(rng, day, len(found) + 1, (name, trade, people.name()), strip, addresses, people))
    return found


def _busy_fronts(rows: Sequence[RowHouse], addresses: Addresses, busy: Sequence[str]) -> list[list[RowHouse]]:
    """Return the rows per parcel side, those on busy streets and near the old centre first."""
    by_side: dict[int, list[RowHouse]] = {}
    for row in rows:
        by_side.setdefault(id(row[0]), []).append(row)

    def rank(fronts: list[RowHouse]) -> tuple[float, int]:
        x, y = fronts[0][0].line.mean(axis=0)
        street = addresses.street(x, y)
        bonus = 0 if street.name in busy else 900 if street.road_class == "branch" else 2500
        hub = min(np.hypot(x - 150, y - 60), np.hypot(x + 1000, y - 150) - 150, np.hypot(x - 1400, y - 560))
        return round(float(hub) + bonus, 3), fronts[0][3].face

    return sorted(by_side.values(), key=rank)


def _strips(fronts: Sequence[RowHouse], addresses: Addresses) -> list[Polygon]:
    """Return one strip per house of a side, from its front to the kerb of the street before it."""
    fronts = sorted(fronts, key=lambda row: row[1])
    line = fronts[0][0].line
    street = addresses.street(*line.mean(axis=0))
    depth = SIDEWALK_M[street.road_class]
    ends = [[row[1], row[2]] for row in fronts]
    for before, after in pairwise(ends):
        if after[0] - before[1] <= HALVED_GAP_M:
            before[1] = after[0] = (before[1] + after[0]) / 2
    track = fronts[0][0].track
    strips = []
    for start, end in ends:
        at = np.array([start, *(s for s in track.along if start + 0.5 < s < end - 0.5), end])
        front, kerb = track.at(at, 0.0), track.at(at, -depth)
        strips.append(Polygon(np.round(np.vstack([front, kerb[::-1]]), 4)))
    return strips


def _is_on_the_kerb(strip: Polygon, addresses: Addresses) -> bool:
    """Tell whether a strip lies along the street that is nearest to it; a side may also face a canal or the rails."""
    middle = strip.centroid
    street = addresses.street(middle.x, middle.y)
    line = addresses.segment_of(street, middle.x, middle.y).line
    return abs(line.distance(strip) - street.width_m / 2) < 0.5


def _shop(
    rng: random.Random, day: date, number: int, who: tuple[str, str, str], strip: Polygon,
    addresses: Addresses, people: People,
) -> Shop:  # fmt: skip
    name, trade, holder = who
    middle = strip.centroid
    street = addresses.street(middle.x, middle.y)
    segment = addresses.segment_of(street, middle.x, middle.y)
    side = "left" if is_left_of(segment.line, middle) else "right"
    depth = SIDEWALK_M[street.road_class]
    ring = list(strip.exterior.coords)[:-1]
    door = LineString([ring[0], ring[len(ring) // 2 - 1]]).interpolate(0.5, normalized=True)
    return Shop(number, name, trade, holder, people.mobile(), (door.x, door.y), strip,
                addresses.address(middle.x, middle.y, street), segment, side, depth,
                _pledge(rng, day, number))  # fmt: skip


def _pledge(rng: random.Random, day: date, number: int) -> tuple[date, date] | None:
    """Return when a pledge was signed and runs out: most hold, some run out soon or have, some were never signed."""
    lot = 0.5 if number == 1 else rng.random()
    if lot < 0.13:
        return None
    left = rng.randint(1, 29) if lot < 0.21 else -rng.randint(1, 60) if lot < 0.29 else rng.randint(40, 330)
    expires = day + timedelta(days=left)
    return expires - timedelta(days=365), expires
