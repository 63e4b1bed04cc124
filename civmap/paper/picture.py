"""The map itself as SVG: ground, things, names, squares, north arrow and scale bar, drawn for one window."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from civmap.paper import furniture, ink, naming, painting, symbols
from civmap.paper.classes import Classes
from civmap.paper.ground import Ground
from civmap.paper.labels import Space
from civmap.paper.scales import Mesh, Window
from civmap.paper.sizes import Paper
from civmap.paper.symbols import Mark
from civmap.paper.things import KINDS, Thing

__all__ = ("KINDS", "Look", "draw")

ORDER = {"none": 0, "open": 1, "due_soon": 2, "overdue": 3}
FOCUS = "#0b5c6e"
VEIL = "#ffffff"


@dataclass(slots=True)
class Look:
    """What the map shows beside the things: names, squares, an area that is meant, and by what it is coloured."""

    ground: Ground | None = None
    has_names: bool = True
    mesh: Mesh | None = None
    area: BaseGeometry | None = None
    classes: Classes | None = None
    north: str = "N"
    focus: list[BaseGeometry] = field(default_factory=list)
    tags: list[tuple[str, float, float]] = field(default_factory=list)


def draw(window: Window, paper: Paper, found: Sequence[Thing], look: Look) -> str:
    """Return the map as an SVG element of the window's size."""
    space = Space(window.width, window.height, cell=paper.label * 5)
    k = painting.times(paper)
    ordered = sorted(found, key=lambda thing: ORDER[thing.status])
    taken = furniture.reserve(window, paper, space, look.mesh)
    parts = [painting.paint(window, paper, look.ground)] if look.ground else [_blank(window)]
    parts.append(_veil(window, k, look.area))
    parts.append(_focus(window, k, look.focus))
    parts.append(_areas(window, k, [one for one in ordered if one.kind == "zones"], look.classes))
    parts.append(_lines(window, k, [one for one in ordered if one.kind == "segments"], look.classes))
    if look.mesh:
        parts.append(furniture.squares(window, paper, look.mesh))
    marks, spots = _places(window, paper, ordered, look.classes)
    space.take([box for _thing, box, _half in spots])
    tags = naming.tags(window, paper, look.tags, space)
    named = naming.names(window, paper, spots, look.ground, space, k) if look.has_names else ""
    parts += [named, marks, tags, furniture.stand(window, paper, taken, look.north)]
    wide, high = ink.steps(window.width), ink.steps(window.height)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}"><defs>'
            f'<clipPath id="edge"><rect width="{wide}" height="{high}"/></clipPath></defs>'
            f'<g clip-path="url(#edge)">{"".join(parts)}</g></svg>')


def _blank(window: Window) -> str:
    return f'<rect width="{ink.steps(window.width)}" height="{ink.steps(window.height)}" fill="{painting.PAPER}"/>'


def _veil(window: Window, k: float, area: BaseGeometry | None) -> str:
    """Lighten what is outside the area that the sheet is about, and draw its border."""
    if area is None:
        return ""
    outside = shapely.difference(shapely.box(*window.metres), area)
    data = ink.path(window.units(np.array([outside], object)))
    edge = ink.path(painting.cut(window, np.array([shapely.boundary(area)], object)))
    return (ink.shape(data, fill=VEIL, fill_opacity=0.62, fill_rule="evenodd")
            + ink.shape(edge, fill="none", stroke="#ffffff", stroke_opacity=0.8, stroke_width=ink.steps(1.5 * k))
            + ink.shape(edge, fill="none", stroke=FOCUS, stroke_width=ink.steps(0.7 * k)))


def _focus(window: Window, k: float, shapes: Sequence[BaseGeometry]) -> str:
    """Put a broad band of colour behind what a page of the atlas is about."""
    data = ink.path(painting.cut(window, np.array(list(shapes), object))) if shapes else ""
    return ink.shape(data, fill=FOCUS, fill_opacity=0.08, stroke=FOCUS, stroke_opacity=0.28,
                     stroke_width=ink.steps(2.6 * k), stroke_linejoin="round", stroke_linecap="round")


