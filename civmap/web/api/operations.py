"""The registry of what the JSON interface can do: one line makes the route, its checks and its place in the document.

An operation is answered in this order: who asks, may they, what do they send, is it a repeated key, does it hold.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Response, request
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civmap.web import access, desk, gates, versions
from civmap.web.access import Permission
from civmap.web.api.reading import read_body, read_query
from civmap.web.desk import Desk
from civmap.web.replies import Answer, json_response, key_of, once, request_hash

PREFIX = "/api/v1"
MAX_ID = 2**31 - 1
MULTIPART = "multipart/form-data"
_PART = re.compile(r"\{(\w+)\}")
ATTEMPTS = 3
TRUE = ("true", "True", "1", "yes", "on")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path, with all that its document and its checks need.

    `before` does what takes time before the write transaction opens; its result goes to the work as `prepared`.
    `most_bytes` is the largest body taken where it is not the usual. With `may_preview`, a request with
    `?preview=true` is answered from a session that only reads; with `is_question` every one is.
    `takes` are media types that a body may have beside those of JSON.
    """

    method: str
    path: str
    summary: str
    permission: Permission
    work: Callable[..., Answer]
    tag: str
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answers: Mapping[int, Any] | None = None
    is_versioned: bool = False
    as_sent: bool = False
    is_multipart: bool = False
    is_built: bool = True
    before: Callable[[], Any] | None = None
    may_preview: bool = False
    is_question: bool = False
    most_bytes: int | None = None
    media_type: str = "application/json"
    takes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the operation's identifier, unique in the document."""
        return f"{self.method.lower()}_{re.sub(r'[^a-z0-9]+', '_', self.path.lower()).strip('_')}"

    @property
    def parts(self) -> list[str]:
        """Return the names of the path's parts."""
        return _PART.findall(self.path)

    @property
    def reads_json(self) -> bool:
        """Tell whether the operation takes a JSON body."""
        return self.body is not None


OPERATIONS: list[Operation] = []


def operation(method: str, path: str, *, summary: str, permission: Permission, tag: str,
              **more: Any) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Register a function as the work of an operation: `work(desk, **path parts[, query][, body][, version])`."""

    def register(work: Callable[..., Answer]) -> Callable[..., Answer]:
        OPERATIONS.append(Operation(method, path, summary, permission, work, tag, **more))
        return work

    return register


def add_to(app: Flask) -> None:
    """Give the application a route per operation."""
    blueprint = Blueprint("api", __name__, url_prefix=PREFIX)
    for entry in OPERATIONS:
        blueprint.add_url_rule(_flask_path(entry), entry.name, _view(entry), methods=[entry.method])
    app.register_blueprint(blueprint)


def _flask_path(entry: Operation) -> str:
    return _PART.sub(lambda part: f"<int(max={MAX_ID}):id>" if part[1] == "id" else f"<{part[1]}>", entry.path)


def _view(entry: Operation) -> Callable[..., Response]:
    def view(**parts: str) -> Response:
        return respond(entry, parts)

    view.permission = entry.permission  # type: ignore[attr-defined]
    view.__name__ = entry.name
    return view


def respond(entry: Operation, parts: dict[str, Any]) -> Response:
    """Answer one request: reading in one transaction, or writing in another one after all checks of the request."""
    gates.check_address_text(request)
    request.max_content_length = entry.most_bytes or request.max_content_length
    with desk.reading() as session:
        here = access.open_desk(session)
        access.admit(here.identity, entry.permission)
        if entry.method == "GET":
            return _finished(entry.work(here, **parts, **_sent(entry)))
    access.check_origin(here)
    raw = gates.json_body(request, entry.takes) if entry.reads_json else None
    if entry.is_question or (entry.may_preview and request.args.get("preview") in TRUE):
        with desk.reading() as session:
            return _finished(_work(entry, here, session, parts, raw))
    if entry.before is not None:
        parts = {**parts, "prepared": entry.before()}
    return _finished(_written(entry, here, parts, raw))


def _sent(entry: Operation) -> dict[str, Any]:
    return {"query": read_query(entry.query, request)} if entry.query else {}


def _written(entry: Operation, here: Desk, parts: dict[str, Any], raw: Any) -> Answer:
    key = key_of(request) if entry.method == "POST" else None
    if key is None:
        with desk.writing() as session:
            return _work(entry, here, session, parts, raw)
    asked = request_hash(request, raw)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with desk.writing() as session:
                return once(session, here.viewer.person_id, key, asked, here.now,
                            lambda session=session: _work(entry, here, session, parts, raw))
        except IntegrityError as problem:
            if attempt == ATTEMPTS or "reply" not in str(problem.orig):
                raise
    raise AssertionError("unreachable")


def _work(entry: Operation, here: Desk, session: Session, parts: dict[str, Any], raw: Any) -> Answer:
    sent = _sent(entry)
    if entry.body is not None:
        checked = read_body(entry.body, raw) if entry.is_built else raw
        sent["body"] = raw if entry.as_sent else checked
    if entry.is_versioned:
        sent["version"] = versions.wanted_version(request) if entry.is_built else versions.NO_VERSION
    return entry.work(here.over(session), **parts, **sent)


def _finished(answer: Answer) -> Response:
    if isinstance(answer.body, Response):
        return answer.body
    if request.method not in access.SAFE:
        return json_response(answer.body if answer.status != 204 else "", answer.status, answer.media_type,
                             answer.headers)
    if "ETag" in answer.headers:
        # A row's ETag is for If-Match: its colours change without it, so it must never lead to a 304.
        return json_response(answer.body, answer.status, answer.media_type, answer.headers)
    text = answer.text()
    answer.headers["ETag"] = tag = versions.list_etag(text)
    answer.headers["Cache-Control"] = "private, no-cache"
    if versions.is_known(request, tag):
        return json_response("", 304, answer.media_type, answer.headers)
    return json_response(text, answer.status, answer.media_type, answer.headers)
