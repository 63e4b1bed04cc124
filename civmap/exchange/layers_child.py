"""A program of its own: reads one layer of a GeoPackage or a zipped Shapefile; `layers_child.py FILE FORMAT LAYER`.

GDAL is started again with every driver but the one wanted switched off: a file cannot make it open another.
"""

import json
import math
import os
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from civmap.exchange import telling

DRIVERS = {"gpkg": "GPKG", "shp": "ESRI Shapefile"}
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
MARK = "LAYERS_ALONE"
MAPPED_BYTES = 220 << 20
PIECE = 1_000


def main(path: Path, fmt: str, wanted: str) -> None:
    """Tell the layer."""
    if MARK not in os.environ:
        _alone(fmt)
    telling.limit(MAPPED_BYTES)
    with tempfile.TemporaryDirectory() as folder:
        try:
            file, encoding = _laid(path, fmt, Path(folder))
            _read(file, encoding, wanted)
        except MemoryError:
            raise
        except Exception:
            telling.refuse("file_damaged")


def _alone(fmt: str) -> None:
    import pyogrio

    others = [name for name in pyogrio.list_drivers() if name != DRIVERS[fmt]]
    environ = {**os.environ, MARK: "1", "OGR_SKIP": ",".join(others), "GDAL_SKIP": ",".join(others),
               "GDAL_DRIVER_PATH": "disable", "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none", "GDAL_HTTP_TIMEOUT": "1",
               "GDAL_CACHEMAX": "32", "SHAPE_RESTORE_SHX": "YES"}
    os.execve(sys.executable, [sys.executable, "-I", "-X", "utf8", __file__, *sys.argv[1:]], environ)


def _laid(path: Path, fmt: str, folder: Path) -> tuple[Path, str | None]:
    """Lay the file under a plain name; return it and the encoding of its texts where it does not say so itself."""
    if fmt == "gpkg":
        return path, None
    with zipfile.ZipFile(path) as archive:
        main_file = next(name for name in archive.namelist() if name.lower().endswith(".shp"))
        stem = main_file[:-4].lower()
        for name in archive.namelist():
            if name[:-4].lower() == stem and name[-4:].lower() in PARTS:
                with archive.open(name) as packed, (folder / f"layer{name[-4:].lower()}").open("wb") as laid:
                    shutil.copyfileobj(packed, laid)
    table = folder / "layer.dbf"
    has_said = (folder / "layer.cpg").exists() or not table.exists() or table.read_bytes()[29:30] not in (b"", b"\0")
    return folder / "layer.shp", None if has_said else _encoding(table.read_bytes())


def _encoding(table: bytes) -> str:
    start = int.from_bytes(table[8:10], "little")
    try:
        table[start:].decode("utf-8")
    except UnicodeDecodeError:
        return "GB18030"
    return "UTF-8"


def _read(file: Path, encoding: str | None, wanted: str) -> None:
    import pyogrio

    layers = [str(name) for name, kind in pyogrio.list_layers(file) if kind is not None]
    if (wanted and wanted not in layers) or not layers:
        telling.refuse("sheet_not_found", sheet=wanted, known=layers)
    layer = wanted or layers[0]
    facts = pyogrio.read_info(file, layer=layer, encoding=encoding, force_total_bounds=False)
    telling.tell({"sheets": layers, "crs": _crs(facts["crs"]), "total": int(facts["features"]),
                  "headings": [str(name) for name in facts["fields"]]})
    first = 0
    while True:
        _, _, shapes, columns = pyogrio.raw.read(file, layer=layer, encoding=encoding, force_2d=True,
                                                 skip_features=first, max_features=PIECE)
        if not len(shapes):
            break
        telling.tell({"n": first + 1, "c": [_geometries(shapes),
                                            *([_plain(value) for value in column.tolist()] for column in columns)]})
        first += len(shapes)
    telling.end()


def _geometries(shapes: Any) -> list[Any]:
    import shapely

    texts = shapely.to_geojson(shapely.from_wkb(shapes, on_invalid="ignore"))
    return [json.loads(text) if text else None for text in texts]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value) if str(value) != "NaT" else None


def _crs(written: str | None) -> str | None:
    if not written:
        return None
    from pyproj import CRS

    code = CRS.from_user_input(written).to_epsg()
    return f"EPSG:{code}" if code else None


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
