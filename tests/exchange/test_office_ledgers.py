"""An office's own ledger as it is: several issues in a cell, no numbers, limits in words; twice is once."""

import pytest
import xlsxwriter
from sqlalchemy import select

from civmap import clock
from civmap.issues.models import AssistingUnit, Issue
from civmap.points.models import InspectionPoint
from civmap.store.database import reading
from civmap.units.models import Unit

pytestmark = pytest.mark.spatialite
LEDGER = [
    ["督查问题交办清单（2026年第3期）"], ["督查组：第二组", None, "2026年3月"],
    ["序号", "督查点位", "经纬度", "存在的问题及不足", "牵头单位", "督查日期", "完成时限", "整改进展"],
    [1, "东门菜场", "115.8571,28.6831", "①垃圾未清理；②店外经营；③店外经营", "人民医院、环卫一所", "3月5日",
     "立行立改", "已完成"],
    [2, "东门小学", "115°51′26.64″E，28°40′59.88″N", "校门口机动车乱停", "人民医院", "3月6日", "3个工作日内", "×"],
    [3, "东门公园", "115.8575，28.6833", "未发现问题", "人民医院", "3.7", "限5天", ""],
    [4, "东门小区", "115.8577 28.6834", "情况说明", "人民医院", "3月8日", "3月20日", "已销号"]]
POINTS = [["点位名称", "点位类型", "坐标", "地址"], ["东门菜场", "菜市场", "115.8571,28.6831", "东门路1号"],
          ["东门小学", "学校", "115.8572,28.6832", "东门路3号"]]


def _workbook(path, rows):
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return path


def test_a_ledger_without_numbers_comes_in_issue_by_issue_and_changes_nothing_the_second_time(civmap, engine, tmp_path):
    file = _workbook(tmp_path / "台账.xlsx", LEDGER)
    saved = civmap.json("import", "auto", file, "--yes")
    assert (saved["kind"], saved["created"]) == ("issues", 4)
    assert [(problem["row"], problem["code"]) for problem in saved["problems"]] == [(7, "class_unclear")]
    with reading(engine) as session:
        found = session.scalars(select(Issue).where(Issue.issue_no.startswith("TZ")).order_by(Issue.id)).all()
        assert [(issue.class_code, issue.state) for issue in found] == [
            ("E0102", "resolved"), ("E0503", "resolved"), ("E0503", "resolved"), ("E0504", "in_progress")]
        assert [clock.office_day(issue.due_at).isoformat() for issue in found] == ["2026-03-05"] * 3 + ["2026-03-11"]
        assert found[0].address == "东门菜场"
        helping = session.scalars(select(Unit.name).join(AssistingUnit).where(AssistingUnit.issue_id == found[0].id))
        assert list(helping) == ["环卫一所"]
    again = civmap.json("import", "issues", file, "--yes")
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 4)


def test_points_without_codes_get_the_same_ones_every_time(civmap, engine, tmp_path):
    file = _workbook(tmp_path / "点位.xlsx", POINTS)
    assert civmap.json("import", "points", file, "--yes")["created"] == 2
    turned = _workbook(tmp_path / "again.xlsx", [POINTS[0], POINTS[2], POINTS[1]])
    again = civmap.json("import", "points", turned, "--yes")
    assert (again["created"], again["unchanged"]) == (0, 2)
    with reading(engine) as session:
        codes = session.scalars(select(InspectionPoint.code).where(InspectionPoint.name.startswith("东门"))).all()
        assert all(code.startswith("DW-") for code in codes)
