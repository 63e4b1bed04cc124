"""The ledger of one thing in words: who did what and when, and what was changed from what to what."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select

from civmap import dictionaries, texts
from civmap.clock import iso
from civmap.people.models import Person
from civmap.people.rules import SEES_TRAIL
from civmap.store import ledger
from civmap.units.queries import names as unit_names
from civmap.web.desk import Desk

Line = dict[str, Any]
SHAPES = ("geom", "outline", "seat", "snow_geom")
UNITS = ("unit_id", "adopting_unit_id")
NOT_TOLD = frozenset({"version", "division", "password_hash", *(f"{name}_at" for name in ("ended", "checked"))})
TABLES = {"type": dictionaries.point_types, "road_class": dictionaries.road_classes}
MOST_CHANGES = 8


def entries(desk: Desk, kind: str, key: str) -> list[Line]:
    """Return the ledger lines of one thing as pages show them, oldest first; none for who may not read the trail."""
    if desk.viewer.role not in SEES_TRAIL:
        return []
    found = ledger.history(desk.session, kind, key)
    lines = [{"at": iso(entry.at), "who": entry.who, "via": entry.via, "verb": entry.verb, "after": entry.after,
              "changes": _changes(entry.before, entry.after)} for entry in found]
    _say_changes(desk, lines)
    return named(desk, lines)


def named(desk: Desk, lines: list[Line]) -> list[Line]:
    """Put the readable names of verb, person and way beside the lines of a ledger."""
    names = full_names(desk, {line["who"] for line in lines})
    for line in lines:
        line["who_name"] = names.get(line["who"]) or line["who"]
        line["verb_name"] = _said(desk.lang, f"ledger.verb.{line['verb']}", line["verb"])
        line["via"] = _said(desk.lang, f"ledger.via.{line['via']}", line["via"])
    return lines


def full_names(desk: Desk, wanted: Iterable[str | None]) -> dict[str, str]:
    """Return how people are called, by their sign-in name; who has no account is left out."""
    asked = {one for one in wanted if one}
    rows = desk.session.execute(select(Person.name, Person.full_name).where(Person.name.in_(asked)))
    return {name: full for name, full in rows if full}


def _changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Line]:
    if not before or not after:
        return []
    return [{"field": name, "before": before[name], "after": after[name]} for name in before
            if name in after and name not in NOT_TOLD and before[name] != after[name]][:MOST_CHANGES]


def _say_changes(desk: Desk, lines: Iterable[Line]) -> None:
    """Say fields and values of all changes in words; a shape is only said to have moved."""
    told = [change for line in lines for change in line["changes"]]
    ids = {change[side] for change in told if change["field"] in UNITS for side in ("before", "after")}
    units = {key: unit.name for key, unit in unit_names(desk.session, (one for one in ids if one)).items()}
    for change in told:
        field = change["field"]
        change["label"] = _said(desk.lang, f"field.{field}", field)
        if field in SHAPES:
            change.update(before=None, after=None, is_shape=True)
            continue
        for side in ("before", "after"):
            change[side] = _value(desk.lang, field, change[side], units)


def _value(lang: str, field: str, value: Any, units: Mapping[int, str]) -> str:
    if value in (None, "", []):
        return "—"
    if isinstance(value, bool):
        return texts.say(lang, "pages.yes" if value else "pages.no")
    if field in UNITS:
        return units.get(value, str(value))
    if field in TABLES and (entry := TABLES[field]().get(value)):
        return entry.name(lang)
    if isinstance(value, list):
        return "、".join(_chief(lang, part) if isinstance(part, dict) else str(part) for part in value)
    return str(value)[:10] if field.endswith(("_on", "_from", "_to")) and "name" not in field else str(value)


def _chief(lang: str, chief: Mapping[str, Any]) -> str:
    level = _said(lang, f"pages.chief.{chief.get('level')}", str(chief.get("level")))
    return " ".join(str(part) for part in (level, chief.get("name"), chief.get("title"), chief.get("phone")) if part)


def _said(lang: str, key: str, otherwise: str) -> str:
    return texts.say(lang, key) if texts.has(lang, key) else otherwise
