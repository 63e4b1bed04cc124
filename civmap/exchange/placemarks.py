"""What KML and GPX say of a mark: its geometry as GeoJSON, and its properties by name."""

import re
from collections.abc import Iterable, Iterator
from typing import Any
from xml.etree.ElementTree import Element

Event = tuple[str, Element, list[Element]]
Mark = tuple[Any, dict[str, Any], int]
_COMMA = re.compile(r"\s*,\s*")
_SAID = re.compile(r"([^:：\n]{1,30}): ?(.*)")
CREATOR = "civmap"
MULTI = {"Point": "MultiPoint", "LineString": "MultiLineString", "Polygon": "MultiPolygon"}


def local(element: Element) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def said(element: Element | None) -> str | None:
    """Return an element's text; None where there is none."""
    text = "".join(element.itertext()).strip() if element is not None else ""
    return text or None


class Kml:
    """Reads placemarks; the folders they lie in are the sheets."""

    marks = ("Placemark", "Style", "StyleMap", "GroundOverlay", "NetworkLink", "PhotoOverlay", "ScreenOverlay")

    def __init__(self, sheet: str, wanted: str) -> None:
        self.sheet, self.wanted = sheet, wanted
        self.sheets: dict[str, int] = {}

    def read(self, events: Iterable[Event]) -> Iterator[Mark]:
        """Yield geometry, properties and weight of every placemark of the folder that is wanted."""
        for event, element, around in events:
            if event != "end" or local(element) != "Placemark":
                continue
            folder = next((name for one in reversed(around) if local(one) == "Folder"
                           and (name := _child(one, "name"))), None)
            if folder:
                self.sheets.setdefault(folder, len(self.sheets))
            if self.sheet and folder != self.sheet:
                continue
            geometry = next((shape for part in element if (shape := _shape(part)) is not None), None)
            yield geometry, {**_properties(element), **({"folder": folder} if folder else {})}, _weight(element)


def _child(element: Element, name: str) -> str | None:
    return next((said(part) for part in element if local(part) == name), None)


def _properties(mark: Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("name", "description", "address", "phoneNumber"):
        if text := _child(mark, name):
            found[name] = text
    if mark.get("id"):
        found["id"] = mark.get("id")
    for part in mark.iter():
        kind = local(part)
        if kind == "Data" and part.get("name"):
            found[part.get("name", "")[:200]] = _child(part, "value") or _child(part, "displayName")
        elif kind == "SimpleData" and part.get("name"):
            found[part.get("name", "")[:200]] = said(part)
        elif kind == "when" and "when" not in found:
            found["when"] = said(part)
    return found


def _shape(part: Element) -> Any:
    kind = local(part)
    if kind in ("Point", "LineString", "LinearRing"):
        places = _places(next((one.text for one in part.iter() if local(one) == "coordinates"), None))
        if kind == "Point":
            return {"type": "Point", "coordinates": places[0]} if places else None
        return {"type": "LineString", "coordinates": places} if len(places) > 1 else None
    if kind == "Polygon":
        rings = [_places(one.text) for side in ("outerBoundaryIs", "innerBoundaryIs") for edge in part
                 if local(edge) == side for one in edge.iter() if local(one) == "coordinates"]
        return {"type": "Polygon", "coordinates": rings} if rings and rings[0] else None
    if kind in ("MultiGeometry", "MultiTrack"):
        return _together([shape for one in part if (shape := _shape(one)) is not None])
    if kind == "Track":
        track = [[float(value) for value in one.text.split()[:2]] for one in part
                 if local(one) == "coord" and one.text and len(one.text.split()) > 1]
        return {"type": "LineString", "coordinates": track} if len(track) > 1 else None
    return None


def _places(text: str | None) -> list[list[float]]:
    return [[float(value) for value in place.split(",")[:2]] for place in _COMMA.sub(",", text or "").split()
            if "," in place]


def _together(shapes: list[Any]) -> Any:
    if len(shapes) < 2:
        return shapes[0] if shapes else None
    kinds = {shape["type"] for shape in shapes}
    if len(kinds) == 1 and (kind := kinds.pop()) in MULTI:
        return {"type": MULTI[kind], "coordinates": [shape["coordinates"] for shape in shapes]}
    return {"type": "GeometryCollection", "geometries": shapes}


def _weight(mark: Element) -> int:
    return sum(len(one.text or "") for one in mark.iter()) // 20 + 1


class Gpx:
    """Reads waypoints, routes and tracks, each a sheet; where none is wished the first kind that fits."""

    marks = ("wpt", "rte", "trk")
    names = {"wpt": "waypoints", "rte": "routes", "trk": "tracks"}  # noqa: RUF012

    def __init__(self, sheet: str, wanted: str) -> None:
        self.sheet, self._ours = sheet, False
        self.sheets: dict[str, int] = {}
        self._wanted = {"wpt"} if wanted.startswith("Point") else {"rte", "trk"} if "LineString" in wanted else set()

    def read(self, events: Iterable[Event]) -> Iterator[Mark]:
        """Yield geometry, properties and weight of every mark of the kind that is wanted."""
        for event, element, around in events:
            kind = local(element)
            if event == "start":
                self._ours = self._ours or (kind == "gpx" and element.get("creator") == CREATOR)
                continue
            if kind not in self.names or len(around) != 1:
                continue
            self.sheets.setdefault(self.names[kind], len(self.sheets))
            if not self.sheet and (kind in self._wanted or not self._wanted):
                self.sheet = self.names[kind]
            if self.sheet == self.names[kind]:
                yield self._shape(element, kind), self._properties(element), len(list(element.iter()))

    def _shape(self, mark: Element, kind: str) -> Any:
        if kind == "wpt":
            return {"type": "Point", "coordinates": _spot(mark)}
        lines = [mark] if kind == "rte" else [part for part in mark if local(part) == "trkseg"]
        told = [[_spot(spot) for spot in line if local(spot) in ("rtept", "trkpt")] for line in lines]
        told = [line for line in told if len(line) > 1]
        if not told:
            return None
        return {"type": "LineString", "coordinates": told[0]} if len(told) == 1 else {
            "type": "MultiLineString", "coordinates": told}

    def _properties(self, mark: Element) -> dict[str, Any]:
        found = {name: text for name in ("name", "cmt", "desc", "sym", "type", "time", "ele", "src")
                 if (text := _child(mark, name))}
        lines = [_SAID.fullmatch(line) for line in str(found.get("desc", "")).split("\n")]
        if self._ours and lines and all(lines):
            found = {key: value for key, value in found.items() if key not in ("desc", "type")}
            found |= {line[1]: line[2] for line in lines if line}
            if "cmt" in found:
                found["code"] = found.pop("cmt")
        return found


def _spot(element: Element) -> list[float]:
    return [float(element.get("lon", "")), float(element.get("lat", ""))]
