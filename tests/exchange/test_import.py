"""Tables come in: every doubtful row is explained, nothing is saved before it is confirmed, twice is once."""

import csv
import json
from datetime import date

import pytest
import python_calamine
import xlsxwriter
from sqlalchemy import func, select

from civmap.issues.models import Issue
from civmap.points.models import InspectionPoint
from civmap.segments.models import RoadSegment
from civmap.store.database import reading
from civmap.store.ledger import Entry
from civmap.units.models import Unit
from civmap.zones.models import Zone

HEADINGS = ("点位编号", "点位名称", "点位类型", "经度", "纬度", "责任单位", "是否申报", "启用日期")


def _workbook(path, rows, headings=HEADINGS):
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("点位")
        for number, row in enumerate((headings, *rows)):
            sheet.write_row(number, 0, row)
    return path


def _csv(path, headings, *rows, encoding="utf-8"):
    with path.open("w", encoding=encoding, newline="") as out:
        csv.writer(out).writerows((headings, *rows))
    return path


def _two_hundred_points():
    rows = [[f"D{number:03d}", f"第{number}小学", "中小学校", 115.85 + number * 0.0001, 28.68, "人民医院", "是",
             "2026年5月1日"]
            for number in range(1, 201)]
    for number in (10, 20, 30, 40, 50, 60):
        rows[number][3] = rows[number][4] = ""
    for number in (70, 80, 90):
        rows[number][3], rows[number][4] = rows[number][4], rows[number][3]
    rows[100][0] = rows[99][0]
    rows[110][0] = rows[109][0]
    rows[120][2] = "农贸市厂"
    return rows


def _count(engine, model):
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(model))


def test_a_table_of_200_points_lists_its_12_bad_rows_and_saves_the_188_good_ones_once(civmap, engine, tmp_path):
    file = _workbook(tmp_path / "点位.xlsx", _two_hundred_points())
    before = _count(engine, InspectionPoint)

    looked = civmap.json("import", "points", file)
    assert (looked["rows"], looked["ok"], looked["created"]) == (200, 188, 188)
    assert [problem["row"] for problem in looked["problems"]] == [12, 22, 32, 42, 52, 62, 72, 82, 92, 102, 112, 122]
    by_code = {}
    for problem in looked["problems"]:
        by_code.setdefault(problem["code"], []).append(problem)
    assert {code: len(found) for code, found in by_code.items()} == {
        "coordinates_missing": 6, "coordinates_swapped": 3, "duplicate_in_file": 2, "unknown_point_type": 1}
    assert by_code["coordinates_swapped"][0]["suggestion"] == "115.857100, 28.680000"
    assert by_code["unknown_point_type"][0]["suggestion"] == "农贸市场(集贸市场)"
    assert by_code["unknown_point_type"][0]["column"] == "点位类型"
    assert _count(engine, InspectionPoint) == before

    saved = civmap.json("import", "points", file, "--yes")
    assert (saved["created"], saved["updated"], saved["unchanged"]) == (188, 0, 0)
    assert _count(engine, InspectionPoint) == before + 188
    lines = _count(engine, Entry)
    again = civmap.json("import", "points", file, "--yes")
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 188)
    assert _count(engine, Entry) == lines

    taken = civmap.json("import", "points", file, "--yes", "--accept", "coordinates_swapped")
    assert (taken["ok"], taken["created"], taken["unchanged"], len(taken["repaired"])) == (191, 3, 188, 3)
    undone = civmap.json("import-undo", saved["import"])
    assert (undone["counts"]["deleted"], undone["stays"]) == (188, [])
    assert _count(engine, InspectionPoint) == before + 3
    assert [each["state"] for each in civmap.json("imports")["imports"]] == ["saved", "saved", "undone"]


@pytest.mark.spatialite
def test_an_undone_import_names_what_others_changed_since(civmap, tmp_path):
    runs = [civmap.json("import", "points", _csv(tmp_path / "点.csv", ("编号", "名称", "类型", "经度", "纬度"), (
        "K1", name, "PT08", "115.86", "28.69")), "--yes")["import"] for name in ("示范公园", "示范公园东门")]
    assert "K1" in civmap.run("import-undo", runs[0]).stdout
    assert civmap.json("import-undo", runs[1])["counts"]["restored"] == 1


