"""Which column holds which field: what a person chose, what was remembered, what headings say, what cells look like.

A reading is never forced: where two columns are as good for a field, or a heading's cells say something else, the
field stays open and the mapping tells so.
"""

import hashlib
from collections import abc
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from civmap.errors import Invalid
from civmap.exchange import kinds
from civmap.exchange.content import NOBODY, Known, Look
from civmap.exchange.kinds import SHORT, Kind, folded
from civmap.exchange.naming import named, stem

SAMPLE = 200
PERSON, MEMORY, NAME, CONTENT = "person", "memory", "name", "content"
SURE = {PERSON: 1.0, MEMORY: 0.98}
LEAST_SHARE, CLEARLY = 0.6, 0.8
_LIKELIEST = ("points", "issues", "zones", "segments", "shops", "units")
_CONTENT = {
    "points": {"type": "point_type", "unit": "unit", "address": "address"},
    "units": {"kind": "unit_kind", "address": "address", "phone": "phone"},
    "issues": {"class": "issue_class", "point_type": "point_type", "state": "issue_state", "unit": "unit",
               "point": "point", "description": "words", "reported_at": "day", "address": "address", "phone": "phone"},
    "shops": {"phone": "phone", "address": "address", "name": "name"},
    "zones": {"kind": "zone_kind", "unit": "unit", "holder_phone": "phone", "geometry": "geometry"},
    "segments": {"class": "road_class", "unit": "unit", "chief_phone": "phone", "geometry": "geometry"},
    "people": {"phone": "phone"},
}
_CODES = {"points": "code", "units": "code", "zones": "code", "segments": "code", "issues": "issue_no"}
_NAMES = {"points": "name", "units": "name", "zones": "name", "segments": "name"}
_SORTS = {"class": "issue_class", "type": "point_type", "point_type": "point_type", "state": "issue_state",
          "lon": "lon", "lat": "lat", "lonlat": "lonlat", "crs": "crs"}


class Tabular(Protocol):
    """A table whose headings and sample can be looked at."""

    headings: list[str]

    def sample(self, count: int = ...) -> Sequence[Any]:
        """Return rows from all parts of the table."""


@dataclass(frozen=True, slots=True)
class Open:
    """A field that several columns could hold as well as each other."""

    field: str
    headings: tuple[Any, ...]


SAME = "="


@dataclass(slots=True)
class Mapping:
    """The columns of a table: field → column, how each was found, how surely, what stays open, what is missing.

    `same` holds what somebody said of a field for all rows alike, where no column tells it.
    """

    columns: dict[str, int] = field(default_factory=dict)
    by: dict[str, str] = field(default_factory=dict)
    sure: dict[str, float] = field(default_factory=dict)
    left: list[Open] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    same: dict[str, str] = field(default_factory=dict)

    def give(self, name: str, column: int, by: str, sure: float) -> None:
        """Take a column for a field."""
        self.columns[name], self.by[name], self.sure[name] = column, by, round(sure, 2)

    def check(self, kind: Kind, headings: Sequence[str]) -> None:
        """Raise Invalid `columns_missing` where a row could not be read without another column."""
        if self.missing:
            raise Invalid("columns_missing", field="columns", missing=self.missing,
                          found=[part for part in headings if part],
                          open=[{"field": part.field, "headings": list(part.headings)} for part in self.left])


def layout_hash(headings: Sequence[str]) -> str:
    """Return what tells one layout of a table from another: its headings in their order, widths and marks aside."""
    plain = [folded(heading or "") for heading in headings]
    while plain and not plain[-1]:
        plain.pop()
    return hashlib.sha256("\x1f".join(plain).encode()).hexdigest()


def columns(kind: Kind, table: Tabular, chosen: abc.Mapping[str, str | None] | None = None,
            remembered: abc.Mapping[str, str] | None = None, known: Known = NOBODY) -> Mapping:
    """Return which column holds which field; raise Invalid only for a chosen field or heading that is not there.

    `chosen` (field → heading, None leaves the field out, `=text` says the same of every row) goes first, then
    `remembered`, names, content.
    """
    return _columns(kind, table, chosen or {}, remembered or {}, _looks(table, known))


