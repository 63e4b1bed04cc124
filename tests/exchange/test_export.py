"""What leaves the house: it comes back in unchanged, no cell becomes a formula, and the ledger knows of it."""

import csv
import io
import json
import zipfile

import pytest
import python_calamine
from sqlalchemy import select

from civmap.exchange import cells, export, leaving
from civmap.issues import actions as issues
from civmap.people.rules import OFFICE
from civmap.points import actions as points
from civmap.store.database import reading, writing
from civmap.store.ledger import Entry

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "＝1+1", "＋1", "－1",
            "＠a", "  =1", "\u3000=1", "\u00a0@a"]


def _rename(engine, now, name):
    with writing(engine) as session:
        points.save(session, OFFICE, {"code": "P001", "name": name}, now)


def _report(engine, now):
    with writing(engine) as session:
        issues.report(session, OFFICE, {"class": "E0102", "description": "=HYPERLINK(1)", "point": "P001",
                                        "lon": 115.862, "lat": 28.685}, now)


@pytest.mark.parametrize("ending", ["xlsx", "csv", "geojson"])
@pytest.mark.parametrize("kind", ["points", "units", "zones", "segments", "issues"])
@pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=pytest.mark.spatialite)])
def test_what_goes_out_comes_back_in_unchanged(civmap, engine, now, tmp_path, kind, ending, lang):
    _rename(engine, now, "=人民医院")
    _report(engine, now)
    file = tmp_path / f"out.{ending}"
    count = civmap.json("export", kind, "--out", file, CIVMAP_LANG=lang)["count"]
    back = civmap.json("import", kind, file, "--yes", CIVMAP_LANG=lang)
    assert back["problems"] == []
    assert (back["rows"], back["unchanged"], count > 0) == (count, count, True)


@pytest.mark.spatialite
@pytest.mark.parametrize("crs", ["gcj02", "bd09", "EPSG:4548"])
def test_points_in_another_coordinate_system_come_back_in_unchanged(civmap, engine, now, tmp_path, crs):
    with writing(engine) as session:
        for code, spot in (("P002", [115.850012351, 28.685065149]), ("P003", [115.866049951, 28.687000049])):
            points.save(session, OFFICE, {"code": code, "geometry": {"type": "Point", "coordinates": spot}}, now)
    file = tmp_path / "out.geojson"
    civmap.json("export", "points", "--out", file, "--crs", crs)
    spots = [feature["geometry"]["coordinates"] for feature in json.loads(file.read_text("utf-8"))["features"]]
    assert abs(spots[0][0] - 115.862) > 1e-3
    assert civmap.json("import", "points", file)["unchanged"] == 3
    table = tmp_path / "out.csv"
    civmap.json("export", "points", "--out", table, "--crs", crs)
    assert civmap.json("import", "points", table)["unchanged"] == 3


@pytest.mark.spatialite
@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_csv_is_taken_for_a_formula_and_none_is_lost(engine, now, civmap, tmp_path, text):
    assert cells.looks_like_formula(text)
    assert cells.guarded_text(export.safe_text(text)).strip() == text.strip()
    _rename(engine, now, text)
    file = tmp_path / "out.csv"
    civmap.json("export", "points", "--out", file, "--where", "type=医院")
    body = file.read_bytes()
    assert body.startswith(b"\xef\xbb\xbf")
    row = next(iter(csv.DictReader(io.StringIO(body.decode("utf-8-sig")))))
    assert row["点位名称"].startswith("'")


@pytest.mark.spatialite
def test_no_text_of_a_workbook_is_a_formula(engine, now, civmap, tmp_path):
    _rename(engine, now, '=HYPERLINK("http://x","y")')
    civmap.json("export", "points", "--out", tmp_path / "out.xlsx")
    with zipfile.ZipFile(tmp_path / "out.xlsx") as pack:
        sheet = pack.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    rows = python_calamine.load_workbook(tmp_path / "out.xlsx").get_sheet_by_index(0).to_python()
    assert rows[0][:4] == ["点位编号", "点位名称", "类型", "类型代码"]
    assert rows[1][:4] == ["P001", '=HYPERLINK("http://x","y")', "医院", "PT10"]


