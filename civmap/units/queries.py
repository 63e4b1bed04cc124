"""Ask about units."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import false, or_, select, true
from sqlalchemy.orm import Session

from civmap import clock
from civmap.errors import Invalid, NotFound
from civmap.geo.validity import rounded
from civmap.store.listing import Filter, Here, begins, equals, many, moment_of, narrowed, one_of, words
from civmap.store.prepared import Prepared, Shelf, asked
from civmap.units.models import Unit
from civmap.units.rules import Looker, phone_seen

NEAR_COUNT = 3
CHUNK = 5000


class UnitName(NamedTuple):
    """What other things show of a unit."""

    code: str
    name: str
    phone: str | None
    kind: str


def _tree() -> Prepared:
    tree = select(Unit.id).where(Unit.id == asked("top", Unit.id)).cte("tree", recursive=True)
    return Prepared(select(tree.union(select(Unit.id).join(tree, Unit.parent_id == tree.c.id)).c.id))


_TREE = _tree()
_SAME: Shelf[frozenset[int]] = Shelf()
"""Equal sets are one and the same: they stand in the keys of all that is kept for a viewer."""


def subtree_ids(session: Session, unit_id: int) -> frozenset[int]:
    """Return the ids of a unit and of all units below it."""
    found = frozenset([row.id for row in _TREE.rows(session, top=unit_id)])
    return _SAME.of(found, lambda: found)


def ancestor_ids(session: Session, unit_id: int) -> list[int]:
    """Return the ids from a unit upwards, the unit first."""
    return list(session.scalars(select(_upwards(unit_id).c.id)))


def _upwards(unit_id: int) -> Any:
    chain = select(Unit.id, Unit.parent_id).where(Unit.id == unit_id).cte("chain", recursive=True)
    return chain.union(select(Unit.id, Unit.parent_id).join(chain, Unit.id == chain.c.parent_id))


def visible(viewer: Looker) -> Any:
    """Return the condition that a viewer sees a unit: the directory is open to all but shops and the public."""
    if viewer.role == "public":
        return false()
    if viewer.role == "shop":
        own = Unit.id.in_(viewer.unit_ids)
        return own if viewer.unit_id is None else or_(own, Unit.id.in_(select(_upwards(viewer.unit_id).c.id)))
    return true()


def by_code(session: Session, viewer: Looker, code: str) -> Unit:
    """Return the unit of a code; raise NotFound where it is missing or hidden."""
    unit = session.scalar(select(Unit).where(Unit.code == code, visible(viewer)))
    if unit is None:
        raise NotFound("unit_not_found", field="code", code=code)
    return unit


def resolve(session: Session, written: str, field: str = "unit", viewer: Looker | None = None) -> Unit:
    """Return the unit that a code or an exact name means; of one name, the one that still holds.

    Where a viewer asks, units hidden from them neither answer nor are suggested. Raise Invalid `unknown_unit` with
    the nearest names, or `ambiguous_unit` with the codes.
    """
    seen = true() if viewer is None else visible(viewer)
    unit = session.scalar(select(Unit).where(Unit.code == written, seen))
    if unit is not None:
        return unit
    named = list(session.scalars(select(Unit).where(Unit.name == written, seen).order_by(Unit.id)))
    holding = [unit for unit in named if unit.valid_to is None or unit.valid_to > clock.now()]
    found = holding or named
    if len(found) > 1:
        raise Invalid("ambiguous_unit", field=field, value=written, codes=[unit.code for unit in found[:8]])
    if not found:
        raise Invalid("unknown_unit", field=field, value=written, near=_near(session, written, seen))
    return found[0]


def is_in_office(unit: Unit, on: datetime) -> bool:
    """Tell whether a unit holds at a moment."""
    return (unit.valid_from is None or unit.valid_from <= on) and (unit.valid_to is None or unit.valid_to > on)


def in_office(session: Session, written: str, on: datetime, field: str = "unit") -> Unit:
    """Return the unit that is to answer from a moment on; raise as `resolve`, and Invalid `unit_not_in_office`."""
    unit = resolve(session, written, field)
    if not is_in_office(unit, on):
        raise Invalid("unit_not_in_office", field=field, name=unit.name, code=unit.code)
    return unit


def _near(session: Session, written: str, seen: Any) -> list[str]:
    known: dict[Any, list[str]] = session.info.setdefault("near_units", {})
    key = (written, str(seen))
    if key not in known:
        known[key] = _nearest(session, written, seen)
    return known[key]


def _nearest(session: Session, written: str, seen: Any) -> list[str]:
    labels: dict[str, str] = {}
    for code, name in session.execute(select(Unit.code, Unit.name).where(seen).order_by(Unit.id).limit(CHUNK)):
        labels[code] = labels[name] = f"{code} {name}"
    close = difflib.get_close_matches(written, labels, n=NEAR_COUNT, cutoff=0.3)
    return list(dict.fromkeys(labels[word] for word in close)) or list(dict.fromkeys(labels.values()))[:NEAR_COUNT]


def of_unit(column: Any) -> Filter:
    """Return a filter: the column names one of the units of some codes or names, as far as the viewer sees them."""
    return lambda here, value: column.in_(ids_of(here.session, here.viewer, many(value)))


def ids_of(session: Session, viewer: Looker, written: Sequence[str]) -> list[int]:
    """Return the ids of units by code or name; raise Invalid as `resolve` does for the first that is not there."""
    known = {code: unit_id for code, unit_id in session.execute(
        select(Unit.code, Unit.id).where(one_of(Unit.code, written), visible(viewer)))}
    return [known[word] if word in known else resolve(session, word, viewer=viewer).id for word in written]


def names(session: Session, ids: Iterable[int | None]) -> dict[int, UnitName]:
    """Return code, name, phone and kind of many units by id, in one question per 5,000."""
    wanted = sorted({unit_id for unit_id in ids if unit_id is not None})
    found: dict[int, UnitName] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = session.execute(select(Unit.id, Unit.code, Unit.name, Unit.phone, Unit.kind)
                               .where(Unit.id.in_(wanted[start:start + CHUNK])))
        found.update({row.id: UnitName(row.code, row.name, row.phone, row.kind) for row in rows})
    return found


FILTERS = {
    "code": equals(Unit.code),
    "kind": equals(Unit.kind),
    "unit": of_unit(Unit.id),
    "division": begins(Unit.territory),
    "territory": begins(Unit.territory),
    "parent": of_unit(Unit.parent_id),
    "category": lambda here, value: Unit.id.in_(_holding(here.session, many(value))),
    "q": words(Unit.code, Unit.name),
}


def _holding(session: Session, categories: Sequence[str]) -> list[int]:
    return [unit_id for unit_id, held in session.execute(select(Unit.id, Unit.categories))
            if not set(categories).isdisjoint(held)]


def listed(session: Session, viewer: Looker, *, bbox: Sequence[float] | None = None, q: str | None = None,
           filters: Mapping[str, Any] | None = None, on: datetime | date | None = None, limit: int | None = None,
           after: int | None = None) -> list[Unit]:
    """Return the units a viewer sees, narrowed; see `store.listing.narrowed`."""
    statement = narrowed(Unit, select(Unit).where(visible(viewer)), FILTERS,
                         Here(session, viewer, clock.now(), moment_of(on)), geom=Unit.seat, bbox=bbox, q=q,
                         filters=filters, limit=limit, after=after)
    return list(session.scalars(statement))


def lookup(session: Session, rows: Iterable[Unit]) -> dict[int, UnitName]:
    """Return what the features of some units need to know: their parents' names."""
    return names(session, (row.parent_id for row in rows))


