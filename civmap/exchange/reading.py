"""A row of a table as the things it tells: each cell as its field wants it, with what the whole table knows.

The year of a day comes from the table, a limit counts from another column, several issues in one cell become several,
a class follows from the words where no column names it, a code is made where no column has one. Where a thing lies is
not read here (`placing`); what was done for the whole table is counted in `notes`.
"""

import difflib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from civmap import dictionaries
from civmap.calendar import WorkCalendar
from civmap.errors import CivmapError, Invalid
from civmap.exchange import cells, day_hints, keys, measures, parting, wording
from civmap.exchange.content import NOBODY, Known
from civmap.exchange.days import Hints
from civmap.exchange.kinds import Kind
from civmap.exchange.spans import Clock

MASK = "****"
PHONES = ("phone", "holder_phone", "chief_phone")
MASKED = (*PHONES, "chief0", "chief1", "chief2", "chief3")
SPOT_FIELDS = ("lon", "lat", "lonlat", "geometry")
DAY_READERS = (cells.day, cells.moment, cells.span_edge, measures.signing_day)
SAMPLED = 300
ALIKE = 0.6
TOLD_OF_ISSUES = ("description", "class", "state", "issue_no", "reported_at", "dispatched_at", "due_at", "closed_at")


@dataclass(slots=True)
class Part:
    """One thing of a row: its values by field, and what is wrong with it."""

    values: dict[str, Any]
    errors: list[CivmapError] = field(default_factory=list)


@dataclass(slots=True)
class Reader:
    """Reads the rows of one table: kind, column of each field, what its days go by, what the city knows.

    `are_strangers`: the city knows none of the table's units nor any like them; rows then come without a unit.
    `same` is what holds for every row alike.
    """

    kind: Kind
    columns: Mapping[str, int]
    clock: Clock
    known: Known = NOBODY
    notes: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    are_strangers: bool = False
    same: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_table(cls, kind: Kind, columns: Mapping[str, int], table: Any, now: datetime, known: Known = NOBODY,
                 calendar: WorkCalendar | None = None) -> "Reader":
        """Return the reader of a table, which has looked at its titles and at the days in a sample of its rows."""
        hints = day_hints.of_titles(list(getattr(table, "titles", [])), now)
        dated = [at for name, at in columns.items() if kind.readers.get(name) in DAY_READERS]
        if dated:
            rows = table.sample(SAMPLED)
            said = [row.cells[at] for row in rows for at in dated if at < len(row.cells)]
            hints = day_hints.with_neighbours(hints, [cell for cell in said if not cells.is_blank(cell)])
        reader = cls(kind, columns, Clock(hints, calendar or WorkCalendar()), known)
        reader.are_strangers = known is not NOBODY and "unit" in kind.readers and "unit" in columns and \
            _are_strangers([row.cells[columns["unit"]] for row in table.sample(SAMPLED)
                            if columns["unit"] < len(row.cells)], known.units)
        return reader

    @property
    def hints(self) -> Hints:
        """Return what the table tells of days without a year."""
        return self.clock.hints

    def parts(self, row: Sequence[Any], typed: Mapping[str, Any] | None = None) -> list[Part]:
        """Return the things of one row; several only where a cell lists several issues."""
        raw = self._raw(row, typed or {})
        part = Part({})
        for name, cell in raw.items():
            if name in self.kind.readers and self.kind.readers[name] not in DAY_READERS:
                self._take(part, name, self._reader(name), cell)
        self._take_days(part, raw)
        if self.kind.name == "issues":
            self._grade(part)
            return self._issues(part, raw)
        if isinstance(part.values.get("unit"), str):
            part.values["unit"] = self._main_unit(part.values["unit"])
            self._without_strangers(part.values)
        self._lacking(part)
        if self.kind.makes_code and "code" not in raw and ("code" not in self.columns) and (
                "name" in part.values or "geometry" in part.values):
            part.values["code"] = keys.code(self.kind.name, part.values)
            self.notes["codes_made"] += 1
        return [part]

    def _raw(self, row: Sequence[Any], typed: Mapping[str, Any]) -> dict[str, Any]:
        skipped = SPOT_FIELDS if self.kind.geometries == ("Point",) else ()
        found = {}
        for name in dict.fromkeys([*self.columns, *typed, *self.same]):
            at = self.columns.get(name, len(row))
            cell = typed[name] if name in typed else row[at] if at < len(row) else self.same.get(name)
            is_masked = name in MASKED and isinstance(cell, str) and MASK in cell
            if name not in skipped and not cells.is_blank(cell) and not is_masked:
                found[name] = cell
        return found

    def _take(self, part: Part, name: str, reader: Callable[[Any], Any], cell: Any) -> None:
        try:
            part.values[name] = reader(cell)
        except CivmapError as error:
            error.field = error.field or name
            part.errors.append(error)

    def _reader(self, name: str) -> Callable[[Any], Any]:
        return self._phone if name in PHONES else OWN.get((self.kind.name, name), self.kind.readers[name])

    def _phone(self, cell: Any) -> str:
        found = parting.phones(cells.guarded_text(cell))
        if len(found) > 1:
            self.notes["phones_left"] += 1
        return found[0]

    def _take_days(self, part: Part, raw: Mapping[str, Any]) -> None:
        """Read the days of a row, those that others count from first."""
        for name in sorted((name for name in raw if self.kind.readers.get(name) in DAY_READERS), key=_begins_first):
            try:
                value, note = self.clock.read(name, self.kind.readers[name], raw[name], part.values)
            except CivmapError as error:
                error.field = error.field or name
                part.errors.append(error)
                continue
            part.values[name] = value
            if note:
                self.notes[note] += 1

    def _main_unit(self, written: str) -> str:
        main, others = parting.units(written, self.known.units.__contains__)
        if others:
            self.notes["units_left"] += 1
        return main

    def _without_strangers(self, values: dict[str, Any]) -> None:
        """Leave out units that the city does not know, where it knows none of the whole table."""
        if not self.are_strangers:
            return
        known = [name for name in (values.get("unit"), *values.pop("assisting", ())) if name in self.known.units]
        if values.pop("unit", None) not in (None, *known[:1]):
            self.notes["units_unknown"] += 1
        if known:
            values["unit"] = known[0]
        if known[1:]:
            values["assisting"] = known[1:]

    def _issues(self, part: Part, raw: Mapping[str, Any]) -> list[Part]:
        values = part.values
        if not any(name in raw for name in TOLD_OF_ISSUES) or wording.tells_no_issue(values.get("description", "?")):
            self.notes["rows_without_issue"] += 1
            return []
        self._link(values, raw)
        told = parting.parts("issues", values, self.known.units.__contains__)
        if len(told) > 1:
            self.notes["issues_parted"] += len(told)
        found = [Part(each, list(part.errors)) for each in told]
        for each in found:
            self._without_strangers(each.values)
            self._classify(each)
            self._lacking(each)
            if "issue_no" not in each.values and "description" in each.values:
                each.values["key"] = keys.issue(each.values, raw, self.seen)
        return found

    def _grade(self, part: Part) -> None:
        """Keep how severe an issue is where the word is known; no row stays out because of it."""
        written = part.values.pop("severity", None)
        try:
            if written is not None:
                part.values["severity"] = wording.severity(written)
        except Invalid:
            self.notes["severity_left"] += 1

    def _link(self, values: dict[str, Any], raw: Mapping[str, Any]) -> None:
        """Keep a point that the city does not know as part of the address, where the row tells its place itself."""
        point = values.get("point")
        has_place = any(name in self.columns for name in SPOT_FIELDS) or "address" in raw
        if not isinstance(point, str) or point in self.known.points or not has_place:
            return
        del values["point"]
        values["address"] = "，".join(dict.fromkeys(word for word in (point, values.get("address")) if word))[:200]
        self.notes["points_not_linked"] += 1

    def _classify(self, part: Part) -> None:
        """Take the class by the words where no column names it; a named one that nobody knows is told with them."""
        if "class" in part.values or "description" not in part.values:
            return
        if unknown := next((error for error in part.errors if error.field == "class"), None):
            known = dictionaries.issue_classes()
            near = [known[code].name_zh for code in wording.class_candidates(part.values["description"])]
            told = {**unknown.facts, "near": tuple(dict.fromkeys((*near, *unknown.facts.get("near", ()))))[:4]}
            part.errors[part.errors.index(unknown)] = Invalid(unknown.code, field="class", **told)
            return
        try:
            part.values["class"] = wording.class_of(part.values["description"])
            self.notes["class_by_words"] += 1
        except Invalid as error:
            part.errors.append(error)

    def _lacking(self, part: Part) -> None:
        kind, values = self.kind, part.values
        free = {"code"} if kind.makes_code and "code" not in self.columns else set()
        for name in kind.required:
            if name not in values and name not in free and not _wrong(part, name):
                part.errors.append(Invalid("field_missing", field=name))
        if not kind.geometries and kind.either and not any(
                all(name in values for name in choice) for choice in kind.either):
            part.errors.append(Invalid("field_missing", field=kind.either[0][0]))


