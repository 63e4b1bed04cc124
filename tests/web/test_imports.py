"""The conversation over HTTP: a file is brought, looked at, repaired, confirmed and undone."""

import io
import os
import time

import pytest
import xlsxwriter
from sqlalchemy import func, select

from civmap.imports.folders import Folder, folder
from civmap.imports.models import Import
from civmap.points.models import InspectionPoint
from civmap.store.database import reading, writing
from civmap.store.ledger import Entry

INSIDE = (115.8600, 28.6850)
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
    """Return an import once nobody works on it any more, with its ETag; two minutes are a ceiling for busy machines."""
    for _ in range(2_400):
        answer = browser.get(f"/api/v1/imports/{code}")
        if answer.json["state"] not in ("reading", "saving", "undoing"):
            return {**answer.json, "etag": answer.headers["ETag"]}
        time.sleep(0.05)  # a process of its own works on it: nobody here could tell when it ends
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


def test_what_an_import_changed_is_put_back_unless_somebody_touched_it_since(signed_in, engine, town):
    office = signed_in("dispatcher")
    rows = [["P001", "人民医院新院", "115.8576", "28.6832"], ["NEW1", "新点", "115.858", "28.684"],
            ["NEW2", "新点二", "115.8581", "28.6841"]]
    with reading(engine) as session:
        old = session.scalar(select(InspectionPoint).where(InspectionPoint.code == "P001"))
        stood = (old.name, old.geom.wkt, old.type)
    for row in rows:
        row.insert(2, "PT08")
    told = step(office, bring(office, workbook(rows, ("code", "name", "type", "lon", "lat"))), "confirm")
    assert (told["state"], told["counts"]["created"], told["counts"]["updated"]) == ("saved", 2, 1), told["error"]
    at = office.get("/api/v1/points/NEW1")
    body = {"type": "Feature", "geometry": at.json["geometry"], "properties": {"name": "改过的点"}}
    assert office.put("/api/v1/points/NEW1", json=body, headers={"If-Match": at.headers["ETag"]}).status_code == 200

    told = step(office, told, "undo")
    assert told["undo"]["counts"] == {"deleted": 1, "restored": 1, "retired": 0, "kept": 1}
    assert told["undo"]["stays"] == [{"kind": "point", "key": "NEW1", "why": "kept_changed"}]
    with reading(engine) as session:
        old = session.scalar(select(InspectionPoint).where(InspectionPoint.code == "P001"))
        assert (old.name, old.geom.wkt, old.type) == stood
        assert session.scalar(select(InspectionPoint.id).where(InspectionPoint.code == "NEW2")) is None
    assert office.get("/api/v1/points/NEW2").status_code == 404


@pytest.mark.spatialite
def test_a_server_that_dies_while_saving_leaves_nothing_half_and_can_confirm_again(signed_in, engine, settings):
    office, before = signed_in("dispatcher"), count(engine, InspectionPoint)
    told = bring(office, workbook(two_hundred()))
    with writing(engine) as session:
        run = session.scalar(select(Import).where(Import.code == told["import"]))
        run.state, run.token = "saving", "a job that died"
    progress = folder(settings.home, told["import"]).path / "progress.json"
    os.utime(progress, (1, 1))
    told = settled(office, told["import"])
    assert (told["state"], told["error"]["code"], "confirm" in told["can"]) == ("ready", "import_interrupted", True)
    first = office.post(f"/api/v1/imports/{told['import']}/confirm", json={}, headers={"If-Match": told["etag"]})
    second = office.post(f"/api/v1/imports/{told['import']}/confirm", json={}, headers={"If-Match": told["etag"]})
    gone = office.delete(f"/api/v1/imports/{told['import']}", headers={"If-Match": told["etag"]})
    assert (first.status_code, second.status_code, gone.status_code) == (202, 412, 412)
    assert settled(office, told["import"])["state"] == "saved"
    assert count(engine, InspectionPoint) == before + 188