def test_the_returned_workbook_has_the_problems_beside_the_rows(civmap, tmp_path):
    file = _workbook(tmp_path / "点位.xlsx", _two_hundred_points())
    civmap.json("import", "points", file, "--report", tmp_path / "back.xlsx")
    book = python_calamine.load_workbook(tmp_path / "back.xlsx")
    rows = book.get_sheet_by_name("数据").to_python()
    assert rows[0][:4] == ["校验·原表行号", "校验·问题", "校验·建议", "点位编号"]
    assert len(rows) == 201
    assert rows[11][0] == 12
    assert "坐标" in rows[11][1]
    assert sum(bool(row[1]) for row in rows[1:]) == 12
    assert len(book.get_sheet_by_name("问题清单").to_python()) == 13
    assert book.get_sheet_by_name("质量报告").to_python()[1][:2] == ["数据行数", 200]
    again = civmap.json("import", "points", tmp_path / "back.xlsx")
    assert (again["rows"], again["ok"], again["created"]) == (200, 188, 188)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_of_units_is_understood_in_the_encodings_offices_use(civmap, engine, tmp_path, encoding):
    file = _csv(tmp_path / "单位.csv", ("编号", "单位名称", "经度", "纬度", "职责类别", "上级单位", "联系电话"),
                ("N2", "河西作业队", "１１５.８５", "28.68", "环卫、园林", "N1", "0791-8888"),
                ("N1", "河西环卫中心", "115.86", "28.69", "环卫", "", ""), encoding=encoding)
    assert civmap.json("import", "units", file, "--yes")["created"] == 2
    with reading(engine) as session:
        team = session.scalar(select(Unit).where(Unit.code == "N2"))
        above = session.scalar(select(Unit).where(Unit.code == "N1"))
    assert (team.name, team.categories, team.parent_id) == ("河西作业队", ["环卫", "园林"], above.id)
    assert (team.seat.x, team.seat.y) == (115.85, 28.68)


def test_the_heading_row_is_found_below_title_rows_and_columns_may_be_pointed_out(civmap, tmp_path):
    file = _csv(tmp_path / "a.csv", ("2026年点位汇总表", "", "", "", ""), (), ("编号", "叫什么", "类型", "lng", "lat"),
                ("K1", "示范公园", "PT08", "115.86", "28.69"))
    assert "name" in civmap.refused("import", "points", file)
    done = civmap.json("import", "points", file, "--column", "name=叫什么")
    assert (done["ok"], done["problems"]) == (1, [])


def test_shifted_coordinates_are_refused_with_the_system_that_fits_and_taken_with_it(civmap, engine, tmp_path):
    file = _csv(tmp_path / "a.csv", ("code", "name", "type", "lon", "lat"),
                ("K1", "示范公园", "park", "388285.20", "3174670.08"), ("K2", "公园二", "park", "1158570", "286830"))
    found = civmap.json("import", "points", file)["problems"]
    assert [(one["code"], one["suggestion"]) for one in found] == [
        ("coordinates_other_system", "--crs EPSG:4548"), ("coordinates_decimal_point", "115.857000, 28.683000")]
    assert civmap.json("import", "points", file, "--crs", "EPSG:4548", "--yes")["created"] == 1
    with reading(engine) as session:
        spot = session.scalar(select(InspectionPoint.geom).where(InspectionPoint.code == "K1"))
    assert (round(spot.x, 6), round(spot.y, 6)) == (115.857, 28.683)


def test_zones_and_segments_come_in_as_wkt_and_as_geojson(civmap, engine, tmp_path):
    ring = "POLYGON ((115.86 28.69, 115.861 28.69, 115.861 28.691, 115.86 28.691, 115.86 28.69))"
    zones = _csv(tmp_path / "z.csv", ("网格编号", "种类", "几何", "责任单位", "签订日期"),
                 ("360199006001001", "网格", ring, "CG", "2026.3.1"))
    assert civmap.json("import", "zones", zones, "--yes")["created"] == 1
    collection = {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"code": "LD9", "name": "新路", "class": "支路", "chief3": "李四"},
         "geometry": {"type": "LineString", "coordinates": [[115.86, 28.68], [115.861, 28.68]]}},
        {"type": "Feature", "properties": {"code": "LD8", "name": "无线路"}, "geometry": None}]}
    lines = tmp_path / "s.geojson"
    lines.write_text(json.dumps(collection), encoding="utf-8")
    done = civmap.json("import", "segments", lines, "--yes")
    assert (done["created"], [problem["row"] for problem in done["problems"]]) == (1, [2])
    with reading(engine) as session:
        zone = session.scalar(select(Zone).where(Zone.code == "360199006001001"))
        segment = session.scalar(select(RoadSegment).where(RoadSegment.code == "LD9"))
        assert (zone.kind, zone.pledge_signed_on) == ("grid", date(2026, 3, 1))
        assert (segment.road_class, [chief.name for chief in segment.chiefs]) == ("branch", ["李四"])


@pytest.mark.parametrize("geometry", [
    {"type": "Polygon", "coordinates": [[[115.86, 28.69], [115.861, 28.69], [115.86, 28.691], [115.86, 28.69]]]},
    {"type": "Point", "coordinates": []}, {"type": "Point", "coordinates": [115.86]}, {"type": "Point"}, {},
    {"type": "Point", "coordinates": [[115.86, 28.69]]}, {"type": "LineString", "coordinates": [115.86, 28.69]},
    {"type": "Circus", "coordinates": [115.86, 28.69]}, {"coordinates": [115.86, 28.69]}, [1], "here"])
