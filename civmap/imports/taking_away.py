"""Taking away one thing that an import made, or putting back one that it changed, where nobody touched it since."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Table, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civmap.imports.models import Imported
from civmap.imports.values import unpacked
from civmap.people.models import Person
from civmap.people.rules import Viewer
from civmap.segments import actions as segments
from civmap.segments.models import RoadSegment
from civmap.store import ledger
from civmap.store.base import Base
from civmap.store.editing import end_validity, facts_of
from civmap.store.past import KEPT, Past, remember_change
from civmap.zones.models import Zone

VERB = "import_undo"
DELETED, RESTORED, RETIRED, CHANGED_SINCE, REFERRED, GONE = (
    "deleted", "restored", "retired", "kept_changed", "kept_referred", "gone")
LEDGER_KIND = {"inspection_point": "point", "road_segment": "segment", "match_choice": "match_choice"}
PARTS = {"segment_chief": ("road_segment", "segment_id"), "assisting_unit": ("issue", "issue_id")}
KEYS = ("code", "issue_no", "day", "class_code", "category", "name")
CHUNK = 2_000
Told = tuple[str, str, str]


@dataclass
class Desk:
    """Who undoes in which transaction; `parents` remembers which rows went or were put back, for their parts."""

    session: Session
    viewer: Viewer
    now: datetime
    parents: dict[tuple[str, int], str] = field(default_factory=dict)


@cache
def model_of(table: str) -> Any:
    """Return the model of a table."""
    return next(mapper.class_ for mapper in Base.registry.mappers if mapper.local_table.name == table)


def kind_of(table: str) -> str:
    """Return how the ledger calls the things of a table."""
    return LEDGER_KIND.get(table, table)


def key_of(row: Any) -> str:
    """Return by what a row is known."""
    found = next((getattr(row, name) for name in KEYS if getattr(row, name, None)), row.id)
    return str(found)[:64]


def made(desk: Desk, thing: Imported) -> Told | None:
    """Delete a thing that the import made; retire or keep it where it was touched, or others refer to it."""
    if thing.kind in PARTS:
        return None  # parts go and come with what they belong to
    row = desk.session.get(model_of(thing.kind), thing.thing_id)
    kind = kind_of(thing.kind)
    if row is None:
        return kind, str(thing.thing_id), GONE
    key = key_of(row)
    if getattr(row, "version", None) != thing.version:
        return kind, key, CHANGED_SINCE
    before = _facts(row)
    if not _is_known_elsewhere(desk.session, row) and _deleted(desk.session, row):
        ledger.record(desk.session, desk.viewer.actor, VERB, kind, key, at=desk.now, before=before)
        return kind, key, DELETED
    return kind, key, _ended(desk, row, kind)


def _facts(row: Any) -> dict[str, Any]:
    return segments.facts(row) if isinstance(row, RoadSegment) else facts_of(row)


def _deleted(session: Session, row: Any) -> bool:
    table = row.__tablename__
    try:
        with session.begin_nested():
            for part, (owner, column) in PARTS.items():
                if owner == table:
                    parts = model_of(part)
                    session.execute(delete(parts).where(getattr(parts, column) == row.id)
                                    .execution_options(synchronize_session=False))
            if kind_of(table) in KEPT:
                session.execute(delete(Past).where(Past.kind == kind_of(table), Past.thing_id == row.id)
                                .execution_options(synchronize_session=False))
            session.execute(delete(type(row)).where(type(row).id == row.id)
                            .execution_options(synchronize_session=False))
    except IntegrityError:
        return False
    session.expunge(row)
    return True


def _is_known_elsewhere(session: Session, row: Any) -> bool:
    """Tell whether others speak of a row by its code or name."""
    if isinstance(row, RoadSegment):
        return session.scalar(select(Zone.id).where(Zone.segment_code == row.code).limit(1)) is not None \
            or session.scalar(select(Person.id).where(Person.segment_code == row.code).limit(1)) is not None
    if isinstance(row, Person):
        return session.scalar(select(ledger.Entry.id).where(ledger.Entry.who == row.name).limit(1)) is not None
    return False


def _ended(desk: Desk, row: Any, kind: str) -> str:
    if isinstance(row, Person):
        before, row.is_active = facts_of(row), False
        desk.session.flush()
        ledger.record(desk.session, desk.viewer.actor, VERB, kind, row.name, at=desk.now, before=before,
                      after=facts_of(row))
        return RETIRED
    if hasattr(row, "valid_to") and hasattr(row, "code"):
        end_validity(desk.session, desk.viewer.actor, kind, row, desk.now,
                     segments.facts if isinstance(row, RoadSegment) else facts_of)
        return RETIRED
    return REFERRED


def changed(desk: Desk, thing: Imported) -> Told | None:
    """Put back the values that the import overwrote, unless somebody changed the thing since."""
    row = desk.session.get(model_of(thing.kind), thing.thing_id)
    kind = kind_of(thing.kind)
    if thing.kind in PARTS:
        return _part_back(desk, thing, row)
    if row is None:
        return kind, str(thing.thing_id), GONE
    if getattr(row, "version", None) != thing.version:
        return kind, key_of(row), CHANGED_SINCE
    values, before = unpacked(json.dumps(thing.before or {})), _facts(row)
    remember_change(desk.session, kind, row, values, desk.now, is_more=isinstance(row, RoadSegment))
    for name, value in values.items():
        setattr(row, name, value)
    desk.session.flush()
    desk.parents[(thing.kind, row.id)] = RESTORED
    ledger.record(desk.session, desk.viewer.actor, VERB, kind, key_of(row), at=desk.now, before=before,
                  after=_facts(row))
    return kind, key_of(row), RESTORED


def _part_back(desk: Desk, thing: Imported, row: Any) -> None:
    """Put a part back; it has no version of its own: its values must be those that the import wrote."""
    if row is None:
        return
    for name, value in unpacked(json.dumps(thing.before or {})).items():
        setattr(row, name, value)
    desk.session.flush()


def removed(desk: Desk, thing: Imported) -> None:
    """Put back a part that the import took away, if what it belonged to is there."""
    model, values = model_of(thing.kind), unpacked(json.dumps(thing.before or {}))
    owner, column = PARTS.get(thing.kind, ("", ""))
    if owner and desk.session.get(model_of(owner), values.get(column)) is None:
        return
    try:
        with desk.session.begin_nested():
            desk.session.add(model(**{name: value for name, value in values.items() if name != "id"}))
    except IntegrityError:
        return


def run(desk: Desk, thing: Imported) -> list[Told]:
    """Delete things that were made together, without those that were touched since or are referred to."""
    model, kind = model_of(thing.kind), kind_of(thing.kind)
    told: list[Told] = []
    for first in range(thing.thing_id, (thing.last_id or thing.thing_id) + 1, CHUNK):
        last = min(first + CHUNK - 1, thing.last_id or thing.thing_id)
        told += _portion(desk, model, kind, thing, first, last)
    return told


def _portion(desk: Desk, model: Any, kind: str, thing: Imported, first: int, last: int) -> list[Told]:
    session = desk.session
    rows = {row.id: row for row in session.execute(select(model.id, model.code, model.version).where(
        model.id.between(first, last)))}
    touched = {row_id for row_id, row in rows.items() if row.version != (thing.version or 1)}
    held = _referred(session, model.__table__, first, last) & rows.keys() - touched
    going = sorted(rows.keys() - touched - held)
    for start in range(0, len(going), CHUNK):
        session.execute(delete(model).where(model.id.in_(going[start:start + CHUNK]))
                        .execution_options(synchronize_session=False))
    if going:
        ledger.record(session, desk.viewer.actor, VERB, kind, rows[going[0]].code, at=desk.now, before={
            "codes": [rows[row_id].code for row_id in going]})
    told = [(kind, rows[row_id].code, DELETED) for row_id in going]
    told += [(kind, rows[row_id].code, CHANGED_SINCE) for row_id in sorted(touched)]
    for row_id in sorted(held):
        row = session.get_one(model, row_id)
        told.append((kind, row.code, _ended(desk, row, kind)))
    return told


def _referred(session: Session, table: Table, first: int, last: int) -> set[int]:
    """Return which rows of a table others refer to."""
    found: set[int] = set()
    for other in Base.metadata.sorted_tables:
        for column in other.columns:
            if any(key.column.table is table for key in column.foreign_keys):
                found.update(session.scalars(select(column).where(column.between(first, last)).distinct()))
    return found
