"""Where a sent area is wrong, and what it may have meant: the place of the fault and a repair to accept.

Repairs of what strangers drew run in the bounded child beyond a few dozen corners: `make_valid` of 200 random ones
took 16 seconds.
"""

import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from civmap.errors import CivmapError, Invalid
from civmap.geo import bounded, overlay
from civmap.geo.overlay import flat, is_wide, without_tails
from civmap.geo.validity import MAX_VERTICES, STORED_DECIMALS, Frame, read_geometry, rounded

AREAS = ("Polygon", "MultiPolygon")
FEW_CORNERS = 48
LONGEST_TAIL_M = 2.0
MOST_READ = 1_000_000
REPAIR_SECONDS = 1.8
_PLACE = re.compile(r"\[(-?[\d.eE+-]+) (-?[\d.eE+-]+)\]")


def read_area(value: Any, frame: Frame, least_m2: float, field: str = "geometry") -> BaseGeometry:
    """Return a sent (Multi)Polygon as `read_geometry` does, if it is wide and large enough and has no hair on it.

    Raise Invalid with `place` (lon, lat of the fault) and, where there is one, `repair`: an area that is accepted.
    """
    try:
        found = read_geometry(value, AREAS, frame, field)
    except Invalid as problem:
        problem.facts.update(_mended(problem, value, frame, field))
        raise
    if flat(found).area < least_m2:
        raise Invalid("area_too_small", field=field, least=least_m2, place=_spot(found))
    if not is_wide(found):
        raise Invalid("area_too_thin", field=field, place=_spot(found))
    _refuse_hairs(found, field)
    return found


def _refuse_hairs(area: BaseGeometry, field: str) -> None:
    """Refuse an area with a tail narrower than 0.05 m that is longer than 2 m; what remains without it is the way out.

    A tail ends in a corner sharper than any that is meant: only such corners are looked at.
    """
    tip = _sharpest(area)
    if tip is None or shapely.get_num_coordinates(area) > 2000:
        return
    left = overlay.areas_of(without_tails(area))
    gone = flat(shapely.difference(area, left))
    tails = [part for part in shapely.get_parts(gone) if part.length / 2 > LONGEST_TAIL_M]
    if not tails:
        return
    kept = shapely.transform(left, lambda xy: np.round(xy, STORED_DECIMALS))
    good = kept.is_valid and not kept.is_empty and _sharpest(kept) is None
    raise Invalid("area_has_spike", field=field, place=_told(tip),
                  **({"repair": rounded(kept, STORED_DECIMALS)} if good else {}))


def _sharpest(area: BaseGeometry) -> tuple[float, float] | None:
    """Return the corner of an area that is sharper than 1.5 degrees, if there is one."""
    for ring in shapely.get_rings(shapely.get_parts(area)):
        own = shapely.get_coordinates(ring)[:-1]
        xy = shapely.get_coordinates(flat(ring))[:-1]
        back, ahead = np.roll(xy, 1, 0) - xy, np.roll(xy, -1, 0) - xy
        size = np.hypot(*back.T) * np.hypot(*ahead.T)
        turn = (back * ahead).sum(1) / np.where(size > 0, size, 1)
        if len(turn) and turn.max() > math.cos(math.radians(1.5)):
            return tuple(own[int(turn.argmax())].tolist())
    return None


def _mended(problem: CivmapError, value: Any, frame: Frame, field: str) -> dict[str, Any]:
    """Return `place` and `repair` of a refused area, as far as they can be told."""
    try:
        found: dict[str, Any] = _WAYS.get(problem.code, lambda *_: {})(problem, value, frame, field)
        return found
    except (CivmapError, ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError):
        return {}


