"""What every page says of the static files: addresses under the release's name, icons, which module lies where.

Made once per process: a page names some three hundred of them.
"""

import json
from functools import cache
from urllib.parse import quote

from flask import Flask
from markupsafe import Markup, escape

from civmap import resources
from civmap.web import headers
from civmap.web.modules import needed
from civmap.web.release import release

ICONS = "img/icons.svg"
SHEETS = {
    "frame": ("vendor/modern-normalize/modern-normalize.css", "css/base.css", "css/bell.css", "css/themes.css",
              "css/outbox.css"),
    "city": ("vendor/leaflet.markercluster/MarkerCluster.css", *(f"css/{name}.css" for name in (
        "forms", "about", "map", "map-legend", "map-tools", "map-list", "map-ground", "map-search", "map-time",
        "places", "map-paper", "map-keys", "wall"))),
}
"""Style sheets that travel as one, in this order: `css/_frame.css` of every page, `css/_city.css` of the map."""


@cache
def address(filename: str) -> str:
    """Return where browsers find a static file and may keep it for a year."""
    return f"/static/{quote(filename)}?v={release()}"


@cache
def icon(name: str) -> Markup:
    """Return a sign of the house's set; what it means stands beside it or in a label."""
    return Markup('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>').format(address(ICONS), name)


@cache
def _module_map() -> Markup:
    names = sorted(path.name for path in (resources.folder("static") / "js").glob("*.js"))
    return Markup(json.dumps({"imports": {f"/static/js/{name}": address(f"js/{name}") for name in names}}))


def import_map() -> Markup:
    """Return the map by which `./x.js` inside a module means this release's file, which browsers keep."""
    return Markup(f'<script type="importmap" nonce="{escape(headers.nonce())}">{_module_map()}</script>')


def add_to(app: Flask) -> None:
    """Give every template the icons and the addresses of modules."""
    app.jinja_env.globals.update(icon=icon, asset=address, import_map=import_map, modules=needed)
