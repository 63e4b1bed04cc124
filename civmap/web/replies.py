"""Answers as JSON, and the stored answers of POSTs that carried an `Idempotency-Key`.

The key's row is inserted before the change and in the same transaction, under a UNIQUE constraint: of twenty equal
requests at once one does the work, the others wait at the constraint and get the stored answer.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Request, Response, make_response
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from civmap.errors import BadInput, Invalid
from civmap.store.replies import Reply

KEY_HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEY_LENGTH = 128
KEPT = timedelta(days=30)
FORGOTTEN_AT_ONCE = 20
STORED_HEADERS = ("ETag", "Location")


@dataclass(slots=True)
class Answer:
    """What an operation answers: a JSON value with its status and headers, or bytes of another type."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = "application/json"

    def text(self) -> str:
        """Return the body as strict JSON."""
        return to_json(self.body)


def to_json(value: Any) -> str:
    """Write strict JSON; a number that is not finite is a fault of ours and raises ValueError."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


def json_response(value: Any, status: int = 200, media_type: str = "application/json",
                  headers: dict[str, str] | None = None) -> Response:
    """Return a response with a JSON body."""
    text = "" if status == 204 else value if isinstance(value, str) else to_json(value)
    response = make_response(text, status)
    response.headers["Content-Type"] = media_type
    response.headers.update(headers or {})
    return response


def key_of(request: Request) -> str | None:
    """Return the request's idempotency key; raise BadInput where it cannot be one."""
    key = request.headers.get(KEY_HEADER)
    if key is None:
        return None
    if not 1 <= len(key) <= KEY_LENGTH or not key.isascii() or not key.isprintable():
        raise BadInput("idempotency_key", field=KEY_HEADER, most=KEY_LENGTH)
    return key


def request_hash(request: Request, body: Any) -> str:
    """Return the SHA-256 of what a request asks: method, address and content, however the bytes were spaced."""
    digest = hashlib.sha256(f"{request.method} {request.full_path}\n".encode())
    if request.mimetype == "multipart/form-data":
        for name, values in sorted(request.form.lists()):
            digest.update(json.dumps([name, values]).encode())
        for name, file in sorted(request.files.items(multi=True), key=lambda pair: pair[0]):
            digest.update(f"{name}:{hashlib.file_digest(file.stream, hashlib.sha256).hexdigest()}".encode())  # type: ignore[arg-type]
            file.stream.seek(0)
    else:
        digest.update(json.dumps(body, sort_keys=True, ensure_ascii=True).encode())
    return digest.hexdigest()


def once(session: Session, person_id: int, key: str, asked: str, now: datetime, work: Callable[[], Answer]) -> Answer:
    """Do the work unless this person's key was answered before; then return that answer again.

    Raise Invalid where the key was used for another request. IntegrityError means that a request with the same key is
    ahead by a moment: the caller rolls back and asks again.
    """
    stored = session.scalar(select(Reply).where(Reply.person_id == person_id, Reply.key == key))
    if stored is not None:
        return replay(stored, asked)
    _forget_old(session, now)
    row = Reply(person_id=person_id, key=key, request_hash=asked, status=0, headers="{}", body="", at=now)
    session.add(row)
    session.flush()
    answer = work()
    row.status, row.body = answer.status, answer.text()
    row.headers = json.dumps({name: answer.headers[name] for name in STORED_HEADERS if name in answer.headers})
    session.flush()
    return answer


def _forget_old(session: Session, now: datetime) -> None:
    """Delete a few answers that nobody asks for again: the oldest come first by key, so this reads no others."""
    oldest = session.execute(select(Reply.id, Reply.at).order_by(Reply.id).limit(FORGOTTEN_AT_ONCE))
    gone = [reply_id for reply_id, at in oldest if at < now - KEPT]
    if gone:
        session.execute(delete(Reply).where(Reply.id.in_(gone)))


def replay(stored: Reply, asked: str) -> Answer:
    """Return a stored answer; raise Invalid where the key belongs to another request."""
    if stored.request_hash != asked:
        raise Invalid("idempotency_key_reused", field=KEY_HEADER)
    headers = {**json.loads(stored.headers), REPLAYED: "true"}
    return Answer(json.loads(stored.body) if stored.body else None, stored.status, headers)
