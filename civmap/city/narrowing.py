"""Narrowing by place, the same for every room: streets, road chiefs, grids and rings drawn on the map.

Rooms may not know each other, so segments, chiefs and zones are light tables here; what a viewer does not see
narrows nothing and cannot be told from what is not there.
"""

import math
from functools import lru_cache
from typing import Any

import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Select, column, or_, select, table

from civmap.city.reach import segments_seen, zones_seen
from civmap.errors import Invalid
from civmap.store.base import Geom
from civmap.store.listing import Filter, Here, many, one_of
from civmap.store.spatial import intersects, reaches_into

MOST_VERTICES = 200
MOST_GRIDS = 50
SEGMENTS = table("road_segment", *(column(name) for name in ("id", "code", "road", "division", "unit_id")))
_CHIEFS = table("segment_chief", column("segment_id"), column("name"))
_ZONES = table("zone", *(column(name) for name in ("id", "code", "kind", "division", "unit_id", "adopting_unit_id",
                                                   "segment_code")), column("geom", Geom()))


def roads(names: list[str], wanted: Any) -> Select[Any]:
    """Return a column of the segments on roads of some names."""
    return select(wanted).where(SEGMENTS.c.road.in_(names))


def chiefs(here: Here, names: list[str], wanted: Any) -> Select[Any]:
    """Return a column of the segments that chiefs of some names hold, among those the viewer sees."""
    held = select(_CHIEFS.c.segment_id).where(_CHIEFS.c.name.in_(names))
    return select(wanted).where(SEGMENTS.c.id.in_(held), segments_seen(here.viewer, SEGMENTS.c))


def of_chiefs(target: Any, wanted: Any) -> Filter:
    """Return a filter: the target column is one that segments of the named chiefs have as `wanted`."""
    return lambda here, value: target.in_(chiefs(here, many(value), wanted))


def of_roads(target: Any, wanted: Any) -> Filter:
    """Return a filter: the target column is one that segments of the named roads have as `wanted`."""
    return lambda here, value: target.in_(roads(many(value), wanted))


def of_codes(model: Any) -> Filter:
    """Return a filter: the code is one of many."""
    return lambda here, value: one_of(model.code, many(value))


def in_grid(geom: Any, is_area: bool = False) -> Filter:
    """Return a filter: the geometry meets one of the zones named; areas that only share a border do not."""
    meets = reaches_into if is_area else intersects
    return lambda here, value: or_(*(meets(geom, grid) for grid in grids(here, value)))


def grids(here: Here, value: Any) -> list[BaseGeometry]:
    """Return the shapes of the zones named, as far as the viewer sees them; raise Invalid where one is not there."""
    codes = many(value)
    if len(codes) > MOST_GRIDS:
        raise Invalid("filter_too_long", count=len(codes), most=MOST_GRIDS)
    found = {code: geom for code, geom in here.session.execute(select(_ZONES.c.code, _ZONES.c.geom).where(
        _ZONES.c.code.in_(codes), zones_seen(here.viewer, _ZONES.c)))}
    for code in codes:
        if code not in found:
            raise Invalid("unknown_zone", value=code[:64])
    return list(found.values())


def in_ring(geom: Any) -> Filter:
    """Return a filter: the geometry meets the area that a drawn ring encloses."""
    return lambda here, value: intersects(geom, ring(str(value)))


@lru_cache(maxsize=64)
def ring(text: str) -> BaseGeometry:
    """Return the area that `lon,lat;lon,lat;…` encloses, whichever way the hand crossed itself; raise Invalid."""
    try:
        spots = [(float(lon), float(lat)) for lon, lat in (part.split(",") for part in text.strip("; ").split(";"))]
    except ValueError as problem:
        raise Invalid("ring_unreadable") from problem
    if len(spots) > MOST_VERTICES + 1:
        raise Invalid("ring_too_long", count=len(spots), most=MOST_VERTICES)
    if not all(math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in spots):
        raise Invalid("ring_unreadable")
    if len(set(spots)) < 3:
        raise Invalid("ring_without_area")
    drawn = Polygon(spots)
    if not drawn.is_valid:
        faces = shapely.polygonize([shapely.node(shapely.LinearRing(spots))])
        drawn = shapely.union_all([shapely.Polygon(face.exterior) for face in faces.geoms])
    if drawn.is_empty or not drawn.area:
        raise Invalid("ring_without_area")
    return drawn