@pytest.mark.spatialite
def test_a_table_that_nobody_recognises_says_so_and_can_be_told_what_it_is(signed_in):
    office = signed_in("dispatcher")
    told = bring(office, b"aa,bb\n1,2\n", "x.csv")
    assert (told["state"], told["error"]["code"], told["layout"]) == ("failed", "import_kind_unknown", None)
    assert told["file"]["name"] == "x.csv" and "change" in told["can"]
    with office.get(f"/api/v1/imports/{told['import']}/report.xlsx") as report:
        assert report.status_code == 200
    for columns in ("[" * 5_000, '{"name": "\\ud800"}', "[1]", '{"name": "' + "x" * 300 + '"}'):
        sent = office.post("/api/v1/imports", data={"file": (io.BytesIO(b"a\n1\n"), "a.csv"), "columns": columns},
                           content_type="multipart/form-data")
        assert sent.status_code in (400, 422), columns[:20]


@pytest.mark.spatialite
def test_one_time_passwords_do_not_lie_about(tmp_path):
    place = Folder(tmp_path)
    place.secrets.write_text('{"xin": "geheim"}', "utf-8")
    assert place.passwords() == {"xin": "geheim"}
    os.utime(place.secrets, (1, 1))
    assert (place.passwords(), place.secrets.exists()) == ({}, False)


@pytest.mark.spatialite
def test_a_city_that_changed_since_the_preview_is_told_before_anything_is_saved(signed_in, engine, settings):
    office, before = signed_in("dispatcher"), count(engine, InspectionPoint)
    told = bring(office, workbook(two_hundred()))
    body = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [115.86, 28.68]},
            "properties": {"code": "D005", "name": "别人刚建的", "type": "PT08"}}
    assert office.post("/api/v1/points", json=body).status_code == 201
    told = step(office, told, "confirm")
    assert (told["state"], told["error"]["code"]) == ("ready", "import_outdated")
    assert told["error"]["different"] == [{"row": 6, "foretold": "create", "found": "update"}]
    assert (count(engine, InspectionPoint), told["counts"]["updated"]) == (before + 1, 1)


@pytest.mark.spatialite
def test_imports_are_for_the_office_and_clerks_and_seen_by_their_maker(signed_in, stranger):
    office, clerk, handler = signed_in("dispatcher"), signed_in("clerk"), signed_in("handler")
    headings = ("编号", "名称", "类型", "经度", "纬度")
    told = bring(office, workbook([["K1", "示范公园", "PT08", 115.86, 28.68]], headings))
    where = f"/api/v1/imports/{told['import']}"
    assert [who.get(where).status_code for who in (office, clerk, handler, stranger)] == [200, 404, 403, 401]
    sent = clerk.post("/api/v1/imports", data={"file": (io.BytesIO(b"code,name\n1,2\n"), "a.csv"), "kind": "points"},
                      content_type="multipart/form-data")
    assert (sent.status_code, sent.json["code"]) == (403, "role_may_not")
    shops = "店名,经度,纬度\n近店,{},{}\n远店,115.8500,28.6850\n".format(*INSIDE).encode()
    told = bring(clerk, shops, "商户.csv", kind="shops")
    assert [problem["code"] for row in clerk.get(f"/api/v1/imports/{told['import']}/rows?show=problems").json["rows"]
            for problem in row["problems"]] == ["outside_territory"]
    assert step(clerk, told, "confirm")["counts"]["created"] == 1
    people = bring(signed_in("admin"), "登录名,姓名,角色\nxin,新人,leader\n".encode(), "人.csv", kind="people")
    assert office.get(f"/api/v1/imports/{people['import']}/rows").status_code == 404, "persons are the administrator's"
    dropped = office.delete(where, headers={"If-Match": settled(office, where.rsplit("/", 1)[1])["etag"]})
    assert (dropped.status_code, dropped.json["state"]) == (200, "dropped")
