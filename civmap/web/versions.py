"""Versions of rows and lists as ETags, and the conditions that requests put on them (RFC 9110 §13)."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from flask import Request

from civmap.errors import Missing

_TAG = re.compile(r'(?:W/)?"v(\d{1,9})"')
NO_VERSION = -1
ANY_VERSION = -2


def etag(version: int) -> str:
    """Return the ETag of a row's version."""
    return f'"v{version}"'


def etag_of(row: Any) -> dict[str, str]:
    """Return the header with a row's version."""
    return {"ETag": etag(row.version)}


def wanted_version(request: Request) -> int:
    """Return the version that the sender has seen; raise Missing without If-Match.

    `NO_VERSION` (which no row has) stands for a tag that is not ours, `ANY_VERSION` for `*`.
    """
    sent = request.headers.get("If-Match")
    if sent is None or not sent.strip():
        raise Missing("if_match_missing", field="If-Match")
    if sent.strip() == "*":
        return ANY_VERSION
    match = _TAG.fullmatch(sent.strip())
    return int(match.group(1)) if match else NO_VERSION


def seen(request: Request, code: str | None, sent: Mapping[str, int] | None) -> dict[str, int]:
    """Return the versions that the sender has seen, by code: If-Match speaks of the thing in the address."""
    found = dict(sent or {})
    if code is not None and request.headers.get("If-Match", "").strip():
        version = wanted_version(request)
        if version != ANY_VERSION:
            found[code] = version
    return found


def list_etag(text: str) -> str:
    """Return the ETag of a whole answer: weak, since it speaks of the content and not of its bytes on the wire."""
    return f'W/"{hashlib.sha256(text.encode()).hexdigest()[:24]}"'


def is_known(request: Request, tag: str) -> bool:
    """Tell whether the sender already has this version (If-None-Match, weak comparison)."""
    return request.if_none_match.contains_weak(tag.removeprefix("W/").strip('"'))
