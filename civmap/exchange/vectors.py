"""Layers for desktop GIS through GDAL: GeoPackage, and Shapefiles in a zip.

GDAL brings its own PROJ and SQLite, which end a process that has also loaded SpatiaLite: the files are written by a
program of its own, `vector_child.py`, which reads the layers from its standard input.
"""

import csv
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import shapely

from civmap import texts
from civmap.errors import Unavailable
from civmap.exchange import kinds, layout
from civmap.exchange.layout import Cell, Feature
from civmap.exchange.signs import clean, cut
from civmap.geo import crs as systems

SECONDS = 600
MOST_NAME, MOST_TEXT = 10, 254
"""Bytes of a field's name and of a text in the table of a Shapefile."""
BASES = {"Point": "Point", "LineString": "LineString", "MultiLineString": "LineString", "Polygon": "Polygon",
         "MultiPolygon": "Polygon", "MultiPoint": "MultiPoint"}
SUFFIXES = {"Point": "point", "LineString": "line", "Polygon": "area", "MultiPoint": "points"}


@dataclass(slots=True)
class Layer:
    """One layer: the names of its fields, how people call them, and a row of cells and a shape per thing."""

    name: str
    fields: Sequence[str]
    titles: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    shapes: Sequence[dict[str, Any] | None]
    geometry: str = "Point"
    cuts: list[int] = field(default_factory=list)


def of_properties(kind: str, features: Sequence[Feature]) -> Layer:
    """Return features of a kind as a layer with a field per property."""
    names = list(dict.fromkeys(name for feature in features for name in feature["properties"]))
    return Layer(kind, names, names, [[feature["properties"].get(name) for name in names] for feature in features],
                 [feature["geometry"] for feature in features], kinds.KINDS[kind].geometries[0])


def of_table(kind: str, features: Sequence[Feature], lang: str, system: str = "") -> Layer:
    """Return features of a kind as a layer with the columns of its table; shapes stand beside, not in a cell."""
    told = [(column.field, heading) for column, heading in zip(layout.columns_of(kind), layout.headings(kind, lang),
                                                               strict=True) if column.field != "geometry"]
    places = [place for place, column in enumerate(layout.columns_of(kind)) if column.field != "geometry"]
    rows = [[line[place] for place in places] for line in layout.lines(kind, features, lang)]
    if system and not system.startswith("EPSG"):
        told, rows = [*told, ("crs", system)], [[*row, system] for row in rows]
    return Layer(kind, [name for name, _title in told], [title for _name, title in told], rows,
                 [feature["geometry"] for feature in features], kinds.KINDS[kind].geometries[0])


def geopackage(layers: Sequence[Layer], target: BinaryIO, crs: str = "wgs84", mark: str = "") -> None:
    """Write layers into one GeoPackage, `mark` as the description of each; raise Unavailable where the writer fails."""
    with tempfile.TemporaryDirectory() as folder:
        order = [{**_order(layer, "layers.gpkg", crs, number > 0), "mark": mark} for number, layer in enumerate(layers)]
        _child(folder, "GPKG", order)
        target.write((Path(folder) / "layers.gpkg").read_bytes())


def shapefiles(layers: Sequence[Layer], target: BinaryIO, lang: str, crs: str = "wgs84", mark: str = "") -> None:
    """Write layers as Shapefiles in UTF-8 into a zip, one per kind of geometry, with a table of what fields mean.

    Raise Unavailable where the writer fails.
    """
    parts = [part for layer in layers for part in _per_geometry(layer)]
    tables = []
    with tempfile.TemporaryDirectory() as folder:
        order = []
        for part in parts:
            short = _short_names(part.fields)
            part.rows = [_fitting(part, row) for row in part.rows]
            tables.append((part, short))
            order.append({**_order(part, f"{part.name}.shp", crs, False), "fields": short})
        _child(folder, "ESRI Shapefile", order)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(Path(folder).iterdir()):
                archive.write(file, file.name)
            archive.writestr("字段说明.csv", _told(tables, lang))
            if mark:
                archive.writestr("说明.txt", mark)


def _order(layer: Layer, file: str, crs: str, is_next: bool) -> dict[str, Any]:
    known = systems.check_name(crs)
    label = {"wgs84": "EPSG:4326", "cgcs2000": "EPSG:4490"}.get(known, known)
    written = np.array([json.dumps(shape) if shape else None for shape in layer.shapes], object)
    return {"file": file, "layer": layer.name, "geometry": layer.geometry, "is_next": is_next,
            "crs": label if label.startswith("EPSG") else None, "fields": list(layer.fields),
            "columns": [[_plain(row[place]) for row in layer.rows] for place in range(len(layer.fields))],
            "shapes": shapely.to_wkb(shapely.from_geojson(written), hex=True).tolist()}


def _plain(cell: Any) -> Any:
    if isinstance(cell, list | tuple):
        return "、".join(str(_plain(part)) for part in cell)
    if isinstance(cell, dict):
        return " ".join(str(part) for part in cell.values() if part is not None)
    return clean(cell) if isinstance(cell, str) else cell


def _child(folder: str, driver: str, order: list[dict[str, Any]]) -> None:
    done = subprocess.run([sys.executable, "-m", "civmap.exchange.vector_child", driver, folder], capture_output=True,
                          input=json.dumps(order, allow_nan=False).encode(), timeout=SECONDS, check=False)
    if done.returncode:
        raise Unavailable("export_writer_failed", field="out", why=done.stderr.decode(errors="replace")[-200:])


def _per_geometry(layer: Layer) -> list[Layer]:
    """Return a layer per kind of geometry; what has no place goes with the kind that the layer is meant for."""
    kinds = [BASES[shape["type"]] if shape else layer.geometry for shape in layer.shapes]
    present = list(dict.fromkeys(kinds)) or [layer.geometry]
    made = []
    for kind in present:
        name = layer.name if len(present) == 1 else f"{layer.name}_{SUFFIXES[kind]}"
        chosen = [place for place, one in enumerate(kinds) if one == kind]
        made.append(Layer(name, layer.fields, layer.titles, [layer.rows[place] for place in chosen],
                          [layer.shapes[place] for place in chosen], kind, [0] * len(layer.fields)))
    return made


def _short_names(fields: Sequence[str]) -> list[str]:
    """Return the names of fields in at most ten bytes, no two alike."""
    made: list[str] = []
    for name in fields:
        short, number = cut(name, MOST_NAME), 1
        while short.lower() in {one.lower() for one in made}:
            number += 1
            short = cut(name, MOST_NAME - len(str(number))) + str(number)
        made.append(short)
    return made


def _fitting(layer: Layer, row: Sequence[Cell]) -> list[Cell]:
    fitting: list[Cell] = []
    for place, cell in enumerate(row):
        plain = _plain(cell)
        if isinstance(plain, str) and len(plain.encode()) > MOST_TEXT:
            plain = cut(plain, MOST_TEXT)
            layer.cuts[place] += 1
        fitting.append(plain)
    return fitting


def _told(tables: Sequence[tuple[Layer, list[str]]], lang: str) -> bytes:
    """Return the table of fields: what each short name stands for, and how many of its texts had to be cut."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(texts.say(lang, f"export.fields.{name}") for name in ("layer", "short", "full", "title", "cut"))
    for layer, short in tables:
        writer.writerows(zip([layer.name] * len(short), short, layer.fields, layer.titles, layer.cuts, strict=True))
    return out.getvalue().encode("utf-8-sig")
