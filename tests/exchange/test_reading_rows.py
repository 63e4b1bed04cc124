"""Cells become values: days in every spelling, several things in one cell, words of offices, columns that fit."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from civmap import clock
from civmap.errors import Invalid
from civmap.exchange import day_hints, days, gate, kinds, mapping, naming, parting, reading, sheets, wording
from civmap.exchange.content import Known
from civmap.exchange.days import Hints, Relative

pytestmark = pytest.mark.spatialite
LEDGERS = Path(__file__).resolve().parents[3] / "shared" / "data" / "ledgers"
NOW = datetime(2026, 5, 20, tzinfo=UTC)
JULY = date(2024, 7, 14)
IN_2024 = Hints(2024, 8, NOW)


@dataclass
class _Row:
    cells: list
    number: int = 0


@dataclass
class _Table:
    headings: list
    lines: list
    titles: list = field(default_factory=list)

    def sample(self, count=60):
        return [_Row(line) for line in self.lines[:count]]


WRITTEN = """2024年7月14日|7月14日|20240714|2024.07.14|2024/7/14|24-7-14|7.14|7/14|二〇二四年七月十四日|七月十四日
2024-07-14 09:30|2024年7月14日上午9时30分|45487|２０２４年７月１４日|7月14日（周日）|7月14日前|14 Jul 2024|7/14/2024
7月14日-7月16日|7月14日至16日"""
DAYS = [cell for line in WRITTEN.splitlines() for cell in line.split("|")]
AS_NUMBERS = [20240714, 7.14, 45487, 45487.5, date(2024, 7, 14), datetime(2024, 7, 14, 9, 30)]
LIMITS = """3日内 3 calendar_day|限3天 3 calendar_day|三日内 3 calendar_day|当日 0 calendar_day|立即 0 calendar_day
1个工作日 1 work_day|24小时 24 hour|一周内 7 calendar_day|8月14日|长期"""
ISSUES = """1.门前垃圾；/2.车乱停； → 门前垃圾 + 车乱停
①垃圾②盲道被占 → 垃圾 + 盲道被占
(1)甲处；（2）乙处 → 甲处 + 乙处
经检查发现：1.甲。2.乙。 → 甲 + 乙
一是垃圾多；二是车乱停 → 垃圾多 + 车乱停
1、甲 2、乙 → 甲 + 乙
一、环境差。/1.垃圾；/2.烟头。/二、秩序差。/1.乱停 → 环境差：垃圾 + 环境差：烟头 + 秩序差：乱停
1. 甲；2. 乙；4. 丁 → 甲 + 乙 + 丁
楼道堆物/消防通道堵塞 → 楼道堆物 + 消防通道堵塞
1.只有一个 → 只有一个
1、3号楼堆物；2、5号楼垃圾 → 3号楼堆物 + 5号楼垃圾
门前1.5米处垃圾，2.3米处破损 → 门前1.5米处垃圾，2.3米处破损
1、2、3号楼垃圾 → 1、2、3号楼垃圾
一、二楼楼道堆物 → 一、二楼楼道堆物
长文换行，/仍是一句 → 长文换行，仍是一句
公益广告破损、褪色；有污渍 → 公益广告破损、褪色；有污渍"""
UNITS = """区城管局、新街口街道 → 区城管局 + 新街口街道
牵头：甲局 配合：乙街道、丙局 → 甲局 + 乙街道 + 丙局
甲局（配合）、乙局（牵头） → 乙局 + 甲局
城管局、住建局联合队 → 城管局、住建局联合队
城管局、住建局联合队、丙街道 → 城管局、住建局联合队 + 丙街道
甲局（含乙、丙） → 甲局（含乙、丙）"""


@pytest.mark.parametrize("cell", [*DAYS, *AS_NUMBERS])
def test_a_day_is_read_however_it_is_written(cell):
    assert days.read(cell, IN_2024).on == JULY


def test_hours_spans_and_months_are_told():
    assert days.read("2024年7月14日下午3点半").at.hour == 15
    span, month = days.read("2024.7.14—7.16"), days.read("2024年2月")
    assert (span.note, span.until) == (days.SPAN, date(2024, 7, 16))
    assert (month.note, month.on, month.until) == (days.MONTH_ONLY, date(2024, 2, 1), date(2024, 2, 29))


@pytest.mark.parametrize(("cell", "hints", "code"), [
    ("8月14日", Hints(now=NOW), "day_without_year"), (7.1, IN_2024, "day_doubtful"),
    ("7/4/2024", IN_2024, "day_doubtful"), ("2024年13月1日", IN_2024, "day_unreadable"),
    ("2月30日", IN_2024, "day_unreadable"), ("近期", IN_2024, "day_unreadable"), (True, IN_2024, "day_unreadable"),
    ("1.5米", IN_2024, "day_unreadable")])
def test_a_doubtful_day_is_refused(cell, hints, code):
    with pytest.raises(Invalid) as refused:
        days.read(cell, hints)
    assert refused.value.code == code


def test_the_year_of_a_day_comes_from_its_neighbours_its_title_or_the_report_of_its_row():
    winter = day_hints.with_neighbours(day_hints.of_titles(["督查通报"]), ["2023年12月5日", "2023-12-30", "1月3日"])
    assert days.read("1月3日", winter).on == date(2024, 1, 3)
    assert days.read("12月28日", day_hints.of_titles(["填报时间：2024年1月"])).on == date(2023, 12, 28)
    assert days.read("1月3日", IN_2024, after=date(2024, 12, 30)).on == date(2025, 1, 3)


@pytest.mark.parametrize("row", [row for line in LIMITS.splitlines() for row in line.split("|")])
def test_a_limit_is_told_from_a_day(row):
    text, *wanted = row.split()
    assert days.limit(text) == (Relative(float(wanted[0]), wanted[1]) if wanted else None)


@pytest.mark.parametrize("row", ISSUES.splitlines())
def test_issues_are_parted_and_prose_is_not(row):
    text, _, wanted = row.partition(" → ")
    assert parting.issues(text.replace("/", "\n")) == wanted.split(" + ")


@pytest.mark.parametrize("row", UNITS.splitlines())
def test_the_first_of_several_units_is_the_main_one(row):
    text, _, wanted = row.partition(" → ")
    main, assisting = parting.units(text, {"城管局、住建局联合队"}.__contains__)
    assert [main, *assisting] == wanted.split(" + ")


def test_words_of_offices_are_understood_and_doubtful_ones_refused():
    said = {"√": "resolved", "整改完成": "resolved", "现场整改": "closed", "已整改销号": "closed",
            "未整改": "in_progress", "限期整改": "in_progress", "已整改（7月5日）": "resolved"}
    assert {word: wording.state(word) for word in said} == said
    assert [wording.system(word) for word in ("高德经度", "百度", "CGCS2000 3度带", "EPSG:4549", "GPS", "经度")] == [
        "gcj02", "bd09", "cgcs2000", "EPSG:4549", "wgs84", None]
    assert wording.point_type("科教文化服务;学校;小学").code == "PT22"
    for read, text in ((wording.point_type, "学校/医院"), (wording.class_of, "情况说明"), (wording.state, "甲")):
        with pytest.raises(Invalid):
            read(text)
    assert wording.class_of("非机动车乱停放") == "E0505"
    assert wording.class_of("机动车乱停放") == "E0504"


def test_columns_are_found_by_dressed_names_by_content_and_in_pairs():
    kind = kinds.kind("points")
    lines = [[f"甲{n}学校", "学校", 117.2 + n / 997, 28.2 + n / 997, f"1380000{n:04d}", f"DM-{n:03d}"]
             for n in range(8)]
    plain = mapping.columns(kind, _Table(list("甲乙丙丁戊己"), lines), known=Known((117, 28, 118, 29)))
    assert plain.columns == {"name": 0, "type": 1, "lon": 2, "lat": 3, "code": 5}
    assert set(plain.by.values()) == {"content"}
    dressed = ["（一）点位名称 Name", "类型（必填）", "百度经度", "百度纬度", "高德经度", "高德纬度",
               "被督查点位所属街道", "备注", "备注"]
    found = mapping.columns(kind, _Table(dressed, []))
    assert found.columns == {"name": 0, "type": 1, "lon": 4, "lat": 5, "street": 6}
    assert [(part.field, part.headings) for part in found.left] == [("note", ("备注", "备注"))]
    chosen = mapping.columns(kind, _Table(dressed, []), {"lon": "百度经度", "lat": "百度纬度", "street": None})
    assert (chosen.columns["lon"], chosen.by["lon"], "street" in chosen.columns) == (2, "person", False)
    assert mapping.layout_hash(["经度 ", "纬度*", ""]) == mapping.layout_hash(["经度", "纬度"])


@pytest.mark.skipif(not LEDGERS.exists(), reason="the shared ledgers are not on this machine")
def test_the_ledger_of_nanjing_is_read_as_its_truth_says():
    table = sheets.read(gate.open_file(LEDGERS / "点位问题台账_南京_仿真.xlsx"), None,
                        lambda heading: naming.is_heading("issues", heading))
    truth = {row["row"]: row for row in json.loads((LEDGERS / "点位问题台账_南京_仿真.truth.json").read_text())["rows"]}
    assert mapping.guess_kind(table)[0][0] == "issues"
    columns = mapping.columns(kinds.kind("issues"), table)
    assert not columns.left
    assert not columns.missing
    units = frozenset(row["unit"] for row in truth.values())
    reader = reading.Reader.of_table(kinds.kind("issues"), columns.columns, table, NOW, Known(None, units))
    keys = []
    for row in table.rows:
        found = reader.parts(row.cells)
        wanted = truth[row.number]
        if wanted["name"] == "秦淮区教师进修学校":  # where the file differs from its truth on purpose: a formula
            continue
        assert [part.values["description"] for part in found] == wanted["issues"]
        for part in found:
            assert not part.errors
            assert part.values["unit"] == wanted["unit"]
            on = [clock.office_day(part.values[name]).isoformat() for name in ("reported_at", "due_at")]
            assert on == [wanted["found"], wanted["due"]]
            keys.append(part.values["key"])
    table.close()
    assert len(keys) == len(set(keys)) == 195
    assert reader.notes["class_by_words"] == 195