@pytest.mark.parametrize("kind", ["points", "segments", "zones"])
@pytest.mark.parametrize("crs", ["auto", "gcj02"])
def test_a_geometry_that_does_not_fit_is_a_problem_of_its_row(civmap, tmp_path, kind, geometry, crs):
    properties = {"code": "X1", "name": "x", "type": "PT08", "kind": "frontage"}
    if kind == "zones" and isinstance(geometry, dict) and geometry.get("type") == "Polygon":
        geometry = {"type": "Polygon", "coordinates": geometry["coordinates"][0]}
    file = tmp_path / "x.geojson"
    file.write_text(json.dumps({"type": "Feature", "properties": properties, "geometry": geometry}), "utf-8")
    done = civmap.json("import", kind, file, "--crs", crs)
    assert (done["ok"], [problem["row"] for problem in done["problems"]]) == (0, [1])


def test_a_segment_without_line_on_a_road_that_the_map_does_not_have_says_so(civmap, tmp_path):
    file = _csv(tmp_path / "s.csv", ("路段编号", "路段名称", "道路", "起点", "止点"),
                ("LD7", "河东路一段", "河东路", "桥头", "东环路"))
    assert civmap.json("import", "segments", file)["problems"][0]["code"] == "match_no_road"


def test_issues_come_in_with_their_state_and_stay_unchanged_the_second_time(civmap, engine, tmp_path):
    headings = ("问题编号", "小类", "问题描述", "点位", "责任单位", "状态", "上报时间", "交办时间", "整改时限",
                "销号时间")
    file = _csv(tmp_path / "i.csv", headings,
                ("WT1", "暴露垃圾", "门口有垃圾", "人民医院", "YY", "已销号", "2026-05-01 09:00", "2026-05-01 10:00",
                 "2026-05-02 10:00", "2026/5/2 8:30"),
                ("WT2", "E9999", "不知道", "P001", "", "", "", "", "", ""))
    done = civmap.json("import", "issues", file, "--yes")
    assert (done["created"], done["problems"][0]["code"]) == (1, "unknown_issue_class")
    assert civmap.json("import", "issues", file, "--yes")["unchanged"] == 1
    with reading(engine) as session:
        issue = session.scalar(select(Issue).where(Issue.issue_no == "WT1"))
    assert (issue.state, issue.class_code, issue.closed_at.isoformat()) == (
        "closed", "E0102", "2026-05-02T00:30:00+00:00")


def test_people_get_one_time_passwords_only_when_they_are_saved(civmap, tmp_path):
    file = _csv(tmp_path / "p.csv", ("登录名", "姓名", "角色", "单位"), ("zhang", "张三", "责任单位联络员", "CG"))
    assert "passwords" not in civmap.json("import", "people", file)
    assert len(civmap.json("import", "people", file, "--yes")["passwords"]["zhang"]) == 19
    assert civmap.json("import", "people", file, "--yes")["unchanged"] == 1


def test_duties_come_in_by_class_or_category(civmap, tmp_path):
    file = _csv(tmp_path / "d.csv", ("小类", "权责", "区划代码", "责任单位"),
                ("", "环卫", "360199006", "HW-B"), ("", "", "", "CG"))
    done = civmap.json("import", "duties", file, "--yes")
    assert (done["created"], done["problems"][0]["row"]) == (1, 3)


def test_kinds_nobody_knows_and_files_that_are_missing_are_refused_in_words(civmap, tmp_path):
    assert "没有文件" in civmap.refused("import", "points", tmp_path / "x.csv")
    assert "points" in civmap.refused("import", "cats", tmp_path / "x.csv")


def test_stars_in_ordinary_words_are_words_and_only_a_masked_phone_is_passed_over(civmap, engine, tmp_path):
    file = _csv(tmp_path / "d.csv", ("单位编号", "单位名称", "地址", "联系电话"),
                ("S1", "四星****宾馆", "东湖****路", "138****5678"))
    assert civmap.json("import", "units", file, "--yes")["created"] == 1
    with reading(engine) as session:
        unit = session.scalar(select(Unit).where(Unit.code == "S1"))
        assert (unit.name, unit.phone) == ("四星****宾馆", None)


def test_what_no_column_tells_is_said_once_for_all_rows_and_shapes_without_codes_get_theirs(civmap, tmp_path):
    west, south = 115.860, 28.684
    cells = [{"type": "Feature", "properties": {"NAME": None}, "geometry": {"type": "Polygon", "coordinates": [[
        [west + x, south], [west + x + 0.001, south], [west + x + 0.001, south + 0.001], [west + x, south + 0.001],
        [west + x, south]]]}} for x in (0.0, 0.001)]
    file = tmp_path / "cells.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": cells}), "utf-8")
    assert "kind" in civmap.refused("import", "zones", file)
    first = civmap.json("import", "zones", file, "--column", "kind==grid", "--yes")
    assert (first["created"], first["problems"]) == (2, [])
    assert civmap.json("import", "zones", file, "--column", "kind==grid", "--yes")["unchanged"] == 2
