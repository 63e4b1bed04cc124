"""Vector tiles of the five layers, and what a map library needs to know of them (TileJSON 3.0.0)."""

from flask import Blueprint, Response, make_response, request

from civmap.errors import NotFound
from civmap.tiles import describing
from civmap.tiles.building import Spot
from civmap.tiles.serving import MOST_ZOOM, Question, Tile, known_layer
from civmap.web import asking, mirrored
from civmap.web.access import SIGNED_IN, permission
from civmap.web.api.reading import read_query
from civmap.web.desk import Desk
from civmap.web.replies import json_response
from civmap.web.versions import is_known, list_etag

blueprint = Blueprint("tiles", __name__)
MEDIA_TYPE = "application/vnd.mapbox-vector-tile"


@blueprint.get("/tiles/<layer>/<zoom>/<column>/<row>.mvt")
@permission(SIGNED_IN)
def tile(desk: Desk, layer: str, zoom: str, column: str, row: str) -> Response:
    """Serve one tile, empty where nothing is in it; raise NotFound for one that cannot be, Invalid as the lists do."""
    spot = Spot(*(_whole(part) for part in (zoom, column, row)))
    asked = _asked(desk, layer)
    found = mirrored.tiles().tile(desk.session, desk.viewer, asked, spot, desk.now)
    if is_known(request, f'"{found.tag}"'):
        return _headed(make_response("", 304), found)
    return _headed(_body(found), found)


def _asked(desk: Desk, layer: str) -> Question:
    return asking.question(desk, known_layer(layer), read_query(asking.MODELS[layer], request))


def _whole(text: str) -> int:
    """Return a part of the address as a number; raise NotFound for what is none."""
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise NotFound("tiles_address", field="tile", value=text[:20])
    return int(text)


def _body(found: Tile) -> Response:
    if found.packed is not None and "gzip" in request.accept_encodings:
        response = make_response(found.packed)
        response.headers["Content-Encoding"] = "gzip"
        return response
    return make_response(found.plain)


def _headed(response: Response, found: Tile) -> Response:
    response.headers["Content-Type"] = MEDIA_TYPE
    response.headers["ETag"] = f'W/"{found.tag}"'
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Accept-Encoding, Cookie, Authorization"
    return response


@blueprint.get("/tiles/<layer>.json")
@permission(SIGNED_IN)
def description(desk: Desk, layer: str) -> Response:
    """Describe a layer as TileJSON; the filters of the address go into the address of the tiles."""
    asked = _asked(desk, layer)
    city = desk.identity.city
    base = (desk.settings.public_url or request.host_url).rstrip("/")
    told = {"tilejson": "3.0.0", **describing.layers(layer, asked.by, desk.lang),
            "tiles": [f"{base}/tiles/{layer}/{{z}}/{{x}}/{{y}}.mvt{_following()}"],
            "minzoom": 0, "maxzoom": MOST_ZOOM, "scheme": "xyz",
            "bounds": list(city.frame) if city else [-180, -85, 180, 85]}
    if city and city.attribution:
        told["attribution"] = city.attribution
    response = json_response(told)
    tag = list_etag(response.get_data(as_text=True))
    if is_known(request, tag):
        response = json_response("", 304)
    response.headers["ETag"], response.headers["Cache-Control"] = tag, "private, no-cache"
    return response


def _following() -> str:
    text = request.query_string.decode("ascii", "replace")
    return f"?{text}" if text else ""

