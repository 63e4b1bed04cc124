"""House numbers along a street: where one must be, from those that are known.

Known numbers lie where shops, points and units stand. Along a street they rise one way, mostly the odd on one side
and the even on the other; what does not fit that order (a number from another street of the name, a place told
wrongly) is left aside by the longest run that does. Between two known ones of its side a number is interpolated;
beyond the last one it is carried on at the pace of the street, and the farther, the less sure.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString

BACK_M = 12.0
"""Numbers may run back by so much: doors of one building are told at its middle."""
PACE_M = 5.0
ORDERLY = 0.6
FEW = 4
OFF_AXIS_M = 150.0
KNOWN_M, CLOSE_M, SPARSE_M = 70.0, 150.0, 120.0
CLOSE, WIDE, BEYOND = 0.92, 0.78, 0.7
"""How sure a number is between close neighbours, between distant ones, and beyond all (real addresses of Shanghai)."""
MOST_BESIDE_M = 60.0


class Known(NamedTuple):
    """A house number of a street and where it is, in metres of the plane."""

    number: int
    x: float
    y: float


class Door(NamedTuple):
    """Where a number must be (metres): how sure (0..1), how far off, and what that rests on: known, between, beyond."""

    x: float
    y: float
    sure: float
    reach_m: float
    why: str


class _Mark(NamedTuple):
    number: int
    at_m: float
    beside_m: float
    spread_m: float
    x: float
    y: float


class Doors:
    """The known numbers of one street along its line, or along the direction they lie in."""

    def __init__(self, known: Sequence[Known], axis: LineString | None) -> None:
        near = _near(known, axis)
        self.axis = axis if axis is not None and len(near) >= max(1, len(known) // 2) else None
        places = near if self.axis is not None else list(known)
        self.length_m = self.axis.length if self.axis is not None else 0.0
        self._middle, self._along = _direction(places)
        self.marks = self._marked(places)
        self.sides, self.share, self.pace_m = self._ordered()

    def _marked(self, places: Sequence[Known]) -> list[_Mark]:
        """Return one mark a number, in order of number: the middle one of its places."""
        found = []
        for number, spots in sorted(_grouped(places).items()):
            one, spread = (spots[0], 0.0) if len(spots) == 1 else _middle_one(spots)
            found.append((number, one.x, one.y, spread))
        if not found:
            return []
        at_m, beside = self._chainages(np.array([one[1:3] for one in found]))
        return [_Mark(number, along, aside, spread, x, y) for (number, x, y, spread), along, aside in
                zip(found, at_m.tolist(), beside.tolist(), strict=True)]

    def _chainages(self, xy: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return metres along and beside the line for many spots; to the left is more."""
        if self.axis is None:
            from_middle = xy - self._middle
            return from_middle @ self._along, from_middle @ _across(self._along)
        at_m = shapely.line_locate_point(self.axis, shapely.points(xy))
        there, one, two = (shapely.get_coordinates(shapely.line_interpolate_point(self.axis, at)) for at in (
            at_m, np.maximum(at_m - 5, 0), np.minimum(at_m + 5, self.length_m)))
        along = two - one
        along /= np.maximum(np.hypot(*along.T), 1e-9)[:, None]
        off = xy - there
        return at_m, along[:, 0] * off[:, 1] - along[:, 1] * off[:, 0]

    def _ordered(self) -> tuple[dict[int, list[_Mark]], float, float]:
        """Return the marks in order of each side, the share of all that is in order, and the pace of the street."""
        best: tuple[int, dict[int, list[_Mark]], float] = (-1, {0: [], 1: []}, PACE_M)
        for sign in (1.0, -1.0):
            sides = {odd: _rising([mark for mark in self.marks if mark.number % 2 == odd], sign) for odd in (0, 1)}
            count = sum(map(len, sides.values()))
            if count > best[0]:
                best = (count, sides, sign * _pace(sides, sign))
        count, sides, pace = best
        return sides, count / max(1, len(self.marks)), pace

    @property
    def is_orderly(self) -> bool:
        """Tell whether the numbers of this street follow any order: where too few do, nothing is told by them."""
        return len(self.marks) < FEW or self.share >= ORDERLY

    def place(self, number: int) -> Door | None:
        """Return where a number must be, None where nothing is known of the street."""
        if not self.marks:
            return None
        at = bisect_left(self.marks, number, key=lambda mark: mark.number)
        if at < len(self.marks) and self.marks[at].number == number:
            return self._known(self.marks[at])
        if not self.is_orderly:
            return None
        door = self._between(self.sides[number % 2], number, 0.0)
        other = self._between(self.sides[1 - number % 2], number, 20.0)
        if door is None or (other is not None and other.reach_m < door.reach_m * 0.6):
            door = other or door
        return door or self._beyond(number)

    def _known(self, mark: _Mark) -> Door:
        is_in_order = mark in self.sides[mark.number % 2]
        sure = 0.95 if is_in_order and self.is_orderly else 0.75
        if mark.spread_m > 250:
            sure *= 0.7
        return Door(mark.x, mark.y, sure, KNOWN_M + mark.spread_m, "known")

    def _between(self, marks: list[_Mark], number: int, more_m: float) -> Door | None:
        at = bisect_left(marks, number, key=lambda mark: mark.number)
        if not 0 < at < len(marks):
            return None
        low, high = marks[at - 1], marks[at]
        share = (number - low.number) / (high.number - low.number)
        gap = float(np.hypot(high.x - low.x, high.y - low.y))
        x, y = self._spot(low, high, share, more_m > 0)
        sure = (CLOSE if gap <= CLOSE_M else WIDE) - 0.15 * (1 - self.share) - (0.12 if more_m else 0.0)
        reach = 45.0 + more_m + 0.3 * gap
        return Door(x, y, sure, reach, "between")

    def _spot(self, low: _Mark, high: _Mark, share: float, is_other_side: bool) -> tuple[float, float]:
        if self.axis is None:
            return low.x + share * (high.x - low.x), low.y + share * (high.y - low.y)
        beside = low.beside_m + share * (high.beside_m - low.beside_m)
        return self._at(low.at_m + share * (high.at_m - low.at_m), -beside if is_other_side else beside)

    def _at(self, at_m: float, beside_m: float) -> tuple[float, float]:
        if self.axis is None:
            x, y = self._middle + self._along * at_m + _across(self._along) * beside_m
            return float(x), float(y)
        there, along = _on(self.axis, min(max(at_m, 0.0), self.length_m))
        x, y = there + _across(along) * min(max(beside_m, -MOST_BESIDE_M), MOST_BESIDE_M)
        return float(x), float(y)

    def _beyond(self, number: int) -> Door:
        """Carry the numbers on from the nearest known one, at the street's pace and not beyond its end."""
        near = min((mark for side in self.sides.values() for mark in side), default=self.marks[0],
                   key=lambda mark: (abs(mark.number - number), mark.number))
        steps = number - near.number
        is_paced = sum(map(len, self.sides.values())) >= FEW - 1
        x, y = (near.x, near.y) if not is_paced else self._at(near.at_m + steps * self.pace_m, near.beside_m)
        off = abs(steps) * (2.5 if is_paced else 3.0)
        return Door(x, y, max(0.3, BEYOND - off / 2_500), self._apart_m() + off, "beyond")

    def _apart_m(self) -> float:
        """Return how far off a number beyond the known ones is at least: three times what lies between two of them."""
        apart = [abs(two.at_m - one.at_m) for side in self.sides.values() for one, two in pairwise(side)]
        return min(SPARSE_M, 30.0 + 3 * float(np.median(apart))) if apart else SPARSE_M