def _crossed(problem: CivmapError, value: Any, frame: Frame, field: str) -> dict[str, Any]:
    met = _PLACE.search(str(problem.facts.get("why", "")))
    told: dict[str, Any] = {}
    if met:
        told["place"] = {"lon": round(float(met[1]), 7), "lat": round(float(met[2]), 7)}
    area = shapely.transform(shapely.geometry.shape({"type": value["type"], "coordinates": value["coordinates"]}),
                             lambda xy: np.round(xy, STORED_DECIMALS))
    few = shapely.get_num_coordinates(area) <= FEW_CORNERS
    try:
        mended = overlay.mended(area) if few else shapely.from_wkb(bounded.run("mend", [area], REPAIR_SECONDS))
    except Invalid:
        return told
    return {**told, **_repair(rounded(mended, STORED_DECIMALS), frame, field)}


def _swapped(_problem: CivmapError, value: Any, frame: Frame, field: str) -> dict[str, Any]:
    turned = _each(value["coordinates"], lambda spot: [spot[1], spot[0]])
    return {"place": _told(next(_spots(turned))),
            **_repair({"type": value["type"], "coordinates": turned}, frame, field)}


def _outside(_problem: CivmapError, value: Any, frame: Frame, _field: str) -> dict[str, Any]:
    west, south, east, north = frame
    middle = (west + east) / 2, (south + north) / 2
    far = max(_spots(value["coordinates"]), key=lambda spot: abs(spot[0] - middle[0]) + abs(spot[1] - middle[1]))
    return {"place": _told(far)}


def _open(_problem: CivmapError, value: Any, frame: Frame, field: str) -> dict[str, Any]:
    polygons = value["coordinates"] if value["type"] == "MultiPolygon" else [value["coordinates"]]
    wrong = next(ring for polygon in polygons for ring in polygon if ring[0] != ring[-1] or len(ring) < 4)
    closed = [[ring if ring[0] == ring[-1] else [*ring, ring[0]] for ring in polygon] for polygon in polygons]
    repair = {"type": value["type"], "coordinates": closed if value["type"] == "MultiPolygon" else closed[0]}
    return {"place": _told(wrong[-1]), **_repair(repair, frame, field)}


def _too_many(_problem: CivmapError, value: Any, frame: Frame, field: str) -> dict[str, Any]:
    """Return a coarser outline of an area with too many corners: of each ring only so many."""
    polygons = value["coordinates"] if value["type"] == "MultiPolygon" else [value["coordinates"]]
    total = sum(len(ring) for polygon in polygons for ring in polygon)
    if total > MOST_READ:
        return {}
    first = polygons[0][0][0]
    told: dict[str, Any] = {"place": _told(first)}
    area = shapely.geometry.shape({"type": "MultiPolygon", "coordinates": polygons})
    coarse = shapely.from_wkb(bounded.run("coarsen", [area], REPAIR_SECONDS))
    return told if coarse.is_empty else {**told, **_repair(rounded(coarse, STORED_DECIMALS), frame, field)}


_WAYS = {"geometry_invalid": _crossed, "coordinates_swapped": _swapped, "outside_city": _outside,
         "ring_not_closed": _open, "geometry_too_large": _too_many}


def _repair(geometry: dict[str, Any], frame: Frame, field: str) -> dict[str, Any]:
    """Return `repair` if the geometry is one that would be accepted."""
    try:
        found = read_geometry(geometry, AREAS, frame, field)
        _refuse_hairs(found, field)
    except Invalid as problem:
        better = problem.facts.get("repair")
        return {"repair": better} if better else {}
    if shapely.get_num_coordinates(found) > MAX_VERTICES or not is_wide(found):
        return {}
    return {"repair": rounded(found, STORED_DECIMALS)}


def _spot(area: BaseGeometry) -> dict[str, float]:
    west, south, east, north = area.bounds
    return {"lon": round((west + east) / 2, 7), "lat": round((south + north) / 2, 7)}


def _told(spot: Any) -> dict[str, float]:
    return {"lon": round(float(spot[0]), 7), "lat": round(float(spot[1]), 7)}


def _spots(value: Any) -> Iterator[Any]:
    if isinstance(value[0], int | float):
        yield value
        return
    for part in value:
        yield from _spots(part)


def _each(value: Any, change: Any) -> Any:
    return change(value) if isinstance(value[0], int | float) else [_each(part, change) for part in value]
