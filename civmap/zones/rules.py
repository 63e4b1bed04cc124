"""What a zone may be: its kind, shape and dates, how it is numbered, and which kinds may not share ground."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from civmap import dictionaries
from civmap.errors import CivmapError, Invalid
from civmap.fields import (
    Field,
    check_order,
    code,
    coded,
    day,
    feature_parts,
    flag,
    last_moment,
    masked_phone,
    moment,
    number,
    one_of,
    phone,
    read_fields,
    refuse,
    text,
    whole,
)
from civmap.geo.mending import read_area
from civmap.geo.validity import Frame

BORDERS = ("grid", "community", "subdistrict")
PREFIXES = {"frontage": "SB", "grid": "WG", "estate": "XQ", "subdistrict": "JD", "community": "SQ",
            "school_surroundings": "XY", "special": "ZS"}
OTHER_PREFIX = "QY"
CODE_LENGTHS = {"grid": 15, "community": 12, "subdistrict": 9}
LEAST_M2 = 0.05
READ_ONLY = frozenset({"id", "version", "kind_name", "unit_name", "unit_phone", "parent_name", "adopting_unit_name",
                       "division", "area_m2", "open_issues", "due_soon_issues", "overdue_issues", "status",
                       "pledge_state", "plate_no"})


def _depth_rule(value: Any) -> str:
    return one_of(*dictionaries.depth_rules())(value)


FIELDS = (
    Field("kind", "kind", coded(dictionaries.zone_kind), is_required=True),
    Field("code", "code", code),
    Field("name", "name", text(200)),
    Field("unit", "unit", text(200)),
    Field("parent", "parent", text(200)),
    Field("adopting_unit", "adopting_unit", text(200)),
    Field("holder", "holder", text(60)),
    Field("holder_phone", "holder_phone", phone),
    Field("door_no", "door_no", text(60)),
    Field("segment", "segment_code", text(64)),
    Field("side", "side", one_of("left", "right", "both")),
    Field("depth_rule", "depth_rule", _depth_rule),
    Field("depth_m", "depth_m", number(0, 1000)),
    Field("pledge_no", "pledge_no", text(64)),
    Field("pledge_signed_on", "pledge_signed_on", day),
    Field("pledge_expires_on", "pledge_expires_on", day),
    Field("households", "households", whole(0)),
    Field("is_partial", "is_partial", flag),
    Field("valid_from", "valid_from", moment),
    Field("valid_to", "valid_to", last_moment),
)


def read(feature: Any, frame: Frame, *, is_new: bool, known_phone: str | None = None) -> dict[str, Any]:
    """Return the columns that a zone's feature sets; `unit`, `parent` and `adopting_unit` still by their names.

    The geometry is a Polygon or MultiPolygon inside the frame (west, south, east, north in degrees). A masked form of
    the phone already kept is no change. Raise Invalid or Several.
    """
    geometry, properties = feature_parts(feature)
    if known_phone and properties.get("holder_phone") == masked_phone(known_phone):
        del properties["holder_phone"]
    columns, problems = read_fields(properties, FIELDS, is_new=is_new, read_only=READ_ONLY)
    problems += check_order(columns, "valid_from", "valid_to")
    problems += check_order(columns, "pledge_signed_on", "pledge_expires_on")
    if geometry is not None or is_new:
        problems += _read_area(columns, geometry, frame)
    refuse(problems)
    if columns.get("name", "") is None:
        columns["name"] = ""
    if columns.get("is_partial", "") is None:
        columns["is_partial"] = False
    if columns.get("code", "") is None:
        del columns["code"]
    return columns


def _read_area(columns: dict[str, Any], geometry: Any, frame: Frame) -> list[CivmapError]:
    try:
        if geometry is None:
            raise Invalid("area_missing", field="geometry")
        columns["geom"] = read_area(geometry, frame, LEAST_M2)
    except CivmapError as problem:
        return [problem]
    return []


def forbids_overlap(kind: str) -> bool:
    """Tell whether zones of the kind may not share ground with each other (domain.md §5)."""
    known = dictionaries.zone_kinds().get(kind)
    return known is not None and known.forbids_overlap


def tiles(kind: str) -> bool:
    """Tell whether zones of the kind leave no gap in what they tile (domain.md §5)."""
    known = dictionaries.zone_kinds().get(kind)
    return known is not None and known.must_tile


def tiled_kinds(kind: str) -> tuple[str, ...]:
    """Return the kinds whose ground zones of a kind tile: those below tile those above."""
    known = dictionaries.zone_kinds().get(kind)
    return known.within if known is not None else ()


def shares_lines(kind: str) -> tuple[str, ...]:
    """Return the kinds whose zones have their corners in common with this one: itself, and all that tile the ground."""
    known = dictionaries.zone_kinds()
    if kind not in known or not known[kind].must_tile:
        return (kind,)
    return tuple(name for name, entry in known.items() if entry.must_tile)


def may_newly_overlap(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Tell whether a change of shape, kind or validity calls for looking at the neighbours again."""
    return any(before[name] != after[name] for name in ("geom", "kind", "valid_from", "valid_to"))


def checked_span(valid_from: datetime | None, valid_to: datetime | None,
                 now: datetime | None) -> tuple[datetime | None, datetime | None] | None:
    """Return the span over which overlaps count: what is past stays as it was; None where all of it is past."""
    begins = valid_from if now is None else max(filter(None, (valid_from, now)))
    if valid_to is not None and begins is not None and valid_to <= begins:
        return None
    return begins, valid_to


def division_of_border(kind: str, code: str) -> str | None:
    """Return the division code that a border zone itself stands for, if its code is one."""
    return code if kind in BORDERS and code.isascii() and code.isdigit() and 6 <= len(code) <= 20 else None


def next_code(kind: str, last: str | None) -> str:
    """Return the code after the last one given to the kind: SB000001, SB000002 …"""
    prefix = PREFIXES.get(kind, OTHER_PREFIX)
    number = int(last.removeprefix(prefix)) if last else 0
    return f"{prefix}{number + 1:06d}"

