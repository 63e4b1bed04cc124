"""What a road segment and its chiefs may be."""

import re
from collections.abc import Mapping
from typing import Any

from civmap import dictionaries
from civmap.errors import CivmapError, Invalid
from civmap.fields import (
    Field,
    check_order,
    code,
    coded,
    feature_parts,
    is_blank,
    last_moment,
    masked_phone,
    moment,
    number,
    one_of,
    phone,
    plain_text,
    read_fields,
    refuse,
    text,
    whole,
)
from civmap.geo.validity import Frame, read_geometry

LEVELS = (0, 1, 2, 3)
WIDEST_M = 300.0
SIDES = {"both": "both", "left": "left", "right": "right", "双侧": "both", "两侧": "both", "左侧": "left", "左": "left",
         "右侧": "right", "右": "right"}
READ_ONLY = frozenset({"id", "version", "kind", "class_name", "unit_name", "unit_phone", "length_m", "division",
                       "open_issues", "due_soon_issues", "overdue_issues", "status"})
_CHIEF_PHONE = re.compile(r"(.*?)[\s,，:：(（]*([+0-9][0-9\-\s]{5,20})[)）]?")


def side(value: Any) -> str:
    """Return both, left or right, written in English or Chinese."""
    return SIDES[one_of(*SIDES)(value)]


FIELDS = (
    Field("code", "code", code, is_required=True),
    Field("name", "name", text(200), is_required=True),
    Field("road", "road", text(100)),
    Field("class", "road_class", coded(dictionaries.road_class)),
    Field("width_m", "width_m", number(0.5, WIDEST_M)),
    Field("side", "side", side),
    Field("unit", "unit", text(200)),
    Field("from_name", "from_name", text(100)),
    Field("to_name", "to_name", text(100)),
    Field("chainage_m", "chainage_m", number(0, 1_000_000)),
    Field("valid_from", "valid_from", moment),
    Field("valid_to", "valid_to", last_moment),
)
EXTRA = frozenset({"from", "to", "chiefs", *(f"chief{level}" for level in LEVELS)})
DEFAULTS = {"road": "", "road_class": "branch", "side": "both"}
Chief = dict[str, Any]


def read(feature: Any, frame: Frame, *, is_new: bool,
         kept: Mapping[int, Chief] | None = None) -> tuple[dict[str, Any], list[Chief] | None]:
    """Return the columns that a segment's feature sets, and its chiefs where it names any.

    The geometry is a LineString inside the frame. Chiefs come as `chiefs` (a list of level, name, title, phone) or as
    `chief0` … `chief3` (a name, or name and phone); `kept` are those already there by level, whose phones are kept
    where the masked form or none is sent. Raise Invalid or Several.
    """
    geometry, properties = feature_parts(feature)
    for short in ("from", "to"):
        if short in properties:
            properties.setdefault(f"{short}_name", properties.pop(short))
    sent = {name: properties.pop(name) for name in list(properties) if name in EXTRA}
    columns, problems = read_fields(properties, FIELDS, is_new=is_new, read_only=READ_ONLY)
    problems += check_order(columns, "valid_from", "valid_to")
    if geometry is not None or is_new:
        problems += _read_line(columns, geometry, frame)
    chiefs: list[Chief] | None = None
    try:
        chiefs = read_chiefs(sent, kept or {})
    except CivmapError as problem:
        problems.append(problem)
    refuse(problems)
    columns.update({name: value for name, value in DEFAULTS.items() if columns.get(name, "") is None})
    return columns, chiefs


def _read_line(columns: dict[str, Any], geometry: Any, frame: Frame) -> list[CivmapError]:
    try:
        if geometry is None:
            raise Invalid("line_missing", field="geometry")
        columns["geom"] = read_geometry(geometry, ("LineString",), frame)
    except CivmapError as problem:
        return [problem]
    return []


def read_chiefs(sent: Mapping[str, Any], kept: Mapping[int, Chief]) -> list[Chief] | None:
    """Return the chiefs by rising level, or None where none is spoken of; raise Invalid."""
    if not sent:
        return None
    found = {level: dict(chief) for level, chief in kept.items()} if "chiefs" not in sent else {}
    for level in LEVELS:
        name = f"chief{level}"
        if name in sent:
            found.pop(level, None)
            if not is_blank(sent[name]):
                found[level] = _named_chief(level, sent[name], kept.get(level))
    for entry in _list_of(sent.get("chiefs")):
        chief = _chief(entry, kept)
        if chief["level"] in found:
            raise Invalid("chief_level_twice", field="chiefs", level=chief["level"])
        found[chief["level"]] = chief
    return [found[level] for level in sorted(found)]


def _list_of(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > len(LEVELS):
        raise Invalid("chiefs_unreadable", field="chiefs")
    return value


def _chief(entry: Any, kept: Mapping[int, Chief]) -> Chief:
    if not isinstance(entry, Mapping) or not set(entry) <= {"level", "name", "title", "phone", "level_name"}:
        raise Invalid("chiefs_unreadable", field="chiefs")
    try:
        level = whole(0, 3)(entry.get("level"))
        name = plain_text(entry.get("name"), 60)
        title = None if is_blank(entry.get("title")) else plain_text(entry["title"], 100)
        return {"level": level, "name": _must(name), "title": title,
                "phone": _phone(entry.get("phone"), kept.get(level))}
    except CivmapError as problem:
        problem.field = "chiefs"
        raise


def _named_chief(level: int, value: Any, kept: Chief | None) -> Chief:
    written = plain_text(value, 120)
    with_phone = _CHIEF_PHONE.fullmatch(written)
    name, number = with_phone.groups() if with_phone and with_phone[1].strip() else (written, None)
    if number is None and kept and kept["name"] == name:
        return dict(kept)
    try:
        return {"level": level, "name": _must(plain_text(name, 60)), "title": None,
                "phone": phone(number) if number else None}
    except CivmapError as problem:
        problem.field = f"chief{level}"
        raise


def _must(name: str) -> str:
    if not name:
        raise Invalid("chief_name_missing", field="chiefs")
    return name


def _phone(value: Any, kept: Chief | None) -> str | None:
    if is_blank(value):
        return None
    if kept and kept.get("phone") and value == masked_phone(kept["phone"]):
        return kept["phone"]
    return phone(value)

