"""The description of /ogc for programs: an OpenAPI 3.0 document made of the same tables as the answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from civmap import __version__, texts
from civmap.ogc.cql import LANGUAGES, MOST_SIGNS
from civmap.ogc.describing import FORMATS, GEOJSON, HTML, JSON, OPENAPI, SCHEMA, name_of
from civmap.ogc.finding import DEFAULT_LIMIT, MOST
from civmap.ogc.layers import LAYERS, Layer
from civmap.ogc.systems import CRS84, System

PROBLEM, MERGE = "application/problem+json", "application/merge-patch+json"
WORDS = {"400": "A parameter cannot be", "401": "Nobody knows who asks", "403": "The role may not",
         "404": "Not there, or not there for this person", "409": "Contradicts what is there",
         "412": "Somebody else changed it first", "413": "Too much at once", "415": "Not GeoJSON",
         "422": "A value is not acceptable", "428": "If-Match is missing", "503": "The database does not answer"}
Parameter = dict[str, Any]


def document(base: str, systems: Sequence[System], lang: str) -> dict[str, Any]:
    """Return the whole document."""
    paths: dict[str, Any] = {
        "/": {"get": _get("landing", "Landing page", {JSON: "landing"}, "about")},
        "/conformance": {"get": _get("conformance", "What this server conforms to", {JSON: "conformance"}, "about")},
        "/api": {"get": _get("description", "This document", {OPENAPI: None}, "about")},
        "/collections": {"get": _get("collections", "The collections", {JSON: "collections"}, "about")}}
    for layer in LAYERS.values():
        paths.update(_paths(layer, lang))
    return {
        "openapi": "3.0.3",
        "info": {"title": "civmap OGC API - Features", "version": __version__,
                 "description": texts.say(lang, "ogc.words")},
        "servers": [{"url": base}], "security": [{"bearer": []}, {"basic": []}, {"key": []}],
        "tags": [{"name": "about"}, *({"name": layer.kind, "description": name_of(layer, lang)}
                                      for layer in LAYERS.values())],
        "paths": paths, "components": _components(systems)}


def _paths(layer: Layer, lang: str) -> dict[str, Any]:
    here, tag = f"/collections/{layer.kind}", layer.kind
    items = {"get": {**_get(f"{tag}_items", f"Features: {tag}", {GEOJSON: "features"}, tag, _asking(layer)),
                     "description": texts.say(lang, f"ogc.{tag}.words")},
             "post": _write(layer, "post", "Make one", 201)}
    item: dict[str, Any] = {
        "parameters": [_ref("code")],
        "get": _get(f"{tag}_item", "One feature", {GEOJSON: "feature"}, tag,
                    [_ref("crs"), _ref("datetimeOfOne")], may_miss=True)}
    if layer.is_replaced:
        item |= {"put": _write(layer, "put", "Replace it", 200),
                 "patch": _write(layer, "patch", "Change parts of it", 200),
                 "delete": _write(layer, "delete", "Retire it: it holds until now", 204)}
    return {
        here: {"get": _get(f"{tag}_collection", f"The collection: {tag}", {JSON: "collection"}, tag)},
        f"{here}/queryables": {"get": _get(f"{tag}_queryables", "What can be asked for", {SCHEMA: "schema"}, tag)},
        f"{here}/schema": {"get": _get(f"{tag}_schema", "What a feature tells and takes", {SCHEMA: "schema"}, tag)},
        f"{here}/items": items, f"{here}/items/{{code}}": item}


def _ref(name: str) -> Parameter:
    return {"$ref": f"#/components/parameters/{name}"}


def _asking(layer: Layer) -> list[Parameter]:
    own = [_ref(name) for name in ("limit", "after", "bbox", "bboxCrs", "crs", "datetime", "filter", "filterLang",
                                   "filterCrs")]
    return [*own, *({"name": name, "in": "query", "required": False, "style": "form", "explode": False,
                     "schema": _plain(found.sort)}
                    for name, found in layer.asked.items())]


def _plain(sort: str) -> dict[str, Any]:
    return dict(FORMATS.get(sort, {"type": "string"}))


def _get(name: str, summary: str, content: Mapping[str, str | None], tag: str,
         parameters: Sequence[Parameter] = (), may_miss: bool = False) -> dict[str, Any]:
    found = {media: {"schema": {"$ref": f"#/components/schemas/{model}"} if model else {"type": "object"}}
             for media, model in content.items()}
    headers = {"ETag": {"schema": {"type": "string"}}, "Content-Crs": {"schema": {"type": "string"}}}
    return {
        "operationId": name, "summary": summary, "tags": [tag], "parameters": [_ref("f"), *parameters],
        "responses": {
            "200": {"description": "OK", "content": {**found, HTML: {"schema": {"type": "string"}}},
                    **({"headers": headers} if GEOJSON in content else {})},
            "304": {"description": "Not changed since the version that the sender has"},
            **_refusals("400", "401", "403", *(("404",) if may_miss else ()), "503")}}


def _write(layer: Layer, method: str, summary: str, status: int) -> dict[str, Any]:
    headers = [_ref("contentCrs")] if method != "delete" else []
    headers += [_ref("idempotencyKey")] if method == "post" else [_ref("ifMatch")]
    described: dict[str, Any] = {
        "operationId": f"{layer.kind}_{method}", "summary": f"{summary}: {layer.one}", "tags": [layer.kind],
        "parameters": headers,
        "responses": {
            str(status): {"description": "Done", **(
                {} if status == 204 else {"content": {GEOJSON: {"schema": {"$ref": "#/components/schemas/feature"}}},
                                          "headers": _made(status)})},
            **_refusals("400", "401", "403", "404", "409", "412", "413", "415", "422", "428", "503")}}
    if method != "delete":
        media = (MERGE, GEOJSON, JSON) if method == "patch" else (GEOJSON, JSON)
        model = {"$ref": f"#/components/schemas/{layer.one}{'Part' if method == 'patch' else ''}"}
        described["requestBody"] = {"required": True, "content": {one: {"schema": model} for one in media}}
    return described


def _made(status: int) -> dict[str, Any]:
    names = ("ETag", "Location", "Content-Crs") if status == 201 else ("ETag", "Content-Crs")
    return {name: {"schema": {"type": "string"}} for name in names}


def _refusals(*statuses: str) -> dict[str, Any]:
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/problem"}}, HTML: {"schema": {"type": "string"}}}
    return {status: {"description": WORDS[status], "content": content} for status in statuses}


def _parameter(name: str, schema: Mapping[str, Any], words: str, place: str = "query", **more: Any) -> Parameter:
    return {"name": name, "in": place, "required": place == "path", "description": words, "schema": dict(schema),
            **more}


def _parameters(systems: Sequence[System]) -> dict[str, Parameter]:
    text, uris = {"type": "string"}, [system.uri for system in systems]
    crs = {"type": "string", "format": "uri", "enum": uris, "default": CRS84}
    numbers = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}
    listed = {"style": "form", "explode": False}
    return {
        "f": _parameter("f", {"type": "string", "enum": ["json", "html"]}, "The form of the answer", **listed),
        "code": _parameter("code", {"type": "string", "minLength": 1, "maxLength": 64}, "The code", "path"),
        "limit": _parameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT},
                            "At most so many features; a larger number counts as the largest", **listed),
        "after": _parameter("after", {"type": "integer", "minimum": 0, "maximum": 2**31 - 1},
                            "Where the page begins; follow the next links", **listed),
        "bbox": _parameter("bbox", numbers, "Four numbers, or six with heights, which do not count", **listed),
        "bboxCrs": _parameter("bbox-crs", crs, "The system of bbox", **listed),
        "crs": _parameter("crs", crs, "The system of the answer", **listed),
        "datetime": _parameter("datetime", text, "A day, a moment, or two of them with a slash; .. is an open end. "
                               "Without it: what holds now", **listed),
        "datetimeOfOne": _parameter("datetime", text, "As of a day or a moment", **listed),
        "filter": _parameter("filter", {"type": "string", "minLength": 1, "maxLength": MOST_SIGNS}, "CQL2", **listed),
        "filterLang": _parameter("filter-lang", {"type": "string", "enum": list(LANGUAGES), "default": LANGUAGES[0]},
                                 "How filter is written", **listed),
        "filterCrs": _parameter("filter-crs", crs, "The system of geometries in filter", **listed),
        "contentCrs": _parameter("Content-Crs", {"type": "string", "enum": [f"<{uri}>" for uri in uris]},
                                 "The system of the body; CRS84 without it", "header"),
        "ifMatch": {**_parameter("If-Match", text, 'The ETag that was read, "v3", or *', "header"), "required": True},
        "idempotencyKey": _parameter("Idempotency-Key", {"type": "string", "minLength": 1, "maxLength": 128,
                                                         "pattern": "^[ -~]+$"}, "The same key, the same answer",
                                     "header")}


def _components(systems: Sequence[System]) -> dict[str, Any]:
    return {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"},
                            "basic": {"type": "http", "scheme": "basic"},
                            "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}},
        "parameters": _parameters(systems), "schemas": _schemas()}


def _object(required: Sequence[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", **({"required": list(required)} if required else {}), "properties": properties}


def _schemas() -> dict[str, Any]:
    text, links = {"type": "string"}, {"type": "array", "items": {"$ref": "#/components/schemas/link"}}
    shape = {"type": "object", "nullable": True}
    whole = {"type": "integer", "minimum": 0}
    feature = _object(("type", "id", "geometry", "properties"), type={"type": "string", "enum": ["Feature"]}, id=text,
                      geometry=shape, properties={"type": "object"}, links=links)
    found: dict[str, Any] = {
        "link": _object(("href", "rel"), href=text, rel=text, type=text, title=text),
        "problem": _object(("type", "title", "status", "code", "detail"), type=text, title=text, code=text, detail=text,
                           status={"type": "integer"}),
        "landing": _object(("links",), title=text, description=text, links=links),
        "conformance": _object(("conformsTo",), conformsTo={"type": "array", "items": text}),
        "collection": _object(("id", "links"), id=text, title=text, description=text, itemType=text, links=links,
                              extent={"type": "object"}, crs={"type": "array", "items": text}, storageCrs=text),
        "collections": _object(("links", "collections"), links=links, collections={
            "type": "array", "items": {"$ref": "#/components/schemas/collection"}}),
        "schema": {"type": "object"}, "feature": feature,
        "features": _object(("type", "features"), type={"type": "string", "enum": ["FeatureCollection"]}, links=links,
                            features={"type": "array", "items": {"$ref": "#/components/schemas/feature"}},
                            timeStamp={"type": "string", "format": "date-time"}, numberMatched=whole,
                            numberReturned=whole)}
    for layer in LAYERS.values():
        found[layer.one], found[f"{layer.one}Part"] = _sent(layer, True), _sent(layer, False)
    return found


def _sent(layer: Layer, is_whole: bool) -> dict[str, Any]:
    """Return what is sent of a feature: as a whole, or the parts that change."""
    written = {name: {**_plain(found.sort), **({} if found.is_required else {"nullable": True})}
               for name, found in layer.properties.items() if found.is_written}
    required = [name for name, found in layer.properties.items() if found.is_required and is_whole]
    properties = _object(required, **written)
    kinds = [layer.shape] if layer.shape != "MultiPolygon" else ["Polygon", "MultiPolygon"]
    shape = _object(("type", "coordinates"), type={"type": "string", "enum": kinds},
                    coordinates={"type": "array", "items": {}, "minItems": 1})
    if layer.kind == "units" or not is_whole:
        shape["nullable"] = True
    return _object(("type", "geometry", "properties") if is_whole else (), type={"type": "string", "enum": ["Feature"]},
                   geometry=shape, properties=properties)
