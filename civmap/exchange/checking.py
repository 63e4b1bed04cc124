"""Row by row: cells become the values of one thing, or problems that name row, column, code and a way out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from civmap.calendar import WorkCalendar
from civmap.dictionaries import saying
from civmap.errors import CivmapError, Invalid, Several
from civmap.exchange import coordinates, places, repairs
from civmap.exchange.days import Hints
from civmap.exchange.kinds import Kind
from civmap.exchange.placing import SPOT_FIELDS, of_spots, spot_cells
from civmap.exchange.reading import Part, Reader
from civmap.exchange.repairs import Decisions, Repair
from civmap.exchange.sheets import Row
from civmap.exchange.spans import Clock
from civmap.geo.validity import Frame, read_geometry
from civmap.segments.taking import keyed

PLACE = repairs.PLACE_FIELDS


@dataclass(slots=True)
class Problem:
    """What is wrong in one cell: the file's own row number, part, field, heading, refusal, and what would fit."""

    row: int
    part: int
    field: str | None
    column: str | None
    error: CivmapError
    severity: str
    repair: Repair | None
    is_accepted: bool = False

    @property
    def code(self) -> str:
        """Return the code of the refusal."""
        return self.error.code

    @property
    def keeps_out(self) -> bool:
        """Tell whether the row stays out because of it."""
        return self.severity == repairs.ERROR and not self.is_accepted

    def as_json(self, lang: str) -> dict[str, Any]:
        """Return the problem as `interfaces.md` §2 writes it, with severity and whether it can be repaired."""
        return {"row": self.row, "column": self.column, "code": self.code,
                "message": saying.sentence(lang, self.error), "suggestion": places.reading(self.error),
                "severity": self.severity, "repair": self.repair is not None}


@dataclass(slots=True)
class Found:
    """What was read of one part of a row: its values by field, and what is wrong."""

    row: int
    part: int
    values: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Tell whether nothing keeps it out."""
        return not any(problem.keeps_out for problem in self.problems)


class Placer(Protocol):
    """Brings coordinates of a row to lon/lat."""

    def point(self, index: int, first: Any, second: Any) -> dict[str, Any]:
        """Return the GeoJSON point of the row at an index of the table, of one or two cells; raise Invalid."""

    def warning(self, index: int) -> CivmapError | None:
        """Return what a person should hear of a row that is taken all the same."""

    def offer(self, index: int) -> CivmapError | None:
        """Return the refusal of a row without coordinates that knows a place."""

    def system(self, index: int) -> str | None:
        """Return in which system a row was written."""

    def shape(self, index: int, geometry: dict[str, Any]) -> dict[str, Any]:
        """Return a GeoJSON geometry in lon/lat; raise Invalid."""


@dataclass(frozen=True, slots=True)
class EachByItself:
    """Brings every row to lon/lat by the one system that was named."""

    crs: str
    frame: Frame

    def point(self, index: int, first: Any, second: Any) -> dict[str, Any]:
        """Return the GeoJSON point that one cell or two say; raise Invalid."""
        said = coordinates.read(first, second)
        return places.spot(said.x, said.y, self.crs, self.frame)

    def warning(self, index: int) -> CivmapError | None:
        """Return nothing: every row is taken as it stands."""
        return None

    def offer(self, index: int) -> CivmapError | None:
        """Return nothing: no address is looked up."""
        return None

    def system(self, index: int) -> str | None:
        """Return the one system."""
        return self.crs

    def shape(self, index: int, geometry: dict[str, Any]) -> dict[str, Any]:
        """Return a GeoJSON geometry in lon/lat; raise Invalid."""
        return places.shape(geometry, self.crs, self.frame)

    def many(self, _start: int, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return lon and lat of many rows from an index on, and which of them `point` would take."""
        return places.spots(x, y, self.crs, self.frame)


