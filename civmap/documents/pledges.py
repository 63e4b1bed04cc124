"""The pledge (门前三包责任书) and the plate (责任牌) of a zone: what stands on them, drawn from the map."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap import clock, texts
from civmap.city.models import Building
from civmap.documents import pledge_figure
from civmap.geo.measure import Plane, area_m2, frame_around
from civmap.segments.models import RoadSegment
from civmap.store.base import holds_at
from civmap.store.spatial import in_frame
from civmap.units.models import Unit
from civmap.zones.models import Zone
from civmap.zones.pledge_terms import Terms
from civmap.zones.queries import pledge_state

USUAL = ("clean", "green", "order")
NEAR_M = 40.0
TOUCHING_M = 1.5
MOST_NEAR = 60
ROAD_M = 8.0


@dataclass(frozen=True, slots=True)
class Ground:
    """A zone on its street: bounds to the left and right (seen from the street), metres along and deep, the drawing."""

    left: str
    right: str
    frontage_m: float
    depth_m: float
    area_m2: float
    figure: str


@dataclass(frozen=True, slots=True)
class Card:
    """All that stands on a pledge and a plate."""

    code: str
    shop: str
    kind: str
    number: str
    plate: str
    state: str
    party: str
    holder: str
    phone: str
    door_no: str
    ground: Ground
    items: tuple[tuple[str, str], ...]
    clauses: tuple[str, ...]
    signed_on: date | None
    expires_on: date | None
    address: str


def items_of(terms: Terms, lang: str) -> tuple[tuple[str, str], ...]:
    """Return the items of the duty: the city's own, else the usual three."""
    return terms.items or tuple((texts.say(lang, f"pledge.item.{name}"), texts.say(lang, f"pledge.item.{name}.words"))
                                for name in USUAL)


def party_of(session: Session, zone: Zone, terms: Terms, now: datetime) -> str:
    """Return who signs for the city: as the city says, else the office of the zone's subdistrict."""
    if terms.party or not zone.division:
        return terms.party
    return session.scalar(select(Unit.name).where(
        Unit.kind == "subdistrict", Unit.territory.in_([zone.division[:9]]), holds_at(Unit, now))
        .order_by(Unit.code).limit(1)) or ""


def card(session: Session, zone: Zone, terms: Terms, lang: str, now: datetime, *, address: str = "",
         phone: str = "") -> Card:
    """Return what stands on the pledge of a zone; the phone is the caller's to show or hide."""
    unit = session.get(Unit, zone.unit_id) if zone.unit_id else None
    return Card(
        code=zone.code, shop=(unit.name if unit and unit.kind == "shop" else zone.name) or zone.code, kind=zone.kind,
        number=zone.pledge_no or "", plate=zone.plate_no or zone.pledge_no or "",
        state=pledge_state(zone, clock.office_day(now)) or "", party=party_of(session, zone, terms, now),
        holder=zone.holder or (unit.holder if unit else None) or "", phone=phone,
        door_no=zone.door_no or (unit.door_no if unit else None) or "", ground=ground_of(session, zone, lang, now),
        items=items_of(terms, lang), clauses=terms.clauses, signed_on=zone.pledge_signed_on,
        expires_on=zone.pledge_expires_on, address=address)


def ground_of(session: Session, zone: Zone, lang: str, now: datetime, *, names: bool = True) -> Ground:
    """Return a zone on its street; without `names` neither neighbours nor their outlines are told."""
    middle = zone.geom.representative_point()
    plane = Plane(middle.x, middle.y)
    box = frame_around((middle.x, middle.y), NEAR_M)
    own = plane.to_metres(zone.geom)
    others = [(row.name, plane.to_metres(row.geom)) for row in session.execute(
        select(Zone.name, Zone.geom).where(in_frame(Zone.geom, *box), Zone.kind == zone.kind, Zone.id != zone.id,
                                           holds_at(Zone, now)).limit(MOST_NEAR))] if names else []
    houses = [plane.to_metres(shape) for shape in session.scalars(
        select(Building.geom).where(in_frame(Building.geom, *box)).limit(MOST_NEAR))]
    roads = [(row.road, plane.to_metres(row.geom), row.width_m or ROAD_M) for row in session.execute(
        select(RoadSegment.road, RoadSegment.geom, RoadSegment.width_m).where(
            in_frame(RoadSegment.geom, *frame_around((middle.x, middle.y), 3 * NEAR_M)),
            holds_at(RoadSegment, now)).limit(MOST_NEAR))]
    out = _towards(own, [line for _name, line, _width in roads])
    left, right, along, deep = _sides(own, out, others)
    say = {side: texts.say(lang, "pledge.next_to", name=name) if name else texts.say(lang, "pledge.wall")
           for side, name in (("left", left), ("right", right))}
    figure = pledge_figure.drawn(own, neighbours=others, houses=houses, roads=_once(roads),
                                 title=texts.say(lang, "pledge.figure"))
    return Ground(say["left"], say["right"], along, deep, area_m2(zone.geom), figure)


def _once(roads: Sequence[tuple[str, Any, float]]) -> list[tuple[str, Any, float]]:
    """Return the roads with each name once."""
    seen: set[str] = set()
    return [("" if name in seen else (seen.add(name) or name), line, width) for name, line, width in roads]


def _towards(own: Any, lines: Sequence[Any]) -> np.ndarray:
    """Return the direction from a zone to its street; without one, across its longer side."""
    near = min(lines, key=own.distance, default=None)
    here = np.array(own.centroid.coords[0])
    if near is not None:
        there = np.array(near.interpolate(near.project(own.centroid)).coords[0])
        away = there - here
        if np.hypot(*away) > 0.1:
            return np.asarray(away / np.hypot(*away))
    corners = np.array(own.minimum_rotated_rectangle.exterior.coords)
    sides = np.diff(corners[:3], axis=0)
    short = sides[np.argmin(np.hypot(sides[:, 0], sides[:, 1]))]
    return np.asarray(short / max(np.hypot(*short), 1e-9))


def _sides(own: Any, out: np.ndarray, others: Sequence[tuple[str, Any]]) -> tuple[str, str, float, float]:
    """Return the neighbours to the left and right as seen from the street, metres along the street and deep."""
    to_left = np.array([out[1], -out[0]])
    spots = shapely.get_coordinates(own)
    along, deep = spots @ to_left, spots @ out
    middle = (along.min() + along.max()) / 2
    found = {"left": "", "right": ""}
    for name, shape in others:
        if shape.distance(own) <= TOUCHING_M:
            side = "left" if np.array(shape.centroid.coords[0]) @ to_left > middle else "right"
            found[side] = found[side] or name
    return found["left"], found["right"], float(np.ptp(along)), float(np.ptp(deep))