def test_an_export_is_narrowed_by_field_box_and_status_and_carries_the_burden(civmap, engine, now, tmp_path):
    _report(engine, now)
    file = tmp_path / "out.geojson"
    assert civmap.json("export", "points", "--out", file, "--where", "type=农贸市场")["count"] == 1
    assert civmap.json("export", "points", "--out", file, "--bbox", "115.861,28.68,115.863,28.69")["count"] == 1
    assert civmap.json("export", "points", "--out", file, "--where", "status=open")["count"] == 1
    feature = json.loads(file.read_text("utf-8"))["features"][0]
    assert (feature["properties"]["code"], feature["properties"]["open_issues"]) == ("P001", 1)
    assert feature["geometry"] == {"type": "Point", "coordinates": [115.862, 28.685]}


def test_every_export_is_in_the_ledger(civmap, engine, tmp_path):
    civmap.json("export", "units", "--out", tmp_path / "u.csv", "--where", "kind=shop")
    with reading(engine) as session:
        entry = session.scalar(select(Entry).order_by(Entry.id.desc()).limit(1))
    assert (entry.verb, entry.kind, entry.after) == ("export", "units", {"count": 1, "filters": {"kind": "shop"}})


@pytest.mark.spatialite
def test_formats_that_cannot_hold_it_and_filters_nobody_knows_are_refused(civmap, tmp_path):
    assert "GPX" in civmap.refused("export", "zones", "--out", tmp_path / "a.gpx")
    assert "WGS 84" in civmap.refused("export", "points", "--out", tmp_path / "a.kml", "--crs", "gcj02")
    assert "xlsx" in civmap.refused("export", "points", "--out", tmp_path / "a.doc")
    assert "colour" in civmap.refused("export", "points", "--out", tmp_path / "a.csv", "--where", "colour=red")
    assert "文件夹" in civmap.refused("export", "points", "--out", tmp_path / "no" / "a.csv")
    assert "cats" in civmap.refused("export", "cats", "--out", tmp_path / "a.csv")
    assert list(tmp_path.glob("*.csv")) == []


def test_a_handler_exports_only_what_they_see_with_masked_phones(session, cast, now):
    from civmap.exchange import gather

    found = gather.features(session, cast["doctor"], "points", now, "zh")
    assert [feature["properties"]["code"] for feature in found] == ["P001"]
    body = export.to_bytes("units", gather.features(session, cast["doctor"], "units", now, "zh"), "csv").decode()
    assert "138****0000" in body
    assert "13800000000" not in body


def test_no_two_columns_of_a_table_have_one_heading():
    assert set(export.layout.LAYOUTS) == set(leaving.KINDS)
    for kind in export.layout.LAYOUTS:
        for lang in ("zh", "en"):
            names = export.layout.headings(kind, lang)
            assert len(set(names)) == len(names) == len(export.layout.columns_of(kind)), (kind, lang)


def test_the_command_line_knows_every_filter_of_the_lists(civmap, engine, now, tmp_path):
    _report(engine, now)
    for number, (kind, where, count) in enumerate((
            ("points", ("chief=李三",), 1), ("points", ("street=河东路", "type=PT10", "type=PT07"), 1),
            ("points", ("within=115.860,28.683;115.868,28.683;115.868,28.689;115.860,28.689",), 2),
            ("points", ("on=2026-01-04",), 0), ("issues", ("grid=360199006", "state=open", "from=2026-05-20"), 1),
            ("issues", ("to=2026-05-19",), 0), ("zones", ("issue_class=E0102", "status=open"), 1))):
        said = [part for word in where for part in ("--where", word)]
        assert civmap.json("export", kind, "--out", tmp_path / f"{number}.csv", *said)["count"] == count, where
    assert "NOPE" in civmap.refused("export", "points", "--out", tmp_path / "a.csv", "--where", "grid=NOPE")
    assert "soon" in civmap.refused("export", "points", "--out", tmp_path / "a.csv", "--where", "on=soon")
    with reading(engine) as session:
        entry = session.scalar(select(Entry).where(Entry.verb == "export").order_by(Entry.id.desc()))
        assert entry.after["filters"] == {"issue_class": "E0102", "status": "open"}
