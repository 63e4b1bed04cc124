"""Which columns a table that leaves the house has, and what each cell says.

Headings are the office's own in Chinese and the field names in English; both come back in through
`geodata/dictionaries/import_headings.csv`. Codes and readable names stand side by side.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import shapely

from civmap import clock, dictionaries, texts
from civmap.errors import Invalid
from civmap.exchange import kinds

Feature = dict[str, Any]
Cell = str | int | float | bool | None
Maker = Callable[[Feature, str], Cell]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its field, and how a feature's cell is made in a language."""

    field: str
    make: Maker
    is_wide: bool = False


def _plain(name: str) -> Maker:
    def make(feature: Feature, lang: str) -> Cell:
        value = feature["properties"].get(name)
        if isinstance(value, bool):
            return texts.say(lang, "export.yes" if value else "export.no")
        if isinstance(value, list):
            return "、".join(str(part) for part in value)
        return value
    return make


def _named(name: str, table: Callable[[], dict[str, Any]]) -> Maker:
    def make(feature: Feature, lang: str) -> Cell:
        value = feature["properties"].get(name)
        entry = table().get(value) if value else None
        return entry.name(lang) if entry is not None else value
    return make


def _moment(name: str) -> Maker:
    def make(feature: Feature, lang: str) -> Cell:
        value = feature["properties"].get(name)
        if not value or "T" not in str(value):
            return value
        return clock.to_office(clock.parse_moment(str(value))).strftime("%Y-%m-%d %H:%M:%S")
    return make


def _position(index: int) -> Maker:
    def make(feature: Feature, lang: str) -> Cell:
        geometry = feature["geometry"]
        return geometry["coordinates"][index] if geometry and geometry["type"] == "Point" else None
    return make


def _wkt(feature: Feature, lang: str) -> Cell:
    return shapely.geometry.shape(feature["geometry"]).wkt if feature["geometry"] else None


def _chief(level: int) -> Maker:
    def make(feature: Feature, lang: str) -> Cell:
        chiefs = feature["properties"].get("chiefs") or []
        return next((chief.get("name") for chief in chiefs if chief.get("level") == level), None)
    return make


def _plains(*names: str) -> list[Column]:
    return [Column(name, _plain(name)) for name in names]


_SPOT = [Column("lon", _position(0)), Column("lat", _position(1))]
_UNIT = [*_plains("unit", "unit_name")]
_BURDEN = [*_plains("open_issues", "due_soon_issues", "overdue_issues"),
           Column("status", lambda feature, lang: _status(feature, lang))]
_GEOMETRY = Column("geometry", _wkt, is_wide=True)


def _status(feature: Feature, lang: str) -> Cell:
    value = feature["properties"].get("status")
    return texts.say(lang, f"export.status.{value}") if value and texts.has(lang, f"export.status.{value}") else value


def _pledge(feature: Feature, lang: str) -> Cell:
    value = feature["properties"].get("pledge_state")
    return texts.say(lang, f"pledge.state.{value}") if value else None


LAYOUTS: dict[str, list[Column]] = {
    "points": [
        *_plains("code", "name"), Column("type", _named("type", dictionaries.point_types)),
        Column("type_code", _plain("type")), *_SPOT, *_UNIT, *_plains("unit_phone", "address", "street"),
        *_plains("is_declared", "is_mandatory", "open_hours", "note"), *_BURDEN],
    "units": [
        *_plains("code", "name"), Column("kind", _named("kind", dictionaries.unit_kinds)), *_SPOT,
        *_plains("categories", "parent", "parent_name", "territory", "capacity", "phone", "head_person", "liaison",
                 "address"), *_BURDEN],
    "zones": [
        *_plains("code", "name"), Column("kind", _named("kind", dictionaries.zone_kinds)), *_UNIT,
        *_plains("parent", "parent_name", "holder", "holder_phone", "door_no"),
        Column("valid_from", _moment("valid_from")), Column("valid_to", _moment("valid_to")),
        *_plains("pledge_no", "pledge_signed_on", "pledge_expires_on"), Column("pledge_state", _pledge),
        *_plains("adopting_unit", "households", "area_m2"),
        *_BURDEN, _GEOMETRY],
    "segments": [
        *_plains("code", "name", "road", "from_name", "to_name"),
        Column("class", _named("class", dictionaries.road_classes)), *_UNIT,
        *(Column(f"chief{level}", _chief(level)) for level in range(4)), *_plains("width_m"),
        Column("side", lambda feature, lang: texts.say(lang, f"export.side.{feature['properties'].get('side')}")
               if feature["properties"].get("side") in ("both", "left", "right") else None),
        *_plains("length_m"), *_BURDEN, _GEOMETRY],
    "issues": [
        *_plains("issue_no"), Column("class", _named("class", dictionaries.issue_classes)),
        Column("class_code", _plain("class")), *_plains("description"), *_SPOT,
        *_plains("point", "point_name"), *_UNIT,
        Column("state", _named("state", dictionaries.issue_states)), Column("status", _status),
        *(Column(name, _moment(name)) for name in ("reported_at", "dispatched_at", "due_at", "closed_at"))],
}


LAYOUTS |= {
    "shops": [*_plains("code", "name"), *_SPOT, *_plains(
        "door_width_m", "door_no", "holder", "phone", "address", "parent", "pledge_signed_on", "pledge_expires_on")],
    "streets": [*_plains("name", "highway", "width_m", "is_oneway", "layer"), _GEOMETRY],
    "buildings": [*_plains("name", "kind", "levels", "households"), _GEOMETRY],
    "people": [*_plains("name", "full_name"), Column("role", _named("role", dictionaries.roles)),
               *_plains("unit", "territory", "segment", "phone")],
    "duties": [Column("class", _named("class", dictionaries.issue_classes)), *_plains("category", "territory", "unit"),
               Column("valid_from", _moment("valid_from")), Column("valid_to", _moment("valid_to"))],
    "holidays": _plains("day", "is_worked", "name"),
}
PLACED = ("lon", "lat", "geometry")


def columns_of(kind: str) -> list[Column]:
    """Return the columns of a kind of table; raise Invalid for a kind that does not leave as a table."""
    if kind not in LAYOUTS:
        raise Invalid("export_kind_unknown", field="kind", kind=kind, known=list(LAYOUTS))
    return LAYOUTS[kind]


def headings(kind: str, lang: str, system: str = "") -> list[str]:
    """Return the heading of every column: Chinese office words, or the field names in English.

    A `system` other than the usual one stands in brackets behind the columns that hold coordinates.
    """
    known = kinds.spellings(kind)
    said = [column.field if lang != "zh" else known[column.field][0] if known.get(column.field)
            else texts.say("zh", f"export.heading.{column.field}") for column in columns_of(kind)]
    return [f"{heading}({system})" if system and column.field in PLACED else heading
            for column, heading in zip(columns_of(kind), said, strict=True)]


def lines(kind: str, features: Iterable[Feature], lang: str) -> Iterator[Sequence[Cell]]:
    """Yield the cells of every feature."""
    columns = columns_of(kind)
    for feature in features:
        yield [column.make(feature, lang) for column in columns]
