"""The office's papers read again by other programs: columns, rows, Chinese text, numbers, and what stays hidden."""

import csv
import io
import threading
from datetime import datetime, timedelta

import docx
import pypdf
import pytest
import python_calamine

from civmap.documents import actions, printing, queries, sheets
from civmap.documents.actions import Order
from civmap.documents.register import Wish
from civmap.documents.typesetting import setting
from civmap.errors import Forbidden, Invalid, NotAllowed, NotFound
from civmap.exchange.gather import Narrowing
from civmap.issues import actions as issues
from civmap.store import ledger
from civmap.store.database import writing
from tests.support import town as plan

REGISTER = [
    "序号", "编号", "日期", "督查组", "点位", "类型", "位置", "大类", "小类", "问题描述", "整改前照片", "责任单位",
    "责任人", "交办时间", "时限", "反馈时间", "整改措施", "整改后照片", "核查结果", "状态", "是否超期", "返工次数",
    "销号时间", "备注"]
FORMULA = "=HYPERLINK(\"http://x\")"


def _sheet(path):
    return python_calamine.load_workbook(path).get_sheet_by_index(0).to_python()


def _words(path):
    return "".join("".join(page.extract_text() for page in pypdf.PdfReader(path).pages).split())


@pytest.mark.parametrize(("text", "markup"), [
    ("（一）。", '（一<span class="hw">）</span>。'),
    ("《甲》、“乙”", '《甲<span class="hw">》</span><span class="hw">、</span>“乙”'),
    ("<b>&", "&lt;b&gt;&amp;"), ("甲\n乙", "甲<br>乙"), ("WT20260520-0001", "WT20260520-<wbr>0001"),
    ("2026-05-20", "2026-05-20"), ("甲\x00\ud800乙", "甲乙"),
])
def test_signs_that_meet_stand_closer_and_nothing_becomes_markup(text, markup):
    assert setting(text) == markup


def test_the_register_has_the_columns_of_the_office_and_real_dates_in_every_form(session, told, house, tmp_path, now):
    told(point="P001")
    told(description=FORMULA)
    for fmt in ("xlsx", "csv", "docx"):
        wish = Wish(Narrowing(), is_pictured=fmt == "docx")
        assert printing.write(session, "register", wish, fmt, tmp_path / f"r.{fmt}", house()) == 2
    head, first, second = _sheet(tmp_path / "r.xlsx")
    assert head == REGISTER
    assert first[:3] == [1, "WT20260520-0001", now.date()] and first[4:6] == ["人民医院", "医院"]
    assert first[13] == datetime(2026, 5, 20, 9) and first[14] == datetime(2026, 5, 20, 15)
    assert first[10].startswith("https://map.example.cn/api/v1/photos/") and first[11:13] == ["环卫一所", "张工"]
    assert first[19:22] == ["已派遣待签收", "否", 0] and second[9] == FORMULA
    rows = list(csv.reader(io.StringIO((tmp_path / "r.csv").read_text("utf-8-sig"))))
    assert rows[0] == REGISTER and rows[2][9] == "'" + FORMULA
    table = docx.Document(tmp_path / "r.docx").tables[0]
    written = [[cell.text for cell in row.cells] for row in table.rows]
    assert written[0] == REGISTER and [row[1] for row in written[1:]] == [row[1] for row in (first, second)]
    assert written[1][13] == "2026-05-20 09:00"
    late = Wish(Narrowing(status=("overdue",)))
    assert printing.write(session, "register", late, "csv", tmp_path / "late.csv", house()) == 0


def test_a_notice_keeps_its_words_and_can_be_printed_again_as_a_copy(session, told, house, cast, tmp_path, now):
    first, second = told(), told(description="窗台积尘")
    notice = actions.issue(session, cast["dispatcher"], Order(
        "dispatch_sheet", [first.issue_no, second.issue_no], words=(("signer", "王主任"),)), now)
    assert notice.number == "创建办交〔2026〕1号"
    first.description = "后来改了"
    session.flush()
    marks = [actions.note_print(session, cast["handler"], notice, "docx", now + timedelta(days=1)) for _ in "ab"]
    assert marks == [False, True]
    printing.write_notice(session, notice, "docx", tmp_path / "n.docx", house("handler"), "zh", True)
    first.photos[0].masked_file = "covered.jpg"  # faces that are covered later stay covered on every copy
    session.flush()
    kept = queries.kept_lines(session, notice, "zh", now)
    assert [line["before"][0]["file"] == "covered.jpg" for line in kept] == [True, False]
    paper = docx.Document(tmp_path / "n.docx")
    text = "".join(paragraph.text for paragraph in paper.paragraphs)
    assert "补打" in text and notice.number in text
    facts, table = paper.tables
    assert "王主任" in facts.rows[3].cells[3].text and "桥头有一堆垃圾" in table.rows[1].cells[3].text
    assert "tblHeader" in table.rows[0]._tr.xml and 'w:eastAsia="仿宋"' in table.rows[1]._tr.xml
    assert len(paper.inline_shapes) == 5
    printing.write_notice(session, notice, "xlsx", tmp_path / "n.xlsx", house(), "en", False)
    rows = _sheet(tmp_path / "n.xlsx")
    assert [row[1] for row in rows if row[1] in (first.issue_no, second.issue_no)] == [first.issue_no, second.issue_no]
    assert any("Dispatch Sheet" in str(row[0]) for row in rows)
    verbs = [entry.verb for entry in ledger.history(session, "notice", notice.number)]
    assert verbs == ["issue", "print", "print"] and ledger.verify_all(session)[1] is None
    assert ledger.history(session, "issue", first.issue_no)[-1].after == {"notice": notice.number}


