"""Row by row: cells become the values of one thing, or problems that name row, column, code and a way out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from civmap.dictionaries import saying
from civmap.errors import CivmapError, Invalid, Several
from civmap.exchange import cells, places
from civmap.exchange.kinds import Kind
from civmap.exchange.sheets import Row, Table
from civmap.geo.validity import Frame, read_geometry
from civmap.segments.taking import keyed

MASK = "****"
MASKED = ("phone", "holder_phone", "chief_phone", "chief0", "chief1", "chief2", "chief3")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in one cell: the file's own row number, the heading, a code, a sentence and what would fit."""

    row: int
    column: str | None
    code: str
    message: str
    suggestion: str | None

    def as_json(self) -> dict[str, Any]:
        """Return the problem as `interfaces.md` §2 writes it."""
        return {"row": self.row, "column": self.column, "code": self.code, "message": self.message,
                "suggestion": self.suggestion}


@dataclass(frozen=True, slots=True)
class Checked:
    """A row that can be read: its number and its values by field."""

    row: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Desk:
    """What checking a table needs to know: kind, columns, headings, coordinate system, frame and language."""

    kind: Kind
    columns: dict[str, int]
    headings: list[str]
    crs: str
    frame: Frame
    lang: str

    def problem(self, row: int, error: CivmapError) -> Problem:
        """Return the problem that a refusal is, in words, under the heading of its field."""
        return Problem(row, self._heading(error.field), error.code, saying.sentence(self.lang, error),
                       places.reading(error))

    def problems(self, row: int, error: CivmapError) -> list[Problem]:
        """Return one problem for each refusal in an error."""
        parts = error.problems if isinstance(error, Several) else [error]
        return [self.problem(row, part) for part in parts]

    def _heading(self, field: str | None) -> str | None:
        if field not in self.columns and field in ("lon", "lat", "geometry"):
            field = next((name for name in ("lon", "lat", "geometry") if name in self.columns), field)
        return self.headings[self.columns[field]] if field in self.columns else field


def checked(desk: Desk, table: Table) -> Iterator[Checked | list[Problem]]:
    """Yield every row as values, or as what is wrong with it; a key met before in the file is a problem."""
    seen: dict[tuple[str, ...], int] = {}
    for row in table.rows:
        values, errors = _values(desk, row)
        if not errors:
            errors = _key_errors(desk.kind, values, seen, row.number)
        yield [desk.problem(row.number, error) for error in errors] if errors else Checked(row.number, values)


def _values(desk: Desk, row: Row) -> tuple[dict[str, Any], list[CivmapError]]:
    values: dict[str, Any] = {}
    errors: list[CivmapError] = []
    for name, column in desk.columns.items():
        cell = row.cells[column] if column < len(row.cells) else None
        if cells.is_blank(cell) or (name in MASKED and isinstance(cell, str) and MASK in cell):
            continue
        try:
            values[name] = desk.kind.readers[name](cell)
        except CivmapError as error:
            error.field = error.field or name
            errors.append(error)
    errors += [Invalid("field_missing", field=name) for name in desk.kind.required
               if name not in values and not any(error.field == name for error in errors)]
    if desk.kind.geometries:
        errors += _settle_place(desk, values, errors)
    elif desk.kind.either and not any(all(name in values for name in choice) for choice in desk.kind.either):
        errors.append(Invalid("field_missing", field=desk.kind.either[0][0]))
    return values, errors


def _settle_place(desk: Desk, values: dict[str, Any], errors: list[CivmapError]) -> list[CivmapError]:
    """Put one lon/lat geometry in the place of lon, lat and geometry cells."""
    lon, lat, geometry = (values.pop(name, None) for name in ("lon", "lat", "geometry"))
    if any(error.field in ("lon", "lat", "geometry") for error in errors):
        return []
    try:
        if geometry is not None:
            values["geometry"] = places.shape(geometry, desk.crs, desk.frame)
            read_geometry(values["geometry"], desk.kind.geometries, desk.frame)
        elif lon is not None and lat is not None:
            values["geometry"] = places.spot(lon, lat, desk.crs, desk.frame)
        elif lon is not None or lat is not None:
            return [Invalid("coordinates_half", field="lat" if lat is None else "lon")]
        else:
            return _without_place(desk.kind, values)
    except CivmapError as error:
        error.field = "geometry" if geometry is not None else error.field
        return [error]
    return []


def _without_place(kind: Kind, values: dict[str, Any]) -> list[CivmapError]:
    if kind.name == "segments" and {"name", "from_name", "to_name"} <= values.keys():
        values.update(keyed(values))
        return []
    if kind.name == "units" or (kind.name == "issues" and "point" in values):
        return []
    if kind.name in ("points", "issues"):
        return [Invalid("coordinates_missing", field="lon")]
    return [Invalid("field_missing", field="geometry")]


def _key_errors(kind: Kind, values: dict[str, Any], seen: dict[tuple[str, ...], int],
                number: int) -> list[CivmapError]:
    key = tuple(str(values.get(name, "")) for name in kind.keys)
    if not any(key):
        return []
    first = seen.setdefault(key, number)
    if first == number:
        return []
    return [Invalid("duplicate_in_file", field=next((name for name in kind.keys if values.get(name)), kind.keys[0]),
                    key=" ".join(part for part in key if part), first=first)]


def parents_first(rows: Iterable[Checked]) -> list[Checked]:
    """Return rows so that one that another names as its parent stands before it; else in the file's order."""
    waiting = {str(row.values.get("code")): row for row in rows}
    ordered: list[Checked] = []
    for row in list(waiting.values()):
        chain: list[Checked] = []
        while (key := str(row.values.get("code"))) in waiting:
            chain.append(waiting.pop(key))
            parent = str(row.values.get("parent", ""))
            if parent not in waiting:
                break
            row = waiting[parent]
        ordered += reversed(chain)
    return ordered
