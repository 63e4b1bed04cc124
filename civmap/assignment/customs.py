"""How this city runs the cascade: the editable value `cascade`, read and checked."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.assignment.table import FIRST, MOVABLE, Reach, Table
from civmap.city.models import Custom
from civmap.errors import CivmapError, Invalid, NotAllowed
from civmap.fields import flag, number, refuse

NAME = "cascade"
VALUE = select(Custom.__table__.c.value).where(Custom.__table__.c.name == NAME)
BOUNDS: Mapping[str, tuple[float, float]] = {
    "nearest_m": (0, 20_000), "segment_default_m": (0, 200), "segment_beside_m": (0, 200), "margin_m": (0, 50),
    "margin_most_m": (0, 50), "tie_m": (0, 1),
}
MEMBERS = ("order", "reach", "frontage_classes", "waits_for_person")


@cache
def default_table() -> Table:
    """Return the cascade of `domain.md` §4, as a city runs it that never changed it."""
    return Table(frontage_classes=frozenset(code for code, found in dictionaries.issue_classes().items()
                                            if found.is_frontage))


def cascade_of(session: Session) -> Table:
    """Return the cascade as this city runs it."""
    return table_of(session.connection().scalar(VALUE))


def table_of(value: Any) -> Table:
    """Return the cascade of a kept value, the usual one where none is kept."""
    return default_table() if value is None else read(value)


def read(value: Any) -> Table:
    """Return a kept or sent value as a table; what it leaves out is the default. Raise Several with each problem."""
    problems: list[CivmapError] = []
    if not isinstance(value, Mapping):
        raise Invalid("cascade_unreadable", field="cascade")
    problems += [Invalid("cascade_member_unknown", field=str(name), known=list(MEMBERS))
                 for name in value if name not in MEMBERS]
    default = default_table()
    order = _taken(problems, "order", lambda: _order(value["order"])) if "order" in value else default.order
    reach = _reach(problems, value.get("reach", {}))
    classes = (_taken(problems, "frontage_classes", lambda: _classes(value["frontage_classes"]))
               if "frontage_classes" in value else default.frontage_classes)
    waits = _taken(problems, "waits_for_person", lambda: flag(value.get("waits_for_person", False)))
    refuse(problems)
    return Table(order, reach, classes, waits)


def must_be_decided(session: Session, facts: Mapping[str, Any]) -> None:
    """Raise NotAllowed `decision_needed` where a doubtful answer waits for a person and none has named the unit.

    `facts`: `is_ambiguous` and `basis` of the issue, `unit` as the dispatch names it (None where it names none).
    """
    if facts.get("unit") or not facts.get("is_ambiguous") or facts.get("basis") in FIRST:
        return
    if cascade_of(session).waits_for_person:
        raise NotAllowed("decision_needed", field="unit", verb="dispatch", allowed=["dispatch"])


def as_value(table: Table) -> dict[str, Any]:
    """Return a table as it is kept and sent."""
    reach = {name: metres for name, metres in asdict(table.reach).items() if name in BOUNDS}
    return {"order": list(table.order), "reach": reach, "frontage_classes": sorted(table.frontage_classes),
            "waits_for_person": table.waits_for_person}


def _taken(problems: list[CivmapError], field: str, work: Any) -> Any:
    try:
        return work()
    except Invalid as problem:
        problem.field = problem.field or field
        problems.append(problem)
        return None


def _order(written: Any) -> tuple[str, ...]:
    """Return the rules in their order, the two of a person's word first; raise Invalid for unknown or doubled ones."""
    if not isinstance(written, list) or not all(isinstance(name, str) for name in written):
        raise Invalid("cascade_order_unreadable", known=list(MOVABLE))
    moved = [name for name in written if name not in FIRST]
    unknown = [name for name in moved if name not in MOVABLE]
    if unknown:
        raise Invalid("cascade_rule_unknown", value=unknown[0][:40], known=list(MOVABLE))
    if len(set(moved)) < len(moved):
        raise Invalid("cascade_rule_twice", value=next(name for name in moved if moved.count(name) > 1))
    return (*FIRST, *moved)


def _reach(problems: list[CivmapError], written: Any) -> Reach:
    if not isinstance(written, Mapping):
        problems.append(Invalid("cascade_unreadable", field="reach"))
        return Reach()
    problems += [Invalid("cascade_member_unknown", field=f"reach.{name}", known=list(BOUNDS))
                 for name in written if name not in BOUNDS]
    found = {}
    for name, (low, high) in BOUNDS.items():
        if name in written:
            found[name] = _taken(problems, f"reach.{name}", lambda name=name, low=low, high=high:
                                 number(low, high)(written[name]))
    whole = {entry.name: entry.default for entry in fields(Reach)} | found
    if None not in whole.values() and whole["margin_most_m"] < whole["margin_m"]:
        problems.append(Invalid("cascade_margins_crossed", field="reach.margin_most_m"))
    return Reach(**whole)


def _classes(written: Any) -> frozenset[str]:
    if not isinstance(written, list) or not all(isinstance(code, str) for code in written):
        raise Invalid("cascade_classes_unreadable")
    return frozenset(dictionaries.issue_class(code).code for code in written)
