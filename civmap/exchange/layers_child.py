"""A program of its own that reads one layer of a GeoPackage or a zipped Shapefile under limits, and nothing else.

Called as `python -I layers_child.py FORMAT LAYER MOST`, the file on standard input, the features as JSON on standard
output. GDAL is started again with every driver but the one wanted switched off: a file cannot make it open another.
Exit 3: the file is damaged; 4: that layer is not there; 5: too many rows.
"""

import io
import json
import math
import os
import resource
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

CPU_SECONDS, MEMORY_BYTES = 60, 3 << 30
DRIVERS = {"gpkg": "GPKG", "shp": "ESRI Shapefile"}
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
MARK = "LAYERS_ALONE"


def main(fmt: str, wanted: str, most: int) -> int:
    """Read, write and return the exit status."""
    if MARK not in os.environ:
        return _alone(fmt)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    with tempfile.TemporaryDirectory() as folder:
        try:
            file, encoding = _laid(sys.stdin.buffer.read(), fmt, Path(folder))
            return _read(file, encoding, wanted, most)
        except Exception:
            return 3


def _alone(fmt: str) -> int:
    import pyogrio

    others = [name for name in pyogrio.list_drivers() if name != DRIVERS[fmt]]
    environ = {**os.environ, MARK: "1", "OGR_SKIP": ",".join(others), "GDAL_SKIP": ",".join(others),
               "GDAL_DRIVER_PATH": "disable", "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none", "GDAL_HTTP_TIMEOUT": "1"}
    os.execve(sys.executable, [sys.executable, "-I", __file__, *sys.argv[1:]], environ)


def _laid(body: bytes, fmt: str, folder: Path) -> tuple[Path, str | None]:
    """Write the file under a plain name; return it and the encoding of its texts where it does not say so itself."""
    if fmt == "gpkg":
        (folder / "layer.gpkg").write_bytes(body)
        return folder / "layer.gpkg", None
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        main_file = next(name for name in archive.namelist() if name.lower().endswith(".shp"))
        stem = main_file[:-4].lower()
        for name in archive.namelist():
            if name[:-4].lower() == stem and name[-4:].lower() in PARTS:
                (folder / f"layer{name[-4:].lower()}").write_bytes(archive.read(name))
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


def _read(file: Path, encoding: str | None, wanted: str, most: int) -> int:
    import pyogrio
    import shapely

    layers = [str(name) for name, kind in pyogrio.list_layers(file) if kind is not None]
    if (wanted and wanted not in layers) or not layers:
        json.dump({"layers": layers}, sys.stdout)
        return 4
    meta, _, shapes, columns = pyogrio.raw.read(file, layer=wanted or layers[0], encoding=encoding, force_2d=True,
                                                max_features=most + 1)
    if len(shapes) > most:
        return 5
    texts = shapely.to_geojson(shapely.from_wkb(shapes, on_invalid="ignore"))
    features = [{"properties": {str(name): _plain(column[row]) for name, column in
                                zip(meta["fields"], columns, strict=True)},
                 "geometry": json.loads(text) if text else None} for row, text in enumerate(texts)]
    json.dump({"layers": layers, "crs": _crs(meta["crs"]), "features": features}, sys.stdout, allow_nan=False)
    return 0


def _plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
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
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