def _columns(kind: Kind, table: Tabular, chosen: abc.Mapping[str, str | None], remembered: abc.Mapping[str, str],
             looks: list[Look]) -> Mapping:
    found, headings = Mapping(), table.headings
    out = _take_chosen(found, kind, headings, chosen)
    for name, heading in remembered.items():
        column = next((at for at, present in enumerate(headings) if present == heading), None)
        if name not in found.columns and name not in out and column is not None and column not in _taken(found):
            found.give(name, column, MEMORY, SURE[MEMORY])
    _take_names(found, kind, headings, looks, out, getattr(table, "groups", None) or [])
    _take_content(found, kind, headings, looks, out)
    found.missing = _missing(kind, found)
    return found


def _taken(found: Mapping) -> set[int]:
    return set(found.columns.values())


def _looks(table: Tabular, known: Known) -> list[Look]:
    lines = [row.cells for row in table.sample(SAMPLE)]
    return [Look([line[at] if at < len(line) else None for line in lines] if heading else [], known)
            for at, heading in enumerate(table.headings)]


def _take_chosen(found: Mapping, kind: Kind, headings: list[str], chosen: abc.Mapping[str, str | None]) -> set[str]:
    """Take what the person chose; return the fields that are to be left out."""
    out: set[str] = set()
    fields = (*kind.fields, *kind.helpers)
    for short, heading in chosen.items():
        name = SHORT.get(short, short)
        if name not in fields:
            raise Invalid("column_field_unknown", field="column", name=short, known=list(fields))
        if heading is None:
            out.add(name)
            continue
        column = next((at for at, present in enumerate(headings) if present == heading), None)
        if column is None and heading.startswith(SAME) and name in kind.readers:
            found.same[name] = heading[len(SAME):].strip()
            out.add(name)
            continue
        if column is None:
            column = next((at for at, present in enumerate(headings) if folded(present) == folded(heading)), None)
        if column is None:
            raise Invalid("column_heading_missing", field="column", heading=heading,
                          known=[part for part in headings if part])
        found.give(name, column, PERSON, SURE[PERSON])
    return out


def _take_names(found: Mapping, kind: Kind, headings: list[str], looks: list[Look], out: set[str],
                groups: Sequence[str]) -> None:
    """Take columns by their headings, the better spelling first; equals stay open unless only one is filled."""
    groups = [*groups, *[""] * len(headings)]
    offers = [(rank, sure, column, name) for column, heading in enumerate(headings) if column not in _taken(found)
              for name, (rank, sure) in named(kind.name, heading, groups[column] or "").items()
              if name not in out and not _denied(kind, name, looks[column])]
    for rank, sure, column, name in _in_pairs(sorted(offers), headings):
        if name in found.columns or column in _taken(found):
            continue
        equals = [other for same, _, other, field_name in offers
                  if same == rank and field_name == name and other not in _taken(found)]
        filled = [other for other in equals if looks[other].filled] or equals
        if any(part.field == name for part in found.left):
            continue
        if len(filled) > 1:
            found.left.append(Open(name, tuple(headings[other] for other in filled)))
            continue
        found.give(name, filled[0] if column not in filled else column, NAME, sure)


def _in_pairs(offers: list[tuple[int, float, int, str]], headings: list[str]) -> list[tuple[int, float, int, str]]:
    """Put first the best pair of lon and lat whose headings belong together (高德经度 with 高德纬度)."""
    pairs = [(east[0] + north[0], east, north) for east in offers if east[3] == "lon" for north in offers
             if north[3] == "lat" and stem(headings[east[2]]) == stem(headings[north[2]])]
    if not pairs:
        return offers
    _, east, north = min(pairs)
    rest = [offer for offer in offers if offer[3] not in ("lon", "lat") and offer[2] not in (east[2], north[2])]
    return [east, north, *rest]


def _denied(kind: Kind, name: str, seen: Look) -> bool:
    """Tell whether the cells under a heading are clearly of another sort than the field that it names."""
    if name == "lon" and seen.of("lonlat") >= LEAST_SHARE and "lonlat" in kind.helpers:
        return True
    if name == "serial" or name not in ("class", "point_type", "type", "state"):
        return False
    rivals = [sort for other, sort in _SORTS.items() if other in (*kind.fields, *kind.helpers) and other != name]
    return seen.of(_SORTS[name]) < 0.2 and any(seen.of(sort) >= CLEARLY for sort in rivals)


