"""What /ogc says of itself: landing page, conformance, collections, queryables and schemas, as plain values."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from civmap import texts
from civmap.ogc.layers import DAY, FLAG, LIST, MOMENT, NUMBER, SHAPE, WHOLE, Layer, Property
from civmap.ogc.systems import CRS84, System

JSON, GEOJSON, HTML, SCHEMA = "application/json", "application/geo+json", "text/html", "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
_SPEC = "http://www.opengis.net/spec/"
_CORE, _CRS = f"{_SPEC}ogcapi-features-1/1.0/conf/", f"{_SPEC}ogcapi-features-2/1.0/conf/"
_FILTER, _CQL = f"{_SPEC}ogcapi-features-3/1.0/conf/", f"{_SPEC}cql2/1.0/conf/"
_WRITE, _SCHEMA = f"{_SPEC}ogcapi-features-4/1.0/conf/", f"{_SPEC}ogcapi-features-5/1.0/conf/"
CONFORMS = (
    f"{_SPEC}ogcapi-common-1/1.0/conf/core", f"{_SPEC}ogcapi-common-2/1.0/conf/collections",
    *(f"{_CORE}{name}" for name in ("core", "oas30", "html", "geojson")), f"{_CRS}crs",
    *(f"{_FILTER}{name}" for name in ("queryables", "queryables-query-parameters", "filter", "features-filter")),
    *(f"{_CQL}{name}" for name in (
        "cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators", "case-insensitive-comparison",
        "basic-spatial-functions", "basic-spatial-functions-plus", "spatial-functions", "temporal-functions")),
    *(f"{_WRITE}{name}" for name in ("create-replace-delete", "update", "optimistic-locking-etags", "features")),
    *(f"{_SCHEMA}{name}" for name in ("schemas", "core-roles-features", "returnables-and-receivables")),
)
RELATION = "http://www.opengis.net/def/rel/ogc/1.0/"
FORMATS: Mapping[str, dict[str, Any]] = {
    FLAG: {"type": "boolean"}, NUMBER: {"type": "number"}, WHOLE: {"type": "integer"},
    DAY: {"type": "string", "format": "date"}, MOMENT: {"type": "string", "format": "date-time"},
    LIST: {"type": "array", "items": {}}, SHAPE: {"type": "object"}}
SHAPES = {"Point": "geometry-point", "LineString": "geometry-linestring", "MultiPolygon": "geometry-any"}


def link(href: str, rel: str, media_type: str, title: str = "") -> dict[str, str]:
    """Return one link."""
    return {"href": href, "rel": rel, "type": media_type, **({"title": title} if title else {})}


def both(address: str, is_page: bool, title: str, data: str = JSON) -> list[dict[str, str]]:
    """Return the links of a document to itself and to its other form; `data` is its media type for programs."""
    joint = "&" if "?" in address else "?"
    forms = [(f"{address}{joint}f=json", data), (f"{address}{joint}f=html", HTML)]
    return [link(href, "self" if (form == HTML) is is_page else "alternate", form, title) for href, form in forms]


def landing(base: str, is_page: bool, city: str, lang: str) -> dict[str, Any]:
    """Return the landing page."""
    def say(key: str) -> str:
        return texts.say(lang, key)

    return {
        "title": texts.say(lang, "ogc.title", city=city), "description": say("ogc.words"),
        "links": [
            *both(base, is_page, say("ogc.landing")),
            link(f"{base}/api?f=json", "service-desc", OPENAPI, say("ogc.api")),
            link(f"{base}/api?f=html", "service-doc", HTML, say("ogc.api")),
            link(f"{base}/conformance", "conformance", JSON, say("ogc.conformance")),
            link(f"{base}/conformance", f"{RELATION}conformance", JSON, say("ogc.conformance")),
            link(f"{base}/collections", "data", JSON, say("ogc.collections")),
            link(f"{base}/collections", f"{RELATION}data", JSON, say("ogc.collections")),
            link(f"{base}/queryables", f"{RELATION}queryables", SCHEMA, say("ogc.queryables"))]}


def collection(base: str, layer: Layer, systems: Sequence[System], frame: Sequence[float], begins: str | None,
               lang: str, is_page: bool = False) -> dict[str, Any]:
    """Return the description of one collection."""
    here, title = f"{base}/collections/{layer.kind}", name_of(layer, lang)
    return {
        "id": layer.kind, "title": title, "description": texts.say(lang, f"ogc.{layer.kind}.words"),
        "itemType": "feature", "crs": [system.uri for system in systems], "storageCrs": CRS84,
        "extent": {"spatial": {"bbox": [list(frame)], "crs": CRS84},
                   "temporal": {"interval": [[begins, None]],
                                "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"}},
        "links": [
            *both(here, is_page, title),
            link(f"{here}/items?f=json", "items", GEOJSON, title), link(f"{here}/items?f=html", "items", HTML, title),
            link(f"{here}/queryables", f"{RELATION}queryables", SCHEMA, texts.say(lang, "ogc.queryables")),
            link(f"{here}/schema", f"{RELATION}schema", SCHEMA, texts.say(lang, "ogc.schema")),
            link(f"{here}/schema", "describedby", SCHEMA, texts.say(lang, "ogc.schema")),
            link(f"{here.replace('/ogc/collections', '')}", "related", HTML, texts.say(lang, "ogc.pages"))]}


def name_of(layer: Layer, lang: str) -> str:
    """Return the name of a collection in a language."""
    return texts.say(lang, f"ogc.{layer.kind}")


def label(name: str, lang: str) -> str:
    """Return the heading of a property."""
    return texts.say(lang, f"ogc.field.{name}")


def queryables(address: str, layer: Layer, lang: str) -> dict[str, Any]:
    """Return the properties that a collection can be asked for, as JSON Schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": address, "type": "object",
        "title": name_of(layer, lang), "description": texts.say(lang, "ogc.queryables.words"),
        "additionalProperties": False,
        "properties": {"geometry": {"title": label("geometry", lang), "format": SHAPES[layer.shape],
                                    "x-ogc-role": "primary-geometry"},
                       **{name: _told(found, layer, lang) for name, found in layer.asked.items()}}}


def schema(address: str, layer: Layer, lang: str) -> dict[str, Any]:
    """Return all properties of a collection's features, as JSON Schema with what can be written (Part 5)."""
    told = {}
    for at, (name, found) in enumerate(layer.properties.items(), start=2):
        told[name] = {**_told(found, layer, lang), "x-ogc-propertySeq": at}
        if not found.is_written:
            told[name]["readOnly"] = True
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": address, "type": "object",
        "title": name_of(layer, lang), "description": texts.say(lang, f"ogc.{layer.kind}.words"),
        "required": [name for name, found in layer.properties.items() if found.is_required],
        "properties": {"geometry": {"title": label("geometry", lang), "format": SHAPES[layer.shape],
                                    "x-ogc-role": "primary-geometry", "x-ogc-propertySeq": 1}, **told}}


def _told(found: Property, layer: Layer, lang: str) -> dict[str, Any]:
    told = {"title": label(found.name, lang), **FORMATS.get(found.sort, {"type": "string"})}
    own = "code" if layer.is_replaced else "issue_no"
    roles = {own: "id", "valid_from": "primary-interval-start", "valid_to": "primary-interval-end",
             "reported_at": "primary-instant"}
    if found.name in roles:
        told["x-ogc-role"] = roles[found.name]
    return told


def item_address(base: str, layer: Layer, code: str) -> str:
    """Return the address of one feature."""
    return f"{base}/collections/{layer.kind}/items/{quote(code, safe='')}"
