"""Lengths, areas and distances in metres on the WGS 84 ellipsoid."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from pyproj import Geod, Transformer
from shapely.geometry.base import BaseGeometry

GEOD = Geod(ellps="WGS84")


def distance_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the geodesic metres between two (lon, lat) spots."""
    return float(GEOD.inv(a[0], a[1], b[0], b[1])[2])


def length_m(line: BaseGeometry) -> float:
    """Return the geodesic length of a line in metres."""
    return float(GEOD.geometry_length(line))


def area_m2(area: BaseGeometry) -> float:
    """Return the geodesic area of a polygon in square metres."""
    return abs(float(GEOD.geometry_area_perimeter(shapely.orient_polygons(area))[0]))


@dataclass(frozen=True)
class Plane:
    """A flat plane in metres around a (lon, lat) spot: azimuthal equidistant, true from the spot."""

    lon: float
    lat: float

    @cached_property
    def _forward(self) -> Transformer:
        pipeline = (f"+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
                    f"+step +proj=aeqd +lon_0={self.lon!r} +lat_0={self.lat!r} +ellps=WGS84")
        return Transformer.from_pipeline(pipeline)

    def to_metres(self, geometry: BaseGeometry) -> BaseGeometry:
        """Return a lon/lat geometry in the plane's metres."""
        return shapely.transform(geometry, self._move)

    def to_degrees(self, geometry: BaseGeometry) -> BaseGeometry:
        """Return a geometry in the plane's metres as lon/lat."""
        return shapely.transform(geometry, self._back)

    def _move(self, xy: np.ndarray) -> np.ndarray:
        return np.column_stack(self._forward.transform(xy[:, 0], xy[:, 1]))

    def _back(self, xy: np.ndarray) -> np.ndarray:
        return np.column_stack(self._forward.transform(xy[:, 0], xy[:, 1], direction="INVERSE"))


@dataclass(frozen=True)
class NearPlane:
    """A flat plane in metres around a (lon, lat) spot that keeps straight what is straight in degrees.

    So an edge stays an edge of both its neighbours, however long it is and wherever one has a corner more. Distances
    near the spot are the geodesic ones to 1 mm at 150 m; farther off take `Plane`.
    """

    lon: float
    lat: float

    @cached_property
    def scale(self) -> tuple[float, float]:
        """Return the metres of a degree of longitude and of latitude at the spot."""
        sine, cosine = np.sin(np.radians(self.lat)), np.cos(np.radians(self.lat))
        flat = 1 - GEOD.es * sine * sine
        degree = np.pi / 180 * GEOD.a
        return float(degree * cosine / np.sqrt(flat)), float(degree * (1 - GEOD.es) / flat ** 1.5)

    def to_metres(self, geometries: Any) -> Any:
        """Return one lon/lat geometry, or an array of them, in the plane's metres."""
        return shapely.transform(geometries, lambda xy: (xy - (self.lon, self.lat)) * self.scale)


def plane_of(geometry: BaseGeometry) -> Plane:
    """Return the plane around the middle of a lon/lat geometry's bounds."""
    west, south, east, north = geometry.bounds
    return Plane((west + east) / 2, (south + north) / 2)


def frame_around(spot: tuple[float, float], reach_m: float) -> tuple[float, float, float, float]:
    """Return the (west, south, east, north) degrees of a box that surely holds all within `reach_m` of a spot."""
    lat_deg = reach_m / 110_500.0
    lon_deg = reach_m / (111_300.0 * max(np.cos(np.radians(abs(spot[1]) + lat_deg)), 0.01))
    return spot[0] - lon_deg, spot[1] - lat_deg, spot[0] + lon_deg, spot[1] + lat_deg