def _are_strangers(column: Sequence[Any], units: frozenset[str]) -> bool:
    """Tell whether a city knows no unit of a column, nor any of a like name."""
    names = {cells.text(cell)[:100] for cell in column if not cells.is_blank(cell)}
    named = {name for written in names for main, others in [parting.units(written)] for name in (main, *others)}
    if not named or named & units or names & units:
        return False
    return not any(difflib.get_close_matches(name, units, 1, ALIKE) for name in sorted(named)[:20])


def _wrong(part: Part, name: str) -> bool:
    return any(error.field == name for error in part.errors)


def _begins_first(name: str) -> int:
    order = ("reported_at", "dispatched_at")
    return order.index(name) if name in order else len(order)


def _flag(cell: Any) -> bool:
    return cell if isinstance(cell, bool) else wording.flag(cells.text(cell))


def _side(cell: Any) -> str:
    return wording.side(cells.text(cell))


def _road_class(cell: Any) -> str:
    return str(wording.road_class(cells.guarded_text(cell)).code)


OWN: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("points", "type"): lambda cell: wording.point_type(cells.guarded_text(cell)).code,
    ("points", "is_declared"): _flag, ("segments", "class"): _road_class, ("segments", "side"): _side,
    ("issues", "state"): lambda cell: wording.state(cells.text(cell)),
    ("issues", "class"): lambda cell: wording.issue_class(cells.text(cell)).code,
    ("issues", "person"): lambda cell: "、".join(parting.people(cells.guarded_text(cell)))[:60]}
"""What a field of a kind reads otherwise than its own reader would: by the words of offices."""
