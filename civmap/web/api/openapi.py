"""Assembles `/api/v1/openapi.json` (OpenAPI 3.1) from the registry, so that it cannot say other than the routes do."""

from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from civmap import __version__
from civmap.web.access import EVERYONE
from civmap.web.api.bodies import Loose, Problem
from civmap.web.api.operations import MAX_ID, MULTIPART, OPERATIONS, PREFIX, Operation, operation
from civmap.web.desk import Desk
from civmap.web.errors import PROBLEM_TYPE
from civmap.web.replies import KEY_HEADER, Answer

REFERENCE = "#/components/schemas/{model}"
MEANINGS = {
    200: "Done", 201: "Made", 202: "Begun", 204: "Done", 206: "A part",
    304: "Not changed since the version that the sender has",
    400: "The bytes cannot be read", 401: "Nobody knows who asks", 403: "The role may not", 404: "Not there",
    405: "Not this method", 409: "Contradicts what is there", 412: "Somebody else changed it first",
    413: "Too much at once", 415: "Not JSON", 422: "A value is not acceptable", 428: "If-Match is missing",
    429: "Too often", 501: "Not built yet", 503: "The database does not answer just now",
}


class Document(Loose):
    """This document."""

    openapi: str


@operation("GET", "/openapi.json", summary="This description", permission=EVERYONE, tag="about",
           answers={200: Document})
def describe(_desk: Desk) -> Answer:
    """Answer the document itself."""
    return Answer(document())


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document of every operation that is built; the promised rest stands in `x-not-built`."""
    shown = [entry for entry in OPERATIONS if entry.is_built]
    models = _models()
    _, definitions = models_json_schema([(model, "validation") for model in models], ref_template=REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for entry in shown:
        paths.setdefault(entry.path, {})[entry.method.lower()] = _described(entry)
    return {
        "openapi": "3.1.0",
        "info": {"title": "civmap", "version": __version__,
                 "description": "Coordinates are lon, lat (RFC 7946). Writes by browsers carry X-CSRF-Token."},
        "servers": [{"url": PREFIX}],
        "security": [{"bearer": []}, {"cookie": []}],
        "x-not-built": [f"{entry.method} {entry.path}" for entry in OPERATIONS
                        if not entry.is_built and "{verb}" not in entry.path],
        "paths": paths,
        "components": {
            "schemas": definitions.get("$defs", {}),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "civmap_session"},
            },
        },
    }


def _models() -> list[type[BaseModel]]:
    found: dict[str, type[BaseModel]] = {Problem.__name__: Problem}
    for entry in (entry for entry in OPERATIONS if entry.is_built):
        for model in (entry.body, *(entry.answers or {}).values()):
            if model is not None and not isinstance(model, str):
                found[model.__name__] = model
    return list(found.values())


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REFERENCE.format(model=model.__name__)}


def _described(entry: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": entry.name, "summary": entry.summary, "tags": [entry.tag],
        "parameters": [*_path_parameters(entry), *_query_parameters(entry), *_header_parameters(entry)],
        "responses": _responses(entry),
    }
    if entry.permission == EVERYONE:
        described["security"] = []
    if entry.body is not None:
        content = {"application/json": {"schema": _reference(entry.body)}}
        described["requestBody"] = {"required": True, "content": content}
    if entry.is_multipart:
        described["requestBody"] = {"required": True, "content": {MULTIPART: {"schema": PHOTO_FORM}}}
    return described


PHOTO_FORM = {
    "type": "object", "required": ["file", "kind"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "JPEG, PNG or WEBP, at most 10 MB"},
        "kind": {"type": "string", "enum": ["before", "after", "close", "wide", "reference"]},
        "taken_at": {"type": "string"}, "lon": {"type": "number"}, "lat": {"type": "number"},
    },
}


def _path_parameters(entry: Operation) -> list[dict[str, Any]]:
    whole = {"type": "integer", "minimum": 0, "maximum": MAX_ID}
    return [{"name": name, "in": "path", "required": True,
             "schema": whole if name == "id" else {"type": "string", "minLength": 1, "maxLength": 64}}
            for name in entry.parts]


def _query_parameters(entry: Operation) -> list[dict[str, Any]]:
    if entry.query is None:
        return []
    schema = entry.query.model_json_schema(ref_template=REFERENCE)
    required = schema.get("required", [])
    return [{"name": name, "in": "query", "required": name in required, "schema": _without_null(part)}
            for name, part in schema["properties"].items()]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    options = [part for part in schema.get("anyOf", []) if part.get("type") != "null"]
    kept = {name: value for name, value in schema.items() if name not in ("anyOf", "default", "title")}
    if len(options) == 1:
        return {**options[0], **kept}
    return {**kept, "anyOf": options} if options else kept


def _header_parameters(entry: Operation) -> list[dict[str, Any]]:
    headers = []
    if entry.method == "POST":
        headers.append({"name": KEY_HEADER, "in": "header", "required": False,
                        "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[ -~]+$"}})
    if entry.is_versioned:
        headers.append({"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"},
                        "description": 'The ETag that was read, "v3", or *'})
    if entry.method == "GET":
        headers.append({"name": "If-None-Match", "in": "header", "required": False, "schema": {"type": "string"}})
    return headers


def _responses(entry: Operation) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for status, model in (entry.answers or {}).items():
        answers[str(status)] = {"description": MEANINGS[status], **_content(model)}
    if entry.method == "GET" and entry.answers:
        answers["304"] = {"description": MEANINGS[304]}
    for status in _refusals(entry):
        answers[str(status)] = {"description": MEANINGS[status],
                                "content": {PROBLEM_TYPE: {"schema": _reference(Problem)}}}
    return answers


def _content(model: Any) -> dict[str, Any]:
    if model is None:
        return {}
    if isinstance(model, str):
        return {"content": {media: {"schema": {"type": "string", "format": "binary"}} for media in model.split()}}
    media = "application/geo+json" if "Feature" in model.__name__ else "application/json"
    return {"content": {media: {"schema": _reference(model)}}}


def _refusals(entry: Operation) -> list[int]:
    found = {400, 401, 403, 404, 503}
    if entry.query is not None or entry.body is not None:
        found.add(422)
    if entry.method != "GET":
        found |= {409, 413, 415, 422}
    if entry.is_versioned:
        found |= {412, 428}
    if entry.tag in ("issues", "segments", "zones") and entry.method != "GET":
        found.add(412)
    return sorted(found)
