"""Proof that a write comes from one of our own pages (cross-site request forgery).

Signed in, the token is an HMAC of the sign-in cookie; before signing in, of a random pre-session cookie. A program with
a bearer token needs none: no browser sends that header by itself. HTTP Basic a browser keeps and does send by itself.
"""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from flask import Request, g

from civmap.errors import Forbidden

PRE_COOKIE = "civmap_pre"
FIELD = "csrf_token"
HEADER = "X-CSRF-Token"


def token_for(secret_key: str, cookie: str) -> str:
    """Return the token that belongs to a cookie."""
    return hmac.new(secret_key.encode(), b"csrf:" + cookie.encode(), hashlib.sha256).hexdigest()


def current_token(request: Request, secret_key: str, cookie: str | None) -> str:
    """Return this request's token, masked; a guest without a pre-session cookie gets one with the answer."""
    return masked(token_for(secret_key, cookie or _pre_session(request)))


def masked(token: str) -> str:
    """Return a token under a fresh mask: pages are sent compressed, and equal bytes would be guessed by length."""
    mask = secrets.token_bytes(len(token) // 2)
    return (mask + _crossed(mask, bytes.fromhex(token))).hex()


def unmasked(sent: str) -> str:
    """Return the token under its mask; a text that is none stays as it is."""
    try:
        both = bytes.fromhex(sent)
    except ValueError:
        return sent
    return _crossed(both[:32], both[32:]).hex() if len(both) == 64 else sent


def _crossed(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _pre_session(request: Request) -> str:
    known = getattr(g, "pre_session", None) or request.cookies.get(PRE_COOKIE)
    if not known:
        known = g.new_pre_session = secrets.token_urlsafe(24)
    g.pre_session = known
    return known


def check_kept_password(request: Request) -> None:
    """Raise Forbidden where a browser sends a kept HTTP Basic password with a write that another site's page began."""
    if request.headers.get("Authorization", "")[:6].lower() != "basic ":
        return
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    if site in ("cross-site", "same-site") or (origin is not None and urlsplit(origin).netloc != request.host):
        raise Forbidden("csrf_missing")


def check(request: Request, secret_key: str, cookie: str | None) -> None:
    """Raise Forbidden where a write carries no token, or that of another browser."""
    anchor = cookie or request.cookies.get(PRE_COOKIE)
    sent = request.headers.get(HEADER) or request.form.get(FIELD, "")
    if not anchor or not sent:
        raise Forbidden("csrf_missing")
    if not hmac.compare_digest(unmasked(sent).encode(), token_for(secret_key, anchor).encode()):
        raise Forbidden("csrf_wrong")
