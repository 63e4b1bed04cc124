"""The list page that every kind has: filters, sorting, pages, and the downloads of the same rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any
from urllib.parse import urlencode

from flask import redirect, render_template, request
from sqlalchemy import select

from civmap import clock, dictionaries
from civmap.draws import ranking
from civmap.exchange import export, ordering
from civmap.store.base import holds_at
from civmap.store.listing import Here
from civmap.units.models import Unit
from civmap.units.queries import visible
from civmap.web import mirrored
from civmap.web.api.lists import FILTERS, narrowing, query_model
from civmap.web.api.reading import read_query_values
from civmap.web.desk import Desk

Row = dict[str, Any]
PAGE_SIZE = 50
MOST_UNITS = 400


@dataclass(frozen=True, slots=True)
class Listing:
    """What one kind's list page can be sorted by, and how its sort of thing is named."""

    kind: str
    sorts: Mapping[str, str]
    named: tuple[str, str, Callable[[], Mapping[str, Any]]]
    first: tuple[str, str] = ("code", "asc")


LISTINGS = {listing.kind: listing for listing in (
    Listing("points", {"code": "code", "name": "name", "type": "type_name", "street": "street", "unit": "unit_name",
                       "risk": "risk", "open": "open_issues", "unseen": "unseen_days"},
            ("type", "type_name", dictionaries.point_types)),
    Listing("segments", {"code": "code", "name": "name", "class": "class_name", "length": "length_m",
                         "unit": "unit_name"}, ("class", "class_name", dictionaries.road_classes)),
    Listing("zones", {"code": "code", "name": "name", "kind": "kind_name", "area": "area_m2", "unit": "unit_name"},
            ("kind", "kind_name", dictionaries.zone_kinds)),
    Listing("units", {"code": "code", "name": "name", "kind": "kind_name"},
            ("kind", "kind_name", dictionaries.unit_kinds)),
    Listing("issues", {"number": "issue_no", "class": "class_name", "state": "state_name", "unit": "unit_name",
                       "reported": "reported_at", "due": "due_at"},
            ("state", "state_name", dictionaries.issue_states), ("reported", "desc")),
)}


def show(desk: Desk, kind: str, choices: Mapping[str, Any], **more: Any) -> Any:
    """Return the list page of a kind; an address with a page that is not there leads to the last one."""
    listing = LISTINGS[kind]
    names = ("q", "status", "on", "bbox", *FILTERS[kind])
    query = {name: text for name in names if (text := request.args.get(name, "").strip())}
    asked = narrowing(read_query_values(query_model(kind, FILTERS[kind]), query), None)
    sort, order = _order(listing)
    number = _number()
    found = ordering.page(desk.session, desk.viewer, kind, asked, desk.now, desk.lang, is_down=order == "desc",
                          sort="status" if sort == "status" else listing.sorts[sort],
                          offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE, mirror=mirrored.mirror())
    pages = max(1, ceil(found.total / PAGE_SIZE))
    if number > pages:
        return redirect(f"{request.path}?{urlencode({**query, 'sort': sort, 'order': order, 'page': pages})}")
    rows = named_rows(desk, kind, [part.properties for part in found.parts])
    if kind == "points":
        here = Here(desk.session, desk.viewer, desk.now, clock.as_of(asked.on, desk.now))
        ranking.beside(here, found.parts, desk.lang)
    may_export = desk.viewer.may("export", kind.removesuffix("s"))
    return render_template(
        f"{kind}/index.html", rows=rows, total=found.total, query=query,
        page={"number": number, "pages": pages, "size": PAGE_SIZE}, sort=sort, order=order, choices=choices,
        exports=list(export.formats_of(kind)) if may_export else [], **more)


def _order(listing: Listing) -> tuple[str, str]:
    sort, order = request.args.get("sort", ""), request.args.get("order", "asc")
    if sort != "status" and sort not in listing.sorts:
        return listing.first
    return sort, "desc" if order == "desc" else "asc"


def _number() -> int:
    text = request.args.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def named_rows(desk: Desk, kind: str, rows: list[Row]) -> list[Row]:
    """Put the readable name of each row's type, class, kind or state beside its code."""
    key, target, table = LISTINGS[kind].named
    entries = table()
    for row in rows:
        entry = entries.get(row.get(key))
        row[target] = entry.name(desk.lang) if entry else row.get(key)
    return rows


def options(table: Mapping[str, Any], lang: str) -> list[dict[str, str]]:
    """Return the entries of a dictionary for a choice."""
    return [{"code": entry.code, "name": entry.name(lang)} for entry in table.values()]


def units(desk: Desk) -> list[dict[str, str]]:
    """Return the units for a choice, shops aside: those are found by words; the one that is chosen is always there."""
    chosen = request.args.get("unit", "")
    rows = desk.session.execute(
        select(Unit.code, Unit.name).where(visible(desk.viewer), holds_at(Unit, desk.now),
                                           (Unit.kind != "shop") | (Unit.code == chosen))
        .order_by(Unit.name).limit(MOST_UNITS))
    return [{"code": code, "name": name} for code, name in rows]
