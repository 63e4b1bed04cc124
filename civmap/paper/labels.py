"""Names on the map that neither cover one another nor a symbol: each takes the first free place around its thing.

The more important comes first and what finds no place is left out. Millimetres, from the map's upper left corner.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from math import atan2, cos, degrees, floor, hypot, radians, sin

from civmap.paper.frames import Box

LINE = 1.16
WIDE = ("W", "F", "A")
MOST_LETTERS = 14


@dataclass(frozen=True, slots=True)
class Label:
    """A name where it stands: the middle of its text, its size, and how far it is turned."""

    text: str
    x: float
    y: float
    size: float
    turn: float = 0.0
    style: str = "point"


def width_of(text: str, size: float) -> float:
    """Return about how wide a text is: a Chinese sign is as wide as high, a Latin letter about half of that."""
    return size * sum(1.0 if unicodedata.east_asian_width(sign) in WIDE else 0.3 if sign in "il.,:;'|! " else
                      0.7 if sign.isupper() or sign in "mwMW" else 0.58 for sign in text)


def shortened(text: str, most: int = MOST_LETTERS) -> str:
    """Return a name that is not longer than so many Chinese signs."""
    if width_of(text, 1.0) <= most:
        return text
    kept = ""
    for sign in text:
        if width_of(kept + sign, 1.0) > most - 1:
            break
        kept += sign
    return kept.rstrip() + "…"


class Space:
    """What is taken on a map: boxes in a grid of cells, so that looking is quick."""

    def __init__(self, width: float, height: float, cell: float = 12.0) -> None:
        self.frame = Box(0, 0, width, height)
        self.cell = cell
        self.taken: dict[tuple[int, int], list[Box]] = defaultdict(list)

    def _cells(self, box: Box) -> Iterator[tuple[int, int]]:
        for column in range(floor(box.x / self.cell), floor(box.right / self.cell) + 1):
            for row in range(floor(box.y / self.cell), floor(box.bottom / self.cell) + 1):
                yield column, row

    def is_free(self, boxes: list[Box]) -> bool:
        """Tell whether boxes lie on the map and meet nothing that is taken."""
        return all(self.frame.holds(box) and not any(box.meets(other) for cell in self._cells(box)
                                                     for other in self.taken.get(cell, ())) for box in boxes)

    def take(self, boxes: list[Box]) -> None:
        """Take boxes."""
        for box in boxes:
            for cell in self._cells(box):
                self.taken[cell].append(box)

    def around(self, text: str, x: float, y: float, size: float, away: float, style: str = "point") -> Label | None:
        """Put a name beside a spot: right, left, below, above, then the corners; None where all is taken."""
        wide, high = width_of(text, size) + size * 0.3, size * LINE
        across, along = away + wide / 2, away + high / 2
        for dx, dy in ((across, 0), (-across, 0), (0, along), (0, -along), (across, along * 0.8),
                       (across, -along * 0.8), (-across, along * 0.8), (-across, -along * 0.8)):
            box = Box(x + dx - wide / 2, y + dy - high / 2, wide, high)
            if self.is_free([box]):
                self.take([box])
                return Label(text, x + dx, y + dy, size, 0.0, style)
        return None

    def over(self, text: str, x: float, y: float, size: float, style: str, spread: float = 0.0) -> Label | None:
        """Put a name in the middle of its thing, or not at all."""
        wide, high = width_of(text, size) + spread * max(len(text) - 1, 0), size * LINE
        box = Box(x - wide / 2, y - high / 2, wide, high)
        if not self.is_free([box]):
            return None
        self.take([box])
        return Label(text, x, y, size, 0.0, style)

    def along(self, text: str, spots: list[tuple[float, float, float, float]], size: float,
              style: str) -> Label | None:
        """Put a name along a line: the first of the spots (x, y, turn in degrees, straight length) with room."""
        wide = width_of(text, size)
        for x, y, turn, straight in spots:
            if straight < wide * 1.1:
                continue
            boxes = _beads(x, y, turn, wide, size * LINE)
            if self.is_free(boxes):
                self.take(boxes)
                return Label(text, x, y, size, turn, style)
        return None


def _beads(x: float, y: float, turn: float, wide: float, high: float) -> list[Box]:
    """Return small boxes along a turned text that together cover it."""
    count = max(1, round(wide / high) + 1)
    step = (wide - high) / max(count - 1, 1)
    return [Box(x + cos(radians(turn)) * at - high / 2, y + sin(radians(turn)) * at - high / 2, high, high)
            for at in ((number - (count - 1) / 2) * step for number in range(count))]


def spots_along(points: list[tuple[float, float]], reach: float) -> list[tuple[float, float, float, float]]:
    """Return places for a name along a line: the middle of each stretch that hardly turns, the longest first.

    `reach` is how far, in millimetres, a stretch may leave the straight line.
    """
    found, start = [], 0
    for end in range(2, len(points) + 1):
        is_last = end == len(points)
        if is_last or _bend(points[start:end + 1]) > reach:
            found.append((points[start], points[end - 1]))
            start = end - 1
    return sorted((_spot(*pair) for pair in found), key=lambda spot: -spot[3])


def _bend(points: list[tuple[float, float]]) -> float:
    """Return how far the points between leave the line from the first to the last."""
    (ax, ay), (bx, by) = points[0], points[-1]
    length = hypot(bx - ax, by - ay)
    if length == 0:
        return float("inf")
    return max(abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / length for x, y in points[1:-1] or [points[0]])


def _spot(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float, float, float]:
    turn = degrees(atan2(b[1] - a[1], b[0] - a[0]))
    turn = turn - 180 if turn > 90 else turn + 180 if turn <= -90 else turn
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2, turn, hypot(b[0] - a[0], b[1] - a[1])
