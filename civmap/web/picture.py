"""What the first picture of the map needs, so that the page itself can name it: its modules, and its data.

The addresses of data are those that `static/js/layers.js` will ask for; a browser test holds the two together.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode

from civmap.web.assets import address
from civmap.web.modules import needed

Page = Mapping[str, Any]
LAYERS = "points,segments,zones"
LOCAL = ("frontage", "estate")
ABOUT_THE_FRAME = frozenset(("layers", "kind", "at", "base", "list", "show", "wall"))
WHOLE = ("points", "segments", "zones")
"""Layers that are fetched whole while they travel as features."""


def modules(page: Page) -> tuple[list[str], list[str]]:
    """Return where the modules of the first picture lie, and those of the tools that come after it."""
    return _modules(any(is_tiled(page, kind) for kind in page["counts"]))


@cache
def _modules(with_tiles: bool) -> tuple[list[str], list[str]]:
    first = dict.fromkeys((*needed("map.js"), *(needed("tile-carrier.js") if with_tiles else ())))
    later = [name for name in needed("map-city.js") if name not in first]
    return [address(f"js/{name}") for name in first], [address(f"js/{name}") for name in later]


def is_tiled(page: Page, kind: str) -> bool:
    """Tell whether a layer holds so many things that they travel in tiles."""
    return int(page["counts"].get(kind, 0)) > page["tiles_from"]


def data(page: Page, asked: Mapping[str, str]) -> list[str]:
    """Return the addresses of the features that an address of the map shows first; none where it narrows more."""
    if not ABOUT_THE_FRAME.issuperset(asked):
        return []
    shown = asked.get("layers", LAYERS).split(",")
    return [f"/api/v1/{kind}.geojson" + _query(page, kind, asked.get("kind", ""))
            for kind in WHOLE if kind in shown and not is_tiled(page, kind)]


def _query(page: Page, kind: str, wanted: str) -> str:
    if kind != "zones" or wanted == "all":
        return ""
    in_use = any(row["code"] in LOCAL and row["count"] for row in page["zone_kinds"])
    wanted = wanted or (",".join(LOCAL) if in_use else "")
    return "?" + urlencode({"kind": wanted}) if wanted else ""
