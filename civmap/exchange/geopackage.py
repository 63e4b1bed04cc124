"""Writing features as an OGC GeoPackage through GeoPandas, for desktop GIS.

GeoPandas brings its own GDAL, PROJ and SQLite, which end a process that has also loaded SpatiaLite: it runs as a
program of its own, `python -m civmap.exchange.geopackage FILE`, that reads the features from its standard input.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from civmap.errors import Unavailable
from civmap.exchange.layout import Feature
from civmap.geo import crs as systems

SECONDS = 600


def write(kind: str, features: Sequence[Feature], target: BinaryIO, crs: str) -> None:
    """Write one layer named for the kind, with a column per property; lists become texts parted by 、.

    Coordinates are as they come, in `crs`; GCJ-02 and BD-09 have no code in the register and stay unnamed. Raise
    Unavailable where the writer fails.
    """
    known = systems.check_name(crs)
    label = {"wgs84": "EPSG:4326", "cgcs2000": "EPSG:4490"}.get(known, known)
    rows = [{**feature, "properties": {name: _cell(value) for name, value in feature["properties"].items()}}
            for feature in features]
    order = {"layer": kind, "crs": label if label.startswith("EPSG") else None, "features": rows}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{kind}.gpkg"
        done = subprocess.run([sys.executable, "-m", "civmap.exchange.geopackage", str(file)], capture_output=True,
                              input=json.dumps(order, allow_nan=False).encode(), timeout=SECONDS, check=False)
        if done.returncode:
            raise Unavailable("export_writer_failed", field="out", why=done.stderr.decode(errors="replace")[-200:])
        target.write(file.read_bytes())


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return "、".join(str(_cell(part)) for part in value)
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values() if part is not None)
    return value


def main(file: str) -> None:
    """Write the features of the standard input into a file."""
    import geopandas

    order = json.load(sys.stdin)
    columns = list(dict.fromkeys(name for row in order["features"] for name in row["properties"]))
    frame = geopandas.GeoDataFrame.from_features(order["features"], columns=[*columns, "geometry"], crs=order["crs"])
    frame.to_file(file, driver="GPKG", layer=order["layer"], engine="pyogrio")


if __name__ == "__main__":
    main(sys.argv[1])
