"""What the map is about: points, segments, zones, units and issues as the lists give them, in plane metres."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from civmap.geo.measure import Plane

KINDS = ("points", "segments", "zones", "units", "issues")
Feature = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Thing:
    """One feature: its kind, its facts, and its shape in plane metres."""

    kind: str
    facts: Mapping[str, Any]
    shape: BaseGeometry

    @property
    def code(self) -> str:
        """Return the code; an issue's is its number."""
        return str(self.facts.get("code") or self.facts.get("issue_no") or "")

    @property
    def name(self) -> str:
        """Return the name, or the code where there is none."""
        return str(self.facts.get("name") or self.code)

    @property
    def status(self) -> str:
        """Return none, open, due_soon or overdue."""
        return str(self.facts.get("status") or "none")

    @property
    def open(self) -> int:
        """Return how many open issues weigh on it."""
        return int(self.facts.get("open_issues") or 0)

    @property
    def spot(self) -> tuple[float, float]:
        """Return the spot that stands for it: of a point itself, else one inside or on it."""
        found = self.shape if self.shape.geom_type == "Point" else shapely.point_on_surface(self.shape)
        return found.x, found.y


def things(kind: str, features: Iterable[Feature], plane: Plane) -> list[Thing]:
    """Return features as things; those without a place are left out."""
    placed = [(feature["properties"], feature["geometry"]) for feature in features if feature.get("geometry")]
    if not placed:
        return []
    shapes = np.array([shapely.geometry.shape(geometry) for _facts, geometry in placed], object)
    return [Thing(kind, facts, shape) for (facts, _geometry), shape in
            zip(placed, plane.to_metres(shapes), strict=True) if not shape.is_empty]


def inside(found: Sequence[Thing], area: BaseGeometry) -> list[Thing]:
    """Return the things that lie in an area: by the spot that stands for each."""
    if not found:
        return []
    spots = np.array([shapely.Point(thing.spot) for thing in found], object)
    shapely.prepare(area)
    return [thing for thing, is_in in zip(found, shapely.intersects(area, spots), strict=True) if is_in]


def by_status(found: Iterable[Thing]) -> dict[str, int]:
    """Return how many things there are of each status."""
    counted = dict.fromkeys(("none", "open", "due_soon", "overdue"), 0)
    for thing in found:
        counted[thing.status] += 1
    return counted
