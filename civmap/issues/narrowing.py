"""What each kind of thing can be narrowed by, and the rows a viewer sees: one language for lists, map and files."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, or_, select

from civmap.city.narrowing import SEGMENTS, chiefs, in_grid, in_ring, roads
from civmap.city.reach import segments_seen
from civmap.issues import queries as issues
from civmap.issues.filters import COUNTED, FILTERS, check_span
from civmap.issues.models import Issue
from civmap.issues.unseen import NAME as NOT_SEEN
from civmap.issues.unseen import not_seen_days
from civmap.points import queries as points
from civmap.points.models import InspectionPoint
from civmap.segments import queries as segments
from civmap.segments.models import RoadSegment
from civmap.store import listing
from civmap.store.listing import Filter, Here, many, narrowed
from civmap.units import queries as units
from civmap.units.models import Unit
from civmap.zones import queries as zones
from civmap.zones.models import Zone


class Room(NamedTuple):
    """One kind of thing: what is kept, where it lies, the room that answers for it, and its filters."""

    model: Any
    geom: Any
    queries: Any
    filters: Mapping[str, Filter]


def _unit_on_street(here: Here, value: Any) -> Any:
    """Match the units that answer for a segment or a point on some streets, as far as the viewer sees those."""
    names = many(value)
    own = select(InspectionPoint.unit_id).where(InspectionPoint.street.in_(names), points.visible(here.viewer))
    return or_(Unit.id.in_(roads(names, SEGMENTS.c.unit_id).where(segments_seen(here.viewer, SEGMENTS.c))),
               Unit.id.in_(own))


_UNITS: Mapping[str, Filter] = {
    **units.FILTERS, "grid": in_grid(Unit.seat), "within": in_ring(Unit.seat), "street": _unit_on_street,
    "chief": lambda here, value: Unit.id.in_(chiefs(here, many(value), SEGMENTS.c.unit_id)),
}
ROOMS: Mapping[str, Room] = {
    "points": Room(InspectionPoint, InspectionPoint.geom, points, {**points.FILTERS, NOT_SEEN: not_seen_days}),
    "segments": Room(RoadSegment, RoadSegment.geom, segments, segments.FILTERS),
    "zones": Room(Zone, Zone.geom, zones, zones.FILTERS),
    "units": Room(Unit, Unit.seat, units, _UNITS),
    "issues": Room(Issue, Issue.geom, issues, FILTERS),
}
NAMES: Mapping[str, tuple[str, ...]] = {
    kind: tuple(room.filters) if kind == "issues" else (*room.filters, "retired", *COUNTED)
    for kind, room in ROOMS.items()}
"""The names of the filters of each kind."""


def parted(kind: str, filters: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the filters of the things themselves, and those of the issues that are counted on them (`issue_…`)."""
    if kind == "issues":
        return dict(filters), {}
    counted = {name: value for name, value in filters.items() if name in COUNTED}
    return {name: value for name, value in filters.items() if name not in COUNTED}, counted


def conditions(kind: str, here: Here, filters: Mapping[str, Any]) -> list[Any]:
    """Return the conditions of a kind's filters on its model, the same for every kind.

    Policy (`visible`), validity (`store.listing.holding`, with the filter `retired`), frame and `issue_…` filters
    (`counted`) are not among them. Raise Invalid for an unknown filter or a bad value.
    """
    if kind == "issues":
        return issues.conditions(here, filters)
    own, _counted = parted(kind, filters)
    own.pop("retired", None)
    return listing.conditions(ROOMS[kind].filters, here, own)


def counted(here: Here, filters: Mapping[str, Any]) -> list[Any]:
    """Return the conditions of the `issue_…` filters on the issues that are counted; raise Invalid."""
    check_span(filters, "issue_from", "issue_to")
    return listing.conditions(COUNTED, here, filters)


def selected(kind: str, here: Here, filters: Mapping[str, Any], *, bbox: Sequence[float] | None = None,
             limit: int | None = None, after: int | None = None) -> Select[Any]:
    """Return the statement of the rows that a viewer sees, narrowed by filters, frame and validity; raise Invalid."""
    if kind == "issues":
        return issues.selected(here, filters, bbox=bbox, limit=limit, after=after)
    room = ROOMS[kind]
    own, _counted = parted(kind, filters)
    return narrowed(room.model, select(room.model).where(room.queries.visible(here.viewer)), room.filters, here,
                    geom=room.geom, bbox=bbox, filters=own, limit=limit, after=after)
