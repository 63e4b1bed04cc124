"""How far a viewer's eyes reach over the objects of the city, as SQL conditions (policy: `domain.md` §1)."""

from typing import Any

from sqlalchemy import Select, column, false, or_, select, table, true

from civmap.errors import Forbidden
from civmap.people.rules import SEES_ALL, TERRITORIAL, Viewer
from civmap.store.listing import begins_with

SEES_REFERENCE = frozenset({"industry_lead", "discipline"})
HANDLES = frozenset({"unit_handler", "unit_head"})
_SEGMENTS = table("road_segment", column("code"), column("road"))


def reach(viewer: Viewer, *, division: Any, units: tuple[Any, ...], road: Any) -> Any:
    """Return the condition that an object is within a viewer's reach.

    `division` is the column of its division code, `units` those of the units that answer for it, `road` the
    condition that it belongs to the roads a chief holds. Shops and the public get nothing here.
    """
    if viewer.sees_all or viewer.role in SEES_REFERENCE:
        return true()
    if viewer.role in SEES_ALL | TERRITORIAL:
        return begins_with(division, viewer.territory) if viewer.territory else false()
    if viewer.role in HANDLES:
        return of_units(viewer.unit_ids, *units)
    return road if viewer.role == "road_chief" else false()


def segments_seen(viewer: Viewer, segment: Any) -> Any:
    """Return the condition that a viewer sees a segment: a chief sees all segments of the own roads.

    `segment` has the columns of a segment: its model, or a light table where rooms may not know each other.
    """
    return reach(viewer, division=segment.division, units=(segment.unit_id,),
                 road=segment.code.in_(segments_held(viewer.segment_codes)))


def zones_seen(viewer: Viewer, zone: Any) -> Any:
    """Return the condition that a viewer sees a zone; borders are open to all who sign in, shops see their own."""
    if viewer.role == "shop":
        return of_units(viewer.unit_ids, zone.unit_id)
    within = reach(viewer, division=zone.division, units=(zone.unit_id, zone.adopting_unit_id),
                   road=zone.segment_code.in_(segments_held(viewer.segment_codes)))
    return within if viewer.role == "public" else or_(within, zone.kind.in_(("subdistrict", "community")))


def of_units(ids: frozenset[int], *columns: Any) -> Any:
    """Return the condition that one of the columns names one of the units."""
    return or_(*(unit.in_(ids) for unit in columns)) if ids else false()


def roads_held(segment_codes: frozenset[str]) -> Select[Any]:
    """Return the names of the roads that some segments belong to, nameless ones aside."""
    return select(_SEGMENTS.c.road).where(_SEGMENTS.c.code.in_(segment_codes), _SEGMENTS.c.road != "")


def segments_held(segment_codes: frozenset[str]) -> Select[Any]:
    """Return the codes of all segments of the roads that some segments belong to, these included."""
    return select(_SEGMENTS.c.code).where(
        or_(_SEGMENTS.c.code.in_(segment_codes), _SEGMENTS.c.road.in_(roads_held(segment_codes))))


def must_reach(viewer: Viewer, division: str | None) -> None:
    """Refuse a place outside the territory of a viewer who has one; raise Forbidden."""
    if viewer.territory and not (division or "").startswith(viewer.territory):
        raise Forbidden("outside_territory", field="geometry", territory=viewer.territory, division=division or "—")
