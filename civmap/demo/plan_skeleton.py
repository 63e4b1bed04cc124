"""The bones of the district: border, river with its quays, bridges and arterial streets, as a plane of superblocks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon

from civmap.demo import curves
from civmap.demo.frame import Frame
from civmap.demo.plane import Plane, plane_of

BORDER, RIVER, CANAL = "#border", "#river", "#canal"  # lines that are not streets


@dataclass(frozen=True)
class Bones:
    """The plane before subdivision, in unbent board metres."""

    plane: Plane
    border: Polygon
    river_axis: np.ndarray
    river_half_m: np.ndarray
    first_street: LineString
    classes: Mapping[str, tuple[str, float]]  # street name -> class, carriageway width


def marks(frame: Frame, skeleton: Mapping) -> dict[str, tuple[float, float]]:
    """Return the four marks W, A, B, E on the surveyed first street, on the board."""
    a, b = frame.to_board(skeleton["first_street"])
    along = (b - a) / np.hypot(*(b - a)) * skeleton["beyond_m"]
    return {key: (float(p[0]), float(p[1])) for key, p in zip("WABE", (a - along, a, b, b + along), strict=True)}


def bones(frame: Frame, skeleton: Mapping) -> Bones:
    """Lay out the skeleton of the recipe."""
    place = marks(frame, skeleton)
    border = Polygon(curves.smooth(skeleton["border"], 60, closed=True)[:-1])
    axis, half = _river(skeleton["river"])
    lines: list[tuple[str, LineString]] = [(BORDER, border.exterior)]
    classes: dict[str, tuple[str, float]] = {}
    for street in skeleton["streets"]:
        path = [place[p] if isinstance(p, str) else p for p in street["path"]]
        curve = np.asarray(path, float) if street.get("straight") else curves.smooth(path)
        lines.append((street["name"], LineString(curve)))
        classes[street["name"]] = (street["class"], float(street["width_m"]))
    for name, side in zip(skeleton["river"]["quays"], (-1, 1), strict=True):
        quay = curves.parallel(axis, side * (half + skeleton["river"]["quay_m"]))
        lines.append((name, LineString(quay)))
        classes[name] = ("arterial_secondary", 12.0)
    lines.append((RIVER, LineString(axis)))
    lines.append((CANAL, LineString(curves.smooth(skeleton["canal"]["axis"]))))
    clipped = [(name, part) for name, line in lines for part in _inside(line, border)]
    first = LineString([place["W"], place["E"]])
    return Bones(plane_of(clipped), border, axis, half, first, classes)


def _river(river: Mapping) -> tuple[np.ndarray, np.ndarray]:
    axis = curves.smooth(river["axis"], 60)
    low, high = river["width_m"]
    wave = np.sin(np.linspace(0, 7, len(axis)))
    return axis, (low + high) / 4 + wave * (high - low) / 4


def _inside(line: LineString, border: Polygon) -> Sequence[LineString]:
    if line.equals(border.exterior):
        return [line]
    parts = shapely.get_parts(shapely.intersection(line, border))
    return [part for part in parts if part.length > 1]
