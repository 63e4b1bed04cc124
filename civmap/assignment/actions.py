"""Keep the table of professional owners (权责配置表)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.assignment.models import Duty
from civmap.errors import Invalid
from civmap.fields import Field, coded, last_moment, moment, read_fields, refuse, territory, text
from civmap.people.rules import Viewer
from civmap.store import ledger
from civmap.units.queries import resolve

FIELDS = (
    Field("class", "class_code", coded(dictionaries.issue_class)),
    Field("category", "category", coded(dictionaries.duty_category)),
    Field("territory", "territory", territory),
    Field("unit", "unit", text(200), is_required=True),
    Field("valid_from", "valid_from", moment),
    Field("valid_to", "valid_to", last_moment),
)


def save(session: Session, viewer: Viewer, values: Mapping[str, Any], now: datetime) -> str:
    """Take one row: for a class or a category, in a territory, this unit answers.

    A row is known by class, category and territory. Return created, updated or unchanged; raise Invalid or Several.
    """
    viewer.must("manage", "city")
    said, problems = read_fields(values, FIELDS, is_new=True)
    if not problems and not said.get("class_code") and not said.get("category"):
        problems.append(Invalid("duty_of_nothing", field="class"))
    refuse(problems)
    key = {"class_code": said.get("class_code"), "category": said.get("category"),
           "territory": said.get("territory") or ""}
    unit = resolve(session, said["unit"], field="unit")
    wanted = {"unit_id": unit.id, "valid_from": said.get("valid_from"), "valid_to": said.get("valid_to")}
    duty = session.scalar(select(Duty).filter_by(**key))
    if duty is None:
        duty = Duty(**key, **wanted)
        session.add(duty)
        return _note(session, viewer, duty, None, now, "created")
    if all(getattr(duty, name) == value for name, value in wanted.items()):
        return "unchanged"
    before = ledger.row_facts(duty)
    for name, value in wanted.items():
        setattr(duty, name, value)
    return _note(session, viewer, duty, before, now, "updated")


def _note(session: Session, viewer: Viewer, duty: Duty, before: dict[str, Any] | None, now: datetime,
          outcome: str) -> str:
    session.flush()
    verb = "create" if before is None else "edit"
    ledger.record(session, viewer.actor, verb, "duty", duty.class_code or duty.category or "", at=now,
                  before=before, after=ledger.row_facts(duty))
    return outcome
