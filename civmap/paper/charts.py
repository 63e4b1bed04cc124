"""Many maps of one city by the quill: the ground under a window, a way along the streets, marks and names on it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from math import atan2, degrees, floor, hypot

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from civmap.paper import ink
from civmap.paper.frames import Box
from civmap.paper.ground import Ground
from civmap.paper.painting import GROUND_WIDTH, HOUSE, LAND, LEAST_AREA, PAPER, ROADS, SHORE, WALL, WATER
from civmap.paper.quill import Quill
from civmap.paper.scales import UNITS, Window

WAY, WAY_EDGE, MARK = "#1f5fb4", "#ffffff", "#16262e"
NO_HOUSES_BEYOND, NO_PATHS_BEYOND = 12_000, 20_000
TILE_MM, OVERLAP = 40.0, 3.0
ARROW_EVERY_MM, ARROW_MM = 24.0, 1.5
NAME_MM = 1.9
AIR_DASH = (40.0, 30.0)
NOTHING = np.empty(0, object)
RANK = ("highway", "major", "medium", "minor")


@dataclass(frozen=True, slots=True)
class Way:
    """A piece of the way in plane metres, and whether it is only a straight line."""

    line: BaseGeometry
    is_air: bool


class _Layer:
    """Shapes that are asked for by window."""

    def __init__(self, shapes: Sequence[BaseGeometry] | np.ndarray) -> None:
        self.shapes = np.asarray(shapes, object)
        self.tree = shapely.STRtree(self.shapes)

    def found(self, window: Window) -> np.ndarray:
        """Return the places of the shapes that the window may show."""
        return np.sort(self.tree.query(shapely.box(*window.metres)))

    def within(self, window: Window, margin: float = 3.0) -> np.ndarray:
        """Return what the window shows of the shapes, in drawing steps."""
        places = self.found(window)
        if not len(places):
            return NOTHING
        return window.units(ink.within(self.shapes[places], window.metres, margin * window.scale / 1000))


class Charts:
    """The ground of a city, ready for any number of windows."""

    def __init__(self, ground: Ground) -> None:
        land: dict[str, list[np.ndarray]] = {}
        for kind, shapes in ground.land.items():
            if kind in LAND:
                land.setdefault(LAND[kind], []).append(shapes)
        self.land = [(colour, _Layer(np.concatenate(parts))) for colour, parts in land.items()]
        self.water, self.houses = _Layer(ground.water), _Layer(ground.houses)
        self.roads = {kind: _Layer(ground.roads.get(kind, ())) for kind in ROADS}
        rows = [(name, kind, part) for kind in RANK for name, (of, parts) in ground.streets.items() if of == kind
                for part in parts]
        self.names = [name for name, _kind, _part in rows]
        self.ranks = np.array([RANK.index(kind) for _name, kind, _part in rows], int)
        self.streets = _Layer([part for _name, _kind, part in rows])

    def paint(self, quill: Quill, window: Window, over: float = 0.0) -> None:
        """Draw the ground into the map that the quill has open, its paper some steps beyond the edges."""
        quill.box(-over, -over, window.width * UNITS + 2 * over, window.height * UNITS + 2 * over, PAPER)
        for colour, layer in self.land:
            quill.shapes(course(_large(layer.within(window))), colour)
        quill.shapes(course(_large(self.water.within(window))), WATER, SHORE, 2.4)
        if window.scale <= NO_HOUSES_BEYOND:
            quill.shapes(course(_large(self.houses.within(window))), HOUSE, WALL, 1.2)
        kinds = [kind for kind in ROADS if kind != "path" or window.scale <= NO_PATHS_BEYOND]
        lines = {kind: course(self.roads[kind].within(window)) for kind in kinds}
        for is_edge in (True, False):
            for kind in kinds:
                self._road(quill, window, kind, lines[kind], is_edge)

    def lay(self, quill: Quill, window: Window) -> None:
        """Lay the ground from tiles that are drawn once per scale: strips of a round show the same streets often."""
        side = TILE_MM * window.scale / 1000
        west, south, east, north = window.metres
        per_metre = 1000 * UNITS / window.scale
        reach = TILE_MM * UNITS
        for column in range(floor(west / side), floor(east / side) + 1):
            for row in range(floor(south / side), floor(north / side) + 1):
                tile = Window(window.plane, (column + 0.5) * side, (row + 0.5) * side, window.scale, TILE_MM, TILE_MM)
                name = f"G{window.scale}x{column}y{row}".replace("-", "m")
                quill.use(name, partial(self.paint, quill, tile, OVERLAP),
                          (-OVERLAP, -OVERLAP, reach + OVERLAP, reach + OVERLAP),
                          (column * side - west) * per_metre, (north - (row + 1) * side) * per_metre)

    def _road(self, quill: Quill, window: Window, kind: str, data: str, is_edge: bool) -> None:
        least, most, colour, edge = ROADS[kind]
        wide = min(max(GROUND_WIDTH[kind] * 1000 / window.scale, least), most) * UNITS
        if kind == "path":
            if not is_edge:
                quill.shapes(data, edge=colour, line=wide, dash=(16, 10), cap=0)
        elif is_edge:
            quill.shapes(data, edge=edge, line=wide + 4)
        else:
            quill.shapes(data, edge=colour, line=wide)

    def write_names(self, quill: Quill, window: Window, taken: list[Box], wanted: Iterable[str], most: int) -> None:
        """Write the names of streets along them: those that are wanted first, then the larger ones."""
        places = self.streets.found(window)
        if not len(places):
            return
        first = set(wanted)
        parts = window.units(shapely.clip_by_rect(self.streets.shapes[places], *window.metres))
        longest: dict[str, tuple[float, int, BaseGeometry]] = {}
        for place, part in zip(places.tolist(), parts, strict=True):
            length = shapely.length(part)
            name = self.names[place]
            if length and (name not in longest or length > longest[name][0]):
                longest[name] = (length, int(self.ranks[place]), part)
        order = sorted(longest, key=lambda name: (name not in first, longest[name][1], -longest[name][0]))
        for name in order:
            if most <= 0:
                return
            most -= _named(quill, window, name, longest[name][2], taken, name in first)


def _named(quill: Quill, window: Window, name: str, part: BaseGeometry, taken: list[Box], is_wanted: bool) -> bool:
    """Write a name along the middle of a street where there is room; tell whether there was."""
    line = max(shapely.get_parts(part), key=shapely.length)
    size = NAME_MM * (1.08 if is_wanted else 0.95)
    wide = quill.lettering.width(name, size)
    length = shapely.length(line) / UNITS
    if length < wide * 1.05:
        return False
    for share in (0.5, 0.3, 0.7):
        half = wide / 2 / length
        a, b, middle = (shapely.line_interpolate_point(line, at, normalized=True)
                        for at in (max(share - half, 0), min(share + half, 1), share))
        x, y = (a.x + b.x) / 2 / UNITS, (a.y + b.y) / 2 / UNITS
        if hypot(middle.x / UNITS - x, middle.y / UNITS - y) > size * 0.7:
            continue
        turn = degrees(atan2(b.y - a.y, b.x - a.x))
        turn = turn - 180 if turn > 90 else turn + 180 if turn <= -90 else turn
        box = _box(x, y, wide, size, turn)
        if any(box.meets(other) for other in taken) or not Box(0, 0, window.width, window.height).holds(box):
            continue
        taken.append(box)
        drop = size * 0.36
        slope = np.radians(turn)
        quill.text(name, (x - drop * np.sin(slope)) * UNITS, (y + drop * np.cos(slope)) * UNITS, size * UNITS,
                   "#3c4a50" if is_wanted else "#6a6f70", anchor=0.5, halo=size * UNITS * 0.28, turn=turn)
        return True
    return False


def _box(x: float, y: float, wide: float, high: float, turn: float) -> Box:
    """Return the upright box around words that are turned."""
    sine, cosine = abs(np.sin(np.radians(turn))), abs(np.cos(np.radians(turn)))
    across, down = float(wide * cosine + high * sine), float(wide * sine + high * cosine)
    return Box(x - across / 2, y - down / 2, across, down)


def draw_way(quill: Quill, window: Window, ways: Sequence[Way], wide: float = 1.0, arrows: bool = True) -> None:
    """Draw the way with arrows in its direction; straight lines are dashed."""
    for is_air in (False, True):
        lines = [way.line for way in ways if way.is_air == is_air]
        if not lines:
            continue
        shown = window.units(ink.within(np.array(lines, object), window.metres, 5 * window.scale / 1000))
        data = course(shown)
        quill.shapes(data, edge=WAY_EDGE, line=(wide + 0.7) * UNITS)
        quill.shapes(data, edge=WAY, line=wide * UNITS, dash=AIR_DASH if is_air else (), cap=0 if is_air else 1)
        if arrows:
            for line in shapely.get_parts(shown):
                _arrows(quill, line, wide)


def _arrows(quill: Quill, line: BaseGeometry, wide: float) -> None:
    length = shapely.length(line) / UNITS
    if length < 7:
        return
    count = max(round(length / ARROW_EVERY_MM), 1)
    size = (ARROW_MM + wide * 0.35) * UNITS
    for number in range(count):
        at = (number + 0.5) / count * length * UNITS
        a, b = (shapely.line_interpolate_point(line, spot) for spot in (at - size * 0.3, at + size * 0.3))
        far = hypot(b.x - a.x, b.y - a.y)
        if far < size * 0.3:
            continue
        ux, uy = (b.x - a.x) / far * size, (b.y - a.y) / far * size
        x, y = (a.x + b.x) / 2, (a.y + b.y) / 2
        spots = ((0.6, 0.0), (-0.4, -0.5), (-0.4, 0.5))
        corners = [f"{x + ux * on - uy * off:.1f} {y + uy * on + ux * off:.1f}" for on, off in spots]
        quill.shapes(f"{corners[0]} m {corners[1]} l {corners[2]} l h", WAY, WAY_EDGE, 3)


def mark(quill: Quill, x: float, y: float, words: str, radius: float, fill: str = MARK) -> Box:
    """Draw a numbered disc at a place of the map in millimetres; return its box."""
    quill.disc(x * UNITS, y * UNITS, radius * UNITS, fill, line=5)
    size = radius * (1.25 if len(words) < 3 else 0.95)
    quill.text(words, x * UNITS, (y + size * 0.36) * UNITS, size * UNITS, "#ffffff", bold=True, anchor=0.5)
    return Box(x - radius, y - radius, 2 * radius, 2 * radius)


def _large(shapes: np.ndarray) -> np.ndarray:
    return shapes[shapely.area(shapes) > LEAST_AREA * UNITS * UNITS] if len(shapes) else shapes


def course(shapes: np.ndarray) -> str:
    """Return the path of lines and areas in drawing steps."""
    if not len(shapes):
        return ""
    parts = shapely.simplify(shapes, ink.FINE, preserve_topology=False)
    kinds = shapely.get_type_id(parts)
    while (kinds > 3).any():
        parts = shapely.get_parts(parts)
        kinds = shapely.get_type_id(parts)
    rings = shapely.get_rings(parts[kinds == 3])
    lines = np.concatenate([rings, parts[(kinds == 1) | (kinds == 2)]]) if len(rings) else parts[kinds > 0]
    places, owner = shapely.get_coordinates(lines, return_index=True)
    if not len(places):
        return ""
    whole = np.rint(places).astype(np.int64)
    is_first = np.empty(len(owner), bool)
    is_first[0], is_first[1:] = True, owner[1:] != owner[:-1]
    verbs = np.where(is_first, "m", "l").tolist()
    return " ".join([f"{x} {y} {verb}" for (x, y), verb in zip(whole.tolist(), verbs, strict=True)])
