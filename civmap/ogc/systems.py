"""The coordinate systems that /ogc speaks, each with the order of axes that its register says (Part 2).

CRS84 is lon, lat; EPSG:4326 and EPSG:4490 are lat, lon; EPSG:3857 is east, north; the city's Gauss–Krüger zone
(EPSG:4534 and the following) is north, east. Inside everything is lon, lat.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from civmap.errors import Invalid
from civmap.geo.crs import gauss_kruger_epsg
from civmap.geo.validity import EXPORT_DECIMALS

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
METRE_DECIMALS = 4
DENSE = 21


@dataclass(frozen=True, slots=True)
class System:
    """One coordinate system: its address, its EPSG code (None: CRS84), whether it writes y first and in degrees."""

    uri: str
    epsg: int | None = None
    is_swapped: bool = False
    is_degrees: bool = True


LONLAT = System(CRS84)


def systems_of(frame: Sequence[float]) -> tuple[System, ...]:
    """Return the systems of a city with a frame (W, S, E, N degrees); the first is how things are stored."""
    zone = gauss_kruger_epsg((frame[0] + frame[2]) / 2)
    return (LONLAT, System(f"{EPSG}4326", 4326, is_swapped=True), System(f"{EPSG}4490", 4490, is_swapped=True),
            System(f"{EPSG}3857", 3857, is_degrees=False),
            System(f"{EPSG}{zone}", zone, is_swapped=True, is_degrees=False))


def find(known: Sequence[System], written: str, field: str) -> System:
    """Return the system of an address (its safe CURIE in brackets counts too); raise Invalid for another one."""
    text = written.strip()
    if text.startswith("[") and text.endswith("]"):
        authority, _, code = text[1:-1].partition(":")
        text = CRS84 if code == "CRS84" else f"{EPSG}{code}" if authority == "EPSG" else text
    for system in known:
        if text in (system.uri, system.uri.replace("http://", "https://", 1)):
            return system
    raise Invalid("ogc_crs_unknown", field=field, value=written[:80], known=[system.uri for system in known])


@cache
def _transformer(epsg: int, is_out: bool) -> Transformer:
    ends = ("EPSG:4326", f"EPSG:{epsg}")
    return Transformer.from_crs(*(ends if is_out else ends[::-1]), always_xy=True)


def outward(system: System, geometries: Any) -> Any:
    """Return lon/lat geometries (an array or one) in a system, in the order of its axes, rounded for writing."""
    decimals = EXPORT_DECIMALS if system.is_degrees else METRE_DECIMALS

    def change(xy: np.ndarray) -> np.ndarray:
        x, y = xy[:, 0], xy[:, 1]
        if not system.is_degrees:
            x, y = _transformer(system.epsg or 0, True).transform(x, y)
        return np.round(np.column_stack((y, x) if system.is_swapped else (x, y)), decimals)

    return shapely.transform(geometries, change)


def inward(system: System, xy: np.ndarray) -> np.ndarray:
    """Return coordinates of a system, in the order of its axes, as lon/lat; what has no place becomes infinite."""
    x, y = (xy[:, 1], xy[:, 0]) if system.is_swapped else (xy[:, 0], xy[:, 1])
    if not system.is_degrees:
        x, y = _transformer(system.epsg or 0, False).transform(x, y)
    return np.column_stack((x, y))


def written(system: System, texts: Sequence[str | None]) -> list[str | None]:
    """Return GeoJSON texts of lon/lat geometries as texts in a system."""
    there = [text for text in texts if text is not None]
    if not there or system == LONLAT:
        return list(texts)
    found = iter(shapely.to_geojson(outward(system, shapely.from_geojson(there))).tolist())
    return [None if text is None else next(found) for text in texts]


def read_in(system: System, geometry: Any) -> Any:
    """Return a sent GeoJSON geometry of a system as one in lon/lat; one of another shape comes back as it is.

    The gate for geometries says afterwards what is wrong with it.
    """
    if system == LONLAT or not isinstance(geometry, dict):
        return geometry
    try:
        shape = shapely.from_geojson(json.dumps(geometry))
        changed = shapely.transform(shapely.force_2d(shape), lambda xy: inward(system, xy))
    except (shapely.errors.ShapelyError, ValueError, TypeError):
        return geometry
    if not np.isfinite(shapely.get_coordinates(changed)).all():
        raise Invalid("ogc_place_unreadable", field="geometry", crs=system.uri)
    return json.loads(shapely.to_geojson(changed))


def box_in(system: System, edges: Sequence[float], field: str) -> BaseGeometry:
    """Return the area of a box of a system (its axes' order) as a lon/lat geometry; raise Invalid where it is none.

    West of 180° to east of it (the first longitude larger than the second) are two boxes.
    """
    low, high = np.array(edges[:2], float), np.array(edges[2:], float)
    west, south, east, north = (low[1], low[0], high[1], high[0]) if system.is_swapped else (*low, *high)
    if system.is_degrees:
        good = abs(west) <= 180 and abs(east) <= 180 and -90 <= south <= north <= 90
        if not good:
            raise Invalid("ogc_bbox_edges", field=field)
        return _area(west, south, east, north) if west <= east else shapely.union(
            _area(west, south, 180.0, north), _area(-180.0, south, east, north))
    if west > east or south > north:
        raise Invalid("ogc_bbox_edges", field=field)
    ring = shapely.get_coordinates(_dense(west, south, east, north))
    shape = shapely.Polygon(inward(System(system.uri, system.epsg, False, False), ring))
    if not np.isfinite(shapely.get_coordinates(shape)).all() or not shape.is_valid:
        raise Invalid("ogc_place_unreadable", field=field, crs=system.uri)
    return shape


def _area(west: float, south: float, east: float, north: float) -> BaseGeometry:
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)


def _dense(west: float, south: float, east: float, north: float) -> BaseGeometry:
    """Return the outline of a box with corners between: its sides are curved in degrees."""
    wide, high = max(east - west, 1e-6), max(north - south, 1e-6)
    return shapely.segmentize(shapely.box(west, south, west + wide, south + high).exterior, max(wide, high) / DENSE)
