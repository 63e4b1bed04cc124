"""Connecting other programs: addresses, files that set them up, and the tokens that open the door for them."""

import io
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from civmap.connections import qfield, qgis
from civmap.connections.style import ORDER, style
from civmap.errors import NotSignedIn, TooLarge
from civmap.exchange import gather
from civmap.exchange.gather import Narrowing
from civmap.people import actions, queries
from civmap.web import desk as keeping
from civmap.web.access import SIGNED_IN, permission
from civmap.web.api.lists import frame
from civmap.web.desk import Desk
from civmap.web.feeds import base
from civmap.web.replies import json_response
from civmap.web.versions import is_known, list_etag

blueprint = Blueprint("connections", __name__)
WORLD = (-180.0, -85.0, 180.0, 85.0)
TOKEN_DAYS = 365
MOST_OUTSIDE = 20_000
KINDS = {"points": "point", "segments": "segment", "zones": "zone", "units": "unit", "issues": "issue"}


@blueprint.get("/connections")
@permission(SIGNED_IN)
def overview(desk: Desk) -> str:
    """Show every way in for other programs, and the tokens that open them."""
    return _page(desk)


@blueprint.post("/connections/tokens")
@permission(SIGNED_IN)
def make_token(desk: Desk) -> Response:
    """Make a token of one's own and show it this once; raise NotSignedIn for who shows nothing but a token.

    Else whoever got hold of one could make others, and revoking it would shut nobody out.
    """
    if desk.viewer.via == "api":
        raise NotSignedIn("sign_in_first")
    secret, _expires = actions.add_token(desk.session, desk.viewer, desk.viewer.name, TOKEN_DAYS, desk.now)
    response = make_response(_page(desk, secret))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/connections/tokens/<int(max=2147483647):number>/revoke")
@permission(SIGNED_IN)
def revoke_token(desk: Desk, number: int) -> str:
    """End a token: whoever holds it is turned away from then on."""
    actions.revoke_token(desk.session, desk.viewer, number, desk.now)
    return _page(desk)


def _page(desk: Desk, secret: str | None = None) -> str:
    here = base(desk)
    addresses = {"ogc": f"{here}/ogc", "tiles": f"{here}/tiles/zones.json", "style": f"{here}/tiles/style.json",
                 "open311": f"{here}/open311/v2", "mapit": f"{here}/mapit", "api": f"{here}/api/v1/openapi.json"}
    return render_template("connections/index.html", addresses=addresses, secret=secret, days=TOKEN_DAYS,
                           tokens=queries.tokens_of(desk.session, desk.viewer.person_id, desk.now),
                           may_export=any(desk.viewer.may("export", kind) for kind in KINDS.values()))


@blueprint.get("/tiles/style.json")
@permission(SIGNED_IN)
def map_style(desk: Desk) -> Response:
    """Answer a MapLibre style over our tiles; `layers` chooses, `api_key` goes on into the tiles' addresses."""
    chosen = [kind for kind in ORDER if kind in request.args.get("layers", ",".join(ORDER)).split(",")]
    key = request.args.get("api_key", "")
    following = f"?api_key={key}" if key.isascii() and key.replace("_", "").replace("-", "").isalnum() else ""
    city = desk.identity.city
    told = style(base(desk), following, desk.lang, city.name if city else "civmap", city.frame if city else WORLD,
                 city.attribution if city else "", chosen or ORDER)
    response = json_response(told)
    tag = list_etag(response.get_data(as_text=True))
    if is_known(request, tag):
        response = json_response("", 304)
    response.headers.update({"ETag": tag, "Cache-Control": "private, no-cache"})
    return response


@blueprint.get("/connections/qgis-features.xml")
@permission(SIGNED_IN)
def features_connection(desk: Desk) -> Response:
    """Answer the connection file of OGC API – Features for QGIS."""
    return _file(qgis.features_connection(_city(desk), base(desk)), "text/xml", "civmap-qgis-features.xml")


@blueprint.get("/connections/qgis-tiles.xml")
@permission(SIGNED_IN)
def tiles_connection(desk: Desk) -> Response:
    """Answer the connection file of our vector tiles for QGIS."""
    return _file(qgis.tiles_connection(_city(desk), base(desk), desk.lang), "text/xml", "civmap-qgis-tiles.xml")


@blueprint.get("/connections/civmap.qgs")
@permission(SIGNED_IN)
def project(desk: Desk) -> Response:
    """Answer a QGIS project whose layers come live from OGC API – Features."""
    city = desk.identity.city
    body = qgis.project(_city(desk), city.frame if city else WORLD, qgis.over_ogc(base(desk)), desk.lang)
    return _file(body, "application/x-qgis-project", "civmap.qgs")


@blueprint.get("/connections/qfield.zip")
@permission(SIGNED_IN)
def field_project(desk: Desk) -> Response:
    """Answer a project for QField: what may leave the house with this person, of issues the open ones.

    Raise TooLarge for more than a phone carries; `bbox` or `division` then narrow it.
    """
    asked = Narrowing(bbox=frame(request.args["bbox"]) if request.args.get("bbox") else None,
                      filters={"division": request.args["division"]} if request.args.get("division") else {},
                      limit=MOST_OUTSIDE)
    found = {}
    for kind, name in KINDS.items():
        if desk.viewer.may("export", name):
            found[kind] = _features(desk, kind, asked)
    if not found:
        desk.viewer.must("export", "point")
    city, target = desk.identity.city, io.BytesIO()
    qfield.write(found, target, _city(desk), city.frame if city else WORLD, desk.lang, desk.now)
    with keeping.writing() as session:
        for kind, features in found.items():
            gather.note(session, desk.viewer, kind, len(features), "qfield", desk.now, asked.told())
    return _file(target.getvalue(), "application/zip", "civmap-qfield.zip")


def _features(desk: Desk, kind: str, asked: Narrowing) -> list[dict[str, Any]]:
    if kind == "issues":
        asked = replace(asked, filters={**asked.filters, "state": "open"})
    if kind == "units":
        asked = replace(asked, filters={}, bbox=None)
    found = gather.collect(desk.session, desk.viewer, kind, asked, desk.now, desk.lang)
    if found.after is not None:
        raise TooLarge("connections_too_much", field="bbox", most=MOST_OUTSIDE, kind=kind)
    return found.features


def _city(desk: Desk) -> str:
    return desk.identity.city.name if desk.identity.city else "civmap"


def _file(body: bytes, media_type: str, name: str) -> Response:
    response = make_response(body)
    response.headers.update({"Content-Type": media_type, "Cache-Control": "private, no-store",
                             "Content-Disposition": f'attachment; filename="{name}"'})
    return response
