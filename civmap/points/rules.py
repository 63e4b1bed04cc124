"""What an inspection point may be, and which types of points still lack a declared one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from civmap import dictionaries
from civmap.errors import CivmapError, Invalid
from civmap.fields import (
    Field,
    check_order,
    code,
    coded,
    feature_parts,
    flag,
    last_moment,
    moment,
    number,
    read_fields,
    refuse,
    text,
)
from civmap.geo.validity import Frame, read_geometry

OUTLINES = ("Polygon", "MultiPolygon", "LineString", "MultiLineString")
READ_ONLY = frozenset({"id", "version", "type_name", "is_mandatory", "unit_name", "unit_phone", "division", "kind",
                       "open_issues", "due_soon_issues", "overdue_issues", "status", "lon", "lat"})
FIELDS = (
    Field("code", "code", code, is_required=True),
    Field("name", "name", text(200), is_required=True),
    Field("type", "type", coded(dictionaries.point_type), is_required=True),
    Field("unit", "unit", text(200)),
    Field("address", "address", text(200)),
    Field("street", "street", text(100)),
    Field("is_declared", "is_declared", flag),
    Field("open_hours", "open_hours", text(200)),
    Field("surroundings_m", "surroundings_m", number(0, 5000)),
    Field("note", "note", text(2000)),
    Field("valid_from", "valid_from", moment),
    Field("valid_to", "valid_to", last_moment),
)


def read(feature: Any, frame: Frame, *, is_new: bool) -> dict[str, Any]:
    """Return the columns that a point's feature sets, `unit` still by its name; raise Invalid or Several.

    The geometry is a Point inside the frame (west, south, east, north in degrees); the property `outline` may hold
    the place's shape as a GeoJSON geometry. A new point that says nothing of being declared is: whoever keeps or
    imports points keeps the office's list; places that a street map offers say that they are not.
    """
    geometry, properties = feature_parts(feature)
    has_outline, outline = "outline" in properties, properties.pop("outline", None)
    columns, problems = read_fields(properties, FIELDS, is_new=is_new, read_only=READ_ONLY)
    problems += check_order(columns, "valid_from", "valid_to")
    if geometry is not None or is_new:
        problems += _read_into(columns, "geom", geometry, ("Point",), frame, "geometry")
    if has_outline and outline is None and not is_new:
        columns["outline"] = None
    elif outline is not None:
        problems += _read_into(columns, "outline", outline, OUTLINES, frame, "outline")
    refuse(problems)
    if columns.get("is_declared", "") is None:
        columns["is_declared"] = False
    if is_new:
        columns.setdefault("is_declared", True)
    return columns


def _read_into(columns: dict[str, Any], column: str, value: Any, kinds: tuple[str, ...], frame: Frame,
               field: str) -> list[CivmapError]:
    try:
        if field == "geometry" and value is None:
            raise Invalid("point_spot_missing", field=field)
        columns[column] = read_geometry(value, kinds, frame, field)
    except CivmapError as problem:
        return [problem]
    return []


@dataclass(frozen=True, slots=True)
class TypeCount:
    """How many points of one type there are, how many are declared, and whether the type is always inspected."""

    type: str
    name_zh: str
    name_en: str
    is_mandatory: bool
    total: int
    declared: int

    @property
    def is_missing(self) -> bool:
        """Tell whether a mandatory type has no declared point."""
        return self.is_mandatory and self.declared == 0

    def name(self, lang: str) -> str:
        """Return the type's name in `zh`, or in English for any other language."""
        return self.name_zh if lang == "zh" else self.name_en


@dataclass(frozen=True, slots=True)
class Completeness:
    """The declaration as a whole: one count per point type, in the order of the dictionary."""

    types: tuple[TypeCount, ...]

    @property
    def missing(self) -> tuple[TypeCount, ...]:
        """Return the mandatory types that have no declared point."""
        return tuple(count for count in self.types if count.is_missing)

    @property
    def total(self) -> int:
        """Return how many points there are."""
        return sum(count.total for count in self.types)

    @property
    def declared(self) -> int:
        """Return how many points are declared."""
        return sum(count.declared for count in self.types)


def completeness(counted: Mapping[str, tuple[int, int]]) -> Completeness:
    """Return the completeness of (total, declared) by type code, over all types of the dictionary."""
    return Completeness(tuple(_counts(counted)))


def _counts(counted: Mapping[str, tuple[int, int]]) -> Iterable[TypeCount]:
    for kind in dictionaries.point_types().values():
        total, declared = counted.get(kind.code, (0, 0))
        yield TypeCount(kind.code, kind.name_zh, kind.name_en, kind.is_mandatory, total, declared)
