"""A program of its own: reads one layer of zipped Shapefiles; `shapefile_child.py FILE LAYER`.

Only files that begin as a Shapefile begins reach GDAL, under plain names in a folder of our own, and its drivers that
reach elsewhere are switched off. What the .cpg or the table itself says of its encoding is tried, not believed.
"""

import os
import sys
import tempfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

from civmap.exchange import shapes, telling
from civmap.exchange.dbase import encoding_of

PARTS = (".shp", ".shx", ".dbf")
MOST_BYTES, PIECE, PIECE_BYTES = 1 << 30, 2_000, 6 << 20
OFF = ("VRT,OGR_VRT,CSV,GeoJSON,GeoJSONSeq,ESRIJSON,TopoJSON,KML,LIBKML,GML,GMLAS,GPX,GeoRSS,OSM,SQLite,GPKG,WFS,"
       "WFS3,OAPIF,HTTP,CSW,PLSCENES,NGW,Elastic,Carto,AmigoCloud,DAAS,EEDA,PDS4,MVT,XLSX,XLS,ODS,PDF,DXF,DGN,MapML,JML,PGDUMP,"
       "FlatGeobuf,OpenFileGDB,MBTiles,WCS,WMS,WMTS,DERIVED,STACTA,STACIT,Zarr,HDF5,netCDF,GTI,GDALG")


def main(path: Path, wanted: str) -> None:
    """Tell the layer."""
    os.environ.update(GDAL_SKIP=OFF, OGR_SKIP=OFF, GDAL_DRIVER_PATH="disable", CPL_VSIL_CURL_ALLOWED_EXTENSIONS=".none",
                      GDAL_HTTP_TIMEOUT="1", GDAL_CACHEMAX="16", SHAPE_RESTORE_SHX="YES", GDAL_NUM_THREADS="1")
    sys.modules.update(pandas=None, geopandas=None, pyarrow=None)  # type: ignore[arg-type]
    telling.limit(shapes.MAPPED_BYTES)
    with tempfile.TemporaryDirectory() as folder:
        try:
            facts = _laid(path, Path(folder), wanted)
            _read(Path(folder), facts)
        except MemoryError:
            raise
        except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError, OSError, RuntimeError):
            telling.refuse("file_damaged")


def _laid(path: Path, folder: Path, wanted: str) -> dict[str, Any]:
    """Lay the wanted layer's parts under plain names; return what is known of it."""
    with zipfile.ZipFile(path) as archive:
        members = {_name(member): member for member in archive.infolist() if not member.is_dir()}
        layers = {_layer(name, members): name for name in members if name.lower().endswith(".shp")
                  and not PurePosixPath(name).name.startswith("._")}
        if wanted and wanted not in layers:
            telling.refuse("sheet_not_found", sheet=wanted, known=list(layers))
        layer = wanted or next(iter(layers))
        stem = layers[layer][:-4].lower()
        found = {name[-4:].lower(): member for name, member in members.items() if name[:-4].lower() == stem}
        for part in PARTS:
            if part in found:
                _lay(archive, found[part], folder / f"layer{part}")
        said = {part: archive.open(found[part]).read(8_192).decode("utf-8", "replace") if part in found else ""
                for part in (".prj", ".cpg")}
    if (folder / "layer.shp").open("rb").read(4) != b"\0\0\x27\x0a":
        telling.refuse("file_damaged")
    table = folder / "layer.dbf"
    return {"sheets": list(layers), "sheet": layer, "prj": said[".prj"], "no_shx": ".shx" not in found,
            "encoding": encoding_of(table, said[".cpg"]) if table.exists() else None}


def _name(member: zipfile.ZipInfo) -> str:
    """Return a member's name; where it does not say that it is UTF-8 it is what Chinese programs write."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        raw = member.filename.encode("cp437")
    except UnicodeEncodeError:
        return member.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return member.filename


def _layer(name: str, members: dict[str, zipfile.ZipInfo]) -> str:
    """Return a layer's name: the file's own, with its folder where another has the same."""
    own = PurePosixPath(name).name
    alike = [one for one in members if PurePosixPath(one).name == own]
    return (name if len(alike) > 1 else own)[:-4]


def _lay(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    if member.file_size > MOST_BYTES:
        telling.refuse("file_unpacks_too_large")
    with archive.open(member) as packed, target.open("wb") as laid:
        while chunk := packed.read(1 << 20):
            laid.write(chunk)


def _read(folder: Path, facts: dict[str, Any]) -> None:
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError, FieldError

    file, encoding = folder / "layer.shp", facts["encoding"]
    try:
        known = pyogrio.read_info(file, encoding=encoding)
        total = int(known["features"])
        telling.tell({"sheets": facts["sheets"], "sheet": facts["sheet"], "total": total,
                      "headings": [str(name) for name in known["fields"]] if encoding else [],
                      "crs": shapes.system(facts["prj"])})
        left = _tell(pyogrio, file, encoding, total)
    except (DataSourceError, DataLayerError, FieldError):
        telling.refuse("file_damaged")
    telling.end(shapes_left=left, no_shx=facts["no_shx"], no_columns=encoding is None, encoding=encoding,
                no_system=not facts["prj"].strip(), system_name=shapes.name_of(facts["prj"]))


def _tell(pyogrio: Any, file: Path, encoding: str | None, total: int) -> int:
    size = file.stat().st_size
    most = max(1, min(PIECE, PIECE_BYTES * max(total, 1) // max(size, 1)))
    first = left = 0
    while first < total:
        _, _, found, columns = pyogrio.raw.read(file, encoding=encoding, force_2d=True, skip_features=first,
                                                max_features=most, columns=None if encoding else [])
        if not len(found):
            break
        geometries = shapes.geojson(found)
        left += sum(shape is None and blob is not None and len(blob) > 9
                    for shape, blob in zip(geometries, found, strict=True))
        telling.tell({"n": first + 1, "c": [geometries, *([_plain(value) for value in column.tolist()]
                                                         for column in columns)]})
        first += len(found)
    return left


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, str):
        return value.rstrip("\0 ")
    return value if value is None or isinstance(value, bool | int) else str(value) if str(value) != "NaT" else None


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
