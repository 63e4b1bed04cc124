"""The quiet ground of the map on paper: land, water, houses, streets and borders, coarser where the scale is small."""

import numpy as np
import shapely

from civmap.paper import ink
from civmap.paper.ground import Ground
from civmap.paper.labels import spots_along
from civmap.paper.scales import UNITS, Window
from civmap.paper.sizes import Paper

PAPER = "#f8f6f0"
LAND = {"park": "#dfecd6", "grass": "#dfecd6", "green": "#dfecd6", "pitch": "#dfecd6", "wood": "#d3e5cb",
        "wetland": "#d3e5cb", "farmland": "#eef0da", "residential": "#f1ede4", "commercial": "#f1eae2",
        "industrial": "#ebe9e8", "school": "#f5efdc", "institution": "#f5efdc", "hospital": "#f7e8e4",
        "square": "#ede8db"}
WATER, SHORE = "#c5dde7", "#8fb8c8"
HOUSE, WALL = "#e6e1d6", "#bdb5a5"
ROADS = {"path": (0.12, 0.25, "#cfc6b2", None), "minor": (0.28, 0.7, "#ffffff", "#cbc4b4"),
         "medium": (0.5, 1.2, "#ffffff", "#bdb5a3"), "major": (0.85, 1.9, "#fffaea", "#ab9f85"),
         "highway": (1.0, 2.2, "#f8e9c2", "#bd9f5f")}
"""Least and most width on A4 in millimetres, colour, edge."""
GROUND_WIDTH = {"path": 3.0, "minor": 8.0, "medium": 12.0, "major": 24.0, "highway": 30.0}
BORDER = {"subdistrict": ("#6d5b80", 0.4, (3.2, 1.0, 0.6, 1.0), 1.7), "community": ("#8d7f96", 0.0, (), 0.8)}
"""Colour, width and dashes of the line, width of the pale band under it; a community has the band alone."""
LEAST_AREA = 0.2
"""Square millimetres under which an area is not drawn."""
NO_HOUSES_BEYOND = 45_000
NO_COMMUNITIES_BEYOND = 60_000


def times(paper: Paper) -> float:
    """Return how much wider lines are than on A4."""
    return paper.line / 0.32


def cut(window: Window, shapes: np.ndarray, margin: float = 3.0) -> np.ndarray:
    """Return the part of plane shapes that the window shows, in drawing steps."""
    return window.units(ink.within(shapes, window.metres, margin * window.scale / 1000))


def _large(shapes: np.ndarray) -> np.ndarray:
    return shapes[shapely.area(shapes) > LEAST_AREA * UNITS * UNITS] if len(shapes) else shapes


def paint(window: Window, paper: Paper, ground: Ground) -> str:
    """Return the ground as SVG, without its names."""
    k = times(paper)
    parts = [f'<rect width="{ink.steps(window.width)}" height="{ink.steps(window.height)}" fill="{PAPER}"/>']
    for kind, shapes in ground.land.items():
        if kind in LAND:
            parts.append(ink.shape(ink.path(_large(cut(window, shapes))), fill=LAND[kind]))
    parts.append(ink.shape(ink.path(_large(cut(window, ground.water))), fill=WATER, stroke=SHORE,
                           stroke_width=ink.steps(0.12 * k)))
    if window.scale <= NO_HOUSES_BEYOND:
        parts.append(ink.shape(ink.path(_large(cut(window, ground.houses)), fine=1.6), fill=HOUSE, stroke=WALL,
                               stroke_width=max(1, ink.steps(0.06 * k))))
    parts += _roads(window, k, ground)
    parts += _borders(window, k, ground)
    return "".join(parts)


def road_width(kind: str, scale: int, k: float) -> float:
    """Return a street's width on paper: as on the ground, within what is seen and what does not crowd."""
    least, most, _fill, _edge = ROADS[kind]
    return min(max(GROUND_WIDTH[kind] * 1000 / scale, least * k), most * k)


def _roads(window: Window, k: float, ground: Ground) -> list[str]:
    edges, fills = [], []
    for kind, (_least, _most, fill, edge) in ROADS.items():
        data = ink.path(cut(window, ground.roads[kind])) if kind in ground.roads else ""
        width = road_width(kind, window.scale, k)
        look = {"fill": "none", "stroke_linejoin": "round", "stroke_linecap": "round"}
        if edge:
            edges.append(ink.shape(data, **look, stroke=edge, stroke_width=ink.steps(width + 0.22 * k)))
        fills.append(ink.shape(data, **look, stroke=fill, stroke_width=ink.steps(width)))
    return [*edges, *fills]


def _borders(window: Window, k: float, ground: Ground) -> list[str]:
    drawn = []
    for kind in ("community", "subdistrict"):
        if kind == "community" and window.scale > NO_COMMUNITIES_BEYOND:
            continue
        colour, width, dash, band = BORDER[kind]
        shapes = np.array([shapely.boundary(shape) for _name, shape in ground.borders.get(kind, ())], object)
        if len(shapes):  # a border that two areas share is drawn once, or its dashes would fill up
            shapes = np.array([shapely.line_merge(shapely.union_all(shapes))], object)
        look = {"fill": "none", "stroke": colour, "stroke_linejoin": "round"}
        data = ink.path(cut(window, shapes))
        drawn.append(ink.shape(data, **look, stroke_width=ink.steps(band * k), stroke_opacity=0.2))
        if width:
            drawn.append(ink.shape(data, **look, stroke_width=ink.steps(width * k),
                                   stroke_dasharray=" ".join(str(ink.steps(part * k)) for part in dash)))
    return drawn


def street_spots(window: Window, shapes: np.ndarray, size: float) -> list[tuple[float, float, float, float]]:
    """Return places for a street's name on the map (millimetres), the longest straight stretch first."""
    found = []
    for line in shapely.get_parts(cut(window, shapes, margin=-size)):
        if shapely.get_type_id(line) == 1 and shapely.length(line) > size * UNITS * 3:
            course = shapely.simplify(line, UNITS * 0.15)
            found += spots_along([(x / UNITS, y / UNITS) for x, y in shapely.get_coordinates(course).tolist()],
                                 size * 0.3)
    return sorted(found, key=lambda spot: -spot[3])
