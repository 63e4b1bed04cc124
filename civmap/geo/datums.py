"""What a pair of numbers may mean: degrees of three systems, metres of many zones, or a slip of the pen.

WGS 84 and CGCS2000 degrees are one system here (centimetres apart). GCJ-02 is what Amap and Tencent write, BD-09 what
Baidu writes. Gauss–Krüger metres carry an easting of 500 km at their meridian, sometimes with the zone's number before
it (3-degree zones 25–45: meridian 3n; 6-degree zones 13–23: meridian 6n − 3; EPSG registry 4491–4554, Xian 1980
2327–2390, Beijing 1954 2401–2442 and 21413–21463); surveyors write north before east. Source: `domain.md` §6, EPSG.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from civmap.geo import crs as systems
from civmap.geo.validity import CHINA, Frame

Array = NDArray[np.float64]
DEGREES = ("wgs84", "gcj02", "bd09")
MERIDIANS = range(75, 136, 3)
OLD = {"xian80": "EPSG:2370", "beijing54": "EPSG:2422"}
BESIDE = 4.0
"""How many degrees beside its meridian a zone is used at most."""
_WORDS = (
    ("bd09", ("百度", "bd09", "bd-09", "bd 09", "baidu")),
    ("gcj02", ("高德", "腾讯", "火星", "gcj", "amap", "autonavi", "国测局")),
    ("xian80", ("西安80", "西安1980", "1980西安", "xian80", "xian1980", "xian 1980", "80西安", "xian_1980")),
    ("beijing54", ("北京54", "北京1954", "1954北京", "beijing54", "beijing1954", "beijing 1954", "beijing_1954")),
    ("EPSG:3857", ("3857", "web mercator", "webmercator", "web_mercator", "墨卡托", "mercator_auxiliary", "900913")),
    ("cgcs2000", ("cgcs", "2000", "4490", "天地图", "tianditu", "国家大地")),
    ("wgs84", ("wgs", "gps", "4326", "84", "osm", "北斗", "原始坐标")))
_GEOGRAPHIC = {"4610": "xian80", "4214": "beijing54", "4555": "beijing54"}
_EPSG = re.compile(r"epsg\D{0,5}(\d{4,5})")
_MERIDIAN = re.compile(r"(?:中央经线|中央子午线|central[ _]?meridian|cm|meridian)\D{0,4}(\d{2,3})")
_METRES = re.compile(r"度带|高斯|gauss|zone|投影|米制|平面|中央经线|中央子午线|kruger")


@dataclass(frozen=True, slots=True)
class Said:
    """What a file says of its numbers: the system ("gcj02", "cgcs2000", "xian80" …), and a meridian where it tells."""

    system: str
    meridian: int | None = None
    is_metres: bool = False


@lru_cache(maxsize=4096)
def said(text: str) -> Said | None:
    """Return the system that words name (高德, BD-09, "CGCS2000 3度带 中央经线120"), or None where they name none."""
    plain = unicodedata.normalize("NFKC", text).casefold().strip()
    if not plain or plain == "auto":
        return None
    meridian = _MERIDIAN.search(plain)
    told = int(meridian[1]) if meridian and int(meridian[1]) in MERIDIANS else None
    number = _EPSG.search(plain)
    if number and number[1] in _GEOGRAPHIC:
        return Said(_GEOGRAPHIC[number[1]], told)
    if number and number[1] not in ("4326", "4490", "3857"):
        return Said(f"EPSG:{number[1]}", told, True)
    for system, words in _WORDS:
        if any(word in plain for word in words):
            return Said(system, told, bool(told or _METRES.search(plain)))
    return Said("cgcs2000", told, True) if told or _METRES.search(plain) else None


def to_degrees(name: str, x: Array, y: Array) -> tuple[Array, Array]:
    """Bring numbers of a named system to lon, lat; what has no place there is NaN, never an error."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    with np.errstate(all="ignore"):
        lon, lat = systems.to_wgs84(name, x, y)
    wrong = ~(np.isfinite(lon) & np.isfinite(lat))
    return np.where(wrong, np.nan, lon), np.where(wrong, np.nan, lat)


def inside(lon: Array, lat: Array, frame: Frame) -> NDArray[np.bool_]:
    """Tell which spots lie in a frame (NaN does not)."""
    with np.errstate(invalid="ignore"):
        return (lon >= frame[0]) & (lon <= frame[2]) & (lat >= frame[1]) & (lat <= frame[3])


def look_like_degrees(x: Array, y: Array) -> NDArray[np.bool_]:
    """Tell which pairs can be longitude and latitude of some place."""
    with np.errstate(invalid="ignore"):
        return (np.abs(x) <= 180) & (np.abs(y) <= 90)


def look_like_metres(x: Array, y: Array) -> NDArray[np.bool_]:
    """Tell which pairs can be metres of a projection: both of six digits and more."""
    with np.errstate(invalid="ignore"):
        return (np.abs(x) >= 1e5) & (np.abs(y) >= 1e5)


