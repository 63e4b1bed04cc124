"""Geometries and coordinate systems as layers bring them, for the programs that read layers."""

import json
import re
from collections.abc import Sequence
from typing import Any

MAPPED_BYTES = 220 << 20
_NAME = re.compile(r'^\s*(?:PROJCS|GEOGCS|PROJCRS|GEOGCRS|COMPD_CS)\s*\[\s*"([^"]{1,120})"', re.IGNORECASE)
CGCS_NAMES = ("CHINA_2000", "CHINA 2000", "CGCS2000", "CGCS_2000", "CHINA GEODETIC COORDINATE SYSTEM 2000",
              "2000国家大地")


def geojson(blobs: Sequence[bytes | None]) -> list[Any]:
    """Return well-known binaries as flat GeoJSON objects; None for what is empty, broken or not finite."""
    import numpy as np
    import shapely

    found = shapely.force_2d(shapely.from_wkb(np.array(blobs, object), on_invalid="ignore"))
    places, owner = shapely.get_coordinates(found, return_index=True)
    found[np.unique(owner[~np.isfinite(places).all(axis=1)])] = None
    found[shapely.is_empty(found)] = None
    return [json.loads(text) if text else None for text in shapely.to_geojson(found)]


def system(written: str) -> str | None:
    """Return the EPSG code of a system written as WKT; the Gauss–Krüger zones of CGCS2000 by their numbers."""
    if not written.strip():
        return None
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        found = CRS.from_user_input(written)
    except CRSError:
        return None
    code = _gauss_kruger(written) if found.is_projected else 4490 if _is_cgcs(written) else None
    code = code or found.to_epsg() or found.to_epsg(min_confidence=25)
    return f"EPSG:{code}" if code else None


def name_of(written: str) -> str | None:
    """Return the name that a system written as WKT has."""
    found = _NAME.match(written)
    return found[1] if found else None


def _is_cgcs(written: str) -> bool:
    return any(name in written.upper() for name in CGCS_NAMES)


def _gauss_kruger(written: str) -> int | None:
    """Return the code of a 3- or 6-degree zone of CGCS2000, with or without the zone before the easting."""
    if not _is_cgcs(written) or not re.search("Transverse_Mercator|Gauss", written, re.IGNORECASE):
        return None
    said = {name.lower(): float(value) for name, value in re.findall(
        r'PARAMETER\s*\[\s*"(central_meridian|false_easting|scale_factor|longitude_of_natural_origin)"\s*,\s*'
        r"(-?[\d.]+)", written, re.IGNORECASE)}
    middle, east = said.get("central_meridian", said.get("longitude_of_natural_origin")), said.get("false_easting")
    if middle is None or east is None or said.get("scale_factor", 1.0) != 1.0 or middle % 3:
        return None
    zone, prefix = round(middle / 3), int(east // 1_000_000)
    if east % 1_000_000 != 500_000 or not 25 <= zone <= 45:
        return None
    if prefix == 0:
        is_six = re.search(r"(?<![_\d])6[_ -]?degree", written, re.IGNORECASE) or (
            middle % 6 == 3 and not re.search(r"3[_ -]?degree", written, re.IGNORECASE) and "GK_CM" in written)
        return 4502 + round((middle - 75) / 6) if is_six else 4534 + zone - 25
    if prefix == zone:
        return 4513 + zone - 25
    return 4491 + prefix - 13 if middle % 6 == 3 and prefix == round((middle + 3) / 6) else None
