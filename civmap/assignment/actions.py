"""Keep the table of professional owners (权责配置表): who answered on an earlier day stays known."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.assignment.models import Duty
from civmap.errors import CivmapError, Invalid
from civmap.fields import Field, coded, last_moment, moment, read_fields, refuse, territory, text
from civmap.people.rules import Viewer
from civmap.store import ledger
from civmap.store.editing import check_version, numbered_row
from civmap.units.queries import resolve

FIELDS = (
    Field("class", "class_code", coded(dictionaries.issue_class)),
    Field("category", "category", coded(dictionaries.duty_category)),
    Field("territory", "territory", territory),
    Field("unit", "unit", text(200), is_required=True),
    Field("valid_from", "valid_from", moment),
    Field("valid_to", "valid_to", last_moment),
)
KEY = ("class_code", "category", "territory")
EVER, NEVER = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


def listed(session: Session, on: datetime | None = None) -> list[Duty]:
    """Return the rows of the table that hold at a moment, or all there ever were, by class, category and territory."""
    rows = session.scalars(select(Duty).order_by(Duty.id))
    kept = [row for row in rows if on is None or _from(row) <= on < _until(row)]
    return sorted(kept, key=lambda row: (row.class_code or "~", row.category or "", row.territory, _from(row), row.id))


def by_id(session: Session, number: int, *, for_change: bool = False) -> Duty:
    """Return a row of the table; raise NotFound."""
    found: Duty = numbered_row(session, Duty, "duty", number, for_change=for_change)
    return found


def create(session: Session, viewer: Viewer, values: Mapping[str, Any], now: datetime) -> Duty:
    """Take a new row: for a class or a category, in a territory, this unit answers; raise Invalid, Several."""
    viewer.must("manage", "city")
    wanted = _read(session, values)
    row = Duty(**wanted)
    clash = [other for other in _same(session, wanted) if _overlaps(other, row)]
    if clash:
        raise Invalid("duty_twice", field="unit", id=clash[0].id)
    return _added(session, viewer, row, now)


def change(session: Session, viewer: Viewer, number: int, values: Mapping[str, Any], version: int | None,
           now: datetime, current: Any = None) -> Duty:
    """Change a row; what it said until now is kept as a row that has ended. Raise Stale, Missing, Invalid, NotFound."""
    viewer.must("manage", "city")
    row = by_id(session, number, for_change=True)
    check_version(row, version, lambda: current(row) if current else {})
    wanted = _read(session, values)
    probe = Duty(**wanted)
    clash = [other for other in _same(session, wanted) if other.id != row.id and _overlaps(other, probe)]
    if clash:
        raise Invalid("duty_twice", field="unit", id=clash[0].id)
    _become(session, viewer, row, wanted, now)
    return row


def retire(session: Session, viewer: Viewer, number: int, version: int | None, now: datetime,
           current: Any = None) -> Duty:
    """Let a row hold until now, and no longer; raise Stale, Missing or NotFound."""
    viewer.must("manage", "city")
    row = by_id(session, number, for_change=True)
    check_version(row, version, lambda: current(row) if current else {})
    if _until(row) > now:
        before = ledger.row_facts(row)
        row.valid_to = now
        _note(session, viewer, row, before, now, "retire")
    return row


def save(session: Session, viewer: Viewer, values: Mapping[str, Any], now: datetime) -> str:
    """Take one row of a table that is brought; of another unit than the one it finds, it takes over from now on.

    A row is known by class, category, territory and time. Return created, updated or unchanged; raise Invalid, Several.
    """
    viewer.must("manage", "city")
    wanted = _read(session, values)
    said = {name: value for name, value in wanted.items() if name not in ("valid_from", "valid_to") or value}
    known = [row for row in _same(session, wanted) if _overlaps(row, Duty(**wanted))]
    if not known:
        _added(session, viewer, Duty(**wanted), now)
        return "created"
    row = max(known, key=_from)
    if all(getattr(row, name) == value for name, value in said.items()):
        return "unchanged"
    _become(session, viewer, row, {name: getattr(row, name) for name in wanted} | said, now)
    return "updated"


def _read(session: Session, values: Mapping[str, Any]) -> dict[str, Any]:
    said, problems = read_fields(values, FIELDS, is_new=True)
    if not problems and not said.get("class_code") and not said.get("category"):
        problems.append(Invalid("duty_of_nothing", field="class"))
    start, end = said.get("valid_from"), said.get("valid_to")
    if start and end and end <= start:
        problems.append(Invalid("valid_to_before_from", field="valid_to"))
    unit = _unit(session, said.get("unit"), problems)
    refuse(problems)
    return {"class_code": said.get("class_code"), "category": said.get("category"), "unit_id": unit,
            "territory": said.get("territory") or "", "valid_from": start, "valid_to": end}


def _unit(session: Session, written: Any, problems: list[CivmapError]) -> int | None:
    if not written:
        return None
    try:
        return resolve(session, written, field="unit").id
    except Invalid as problem:
        problems.append(problem)
        return None


def _become(session: Session, viewer: Viewer, row: Duty, wanted: Mapping[str, Any], now: datetime) -> None:
    """Change a row; where it has held and says something else from now on, what it said stays as an ended row."""
    differing = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    if not differing:
        return
    start = wanted["valid_from"] if differing.get("valid_from") else now
    if {*KEY, "unit_id"} & differing.keys() and _from(row) < start < _until(row):
        past = Duty(**{name: getattr(row, name) for name in (*KEY, "unit_id", "valid_from")}, valid_to=start)
        _added(session, viewer, past, now)
        differing["valid_from"] = start
    before = ledger.row_facts(row)
    for name, value in differing.items():
        setattr(row, name, value)
    _note(session, viewer, row, before, now, "edit")


def _added(session: Session, viewer: Viewer, row: Duty, now: datetime) -> Duty:
    session.add(row)
    _note(session, viewer, row, None, now, "create")
    return row


def _same(session: Session, wanted: Mapping[str, Any]) -> Sequence[Duty]:
    return session.scalars(select(Duty).filter_by(**{name: wanted[name] for name in KEY}).order_by(Duty.id)).all()


def _overlaps(one: Duty, other: Duty) -> bool:
    return _from(one) < _until(other) and _from(other) < _until(one)


def _from(row: Duty) -> datetime:
    return row.valid_from or EVER


def _until(row: Duty) -> datetime:
    return row.valid_to or NEVER


def _note(session: Session, viewer: Viewer, row: Duty, before: dict[str, Any] | None, now: datetime,
          verb: str) -> None:
    session.flush()
    ledger.record(session, viewer.actor, verb, "duty", row.class_code or row.category or "", at=now,
                  before=before, after=ledger.row_facts(row))
