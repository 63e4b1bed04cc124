"""SVG in drawing steps (20 per millimetre): strokes and areas from shapes, text with a halo; user text is escaped."""

from html import escape
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from civmap.paper.scales import UNITS

FONT = "Noto Sans CJK SC"
FINE = 1.0
"""How far, in drawing steps, a line may leave its course: 0.05 mm."""
NOT_TEXT = {code: None for code in (*range(127, 160), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF)}
"""What no drawing and no font may hold: one such sign in a name would cost the words of the whole sheet."""
_CONTROL = {**NOT_TEXT, **{code: None for code in range(32)}}


def clean(text: str) -> str:
    """Return a text as markup: control signs gone, the rest escaped."""
    return escape(str(text).translate(_CONTROL))


def steps(millimetres: float) -> int:
    """Return millimetres as whole drawing steps."""
    return round(millimetres * UNITS)


def within(shapes: np.ndarray, bounds: tuple[float, float, float, float], margin: float) -> np.ndarray:
    """Return the shapes cut to a rectangle with a margin; what lies outside is gone."""
    if not len(shapes):
        return shapes
    west, south, east, north = bounds
    west, south, east, north = west - margin, south - margin, east + margin, north + margin
    edges = shapely.bounds(shapes)
    near = (edges[:, 0] <= east) & (edges[:, 2] >= west) & (edges[:, 1] <= north) & (edges[:, 3] >= south)
    chosen = shapes[near]
    inside = ((edges[near, 0] >= west) & (edges[near, 2] <= east) & (edges[near, 1] >= south)
              & (edges[near, 3] <= north))
    chosen = chosen.copy()
    chosen[~inside] = shapely.clip_by_rect(chosen[~inside], west, south, east, north)
    return chosen[~shapely.is_empty(chosen)]


def path(shapes: np.ndarray, *, fine: float = FINE) -> str:
    """Return the path data of lines or areas in drawing steps; areas are closed, holes turn the other way."""
    if not len(shapes):
        return ""
    shapes = shapely.simplify(shapes, fine, preserve_topology=False)
    parts = shapely.get_parts(shapes)
    while len(parts) and np.isin(shapely.get_type_id(parts), (4, 5, 6, 7)).any():
        parts = shapely.get_parts(parts)
    areas = parts[shapely.get_type_id(parts) == 3]
    lines = parts[np.isin(shapely.get_type_id(parts), (1, 2))]
    rings = shapely.get_rings(shapely.orient_polygons(areas)) if len(areas) else np.empty(0, object)
    return "".join((*_strokes(rings, True), *_strokes(lines, False)))


def _strokes(lines: np.ndarray, is_closed: bool) -> list[str]:
    if not len(lines):
        return []
    places, owner = shapely.get_coordinates(lines, return_index=True)
    whole = np.rint(places).astype(np.int64)
    stops = np.searchsorted(owner, np.arange(len(lines) + 1))
    drawn = []
    for start, end in pairwise(stops.tolist()):
        points = whole[start:end - 1] if is_closed else whole[start:end]
        moves = np.diff(points, axis=0)
        moves = moves[moves.any(axis=1)]
        if len(moves) >= (2 if is_closed else 1):
            told = " ".join(map(str, moves.ravel().tolist()))
            drawn.append(f"M{points[0][0]} {points[0][1]}l{told}{'z' if is_closed else ''}")
    return drawn


def shape(data: str, **look: Any) -> str:
    """Return a path with its look; nothing for no data."""
    return f'<path d="{data}"{attributes(look)}/>' if data else ""


def attributes(look: dict[str, Any]) -> str:
    """Return attributes; `_` in a name stands for a hyphen, None leaves one out."""
    return "".join(f' {name.replace("_", "-")}="{value}"' for name, value in look.items() if value is not None)


def text(words: str, x: float, y: float, size: float, *, fill: str = "#1c2a31", halo: str | None = None,
         halo_width: float = 0.16, weight: int = 400, anchor: str = "middle", turn: float = 0.0,
         spread: float = 0.0) -> str:
    """Return a text whose middle (or start) is at a spot given in millimetres, with a halo in a second pass below."""
    told = clean(words)
    down = round(size * 0.37 * UNITS)
    at = f'transform="translate({steps(x)} {steps(y)})' + (f' rotate({turn:.1f})"' if turn else '"')
    look = (f'{at} y="{down}" font-family="{FONT}" font-size="{steps(size)}" font-weight="{weight}" '
            f'text-anchor="{anchor}"' + (f' letter-spacing="{steps(spread)}"' if spread else ""))
    below = (f'<text {look} fill="{halo}" stroke="{halo}" stroke-width="{steps(size * halo_width * 2)}" '
             f'stroke-linejoin="round">{told}</text>' if halo else "")
    return f'{below}<text {look} fill="{fill}">{told}</text>'


def group(*parts: str, **look: Any) -> str:
    """Return parts in a group."""
    inside = "".join(parts)
    return f"<g{attributes(look)}>{inside}</g>" if inside else ""
