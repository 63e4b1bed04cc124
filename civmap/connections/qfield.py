"""A project to take out into the street with QField: one zip of a GeoPackage and the QGIS project that shows it.

The GeoPackage also holds the project itself, as QGIS keeps projects in a GeoPackage (`qgis_projects`), so either file
alone opens. What is mended outside comes back as any other GeoPackage, by an import.
"""

import io
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from civmap import texts
from civmap.clock import iso
from civmap.connections import qgis
from civmap.exchange import layout, vectors
from civmap.exchange.layout import Feature

DATA, PROJECT = "civmap.gpkg", "civmap.qgs"


def write(found: Mapping[str, Sequence[Feature]], target: BinaryIO, city: str, frame: Sequence[float], lang: str,
          now: datetime) -> int:
    """Write the zip of some kinds of things; return how many there are. Raise Unavailable where GDAL fails."""
    layers = [vectors.of_properties(kind, features) for kind, features in found.items() if features] or [
        vectors.of_properties(kind, []) for kind in [*found][:1]]
    titles = {layer.name: [("fid", "fid"), *((name, _title(layer.name, name, lang)) for name in layer.fields)]
              for layer in layers}
    project = qgis.project(city, frame, qgis.in_file(DATA, [layer.name for layer in layers]), lang, titles)
    data = _with_project(layers, project, city, now)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(DATA, data)
        archive.writestr(PROJECT, project)
        archive.writestr("README.txt", texts.say(lang, "connections.qfield.readme", city=city, at=iso(now)))
    return sum(len(features) for features in found.values())


def _title(kind: str, field: str, lang: str) -> str:
    known = dict(zip((column.field for column in layout.columns_of(kind)), layout.headings(kind, lang), strict=True))
    return known.get(field, field)


def _with_project(layers: Sequence[vectors.Layer], project: bytes, city: str, now: datetime) -> bytes:
    """Return the GeoPackage of the layers with the project kept inside, zipped and in hexadecimal as QGIS does."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("civmap.qgs", project.replace(f"./{DATA}|".encode(), b"./" + DATA.encode() + b"|"))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / DATA
        with file.open("wb") as out:
            vectors.geopackage(layers, out)
        with closing(sqlite3.connect(file)) as database, database:
            database.execute("CREATE TABLE qgis_projects(name TEXT PRIMARY KEY, metadata BLOB, content BLOB)")
            told = json.dumps({"last_modified_time": iso(now), "last_modified_user": "civmap"})
            database.execute("INSERT INTO qgis_projects VALUES (?, ?, ?)", (f"civmap {city}", told,
                                                                           packed.getvalue().hex()))
        return file.read_bytes()
