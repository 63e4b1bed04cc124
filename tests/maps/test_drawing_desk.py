"""The drawing desk: zones drawn by keys and by finger, split with a preview and an undo; drafts outlive the page."""

import pytest
import shapely
from playwright.sync_api import expect
from shapely import box
from sqlalchemy import select

from civmap.store.database import reading, writing
from civmap.zones.models import Zone
from tests.maps.conftest import PHONE
from tests.maps.test_look import AXE, THEMES, grave
from tests.support import town as plan

pytestmark = pytest.mark.spatialite
AT = "/?at=19/28.68420/115.86050"
GRID = box(115.8600, 28.6838, 115.8610, 28.6846)
WORD = "() => document.getElementById('desk-live').textContent.includes('{}')"


@pytest.fixture
def grids(engine):
    """Keep a grid on open ground east of the noodle shop, with a community around it in the same place."""
    with writing(engine) as session:
        session.add_all([
            Zone(code="360199006001001", name="河东第1网格", kind="grid", geom=GRID, division=plan.HEDONG,
                 valid_from=plan.FOUNDED),
            Zone(code="360199006001", name="河东社区", kind="community", geom=GRID, division=plan.HEDONG,
                 valid_from=plan.FOUNDED)])


def _codes(engine, kind):
    with reading(engine) as session:
        rows = session.scalars(select(Zone).where(Zone.kind == kind, Zone.valid_to.is_(None)).order_by(Zone.code))
        return {row.code: row.geom for row in rows}


def _desk(screen, name, **more):
    shown = screen(name, bypass_csp=True, **more)
    shown.page.add_init_script(path=AXE)
    return shown.open(AT)


def _click(page, lon, lat):
    at = page.evaluate("([lon, lat]) => window.civmap.map.latLngToContainerPoint([lat, lon])", [lon, lat])
    page.mouse.click(at["x"], at["y"] + page.locator(".folium-map").bounding_box()["y"])


def _steps(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def test_a_zone_is_drawn_by_keys_alone_and_its_draft_outlives_the_page(screen, engine):
    page = _desk(screen, "clerk")
    page.focus("#draw-open")
    page.keyboard.press("Enter")
    page.locator("[data-task=new]").press("Enter")
    page.wait_for_selector(".desk-drawing .crosshair:not([hidden])")
    _steps(page, "Enter", *["Shift+ArrowRight"] * 2, "Enter", *["Shift+ArrowDown"] * 2, "Enter", "ArrowUp", "Enter",
           "Backspace")
    page.wait_for_function(WORD.format("还有 3 点"))
    _steps(page, *["Shift+ArrowLeft"] * 2, "Enter", "f")
    expect(page.locator(".draw-state strong")).to_contain_text("平方米")
    expect(page.locator(".desk-facts [name=name]")).to_be_focused()
    page.keyboard.type("键盘画的区")
    page.wait_for_function("() => Object.values(localStorage).some((kept) => kept.includes('键盘画的区'))")
    page.reload()
    page.locator(".toast button", has_text="继续").click()
    expect(page.locator(".desk-facts [name=name]")).to_have_value("键盘画的区")
    page.locator(".desk-corners summary").press("Enter")
    lat = page.locator(".corners [data-part='1']").first
    before = float(lat.input_value())
    page.locator(".corners [data-part=move]").first.press("Shift+ArrowUp")
    expect(lat).not_to_have_value(f"{before:.7f}")
    assert (float(lat.input_value()) - before) * 110_800 == pytest.approx(10, abs=0.3)
    expect(page.locator(".corners [data-part=move]").first).to_be_focused()
    page.keyboard.press("Control+z")
    expect(lat).to_have_value(f"{before:.7f}")
    assert grave(page, THEMES) == {}
    page.locator(".send [type=submit]").press("Enter")
    page.locator(".toast", has_text="已保存：键盘画的区").wait_for()
    drawn = [geom for code, geom in _codes(engine, "frontage").items() if code != "SB000001"]
    assert len(drawn) == 1 and drawn[0].is_valid and len(drawn[0].exterior.coords) == 5
    assert page.evaluate("() => JSON.stringify(localStorage)").count("键盘画的区") == 0


def test_a_finger_draws_a_zone_and_drags_a_corner_that_stays_in_sight(screen, engine):
    page = _desk(screen, "clerk", size=PHONE)
    page.tap("#draw-open")
    page.tap("[data-task=new]")
    page.wait_for_selector(".crosshair-set")
    for name in ("undo", "redo", "snapping", "crosshair", "back", "finish"):
        size = page.locator(f"[data-do={name}]").bounding_box()
        assert min(size["width"], size["height"]) >= 44, name
    for count, (x, y) in enumerate(((90, 170), (250, 180), (260, 330)), 1):
        page.touchscreen.tap(x, y)
        page.wait_for_function(WORD.format(f"已定第 {count} 点"))
    page.tap(".crosshair-set")
    page.tap("[data-do=finish]")
    expect(page.locator(".draw-state strong")).to_contain_text("平方米")
    page.wait_for_function("() => document.querySelectorAll('.corner').length === 4")
    corner = page.locator(".corner[data-at='0,0']")
    place = corner.bounding_box()
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    touch = page.context.new_cdp_session(page)
    for kind, spots in (("touchStart", [(x, y)]), ("touchMove", [(x + 12, y + 12)]), ("touchMove", [(x + 20, y + 70)])):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": a, "y": b} for a, b in spots]})
    held = page.locator(".corner.held").bounding_box()
    assert held["y"] + held["height"] / 2 < y + 70 - 40  # above the finger
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function("() => !document.querySelector('.corner.held')")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert grave(page, ()) == {}
    page.wait_for_load_state("networkidle")  # what is still on its way would move the button under the finger
    page.tap(".send [type=submit]")
    page.locator(".toast", has_text="已保存").wait_for()
    assert len(_codes(engine, "frontage")) == 2


def test_a_grid_is_picked_from_a_stack_split_with_a_preview_and_made_whole_again(screen, engine, grids):
    page = screen("dispatcher").open(AT)
    page.click("#draw-open")
    page.click("[data-task=split]")
    _click(page, 115.8604, 28.6842)
    page.locator(".stack-list button", has_text="河东第1网格").press("Enter")
    page.wait_for_selector(".desk-drawing .desk-zones")
    for lat in (28.68365, 28.68475):
        _click(page, 115.8604, lat)
    page.click("[data-do=finish]")
    rows = page.locator(".desk-changes tbody tr")
    expect(rows).to_have_count(2)
    expect(page.locator(".desk-number")).to_have_count(2)
    assert len(_codes(engine, "grid")) == 1
    told = [float(text.replace(",", "")) for text in page.locator(".desk-changes td:nth-child(3)").all_inner_texts()]
    page.click(".send [type=submit]")
    page.locator(".toast button", has_text="撤销").wait_for()
    halves = list(_codes(engine, "grid").values())
    assert len(halves) == 2 and shapely.coverage_is_valid(halves)
    whole = page.request.get(page.url.split("/?")[0] + "/api/v1/zones.geojson?kind=grid").json()["features"]
    assert sum(told) == pytest.approx(sum(row["properties"]["area_m2"] for row in whole), abs=0.2)
    page.locator(".toast button", has_text="撤销").click()
    page.locator(".toast", has_text="已恢复原状").wait_for()
    assert [geom.equals(GRID) for geom in _codes(engine, "grid").values()] == [True]
    page.keyboard.press("Control+y")
    page.locator(".toast", has_text="已重做").wait_for()
    assert len(_codes(engine, "grid")) == 2
