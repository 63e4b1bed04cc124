"""The city's own ground for paper: streets, houses, water, green and borders of a piece of land, in plane metres."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.city.models import Building, LandCover, StreetEdge
from civmap.geo.measure import Plane
from civmap.paper.scales import Bounds
from civmap.store.base import holds_at
from civmap.store.spatial import in_frame
from civmap.zones.models import Zone

CLASSES = {"motorway": "highway", "trunk": "highway", "primary": "major", "secondary": "major",
           "motorway_link": "medium", "trunk_link": "medium", "primary_link": "medium", "secondary_link": "medium",
           "tertiary": "medium", "tertiary_link": "minor", "residential": "minor", "living_street": "minor",
           "unclassified": "minor", "road": "minor", "pedestrian": "minor", "busway": "minor"}
"""What a street is called in OpenStreetMap to how wide it is drawn; the rest are paths."""
WATER = ("water", "river", "lake", "pond", "reservoir", "canal")
MOST_HOUSES = 60_000
BORDERS = ("subdistrict", "community")


def _empty() -> np.ndarray:
    return np.empty(0, object)


@dataclass(slots=True)
class Ground:
    """What lies under the data; every array holds shapes in plane metres."""

    roads: dict[str, np.ndarray] = field(default_factory=dict)
    streets: dict[str, tuple[str, np.ndarray]] = field(default_factory=dict)
    houses: np.ndarray = field(default_factory=_empty)
    water: np.ndarray = field(default_factory=_empty)
    land: dict[str, np.ndarray] = field(default_factory=dict)
    places: list[tuple[str, str, float, float, float]] = field(default_factory=list)
    borders: dict[str, list[tuple[str, Any]]] = field(default_factory=dict)


def read(session: Session, plane: Plane, box: Bounds, now: datetime) -> Ground:
    """Return the ground within a box in degrees."""
    ground = Ground()
    _streets(session, plane, box, ground)
    _covers(session, plane, box, ground)
    rows = session.scalars(select(Building.geom).where(in_frame(Building.geom, *box)))
    houses = _flat(plane, list(rows))
    if len(houses) > MOST_HOUSES:
        houses = houses[np.argsort(-shapely.area(houses))[:MOST_HOUSES]]
    ground.houses = houses
    for kind in BORDERS:
        found = session.execute(select(Zone.name, Zone.geom).where(
            Zone.kind == kind, holds_at(Zone, now), in_frame(Zone.geom, *box))).all()
        ground.borders[kind] = [(row.name, shape) for row, shape in
                                zip(found, _flat(plane, [row.geom for row in found]), strict=True)]
    return ground


def _flat(plane: Plane, shapes: list[Any]) -> np.ndarray:
    return plane.to_metres(np.array(shapes, object)) if shapes else _empty()


def _streets(session: Session, plane: Plane, box: Bounds, ground: Ground) -> None:
    rows = session.execute(select(StreetEdge.highway, StreetEdge.name, StreetEdge.geom).where(
        in_frame(StreetEdge.geom, *box))).all()
    shapes = _flat(plane, [row.geom for row in rows])
    kinds = np.array([CLASSES.get(row.highway, "path") for row in rows], object)
    names = np.array([row.name or "" for row in rows], object)
    for kind in ("path", "minor", "medium", "major", "highway"):
        chosen = kinds == kind
        if chosen.any():
            ground.roads[kind] = _joined(shapes[chosen])
        for name in dict.fromkeys(names[chosen]):
            if name and kind != "path":
                ground.streets[name] = (kind, _joined(shapes[chosen & (names == name)]))


def _joined(lines: np.ndarray) -> np.ndarray:
    """Join pieces that meet end to end: fewer strokes, and names find longer straight stretches."""
    return shapely.get_parts(shapely.line_merge(shapely.MultiLineString(shapely.get_parts(lines).tolist())))


def _covers(session: Session, plane: Plane, box: Bounds, ground: Ground) -> None:
    rows = session.execute(select(LandCover.kind, LandCover.name, LandCover.geom).where(
        in_frame(LandCover.geom, *box))).all()
    shapes = _flat(plane, [row.geom for row in rows])
    kinds = np.array([row.kind for row in rows], object)
    wet = np.isin(kinds, WATER)
    ground.water = shapes[wet]
    for kind in dict.fromkeys(kinds[~wet]):
        ground.land[kind] = shapes[kinds == kind]
    for row, shape, is_wet in zip(rows, shapes, wet, strict=True):
        if row.name:
            spot = shapely.point_on_surface(shape)
            ground.places.append(("water" if is_wet else row.kind, row.name, spot.x, spot.y, shapely.area(shape)))
