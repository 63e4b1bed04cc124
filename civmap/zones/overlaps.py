"""Whether a zone takes ground that another one of its kind already holds, and the refusal that shows a way out."""

from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from civmap.errors import Conflict, Invalid
from civmap.geo.bounded import compare
from civmap.geo.measure import area_m2
from civmap.geo.validity import STORED_DECIMALS, check_geometry, rounded
from civmap.zones.models import Zone
from civmap.zones.queries import Span, neighbours

MOST_NEIGHBOURS = 2000
MOST_SHOWN = 50


def settled(session: Session, geometry: BaseGeometry, kind: str, span: Span,
            exclude: int | None = None) -> BaseGeometry:
    """Return a zone's geometry as it is kept: overlaps of less than 0.05 m with neighbours of its kind snapped away.

    Raise Conflict `zone_overlap` with `overlaps` (zone, name, area_m2, geometry) and `suggestion`, a geometry that is
    accepted as it stands or None; Invalid where the shapes are too many or too complex to compare.
    """
    near = neighbours(session, geometry, kind, span, exclude, MOST_NEIGHBOURS + 1)
    if len(near) > MOST_NEIGHBOURS:
        raise Invalid("zone_over_too_many", field="geometry", most=MOST_NEIGHBOURS)
    if not near:
        return geometry
    found = compare(geometry, [zone.geom for zone in near])
    if found.overlaps:
        raise _refusal([(near[index], shape) for index, shape in found.overlaps], found.suggestion)
    return geometry if found.settled.equals(geometry) else check_geometry(found.settled)


def _refusal(shared: list[tuple[Zone, BaseGeometry]], suggestion: BaseGeometry | None) -> Conflict:
    overlaps: list[dict[str, Any]] = [
        {"zone": zone.code, "name": zone.name, "area_m2": round(area_m2(shape), 2),
         "geometry": rounded(shape, STORED_DECIMALS)} for zone, shape in shared]
    overlaps.sort(key=lambda each: -each["area_m2"])
    first = overlaps[0]
    return Conflict("zone_overlap", field="geometry", overlaps=overlaps[:MOST_SHOWN], count=len(overlaps),
                    neighbour=first["name"] or first["zone"], zone=first["zone"], area_m2=f"{first['area_m2']:.1f}",
                    suggestion=None if suggestion is None else rounded(suggestion, STORED_DECIMALS))