def _take_content(found: Mapping, kind: Kind, headings: list[str], looks: list[Look], out: set[str]) -> None:
    """Take columns by what they hold where no heading named the field; two that hold it alike stay open."""
    free = [at for at, seen in enumerate(looks) if seen.filled and at not in _taken(found)]
    open_ = {part.field for part in found.left} | out
    if "Point" in kind.geometries and not open_ & {"lon", "lat", "lonlat"}:
        _take_place(found, looks, free)
    wanted = dict(_CONTENT.get(kind.name, {}))
    for name, sort in wanted.items():
        if name not in found.columns and name not in open_:
            _take_one(found, name, sort, looks, [at for at in free if at not in _taken(found)])
    for table, sort in ((_CODES, "code"), (_NAMES, "name")):
        name = table.get(kind.name)
        if name and name not in found.columns and name not in open_:
            _take_one(found, name, sort, looks, [at for at in free if at not in _taken(found)])
    found.left = [Open(part.field, tuple(headings[at] if isinstance(at, int) else at for at in part.headings))
                  for part in found.left]


def _take_place(found: Mapping, looks: list[Look], free: list[int]) -> None:
    have = {name for name in ("lon", "lat", "lonlat", "geometry") if name in found.columns}
    if have & {"lonlat", "geometry"} or {"lon", "lat"} <= have:
        return
    if not have:
        both = [at for at in free if looks[at].of("lonlat") >= LEAST_SHARE]
        if both:
            return _take_one(found, "lonlat", "lonlat", looks, free)
    for east, north in (("lon", "lat"), ("easting", "northing")):
        columns_of = {name: [at for at in free if looks[at].of(sort) >= LEAST_SHARE and at not in _taken(found)]
                      for name, sort in (("lon", east), ("lat", north)) if name not in found.columns}
        if columns_of and all(columns_of.values()):
            for name, sort in (("lon", east), ("lat", north)):
                if name in columns_of:
                    _take_one(found, name, sort, looks, columns_of[name])
            return None
    return None


def _take_one(found: Mapping, name: str, sort: str, looks: list[Look], free: list[int]) -> None:
    ranked = sorted(((looks[at].of(sort), at) for at in free if looks[at].of(sort) >= LEAST_SHARE), reverse=True)
    if not ranked:
        return
    if len(ranked) > 1 and ranked[0][0] - ranked[1][0] < 0.1:
        found.left.append(Open(name, tuple(at for _, at in ranked)))
        return
    found.give(name, ranked[0][1], CONTENT, 0.4 + 0.5 * ranked[0][0])


def _missing(kind: Kind, found: Mapping) -> list[str]:
    """Return the fields without which no row can be read, with the heading that offices use."""
    spelt = kinds.spellings(kind.name)
    free = {"code"} if kind.makes_code else set()
    free |= {"class"} if kind.name == "issues" else set()
    free |= found.same.keys()
    lacking = [name for name in kind.required if name not in found.columns and name not in free]
    missing = [f"{name}({spelt[name][0]})" if spelt.get(name) else name for name in lacking]
    if kind.either and not any(all(name in found.columns for name in choice) for choice in kind.either):
        missing.append(" / ".join("+".join(choice) for choice in kind.either))
    return missing


def guess_kind(table: Tabular) -> list[tuple[str, float]]:
    """Return the kinds that a table may be of, the likeliest first, each with a score of 0 to 1."""
    headings = [heading for heading in table.headings if heading]
    by_heading = [{name for name in kinds.KINDS if set(_exactly(name, heading)) - {"serial", "crs"}}
                  for heading in headings]
    scored, looks = [], _looks(table, NOBODY)
    for order, name in enumerate((*_LIKELIEST, *(name for name in kinds.KINDS if name not in _LIKELIEST))):
        kind = kinds.KINDS[name]
        own = sum(1 / len(known) for known in by_heading if name in known)
        mapping = _columns(kind, table, {}, {}, looks)
        whole = 0.0 if mapping.missing else 0.25
        scored.append((min(1.0, 0.75 * own / max(1, len(headings)) * 2 + whole), -order, name))
    return [(name, round(score, 3)) for score, _, name in sorted(scored, reverse=True) if score > 0]


def _exactly(kind: str, heading: str) -> dict[str, tuple[int, float]]:
    return {name: told for name, told in named(kind, heading, "").items() if told[1] > 0.7}
