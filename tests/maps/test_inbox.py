"""The inbox before a person: keys, the count in the title, undo, what others do meanwhile, and many at once."""

import re

import pytest

from civmap import clock
from civmap.issues import actions, queries
from civmap.store.database import writing
from tests.maps.conftest import PHONE
from tests.maps.test_look import AXE, THEMES, grave
from tests.support import town

pytestmark = pytest.mark.spatialite
SPOTS = [(115.8570 + 0.0004 * step, 28.6830) for step in range(4)]
SMALL = """() => [...document.querySelectorAll('.inbox button, .inbox a, .inbox summary, .inbox label, #bell')]
    .filter((one) => one.checkVisibility()).map((one) => [one.textContent.trim(), one.getBoundingClientRect()])
    .filter(([, box]) => box.width && (box.height < 43.5 || box.width < 43.5)).map(([words]) => words)"""


@pytest.fixture
def reported(address, engine):
    """Give four reports of garbage by the inspector, as their numbers."""
    with writing(engine) as session:
        viewer = town.viewers(session)["inspector"]
        return [actions.report(session, viewer, {"class": "exposed_garbage", "description": f"第{number}堆垃圾",
                                                 "lon": lon, "lat": lat}, clock.now()).issue_no
                for number, (lon, lat) in enumerate(SPOTS, 1)]


@pytest.fixture
def the_other(engine):
    """Give the hand of another dispatcher."""
    def do(no, verb):
        with writing(engine) as session:
            viewer = town.viewers(session)["admin"]
            version = queries.by_no(session, viewer, no, clock.now()).version
            actions.perform(session, viewer, no, verb, {}, version, clock.now())
    return do


def rows(page):
    return page.eval_on_selector_all(".wait-row", "all => all.map((one) => one.dataset.no)")


def is_titled(page, count):
    page.wait_for_function("count => document.title.startsWith(count ? `(${count}) 待办` : '待办')", arg=count)


def test_keys_do_the_work_and_the_title_counts_what_is_left(screen, reported, the_other):
    shown = screen("dispatcher", bypass_csp=True)
    shown.page.add_init_script(path=AXE)
    page = shown.open("/inbox")
    is_titled(page, 4)
    assert grave(page, THEMES) == {}
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.locator(".wait-row[aria-current]").get_attribute("data-no") == reported[1]
    page.keyboard.press("f")  # filed by mistake: taken back
    page.wait_for_function("no => !document.querySelector(`[data-no='${no}']`)", arg=reported[1])
    page.locator(".toast button", has_text="撤销").click()
    page.wait_for_selector(f"[data-no='{reported[1]}'][aria-current]")
    assert rows(page) == reported
    the_other(reported[0], "file")  # somebody else meanwhile: the place stays
    page.evaluate("document.dispatchEvent(new Event('live-poll'))")
    page.wait_for_function("count => document.querySelectorAll('.wait-row').length === count", arg=3)
    assert page.locator(".wait-row[aria-current]").get_attribute("data-no") == reported[1]
    assert page.evaluate("document.activeElement.dataset.no") == reported[1]
    page.keyboard.press("f")
    page.keyboard.press("Enter")  # leaving sends what was pressed
    page.wait_for_url(f"**/issues/{reported[2]}")
    page.goto(page.url.replace(f"/issues/{reported[2]}", "/inbox?queue=to_dispatch"))
    page.wait_for_selector(f"[data-no='{reported[1]}']")
    page.keyboard.press("?")
    assert "派遣" in page.locator("dialog.keys").inner_text()


def test_many_at_once_with_a_preview_on_a_phone(screen, reported):
    page = screen("dispatcher", PHONE).open("/inbox")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator(".wait-all").tap()
    page.locator("[data-many='file']").tap()
    page.wait_for_selector("dialog.bulk [data-act='run']")
    assert re.search("4", page.locator(".bulk-count").inner_text())
    page.locator("[data-act='run']").tap()
    page.locator("[data-act='finish']").tap()
    page.wait_for_selector(".wait-nothing")
    page.locator(".wait-nothing button", has_text="待派遣").tap()
    page.wait_for_function("() => document.querySelectorAll('.wait-row').length === 4")
    is_titled(page, 4)
    assert page.evaluate(SMALL) == []
    page.locator("[data-do='dispatch']").first.tap()
    page.locator("dialog.wait-ask button.button-main").tap()
    page.wait_for_function("() => document.querySelectorAll('.wait-row').length === 3")
    is_titled(page, 3)
