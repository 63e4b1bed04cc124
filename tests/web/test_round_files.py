"""Rounds fetched over the interface: every form, the ledger, the queue of long sheets, and 404 for a hidden one."""

import io

import pypdf
import pytest

from civmap.documents import rounds
from civmap.paper import runner
from civmap.store import ledger
from civmap.store.database import reading, writing
from civmap.web import round_sheets
from civmap.web.api import papers
from tests.support.rounds import lay

pytestmark = pytest.mark.spatialite  # what is written is asked of both databases in tests/exchange
CODE = "LX20260521-01"


def _lay(engine, **more):
    with writing(engine) as session:
        lay(session, ("农贸市场", "医院"), teams=1, **more)


def test_every_file_is_a_download_that_the_ledger_knows_of(signed_in, engine):
    _lay(engine)
    inspector = signed_in("inspector")
    for fmt in rounds.FORMATS:
        answer = inspector.get(f"/api/v1/routes/{CODE}.{fmt}")
        assert (answer.status_code, answer.content_type) == (200, rounds.MEDIA_TYPES[fmt]), fmt
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{CODE}.{fmt}"'
        assert len(answer.data) > 100
    with reading(engine) as session:
        lines = ledger.history(session, "route", CODE)
    assert [(line.who, line.verb, line.after["format"]) for line in lines] == [
        ("inspector", "export", fmt) for fmt in rounds.FORMATS]
    assert signed_in("chief").get(f"/api/v1/routes/{CODE}.csv").status_code in (403, 404)


def test_a_long_sheet_is_queued_and_drawn_apart(signed_in, engine, settings, monkeypatch):
    _lay(engine, is_covert=True)
    monkeypatch.setattr(runner, "start", lambda *_words: None)
    monkeypatch.setattr(round_sheets, "DIRECT", 1)
    office = signed_in("dispatcher")
    for name in ("handler", "clerk"):
        hidden = signed_in(name)
        assert hidden.get(f"/routes/{CODE}/sheet.pdf").status_code == 404, name
        assert hidden.get(f"/api/v1/routes/{CODE}.pdf").status_code == 404, name
    office = signed_in("dispatcher")
    ordered = office.get(f"/routes/{CODE}/sheet.pdf")
    assert ordered.status_code == 303
    for name, value in (("CIVMAP_HOME", settings.home), ("CIVMAP_DATABASE_URL", settings.database_url),
                        ("CIVMAP_SECRET_KEY", settings.secret_key)):
        monkeypatch.setenv(name, str(value))
    runner.main(settings.home, papers.CHILD)
    page = office.get(ordered.headers["Location"]).text
    number = ordered.headers["Location"].rsplit("/", 1)[1]
    assert f"/api/v1/papers/{number}.pdf" in page and f'href="/routes/{CODE}"' in page
    answer = office.get(f"/api/v1/papers/{number}.pdf")
    data = answer.data
    answer.close()
    assert "农贸市场" in pypdf.PdfReader(io.BytesIO(data)).pages[0].extract_text().replace("\n", "")


def test_chosen_points_are_a_list_for_inspection_in_the_order_of_choosing(signed_in, engine):
    office = signed_in("dispatcher")
    csv = office.get("/points/list.csv?code=P003,P001").data.decode("utf-8-sig").splitlines()
    assert csv[0].startswith("顺序,点位编号,点位,类型,地址,责任单位,责任单位电话,未结问题")
    assert [line.split(",")[:4] for line in csv[1:]] == [["1", "P003", "河东公园", "公园"],
                                                         ["2", "P001", "人民医院", "医院"]]
    assert "https://uri.amap.com/navigation?to=115.8" in csv[2] and "距上一点" not in csv[0]
    for fmt, start in (("xlsx", b"PK"), ("gpx", b"<?xml"), ("kml", b"<?xml"), ("geojson", b'{"type":"Feature')):
        assert office.get(f"/points/list.{fmt}?code=P003,P001").data.startswith(start), fmt
    assert office.get("/points/list.gpx?code=P003,P001").data.count(b"<wpt") == 2
    assert signed_in("clerk_west").get("/points/list.csv?code=P001").data.count(b"\n") == 1
