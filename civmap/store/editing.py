"""Changing a row safely: a version is asked for, a stale edit is refused, and every change leaves a ledger line."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from civmap.errors import Conflict, Invalid, Missing, NotFound, Stale
from civmap.fields import masked_phone
from civmap.store.ledger import REHEARSAL, Actor, record, row_facts
from civmap.store.past import remember_change

Facts = Callable[[Any], dict[str, Any]]
CHUNK = 5000


def facts_of(row: Any) -> dict[str, Any]:
    """Return a row's columns for the ledger, phone numbers masked."""
    return {name: masked_phone(value) if name.endswith("phone") else value for name, value in row_facts(row).items()}


def locked_row(session: Session, model: Any, kind: str, code: str, condition: Any) -> Any:
    """Return the row of a code for writing; on PostGIS nobody else changes it before this transaction ends.

    Raise NotFound `<kind>_not_found` where it is missing or the condition (the viewer's policy) hides it.
    """
    row = session.scalar(select(model).where(model.code == code, condition).with_for_update(of=model.__table__)
                         .execution_options(populate_existing=True))
    if row is None:
        raise NotFound(f"{kind}_not_found", field="code", code=code)
    return row


def numbered_row(session: Session, model: Any, kind: str, number: int, *, for_change: bool = False) -> Any:
    """Return the row of a number, for writing as `locked_row` does where asked; raise NotFound `<kind>_not_found`."""
    asked = select(model).where(model.id == number)
    if for_change:
        asked = asked.with_for_update(of=model.__table__).execution_options(populate_existing=True)
    row = session.scalar(asked)
    if row is None:
        raise NotFound(f"{kind}_not_found", field="id", id=number)
    return row


def check_version(row: Any, version: int | None, current: Callable[[], dict[str, Any]]) -> None:
    """Refuse an edit that names no version (Missing) or not the present one (Stale, with the row as it is now)."""
    if version is None:
        raise Missing("if_match_missing")
    if version != row.version:
        raise Stale("stale_edit", current=current(), version=row.version)


def keep_new(session: Session, actor: Actor, kind: str, row: Any, now: datetime, facts: Facts = facts_of) -> None:
    """Insert a row with its ledger line; raise Conflict where its code is taken."""
    if session.scalar(select(type(row).id).where(type(row).code == row.code)) is not None:
        raise Conflict("code_taken", field="code", code=row.code)
    session.add(row)
    try:
        session.flush()
    except IntegrityError as problem:
        raise Conflict("code_taken", field="code", code=row.code) from problem
    record(session, actor, "create", kind, row.code, at=now, after=facts(row))


def change(session: Session, actor: Actor, kind: str, row: Any, values: Mapping[str, Any], now: datetime, *,
           verb: str = "edit", facts: Facts = facts_of, beside: Callable[[], None] | None = None) -> bool:
    """Set the columns that differ, keep how the row stood and write the ledger line; return whether anything differed.

    `beside` changes what hangs on the row (a segment's chiefs); the row's version counts it like its own. Raise Stale
    where another transaction was faster (the guarded UPDATE of `version_id_col` met no row), Invalid
    `code_not_changeable` where the values bring another code: the ledger and other tables speak of the thing by it.
    """
    if values.get("code", row.code) != row.code:
        raise Invalid("code_not_changeable", field="code", code=row.code)
    differing = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not differing and beside is None:
        return False
    before = facts(row)
    remember_change(session, kind, row, differing, now, is_more=beside is not None)
    for name, value in differing.items():
        setattr(row, name, value)
    if beside is not None:
        beside()
        flag_modified(row, "name")
    try:
        session.flush()
    except StaleDataError as problem:
        raise Stale("stale_edit", current=None, version=None) from problem
    record(session, actor, verb, kind, row.code, at=now, before=before, after=facts(row))
    return True


def end_validity(session: Session, actor: Actor, kind: str, row: Any, now: datetime, facts: Facts = facts_of) -> bool:
    """End a row's validity now, with its ledger line; return whether it still held.

    What has ended before stays as it was: a later day would make it hold in a past in which it did not.
    """
    if row.valid_to is not None and row.valid_to <= now:
        return False
    return change(session, actor, kind, row, {"valid_to": now}, now, verb="retire", facts=facts)


def one_at_a_time(session: Session, key: int) -> None:
    """Let one transaction at a time pass (SpatiaLite: the write transaction already does)."""
    if session.get_bind().dialect.name == "postgresql" and REHEARSAL not in session.info:
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def derive(session: Session, model: Any, column: str, found: Mapping[int, Any]) -> int:
    """Write a value that follows from other things (a division from the borders) by id; return how many changed.

    It is no edit of the row: it leaves neither a version nor a ledger line.
    """
    asked, ids = select(model.id, getattr(model, column)), sorted(found)
    if len(ids) <= CHUNK:
        asked = asked.where(model.id.in_(ids))
    known = {row_id: value for row_id, value in session.execute(asked)}
    moved: dict[Any, list[int]] = {}
    for row_id, value in found.items():
        if known.get(row_id) != value:
            moved.setdefault(value, []).append(row_id)
    for value, ids in moved.items():
        for start in range(0, len(ids), CHUNK):
            session.execute(update(model).where(model.id.in_(ids[start:start + CHUNK])).values({column: value})
                            .execution_options(synchronize_session=False))
    for row in session:
        if isinstance(row, model) and row.id in found:
            session.expire(row, [column])
    return sum(map(len, moved.values()))
