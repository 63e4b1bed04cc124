"""The description of the interface is complete and true: no request finds an answer that it does not name."""

import pytest

from civmap.documents import pdf
from civmap.paper import runner
from civmap.web.api.operations import OPERATIONS

JUNK = (b"", b"[]", b'{"type":"Feature","geometry":null,"properties":{}}', b'{"a":NaN}', b"\xff", b'"x"',
        b'{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[]]},"properties":{"kind":7,"code":"\\u0001"}}',
        b'{"class":5,"description":[],"lon":1e400}', b'{"photos":[99999999999999999999]}', b'{"photos":["x"]}')
TYPES = ("application/json", "text/plain", "application/x-www-form-urlencoded")
BODIES = [(b"{}", kind) for kind in TYPES] + [(body, TYPES[0]) for body in JUNK]
QUERIES = ("", "?limit=-1", "?limit=5&bbox=0,0,0", "?q=%00", "?on=0001-01-01", "?on=9999-12-31T23:59:59%2B14:00",
           "?lon=1e309&lat=0", "?lon=115.86&lat=28.68&accuracy_m=-1", "?bbox=-1e308,0,1e308,1", "?after=999999999999",
           "?q=%F0%9F%98%80%27%22%3B--", "?unit=%25&kind=_&class=%5C", "?retired=any&limit=3", "?retired=x",
           "?state=%C3%28")
PARTS = ("P001", "LD0001", "SB000001", "HW-C", "%00", "..", "x" * 3000, "%F0%9F%98%80", "%FF", "'", "1", "99999999999")


@pytest.fixture
def document(stranger):
    return stranger.get("/api/v1/openapi.json").json


def test_the_document_names_every_operation_and_every_model(document):
    assert document["openapi"].startswith("3.1")
    described = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert described == {(entry.method.lower(), entry.path) for entry in OPERATIONS if entry.is_built}
    names = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names))

    def references(node):
        if isinstance(node, dict):
            if "$ref" in node:
                yield node["$ref"]
            for part in node.values():
                yield from references(part)
        elif isinstance(node, list):
            for part in node:
                yield from references(part)

    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) <= known


def test_the_document_names_what_the_interface_promises(document):
    promised = {"/points.geojson", "/segments.geojson", "/zones.geojson", "/units.geojson", "/issues.geojson",
                "/changes", "/assignment", "/issues", "/issues/{no}",
                "/issues/{no}/ledger", "/issues/{no}/photos", "/photos/{id}",
                "/points", "/points/{code}", "/zones/{code}/split", "/zones/merge", "/zones/{code}/reshape",
                "/segments/{code}/split", "/segments/join", "/segments/{code}/frontage", "/coverage", "/draws",
                "/draws/{code}", "/draws/{code}/publish", "/routes", "/routes/{code}",
                "/routes/{code}/legs"}
    later = {entry.split()[1] for entry in document["x-not-built"]}
    assert promised <= set(document["paths"]) | later
    assert not later & set(document["paths"])


def test_no_request_finds_an_undocumented_answer(document, signed_in, monkeypatch):
    monkeypatch.setattr(runner, "start", lambda *_words: None)  # what is asked of /papers need not be drawn,
    monkeypatch.setattr(pdf, "write", lambda _paper, target, *_more: target.write_bytes(b"%PDF-1.7"))  # nor a PDF
    person = signed_in("dispatcher")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            known = {int(status) for status in operation["responses"]}
            for answer, said in tried(person, method, path):
                assert answer.status_code in known or answer.status_code == 405 or is_elsewhere(answer), (
                    method, path, said, answer.status_code, answer.get_data(as_text=True)[:300])
                if answer.status_code >= 400:
                    assert answer.json["code"]
                    assert answer.json["detail"]


def is_elsewhere(answer):
    """Tell whether the odd path was none of this operation's: another route, or none, answered."""
    return answer.status_code in (308, 404)


def tried(person, method, path):
    names = PARTS if "{" in path else ("",)
    for part in names:
        address = f"/api/v1{path}".replace("{code}", part).replace("{no}", part).replace("{id}", part)
        if method == "get":
            for query in QUERIES if part in ("", "P001") else QUERIES[:1]:
                yield person.get(address + query, buffered=True), query
        else:
            bodies = BODIES if part in ("", "P001") else BODIES[:1]
            for body, kind in bodies:
                for version in ('"v1"', "") if (body, kind) == BODIES[0] else ('"v1"',):
                    headers = {"If-Match": version, "Idempotency-Key": ""}
                    sent = person.client.open(address, method=method.upper(), data=body, content_type=kind, headers={
                        "X-CSRF-Token": person.token, **{key: text for key, text in headers.items() if text}})
                    yield sent, (body, kind)