def _grouped(found: Sequence[Thing], classes: Classes | None) -> dict[tuple[int, str], list[Thing]]:
    """Return things that look alike together: by class of value where there is one, and by status."""
    groups: dict[tuple[int, str], list[Thing]] = {}
    for thing in found:
        number = classes.of(thing) if classes else None
        groups.setdefault((-1 if number is None else number, thing.status), []).append(thing)
    return dict(sorted(groups.items(), key=lambda entry: (entry[0][0], ORDER[entry[0][1]])))


def _shapes(found: Sequence[Thing]) -> np.ndarray:
    return np.array([thing.shape for thing in found], object)


def _areas(window: Window, k: float, found: Sequence[Thing], classes: Classes | None) -> str:
    drawn = []
    for (number, status), group in _grouped(found, classes).items():
        shapes = painting.cut(window, _shapes(group))
        if classes:
            mark = symbols.class_mark(classes.shade(number))
            fill, edge, opacity = mark.fill, mark.edge, 0.75
        else:
            fill, edge, opacity = symbols.COLOUR[status], symbols.EDGE[status], 0.07 if status == "none" else 0.2
        width = {"none": 0.16, "open": 0.3, "due_soon": 0.36, "overdue": 0.45}[status]
        drawn.append(ink.shape(ink.path(shapes), fill=fill, fill_opacity=opacity, stroke=edge,
                               stroke_width=ink.steps(width * k), stroke_linejoin="round"))
        ways = {"none": (), "open": (1,), "due_soon": (-1,), "overdue": (1, -1)}[status]
        if ways and len(shapes):
            drawn.append(ink.shape(symbols.hatching(shapes, 1.6 * k, ways), fill="none", stroke=edge,
                                   stroke_width=ink.steps(0.17 * k)))
    return "".join(drawn)


def _lines(window: Window, k: float, found: Sequence[Thing], classes: Classes | None) -> str:
    drawn = []
    for (number, status), group in _grouped(found, classes).items():
        data = ink.path(painting.cut(window, _shapes(group)))
        width, dash, colour = symbols.LINE[status], symbols.DASH[status], symbols.COLOUR[status]
        if classes:
            width, dash = 0.6 + 0.22 * max(number, 0), None
            colour = symbols.class_mark(classes.shade(number)).fill if number >= 0 else "#8a949b"
        cap = "butt" if status == "due_soon" else "round"
        look = {"fill": "none", "stroke_linejoin": "round", "stroke_linecap": cap}
        if status != "none" or classes:
            drawn.append(ink.shape(data, **{**look, "stroke_linecap": "round"},
                                   stroke="#5a4a3a" if classes else "#ffffff",
                                   stroke_width=ink.steps((width + (0.25 if classes else 0.5)) * k)))
        told = " ".join(str(max(ink.steps(part * k), 1)) for part in dash) if dash else None
        drawn.append(ink.shape(data, **look, stroke=colour, stroke_width=ink.steps(width * k), stroke_dasharray=told,
                               stroke_opacity=0.7 if status == "none" and not classes else None))
    return "".join(drawn)


def _places(window: Window, paper: Paper, found: Sequence[Thing],
            classes: Classes | None) -> tuple[str, list[naming.Spot]]:
    """Return the symbols of points, units and issues, and where each stands with the box it takes."""
    drawn, spots = [], []
    for kind in ("units", "points", "issues"):
        for thing in (one for one in found if one.kind == kind):
            x, y = window.place(*thing.spot)
            if not (0 <= x <= window.width and 0 <= y <= window.height):
                continue
            mark, told = _mark(thing, classes)
            form: Callable[..., str] = symbols.place
            size = paper.symbol
            if kind == "units":
                size *= 0.6 if thing.status == "none" else 1.0  # rows of shops without trouble would hide their street
                drawn.append(symbols.seat(mark, x, y, size, told))
                half = size * 0.65
            elif kind == "issues":
                drawn.append(symbols.drop(mark, x, y, size * 0.8))
                half = size * 0.35
            else:
                drawn.append(form(mark, x, y, size, told))
                half = size * mark.size / 2
            spots.append(naming.spot(thing, x, y, half))
    return "".join(drawn), spots


def _mark(thing: Thing, classes: Classes | None) -> tuple[Mark, str]:
    if classes is not None and thing.kind != "issues":
        number = classes.of(thing)
        return symbols.class_mark(classes.shade(number)), "" if number is None else str(number + 1)
    return symbols.status_mark(thing.status), str(thing.open if thing.open < 100 else "99+") if thing.open else ""