def test_a_paper_goes_to_one_unit_from_the_office_and_is_seen_by_whom_it_concerns(session, told, cast, now):
    ours, theirs = told(), told(unit="YY")
    for who in ("handler", "inspector", "leader"):
        with pytest.raises(Forbidden):
            actions.issue(session, cast[who], Order("rectification", [ours.issue_no]), now)
    office = cast["dispatcher"]
    with pytest.raises(Invalid, match="notice_units"):
        actions.issue(session, office, Order("rectification", [ours.issue_no, theirs.issue_no]), now)
    with pytest.raises(Invalid, match="notice_units"):
        actions.issue(session, office, Order("rectification", [ours.issue_no], "YY"), now)
    with pytest.raises(NotFound):
        actions.issue(session, office, Order("rectification", ["WT20260520-9999"]), now)
    notice = actions.issue(session, office, Order("rectification", [ours.issue_no]), now)
    ours.state = "closed"
    session.flush()
    with pytest.raises(NotAllowed, match="notice_not_in_hand"):
        actions.issue(session, office, Order("rectification", [ours.issue_no]), now)
    seen = {who: len(queries.listed(session, cast[who], now, queries.Asked()))
            for who in ("dispatcher", "inspector", "handler", "head", "doctor", "chief", "shop")}
    assert seen == {"dispatcher": 1, "inspector": 1, "handler": 1, "head": 1, "doctor": 0, "chief": 0, "shop": 0}
    with pytest.raises(NotFound):
        queries.by_id(session, cast["doctor"], notice.id, now)
    assert queries.addressed(session, cast["dispatcher"], notice).phone == "13800000003"
    assert "****" in queries.addressed(session, cast["industry"], notice).phone


def test_a_handler_takes_only_his_own_issues_out(session, told, house, tmp_path):
    told()
    told(unit="YY", description="别家的问题")
    printing.write(session, "issue_list", Wish(Narrowing(), by="unit"), "xlsx", tmp_path / "l.xlsx", house("handler"))
    text = str(_sheet(tmp_path / "l.xlsx"))
    assert "桥头有一堆垃圾" in text and "别家的问题" not in text


def test_two_writers_never_get_the_same_number(engine, now):
    with writing(engine) as session:
        cast = plan.viewers(session)
        said = {"class": "E0102", "description": "垃圾", "lon": 115.857, "lat": 28.683, "unit": "HW-C", "on_site": True}
        no = issues.report(session, cast["inspector"], said, now).issue_no
    numbers, failures = [], []

    def issue_some():
        try:
            for _ in range(4):
                with writing(engine) as session:
                    office = plan.viewers(session)["dispatcher"]
                    numbers.append(actions.issue(session, office, Order("rectification", [no]), now).serial)
        except Exception as problem:
            failures.append(problem)

    writers = [threading.Thread(target=issue_some) for _ in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert not failures and sorted(numbers) == list(range(1, 9))


@pytest.mark.spatialite
def test_pdf_carries_chinese_text_codes_and_page_numbers(session, told, house, cast, tmp_path, now):
    issue = told(description="路面不洁，（含烟头）。", point="P001")
    notice = actions.issue(session, cast["dispatcher"], Order("rectification", [issue.issue_no]), now)
    lines = queries.kept_lines(session, notice, "zh", now)
    made = sheets.document(notice, lines * 12, queries.addressed(session, cast["dispatcher"], notice), house(), "zh")
    printing._set(made, "pdf", tmp_path / "n.pdf", printing.Pictures(tmp_path))
    pages = pypdf.PdfReader(tmp_path / "n.pdf").pages
    text = _words(tmp_path / "n.pdf")
    assert len(pages) > 1 and f"第2页共{len(pages)}页" in text and text.count("整改时限") == len(pages) - (
        "整改时限" not in pages[-1].extract_text())
    for said in ("创建办改〔2026〕1号", "路面不洁，（含烟头）。", "环卫一所：", "（印章）"):
        assert said in text
