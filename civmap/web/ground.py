"""Views of the ground under the data: every basemap's tiles come from our own address.

So the page keeps its strict policy, a key never reaches a browser, and a host that fails is our server's trouble: the
database is let go before anybody is waited for.
"""

import gzip
import hashlib
from typing import Any

from flask import Blueprint, Response, make_response, request

from civmap import texts
from civmap.basemap.offering import Offer
from civmap.config import Settings
from civmap.errors import NotFound
from civmap.grounds.sources import OFFLINE, TILES, Ground
from civmap.web import desk
from civmap.web.access import SIGNED_IN, permission
from civmap.web.desk import Desk
from civmap.web.replies import json_response

blueprint = Blueprint("ground", __name__)
DAY_SECONDS = 86_400
OWN_SECONDS = 3_600
MOST_ZOOM = 22


def offer() -> Offer:
    """Return the grounds of this process, made at the first wish."""
    held = desk.held()
    if "grounds" not in held:
        settings: Settings = held["settings"]
        held["grounds"] = Offer(settings.home, settings.basemap, settings.grounds)
    return held["grounds"]


def rows(here: Desk) -> list[dict[str, Any]]:
    """Return the grounds as a page names them, the one to begin with first; nothing in them is secret."""
    city = here.identity.city
    own = city.attribution if city else ""
    return [{"id": ground.id, "name": name_of(ground, here.lang), "imagery": ground.is_imagery,
             "attribution": own if ground.kind == OFFLINE else ground.attribution, "approval": ground.approval,
             "far": ground.kind == TILES} for ground in here.settings.grounds]


def name_of(ground: Ground, lang: str) -> str:
    """Return a ground's name: the administrator's, else the catalogue's."""
    return ground.name or texts.say(lang, f"ground.{ground.id}")


@blueprint.get("/ground/<name>.json")
@permission(SIGNED_IN)
def facts(here: Desk, name: str) -> Response:
    """Tell how a ground is drawn; raise Unreachable where its archive does not answer."""
    ground = offer().ground(name)
    here.session.close()
    return json_response(offer().facts(ground), headers={"Cache-Control": "private, max-age=60"})


@blueprint.get(f"/ground/<name>/<int(max={MOST_ZOOM}):z>/<int:x>/<int:y>")
@permission(SIGNED_IN)
def tile(here: Desk, name: str, z: int, x: int, y: int) -> Response:
    """Give one tile; `part` 1 are the labels over part 0. Raise NotFound, Unreachable or Unavailable."""
    ground = offer().ground(name)
    part = request.args.get("part", "0")
    if x >= 2**z or y >= 2**z or part not in ("0", "1"):
        raise NotFound("ground_tile_not_found", name=ground.id)
    here.session.close()
    found = offer().tile(ground, int(part), z, x, y)
    response = make_response(b"" if found is None else found.data, 204 if found is None else 200)
    response.headers["Cache-Control"] = f"private, max-age={OWN_SECONDS if ground.kind == OFFLINE else DAY_SECONDS}"
    if found is not None:
        _dress(response, found.data, found.media, found.is_gzipped)
    return response.make_conditional(request)


def _dress(response: Response, data: bytes, media: str, is_gzipped: bool) -> None:
    response.set_etag(hashlib.blake2b(data, digest_size=12).hexdigest())
    response.headers["Content-Type"] = media
    if is_gzipped and "gzip" in request.accept_encodings:
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
    elif is_gzipped:
        response.set_data(gzip.decompress(data))
