"""What a phone keeps for the street: the service worker, the page of what waits to be sent, the page of no network."""

import hashlib
import json
from functools import cache
from typing import Any

from flask import Blueprint, Flask, Response, g, make_response, render_template

from civmap import dictionaries, resources, texts
from civmap.web import assets
from civmap.web import desk as desks
from civmap.web.access import EVERYONE, PROCESS, SIGNED_IN, permission
from civmap.web.desk import Desk
from civmap.web.release import release

blueprint = Blueprint("offline", __name__)
PERSON_HEADER = "X-Civmap-Person"
MODULES = ("vendor/leaflet/*.*", "vendor/leaflet.markercluster/*.*", "vendor/protomaps-leaflet/*.js",
           "vendor/modern-normalize/*.css", "vendor/pbf/*.js", "vendor/point-geometry/*.js", "vendor/vector-tile/*.js")
PATTERNS = ("js/*.js", "css/*.css", "img/*.svg", *MODULES)


@blueprint.get("/sw.js")
@permission(PROCESS)
def worker() -> Response:
    """Serve the service worker under the name of this release: a new release is new bytes, so phones take it over."""
    response = make_response(_worker())
    response.headers["Content-Type"] = "text/javascript; charset=utf-8"
    response.headers["Cache-Control"] = "no-cache"
    return response


@cache
def _worker() -> str:
    shell = json.dumps({"release": release(), "files": shell_files()})
    source = (resources.folder("static") / "sw.js").read_text(encoding="utf-8")
    return f"self.SHELL = {shell};\n{source}"


def shell_files() -> list[str]:
    """Return the addresses of the static files that the pages of the street are made of."""
    root = resources.folder("static")
    found = {path.relative_to(root).as_posix() for pattern in PATTERNS for path in root.glob(pattern)}
    return [f"/static/{name}" for name in sorted(found | {f"css/_{name}.css" for name in assets.SHEETS})]


@blueprint.get("/offline")
@permission(EVERYONE)
def spare(_desk: Desk) -> str:
    """Show what a phone answers where the network is away and it has not kept the page."""
    said = [{key: texts.say(lang, f"offline.{key}") for key in ("title", "page", "way", "outbox", "map")}
            | {"lang": "zh-CN" if lang == "zh" else "en"} for lang in texts.LANGUAGES]
    return render_template("offline/spare.html", said=said)


@blueprint.get("/outbox")
@permission(SIGNED_IN)
def outbox(desk: Desk) -> str:
    """Show what this phone holds and has not sent; everything in the list lies on the phone alone."""
    return render_template("offline/outbox.html", texts_js=_words(desk.lang))


def _words(lang: str) -> dict[str, str]:
    """Return the words of the browser's modules with those of this page, which no other page needs to carry."""
    said = {key: text for key, text in texts.spoken(lang).items() if key.startswith(("js.", "outbox."))}
    return said | {f"outbox.issue.{state.code}": state.name(lang) for state in dictionaries.issue_states().values()}


def mark_of(name: str) -> str:
    """Return the mark under which a phone keeps what a person saw; it tells nothing about the person."""
    return hashlib.sha256(f"{desks.settings().secret_key}:phone:{name}".encode()).hexdigest()[:20]


def add_to(app: Flask) -> None:
    """Put the mark of the person on every answer that was made for one."""

    @app.after_request
    def _mark(response: Response) -> Response:
        identity: Any = getattr(g, "identity", None)
        if identity is not None and identity.is_signed_in and identity.cookie:
            response.headers.setdefault(PERSON_HEADER, mark_of(identity.viewer.name))
        return response
