"""Desktop GIS opens what the office exports: equal counts, places and Chinese text."""

import io
import json
import subprocess
import sys

import pytest

from civmap.exchange import export
from civmap.exchange.gather import features

pytestmark = pytest.mark.spatialite  # the file is written from the same features, whichever database gave them
READ = ("import geopandas, json, sys\n"
        "frame = geopandas.read_file(sys.argv[1], layer=sys.argv[2])\n"
        "print(json.dumps({'names': list(frame['name']), 'epsg': frame.crs.to_epsg(), 'count': len(frame),\n"
        "                  'x': frame.geometry.dropna().centroid.x.iloc[0]}))\n")


def reopened(found, kind, tmp_path, crs="wgs84"):
    """Write features and return what another program finds in the file."""
    file = tmp_path / "out.gpkg"
    with file.open("wb") as target:
        assert export.write(kind, found, target, "gpkg", crs=crs) == len(found)
    told = subprocess.run([sys.executable, "-W", "ignore", "-c", READ, file, kind], capture_output=True, text=True,
                          check=True)
    return json.loads(told.stdout)


@pytest.mark.parametrize("kind", ["points", "segments", "zones", "units"])
def test_a_geopackage_reopens_with_the_same_things_in_it(session, cast, now, tmp_path, kind):
    found = list(features(session, cast["admin"], kind, now, "zh"))
    seen = reopened(found, kind, tmp_path)
    assert (seen["count"], seen["epsg"]) == (len(found), 4326)
    assert seen["names"] == [feature["properties"]["name"] for feature in found]


def test_a_geopackage_in_the_citys_metres_names_its_system(session, cast, now, tmp_path):
    seen = reopened(list(features(session, cast["admin"], "points", now, "zh")), "points", tmp_path, "EPSG:4548")
    assert seen["epsg"] == 4548 and 380_000 < seen["x"] < 400_000


def test_the_database_goes_on_answering_after_an_export(session, cast, now):
    found = list(features(session, cast["admin"], "points", now, "zh"))
    out = io.BytesIO()
    export.write("points", found, out, "gpkg")
    assert out.getvalue().startswith(b"SQLite format 3")
    session.expire_all()
    assert list(features(session, cast["admin"], "points", now, "zh")) == found
