"""Coordinate systems met in Chinese files, brought to WGS 84 longitude/latitude and back.

GCJ-02 and BD-09 follow the published forward formulas (`domain.md` §6); the inverses iterate to 1e-6 m.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from civmap.errors import Invalid

Array = NDArray[np.float64]
_A = 6378245.0
_EE = 0.00669342162296594323
_BD = np.pi * 3000.0 / 180.0
SPELLINGS = {"wgs": "wgs84", "epsg:4326": "wgs84", "epsg:4490": "cgcs2000", "amap": "gcj02", "baidu": "bd09"}
NAMED = ("wgs84", "cgcs2000", "gcj02", "bd09")


def _shift(lon: Array, lat: Array) -> tuple[Array, Array]:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    waves = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    dlat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    dlat += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    dlat += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    dlon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    dlon += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    dlon += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    magic = 1.0 - _EE * np.sin(phi) ** 2
    dlat = dlat * 180.0 / ((_A * (1.0 - _EE)) / (magic * np.sqrt(magic)) * np.pi)
    dlon = dlon * 180.0 / (_A / np.sqrt(magic) * np.cos(phi) * np.pi)
    return dlon, dlat


def wgs84_to_gcj02(lon: Array, lat: Array) -> tuple[Array, Array]:
    """Shift WGS 84 degrees to GCJ-02 degrees (arrays or numbers)."""
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    dlon, dlat = _shift(lon, lat)
    return lon + dlon, lat + dlat


def gcj02_to_wgs84(lon: Array, lat: Array) -> tuple[Array, Array]:
    """Undo the GCJ-02 shift by fixed-point iteration (five rounds, better than 1e-6 m)."""
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    x, y = lon, lat
    for _ in range(5):
        dlon, dlat = _shift(x, y)
        x, y = lon - dlon, lat - dlat
    return x, y


def gcj02_to_bd09(lon: Array, lat: Array) -> tuple[Array, Array]:
    """Add Baidu's second shift to GCJ-02 degrees."""
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    z = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD)
    theta = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD)
    return z * np.cos(theta) + 0.0065, z * np.sin(theta) + 0.006


def bd09_to_gcj02(lon: Array, lat: Array) -> tuple[Array, Array]:
    """Undo Baidu's second shift by fixed-point iteration."""
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    x, y = lon - 0.0065, lat - 0.006
    for _ in range(6):
        bx, by = gcj02_to_bd09(x, y)
        x, y = x + lon - bx, y + lat - by
    return x, y


def check_name(name: str) -> str:
    """Return a coordinate system's name in the spelling used inside; raise Invalid for one nobody knows."""
    key = name.strip().lower().replace("-", "").replace("_", "")
    key = SPELLINGS.get(key, key)
    if key in NAMED:
        return key
    if key.startswith("epsg:"):
        try:
            CRS.from_user_input(key.upper())
        except CRSError as problem:
            raise Invalid("crs_unknown", field="crs", value=name) from problem
        return key.upper()
    raise Invalid("crs_unknown", field="crs", value=name)


def gauss_kruger_epsg(lon: float) -> int:
    """Return the EPSG code of the CGCS2000 3-degree zone without prefix; CM = 3·round(lon/3), 4534 + (CM − 75)/3."""
    return 4534 + (3 * round(lon / 3) - 75) // 3


@cache
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def to_wgs84(name: str, x: Array, y: Array) -> tuple[Array, Array]:
    """Bring coordinates of a named system ("gcj02", "EPSG:4549" …) to WGS 84 lon, lat degrees."""
    key = check_name(name)
    if key == "gcj02":
        return gcj02_to_wgs84(x, y)
    if key == "bd09":
        return gcj02_to_wgs84(*bd09_to_gcj02(x, y))
    if key in ("wgs84", "cgcs2000"):
        return np.asarray(x, float), np.asarray(y, float)
    return _transformer(key, "EPSG:4326").transform(np.asarray(x, float), np.asarray(y, float))


def from_wgs84(name: str, lon: Array, lat: Array) -> tuple[Array, Array]:
    """Bring WGS 84 lon, lat degrees to a named system."""
    key = check_name(name)
    if key == "gcj02":
        return wgs84_to_gcj02(lon, lat)
    if key == "bd09":
        return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))
    if key in ("wgs84", "cgcs2000"):
        return np.asarray(lon, float), np.asarray(lat, float)
    return _transformer("EPSG:4326", key).transform(np.asarray(lon, float), np.asarray(lat, float))
