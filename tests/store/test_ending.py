"""A process that used the database and the coordinate systems ends with status 0, in whichever order it met them."""

import subprocess
import sys

import pytest

SCRIPT = """
import sys
from sqlalchemy import text
from civmap.store.database import open_engine
engine = open_engine(sys.argv[1])
with engine.connect() as connection:
    connection.execute(text("SELECT ST_AsText(Transform(MakePoint(115.857, 28.683, 4326), 4548))")).scalar()
if sys.argv[2] == "disposed":
    engine.dispose()
from civmap.geo.crs import from_wgs84
east, north = from_wgs84("EPSG:4548", 115.857, 28.683)
print(round(float(east), 2), round(float(north), 2))
"""


@pytest.mark.spatialite
@pytest.mark.parametrize("engine_end", ["disposed", "kept"])
def test_a_process_that_used_spatialite_and_pyproj_ends_well(database_url, engine_end):
    done = subprocess.run([sys.executable, "-c", SCRIPT, database_url, engine_end], capture_output=True, text=True,
                          check=False)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "388285.2 3174670.08", "")
