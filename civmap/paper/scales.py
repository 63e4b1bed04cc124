"""From the ground to the paper: one plane in metres for the whole city, a scale, and a window on it in millimetres.

The plane is azimuthal equidistant around the middle of what is drawn: within a city its metres are those on the ground
to about one part in a hundred thousand, and north is up.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from civmap.geo.measure import Plane
from civmap.paper.frames import Box

STEPS = (1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 7.5, 8.0, 9.0)
BAR_STEPS = (1.0, 2.0, 2.5, 5.0)
LARGEST, SMALLEST = 200, 5_000_000
UNITS = 20
"""Steps per millimetre in which the map is drawn, so that whole numbers are fine enough."""
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
Bounds = tuple[float, float, float, float]


def nice_scale(needed: float) -> int:
    """Return the next round scale number that shows at least as much ground as needed."""
    needed = min(max(needed, LARGEST), SMALLEST)
    power = 10.0 ** np.floor(np.log10(needed))
    for step in (*STEPS, 10.0):
        if step * power >= needed * (1 - 1e-9):
            return round(step * power)
    raise AssertionError("unreachable")


@dataclass(frozen=True)
class Window:
    """A piece of the plane on a map box: middle in plane metres, scale number, size in millimetres."""

    plane: Plane
    x: float
    y: float
    scale: int
    width: float
    height: float

    @property
    def metres(self) -> Bounds:
        """Return the window's edges in plane metres (west, south, east, north)."""
        half_x, half_y = self.width * self.scale / 2000, self.height * self.scale / 2000
        return self.x - half_x, self.y - half_y, self.x + half_x, self.y + half_y

    @cached_property
    def degrees(self) -> Bounds:
        """Return west, south, east, north of a box in degrees that holds the window."""
        west, south, east, north = self.metres
        rim = shapely.segmentize(shapely.box(west, south, east, north), max((east - west) / 8, 1.0))
        return shapely.bounds(self.plane.to_degrees(rim)).tolist()

    def units(self, shapes: np.ndarray) -> np.ndarray:
        """Return shapes of the plane in drawing steps: right and down from the map's upper left corner."""
        west, _south, _east, north = self.metres
        per_metre = 1000 * UNITS / self.scale
        return shapely.transform(shapes, lambda xy: np.column_stack(
            [(xy[:, 0] - west) * per_metre, (north - xy[:, 1]) * per_metre]))

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return where a spot of the plane lies on the map, in millimetres from its upper left corner."""
        west, _south, _east, north = self.metres
        return (x - west) * 1000 / self.scale, (north - y) * 1000 / self.scale


def fit(plane: Plane, bounds: Bounds, chart: Box, scale: int | None = None, air: float = 0.05) -> Window:
    """Return the window that shows some bounds (plane metres) in the middle, at a round scale or a wished one."""
    west, south, east, north = bounds
    room = 1 - 2 * air
    needed = max((east - west) * 1000 / (chart.width * room), (north - south) * 1000 / (chart.height * room))
    return Window(plane, (west + east) / 2, (south + north) / 2, scale or nice_scale(needed), chart.width, chart.height)


@dataclass(frozen=True, slots=True)
class Bar:
    """A scale bar: how many metres on the ground, and how long that is on the paper."""

    metres: float
    millimetres: float
    parts: int

    @property
    def label(self) -> str:
        """Return the length in metres or kilometres."""
        return f"{self.metres / 1000:g} km" if self.metres >= 1000 else f"{self.metres:g} m"


def scale_bar(window: Window, longest: float) -> Bar:
    """Return the longest bar of a round length that is at most so many millimetres."""
    most = longest * window.scale / 1000
    power = 10.0 ** np.floor(np.log10(most))
    step = max((step for step in BAR_STEPS if step * power <= most * (1 + 1e-9)), default=1.0)
    metres = float(step * power)
    return Bar(metres, metres * 1000 / window.scale, 5 if step in (2.5, 5.0) else 4)


@dataclass(frozen=True, slots=True)
class Mesh:
    """Squares over the map, lettered from the left and numbered from above, by which an index names places."""

    columns: int
    rows: int
    width: float
    height: float

    def square(self, x: float, y: float) -> str:
        """Return the square of a place on the map (millimetres), or an empty text outside of it."""
        if not (0 <= x <= self.width and 0 <= y <= self.height):
            return ""
        column = min(int(x / self.width * self.columns), self.columns - 1)
        return f"{LETTERS[column]}{min(int(y / self.height * self.rows), self.rows - 1) + 1}"


def mesh(width: float, height: float, wanted: int = 8) -> Mesh:
    """Return squares that are nearly square, `wanted` along the longer side."""
    side = max(width, height) / wanted
    return Mesh(max(2, min(round(width / side), len(LETTERS))), max(2, round(height / side)), width, height)


def bounds_of(shapes: list[BaseGeometry]) -> Bounds | None:
    """Return the bounds of all the shapes, None where there is none."""
    whole = shapely.total_bounds(np.array(shapes, object)) if shapes else None
    return None if whole is None or np.isnan(whole).any() else tuple(whole.tolist())  # type: ignore[return-value]
