"""A program of its own: reads GeoJSON feature by feature; `geojson_child.py FILE`.

A collection, one feature, or one feature per line (RFC 7946, 8142); never the whole document at once.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from civmap.exchange import telling
from civmap.exchange.transcoded import CHUNK, Text, encoding_of

MAX_DEPTH = 20
GEOMETRIES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")


def main(path: Path) -> None:
    """Tell the features."""
    telling.limit()
    import ijson

    told = telling.Features()
    try:
        encoding = encoding_of(path)
        facts = _head(ijson, Text(path, encoding))
        telling.tell({"headings": []})
        text = Text(path, encoding)
        for feature in _features(ijson, text, facts):
            text.passed = 0
            _tell(told, feature)
        told.finish()
        if facts["type"] == "FeatureCollection" and not facts.get("crs"):
            facts["crs"] = _crs(next(ijson.items(Text(path, encoding), "crs"), None))
    except (ijson.JSONError, UnicodeDecodeError) as problem:
        _explain(problem, told.count)
    except (ValueError, OverflowError, RecursionError):
        telling.refuse("file_json_number", value="Infinity")
    telling.end(headings=list(told.keys), crs=facts.get("civmap_crs") or facts.get("crs"))


def _head(ijson: Any, text: Text) -> dict[str, Any]:
    """Return what a document says before its features: its type and its coordinate system."""
    facts: dict[str, Any] = {"type": None}
    named = {"type": "type", "civmap_crs": "civmap_crs", "crs.properties.name": "crs"}
    for place, event, value in ijson.parse(text, multiple_values=True):
        if place == "" and event in ("start_array", "end_map"):
            break
        if place == "features" and event != "start_array":
            telling.refuse("geojson_no_features")
        if event == "string" and place in named:
            facts[named[place]] = value
        if place == "features" or (facts["type"] == "Feature" and place in ("geometry", "properties")):
            facts["type"] = facts["type"] or "FeatureCollection"
            break
    facts["crs"] = _crs(facts.get("crs"))
    if facts["type"] in GEOMETRIES:
        telling.refuse("geojson_bare_geometry", type=facts["type"])
    if facts["type"] not in ("FeatureCollection", "Feature"):
        telling.refuse("geojson_no_features")
    return facts


def _features(ijson: Any, text: Text, facts: dict[str, Any]) -> Iterator[Any]:
    if facts["type"] == "FeatureCollection":
        return iter(ijson.items(text, "features.item", use_float=True, buf_size=CHUNK))
    return iter(ijson.items(text, "", use_float=True, multiple_values=True, buf_size=CHUNK))


def _tell(told: telling.Features, feature: Any) -> None:
    if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict):
        telling.refuse("geojson_feature", row=told.count + 1)
    depth, weight = _measure(feature)
    if depth > MAX_DEPTH:
        telling.refuse("file_json_too_deep", most=MAX_DEPTH)
    properties = feature.get("properties") or {}
    if "id" in feature and isinstance(feature["id"], str | int) and "id" not in properties:
        properties = {**properties, "id": feature["id"]}
    told.add(feature.get("geometry"), properties, weight)


def _measure(value: Any) -> tuple[int, int]:
    """Return how many lists and objects stand inside each other, and how many there are, without recursion."""
    deepest, count, level = 0, 0, [value]
    while level and deepest <= MAX_DEPTH:
        deepest, count = deepest + 1, count + len(level)
        level = [part for item in level for part in (item.values() if isinstance(item, dict) else item)
                 if isinstance(part, list | dict)]
    return deepest, count


def _crs(said: Any) -> str | None:
    """Return the coordinate system that an old `crs` member names."""
    if isinstance(said, dict):
        said = said["properties"].get("name") if isinstance(said.get("properties"), dict) else None
    if not isinstance(said, str):
        return None
    found = re.search(r"EPSG(?:[:/]+[\d.]*)?[:/]+(\d{4,6})$", said.strip(), re.IGNORECASE)
    return f"EPSG:{found[1]}" if found else None


def _explain(problem: Exception, count: int) -> None:
    said = str(problem)
    if "premature EOF" in said or "ncomplete" in said:
        telling.refuse("file_json_cut", row=count + 1)
    if "overflow" in said or "malformed number" in said or re.search(r"[:,\[]\s*-?(NaN|Infinity)", said, re.IGNORECASE):
        telling.refuse("file_json_number", value="Infinity / NaN")
    telling.refuse("file_json_broken", row=count + 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
