"""The conversation over HTTP: a file is brought, looked at, repaired, confirmed and undone."""

import io
import time

import xlsxwriter
from sqlalchemy import func, select

from civmap.points.models import InspectionPoint
from civmap.store.database import reading
from civmap.store.ledger import Entry

HEADINGS = ("点位编号", "点位名称", "点位类型", "经度", "纬度", "责任单位", "是否申报", "启用日期")


def two_hundred():
    """Return the table of A8: 200 points with twelve bad rows."""
    rows = [[f"D{number:03d}", f"第{number}小学", "中小学校", 115.85 + number * 0.0001, 28.68, "人民医院", "是",
             "2026年5月1日"] for number in range(1, 201)]
    for number in (10, 20, 30, 40, 50, 60):
        rows[number][3] = rows[number][4] = ""
    for number in (70, 80, 90):
        rows[number][3], rows[number][4] = rows[number][4], rows[number][3]
    rows[100][0] = rows[99][0]
    rows[110][0] = rows[109][0]
    rows[120][2] = "农贸市厂"
    return rows


def workbook(rows, headings=HEADINGS):
    """Return a workbook as bytes."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("点位")
        for number, row in enumerate((headings, *rows)):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def bring(browser, content, name="点位.xlsx", **form):
    """Send a file; return the import once it has been examined."""
    sent = browser.post("/api/v1/imports", data={"file": (io.BytesIO(content), name), **form},
                        content_type="multipart/form-data")
    assert sent.status_code == 202, sent.json
    return settled(browser, sent.json["import"])


def settled(browser, code):
    """Return an import once nobody works on it any more, with its ETag."""
    for _ in range(400):
        answer = browser.get(f"/api/v1/imports/{code}")
        if answer.json["state"] not in ("reading", "saving", "undoing"):
            return {**answer.json, "etag": answer.headers["ETag"]}
        time.sleep(0.05)
    raise AssertionError(answer.json)


def step(browser, told, verb, body=None):
    """Take a step of the conversation; return the import after it."""
    path = f"/api/v1/imports/{told['import']}/{verb}"
    sent = browser.post(path, json=body or {}, headers={"If-Match": told["etag"]})
    assert sent.status_code == 202, (sent.json, told["error"])
    return settled(browser, told["import"])


def count(engine, model):
    """Return how many rows a table holds."""
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(model))


def test_200_points_are_looked_at_repaired_saved_once_and_undone(signed_in, engine):
    office, before = signed_in("dispatcher"), count(engine, InspectionPoint)
    file = workbook(two_hundred())
    told = bring(office, file)
    assert (told["state"], told["kind"], told["can"]) == ("ready", "points", ["change", "repair", "confirm", "drop"])
    assert {name: told["counts"][name] for name in ("rows", "ok", "problems", "created")} == {
        "rows": 200, "ok": 188, "problems": 12, "created": 188}
    assert {each["code"]: each["rows"] for each in told["codes"] if each["severity"] == "error"} == {
        "coordinates_missing": 6, "coordinates_swapped": 3, "duplicate_in_file": 2, "unknown_point_type": 1}
    assert count(engine, InspectionPoint) == before

    shown = office.get(f"/api/v1/imports/{told['import']}/rows?show=problems&code=coordinates_swapped&limit=2").json
    assert (shown["total"], [row["row"] for row in shown["rows"]], shown["next"]) == (3, [72, 82], 82)
    assert shown["rows"][0]["problems"][0]["column"] == "经度"

    told = step(office, told, "repairs", {"code": "coordinates_swapped"})
    told = step(office, told, "repairs", {"values": {"122": {"type": "农贸市场"}}})
    assert (told["counts"]["ok"], told["counts"]["repaired"], told["wish"]["accept"]) == (
        192, 3, ["coordinates_swapped"])
    told = step(office, told, "confirm")
    assert (told["state"], told["can"], told["counts"]["created"]) == ("saved", ["undo"], 192)
    assert told["quality"]["repaired"]["by"] == {"dispatcher": 1}
    assert count(engine, InspectionPoint) == before + 192

    lines = count(engine, Entry)
    again = step(office, bring(office, file), "confirm")
    assert (again["counts"]["created"], again["counts"]["unchanged"], count(engine, Entry)) == (0, 188, lines)
    undone = step(office, told, "undo")
    assert (undone["state"], undone["undo"]["counts"]["deleted"]) == ("undone", 192)
    assert count(engine, InspectionPoint) == before
    assert bring(office, file)["counts"]["created"] == 188
