"""Whatever file an office has is read as it stands, or refused in words: layouts, encodings, layers, hostile matter."""

import gzip
import io
import json
import random
import sqlite3
import zipfile

import pytest
import xlsxwriter

from civmap.dictionaries import saying
from civmap.errors import CivmapError
from civmap.exchange import gate, headings, naming, shapes, sheets

pytestmark = pytest.mark.spatialite  # no database is asked
HEADS = "点位编号,点位名称,经度,纬度\n"
VRT = b"<OGRVRTDataSource><OGRVRTLayer><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
TYPES = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd"><!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1500


@pytest.fixture
def read(tmp_path):
    """Read a file of these bytes and return its table."""
    def reading(name, body, sheet=None, **wishes):
        (tmp_path / name).write_bytes(body)
        table = sheets.read(tmp_path / name, sheet, lambda text: naming.is_heading("points", text), **wishes)
        assert len(list(table.rows)) == table.count == sum(len(part.numbers) for part in table.portions(2))
        return table
    return reading


def packed(members):
    """Return a zip of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, body in members.items():
            pack.writestr(name, body)
    return out.getvalue()


def linked():
    """Return a zip whose one member is a link to a file of the house."""
    out, member = io.BytesIO(), zipfile.ZipInfo("a.csv")
    member.create_system, member.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(out, "w") as pack:
        pack.writestr(member, "/etc/passwd")
    return out.getvalue()


COLLECTION = json.dumps({"type": "FeatureCollection", "features": [
    {"type": "Feature", "properties": {"name": f"a{place}"}, "geometry": {"type": "Point", "coordinates": [118, 32]}}
    for place in range(40)]}).encode()
REFUSED = {
    **{f"vrt.{end}": (VRT, "file_is_markup") for end in ("geojson", "gpkg", "shp", "kml", "csv")},
    "vrt inside.zip": (packed({"a.shp": VRT, "a.dbf": VRT}), "file_damaged"),
    "nested bomb.zip": (packed({"b.xlsx": packed({"xl/workbook.xml": b"0" * 3_000_000})}), "file_unpacks_too_large"),
    "bomb.kmz": (packed({"doc.kml": b" " * 3_000_000}), "file_unpacks_too_large"),
    "bomb.osm.gz": (gzip.compress(b"<osm>" + b" " * 40_000_000), "file_unpacks_too_large"),
    "packs.zip": (packed({"b.zip": packed({"a.csv": "a"})}), "zip_in_zip"),
    "up.zip": (packed({"../../x.csv": HEADS}), "zip_leads_elsewhere"), "link.zip": (linked(), "zip_leads_elsewhere"),
    "types.kml": (f"<?xml version='1.0'?>{TYPES}<kml><Placemark><name>&e;</name></Placemark></kml>".encode(),
                  "file_has_dtd"),
    "types.gpx": (f"{TYPES}<gpx><wpt lat='1' lon='2'><name>&b;</name></wpt></gpx>".encode(), "file_has_dtd"),
    "types.osm": (f"{TYPES}<osm version='0.6'><node id='1' lat='32' lon='118'><tag k='name' v='&e;'/></node></osm>"
                  .encode(), "file_damaged"),
    "cut.geojson": (COLLECTION[:900], "file_json_cut"), "deep.geojson": (
        COLLECTION.replace(b"[118, 32]", b"[" * 500 + b"1" + b"]" * 500, 1), "file_json_too_deep"),
    "nan.geojson": (COLLECTION.replace(b"118", b"NaN", 1), "file_json_number"),
    "inf.geojson": (COLLECTION.replace(b"118", b"1e999", 1), "file_json_number"),
    "bare.geojson": (b'{"type": "GeometryCollection", "geometries": []}', "geojson_bare_geometry"),
    "long.csv": (b"a,b\n1," + b"x" * 13_000_000, "csv_line_too_long"),
    "wide.csv": (",".join(map(str, range(10_000))).encode(), "too_many_columns"),
    "noise.csv": (random.Random(2).randbytes(9_000), "file_has_nul"),
    "late nul.csv": (HEADS.encode() + b"1,2,3,4\n" * 9_000 + b"\0", "file_has_nul"),
    "locked.xlsx": (OLE + "EncryptedPackage".encode("utf-16-le"), "file_has_password"),
    "letter.xls": (OLE + "WordDocument".encode("utf-16-le"), "file_not_a_table"),
    "noise.xlsx": (b"PK\x03\x04" + random.Random(3).randbytes(9_000), "file_damaged"),
    "noise.gpkg": (b"SQLite format 3\0" + random.Random(4).randbytes(9_000), "file_damaged"),
    "noise.pbf": (b"\0\0\0\x0e\x0a\x09OSMHeader" + random.Random(4).randbytes(9_000), "file_damaged"),
    "a.ods": (packed({"mimetype": "x", "content.xml": "x"}), "file_other_office"),
    "a.xlsb": (packed({"xl/workbook.bin": "x"}), "file_other_office"),
    "a.docx": (packed({"word/document.xml": "x"}), "file_other_office"),
    "alone.shp": (b"\0\0\x27\x0a" + b"\0" * 200, "shp_alone"), "alone.zip": (packed({"a.dbf": "x"}), "zip_without_shp"),
    "page.xls": (b"<html><body><p>1</p></body></html>", "file_is_markup"),
    "two.zip": (packed({"a.csv": HEADS, "b.csv": HEADS}), "zip_many_tables"), "empty.xlsx": (b"", "file_empty"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_file_is_refused_in_words_with_a_way_out(read, name):
    body, code = REFUSED[name]
    with pytest.raises(CivmapError) as refusal:
        read(name, body)
    assert refusal.value.code == code
    assert all("{" not in saying.sentence(lang, refusal.value) for lang in ("zh", "en"))


def test_a_messy_ledger_gives_its_rows_and_says_what_stands_aside(read, tmp_path):
    with xlsxwriter.Workbook(tmp_path / "made.xlsx") as book:
        sheet = book.add_worksheet("台账")
        sheet.merge_range("A1:F1", "点位问题台账")
        sheet.write("A2", "填报时间：2026年5月")
        for span, words in (("A3:A4", "点位编号"), ("B3:B4", "点位名称"), ("C3:D3", "位置"), ("E3:F3", "责任单位")):
            sheet.merge_range(span, words)
        sheet.write_row("C4", ["经度", "纬度", "名称", "名称"])
        sheet.write("A5", "一、医院")
        sheet.write_row("A6", ["P1", "医院", 118.7, 32.0, "", "x"])
        sheet.write_row("A7", ["P2", "诊所", 118.7, 32.0, "", "x"])
        sheet.merge_range("E6:E7", "区卫健委")
        sheet.write_row("A8", ["", "小计", "", "", "", 2])
        sheet.set_row(6, None, None, {"hidden": True})
        sheet.write_row("A9", ["点位编号", "点位名称", "经度", "纬度", "名称", "名称"])
        sheet.write_row("A10", ["P3", "学校", 118.7, 32.0, "区教育局"])
        sheet.write_formula("F10", "=A1&A2", None, "")
        sheet.write_row("A12", ["填表人：张三", "", "审核：李四"])
        sheet.write("A13", "注：1.一式两份；")
        sheet.set_column(3, 3, None, None, {"hidden": True})
    table = read("账.csv", (tmp_path / "made.xlsx").read_bytes())
    assert table.headings == ["点位编号", "点位名称", "经度", "纬度", "名称", "名称"]
    assert (table.heading_row, table.groups[2:]) == (4, ["位置", "位置", "责任单位", "责任单位"])
    assert [(row.number, row.cells[0], row.cells[4]) for row in table.rows] == [
        (6, "P1", "区卫健委"), (7, "P2", "区卫健委"), (10, "P3", "区教育局")]
    assert next(iter(table.sample(3))).number == 6 and list(table.rows)[2].cells[5] == "=A1&A2"
    assert [(row, why) for row, why, _ in table.aside] == [
        (1, "title"), (2, "title"), (5, "section"), (8, "subtotal"), (9, "repeated_headings"), (11, "empty"),
        (12, "footnote"), (13, "footnote")]
    assert [code for code, _ in table.notes] == ["hidden_rows", "hidden_columns", "merged_down", "formulas"]


@pytest.mark.parametrize(("lines", "wanted"), [
    ([["点位信息", "", "", "位置", ""], ["点位编号", "点位名称", "说明", "经度", "纬度"], ["1", "2", "3", "4", "5"]],
     (1, 2, ["点位编号", "点位名称", "说明", "经度", "纬度"])),
    ([["编号", "责任", "", "状态", "责任人"], ["", "建设", "设计", "", ""], ["1", "a", "b", "c", "d"]],
     (1, 2, ["编号", "建设", "设计", "状态", "责任人"])),
    ([["a_x", "b_x", "c_x"], ["点位编号", "点位名称", "经度"], ["1", "2", "3"]],
     (2, 2, ["点位编号", "点位名称", "经度"])),
    ([["code", "name", "lon"], ["点位编号", "点位名称", "经度"], ["1", "2", "3"]], (1, 2, ["code", "name", "lon"])),
    ([["什么表"], ["甲", "乙", "丙"], ["1", "2", "3"]], (2, 2, ["甲", "乙", "丙"])),
])
def test_headings_are_found_under_titles_over_two_rows_and_beside_keys(lines, wanted):
    found = headings.find(list(enumerate(lines, start=1)), [], lambda text: naming.is_heading("points", text))
    assert (found.first, found.last, found.names) == wanted


@pytest.mark.parametrize(("encoding", "delimiter"), [
    ("utf-8", ","), ("utf-8-sig", ";"), ("gb18030", ","), ("utf-16-le", "\t"), ("utf-16", "\t"), ("gb18030", "|")])
def test_text_is_read_in_the_encodings_and_separators_of_offices(read, encoding, delimiter):
    body = (HEADS + 'P1,"苏果\n超市",118.7,32.0\nP2,𠮷野家,118.8,32.1\n合计,2,,\n').replace(",", delimiter)
    table = read("表.xlsx", body.encode(encoding))
    assert [list(row.cells) for row in table.rows] == [["P1", "苏果\n超市", "118.7", "32.0"],
                                                      ["P2", "𠮷野家", "118.8", "32.1"]]
    assert table.aside[0][:2] == (4, "total")


def test_pages_and_packs_give_the_table_inside(read):
    page = ("<html><table><tr><th colspan=2>表</th></tr><tr><th>点位编号</th><th>点位名称</th></tr>"
            "<tr><td>P1<td>医院&amp;诊所</table></html>").encode("gbk")
    assert [list(row.cells) for row in read("页.xls", page).rows] == [["P1", "医院&诊所"]]
    assert read("包.zip", packed({"夹/表.csv": HEADS + "P1,a,1,2\n", "__MACOSX/x": ""})).count == 1


KML = """<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><name>医院</name><Placemark><name>甲</name>
<ExtendedData><Data name="点位编号"><value>P1</value></Data>
<SchemaData><SimpleData name="等级">三</SimpleData></SchemaData></ExtendedData>
<Point><coordinates>118.7,32.0,5</coordinates></Point></Placemark></Folder><Folder><name>片区</name>
<Placemark><MultiGeometry><Polygon><outerBoundaryIs><LinearRing><coordinates>0,0 1,0 1,1 0,0</coordinates></LinearRing>
</outerBoundaryIs></Polygon></MultiGeometry></Placemark></Folder></Document></kml>"""


def test_kml_kmz_and_gpx_are_read_with_their_words_and_shapes(read):
    whole, areas = read("a.kml", KML.encode()), read("a.kmz", packed({"doc.kml": KML}), "片区")
    assert whole.headings == ["name", "点位编号", "等级", "folder", "geometry"]
    first = next(iter(whole.rows)).cells
    assert (list(first[:4]), first[4]) == (["甲", "P1", "三", "医院"], {"type": "Point", "coordinates": [118.7, 32.0]})
    assert (areas.count, next(iter(areas.rows)).cells[-1]["type"]) == (1, "Polygon")
    gpx = (b"<gpx><wpt lat='32' lon='118'><name>a</name></wpt><trk><name>t</name><trkseg><trkpt lat='32' lon='118'/>"
           b"<trkpt lat='33' lon='118'/></trkseg></trk></gpx>")
    assert next(iter(read("a.gpx", gpx).rows)).cells[-1]["coordinates"] == [118.0, 32.0]
    track = read("a.gpx", gpx, shapes=("LineString",))
    assert (track.sheets, track.sheet, track.count) == (["waypoints", "tracks"], "tracks", 1)


def test_openstreetmap_gives_points_roads_and_buildings(read):
    osm = (b"<osm version='0.6'><node id='1' lat='32' lon='118'><tag k='amenity' v='hospital'/></node><node id='2'"
           b" lat='32.1' lon='118'/><way id='3'><nd ref='1'/><nd ref='2'/><tag k='highway' v='primary'/></way></osm>")
    points, roads = read("a.osm.gz", gzip.compress(osm)), read("a.osm", osm, shapes=("LineString",))
    assert dict(zip(points.headings, next(iter(points.rows)).cells, strict=True))["code"] == "n1"
    assert (roads.sheet, next(iter(roads.rows)).cells[-1]["coordinates"]) == ("roads", [[118.0, 32.0], [118.0, 32.1]])


def test_a_geopackage_gives_its_tables_and_no_view(read, tmp_path):
    with sqlite3.connect(tmp_path / "made") as file:
        file.executescript("""CREATE TABLE gpkg_contents (table_name, data_type); CREATE TABLE "a""b" (fid INTEGER
            PRIMARY KEY, name); INSERT INTO "a""b" VALUES (1, '甲'), (2, '乙'); CREATE VIEW v AS WITH RECURSIVE r (i) AS
            (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT i FROM r; INSERT INTO gpkg_contents VALUES
            ('v', 'attributes'), ('a"b', 'attributes'), ('other.t', 'features')""")
    file.close()
    table = read("a.gpkg", (tmp_path / "made").read_bytes())
    assert (table.sheets, [row.cells[0] for row in table.rows]) == (['a"b'], ["甲", "乙"])


@pytest.mark.parametrize(("middle", "east", "code"), [
    (120, 500_000, 4549), (120, 40_500_000, 4528), (117, 500_000, 4548)])
def test_the_zones_of_cgcs2000_are_known_with_and_without_prefix(middle, east, code):
    said = (f'PROJCS["CGCS2000_3_Degree_GK",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",'
            f'SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],'
            f'PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",{east}.0],PARAMETER["False_Northing",0.0],'
            f'PARAMETER["Central_Meridian",{middle}.0],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],'
            'UNIT["Meter",1.0]]')
    assert shapes.system(said) == f"EPSG:{code}"


def test_a_format_is_what_the_bytes_say():
    assert gate.format_of_head("a.csv", b"\xef\xbb\xbf {\"type\"") == "geojson"
    assert gate.format_of_head("a.csv", b"<?xml version='1.0'?><!-- x --><kml xmlns='y'>") == "kml"
