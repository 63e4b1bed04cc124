"""The ground in a browser: chosen by hand and by address, kept quiet when it fails, never in the way of the data."""

import pytest
from playwright.sync_api import expect

from civmap.config import Settings
from tests.maps.conftest import DESKTOP, PHONE
from tests.support.tilehost import tile_host

pytestmark = pytest.mark.spatialite


@pytest.fixture
def host():
    """Give another host; pages must never ask it themselves."""
    with tile_host() as running:
        yield running


@pytest.fixture
def settings(engine, tmp_path, host):
    """Give settings that offer grounds of another host."""
    url = engine.url.render_as_string(hide_password=False)
    return Settings.from_environ({
        "CIVMAP_HOME": str(tmp_path / "home"), "CIVMAP_DATABASE_URL": url, "CIVMAP_SECRET_KEY": "k" * 48,
        "CIVMAP_BASEMAPS": f"offline;xyz|测绘院|{host.address}/a/{{z}}/{{x}}/{{y}}.png|© 测绘院|审图号：赣S（2026）9号;"
                           f"xyz|影像|{host.address}/b/{{z}}/{{x}}/{{y}}.png|影像=1"})


def _choose(page, name):
    if page.locator("#ground-box").is_hidden():
        page.click("#ground-open")
    page.get_by_role("radio", name=name).check()


def _has_data(page):
    page.wait_for_function("() => document.querySelectorAll('.mark[data-code]').length >= 3")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_ground_is_chosen_by_hand_thanked_and_kept_in_the_address(screen, size, host):
    shown = screen(size=size)
    page = shown.open("/")
    _choose(page, "测绘院")
    page.wait_for_function("() => document.querySelectorAll('.ground-tile[src^=blob]').length > 3")
    expect(page.locator(".leaflet-control-attribution")).to_contain_text("© 测绘院 · 审图号：赣S（2026）9号")
    page.wait_for_url(lambda url: "base=xyz1" in url)
    assert host.asked
    page = shown.open("/?base=xyz2")
    page.wait_for_function("() => document.querySelector('.leaflet-container').dataset.ground === 'imagery'")
    expect(page.locator('input[name=ground][value="xyz2"]')).to_be_checked()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_the_chooser_works_by_keyboard(screen):
    page = screen().open("/")
    page.focus("#ground-open")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.wait_for_function("() => location.search.includes('base=xyz1')")
    page.keyboard.press("Escape")
    expect(page.locator("#ground-box")).to_be_hidden()
    expect(page.locator("#ground-open")).to_be_focused()


@pytest.mark.parametrize("mood", ["refuses", "fails", "slow"])
def test_a_ground_that_fails_gives_way_without_hiding_or_delaying_the_data(screen, host, mood, monkeypatch):
    monkeypatch.setattr("civmap.basemap.fetching.WAIT_SECONDS", 1.0)
    monkeypatch.setattr("tests.maps.conftest.QUIET", ("status of 404", "status of 502", "status of 503"))
    host.mood = mood
    shown = screen()
    page = shown.page
    page.goto(f"{shown.address}/?base=xyz1")
    _has_data(page)
    page.locator(".toast", has_text="已换回离线底图").wait_for()
    page.click("#ground-open")
    wanted = "密钥不被接受" if mood == "refuses" else "暂时连不上"
    page.locator('[data-ground="xyz1"] .ground-state', has_text=wanted).wait_for()
    expect(page.locator(".ground-tile")).to_have_count(0)
    host.mood = "well"
    host.hurry.set()


def test_a_page_that_is_left_early_has_nothing_to_complain_about(screen, host):
    shown = screen()
    page = shown.page
    for _ in range(3):
        page.goto(shown.address + "/?base=xyz1", wait_until="commit")
        page.goto(shown.address + "/help", wait_until="commit")
    page.wait_for_load_state()
    shown.rest()
