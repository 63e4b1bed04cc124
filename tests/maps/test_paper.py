"""Printing in a real browser: the frame, the progress, the download; a refusal has a way on."""

import io

import pypdf
import pytest
from playwright.sync_api import expect

from tests.maps.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.spatialite


def _open(page):
    page.locator("#paper-open").click()
    page.locator("#paper").wait_for()
    page.wait_for_function("() => document.querySelector('.paper-frame')?.getBoundingClientRect().width > 40")


def test_a_print_is_ordered_from_the_map_and_downloaded(screen, tmp_path):
    page = screen().open("/")
    _open(page)
    page.select_option("#paper [name=size]", "A4")
    page.fill("#paper [name=title]", "河东作战图")
    page.click("#paper-order")
    page.locator("#paper progress").wait_for()
    page.locator("#paper-download").wait_for(timeout=90_000)
    with page.expect_download() as download:
        page.click("#paper-download")
    download.value.save_as(tmp_path / "map.pdf")
    words = pypdf.PdfReader(io.BytesIO((tmp_path / "map.pdf").read_bytes())).pages[0].extract_text()
    assert "河东作战图" in words and "人民医院" in words


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_frame_shows_what_will_be_printed_and_follows_the_paper(screen, size):
    page = screen(size=size).open("/")
    _open(page)
    ratio = ("(() => { const box = document.querySelector('.paper-frame').getBoundingClientRect();"
             " return box.width / box.height })()")
    page.wait_for_function(f"() => {ratio} > 1.05")
    page.select_option("#paper [name=orientation]", "portrait")
    page.wait_for_function(f"() => {ratio} < 1.15")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    before = page.inner_text("#paper-ground")
    page.select_option("#paper [name=scale]", "2000")
    page.wait_for_function("before => document.querySelector('#paper-ground').textContent !== before", arg=before)
    expect(page.locator("#paper-ground")).to_contain_text("2,000")
    page.keyboard.press("Escape")
    expect(page.locator("#paper")).to_be_hidden()
    expect(page.locator(".paper-frame")).to_have_count(0)


def test_a_refusal_is_told_with_a_way_to_try_again(screen):
    page = screen().open("/")
    _open(page)
    page.route("**/api/v1/papers", lambda route: route.fulfill(
        status=422, content_type="application/json", body='{"code":"paper_too_much","detail":"图上内容太多。"}'))
    page.click("#paper-order")
    page.locator("#paper-said").get_by_text("图上内容太多。").wait_for()
    expect(page.locator("#paper-said button")).to_have_text("再试一次")
    expect(page.locator("#paper-order")).to_be_enabled()
