"""A program of its own: reads one layer of OpenStreetMap; `osm_child.py FILE FORMAT SHEET SHAPES`.

Columns are what tables ask for, the code `n1`, `w1`, `r1`, and the tags that matter; the rest stands in `other_tags`.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from civmap.exchange import telling

SHEETS = ["points", "roads", "buildings", "lines", "areas"]
OF_SHAPE = {"Point": "points", "LineString": "roads", "Polygon": "buildings"}
NARROW = {"roads": "highway", "buildings": "building"}
MAPPED_BYTES = 60 << 20
KEYS = ("name", "name:zh", "name:en", "official_name", "alt_name", "ref", "highway", "oneway", "width", "lanes",
        "layer", "bridge", "tunnel", "surface", "access", "foot", "bicycle", "maxspeed", "building", "building:levels",
        "amenity", "shop", "tourism", "leisure", "landuse", "natural", "waterway", "railway", "barrier", "office",
        "healthcare", "historic", "place", "man_made", "public_transport", "boundary", "admin_level", "addr:full",
        "addr:street", "addr:housenumber", "opening_hours", "operator", "brand", "phone", "website", "description")
LINES = frozenset(("highway", "waterway", "railway", "barrier", "power", "route"))


def main(path: Path, fmt: str, sheet: str, wanted: str) -> None:
    """Tell the layer."""
    telling.limit(MAPPED_BYTES)
    import osmium

    if sheet and sheet not in SHEETS:
        telling.refuse("sheet_not_found", sheet=sheet, known=SHEETS)
    sheet = sheet or next((OF_SHAPE[shape] for shape in wanted.split(",") if shape in OF_SHAPE), SHEETS[0])
    told = telling.Features()
    telling.tell({"headings": [], "crs": "EPSG:4326", "sheets": SHEETS, "sheet": sheet})
    try:
        with tempfile.TemporaryDirectory() as folder:
            named = Path(folder) / f"extract.{fmt}"
            named.symlink_to(path.resolve())
            read = _points if sheet == "points" else _lines if sheet in ("roads", "lines") else _areas
            for code, shape, tags in read(osmium, str(named)):
                if NARROW.get(sheet, "") not in ("", *tags):
                    continue
                told.add(shape, {**_typed(tags, sheet), "code": code, **_properties(tags)}, 5)
    except (RuntimeError, ValueError, UnicodeError, OSError) as problem:
        if "allocate" in str(problem):
            raise MemoryError from problem
        telling.refuse("file_damaged")
    told.finish()
    telling.end(headings=list(told.keys))


def _tags(item: Any) -> dict[str, str]:
    return {tag.k[:100]: tag.v[:1_000] for tag in item.tags}


def _typed(tags: dict[str, str], sheet: str) -> dict[str, Any]:
    """Return the point type that the tags mean, and the first address there is."""
    if sheet in ("lines", "roads"):
        return {}
    from civmap import dictionaries

    rule = dictionaries.osm_place(tags)
    street = " ".join(part for part in (tags.get("addr:street"), tags.get("addr:housenumber")) if part)
    return {"type": rule.point_type if rule else None, "address": tags.get("addr:full") or street or None}


def _properties(tags: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {key: tags[key] for key in KEYS if key in tags}
    others = ";".join(f"{key}={value}" for key, value in tags.items() if key not in found)
    return {**found, **({"other_tags": others[:4_000]} if others else {})}


def _points(osmium: Any, path: str) -> Iterator[tuple[str, Any, dict[str, str]]]:
    nodes = osmium.FileProcessor(path, osmium.osm.NODE).with_filter(osmium.filter.EmptyTagFilter())
    for node in nodes:
        if node.is_node() and node.location.valid():
            spot = [round(node.location.lon_without_check(), 7), round(node.location.lat_without_check(), 7)]
            yield f"n{node.id}", {"type": "Point", "coordinates": spot}, _tags(node)


def _lines(osmium: Any, path: str) -> Iterator[tuple[str, Any, dict[str, str]]]:
    for way in osmium.FileProcessor(path, osmium.osm.NODE | osmium.osm.WAY).with_locations():
        if not way.is_way() or not len(way.tags) or not _is_line(way):
            continue
        places = [[round(node.lon, 7), round(node.lat, 7)] for node in way.nodes if node.location.valid()]
        yield f"w{way.id}", {"type": "LineString", "coordinates": places} if len(places) > 1 else None, _tags(way)


def _is_line(way: Any) -> bool:
    return not way.is_closed() or (any(tag.k in LINES for tag in way.tags) and way.tags.get("area") != "yes")


def _areas(osmium: Any, path: str) -> Iterator[tuple[str, Any, dict[str, str]]]:
    import json

    factory = osmium.geom.GeoJSONFactory()
    for area in osmium.FileProcessor(path).with_areas():
        if not area.is_area() or not len(area.tags) or (area.from_way() and any(
                tag.k in LINES for tag in area.tags) and area.tags.get("area") != "yes"):
            continue
        try:
            shape = json.loads(factory.create_multipolygon(area))
        except RuntimeError:
            shape = None
        if shape is not None and len(shape["coordinates"]) == 1:
            shape = {"type": "Polygon", "coordinates": shape["coordinates"][0]}
        yield f"{'w' if area.from_way() else 'r'}{area.orig_id()}", shape, _tags(area)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4])
