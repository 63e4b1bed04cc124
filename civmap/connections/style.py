"""A MapLibre style over our vector tiles: the colours and order of the city's own map. Pure.

Source: MapLibre Style Specification, version 8. No glyphs and no sprites, so that nothing is asked of another host.
"""

from collections.abc import Sequence
from typing import Any

from civmap import texts

COLOURS = {"none": "#2f8f76", "open": "#2466ab", "due_soon": "#e3a008", "overdue": "#b7311b"}
CASING, EARTH = "#ffffff", "#f2efe9"
STATUSES = ("overdue", "due_soon", "open", "none")
ORDER = ("zones", "segments", "units", "points", "issues")
MOST_ZOOM = 16
Layer = dict[str, Any]


def style(base: str, following: str, lang: str, city: str, frame: Sequence[float], attribution: str,
          layers: Sequence[str] = ORDER) -> dict[str, Any]:
    """Return the style of some layers; `base` is our address, `following` the query that every tile is asked with."""
    west, south, east, north = frame
    chosen = [kind for kind in ORDER if kind in layers]
    return {
        "version": 8, "name": texts.say(lang, "connections.style.name", city=city),
        "metadata": {"civmap:statuses": {status: texts.say(lang, f"export.status.{status}") for status in STATUSES}},
        "center": [round((west + east) / 2, 6), round((south + north) / 2, 6)], "zoom": 12,
        "sources": {kind: {
            "type": "vector", "tiles": [f"{base}/tiles/{kind}/{{z}}/{{x}}/{{y}}.mvt{following}"], "minzoom": 0,
            "maxzoom": MOST_ZOOM, "bounds": [west, south, east, north], "attribution": attribution} for kind in chosen},
        "layers": [{"id": "background", "type": "background", "paint": {"background-color": EARTH}},
                   *(layer for kind in chosen for layer in _layers(kind))],
    }


def _by_status(fallback: str = COLOURS["none"]) -> list[Any]:
    pairs = [part for status in STATUSES[:-1] for part in (status, COLOURS[status])]
    return ["match", ["get", "status"], *pairs, fallback]


def _layers(kind: str) -> list[Layer]:
    made = {"zones": _areas, "segments": _lines}.get(kind, _spots)(kind)
    return [*made, _clusters(kind)]


def _areas(kind: str) -> list[Layer]:
    return [_layer(kind, "fill", {"fill-color": _by_status(), "fill-opacity": 0.25}),
            _layer(kind, "line", {"line-color": _by_status(), "line-width": _wide(0.4, 2)}, "edge")]


def _lines(kind: str) -> list[Layer]:
    return [_layer(kind, "line", {"line-color": CASING, "line-width": _wide(2, 9)}, "casing", is_round=True),
            _layer(kind, "line", {"line-color": _by_status(), "line-width": _wide(1, 6)}, is_round=True)]


def _spots(kind: str) -> list[Layer]:
    size = {"points": (3, 9), "units": (3, 7), "issues": (2.5, 7)}[kind]
    return [_layer(kind, "circle", {"circle-color": _by_status(), "circle-radius": _wide(*size),
                                    "circle-stroke-color": CASING, "circle-stroke-width": 1.5})]


def _clusters(kind: str) -> Layer:
    radius = ["interpolate", ["linear"], ["get", "count"], 1, 6, 100, 14, 10_000, 24]
    return {"id": f"{kind}-clusters", "type": "circle", "source": kind, "source-layer": f"{kind}_clusters",
            "paint": {"circle-color": _by_status(), "circle-radius": radius, "circle-opacity": 0.85,
                      "circle-stroke-color": CASING, "circle-stroke-width": 2}}


def _layer(kind: str, drawn: str, paint: dict[str, Any], suffix: str = "", *, is_round: bool = False) -> Layer:
    layout = {"line-cap": "round", "line-join": "round"} if is_round else {}
    return {"id": f"{kind}-{suffix}" if suffix else kind, "type": drawn, "source": kind, "source-layer": kind,
            **({"layout": layout} if layout else {}), "paint": paint}


def _wide(far: float, near: float) -> list[Any]:
    return ["interpolate", ["linear"], ["zoom"], 9, far, 17, near]
