"""Write a plan: the zones that change one by one with their versions, new ones in bulk, a ledger line for each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from civmap.errors import Conflict, Stale
from civmap.fields import masked_phone
from civmap.people.rules import Viewer
from civmap.store.editing import change, end_validity, one_at_a_time
from civmap.store.ledger import Line, append, plain
from civmap.zones.models import Zone
from civmap.zones.places import taken_codes
from civmap.zones.plans import CHUNK, KIND, Change, Plan

DRAWING_KEY = 360_201
AT_ONCE = 5000
CORNERS = "adjoin"
_NOT_COLUMNS = frozenset({"id", "version", "parent_code", "code_prefix"})


def carry_out(session: Session, viewer: Viewer, plan: Plan, now: datetime, verb: str) -> list[str]:
    """Write a plan in the open transaction and return the codes written, in its order.

    Every zone gets a ledger line: new ones `create`, ended ones `retire`, reshaped ones the verb, neighbours that only
    gained corners `adjoin`. Raise Stale where a zone is no longer at the version that was planned with, Conflict where
    a code is taken.
    """
    one_at_a_time(session, DRAWING_KEY)
    olds = [each for each in plan.changes if each.version is not None]
    rows = _locked(session, [each.code for each in olds])
    for each in olds:
        if each.code not in rows or rows[each.code].version != each.version:
            raise Stale("stale_edit", current=None, version=None)
    late: list[Change] = []
    for each in olds:
        row = rows[each.code]
        if each.after is None:
            end_validity(session, viewer.actor, KIND, row, now)
        else:
            values = {name: value for name, value in each.values.items() if name not in _NOT_COLUMNS}
            if "parent_code" in each.values:
                late.append(each)
                continue
            change(session, viewer.actor, KIND, row, {**values, "geom": each.after}, now,
                   verb=verb if each.values else CORNERS)
    new = [each for each in plan.changes if each.version is None]
    _insert(session, viewer, [each for each in new if "parent_code" not in each.values], now)
    _below_new(session, viewer, [each for each in new if "parent_code" in each.values], late, rows, now, verb)
    return [each.code for each in plan.changes]


def _below_new(session: Session, viewer: Viewer, new: Sequence[Change], late: Sequence[Change],
               rows: dict[str, Zone], now: datetime, verb: str) -> None:
    """Write what tiles a zone that is new itself, now that it has an id."""
    codes = sorted({str(each.values["parent_code"]) for each in [*new, *late]})
    if not codes:
        return
    ids = dict(session.execute(select(Zone.code, Zone.id).where(Zone.code.in_(codes))).all())
    for each in late:
        values = {name: value for name, value in each.values.items() if name not in _NOT_COLUMNS}
        change(session, viewer.actor, KIND, rows[each.code],
               {**values, "parent_id": ids[each.values["parent_code"]], "geom": each.after}, now, verb=verb)
    _insert(session, viewer, [each._replace(values={**each.values, "parent_id": ids[each.values["parent_code"]]})
                              for each in new], now)


def _locked(session: Session, codes: Sequence[str]) -> dict[str, Zone]:
    found: dict[str, Zone] = {}
    for start in range(0, len(codes), CHUNK):
        asked = select(Zone).where(Zone.code.in_(codes[start:start + CHUNK])).order_by(Zone.id)
        found.update({row.code: row for row in session.scalars(
            asked.with_for_update(of=Zone.__table__).execution_options(populate_existing=True))})
    return found


def _insert(session: Session, viewer: Viewer, new: Sequence[Change], now: datetime) -> None:
    if not new:
        return
    codes = [each.code for each in new]
    if len(set(codes)) < len(codes) or any(
            taken_codes(session, codes[start:start + CHUNK]) for start in range(0, len(codes), CHUNK)):
        raise Conflict("code_taken", field="code", code=codes[0])
    session.flush()
    actor, rows, lines = viewer.actor, [], []
    for each in new:
        row = {**dict.fromkeys(_COLUMNS), "version": 1, "valid_from": now, **_own(each)}
        rows.append(row)
        lines.append(Line(now, actor.name, actor.via, "create", KIND, each.code, None, _facts(row)))
    for start in range(0, len(rows), AT_ONCE):
        session.execute(insert(Zone), rows[start:start + AT_ONCE])
    append(session, lines)


def _facts(row: dict[str, Any]) -> dict[str, Any]:
    """Return a new row for the ledger as `facts_of` does, without making the row an object first."""
    return {name: masked_phone(value) if name.endswith("phone") else plain(value) for name, value in row.items()}


def _own(each: Change) -> dict[str, Any]:
    values = {name: value for name, value in each.values.items() if name not in _NOT_COLUMNS and value is not None}
    return {"is_partial": False, **values, "code": each.code, "name": each.name, "kind": each.kind, "geom": each.after}


_COLUMNS = [column.key for column in Zone.__mapper__.column_attrs if column.key != "id"]