def east_first(x: Array, y: Array) -> tuple[Array, Array]:
    """Return metres as east, north: in China a zone's northing lies between 1.8 and 6.1 million, its easting never.

    With the zone's number before it an easting has eight digits. Web Mercator's east is always above its north.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    with np.errstate(invalid="ignore"):
        turned = ((x > 1.2e6) & (x < 6.2e6) & ((y < 1.2e6) | (y > 1.3e7))) | ((x > 1.8e6) & (x < 7.2e6) & (y > 8e6))
    return np.where(turned, y, x), np.where(turned, x, y)


def metre_systems(east: float, north: float, frame: Frame = CHINA, told: Said | None = None) -> list[str]:
    """Return the projected systems in which a pair of metres falls into a frame, the likeliest first.

    What a file says (`told`) goes before; a said Xian 1980 or Beijing 1954 is followed by CGCS2000 of the same zone.
    """
    names: list[str] = []
    if told and told.system.startswith("EPSG:"):
        names.append(told.system)
    families = [told.system] if told and told.system in OLD else []
    near = [meridian for meridian in MERIDIANS if frame[0] - BESIDE <= meridian <= frame[2] + BESIDE]
    meridians = [told.meridian] if told and told.meridian else near
    for family in [*families, "cgcs2000"]:
        names += _zones(family, east, meridians)
    if east < 1e6:
        names += [f"EPSG:{32600 + (meridian + 183) // 6}" for meridian in near if (meridian + 183) % 6 == 0]
    names.append("EPSG:3857")
    fitting = [name for name in dict.fromkeys(names) if _fits(name, east, north, frame)]
    return sorted(fitting, key=lambda name: name.startswith("EPSG:326")) if not told else fitting


def _fits(name: str, east: float, north: float, frame: Frame) -> bool:
    lon, lat = to_degrees(name, np.array([east]), np.array([north]))
    return bool(inside(lon, lat, frame)[0]) and _near_meridian(name, float(lon[0]))


def _near_meridian(name: str, lon: float) -> bool:
    number = int(name[5:])
    meridian = (75 + 3 * (number - 4534) if 4534 <= number <= 4554 else
                6 * (number - 32600) - 183 if 32643 <= number <= 32653 else None)
    return meridian is None or abs(lon - meridian) <= BESIDE


def _zones(family: str, east: float, meridians: list[int]) -> list[str]:
    """Return the zones of a datum that an easting may belong to: by its prefix, or every meridian without one."""
    zone = int(east // 1_000_000)
    three, six = {"cgcs2000": (4513, 4491), "xian80": (2349, 2327), "beijing54": (2401, 21413)}[family]
    if 25 <= zone <= 45:
        return [f"EPSG:{three + zone - 25}"]
    if 13 <= zone <= 23:
        return [f"EPSG:{six + zone - 13}"]
    first = {"cgcs2000": 4534, "xian80": 2370, "beijing54": 2422}[family]
    return [f"EPSG:{first + (meridian - 75) // 3}" for meridian in meridians] if zone == 0 else []


def is_old(name: str) -> bool:
    """Tell whether a system is Xian 1980 or Beijing 1954, whose shift (up to 150 m) is not public."""
    number = int(name[5:]) if name.startswith("EPSG:") else 0
    return 2327 <= number <= 2390 or 2401 <= number <= 2442 or 21413 <= number <= 21463


SHIFTS = (-2, -1, 1, 2, 3, 4, 5, 6, 7, 8)
SLIPS = ("", "coordinates_swapped", "coordinates_decimal_point", "coordinates_packed")
_SHIFTED_DEG = 0.03


def slips(x: Array, y: Array, frame: Frame, system: str = "wgs84") -> tuple[NDArray[np.int8], Array, Array]:
    """Return for each pair the slip of the pen (index in `SLIPS`, 0 none) that brings it into a frame, with lon, lat.

    Tried in this order: turned round, one decimal point lost, degrees-minutes-seconds written as one number, each also
    turned round, two points lost. `system` says in which the numbers were meant.
    """
    code, lon, lat = np.zeros(len(x), np.int8), np.full(len(x), np.nan), np.full(len(x), np.nan)
    wide = (frame[0] - _SHIFTED_DEG, frame[1] - _SHIFTED_DEG, frame[2] + _SHIFTED_DEG, frame[3] + _SHIFTED_DEG)
    left = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    for slip, a, b in _tries(np.asarray(x, float)[left], np.asarray(y, float)[left]):
        rows = np.flatnonzero((code[left] == 0) & inside(a, b, wide))
        if len(rows):
            east, north = to_degrees(system, a[rows], b[rows])
            good = inside(east, north, frame)
            at = left[rows[good]]
            code[at], lon[at], lat[at] = slip, east[good], north[good]
    return code, lon, lat


def _tries(x: Array, y: Array) -> Iterator[tuple[int, Array, Array]]:
    yield 1, y, x
    for a, b in ((x, y), (y, x)):
        for power in SHIFTS:
            yield 2, a / 10.0 ** power, b
            yield 2, a, b / 10.0 ** power
        for power in SHIFTS:
            yield 2, a / 10.0 ** power, b / 10.0 ** power
        yield 3, unpacked(a), unpacked(b)
        yield 3, unpacked(a), b
        yield 3, a, unpacked(b)
    for one in SHIFTS:
        for other in SHIFTS:
            yield 2, x / 10.0 ** one, y / 10.0 ** other


def unpacked(value: Array) -> Array:
    """Return the degrees of numbers that hold degrees, minutes and seconds (1184612.35, or 118.461235); NaN others."""
    packed = np.abs(value)
    with np.errstate(invalid="ignore"):
        packed = np.where(packed < 360, np.round(packed * 1e4, 6), packed)
        degrees, rest = np.divmod(packed, 1e4)
        minutes, seconds = np.divmod(rest, 1e2)
        good = (packed >= 1e4) & (packed < 3.6e6) & (minutes < 60) & (seconds < 60)
    return np.where(good, degrees + minutes / 60 + seconds / 3600, np.nan)
