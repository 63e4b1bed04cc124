"""The little drawing of a zone on its pledge and public page: its outline among neighbours, houses and the street.

Pure: shapes in metres around the zone come in, SVG text goes out; the names on it are the caller's, escaped here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

AROUND_M = 9.0
WIDE, HIGH = 640.0, 360.0
BARS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
NORTH = ('<path d="M614 14L622 36L614 30L606 36Z" fill="#14222a"/>'
         '<text x="614" y="52" font-size="14" text-anchor="middle" fill="#14222a">N</text>')
LOOKS = {"house": 'fill="#e3ddd3" stroke="#b9b0a2" stroke-width="1"', "road": 'stroke="#c9ced3" fill="none"',
         "neighbour": 'fill="#eef3f5" stroke="#8a979e" stroke-width="1" stroke-dasharray="4 3"',
         "zone": 'fill="#1f7a5c" fill-opacity="0.22" stroke="#125c44" stroke-width="3"'}


def frame_of(zone: BaseGeometry) -> tuple[float, float, float, float]:
    """Return the frame in metres that the drawing of a zone shows."""
    west, south, east, north = zone.bounds
    high = max(north - south, (east - west) * HIGH / WIDE) + 2 * AROUND_M
    wide = high * WIDE / HIGH
    x, y = (west + east) / 2, (south + north) / 2
    return x - wide / 2, y - high / 2, x + wide / 2, y + high / 2


@dataclass(frozen=True, slots=True)
class _View:
    """The frame that is drawn, and dots per metre."""

    west: float
    north: float
    box: BaseGeometry
    scale: float

    def stroke(self, coords: Any) -> str:
        """Return a line of spots as path commands."""
        return "M" + "L".join(f"{(x - self.west) * self.scale:.1f} {(self.north - y) * self.scale:.1f}"
                              for x, y, *_z in coords)

    def path(self, shape: BaseGeometry) -> str:
        """Return what is seen of a line or area as path commands."""
        parts = shapely.get_parts(shape.intersection(self.box))
        if shape.geom_type.endswith("LineString"):
            return "".join(self.stroke(part.coords) for part in parts if part.geom_type == "LineString")
        rings = (ring for part in parts if part.geom_type == "Polygon" for ring in (part.exterior, *part.interiors))
        return "".join(f"{self.stroke(ring.coords)}Z" for ring in rings)

    def label(self, name: str, shape: BaseGeometry) -> str:
        """Return a name where its shape is seen, nothing where it is not."""
        seen = shape.intersection(self.box)
        if not name or seen.is_empty:
            return ""
        spot = seen.representative_point()
        x = min(max((spot.x - self.west) * self.scale, 60), WIDE - 60)
        y = min(max((self.north - spot.y) * self.scale, 20), HIGH - 24)
        told = escape(name[:14])
        return f'<text x="{x:.0f}" y="{y:.0f}" font-size="14" fill="#33444d" text-anchor="middle">{told}</text>'


def drawn(zone: BaseGeometry, *, neighbours: Sequence[tuple[str, BaseGeometry]] = (),
          houses: Sequence[BaseGeometry] = (), roads: Sequence[tuple[str, BaseGeometry, float]] = (),
          title: str) -> str:
    """Return the drawing as an SVG element; roads are (name, line, width in metres)."""
    west, south, east, north = frame_of(zone)
    view = _View(west, north, shapely.box(west, south, east, north), WIDE / (east - west))
    parts = [f'<svg class="pledge-figure" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE:.0f} {HIGH:.0f}" '
             f'role="img" aria-label="{escape(title)}">',
             f'<rect width="{WIDE:.0f}" height="{HIGH:.0f}" fill="#f7f5f1"/>']
    parts += [f'<path d="{view.path(line)}" {LOOKS["road"]} stroke-width="{max(6.0, width * view.scale):.1f}"/>'
              for _name, line, width in roads]
    parts += [f'<path d="{view.path(house)}" {LOOKS["house"]}/>' for house in houses]
    parts += [f'<path d="{view.path(shape)}" {LOOKS["neighbour"]}/>' for _name, shape in neighbours]
    parts.append(f'<path d="{view.path(zone)}" {LOOKS["zone"]}/>')
    parts += [view.label(name, shape) for name, shape in (*neighbours, *(road[:2] for road in roads))]
    return "".join([*parts, _bar(east - west, view.scale), NORTH, "</svg>"])


def _bar(wide_m: float, scale: float) -> str:
    metres = max(bar for bar in BARS if bar <= max(wide_m / 4, 1))
    x, y = 16, HIGH - 16
    return (f'<path d="M{x} {y - 6}V{y}H{x + metres * scale:.1f}V{y - 6}" fill="none" stroke="#14222a" '
            f'stroke-width="2"/><text x="{x}" y="{y - 10}" font-size="14" fill="#14222a">{metres} m</text>')
