"""The forms by which the office keeps points, segments, units and zones: which fields, with which choices and values.

The page only shows and collects; saving goes through the JSON interface with version and idempotency key, so a form
and a program meet the same rules, the same refusals and the same ledger.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import shapely
from flask import Blueprint, render_template, request
from sqlalchemy import func, select

from civmap import dictionaries
from civmap.city.queries import frame_of
from civmap.geo.measure import frame_around
from civmap.maps import shell
from civmap.units.models import Unit
from civmap.web import headers, listing, map, places, versions
from civmap.web.access import permission
from civmap.web.desk import Desk
from civmap.web.kinds import KINDS

blueprint = Blueprint("forms", __name__)
AROUND_M = 250.0
LEVELS = (0, 1, 2, 3)
_SERIAL = re.compile(r"(.*?)(\d{1,9})")
Choices = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Input:
    """One field: its name in the interface, how it is entered, whether it must be filled, where choices come from."""

    name: str
    how: str = "text"
    is_required: bool = False
    table: Choices | None = None
    most: int = 200
    is_wide: bool = False


SIDES = ("both", "left", "right")
FIELDS: dict[str, tuple[Input, ...]] = {
    "points": (
        Input("code", is_required=True, most=64), Input("name", is_required=True),
        Input("type", "choice", True, dictionaries.point_types), Input("unit", "unit"), Input("address"),
        Input("street", "street"), Input("open_hours"), Input("surroundings_m", "number", most=5000),
        Input("is_declared", "check"), Input("note", "area", most=2000, is_wide=True)),
    "segments": (
        Input("code", is_required=True, most=64), Input("name", is_required=True), Input("road", "street"),
        Input("class", "choice", False, dictionaries.road_classes), Input("unit", "unit"), Input("from_name"),
        Input("to_name"), Input("width_m", "number", most=300), Input("side", "side"),
        Input("chiefs", "chiefs", is_wide=True)),
    "units": (
        Input("code", is_required=True, most=64), Input("name", is_required=True),
        Input("kind", "choice", False, dictionaries.unit_kinds), Input("parent", "unit"),
        Input("head_person", most=60), Input("liaison", most=60), Input("phone", "tel", most=40), Input("address"),
        Input("territory", most=20), Input("capacity", "number", most=1_000_000),
        Input("categories", "many", False, dictionaries.duty_categories, is_wide=True)),
    "zones": (
        Input("name"), Input("unit", "unit"), Input("parent", "zone"), Input("adopting_unit", "unit"),
        Input("holder", most=60), Input("holder_phone", "tel", most=40), Input("door_no", most=60),
        Input("households", "number", most=1_000_000), Input("pledge_signed_on", "day"),
        Input("pledge_expires_on", "day")),
}
PLACES = {"points": "point", "units": "point", "segments": "line", "zones": "none"}


def _page(desk: Desk, kind: str, feature: dict[str, Any] | None, etag: str | None) -> str:
    values = dict(feature["properties"]) if feature else {"code": _next_code(desk, kind), "side": "both"}
    geometry = feature["geometry"] if feature else None
    bounds = _bounds(desk, geometry)
    page = {**map.ground_facts(desk), "bounds": bounds, "kind": kind, "lang": desk.lang, "feature": feature,
            "etag": etag, "place": PLACES[kind], "at": request.args.get("at", "")[:60], **map.tables(desk.lang),
            "zone_kinds": listing.options(dictionaries.zone_kinds(), desk.lang)}
    options = {field.name: listing.options(field.table(), desk.lang) for field in FIELDS[kind] if field.table}
    return render_template(
        "forms/edit.html", kind=kind, fields=FIELDS[kind], values=values, options=options, feature=feature, page=page,
        streets=places.choices(desk)["streets"], sides=SIDES, levels=LEVELS,
        chiefs={chief["level"]: chief for chief in values.get("chiefs") or []},
        shell=shell.build(tuple(bounds), nonce=headers.nonce()))


def _bounds(desk: Desk, geometry: dict[str, Any] | None) -> list[float]:
    if geometry is None:
        return list(frame_of(desk.session))
    west, south, east, north = shapely.geometry.shape(geometry).bounds
    lower, upper = frame_around((west, south), AROUND_M), frame_around((east, north), AROUND_M)
    return [lower[0], lower[1], upper[2], upper[3]]


def _next_code(desk: Desk, kind: str) -> str:
    """Return the number after the greatest one of the commonest form (DW132 → DW133); '' where there is none yet."""
    model = KINDS[kind].model
    asked = select(model.code).order_by(func.length(model.code).desc(), model.code.desc())
    if kind == "units":
        asked = asked.where(Unit.kind != "shop")
    if kind == "segments":  # parts of a split and rows of a table have codes of another form
        asked = asked.where(~model.code.contains("-"))
    last = desk.session.scalar(asked.limit(1))
    found = _SERIAL.fullmatch(last or "")
    if found is None:
        return ""
    return f"{found[1]}{int(found[2]) + 1:0{len(found[2])}d}"


def _register(kind: str) -> None:
    one = KINDS[kind].one

    def new(desk: Desk) -> str:
        return _page(desk, kind, None, None)

    def edit(desk: Desk, code: str) -> str:
        row = KINDS[kind].queries.by_code(desk.session, desk.viewer, code)
        return _page(desk, kind, KINDS[kind].queries.as_feature(desk.session, desk.viewer, row),
                     versions.etag(row.version))

    if kind != "zones":
        blueprint.add_url_rule(f"/{kind}/new", f"{kind}_new", permission(("create", one))(new))
    blueprint.add_url_rule(f"/{kind}/<code>/edit", f"{kind}_edit", permission(("edit", one))(edit))


for _kind in FIELDS:
    _register(_kind)
