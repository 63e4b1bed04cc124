"""Pages of coverage: what does not fit together or has nobody to answer for it, and the declared points."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, render_template, request

from civmap import dictionaries, texts
from civmap.coverage import findings
from civmap.coverage.queries import found
from civmap.coverage.rules import KINDS
from civmap.exchange.layout import Cell
from civmap.maps import shell
from civmap.points import queries as points
from civmap.web import context, downloads, headers, listing, map
from civmap.web.access import SIGNED_IN, permission
from civmap.web.desk import Desk

blueprint = Blueprint("coverage", __name__)
COLUMNS = ("sort", "severity", "first", "second", "size", "unit", "lon", "lat")


@blueprint.get("/coverage")
@permission(SIGNED_IN)
def show(desk: Desk) -> str:
    """Show what is not covered, place by place on the map, with what repairs it."""
    kind, road = request.args.get("kind") or None, request.args.get("road") or None
    known = {code: entry for code, entry in dictionaries.zone_kinds().items() if code in KINDS}
    told = findings.told(desk.session, desk.viewer, desk.now, kind, road)
    bounds = (desk.identity.city or context.NO_CITY).frame
    page = {**map.ground_facts(desk), "bounds": list(bounds), "lang": desk.lang, "kind": kind, "road": road,
            "can_repair": desk.viewer.may("edit", "zone"), "told": told}
    roads = [{"code": row["road"], "name": row["road"]} for row in told["streets"] if row["road"]]
    return render_template("coverage/show.html", kind=kind, told=told, page=page,
                           shell=shell.build(bounds, nonce=headers.nonce()),
                           choices={"kinds": listing.options(known, desk.lang), "roads": roads})


@blueprint.get("/coverage.xlsx")
@permission(("export", "zone"))
def book(desk: Desk) -> Response:
    """Answer every finding as a table; the ledger keeps who took it."""
    kind = request.args.get("kind") or None
    rows = list(_lines(desk, found(desk.session, desk.viewer, desk.now, kind)))
    heads = [texts.say(desk.lang, f"fit.column.{name}") for name in COLUMNS]
    return downloads.table(desk, "coverage", "xlsx", texts.say(desk.lang, "nav.coverage"), heads, rows,
                           {"kind": kind} if kind else {})


def _lines(desk: Desk, groups: dict[str, Any]) -> Iterator[list[Cell]]:
    for group, rows in groups.items():
        name = texts.say(desk.lang, f"fit.{group}")
        for row in rows:
            if isinstance(row, str):
                yield [name, texts.say(desk.lang, "js.fit.tone.notice"), row, "", "", "", "", ""]
            else:
                yield [name, texts.say(desk.lang, f"js.fit.tone.{row['severity']}"), *_what(desk.lang, row)]


def _what(lang: str, row: dict[str, Any]) -> list[Cell]:
    lon, lat = row.get("place") or ("", "")
    if "segment" in row:
        return [row["segment"], texts.say(lang, f"js.fit.side.{row['side']}"), row["length_m"], "m", lon, lat]
    if row.get("length_m"):
        return [row["a"], row["b"], row["length_m"], "m", lon, lat]
    return [row.get("a") or row.get("parent") or "", row.get("b") or "", row["area_m2"], "m²", lon, lat]


@blueprint.get("/coverage/declared")
@permission(SIGNED_IN)
def completeness(desk: Desk) -> str:
    """Show how complete the declaration is, type by type."""
    whole = points.completeness(desk.session, desk.viewer, desk.now)
    rows = [{"code": count.type, "name": count.name(desk.lang), "is_mandatory": count.is_mandatory,
             "points": count.total, "declared": count.declared}
            for count in whole.types if count.is_mandatory or count.total]
    missing = [{"code": count.type, "name": count.name(desk.lang)} for count in whole.missing]
    return render_template("points/declared.html", rows=rows, missing=missing,
                           total={"points": whole.total, "declared": whole.declared})
