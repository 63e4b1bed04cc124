"""What a program shows to say who it is: a person's token, carried in whichever way its protocol has.

Everywhere `Authorization: Bearer TOKEN`. The addresses made for other software also take what such software can send:
HTTP Basic with the person's name and the token as password (QGIS, GDAL, OWSLib), `X-Api-Key: TOKEN` and `api_key=TOKEN`
(GeoReport v2, MapIt). A password is taken nowhere but at the sign-in, where guessing is slowed down.
"""

import base64
import binascii
from typing import NamedTuple

from flask import Request

from civmap.errors import NotSignedIn

OUTSIDE = ("/ogc", "/open311", "/mapit", "/tiles", "/connections")
PAGED = "/ogc"
CHALLENGE = 'Bearer realm="civmap"'
CHALLENGES = f'Basic realm="civmap", charset="UTF-8", {CHALLENGE}'


class Shown(NamedTuple):
    """A token, and the name that it must belong to where one was said."""

    token: str
    name: str | None = None


def shown(request: Request) -> Shown | None:
    """Return the token that a request carries, None for a browser's; raise NotSignedIn for a header nobody reads."""
    header, is_outside = request.headers.get("Authorization"), is_for_programs(request.path)
    if header:
        scheme, _, rest = header.partition(" ")
        if scheme.lower() == "basic" and is_outside:
            return _basic(rest.strip())
        if scheme.lower() != "bearer" or not rest.strip():
            raise NotSignedIn("authorization_not_bearer")
        return Shown(rest.strip())
    if not is_outside:
        return None
    key = request.headers.get("X-Api-Key") or request.args.get("api_key") or request.form.get("api_key")
    return Shown(key.strip()) if key and key.strip() else None


def is_for_programs(path: str) -> bool:
    """Tell whether an address is one that other software asks by a protocol of its own."""
    return any(path == start or path.startswith((start + "/", start + ".")) for start in OUTSIDE)


def wants_page(request: Request) -> bool:
    """Tell whether a browser asks for a page at /ogc, where programs and people use the same addresses."""
    if not request.path.startswith(PAGED):
        return False
    form = request.args.get("f")
    if form in ("json", "html"):
        return form == "html"
    kinds = request.accept_mimetypes
    return kinds["text/html"] > max(kinds["application/json"], kinds["application/geo+json"])


def challenge(path: str) -> str:
    """Return what a 401 says about how to sign in."""
    return CHALLENGES if is_for_programs(path) else CHALLENGE


def _basic(rest: str) -> Shown:
    try:
        name, colon, token = base64.b64decode(rest, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError) as problem:
        raise NotSignedIn("authorization_not_bearer") from problem
    if not colon or not token.strip():
        raise NotSignedIn("authorization_not_bearer")
    return Shown(token.strip(), name.strip() or None)
