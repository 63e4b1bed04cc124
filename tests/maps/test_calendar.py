"""The calendar page in a real browser, on a phone: a tap turns a day, what would move is told, saving can be undone."""

import pytest
from playwright.sync_api import expect

from civmap.clock import parse_moment
from civmap.issues import actions
from civmap.store.database import writing
from tests.maps.conftest import PHONE
from tests.support.town import viewers

pytestmark = pytest.mark.spatialite
GARBAGE = {"class": "exposed_garbage", "description": "桥头有一堆垃圾", "lon": 115.8570, "lat": 28.6830,
           "on_site": True, "unit": "HW-C", "limit": "2 work_day"}


def test_a_day_is_turned_told_saved_and_taken_back(screen, engine, monkeypatch):
    monkeypatch.setenv("CIVMAP_TESTING", "1")
    monkeypatch.setenv("CIVMAP_NOW", "2026-05-20T09:00:00+08:00")
    with writing(engine) as session:
        number = actions.report(session, viewers(session)["inspector"], GARBAGE,
                                parse_moment("2026-05-20T09:00+08:00")).issue_no
    page = screen("admin", PHONE).open("/calendar?year=2026")
    day, save = page.locator('[data-day="2026-05-21"]'), page.locator("#save")
    small = page.evaluate("""() => [...document.querySelectorAll('#year .day')].filter((one) => {
        const box = one.getBoundingClientRect(); return box.width < 44 || box.height < 44; }).length""")
    assert small == 0
    day.tap()
    expect(day.locator(".sign")).to_have_text("休")
    expect(page.locator(".moves a")).to_have_text([number])
    page.keyboard.press("Control+z")
    expect(day.locator(".sign")).to_have_text("")
    day.tap()
    page.locator(".changes input").fill("防汛")
    page.locator(".changes input").press("Tab")
    expect(save).to_be_enabled()
    save.tap()
    take_back = page.locator(".toast button")
    expect(take_back).to_be_visible()
    expect(day).to_have_attribute("data-name", "防汛")
    take_back.tap()
    expect(day).to_have_attribute("data-kind", "work")
