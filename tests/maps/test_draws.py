"""Choosing in the browser: a blind draw from its form until it is published, and a selection as a round."""

import pytest
from playwright.sync_api import expect
from shapely import Point

from civmap import clock
from civmap.draws.models import Draw
from civmap.inspections.models import Visit
from civmap.points.models import InspectionPoint
from civmap.store.database import reading, writing
from tests.maps.conftest import PHONE
from tests.maps.test_look import AXE, RUN
from tests.support import town

pytestmark = pytest.mark.spatialite
ASKED = "() => document.body.dataset.asking === 'false'"


def test_points_are_drawn_by_type_and_street_seen_first_and_published_later(screen, engine):
    with writing(engine) as session:
        session.add_all(InspectionPoint(code=f"R{number}", name=f"餐饮{number}", type="PT18", valid_from=town.FOUNDED,
                                        is_declared=True, geom=Point(115.858 + number / 900, 28.685),
                                        division=town.HEDONG if number < 6 else town.QIAOXI) for number in range(8))
    shown = screen(bypass_csp=True)
    shown.page.add_init_script(path=AXE)
    page = shown.open("/draws/new")
    expect(page.locator("#lots-count")).to_have_text("2")  # market and hospital are mandatory
    more = page.locator("[data-type=PT18] [data-step='1']")
    for _time in range(3):
        more.click()
    expect(page.locator("#lots-count")).to_have_text("5")
    page.locator(f"[data-street='{town.HEDONG}'] input").fill("0")
    expect(page.locator("#lots-said .notice")).to_contain_text("要 3 个，只有 2 个")
    expect(page.locator("[data-type=PT18]")).to_have_class("lots-type is-drawn is-lacking")
    page.fill("[name=seed]", "开封 7")
    page.check("[name=covert]")
    page.wait_for_function(ASKED)
    assert page.evaluate(RUN, None) == []
    page.click("#lots-go")
    page.wait_for_url("**/draws/CJ*")
    expect(page.locator(".lots-pin")).to_have_count(4)
    assert page.locator(".lots-seed").inner_text() == "开封 7"
    assert page.locator("[data-code]").count() == 4 and "R6" in page.locator(".lots-result").inner_text()
    assert page.evaluate(RUN, None) == []
    page.click("#lots-publish")
    page.click("#lots-sure")
    expect(page.locator("#lots-publish")).to_have_count(0)
    with reading(engine) as session:
        draw = session.query(Draw).one()
        assert (draw.seed, draw.is_covert, bool(draw.published_at)) == ("开封 7", True, True)
    page.set_viewport_size(PHONE)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]


def test_what_was_not_seen_is_selected_on_the_map_and_becomes_a_round(screen, engine):
    with writing(engine) as session:
        seen = session.query(InspectionPoint).filter_by(code="P001").one()
        session.add(Visit(key="v", point_id=seen.id, who="inspector", arrived_at=clock.now(), saved_at=clock.now()))
    page = screen().open("/?layers=points&at=14/28.685/115.858")
    page.wait_for_selector(".mark[data-code=P001]")
    page.click("#filter-open")
    page.select_option("[data-filter=not_seen_days]", "30")
    page.wait_for_url("**not_seen_days=30**")
    expect(page.locator("[data-chip=not_seen_days]")).to_contain_text("30 天以上")
    expect(page.locator(".mark[data-code=P001]")).to_have_count(0)
    page.locator("[data-close-filters]").first.click()
    page.click("#select-open")
    page.locator("#select-hint button", has_text="选中视野内全部").click()
    page.locator("#selection-bar", has_text="点位 2").wait_for()
    page.click("[data-act=round]")
    page.wait_for_url("**/routes/new?points=*")
    assert sorted(page.url.split("points=")[1].split("&")[0].split(",")) == ["P002", "P003"]
    page.go_back()
    page.click("#list-open")
    page.click(".drawer-table [data-column=risk] button")
    page.wait_for_selector(".drawer-table [data-column=risk][aria-sort=descending]")
