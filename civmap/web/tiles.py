"""Vector tiles of the five layers, and what a map library needs to know of them (TileJSON 3.0.0)."""

from collections.abc import Iterable
from typing import Annotated, Any

from flask import Blueprint, Response, make_response, request
from pydantic import BaseModel, ConfigDict, Field, create_model

from civmap import clock
from civmap.errors import Invalid, NotFound
from civmap.issues import narrowing
from civmap.mirror.following import Mirror
from civmap.tiles import describing
from civmap.tiles.building import Spot
from civmap.tiles.serving import MOST_ZOOM, Question, Tile, Tiles, known_layer
from civmap.web import desk as desks
from civmap.web.access import SIGNED_IN, permission
from civmap.web.api.reading import read_query
from civmap.web.desk import Desk
from civmap.web.replies import json_response
from civmap.web.versions import is_known, list_etag

blueprint = Blueprint("tiles", __name__)
MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
Words = Annotated[str, Field(max_length=2_000_000)]
Short = Annotated[str, Field(max_length=60)]


class Asking(BaseModel):
    """What everything drawn from the mirror takes beside the filters of its kind; others are refused."""

    model_config = ConfigDict(extra="forbid")

    status: Short | None = None
    on: Annotated[str, Field(max_length=40, description="an office day or an ISO 8601 moment")] | None = None
    by: Short = "status"


def asking(kind: str, base: type[Asking] = Asking, filters: Iterable[str] = ()) -> type[Asking]:
    """Return the query model of a kind: the filters of its lists under the same names."""
    fields: dict[str, Any] = {name: (Words | None, None) for name in (*narrowing.NAMES[kind], *filters)
                              if name not in base.model_fields}
    return create_model(f"{kind.capitalize()}{base.__name__}", __base__=base, **fields)


ASKING = {kind: asking(kind) for kind in narrowing.NAMES}


def held() -> Tiles:
    """Return the tiles of this process over its mirror; both are made when first asked for."""
    kept = desks.held()
    with desks.OPENING:
        if kept.get("tiles") is None:
            kept["tiles"] = Tiles(Mirror())
        return kept["tiles"]


def question(here: Desk, kind: str, query: Asking) -> Question:
    """Return what a query asks; raise Invalid where its day is none."""
    sent = query.model_dump(exclude_none=True)
    filters = {name: sent[name] for name in narrowing.NAMES[kind] if name in sent and name not in ("status", "by")}
    statuses = tuple(part.strip() for part in (query.status or "").split(",") if part.strip())
    return Question(kind, filters, _moment(here, query.on), statuses, query.by)


def _moment(here: Desk, on: str | None) -> Any:
    """Return the moment of a past question, None for the present."""
    if not on:
        return None
    try:
        moment = clock.as_of(clock.parse_asked(on), here.now)
    except (ValueError, OverflowError) as problem:
        raise Invalid("member_moment", field="on", value=on[:40]) from problem
    return None if moment == here.now else moment


@blueprint.get("/tiles/<layer>/<zoom>/<column>/<row>.mvt")
@permission(SIGNED_IN)
def tile(desk: Desk, layer: str, zoom: str, column: str, row: str) -> Response:
    """Serve one tile, empty where nothing is in it; raise NotFound for one that cannot be, Invalid as the lists do."""
    spot = Spot(*(_whole(part) for part in (zoom, column, row)))
    asked = question(desk, known_layer(layer), read_query(ASKING[layer], request))
    found = held().tile(desk.session, desk.viewer, asked, spot, desk.now)
    if is_known(request, f'"{found.tag}"'):
        return _headed(make_response("", 304), found)
    return _headed(_body(found), found)


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
    asked = question(desk, known_layer(layer), read_query(ASKING[layer], request))
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

