"""The symbols of the screen on paper: a colour and always a second cue (shape, dash, hatching), as in `symbols.js`."""

from dataclasses import dataclass
from math import ceil, floor

import numpy as np
import shapely

from civmap.paper import ink

STATUSES = ("none", "open", "due_soon", "overdue")
COLOUR = {"none": "#2f8f76", "open": "#2466ab", "due_soon": "#e3a008", "overdue": "#b7311b"}
EDGE = {"none": "#1f6b57", "open": "#17457a", "due_soon": "#5c3d00", "overdue": "#7c1c0c"}
INK = {"none": "#ffffff", "open": "#ffffff", "due_soon": "#2b1d00", "overdue": "#ffffff"}
SIZE = {"none": 0.6, "open": 0.92, "due_soon": 1.1, "overdue": 1.18}
LINE = {"none": 0.32, "open": 1.05, "due_soon": 1.25, "overdue": 1.5}
DASH = {"none": None, "open": None, "due_soon": (3.0, 1.5), "overdue": (0.05, 2.0)}
RAMP = ("#f3e9c6", "#e5bd6b", "#d3823d", "#a94a2c", "#6b1f25")
"""Five steps from light to dark: they stay in order in grey, and each carries its number."""
NO_VALUE = "#ffffff"


@dataclass(frozen=True, slots=True)
class Mark:
    """How one thing looks: fill, edge, ink of the number inside, and the form."""

    form: str
    fill: str
    edge: str
    ink: str
    size: float


def status_mark(status: str) -> Mark:
    """Return the look of a status."""
    form = {"none": "circle", "open": "square", "due_soon": "triangle", "overdue": "diamond"}[status]
    return Mark(form, COLOUR[status], EDGE[status], INK[status], SIZE[status])


def class_mark(number: int | None) -> Mark:
    """Return the look of a class of values, 0 the lowest; None where there is no value."""
    if number is None:
        return Mark("circle", NO_VALUE, "#6b7680", "#4a555d", 0.6)
    ramp = RAMP[min(number, len(RAMP) - 1)]
    return Mark("circle", ramp, "#4a2b1a", "#ffffff" if number > 2 else "#2b1d00", 0.95)


def figure(mark: Mark, x: float, y: float, across: float) -> str:
    """Return the form of a mark around a spot (millimetres)."""
    look = {"fill": mark.fill, "stroke": "#ffffff", "stroke_width": ink.steps(across * 0.1), "stroke_linejoin": "round"}
    outer = {**look, "fill": "none", "stroke": mark.edge, "stroke_width": ink.steps(across * 0.17)}
    half, cx, cy = ink.steps(across / 2), ink.steps(x), ink.steps(y)
    if mark.form == "circle":
        where = f'cx="{cx}" cy="{cy}" r="{half}"'
        return f"<circle {where}{ink.attributes(outer)}/><circle {where}{ink.attributes(look)}/>"
    if mark.form == "square":
        side = round(half * 0.88)
        data = f"M{cx - side} {cy - side}h{2 * side}v{2 * side}h{-2 * side}z"
    elif mark.form == "triangle":
        data = f"M{cx} {cy - half}l{half} {round(half * 1.75)}h{-2 * half}z"
    else:
        data = f"M{cx} {cy - half}l{half} {half}l{-half} {half}l{-half} {-half}z"
    return ink.shape(data, **outer) + ink.shape(data, **look)


def place(mark: Mark, x: float, y: float, size: float, told: str = "") -> str:
    """Return a place's symbol with a number inside."""
    across = size * mark.size
    if not told or mark.size < 0.7:
        return figure(mark, x, y, across)
    low = across * 0.14 if mark.form == "triangle" else 0.0
    letters = across * (0.5 if len(told) < 2 else 0.42 if len(told) < 3 else 0.32)
    return figure(mark, x, y, across) + ink.text(told, x, y + low, letters, fill=mark.ink, weight=700)


def seat(mark: Mark, x: float, y: float, size: float, told: str = "") -> str:
    """Return a unit's symbol: a white house with its status inside."""
    cx, cy, half = ink.steps(x), ink.steps(y), ink.steps(size * 0.62)
    roof, wall = round(half * 0.75), round(half * 1.6)
    house = f"M{cx} {cy - round(half * 1.35)}l{half} {roof}v{wall}h{-2 * half}v{-wall}z"
    return (ink.shape(house, fill="#ffffff", stroke="#073f4c", stroke_width=ink.steps(size * 0.08),
                      stroke_linejoin="round") + place(mark, x, y + size * 0.1, size * 0.8, told))


def drop(mark: Mark, x: float, y: float, size: float) -> str:
    """Return an issue's symbol: a drop that stands on its spot, the status in its head."""
    cx, cy, r = ink.steps(x), ink.steps(y), ink.steps(size * 0.42)
    data = (f"M{cx} {cy}c{-round(r * 0.3)} {-round(r * 0.6)} {-r} {-round(r * 0.9)} {-r} {-round(r * 1.7)}"
            f"a{r} {r} 0 0 1 {2 * r} 0c0 {round(r * 0.8)} {-round(r * 0.7)} {round(r * 1.1)} {-r} {round(r * 1.7)}z")
    return (ink.shape(data, fill="#ffffff", stroke=mark.edge, stroke_width=ink.steps(size * 0.07))
            + figure(mark, x, y - size * 0.72, size * 0.42 * max(mark.size, 0.8)))


def hatching(shapes: np.ndarray, gap: float, ways: tuple[int, ...]) -> str:
    """Return slanting lines over areas (drawing steps), `gap` millimetres apart; ways 1 falls, -1 rises."""
    apart = ink.steps(gap) * 1.414
    drawn = [shapely.intersection(_slants(shapely.bounds(area), apart, way), area)
             for area in shapes if shapely.area(area) > apart * apart * 3 for way in ways]
    lines = [line for line in drawn if not line.is_empty]
    return ink.path(np.array(lines, object)) if lines else ""


def _slants(bounds: np.ndarray, apart: float, way: int) -> shapely.MultiLineString:
    """Return slanting lines over a rectangle, on one raster for the whole map so that neighbours meet."""
    west, south, east, north = bounds.tolist()
    high, phase = north - south, -way * south
    low, top = (west - high, east) if way > 0 else (west, east + high)
    starts = [number * apart - phase for number in range(ceil((low + phase) / apart), floor((top + phase) / apart) + 1)]
    return shapely.MultiLineString([((start, south), (start + way * high, north)) for start in starts])
