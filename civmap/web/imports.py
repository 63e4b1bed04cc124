"""Pages of files taken in: the list with its drop area, the conversation about one, and empty tables to fill in."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template

from civmap import texts
from civmap.exchange import blanks, export, gate, kinds
from civmap.imports import queries, rules, showing
from civmap.maps import shell
from civmap.web import context, headers, map
from civmap.web.access import SIGNED_IN, permission
from civmap.web.desk import CityFacts, Desk

blueprint = Blueprint("imports", __name__)
FIELD = "imports.field."
FORMATS = (".xlsx", ".xls", ".csv", ".txt", ".tsv", ".geojson", ".json", ".gpkg", ".zip", ".kml", ".kmz", ".gpx",
           ".osm", ".gz", ".pbf")


def _city(desk: Desk) -> CityFacts:
    return desk.identity.city or context.NO_CITY


def _kinds(desk: Desk) -> list[dict[str, Any]]:
    """Return the kinds of tables that the viewer may take in, each with what its empty table is called."""
    return [{"kind": name, "name": texts.say(desk.lang, f"imports.kind.{name}"),
             "words": texts.say(desk.lang, f"imports.kind.{name}.words"), "has_blank": name in blanks.examples()}
            for name in kinds.KINDS if rules.may(desk.viewer, name)]


def _choices(desk: Desk) -> dict[str, dict[str, list[str]]]:
    """Return, by kind and field, the words that a cell may hold, to be offered where one is typed."""
    asked = {(kind, field) for kind, columns in blanks.examples().items() for field in columns}
    found: dict[str, dict[str, list[str]]] = {}
    for kind, field in sorted(asked):
        if words := blanks.choices(kind, field, desk.lang):
            found.setdefault(kind, {})[field] = words
    return found


def _field_names(desk: Desk) -> dict[str, dict[str, str]]:
    """Return what fields are called, by kind; `*` holds the words of columns that only help to read."""
    helping = {key.removeprefix(FIELD): text for key, text in texts.spoken(desk.lang).items() if key.startswith(FIELD)}
    return {**{name: {one: showing.field_name(name, one, desk.lang) for one in kind.fields}
               for name, kind in kinds.KINDS.items()}, "*": helping}


def _page(desk: Desk, **more: Any) -> dict[str, Any]:
    known = _kinds(desk)
    names = {name: texts.say(desk.lang, f"imports.kind.{name}") for name in kinds.KINDS}
    return {"lang": desk.lang, "kinds": known, "kind_names": names, "may": bool(known), "formats": list(FORMATS),
            "me": desk.viewer.name, "most_bytes": gate.MAX_BYTES, **more}


@blueprint.get("/imports")
@permission(SIGNED_IN)
def index(desk: Desk) -> str:
    """Show where files are dropped and what became of earlier ones; who may take in nothing is told whom to ask."""
    return render_template("imports/index.html", page=_page(desk))


@blueprint.get("/imports/<code>")
@permission(SIGNED_IN)
def show(desk: Desk, code: str) -> str:
    """Show the conversation about one file; what it holds arrives by the interface."""
    run = queries.by_code(desk.session, desk.viewer, code)
    page = _page(desk, code=run.code, choices=_choices(desk), field_names=_field_names(desk), **map.ground_facts(desk))
    return render_template("imports/show.html", page=page,
                           shell=shell.build(_city(desk).frame, nonce=headers.nonce()))


@blueprint.get("/imports/templates/<kind>.xlsx")
@permission(SIGNED_IN)
def blank(desk: Desk, kind: str) -> Response:
    """Return the empty table of a kind."""
    response = make_response(blanks.workbook(kind, _city(desk).frame, desk.lang))
    response.headers["Content-Type"] = export.MEDIA_TYPES["xlsx"]
    response.headers["Content-Disposition"] = f'attachment; filename="civmap-{kind}.xlsx"'
    return response
