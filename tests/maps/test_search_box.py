"""The search box in a browser: typed, chosen by keyboard or finger, flown to, opened, and never at a loss."""

import pytest
from playwright.sync_api import expect

from tests.maps.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.spatialite


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_initials_fly_to_a_point_and_open_its_panel(screen, size):
    page = screen(size=size).open("/")
    page.fill("#find", "rmyy")
    page.locator("#found [role=option]", has_text="人民医院").first.wait_for()
    expect(page.locator("#find")).to_have_attribute("aria-expanded", "true")
    page.locator("#found .found-group", has_text="点位").locator("[role=option]").first.click()
    page.locator("#panel-title", has_text="人民医院").wait_for()
    page.wait_for_function("() => window.civmap.map.getZoom() >= 17")
    expect(page.locator("#found")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_the_keyboard_alone_is_enough_and_a_layer_is_switched_on(screen):
    page = screen().open("/")
    page.focus("#find")
    page.keyboard.type("JDDD")
    page.keyboard.press("Escape")
    page.fill("#find", "交警大队")
    page.locator("#found [role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.wait_for_function("""() => document.getElementById(document.getElementById('find').getAttribute(
        'aria-activedescendant'))?.getAttribute('aria-selected') === 'true'""")
    page.keyboard.press("Enter")
    page.locator("#panel-title", has_text="交警大队").wait_for()
    page.wait_for_function("() => document.querySelector('#legend [data-layer=units]').checked")


def test_nothing_found_has_a_way_out_and_searches_are_remembered(screen):
    shown = screen()
    page = shown.open("/")
    page.fill("#find", "没有这样的地方")
    page.locator(".found-nothing").wait_for()
    expect(page.locator("#found [role=option]")).to_have_count(2)
    page.locator("#found [role=option]", has_text="清除查找").click()
    expect(page.locator("#find")).to_have_value("")
    page.fill("#find", "hdgy")
    page.locator("#found [role=option]", has_text="河东公园").click()
    page.locator("#panel-title", has_text="河东公园").wait_for()
    page = shown.open("/")
    page.focus("#find")
    page.locator("#found [role=option]", has_text="hdgy").click()
    page.locator("#found [role=option]", has_text="河东公园").wait_for()