def properties(row: Unit, viewer: Looker, lookup: Mapping[int, UnitName]) -> dict[str, Any]:
    """Return what a viewer may know of a unit."""
    parent = lookup.get(row.parent_id) if row.parent_id else None
    return {
        "code": row.code, "name": row.name, "kind": row.kind, "categories": list(row.categories),
        "parent": parent.code if parent else None, "parent_name": parent.name if parent else None,
        "territory": row.territory, "capacity": row.capacity, "phone": phone_seen(viewer, row.phone, row.id),
        "head_person": row.head_person, "liaison": row.liaison, "address": row.address,
        "holder": row.holder, "door_no": row.door_no, "door_width_m": row.door_width_m,
        "valid_from": clock.iso(row.valid_from), "valid_to": clock.iso(row.valid_to)}


def feature(row: Unit, viewer: Looker, lookup: Mapping[int, UnitName]) -> dict[str, Any]:
    """Return a unit as a GeoJSON Feature; its geometry is the seat, or null."""
    return {"type": "Feature", "id": row.code, "geometry": None if row.seat is None else rounded(row.seat),
            "properties": properties(row, viewer, lookup)}


def features(session: Session, viewer: Looker, **narrowing: Any) -> list[dict[str, Any]]:
    """Return the units a viewer sees as features, in two questions."""
    rows = listed(session, viewer, **narrowing)
    known = lookup(session, rows)
    return [feature(row, viewer, known) for row in rows]


def as_feature(session: Session, viewer: Looker, row: Unit) -> dict[str, Any]:
    """Return one unit as a feature."""
    return feature(row, viewer, lookup(session, [row]))
