"""The difference between two days: zones, segments and duties that came, ended, or stand otherwise."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from shapely.geometry.base import BaseGeometry
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.assignment.models import Duty
from civmap.errors import Invalid
from civmap.geo.bounded import compare
from civmap.geo.bulk import areas_m2, lengths_m
from civmap.people.rules import Viewer
from civmap.segments import queries as segments
from civmap.segments.models import RoadSegment
from civmap.store import asof
from civmap.store.base import holds_at
from civmap.store.listing import one_of
from civmap.store.past import Past
from civmap.units.queries import UnitName, names
from civmap.zones import queries as zones
from civmap.zones.models import Zone

PARTS = ("zones", "segments", "duties")
SAME_M2 = 0.05
MOST_THINGS = 20_000
COMPARED = {"zones": ("name", "kind", "unit_id", "holder", "parent_id", "side"),
            "segments": ("name", "kind", "unit_id", "side", "chiefs")}
TOLD = {"unit_id": "unit", "parent_id": "parent"}


class Stood(NamedTuple):
    """How a zone or segment stood on a day; `size` in m² of ground or metres of road."""

    name: str
    kind: str
    unit_id: int | None
    holder: str | None
    parent_id: int | None
    side: str | None
    chiefs: tuple[str, ...]
    geom: BaseGeometry
    size: float


@dataclass(frozen=True, slots=True)
class Difference:
    """A thing on two days, what of it differs, and for zones the ground that was gained and lost."""

    code: str
    before: Stood | None
    after: Stood | None
    fields: tuple[str, ...] = ()
    gained_m2: float | None = None
    lost_m2: float | None = None

    @property
    def change(self) -> str:
        """Return added, ended or changed."""
        return "added" if self.before is None else "ended" if self.after is None else "changed"


class DutyDifference(NamedTuple):
    """A line of the table of owners on two days: for a class or category in a territory, which unit answered."""

    class_code: str | None
    category: str | None
    territory: str
    before: int | None
    after: int | None

    @property
    def change(self) -> str:
        """Return added, ended or changed."""
        return "added" if self.before is None else "ended" if self.after is None else "changed"


@dataclass(frozen=True, slots=True)
class Differences:
    """What differs between two moments, with the names of the units and parents that are spoken of."""

    zones: list[Difference]
    segments: list[Difference]
    duties: list[DutyDifference]
    units: Mapping[int, UnitName]
    parents: Mapping[int, tuple[str, str]]


def between(session: Session, viewer: Viewer, first: datetime, last: datetime, kind: str | None = None) -> Differences:
    """Return what differs between two moments, as far as a viewer sees it on either; raise Invalid.

    `kind`: only zones, segments or duties, or zones of one kind.
    """
    if last <= first:
        raise Invalid("span_reversed", field="to", first="from", last="to")
    wanted = [part for part in PARTS if kind in (None, part)] or ["zones"]
    of_kind = _zone_kind(kind) if kind is not None and kind not in PARTS else None
    areas = things(session, viewer, "zones", first, last) if "zones" in wanted else []
    if of_kind:
        areas = [one for one in areas if of_kind in {side.kind for side in (one.before, one.after) if side}]
    roads = things(session, viewer, "segments", first, last) if "segments" in wanted else []
    table = duties(session, first, last) if "duties" in wanted and viewer.may("dispatch", "issue") else []
    sides = [side for one in (*areas, *roads) for side in (one.before, one.after) if side]
    units = names(session, [*(side.unit_id for side in sides),
                            *(unit for one in table for unit in (one.before, one.after))])
    above = {side.parent_id for side in sides if side.parent_id is not None}
    parents = {row.id: (row.code, row.name) for row in session.execute(
        select(Zone.id, Zone.code, Zone.name).where(one_of(Zone.id, sorted(above))))} if above else {}
    return Differences(areas, roads, table, units, parents)


def _zone_kind(written: str) -> str:
    try:
        return dictionaries.zone_kind(written).code
    except Invalid as problem:
        problem.field = "kind"
        raise


def things(session: Session, viewer: Viewer, part: str, first: datetime, last: datetime) -> list[Difference]:
    """Return the zones or segments that differ between two moments, by code; raise Invalid for too many."""
    model, room = (Zone, zones) if part == "zones" else (RoadSegment, segments)
    ids = _candidates(session, model, first, last)
    if len(ids) > MOST_THINGS:
        raise Invalid("differences_too_many", field="from", count=len(ids), most=MOST_THINGS)
    seen: set[int] = set()
    for at in (first, last) if ids else ():
        asked = select(model).where(one_of(model.id, ids), holds_at(model, at), room.visible(viewer))
        seen |= set(session.scalars(asof.stood(model, asked, at, model.id)))
    before, after = ({} if not seen else _stood(part, asof.rows(
        session, model, select(model).where(one_of(model.id, sorted(seen)), holds_at(model, at)), at))
        for at in (first, last))
    codes = {row.id: row.code for row in session.execute(
        select(model.id, model.code).where(one_of(model.id, sorted(seen))))} if seen else {}
    found = (_difference(part, code, before.get(one), after.get(one)) for one, code in codes.items())
    return sorted((one for one in found if one is not None), key=lambda one: one.code)


def _candidates(session: Session, model: Any, first: datetime, last: datetime) -> list[int]:
    """Return the ids of what changed, came or ended after one moment, and until another."""
    changed = select(Past.thing_id).where(Past.kind == asof.KINDS[model.__tablename__], Past.until_at > first,
                                          Past.until_at <= last)
    turned = select(model.id).where(or_(and_(model.valid_from > first, model.valid_from <= last),
                                        and_(model.valid_to > first, model.valid_to <= last)))
    return sorted({*session.scalars(changed), *session.scalars(turned)})


def _stood(part: str, rows: Sequence[Any]) -> dict[int, Stood]:
    shapes = [row.geom for row in rows]
    if part == "zones":
        return {row.id: Stood(row.name, row.kind, row.unit_id, row.holder, row.parent_id, row.side, (), row.geom, size)
                for row, size in zip(rows, areas_m2(shapes), strict=True)}
    return {row.id: Stood(row.name, row.road_class, row.unit_id, None, None, row.side,
                          tuple(chief.name for chief in row.chiefs), row.geom, size)
            for row, size in zip(rows, lengths_m(shapes), strict=True)}


def _difference(part: str, code: str, before: Stood | None, after: Stood | None) -> Difference | None:
    """Return what differs between two sides of a thing, None where nothing does that anybody would see."""
    if before is None or after is None:
        if before is after:
            return None
        return Difference(code, before, after, (), after.size if after else 0.0, before.size if before else 0.0)
    fields = tuple(TOLD.get(name, name) for name in COMPARED[part] if getattr(before, name) != getattr(after, name))
    if before.geom.equals_exact(after.geom, 1e-9):
        return Difference(code, before, after, fields, 0.0, 0.0) if fields else None
    if part == "segments":
        return Difference(code, before, after, ("shape", *fields))
    gained, lost = ground_moved(before.geom, after.geom)
    if gained is None or lost is None or gained + lost > SAME_M2:
        fields = ("shape", *fields)
    return Difference(code, before, after, fields, gained, lost) if fields else None


def ground_moved(before: BaseGeometry, after: BaseGeometry) -> tuple[float | None, float | None]:
    """Return the m² that an area gained and lost, None where its shapes are too complex to compare."""
    try:
        shared = [shape for _index, shape in compare(before, [after]).overlaps]
    except Invalid:
        return None, None
    was, is_now, both = *areas_m2([before, after]), sum(areas_m2(shared))
    return max(0.0, is_now - both), max(0.0, was - both)


def duties(session: Session, first: datetime, last: datetime) -> list[DutyDifference]:
    """Return the lines of the table of owners that name another unit at one moment than at another."""
    sides = [{(row.class_code, row.category, row.territory): row.unit_id
              for row in session.scalars(select(Duty).where(holds_at(Duty, at)).order_by(Duty.id))}
             for at in (first, last)]
    before, after = sides
    keys = sorted(before.keys() | after.keys(), key=lambda key: tuple(part or "" for part in key))
    return [DutyDifference(*key, before.get(key), after.get(key)) for key in keys
            if before.get(key) != after.get(key)]


def touched(found: Differences) -> Collection[BaseGeometry]:
    """Return the shapes, of both days, of all that decides otherwise who answers."""
    decides = {"shape", "kind", "unit", "side"}
    return [side.geom for one in (*found.zones, *found.segments) if one.change != "changed" or decides & {*one.fields}
            for side in (one.before, one.after) if side]
