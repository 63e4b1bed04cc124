"""What a unit may be."""

import re
from collections.abc import Mapping
from typing import Any, Protocol

from civmap import dictionaries
from civmap.errors import CivmapError, Invalid
from civmap.fields import (
    Field,
    check_order,
    code,
    coded,
    feature_parts,
    last_moment,
    masked_phone,
    moment,
    number,
    phone,
    plain_text,
    read_fields,
    refuse,
    territory,
    text,
    whole,
)
from civmap.geo.validity import Frame, read_geometry
from civmap.store.ledger import Actor

MOST_CATEGORIES = 30
LEAST_DOOR_M, MOST_DOOR_M = 0.3, 500.0
READ_ONLY = frozenset({"id", "version", "parent_name", "kind_name", "open_issues", "due_soon_issues", "overdue_issues",
                       "status", "lon", "lat", "category_names", "unit", "unit_name"})


class Looker(Protocol):
    """Who looks or acts; `people.rules.Viewer` is one (people stand above units)."""

    role: str
    unit_id: int | None
    unit_ids: frozenset[int]

    @property
    def actor(self) -> Actor: ...

    @property
    def sees_all(self) -> bool: ...

    def may(self, verb: str, kind: str) -> bool: ...

    def must(self, verb: str, kind: str) -> None: ...


def categories(value: Any) -> list[str]:
    """Return the duty categories of a list, or of a text that parts them by 、 ; , or |; each by any of its names."""
    parts = value if isinstance(value, list | tuple) else re.split(r"[、;;,,|/]+", plain_text(value, 400))
    if len(parts) > MOST_CATEGORIES:
        raise Invalid("too_many_categories", count=len(parts), most=MOST_CATEGORIES)
    written = (plain_text(part, 60) for part in parts)
    return list(dict.fromkeys(dictionaries.duty_category(part).code for part in written if part))


FIELDS = (
    Field("code", "code", code, is_required=True),
    Field("name", "name", text(200), is_required=True),
    Field("kind", "kind", coded(dictionaries.unit_kind)),
    Field("categories", "categories", categories),
    Field("parent", "parent", text(200)),
    Field("territory", "territory", territory),
    Field("capacity", "capacity", whole(0)),
    Field("phone", "phone", phone),
    Field("head_person", "head_person", text(60)),
    Field("liaison", "liaison", text(60)),
    Field("address", "address", text(200)),
    Field("holder", "holder", text(60)),
    Field("door_no", "door_no", text(60)),
    Field("door_width_m", "door_width_m", number(LEAST_DOOR_M, MOST_DOOR_M)),
    Field("valid_from", "valid_from", moment),
    Field("valid_to", "valid_to", last_moment),
)


def read(feature: Any, frame: Frame, *, is_new: bool, known_phone: str | None = None) -> dict[str, Any]:
    """Return the columns that a unit's feature sets, `parent` still by its name; raise Invalid or Several.

    The geometry is the seat, a Point or null, inside the frame. A masked form of the phone already kept is no change.
    """
    geometry, properties = feature_parts(feature)
    if known_phone and properties.get("phone") == masked_phone(known_phone):
        del properties["phone"]
    columns, problems = read_fields(properties, FIELDS, is_new=is_new, read_only=READ_ONLY)
    problems += check_order(columns, "valid_from", "valid_to")
    if geometry is not None or (isinstance(feature, Mapping) and "geometry" in feature and not is_new):
        problems += _read_seat(columns, geometry, frame)
    refuse(problems)
    if columns.get("categories", ()) is None:
        columns["categories"] = []
    if columns.get("kind", "") is None:
        columns["kind"] = "bureau"
    return columns


def _read_seat(columns: dict[str, Any], geometry: Any, frame: Frame) -> list[CivmapError]:
    try:
        columns["seat"] = None if geometry is None else read_geometry(geometry, ("Point",), frame)
    except CivmapError as problem:
        return [problem]
    return []


def check_parents(unit_id: int | None, chain: list[int]) -> None:
    """Refuse a parent whose own parents lead back to the unit; `chain` holds the ids from the parent upwards."""
    if unit_id is not None and unit_id in chain:
        raise Invalid("unit_cycle", field="parent")


def phone_seen(viewer: Looker, number: str | None, unit_id: int) -> str | None:
    """Return a unit's phone whole for the office and for the unit itself, else masked."""
    in_chain = viewer.sees_all or viewer.may("dispatch", "issue") or unit_id in viewer.unit_ids
    return number if in_chain else masked_phone(number)

