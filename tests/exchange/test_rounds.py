"""A round in every file that leaves the house: the same stops, order, places and words, whoever reads it."""

import csv
import io
import json
import subprocess
import sys

import fastkml
import gpxpy
import pytest
import python_calamine

from civmap.documents import rounds
from civmap.errors import CivmapError, NotFound
from tests.support.rounds import HOSTILE, PLAIN, lay

CODE = "LX20260521-01"
ORDER = [name for crew in (0, 1) for name in PLAIN[crew::2]]
SPOTS = [(round(115.8581 + place / 1000, 7), round(28.6832 + place % 2 / 1000, 7))
         for crew in (0, 1) for place in range(crew, len(PLAIN), 2)]
GDAL = ("import sys; sys.modules.update(geopandas=None, pandas=None, pyarrow=None)\n"
        "import json, pyogrio, shapely\n"
        "told = []\n"
        "for file in sys.argv[1:]:\n"
        "    found = {}\n"
        "    for layer, kind in pyogrio.list_layers(file):\n"
        "        meta, _, shapes, columns = pyogrio.raw.read(file, layer=layer)\n"
        "        rows = [dict(zip(meta['fields'], (str(value) for value in row))) for row in zip(*columns)]\n"
        "        shapes = [shape.__geo_interface__ for shape in shapely.from_wkb(shapes)]\n"
        "        found[layer] = list(zip(rows, shapes))\n"
        "    told.append(found)\n"
        "print(json.dumps(told))\n")


def written(session, viewer, tmp_path, now, lang="zh"):
    """Return the round's files by format."""
    files = {fmt: tmp_path / f"round.{fmt}" for fmt in rounds.FORMATS if fmt != "pdf"}
    for fmt, file in files.items():
        assert rounds.write(session, viewer, CODE, file, fmt, lang, now) == len(HOSTILE)
    return files


def test_every_file_of_a_round_holds_the_same_stops_in_the_same_order(session, cast, now, tmp_path):
    lay(session)
    files = written(session, cast["dispatcher"], tmp_path, now)
    seen = {"xlsx": by_workbook(files["xlsx"]), "csv": by_table(files["csv"]), "kml": by_fastkml(files["kml"]),
            "gpx": by_gpxpy(files["gpx"]), "geojson": by_json(files["geojson"])}
    for fmt, stops in seen.items():
        assert [stop[0] for stop in stops] == ORDER, fmt
        assert [stop[1:] for stop in stops] == SPOTS, fmt
    asked = [str(files[fmt]) for fmt in ("gpkg", "shp.zip", "geojson", "kml", "gpx")]
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", GDAL, *asked], capture_output=True, text=True,
                          check=True)
    gpkg, shp, geojson, kml, gpx = json.loads(done.stdout)
    short = [name if len(name.encode()) <= 254 else "长" * 84 for name in ORDER]
    for layer, names in ((gpkg["stops"], ORDER), (shp["stops"], short), (gpx["waypoints"], ORDER)):
        assert [row["name"] for row, _shape in layer] == names
        assert [tuple(shape["coordinates"]) for _row, shape in layer] == SPOTS
    legs = [shape for row, shape in gpkg["legs"]]
    assert len(legs) == len(shp["legs"]) == len(ORDER) and legs == [shape for row, shape in shp["legs"]]
    assert len(next(iter(geojson.values()))) == 2 * len(ORDER)
    assert sum(len(layer) for layer in kml.values()) == len(ORDER) + 2
    assert [shape["type"] for _row, shape in gpx["tracks"]] == ["MultiLineString"] * 2


def by_workbook(file):
    """Read a workbook by calamine: a sheet per team, then the overview; no formula, links that keep their text."""
    book = python_calamine.load_workbook(file)
    assert book.sheet_names == ["第1组", "第2组", "概况"]
    found = []
    for name in book.sheet_names[:2]:
        heads, *rows = book.get_sheet_by_name(name).to_python()
        assert heads[:10] == ["顺序", "点位编号", "点位", "类型", "地址", "距上一点(米)", "累计(米)", "到达", "离开",
                              "检查(分钟)"]
        at = {head: place for place, head in enumerate(heads)}
        assert [row[0] for row in rows] == [1, 2, 3, 4, 5] and rows[1][5:9] == [100.5, 201.0, "08:40", "08:55"]
        assert all(row[at["导航(高德)"]].startswith("https://uri.amap.com/navigation?to=115.8") for row in rows)
        assert all(f"{row[at['经度']]:.6f}" not in row[at["导航(高德)"]] for row in rows)
        found += [(row[at["点位"]], row[at["经度"]], row[at["纬度"]]) for row in rows]
    return found


def by_table(file):
    """Read the table: UTF-8 with its mark, a column of teams, no cell that begins a formula."""
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"), newline="")))
    assert [row["督查组"] for row in rows] == ["第1组"] * 5 + ["第2组"] * 5
    assert [row["点位"] for row in rows if row["点位"].startswith("'")] == ["'=1+1", "'@SUM(A1)"]
    return [(row["点位"].removeprefix("'"), float(row["经度"]), float(row["纬度"])) for row in rows]


def by_fastkml(file):
    """Read the folders of the teams: stops in order, then the way."""
    folders = next(iter(fastkml.KML.from_string(file.read_text("utf-8")).features)).features
    assert [folder.name for folder in folders] == ["第1组", "第2组"]
    marks = [mark for folder in folders for mark in folder.features]
    assert [mark.name for mark in marks if mark.geometry.geom_type != "Point"] == ["行走路线"] * 2
    return [(mark.name, mark.geometry.x, mark.geometry.y) for mark in marks if mark.geometry.geom_type == "Point"]


def by_gpxpy(file):
    """Read waypoints; the routes hold the same points, the tracks begin at the office and end at the last stop."""
    found = gpxpy.parse(file.read_text("utf-8"))
    stops = [(mark.name, mark.longitude, mark.latitude) for mark in found.waypoints]
    assert [(mark.name, mark.longitude, mark.latitude) for route in found.routes for mark in route.points] == stops
    for track, last in zip(found.tracks, (stops[4], stops[9]), strict=True):
        (segment,) = track.segments
        assert (segment.points[0].longitude, segment.points[0].latitude) == (115.8571, 28.6831)
        assert (segment.points[-1].longitude, segment.points[-1].latitude) == last[1:]
    return stops


def by_json(file):
    """Read the stops, which come before the legs."""
    features = json.loads(file.read_text("utf-8"))["features"]
    assert [one["properties"]["kind"] for one in features] == ["stop"] * len(ORDER) + ["leg"] * len(ORDER)
    return [(one["properties"]["name"], *one["geometry"]["coordinates"]) for one in features[:len(ORDER)]]


def test_a_covert_round_leaves_the_house_only_with_those_who_may_know(session, cast, now, tmp_path):
    lay(session, HOSTILE[:4], is_covert=True)
    for name, code in (("handler", "route_not_found"), ("clerk", "route_not_found"), ("inspector", "route_not_found"),
                       ("discipline", "not_allowed")):
        with pytest.raises(CivmapError) as refused:
            rounds.write(session, cast[name], CODE, tmp_path / "a.csv", "csv", "zh", now)
        assert isinstance(refused.value, NotFound) == (code == "route_not_found"), name
    assert list(tmp_path.iterdir()) == []
    assert rounds.write(session, cast["leader"], CODE, tmp_path / "a.csv", "csv", "zh", now) == 4
