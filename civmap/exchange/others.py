"""What leaves the house beside the five kinds of the map: shops, streets, buildings, people, duties and holidays.

Each row tells just the fields that an import of its kind reads, so that it comes back as it went.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import shapely
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased

from civmap.assignment.models import Duty
from civmap.city.models import Building, Holiday, StreetEdge
from civmap.clock import iso
from civmap.errors import Invalid
from civmap.exchange.layout import Feature
from civmap.geo.validity import EXPORT_DECIMALS
from civmap.people.models import Person
from civmap.people.rules import Viewer, phone_for
from civmap.store.base import holds_at
from civmap.store.listing import checked_frame
from civmap.store.spatial import in_frame
from civmap.units import queries as units
from civmap.units.models import Unit
from civmap.zones.models import Zone

PORTION = 2_000
Rows = Iterator[tuple[dict[str, Any], Any]]
NEEDED: Mapping[str, tuple[str, str]] = {
    "shops": ("export", "unit"), "streets": ("export", "segment"), "buildings": ("export", "segment"),
    "people": ("manage", "person"), "duties": ("import", "unit"), "holidays": ("export", "issue")}
"""Which right each kind asks for."""


def features(session: Session, viewer: Viewer, kind: str, now: datetime, *, q: str | None = None,
             bbox: Sequence[float] | None = None, filters: Mapping[str, Any] | None = None) -> Iterator[Feature]:
    """Yield the rows of a kind as features (EPSG:4326, or without a place); raise Forbidden or Invalid."""
    viewer.must(*NEEDED[kind])
    if filters:
        raise Invalid("unknown_filter", field=next(iter(filters)), name=next(iter(filters)), known=["bbox", "q"])
    return _features(SOURCES[kind](session, viewer, now, q, bbox))


def _features(rows: Rows) -> Iterator[Feature]:
    for properties, geometry in rows:
        shape = None if geometry is None else shapely.geometry.mapping(
            shapely.transform(geometry, lambda xy: xy.round(EXPORT_DECIMALS)))
        yield {"type": "Feature", "id": properties.get("code") or properties.get("name"), "geometry": shape,
               "properties": properties}


def _asked(statement: Select[Any], q: str | None, columns: Sequence[Any], geom: Any = None,
           bbox: Sequence[float] | None = None) -> Select[Any]:
    if q:
        statement = statement.where(or_(*(column.icontains(q, autoescape=True) for column in columns)))
    if bbox is not None and geom is not None:
        statement = statement.where(in_frame(geom, *checked_frame(bbox)))
    return statement.execution_options(yield_per=PORTION)


def _shops(session: Session, viewer: Viewer, now: datetime, q: str | None, bbox: Sequence[float] | None) -> Rows:
    above = aliased(Unit)
    pledge = {row.unit_id: row for row in session.execute(
        select(Zone.unit_id, Zone.pledge_signed_on, Zone.pledge_expires_on).where(
            Zone.kind == "frontage", Zone.unit_id.is_not(None), holds_at(Zone, now)).order_by(Zone.id.desc()))}
    asked = select(Unit, above.code).outerjoin(above, above.id == Unit.parent_id).where(
        Unit.kind == "shop", units.visible(viewer), holds_at(Unit, now)).order_by(Unit.id)
    for shop, parent in session.execute(_asked(asked, q, (Unit.code, Unit.name), Unit.seat, bbox)):
        signed = pledge.get(shop.id)
        yield {"code": shop.code, "name": shop.name, "door_width_m": shop.door_width_m, "door_no": shop.door_no,
               "holder": shop.holder, "phone": phone_for(viewer, shop.phone, shop.id), "address": shop.address,
               "parent": parent, "pledge_signed_on": str(signed.pledge_signed_on or "") or None if signed else None,
               "pledge_expires_on": str(signed.pledge_expires_on or "") or None if signed else None}, shop.seat


def _streets(session: Session, _viewer: Viewer, _now: datetime, q: str | None, bbox: Sequence[float] | None) -> Rows:
    asked = select(StreetEdge).order_by(StreetEdge.id)
    for edge in session.scalars(_asked(asked, q, (StreetEdge.name,), StreetEdge.geom, bbox)):
        yield {"name": edge.name, "highway": edge.highway, "width_m": edge.width_m, "is_oneway": edge.is_oneway,
               "layer": edge.layer}, edge.geom


def _buildings(session: Session, _viewer: Viewer, _now: datetime, q: str | None,
               bbox: Sequence[float] | None) -> Rows:
    asked = select(Building).order_by(Building.id)
    for building in session.scalars(_asked(asked, q, (Building.name,), Building.geom, bbox)):
        yield {name: getattr(building, name) for name in ("name", "kind", "levels", "households")}, building.geom


def _people(session: Session, _viewer: Viewer, _now: datetime, q: str | None, _bbox: Sequence[float] | None) -> Rows:
    asked = select(Person, Unit.code).outerjoin(Unit, Unit.id == Person.unit_id).where(
        Person.is_active).order_by(Person.id)
    for person, unit in session.execute(_asked(asked, q, (Person.name, Person.full_name))):
        yield {"name": person.name, "full_name": person.full_name, "role": person.role, "unit": unit,
               "territory": person.territory, "segment": person.segment_code, "phone": person.phone}, None


def _duties(session: Session, _viewer: Viewer, now: datetime, q: str | None, _bbox: Sequence[float] | None) -> Rows:
    asked = select(Duty, Unit.code).join(Unit, Unit.id == Duty.unit_id).where(holds_at(Duty, now)).order_by(Duty.id)
    for duty, unit in session.execute(_asked(asked, q, (Unit.code, Unit.name))):
        yield {"class": duty.class_code, "category": duty.category, "territory": duty.territory or None, "unit": unit,
               "valid_from": iso(duty.valid_from), "valid_to": iso(duty.valid_to)}, None


def _holidays(session: Session, _viewer: Viewer, _now: datetime, q: str | None,
              _bbox: Sequence[float] | None) -> Rows:
    for row in session.scalars(_asked(select(Holiday).order_by(Holiday.day), q, (Holiday.name,))):
        yield {"day": row.day.isoformat(), "is_worked": row.is_worked, "name": row.name or None}, None


Source = Callable[[Session, Viewer, datetime, str | None, Sequence[float] | None], Rows]
SOURCES: Mapping[str, Source] = {"shops": _shops, "streets": _streets, "buildings": _buildings, "people": _people,
                                 "duties": _duties, "holidays": _holidays}