def _near(known: Sequence[Known], axis: LineString | None) -> list[Known]:
    if axis is None or not known:
        return []
    away = shapely.distance(axis, shapely.points([(one.x, one.y) for one in known]))
    return [one for one, metres in zip(known, away.tolist(), strict=True) if metres <= OFF_AXIS_M]


def _grouped(known: Sequence[Known]) -> dict[int, list[Known]]:
    found: dict[int, list[Known]] = defaultdict(list)
    for one in known:
        found[one.number].append(one)
    return found


def _middle_one(spots: list[Known]) -> tuple[Known, float]:
    """Return the most central of several places of one number, and how far the others lie from it."""
    xy = np.array([(one.x, one.y) for one in spots])
    at = int(np.argmin(np.hypot(*(xy - np.median(xy, axis=0)).T)))
    return spots[at], float(np.hypot(*(xy - xy[at]).T).max())


def _direction(places: Sequence[Known]) -> tuple[np.ndarray, np.ndarray]:
    """Return the middle of places, and the direction in which they lie."""
    if not places:
        return np.zeros(2), np.array([1.0, 0.0])
    xy = np.array([(one.x, one.y) for one in places])
    middle = np.median(xy, axis=0)
    if len(xy) < 2:
        return middle, np.array([1.0, 0.0])
    return middle, np.linalg.svd(xy - xy.mean(axis=0), full_matrices=False)[2][0]


def _across(along: np.ndarray) -> np.ndarray:
    return np.array([-along[1], along[0]])


def _on(axis: LineString, at_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the spot at a metre of a line, and the direction of the line there."""
    one, two = axis.interpolate(max(0.0, at_m - 5)), axis.interpolate(min(axis.length, at_m + 5))
    there, along = axis.interpolate(at_m), np.array([two.x - one.x, two.y - one.y])
    size = float(np.hypot(*along))
    return np.array([there.x, there.y]), along / size if size else np.array([1.0, 0.0])


def _rising(marks: list[_Mark], sign: float) -> list[_Mark]:
    """Return the longest run of marks (in order of number) whose places rise along the line, or fall."""
    tails: list[float] = []
    last: list[int] = []
    before: list[int] = []
    for number, mark in enumerate(marks):
        at = sign * mark.at_m // BACK_M
        place = bisect_right(tails, at)
        before.append(last[place - 1] if place else -1)
        tails[place:place + 1], last[place:place + 1] = [at], [number]
    run, number = [], last[-1] if last else -1
    while number >= 0:
        run.append(marks[number])
        number = before[number]
    return run[::-1]


def _pace(sides: dict[int, list[_Mark]], sign: float) -> float:
    """Return the metres a number takes along the street, from both sides."""
    metres = sum(sign * (side[-1].at_m - side[0].at_m) for side in sides.values() if len(side) > 1)
    steps = sum(side[-1].number - side[0].number for side in sides.values() if len(side) > 1)
    return float(np.clip(metres / steps, 1.0, 15.0)) if steps else PACE_M
