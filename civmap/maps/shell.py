"""The frame of a map page, built by Folium: an empty Leaflet map handed over to our own browser modules.

Folium is the frame, not the carrier: no name, code or description of the city ever enters a Folium string, because a
Folium template writes into JavaScript source, where a stray backtick of one shop's name would break the map for all.
The data travels as GeoJSON and is drawn by `static/js` with `textContent`.
"""

import importlib
import sys
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from markupsafe import Markup

VENDOR = "/static/vendor"
MAP_ID = "map_city"
MIN_ZOOM = 10
MAX_ZOOM = 20


@dataclass(frozen=True)
class Shell:
    """The three parts of a Folium page, ready for a template: links for the head, the map's box, the nonced script."""

    head: Markup
    body: Markup
    script: Markup


def build(bounds: tuple[float, float, float, float], *, nonce: str, release: str = "") -> Shell:
    """Build the frame of a map page over the city's box.

    `bounds` are (west, south, east, north) in degrees, EPSG:4326; `nonce` is that of the response's CSP header; the
    addresses of libraries carry the release's name, so that browsers keep them.
    Raise ValueError where the box is empty or upside down.
    """
    west, south, east, north = (float(edge) for edge in bounds)
    if not (west < east and south < north):
        raise ValueError(f"not a box: {bounds}")
    figure = _figure(west, south, east, north)
    script = figure.script.render()
    stamp = f"?v={release}" if release else ""
    return Shell(
        head=Markup(_links(figure).replace('.js"', f'.js{stamp}"').replace('.css"', f'.css{stamp}"')),
        body=Markup(figure.html.render()),
        script=Markup('<script nonce="{}">{}</script>').format(nonce, Markup(script)),
    )


def _figure(west: float, south: float, east: float, north: float) -> Any:
    city, hand_over = _elements()
    folium_map = city(
        location=((south + north) / 2, (west + east) / 2), tiles=None, zoom_start=14, zoom_control=False,
        minZoom=MIN_ZOOM, maxZoom=MAX_ZOOM, zoomSnap=0.5,
    )
    folium_map.add_child(hand_over([[south, west], [north, east]]))
    figure = folium_map.get_root()
    figure.render()
    return figure


def _links(figure: Any) -> str:
    """Return the links to style sheets and libraries only: the page's own template writes meta tags and sizes."""
    children = figure.header._children.values()
    return "\n".join(child.render() for child in children if type(child).__name__ in ("JavascriptLink", "CssLink"))


@cache
def _elements() -> tuple[type, type]:
    """Define the two Folium elements on first use: Folium costs a third of a second that start-up should not pay."""
    return _city_map(), _hand_over()


def _folium() -> Any:
    """Import Folium without pandas, which it uses where it finds it and which costs a server 36 MB for nothing."""
    if "pandas" in sys.modules:
        return importlib.import_module("folium")
    sys.modules["pandas"] = None  # type: ignore[assignment]  # the import system's own sign for "not to be found"
    try:
        return importlib.import_module("folium")
    finally:
        del sys.modules["pandas"]


def _city_map() -> type:
    folium = _folium()

    class CityMap(folium.Map):
        """A Folium map whose libraries are served by ourselves, under a fixed name that our modules can rely on."""

        default_js: ClassVar = [("leaflet", f"{VENDOR}/leaflet/leaflet.js")]  # others are fetched when they are needed
        default_css: ClassVar = [("leaflet_css", f"{VENDOR}/leaflet/leaflet.css")]

        def get_name(self) -> str:
            return MAP_ID

    return CityMap


def _hand_over() -> type:
    from folium.elements import MacroElement
    from folium.template import Template

    class HandOver(MacroElement):
        """Gives the Leaflet map to our modules, at rest over the city, without the library's own advertisement.

        Folium's `fit_bounds` animates, and an animation that is still running undoes what our modules set next.
        """

        _template = Template(
            "{% macro script(this, kwargs) %}"
            "{{ this._parent.get_name() }}.fitBounds({{ this.bounds|tojson }}, {animate: false});"
            "{{ this._parent.get_name() }}.attributionControl.setPrefix(false);"
            "window.civmap = {map: {{ this._parent.get_name() }}};"
            "{% endmacro %}"
        )

        def __init__(self, bounds: list[list[float]]) -> None:
            super().__init__()
            self.bounds = bounds

    return HandOver
