"""KML, GPX and Shapefiles as programs that no one here wrote read them: equal counts, places and hostile text."""

import csv
import io
import json
import subprocess
import sys
import zipfile

import fastkml
import gpxpy
import pytest

from civmap.errors import Invalid
from civmap.exchange import export
from civmap.routes import navigation

pytestmark = pytest.mark.spatialite  # the files are written from features, whichever database gave them
NAMES = ["=1+1", "<b>粗</b>", "医院 & 药店", 'a"b\'c', "第一行\n第二行", "𠮷野家", "长" * 200, "😀市场",
         "响铃\x07\x00尾\x1b"]
CLEAN = [name.replace("\x07", "").replace("\x00", "").replace("\x1b", "") for name in NAMES]
SPOTS = [(round(115.8620001 + place / 1e4, 7), 28.6850002) for place in range(len(NAMES))]
GDAL = ("import sys; sys.modules.update(geopandas=None, pandas=None, pyarrow=None)\n"
        "import json, pyogrio, shapely\n"
        "told = {}\n"
        "for layer, kind in pyogrio.list_layers(sys.argv[1]):\n"
        "    meta, _, shapes, columns = pyogrio.raw.read(sys.argv[1], layer=layer)\n"
        "    places = [list(one.coords[0]) if one is not None and one.geom_type == 'Point' else None\n"
        "              for one in shapely.from_wkb(shapes)]\n"
        "    names = [list(values) for key, values in zip(meta['fields'], columns) if key.lower() == 'name']\n"
        "    told[layer] = [meta['crs'], len(shapes), names[0] if names else [], places]\n"
        "print(json.dumps(told))\n")


def features():
    """Return points with every hostile name."""
    return [{"type": "Feature", "id": f"P{place}", "geometry": {"type": "Point", "coordinates": list(spot)},
             "properties": {"code": f"P{place}", "name": name, "type": "PT10", "unit": "YY", "unit_name": "人民医院",
                            "is_declared": True, "open_issues": place, "overdue_issues": 0, "due_soon_issues": 0,
                            "status": "open" if place else "none"}}
            for place, (name, spot) in enumerate(zip(NAMES, SPOTS, strict=True))]


def by_gdal(file):
    """Return per layer what GDAL finds in a file: system, count, names, places of points."""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", GDAL, file], capture_output=True, text=True,
                          check=True)
    return json.loads(done.stdout)


def test_a_kml_is_read_by_fastkml_and_gdal_with_headings_and_whole_names(tmp_path):
    body = export.to_bytes("points", features(), "kml")
    folder = next(iter(next(iter(fastkml.KML.from_string(body.decode()).features)).features))
    marks = list(folder.features)
    assert [mark.name for mark in marks] == CLEAN
    assert [(mark.geometry.x, mark.geometry.y) for mark in marks] == SPOTS
    data = {one.name: one.value for one in marks[2].extended_data.elements}
    assert (data["点位编号"], data["责任单位名称"], data["是否申报"]) == ("P2", "人民医院", "是")
    (tmp_path / "a.kml").write_bytes(body)
    assert by_gdal(tmp_path / "a.kml") == {"点位": ["EPSG:4326", len(NAMES), CLEAN, [list(spot) for spot in SPOTS]]}


def test_a_gpx_is_read_by_gpxpy_and_gdal_and_refuses_areas(tmp_path):
    body = export.to_bytes("points", features(), "gpx")
    marks = gpxpy.parse(body.decode()).waypoints
    assert [mark.name for mark in marks] == CLEAN
    assert [(mark.longitude, mark.latitude) for mark in marks] == SPOTS
    assert "责任单位名称: 人民医院" in marks[0].description
    line = {"type": "Feature", "properties": {"code": "L1", "name": "河东路"},
            "geometry": {"type": "MultiLineString", "coordinates": [[SPOTS[0], SPOTS[1]], [SPOTS[1], SPOTS[2]]]}}
    tracks = gpxpy.parse(export.to_bytes("segments", [line], "gpx").decode()).tracks
    assert [(one.name, len(one.segments)) for one in tracks] == [("河东路", 2)]
    (tmp_path / "a.gpx").write_bytes(body)
    assert by_gdal(tmp_path / "a.gpx")["waypoints"][1:] == [len(NAMES), CLEAN, [list(spot) for spot in SPOTS]]
    with pytest.raises(Invalid, match="export_gpx_areas"):
        export.to_bytes("zones", [], "gpx")


def test_shapefiles_are_utf8_cut_between_signs_named_in_a_table_and_one_per_geometry(tmp_path):
    found = features()
    found[0]["properties"]["note"] = "a" + "备" * 100
    file = tmp_path / "a.shp.zip"
    file.write_bytes(export.to_bytes("points", found, "shp.zip"))
    seen = by_gdal(file)
    short = ["长" * 84 if len(name) == 200 else name for name in CLEAN]
    assert seen == {"points": ["EPSG:4326", len(NAMES), short, [list(spot) for spot in SPOTS]]}
    with zipfile.ZipFile(file) as archive:
        assert archive.read("points.cpg") == b"UTF-8" and archive.read("points.prj").startswith(b"GEOGCS")
        table = list(csv.DictReader(io.StringIO(archive.read("字段说明.csv").decode("utf-8-sig"))))
    short = [row["字段"] for row in table]
    assert len(set(short)) == len(short) and max(len(name.encode()) for name in short) <= 10
    said = {row["全名"]: (row["字段"], row["说明"], row["截断的值数"]) for row in table}
    assert (said["name"], said["note"]) == (("name", "点位名称", "1"), ("note", "备注", "1"))
    assert said["overdue_issues"] == ("overdue_is", "超期问题数", "0")
    mixed = [*found[:1], {**found[1], "geometry": {"type": "LineString", "coordinates": SPOTS[:3]}},
             {**found[2], "geometry": None}]
    file.write_bytes(export.to_bytes("points", mixed, "shp.zip", "en"))
    assert {layer: told[1:3] for layer, told in by_gdal(file).items()} == {
        "points_point": [2, [CLEAN[0], CLEAN[2]]], "points_line": [1, [CLEAN[1]]]}


def test_navigation_links_hold_each_makers_order_and_datum():
    to = navigation.links(116.404, 39.915, "天安门,东|(北)\n=1", "drive", (116.4, 39.9, "办公室"), "北京市")
    assert to["amap"].startswith("https://uri.amap.com/navigation?to=116.410244,39.916404,%E5%A4%A9")
    assert "%EF%BC%8C" in to["amap"] and to["amap"].endswith("&mode=car&src=civmap&callnative=1")
    assert "destination=latlng%3A39.9150000%2C116.4040000%7Cname%3A" in to["baidu"]
    assert "coord_type=wgs84" in to["baidu"] and to["baidu"].count("%7C") == 2 and "mode=driving" in to["baidu"]
    assert "type=drive" in to["tencent"] and "tocoord=39.9150000,116.4040000&coord_type=1&" in to["tencent"]
    assert to["geo"].startswith("geo:39.9150000,116.4040000?q=39.9150000,116.4040000(%E5%A4%A9")
    assert all("\n" not in link and link.isascii() for link in to.values())
    a7 = navigation.links(115.8571485, 28.6832711, "P0")["amap"]
    assert "to=115.8571485" not in a7 and "mode=walk" in a7
