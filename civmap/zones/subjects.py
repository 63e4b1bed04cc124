"""The zones an operation is about, and what a part of one takes over from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.city.queries import frame_of
from civmap.errors import Conflict, Invalid, NotFound
from civmap.geo.mending import read_area
from civmap.geo.validity import read_geometry
from civmap.people.rules import Viewer
from civmap.zones import fitting, places, queries, rules
from civmap.zones.fitting import Span, Stood
from civmap.zones.models import Zone
from civmap.zones.plans import KIND, Plan

LINES = ("LineString", "MultiLineString")
MARGIN, MOST_LINES = 0.05, 200
TAKEN_OVER = ("kind", "unit_id", "parent_id", "adopting_unit_id", "segment_code", "side", "depth_rule", "depth_m",
              "level", "valid_to", "is_partial")
OF_ONE_HOLDER = frozenset({"unit_id", "adopting_unit_id"})


@dataclass(frozen=True)
class Proposal:
    """What an operation would change, and what the clerk should know: codes of the catalogue with their facts."""

    plan: Plan
    notes: tuple[tuple[str, Mapping[str, Any]], ...] = ()


def subject(session: Session, viewer: Viewer, code: str, now: datetime) -> Zone:
    """Return the zone of a code as it stands; raise NotFound, Forbidden, or Conflict where it has ended."""
    viewer.must("edit", KIND)
    row = session.scalar(select(Zone).where(Zone.code == code, queries.visible(viewer))
                         .execution_options(populate_existing=True))
    if row is None:
        raise NotFound("zone_not_found", field="code", code=code)
    places.must_hold(viewer, row)
    if row.valid_to is not None and row.valid_to <= now:
        raise Conflict("zone_has_ended", field="code", code=code)
    return row


def called(row: Zone) -> str:
    """Return how a refusal calls a zone: its name with the code, the code alone where it bears no other name."""
    return f"{row.name}({row.code})" if row.name and row.name != row.code else row.code


def span_of(row: Zone, now: datetime) -> Span:
    """Return when a zone holds, from now on."""
    return rules.checked_span(row.valid_from, row.valid_to, now) or (now, row.valid_to)


def beside(session: Session, row: Zone, shapes: Sequence[BaseGeometry], now: datetime,
           exclude: Sequence[int] = ()) -> list[Stood]:
    """Return the other zones of the same kind around shapes that hold with a zone."""
    around = fitting.stood_around(session, row.kind, span_of(row, now), shapes, {row.id, *exclude})
    return [zone for zone in around if zone.kind == row.kind]


def area_of(session: Session, value: Any, field: str = "geometry") -> BaseGeometry:
    """Return a sent area (GeoJSON geometry or Feature); raise Invalid."""
    return read_area(_geometry(value), frame_of(session), rules.LEAST_M2, field)


def line_of(session: Session, value: Any, field: str = "line") -> BaseGeometry:
    """Return a sent line (GeoJSON geometry or Feature); it may go beyond the city's frame. Raise Invalid."""
    west, south, east, north = frame_of(session)
    wide, tall = max(east - west, MARGIN), max(north - south, MARGIN)
    line = read_geometry(_geometry(value), LINES, (west - wide, south - tall, east + wide, north + tall), field)
    if shapely.get_num_geometries(line) > MOST_LINES:
        raise Invalid("shapes_too_complex", field=field)
    return line


def _geometry(value: Any) -> Any:
    return value.get("geometry") if isinstance(value, dict) and value.get("type") == "Feature" else value


def part_of(session: Session, row: Zone, number: int, name: str | None) -> dict[str, Any]:
    """Return the columns of a new part of a zone.

    Who holds a frontage zone keeps one part, the one that keeps the code: the others have no holder and no pledge yet.
    """
    values = {column: getattr(row, column) for column in TAKEN_OVER}
    if row.kind == "frontage":
        values = {column: value for column, value in values.items() if column not in OF_ONE_HOLDER}
    values["name"] = (name or (f"{row.name[:190]}-{number}" if row.name else ""))[:200]
    values["code_prefix"] = places.parent_prefix(session, row.parent_id, row.kind) or _own_prefix(row)
    return values


def _own_prefix(row: Zone) -> str | None:
    is_division = rules.division_of_border(row.kind, row.code) and len(row.code) == rules.CODE_LENGTHS.get(row.kind)
    return row.code[:-3] if is_division else None
