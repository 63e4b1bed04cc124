"""OGC API – Features at /ogc: writing (Part 4), through the same operations, rights and gates as the JSON interface."""

from collections.abc import Callable
from typing import Any

from flask import Response, request
from pydantic import BaseModel

from civmap.errors import Stale
from civmap.issues import actions as issues
from civmap.ogc import describing, finding, writing
from civmap.ogc.describing import GEOJSON
from civmap.ogc.layers import LAYERS, Layer
from civmap.ogc.systems import CRS84
from civmap.store.listing import Here
from civmap.web import ogc
from civmap.web.api import objects, operations
from civmap.web.api.bodies import Body, Loose
from civmap.web.api.issues import Report
from civmap.web.api.operations import Operation
from civmap.web.api.reading import read_body
from civmap.web.desk import Desk
from civmap.web.kinds import KINDS, Kind
from civmap.web.replies import Answer

MERGE = "application/merge-patch+json"
blueprint = ogc.blueprint
ANY = ""
"""Some libraries send their JSON under no name at all."""


class Part(Body):
    """The parts of a feature that change."""

    geometry: dict[str, Any] | None = None
    properties: dict[str, Any] | None = None


def _taken(desk: Desk, layer: Layer, body: Any) -> Any:
    return writing.taken(layer, ogc.known_systems(desk), request.headers.get("Content-Crs"), body)


def _told(desk: Desk, layer: Layer, answer: Answer, code: str) -> Answer:
    """Return a house answer as /ogc gives it: with links, an address of its own and the system it is written in."""
    answer.body = {**answer.body, "links": ogc.links_of_item(desk, layer, code)}
    answer.headers["Content-Crs"] = f"<{CRS84}>"
    if answer.status == 201:
        answer.headers["Location"] = describing.item_address(ogc.base(desk), layer, code)
    return answer


def _create(kind: Kind, layer: Layer) -> Callable[..., Answer]:
    def create(desk: Desk, body: Any) -> Answer:
        feature = _taken(desk, layer, body)
        row = kind.actions.create(desk.session, desk.viewer, feature, desk.now, **objects.placed(desk, kind, feature))
        return _told(desk, layer, objects.followed(desk, kind, row, 201), row.code)
    return create


def _change(kind: Kind, layer: Layer, read: Callable[[Layer, Any], Any]) -> Callable[..., Answer]:
    def change(desk: Desk, code: str, body: Any, version: int) -> Answer:
        _must_hold(desk, layer, code)
        feature = read(layer, _taken(desk, layer, body))
        wanted = objects.seen_version(desk, kind, code, version)
        try:
            row = kind.actions.replace(desk.session, desk.viewer, code, feature, wanted, desk.now,
                                       **objects.placed(desk, kind, feature))
        except Stale as refusal:
            raise objects.with_burden(desk, kind, code, refusal) from refusal
        return _told(desk, layer, objects.followed(desk, kind, row), row.code)
    return change


def _retire(kind: Kind, layer: Layer) -> Callable[..., Answer]:
    def retire(desk: Desk, code: str, version: int) -> Answer:
        _must_hold(desk, layer, code)
        wanted = objects.seen_version(desk, kind, code, version)
        try:
            row = kind.actions.retire(desk.session, desk.viewer, code, wanted, desk.now)
        except Stale as refusal:
            raise objects.with_burden(desk, kind, code, refusal) from refusal
        objects.followed(desk, kind, row)
        return Answer("", 204)
    return retire


def _must_hold(desk: Desk, layer: Layer, code: str) -> None:
    """Raise NotFound for what is not there any more: a program that retired it asks for nothing else."""
    finding.one(Here(desk.session, desk.viewer, desk.now, desk.now), layer, code, None, desk.lang)


def _report(desk: Desk, body: Any) -> Answer:
    """Report an issue: its class, its words and its place; the rest follows from its life."""
    layer = LAYERS["issues"]
    said = writing.report(_taken(desk, layer, body))
    read_body(Report, said)
    issue = issues.report(desk.session, desk.viewer, said, desk.now, desk.lang)
    here = Here(desk.session, desk.viewer, desk.now, desk.now)
    part, tag = finding.one(here, layer, issue.issue_no, None, desk.lang)
    return _told(desk, layer, Answer(part.feature(), 201, {"ETag": tag}, GEOJSON), issue.issue_no)


def _register(method: str, layer: Layer, verb: str, work: Callable[..., Answer], body: type[BaseModel] | None) -> None:
    path = f"/collections/{layer.kind}/items" + ("" if method == "POST" else "/{code}")
    takes = (MERGE, ANY) if method == "PATCH" else (ANY,)
    entry = Operation(method, path, "", (verb, layer.one), work, layer.kind, body=body, as_sent=True,
                      is_versioned=method != "POST", takes=takes)

    def view(**parts: str) -> Response:
        response = operations.respond(entry, parts)
        if response.status_code in (200, 201):  # an answer given again to the same key knows neither
            response.headers["Content-Type"] = GEOJSON
            response.headers.setdefault("Content-Crs", f"<{CRS84}>")
        return response

    view.permission = entry.permission  # type: ignore[attr-defined]
    ogc.blueprint.add_url_rule(path.replace("{code}", "<code>"), f"{layer.kind}_{method.lower()}", view,
                               methods=[method])


for _layer in LAYERS.values():
    if _layer.kind == "issues":
        _register("POST", _layer, "report", _report, Loose)
        continue
    _kind = KINDS[_layer.kind]
    _register("POST", _layer, "create", _create(_kind, _layer), objects.BODIES[_layer.kind])
    _register("PUT", _layer, "edit", _change(_kind, _layer, writing.whole), objects.BODIES[_layer.kind])
    _register("PATCH", _layer, "edit", _change(_kind, _layer, writing.partial), Part)
    _register("DELETE", _layer, "retire", _retire(_kind, _layer), None)