@dataclass(slots=True)
class Desk:
    """What checking a table needs to know: kind, columns, headings, places, frame, and what persons decided."""

    kind: Kind
    columns: dict[str, int]
    headings: list[str]
    placer: Placer
    frame: Frame
    decisions: Decisions = field(default_factory=Decisions)
    reader: Reader = field(default=None)  # type: ignore[assignment]
    seen: dict[tuple[str, ...], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.reader is None:
            self.reader = Reader(self.kind, self.columns, Clock(Hints(), WorkCalendar()))

    def problem(self, row: int, part: int, error: CivmapError, *, is_warning: bool = False) -> Problem:
        """Return the problem that a refusal is, under the heading of its field."""
        repair = repairs.repair_of(error)
        return Problem(row, part, error.field, self._heading(error.field), error,
                       repairs.severity_of(error.code, is_warning), repair,
                       repair is not None and self.decisions.takes(row, error.code))

    def problems(self, row: int, part: int, error: CivmapError) -> list[Problem]:
        """Return one problem for each refusal in an error."""
        parts = error.problems if isinstance(error, Several) else [error]
        return [self.problem(row, part, each) for each in parts]

    def _heading(self, name: str | None) -> str | None:
        if name not in self.columns and name in PLACE:
            name = next((other for other in PLACE if other in self.columns), name)
        return self.headings[self.columns[name]] if name in self.columns else name


def checked(desk: Desk, rows: Iterable[Row]) -> Iterator[Found]:
    """Yield every part of every row with what is wrong; a key met before in the file is a problem."""
    for index, row in enumerate(rows):
        yield from of_row(desk, index, row)


def of_row(desk: Desk, index: int, row: Row) -> list[Found]:
    """Return the parts of one row: accepted repairs are in their values, what keeps a part out in its problems."""
    told = desk.reader.parts(row.cells, desk.decisions.typed.get(row.number, {}))
    return [_found(desk, index, row, number, part) for number, part in enumerate(told, start=1)]


def _found(desk: Desk, index: int, row: Row, number: int, part: Part) -> Found:
    found = Found(row.number, number, part.values)
    found.problems = [desk.problem(row.number, number, error) for error in part.errors]
    _settle(desk, index, found, row)
    for problem in found.problems:
        if problem.is_accepted and problem.repair is not None:
            found.values = repairs.repaired(found.values, problem.repair)
    if found.is_good:
        found.problems += [desk.problem(row.number, number, error) for error in _key_errors(desk, found)]
    return found


def _settle(desk: Desk, index: int, found: Found, row: Row) -> None:
    """Put one lon/lat geometry in the place of lon, lat and geometry cells."""
    if of_spots(desk.kind):
        _settle_spot(desk, index, found, row)
    elif desk.kind.geometries:
        _settle_shape(desk, index, found)


def _settle_spot(desk: Desk, index: int, found: Found, row: Row) -> None:
    typed = desk.decisions.typed.get(row.number, {})
    by_hand = [typed.get(name) for name in SPOT_FIELDS if typed.get(name)]
    first, second = spot_cells(desk.columns, row.cells)
    try:
        if by_hand:
            hand = coordinates.read(*by_hand[:2])
            found.values["geometry"] = places.spot(hand.x, hand.y, "wgs84", desk.frame)
        elif first is not None or second is not None:
            found.values["geometry"] = desk.placer.point(index, first, second)
            warning = desk.placer.warning(index)
            if warning is not None:
                found.problems.append(desk.problem(found.row, found.part, warning, is_warning=True))
        else:
            offer = desk.placer.offer(index)
            found.problems += [
                desk.problem(found.row, found.part, offer if offer and error.code == "coordinates_missing" else error)
                for error in _without_place(desk.kind, found.values)]
    except CivmapError as error:
        error.field = error.field or "lon"
        found.problems.append(desk.problem(found.row, found.part, error))


def _settle_shape(desk: Desk, index: int, found: Found) -> None:
    geometry = found.values.pop("geometry", None)
    if any(problem.field in PLACE for problem in found.problems):
        return
    try:
        if geometry is not None:
            found.values["geometry"] = desk.placer.shape(index, geometry)
            read_geometry(found.values["geometry"], desk.kind.geometries, desk.frame)
        else:
            found.problems += [desk.problem(found.row, found.part, error)
                               for error in _without_place(desk.kind, found.values)]
    except CivmapError as error:
        found.values.pop("geometry", None)
        error.field = "geometry"
        found.problems.append(desk.problem(found.row, found.part, error))


def _without_place(kind: Kind, values: dict[str, Any]) -> list[CivmapError]:
    if kind.name == "segments" and {"name", "from_name", "to_name"} <= values.keys():
        values.update(keyed(values))
        return []
    if kind.name == "units" or (kind.name == "issues" and "point" in values):
        return []
    if of_spots(kind):
        return [Invalid("coordinates_missing", field="lon")]
    return [Invalid("field_missing", field="geometry")]


def _key_errors(desk: Desk, found: Found) -> list[CivmapError]:
    kind, values = desk.kind, found.values
    key = tuple(str(values.get(name, "")) for name in kind.keys)
    if not any(key):
        return []
    first = desk.seen.setdefault(key, found.row)
    if first == found.row:
        return []
    return [Invalid("duplicate_in_file", field=next((name for name in kind.keys if values.get(name)), kind.keys[0]),
                    key=" ".join(part for part in key if part), first=first)]


def parents_first(keys: Iterable[tuple[Any, str, str]]) -> list[Any]:
    """Return the ids of (id, code, parent) so that one that another names as its parent stands before it."""
    rows = list(keys)
    waiting = {code: (row_id, parent) for row_id, code, parent in rows if code}
    ordered: list[Any] = []
    for own, code, _parent in rows:
        chain: list[Any] = [] if code else [own]
        while code in waiting:
            row_id, parent = waiting.pop(code)
            chain.append(row_id)
            code = parent
        ordered += reversed(chain)
    return ordered
