"""The gate for geometries that strangers send: type, size, finite numbers, closed rings, place and validity.

Order matters: cheap checks that cannot crash GEOS come before anything that builds a geometry (`engineering.md` §5).
"""

from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from civmap.errors import Invalid

Frame = tuple[float, float, float, float]
CHINA: Frame = (73.0, 3.0, 136.0, 54.0)
MAX_VERTICES = 20_000
STORED_DECIMALS = 9
EXPORT_DECIMALS = 7
_DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}


def read_geometry(value: Any, kinds: tuple[str, ...], frame: Frame = CHINA, field: str = "geometry") -> BaseGeometry:
    """Return the 2D lon/lat geometry of a GeoJSON geometry object that is one of `kinds`, at 9 decimals.

    Raise Invalid with a code that names the first thing wrong: shape, numbers, ring, place or validity.
    """
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        raise Invalid("geometry_missing", field=field, wanted=kinds)
    kind = value["type"]
    if kind not in kinds:
        raise Invalid("geometry_type", field=field, found=kind[:40], wanted=kinds)
    _check_positions(value.get("coordinates"), _DEPTH[kind], field)
    if kind in ("Polygon", "MultiPolygon"):
        _check_rings(value["coordinates"] if kind == "MultiPolygon" else [value["coordinates"]], field)
    try:
        geometry = shape({"type": kind, "coordinates": value["coordinates"]})
    except (ValueError, TypeError, shapely.errors.ShapelyError) as problem:
        raise Invalid("geometry_unreadable", field=field, why=str(problem)[:120]) from problem
    return check_geometry(geometry, frame, field)


def check_geometry(geometry: BaseGeometry, frame: Frame = CHINA, field: str = "geometry") -> BaseGeometry:
    """Return a geometry at stored precision if it lies in the frame and is valid; raise Invalid otherwise."""
    if geometry.is_empty:
        raise Invalid("geometry_empty", field=field)
    geometry = shapely.force_2d(geometry)
    _check_place(geometry, frame, field)
    geometry = shapely.transform(geometry, lambda xy: np.round(xy, STORED_DECIMALS))
    if not geometry.is_valid:
        raise Invalid("geometry_invalid", field=field, why=shapely.is_valid_reason(geometry))
    if geometry.geom_type in ("Polygon", "MultiPolygon"):
        return shapely.orient_polygons(geometry)
    if geometry.geom_type in ("LineString", "MultiLineString") and geometry.length == 0:
        raise Invalid("geometry_empty", field=field)
    return geometry


def check_spot(lon: float, lat: float, frame: Frame = CHINA, field: str = "lon") -> tuple[float, float]:
    """Return (lon, lat) at stored precision if it lies in the frame; raise Invalid, saying where they look swapped."""
    if not (np.isfinite(lon) and np.isfinite(lat)):
        raise Invalid("number_not_finite", field=field)
    _check_place(shapely.Point(lon, lat), frame, field)
    return round(float(lon), STORED_DECIMALS), round(float(lat), STORED_DECIMALS)


def _check_place(geometry: BaseGeometry, frame: Frame, field: str) -> None:
    west, south, east, north = geometry.bounds
    if frame[0] <= west and east <= frame[2] and frame[1] <= south and north <= frame[3]:
        return
    if frame[0] <= south and north <= frame[2] and frame[1] <= west and east <= frame[3]:
        raise Invalid("coordinates_swapped", field=field, lon=f"{south:.6f}", lat=f"{west:.6f}")
    raise Invalid("outside_city", field=field, lon=f"{west:.6f}", lat=f"{south:.6f}",
                  frame=", ".join(f"{edge:.4f}" for edge in frame))


def _check_positions(value: Any, depth: int, field: str) -> None:
    count = _count(value, depth, field)
    if count > MAX_VERTICES:
        raise Invalid("geometry_too_large", field=field, vertices=count, most=MAX_VERTICES)


def _check_rings(polygons: Any, field: str) -> None:
    """Refuse a ring whose last position is not its first: Shapely would close it, and nobody drew that edge."""
    for polygon in polygons:
        for ring in polygon:
            if len(ring) < 4 or list(ring[0][:2]) != list(ring[-1][:2]):
                raise Invalid("ring_not_closed", field=field, positions=len(ring))


def _count(value: Any, depth: int, field: str) -> int:
    if not isinstance(value, list | tuple):
        raise Invalid("geometry_unreadable", field=field, why="coordinates")
    if depth == 0:
        good = 2 <= len(value) <= 4 and all(isinstance(n, int | float) and not isinstance(n, bool) for n in value)
        if not good or not all(abs(n) < 1e9 for n in value):
            raise Invalid("geometry_unreadable", field=field, why=str(value)[:60])
        return 1
    if len(value) > MAX_VERTICES:
        return len(value)
    return sum(_count(part, depth - 1, field) for part in value)


def rounded(geometry: BaseGeometry, decimals: int = EXPORT_DECIMALS) -> dict[str, Any]:
    """Return a geometry as a GeoJSON object at the given decimals."""
    return shapely.geometry.mapping(shapely.transform(geometry, lambda xy: np.round(xy, decimals)))
