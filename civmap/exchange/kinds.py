"""Which kinds of things a table may hold, with which fields and headings.

Fields: `interfaces.md` §4. Headings lie in `geodata/dictionaries/import_headings.csv`, so that a city adds its own.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from civmap.dictionaries.reading import rows
from civmap.errors import Invalid
from civmap.exchange import cells, measures, wording

Reader = Callable[[Any], Any]
BEHIND = 100
_IN_BRACKETS = re.compile(r"\s*[(\[【]([^()\[\]【】]{1,20})[)\]】]\s*$")
SHORT = {"from": "from_name", "to": "to_name"}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of table: how each field's cell is read, which ones must be, and which geometries fit.

    `helpers` are columns that help to read a row and are not kept; `makes_code` rows get a code where no column has.
    """

    name: str
    readers: dict[str, Reader]
    required: tuple[str, ...]
    geometries: tuple[str, ...] = ()
    either: tuple[tuple[str, ...], ...] = ()
    keys: tuple[str, ...] = ("code",)
    refers_to_parent: bool = field(default=False)
    helpers: tuple[str, ...] = ("serial",)
    makes_code: bool = field(default=False)

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the names of all fields."""
        return tuple(self.readers)


_TEXT = cells.guarded_text
_PLACE: dict[str, Reader] = {"lon": cells.number, "lat": cells.number, "geometry": cells.geometry}
_CODED: dict[str, Reader] = {"code": cells.text, "name": _TEXT}
_SPOT = ("lonlat", "crs", "serial")

KINDS: dict[str, Kind] = {
    "units": Kind("units", {
        **_CODED, **_PLACE, "categories": cells.words, "kind": _TEXT, "parent": _TEXT, "territory": cells.text,
        "capacity": cells.whole, "phone": cells.guarded_text, "head_person": _TEXT, "liaison": _TEXT,
        "address": _TEXT}, ("code", "name"), ("Point",), refers_to_parent=True, helpers=(*_SPOT, "note"),
        makes_code=True),
    "points": Kind("points", {
        **_CODED, "type": _TEXT, **_PLACE, "unit": _TEXT, "address": _TEXT, "street": _TEXT,
        "is_declared": cells.yes_no, "open_hours": _TEXT, "note": _TEXT},
        ("code", "name", "type"), ("Point",), (("lon", "lat"), ("geometry",), ("lonlat",)),
        helpers=(*_SPOT, "contact", "phone"), makes_code=True),
    "zones": Kind("zones", {
        **_CODED, "kind": _TEXT, "geometry": cells.geometry, "unit": _TEXT, "parent": _TEXT, "holder": _TEXT,
        "holder_phone": cells.guarded_text, "door_no": _TEXT, "valid_from": cells.span_edge,
        "valid_to": cells.span_edge, "pledge_no": _TEXT, "pledge_signed_on": cells.day,
        "pledge_expires_on": cells.day, "adopting_unit": _TEXT, "households": cells.whole},
        ("code", "kind", "geometry"), ("Polygon", "MultiPolygon"), refers_to_parent=True, makes_code=True),
    "segments": Kind("segments", {
        **_CODED, "geometry": cells.geometry, "road": _TEXT, "from_name": _TEXT, "to_name": _TEXT, "class": _TEXT,
        "unit": _TEXT, "chief0": _TEXT, "chief1": _TEXT, "chief2": _TEXT, "chief3": _TEXT, "chief": _TEXT,
        "chief_phone": cells.guarded_text, "chief_office": _TEXT, "width_m": cells.number, "side": cells.side},
        ("name",), ("LineString",), (("code", "geometry"), ("from_name", "to_name"))),
    "issues": Kind("issues", {
        "issue_no": cells.text, "class": _TEXT, "description": _TEXT, "lon": cells.number, "lat": cells.number,
        "geometry": cells.geometry, "point": _TEXT, "unit": _TEXT, "state": _TEXT,
        "reported_at": cells.moment, "dispatched_at": cells.moment, "due_at": cells.moment,
        "closed_at": cells.moment, "address": _TEXT, "severity": _TEXT, "assisting": _TEXT, "person": _TEXT},
        ("class", "description"), ("Point",), (("lon", "lat"), ("geometry",), ("point",), ("lonlat",), ("address",)),
        keys=("issue_no",), helpers=(
            *_SPOT, "point_type", "phone", "check_result", "remark", "source", "measure")),
    "duties": Kind("duties", {
        "class": _TEXT, "category": _TEXT, "territory": cells.text, "unit": _TEXT, "valid_from": cells.span_edge,
        "valid_to": cells.span_edge}, ("unit",), (), (("class",), ("category",)),
        keys=("class", "category", "territory")),
    "holidays": Kind("holidays", {"day": cells.day, "is_worked": cells.worked, "name": _TEXT}, ("day", "is_worked"),
                     keys=("day",)),
    "shops": Kind("shops", {
        "code": cells.text, "name": _TEXT, "lon": cells.number, "lat": cells.number, "geometry": cells.geometry,
        "door_width_m": measures.metres, "door_no": _TEXT, "holder": _TEXT, "phone": cells.guarded_text,
        "address": _TEXT, "parent": _TEXT, "pledge_signed_on": measures.signing_day,
        "pledge_expires_on": measures.signing_day},
        ("name",), ("Point",), (("lon", "lat"), ("geometry",), ("lonlat",)), keys=("name", "door_no", "geometry"),
        helpers=(*_SPOT, "note")),
    "streets": Kind("streets", {
        "geometry": cells.geometry, "name": _TEXT, "highway": _TEXT, "width_m": measures.metres,
        "is_oneway": measures.oneway, "layer": cells.whole},
        ("geometry",), ("LineString", "MultiLineString"), keys=("geometry",)),
    "buildings": Kind("buildings", {
        "geometry": cells.geometry, "name": _TEXT, "kind": _TEXT, "levels": measures.count,
        "households": measures.count},
        ("geometry",), ("Polygon", "MultiPolygon"), keys=("geometry",)),
    "people": Kind("people", {
        "name": cells.text, "full_name": _TEXT, "role": _TEXT, "unit": _TEXT, "territory": cells.text,
        "segment": cells.text, "phone": cells.guarded_text}, ("name", "role"), keys=("name",)),
}


def kind(name: str) -> Kind:
    """Return a kind of table; raise Invalid for one nobody knows."""
    if name not in KINDS:
        raise Invalid("import_kind_unknown", field="kind", kind=name, known=list(KINDS))
    return KINDS[name]


def folded(heading: str) -> str:
    """Return a heading as it is compared: plain widths, lower case, no spaces, stars or units of measure marks."""
    plain = unicodedata.normalize("NFKC", heading).casefold()
    return "".join(letter for letter in plain if letter not in " \t\u200b\ufeff*:_-")


@cache
def spellings(kind_name: str) -> dict[str, tuple[str, ...]]:
    """Return the headings of every field of a kind as people write them, the office's own first."""
    wanted = KINDS[kind_name]
    found: dict[str, list[str]] = {name: [] for name in (*wanted.fields, *wanted.helpers)}
    for row in rows("import_headings"):
        if kind_name in row["kinds"].split() and row["field"] in found:
            found[row["field"]] += [part.strip() for part in row["headings"].split("|") if part.strip()]
    return {name: tuple(parts) for name, parts in found.items()}


@cache
def ranked(kind_name: str) -> dict[str, dict[str, int]]:
    """Return, by folded heading, the fields it may mean with the rank of the spelling (0 best)."""
    index: dict[str, dict[str, int]] = {}
    for name, written in spellings(kind_name).items():
        for rank, heading in enumerate((name, *written)):
            index.setdefault(folded(heading), {}).setdefault(name, rank)
    return index


def crs_of(headings: Sequence[str]) -> str | None:
    """Return the coordinate system that headings of coordinates name (经度(百度), 高德经度), or None."""
    for heading in headings:
        bracketed = _IN_BRACKETS.search(unicodedata.normalize("NFKC", heading))
        for said in (bracketed[1] if bracketed else "", heading):
            if said and (system := wording.system(said)):
                return system
    return None


def plain_heading(heading: str) -> str:
    """Return a heading without what it says in brackets at its end: a unit of measure or a coordinate system."""
    return _IN_BRACKETS.sub("", unicodedata.normalize("NFKC", heading))
