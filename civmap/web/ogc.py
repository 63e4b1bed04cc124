"""OGC API – Features at /ogc: reading. JSON for programs, pages for people, by `f=` or Accept; one policy."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, request
from sqlalchemy.exc import DataError

from civmap import clock
from civmap.errors import BadInput, Invalid, NotFound
from civmap.exchange.gather import Part
from civmap.ogc import describing, finding, openapi, systems
from civmap.ogc.describing import GEOJSON, JSON, SCHEMA, link
from civmap.ogc.layers import LAYERS, Layer
from civmap.ogc.systems import System
from civmap.store.listing import Here
from civmap.web import credentials, feeds, ogc_pages, versions
from civmap.web.access import SIGNED_IN, permission
from civmap.web.desk import Desk
from civmap.web.replies import json_response, to_json

blueprint = Blueprint("ogc", __name__, url_prefix="/ogc")
COMMON = ("f", "api_key")
FORMS = ("json", "html")
View = Callable[..., Response]


def _reading(*also: str) -> Callable[[View], View]:
    """Guard a view: only parameters that it knows, and 400 for each one that cannot be; None admits all to it."""
    def decorate(view: View) -> View:
        @wraps(view)
        def answered(desk: Desk, **parts: str) -> Response:
            try:
                _check(also)
                return view(desk, **parts)
            except Invalid as problem:
                raise BadInput(problem.code, field=problem.field, **problem.facts) from problem
            except DataError as problem:
                raise BadInput("ogc_filter_value", field="filter") from problem
        return permission(SIGNED_IN)(answered)
    return decorate


def _check(also: Sequence[str]) -> None:
    known = [*COMMON, *also]
    unknown = next((name for name in request.args if name not in known), None)
    if unknown is not None and "*" not in also:
        raise Invalid("ogc_parameter_unknown", field=unknown, name=unknown[:60], known=known)
    form = request.args.get("f")
    if form is not None and form not in FORMS:
        raise Invalid("choice_unknown", field="f", value=form[:40], known=list(FORMS))


def base(desk: Desk) -> str:
    """Return the address of the landing page."""
    return f"{feeds.base(desk)}/ogc"


def known_systems(desk: Desk) -> tuple[System, ...]:
    """Return the coordinate systems of this city."""
    return systems.systems_of(_frame(desk))


def _frame(desk: Desk) -> tuple[float, float, float, float]:
    assert desk.identity.city is not None
    return desk.identity.city.frame


def layer_of(name: str) -> Layer:
    """Return the collection of a name; raise NotFound."""
    if name not in LAYERS:
        raise NotFound("ogc_collection_unknown", field="collection", name=name[:60], known=list(LAYERS))
    return LAYERS[name]


def _said(desk: Desk, told: dict[str, Any], page: str, media_type: str = JSON, **more: Any) -> Response:
    """Return a document as JSON, or as the page of it."""
    if credentials.wants_page(request):
        return _kept(make_response(ogc_pages.show(desk, page, told, **more)))
    tag = versions.list_etag(to_json(told))
    is_known = versions.is_known(request, tag)
    response = json_response("" if is_known else told, 304 if is_known else 200, media_type, {"ETag": tag})
    return _kept(response)


def _kept(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Accept, Accept-Language, Authorization, Cookie"
    return response


@blueprint.get("")
@_reading()
def landing(desk: Desk) -> Response:
    """Answer what there is."""
    city = desk.identity.city.name if desk.identity.city else ""
    told = describing.landing(base(desk), credentials.wants_page(request), city, desk.lang)
    return _said(desk, told, "landing", collections=_collections(desk)["collections"])


@blueprint.get("/conformance")
@_reading()
def conformance(desk: Desk) -> Response:
    """Answer which classes of the standards are met."""
    return _said(desk, {"conformsTo": list(describing.CONFORMS)}, "conformance")


@blueprint.get("/api")
@_reading()
def api(desk: Desk) -> Response:
    """Answer the OpenAPI document."""
    return _said(desk, openapi.document(base(desk), known_systems(desk), desk.lang), "api", describing.OPENAPI)


@blueprint.get("/collections")
@_reading()
def collections(desk: Desk) -> Response:
    """Answer all collections."""
    return _said(desk, _collections(desk), "collections")


def _collections(desk: Desk) -> dict[str, Any]:
    address, is_page = f"{base(desk)}/collections", credentials.wants_page(request)
    return {"links": describing.both(address, is_page, ""), "crs": [system.uri for system in known_systems(desk)],
            "collections": [_collection(desk, layer) for layer in LAYERS.values()]}


def _collection(desk: Desk, layer: Layer) -> dict[str, Any]:
    here = Here(desk.session, desk.viewer, desk.now, desk.now)
    return describing.collection(base(desk), layer, known_systems(desk), _frame(desk),
                                 clock.iso(finding.begins(here, layer)), desk.lang, credentials.wants_page(request))


@blueprint.get("/collections/<name>")
@_reading()
def collection(desk: Desk, name: str) -> Response:
    """Answer what one collection is."""
    layer = layer_of(name)
    return _said(desk, _collection(desk, layer), "collection", layer=layer)


@blueprint.get("/collections/<name>/queryables")
@_reading()
def queryables(desk: Desk, name: str) -> Response:
    """Answer the properties that features can be asked for."""
    layer = layer_of(name)
    told = describing.queryables(f"{base(desk)}/collections/{name}/queryables", layer, desk.lang)
    return _said(desk, told, "queryables", SCHEMA, layer=layer)


@blueprint.get("/queryables")
@_reading()
def all_queryables(desk: Desk) -> Response:
    """Answer the properties that features of every collection can be asked for."""
    first, *rest = LAYERS.values()
    told = describing.queryables(f"{base(desk)}/queryables", first, desk.lang)
    names = set(first.asked).intersection(*(layer.asked for layer in rest)) | {"geometry"}
    told["properties"] = {name: {**part, **({"format": "geometry-any"} if name == "geometry" else {})}
                          for name, part in told["properties"].items() if name in names}
    return _said(desk, told, "queryables", SCHEMA, layer=None)


@blueprint.get("/collections/<name>/schema")
@_reading()
def schema(desk: Desk, name: str) -> Response:
    """Answer all properties of a collection's features."""
    layer = layer_of(name)
    told = describing.schema(f"{base(desk)}/collections/{name}/schema", layer, desk.lang)
    return _said(desk, told, "queryables", SCHEMA, layer=layer)


