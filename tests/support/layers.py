"""Layers as desktop GIS writes them: a GeoPackage or a zipped Shapefile with the tables in GBK and no word about it."""

import json
import subprocess
import sys
import zipfile

from shapely.geometry import mapping

SCRIPT = """
import json, sys, geopandas
rows = json.load(sys.stdin)
frame = geopandas.GeoDataFrame.from_features(rows, crs="EPSG:4326")
shape = sys.argv[1].endswith(".shp")
frame.to_file(sys.argv[1], engine="pyogrio", **({"encoding": "GB18030"} if shape else {}))
"""


def write_layer(file, name, rows):
    """Write (shape, properties) pairs as the format that the file's ending asks for."""
    is_shape = file.name.endswith(".shp.zip")
    target = file.with_name(f"{name}.shp") if is_shape else file
    features = [{"type": "Feature", "properties": told, "geometry": mapping(shape)} for shape, told in rows]
    subprocess.run([sys.executable, "-c", SCRIPT, str(target)], input=json.dumps(features).encode(), check=True)
    if is_shape:
        with zipfile.ZipFile(file, "w") as archive:
            for part in (".shp", ".shx", ".dbf", ".prj"):
                archive.write(target.with_suffix(part), f"图层/{name}{part}")
    return file
