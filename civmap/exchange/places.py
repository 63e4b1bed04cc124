"""Where a row lies: its cells' coordinates brought to lon/lat inside the city, or a problem that says what they may be.

Nothing is guessed silently: `auto` takes coordinates as WGS 84 and only where they fall into the city's frame; what
falls outside is refused with the reading that would fit (swapped, another system, a lost decimal point).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from civmap.errors import CivmapError, Invalid
from civmap.geo import crs as systems
from civmap.geo.validity import STORED_DECIMALS, Frame

AUTO = "auto"
DECIMALS = STORED_DECIMALS


def check_crs(name: str) -> str:
    """Return the coordinate system's name as used inside, `auto` included; raise Invalid for an unknown one."""
    return AUTO if name.strip().lower() == AUTO else systems.check_name(name)


def spot(x: float, y: float, crs: str, frame: Frame) -> dict[str, Any]:
    """Return the GeoJSON point (lon, lat) of two cells; raise Invalid `coordinates_…` naming what would fit."""
    lon, lat = _converted(x, y, crs, frame)
    if not _inside(lon, lat, frame):
        raise _outside(x, y, crs, frame)
    return {"type": "Point", "coordinates": [round(lon, DECIMALS), round(lat, DECIMALS)]}


def spots(x: np.ndarray, y: np.ndarray, crs: str, frame: Frame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return lon, lat and which of them lie inside, of many cells at once: where `spot` would not refuse."""
    lon, lat = x, y
    if crs != AUTO:
        is_far = crs == "cgcs2000" and bool((np.abs(x) > 360).any())
        with np.errstate(all="ignore"):
            lon, lat = systems.to_wgs84(_city_zone(frame) if is_far else crs, x, y)
        if is_far:
            lon = np.where(np.abs(x) > 360, lon, np.nan)
    with np.errstate(invalid="ignore"):
        is_inside = (frame[0] <= lon) & (lon <= frame[2]) & (frame[1] <= lat) & (lat <= frame[3])
    return lon, lat, is_inside


def shape(geometry: dict[str, Any], crs: str, frame: Frame) -> dict[str, Any]:
    """Return a GeoJSON geometry brought to lon/lat; only its first position is compared with the frame here."""
    first = _first_position(geometry.get("coordinates"))
    if first is None:
        raise Invalid("geometry_unreadable", field="geometry", why=str(geometry.get("type"))[:40])
    lon, lat = _converted(*first, crs, frame)
    if not _inside(lon, lat, frame):
        raise _outside(*first, crs, frame, field="geometry")
    if crs in (AUTO, "wgs84") or (crs == "cgcs2000" and abs(first[0]) <= 360):
        return geometry
    return {"type": geometry.get("type"), "coordinates": _moved(geometry["coordinates"], crs, frame)}


def _first_position(value: Any) -> tuple[float, float] | None:
    while isinstance(value, list | tuple) and value and isinstance(value[0], list | tuple):
        value = value[0]
    if not isinstance(value, list | tuple) or len(value) < 2:
        return None
    x, y = value[0], value[1]
    good = all(isinstance(part, int | float) and not isinstance(part, bool) for part in (x, y))
    return (float(x), float(y)) if good else None


def _moved(value: Any, crs: str, frame: Frame) -> Any:
    if isinstance(value, list | tuple) and value and not isinstance(value[0], list | tuple):
        place = _first_position(value)
        if place is None:
            raise Invalid("geometry_unreadable", field="geometry", why=str(value)[:40])
        return [round(part, DECIMALS) for part in _converted(*place, crs, frame)]
    if not isinstance(value, list | tuple):
        raise Invalid("geometry_unreadable", field="geometry", why=str(value)[:40])
    return [_moved(part, crs, frame) for part in value]


def _converted(x: float, y: float, crs: str, frame: Frame) -> tuple[float, float]:
    if crs == AUTO:
        return x, y
    if crs == "cgcs2000" and abs(x) > 360:
        crs = _city_zone(frame)
    with np.errstate(all="ignore"):
        lon, lat = systems.to_wgs84(crs, np.array([x]), np.array([y]))
    return float(lon[0]), float(lat[0])


def _city_zone(frame: Frame) -> str:
    """Return the city's 3-degree Gauss–Krüger zone on CGCS2000."""
    return f"EPSG:{systems.gauss_kruger_epsg((frame[0] + frame[2]) / 2)}"


def _inside(lon: float, lat: float, frame: Frame) -> bool:
    return frame[0] <= lon <= frame[2] and frame[1] <= lat <= frame[3]


def _outside(x: float, y: float, crs: str, frame: Frame, field: str = "lon") -> CivmapError:
    if _inside(*_converted(y, x, crs, frame), frame):
        return Invalid("coordinates_swapped", field=field, lon=f"{y:.6f}", lat=f"{x:.6f}")
    if crs == AUTO and (other := _other_system(x, y, frame)):
        lon, lat = _converted(x, y, other, frame)
        return Invalid("coordinates_other_system", field=field, x=f"{x:.6f}", y=f"{y:.6f}", crs=other,
                       lon=f"{lon:.6f}", lat=f"{lat:.6f}")
    for factor in (1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 10.0, 100.0):
        if _inside(x * factor, y * factor, frame):
            return Invalid("coordinates_decimal_point", field=field, lon=f"{x * factor:.6f}",
                           lat=f"{y * factor:.6f}")
    if x == 0 and y == 0:
        return Invalid("coordinates_zero", field=field)
    return Invalid("outside_city", field=field, lon=f"{x:.6f}", lat=f"{y:.6f}",
                   frame=", ".join(f"{edge:.4f}" for edge in frame))


def _other_system(x: float, y: float, frame: Frame) -> str | None:
    """Return the first system in which the numbers fall into the city although they do not as degrees of WGS 84."""
    if abs(x) > 360 or abs(y) > 360:
        zone = systems.gauss_kruger_epsg((frame[0] + frame[2]) / 2)
        candidates = [f"EPSG:{zone}", f"EPSG:{zone - 21}", "EPSG:3857"]
    else:
        candidates = ["gcj02", "bd09"]
    for name in candidates:
        if _inside(*_converted(x, y, name, frame), frame):
            return name
    return None


def reading(problem: CivmapError) -> str | None:
    """Return what would be accepted instead, as text, where a coordinate problem knows it."""
    facts = problem.facts
    if problem.code in ("coordinates_swapped", "coordinates_decimal_point"):
        return f"{_degrees(facts['lon'])}, {_degrees(facts['lat'])}"
    if "reach_m" in facts and "lon" in facts:
        return f"{_degrees(facts['lon'])}, {_degrees(facts['lat'])} · {facts['name']} ±{facts['reach_m']} m"
    if problem.code == "coordinates_other_system":
        return f"--crs {facts['crs']}"
    near = facts.get("near") or facts.get("known")
    return str(next(iter(near))) if isinstance(near, list | tuple) and near else None


def _degrees(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:.6f}"


def brought_all(geometries: Sequence[dict[str, Any] | None], crs: str, decimals: int) -> list[dict[str, Any] | None]:
    """Return many lon/lat GeoJSON geometries in another system, all moved in one call, to a tenth of a millimetre."""
    there = [geometry for geometry in geometries if geometry is not None]
    decimals = 4 if crs.startswith("EPSG:") and not _in_degrees(crs) else decimals

    def move(xy: np.ndarray) -> np.ndarray:
        return np.round(np.column_stack(systems.from_wgs84(crs, xy[:, 0], xy[:, 1])), decimals)

    shapes = np.array([shapely.geometry.shape(geometry) for geometry in there], object)
    moved = iter(shapely.transform(shapes, move) if there else ())
    return [None if geometry is None else shapely.geometry.mapping(next(moved)) for geometry in geometries]


def _in_degrees(crs: str) -> bool:
    from pyproj import CRS

    return bool(CRS.from_user_input(crs).is_geographic)
