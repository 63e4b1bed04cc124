"""The conversation in the browser: from drop to undo; a phone is asked for the system; hostile bytes and words."""

import base64

import pytest
from playwright.sync_api import expect

from civmap.points.models import InspectionPoint
from tests.maps.conftest import PHONE
from tests.maps.test_look import AXE, RUN
from tests.web.test_imports import count, two_hundred, workbook

pytestmark = pytest.mark.spatialite
DROP = """([name, text]) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name));
    document.getElementById('imp-drop').dispatchEvent(
        new DragEvent('drop', {dataTransfer: transfer, bubbles: true, cancelable: true}));
}"""
STATE = "wanted => document.body?.dataset.import === wanted"
WILL = "wanted => document.body?.dataset.will === wanted && document.body.dataset.import === 'ready'"
ROWS = "() => document.body.dataset.rows?.startsWith(`${document.body.dataset.version}:`)"


def dropped(shown, content, name):
    """Drop a file on the page of imports; return the page of its conversation once it was read."""
    page = shown.open("/imports")
    page.evaluate(DROP, [name, base64.b64encode(content).decode()])
    page.wait_for_url("**/imports/DR*")
    page.wait_for_function("() => document.body?.dataset.import === 'ready'"
                           " || document.querySelector('.imp-done-sign.is-bad')")
    return page


def test_two_hundred_points_from_the_drop_to_the_undo(screen, engine):
    before = count(engine, InspectionPoint)
    shown = screen(bypass_csp=True)
    shown.page.add_init_script(path=AXE)
    assert shown.open("/imports").evaluate(RUN, None) == []
    page = dropped(shown, workbook(two_hundred()), "点位.xlsx")
    page.wait_for_function(WILL, arg="188/0/0/12")
    page.wait_for_function(ROWS)
    expect(page.locator("#imp-save")).to_contain_text("将新增 188 个点位")
    expect(page.locator("#imp-save")).to_contain_text("12 行不进入")
    assert page.evaluate(RUN, None) == []
    page.click("[data-key='codefix:coordinates_swapped']")
    page.wait_for_function(WILL, arg="191/0/0/9")
    page.wait_for_function(ROWS)
    cell = page.locator("td[data-row='122'][data-field='type']")
    cell.focus()
    cell.press("Enter")
    page.keyboard.type("农贸市场")
    page.keyboard.press("Enter")
    page.wait_for_function(WILL, arg="192/0/0/8")
    assert count(engine, InspectionPoint) == before
    page.reload()
    page.wait_for_function(WILL, arg="192/0/0/8")
    page.click("#imp-confirm")
    page.wait_for_function(STATE, arg="saved")
    assert count(engine, InspectionPoint) == before + 192
    expect(page.locator("#imp-result")).to_contain_text("新增了 192 个点位")
    page.locator("#imp-quality .imp-bar").first.wait_for()
    page.click("#imp-undo")
    page.wait_for_function(STATE, arg="undone")
    assert count(engine, InspectionPoint) == before


def test_a_clerk_is_asked_on_the_phone_which_map_the_numbers_came_from(screen):
    rows = [[f"第{number}超市", "超市", 115.8571 + number * 0.0004, 28.6833] for number in range(5)]
    shown = screen(size=PHONE)
    page = dropped(shown, workbook(rows, ("点位名称", "点位类型", "经度", "纬度")), "混乱的台账.xlsx")
    page.wait_for_function(STATE, arg="ready")
    page.wait_for_function(ROWS)
    expect(page.locator(".imp-card")).to_have_count(5)
    head = page.locator("#imp-where-head button")
    if head.get_attribute("aria-expanded") == "false":
        head.click()
    lon = page.evaluate("async () => (await (await fetch(`/api/v1${location.pathname}/rows`)).json()).rows[0].lon")
    page.locator("input[name=imp-system][value=bd09]").check()
    page.locator("[data-key=use]").click()
    page.wait_for_function("() => document.querySelector('#imp-where-said')?.textContent.includes('BD-09')")
    page.wait_for_function(STATE, arg="ready")
    moved = page.evaluate("async () => (await (await fetch(`/api/v1${location.pathname}/rows`)).json()).rows[0].lon")
    assert moved is None or abs(moved - lon) > 0.005
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
    page.click("#imp-drop-it")
    page.wait_for_function(STATE, arg="dropped")


def test_hostile_bytes_are_a_sentence_and_hostile_words_are_text(screen):
    shown = screen()
    page = dropped(shown, b"PK\x03\x04" + b"\x00" * 400, "坏<img src=x onerror=alert(1)>.xlsx")
    expect(page.locator("#imp-result")).to_contain_text("没读成")
    expect(page.locator("#imp-result a[href='/imports']").first).to_be_visible()
    rows = [["H1", "<img src=x onerror=alert(1)>", "超市", 115.857, 28.683],
            ["H2", "=cmd|' /C calc'!A0", "${7*7}{{7*7}}</script><script>alert(2)</script>", 115.858, 28.683],
            ["H3", "字" * 400, "超市", "\u202enan", "\u202e"]]
    page = dropped(shown, workbook(rows, ("点位编号", "点位名称", "点位类型", "经度", "纬度")), "词.xlsx")
    page.wait_for_function(ROWS)
    page.click("[data-key='rows:all']")
    expect(page.locator(".imp-row")).to_have_count(3)
    expect(page.locator(".imp-row").first).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("main img[src='x']").count() == 0
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
