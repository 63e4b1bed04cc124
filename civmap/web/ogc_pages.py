"""The pages of /ogc: the same documents for people, in the house's frame, with a table and a small map."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from flask import render_template

from civmap.exchange import layout
from civmap.exchange.gather import Part
from civmap.geo.measure import frame_around
from civmap.maps import shell
from civmap.ogc import describing
from civmap.ogc.finding import OWN, Page
from civmap.ogc.layers import Layer
from civmap.web import headers, map
from civmap.web.desk import Desk

AROUND_M = 150.0
MOST = 200
"""Rows of one page: a browser draws no thousands of markers gladly."""
UNTOLD = ("geometry", "lon", "lat")


def show(desk: Desk, page: str, told: Mapping[str, Any], **more: Any) -> str:
    """Return the page of a document."""
    return render_template(f"ogc/{page}.html", told=told, label=lambda name: describing.label(name, desk.lang), **more)


def items(desk: Desk, layer: Layer, found: Page, links: Sequence[Mapping[str, str]], sent: Mapping[str, str]) -> str:
    """Return the page of a collection's features."""
    features = [part.feature() for part in found.parts]
    columns = [at for at, column in enumerate(layout.columns_of(layer.kind)) if column.field not in UNTOLD]
    heads = layout.headings(layer.kind, desk.lang)
    rows = [{"code": part.code, "cells": [cells[at] for at in columns]}
            for part, cells in zip(found.parts, layout.lines(layer.kind, features, desk.lang), strict=True)]
    asked = {name: text for name, text in sent.items() if name not in ("f", "after", "api_key")}
    return render_template(
        "ogc/items.html", layer=layer, title=describing.name_of(layer, desk.lang), found=found, rows=rows, asked=asked,
        heads=[heads[at] for at in columns], next=_href(links, "next"), data=_data(links), own=OWN,
        **_small_map(desk, layer, found.parts))


def item(desk: Desk, layer: Layer, part: Part, links: Sequence[Mapping[str, str]]) -> str:
    """Return the page of one feature."""
    told = [(describing.label(name, desk.lang), _words(value)) for name, value in part.properties.items()
            if name != "outline"]
    return render_template("ogc/item.html", layer=layer, title=describing.name_of(layer, desk.lang), part=part,
                           told=told, data=_data(links), **_small_map(desk, layer, [part]))


def _words(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _href(links: Sequence[Mapping[str, str]], rel: str) -> str | None:
    return next((link["href"] for link in links if link["rel"] == rel), None)


def _data(links: Sequence[Mapping[str, str]]) -> str | None:
    return next((link["href"] for link in links if link["type"] == describing.GEOJSON and link["rel"] != "next"), None)


def _small_map(desk: Desk, layer: Layer, parts: Sequence[Part]) -> dict[str, Any]:
    """Return `shell` and `page` of a small map of some features; the shell is None where none has a place."""
    features = [{"type": "Feature", "geometry": json.loads(part.shape),
                 "properties": {"code": part.code, "name": part.properties.get("name") or part.code,
                                "status": part.properties.get("status", "none"),
                                "open_issues": part.properties.get("open_issues", 0)}}
                for part in parts if part.shape]
    page: dict[str, Any] = {**map.ground_facts(desk), "kind": layer.kind, "features": features, "lang": desk.lang}
    if not features:
        return {"shell": None, "page": page}
    bounds = shapely.total_bounds(shapely.from_geojson([part.shape for part in parts if part.shape])).tolist()
    lower, upper = frame_around((bounds[0], bounds[1]), AROUND_M), frame_around((bounds[2], bounds[3]), AROUND_M)
    page["bounds"] = [lower[0], lower[1], upper[2], upper[3]]
    return {"shell": shell.build(tuple(page["bounds"]), nonce=headers.nonce()), "page": page}