@blueprint.get("/collections/<name>/items")
@_reading("*")
def items(desk: Desk, name: str) -> Response:
    """Answer one page of features."""
    layer, sent = layer_of(name), request.args.to_dict()
    asked, here = finding.read(Here(desk.session, desk.viewer, desk.now, desk.now), layer, known_systems(desk), sent)
    if credentials.wants_page(request):
        asked = replace(asked, limit=min(asked.limit, ogc_pages.MOST))
    found = finding.page(here, layer, asked, desk.lang)
    links = _links_of_items(desk, layer, sent, found.after)
    if credentials.wants_page(request):
        return _kept(make_response(ogc_pages.items(desk, layer, found, links, sent)))
    return _collection_answer(found, links, asked.system, clock.iso(desk.now) or "")


def _links_of_items(desk: Desk, layer: Layer, sent: Mapping[str, str], after: int | None) -> list[dict[str, str]]:
    own = f"{base(desk)}/collections/{layer.kind}"
    rest = {name: text for name, text in sent.items() if name not in COMMON}
    address = f"{own}/items{'?' + urlencode(rest) if rest else ''}"
    is_page = credentials.wants_page(request)
    links = describing.both(address, is_page, describing.name_of(layer, desk.lang), GEOJSON)
    links += [link(own, "collection", JSON), link(f"{own}/schema", "describedby", SCHEMA)]
    if after is not None:
        following = urlencode({**sent, "after": str(after)})
        links.append(link(f"{own}/items?{following}", "next", describing.HTML if is_page else GEOJSON))
    return links


def _in_system(parts: list[Part], system: System) -> list[Part]:
    if system == systems.LONLAT:
        return parts
    shapes = systems.written(system, [part.shape for part in parts])
    return [part._replace(shape=shape) for part, shape in zip(parts, shapes, strict=True)]


def _collection_answer(found: finding.Page, links: list[dict[str, str]], system: System, now: str) -> Response:
    """Return a page of features as GeoJSON; its ETag speaks of all but the moment of the answer."""
    head = f'"numberMatched":{found.matched},"numberReturned":{len(found.parts)},"links":{to_json(links)},"features":['
    pieces = [part.text() for part in _in_system(found.parts, system)]
    digest = hashlib.sha256(head.encode())
    for piece in pieces:
        digest.update(piece.encode())
    tag = f'W/"{digest.hexdigest()[:24]}"'
    is_known = versions.is_known(request, tag)
    body = "" if is_known else f'{{"type":"FeatureCollection","timeStamp":"{now}",{head}{",".join(pieces)}]}}'
    return _kept(json_response(body, 304 if is_known else 200, GEOJSON,
                               {"ETag": tag, "Content-Crs": f"<{system.uri}>"}))


@blueprint.get("/collections/<name>/items/<code>")
@_reading("crs", "datetime")
def item(desk: Desk, name: str, code: str) -> Response:
    """Answer one feature with its version."""
    layer = layer_of(name)
    on = finding.moment(request.args.get("datetime"))
    here = Here(desk.session, desk.viewer, desk.now, clock.as_of(on, desk.now))
    part, tag = finding.one(here, layer, code, on, desk.lang)
    system = systems.find(known_systems(desk), request.args.get("crs", systems.CRS84), "crs")
    told = feature(desk, layer, part, system)
    if credentials.wants_page(request):
        return _kept(make_response(ogc_pages.item(desk, layer, part, told["links"])))
    headers = {"Content-Crs": f"<{system.uri}>", **({"ETag": tag} if on is None else {})}
    return _kept(json_response(told, 200, GEOJSON, headers))


def feature(desk: Desk, layer: Layer, part: Part, system: System) -> dict[str, Any]:
    """Return one feature with its links."""
    (there,) = _in_system([part], system)
    return {**there.feature(), "links": links_of_item(desk, layer, part.code)}


def links_of_item(desk: Desk, layer: Layer, code: str) -> list[dict[str, str]]:
    """Return the links of one feature."""
    own, sent = describing.item_address(base(desk), layer, code), request.args.to_dict()
    rest = urlencode({name: text for name, text in sent.items() if name not in COMMON}) if request.method in (
        "GET", "HEAD") else ""
    collection_address = f"{base(desk)}/collections/{layer.kind}"
    return [*describing.both(f"{own}?{rest}" if rest else own, credentials.wants_page(request), "", GEOJSON),
            link(collection_address, "collection", JSON), link(f"{collection_address}/schema", "describedby", SCHEMA)]


@blueprint.after_request
def _open_to_other_pages(response: Response) -> Response:
    """Let programs in browsers ask from other pages: with a token that they show, never with this browser's cookie."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "ETag, Location, Content-Crs, Link"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "")
        response.headers["Access-Control-Allow-Headers"] = (
            "Authorization, X-Api-Key, Content-Type, Content-Crs, If-Match, If-None-Match, Idempotency-Key, Accept")
        response.headers["Access-Control-Max-Age"] = "600"
    return response


