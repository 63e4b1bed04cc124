"""Lines that a drawn outline may snap to: borders of zones, segments, streets with their kerbs, buildings."""

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any

import numpy as np
import shapely
from pydantic import Field
from sqlalchemy import select

from civmap.city.models import Building, StreetEdge
from civmap.errors import Invalid
from civmap.geo.bulk import exported
from civmap.geo.measure import NearPlane
from civmap.segments import queries as segments
from civmap.segments.models import RoadSegment
from civmap.store.base import holds_at
from civmap.store.spatial import in_frame
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Exact, FeatureCollection
from civmap.web.api.lists import GEOJSON, frame
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer
from civmap.zones import queries as zones
from civmap.zones.models import Zone

WIDEST = 0.05  # degrees: about five kilometres, more than one draws in at once
MOST_ROWS, MOST_CORNERS = 3000, 60_000
DECIMALS = 9  # as they are stored: what snaps to a neighbour's corner has that very corner
Row = tuple[str, str | None, str | None, str | None, Any]
Box = Sequence[float]


class LineworkQuery(Exact):
    """Which lines, and where."""

    bbox: Annotated[str, Field(max_length=120, description=f"west,south,east,north; {WIDEST} degrees wide at most")]
    kinds: Annotated[str, Field(max_length=80, description="zones, segments, streets, kerbs, buildings; by comma")] = (
        "zones,streets,kerbs,buildings")


@operation("GET", "/linework", summary="Lines nearby that a drawn outline may snap to", permission=SIGNED_IN,
           tag="zones", query=LineworkQuery, answers={200: FeatureCollection})
def linework(desk: Desk, query: LineworkQuery) -> Answer:
    """Answer the lines of a small frame as they are stored; `is_cut` tells where there were more of them."""
    box = frame(query.bbox)
    west, south, east, north = box
    if not (west < east and south < north):
        raise Invalid("bbox_unreadable", field="bbox")
    if east - west > WIDEST or north - south > WIDEST:
        raise Invalid("bbox_too_wide", field="bbox", most=WIDEST)
    unknown = sorted(set(_names(query.kinds)) - set(READ))
    if unknown:
        raise Invalid("unknown_linework", field="kinds", values=unknown, known=list(READ))
    rows = [row for kind in _names(query.kinds) for row in READ[kind](desk, box)]
    kept = _within_measure(rows)
    shapes = exported([row[-1] for row in kept], DECIMALS)
    features = [{"type": "Feature", "geometry": shape,
                 "properties": {"layer": layer, "code": code, "name": name, "kind": kind}}
                for (layer, code, name, kind, _), shape in zip(kept, shapes, strict=True)]
    return Answer({"type": "FeatureCollection", "features": features, "is_cut": len(kept) < len(rows)}, 200, {},
                  GEOJSON)


def _names(text: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _within_measure(rows: Sequence[Row]) -> list[Row]:
    """Return the first rows that together have no more corners than a browser follows with the pointer."""
    if not rows:
        return []
    corners = np.cumsum(shapely.get_num_coordinates(np.array([row[-1] for row in rows], dtype=object)))
    return list(rows[:max(1, int(np.searchsorted(corners, MOST_CORNERS, side="right")))])


def _zones(desk: Desk, box: Box) -> Iterator[Row]:
    wanted = (zones.visible(desk.viewer), holds_at(Zone, desk.now), in_frame(Zone.geom, *box))
    for code, name, kind, geom in desk.session.execute(
            select(Zone.code, Zone.name, Zone.kind, Zone.geom).where(*wanted).order_by(Zone.id).limit(MOST_ROWS)):
        yield "zones", code, name, kind, geom


def _segments(desk: Desk, box: Box) -> Iterator[Row]:
    wanted = (segments.visible(desk.viewer), holds_at(RoadSegment, desk.now), in_frame(RoadSegment.geom, *box))
    for code, name, geom in desk.session.execute(select(RoadSegment.code, RoadSegment.name, RoadSegment.geom)
                                                 .where(*wanted).order_by(RoadSegment.id).limit(MOST_ROWS)):
        yield "segments", code, name, None, geom


def _street_rows(desk: Desk, box: Box) -> list[Any]:
    return list(desk.session.execute(select(StreetEdge.name, StreetEdge.width_m, StreetEdge.geom)
                                     .where(in_frame(StreetEdge.geom, *box)).order_by(StreetEdge.id).limit(MOST_ROWS)))


def _streets(desk: Desk, box: Box) -> Iterator[Row]:
    for name, _, geom in _street_rows(desk, box):
        yield "streets", None, name, None, geom


def _kerbs(desk: Desk, box: Box) -> Iterator[Row]:
    """Go over both edges of each street that has a width: half of it to either side of the centre line."""
    rows = [row for row in _street_rows(desk, box) if row.width_m]
    if not rows:
        return
    plane = NearPlane((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    lines = plane.to_metres(np.array([row.geom for row in rows], dtype=object))
    half = np.array([row.width_m / 2 for row in rows])
    for side in (half, -half):
        edges = shapely.offset_curve(lines, side, join_style="mitre")
        stored = shapely.transform(edges, lambda xy: xy / plane.scale + (plane.lon, plane.lat))
        for row, edge in zip(rows, stored, strict=True):
            if not edge.is_empty:
                yield "kerbs", None, row.name, None, edge


def _buildings(desk: Desk, box: Box) -> Iterator[Row]:
    for name, geom in desk.session.execute(select(Building.name, Building.geom).where(in_frame(Building.geom, *box))
                                           .order_by(Building.id).limit(MOST_ROWS)):
        yield "buildings", None, name, None, geom


READ: dict[str, Callable[[Desk, Box], Iterator[Row]]] = {
    "zones": _zones, "segments": _segments, "streets": _streets, "kerbs": _kerbs, "buildings": _buildings,
}
