"""The page of who answers: the order moved by keys, tried on the map, what would change seen, saved and taken back."""

import pytest
from playwright.sync_api import expect

from civmap import clock
from civmap.issues import actions
from civmap.people.rules import OFFICE
from civmap.store.database import writing

NOODLES = {"class": "outside_shop", "description": "店外经营", "lon": 115.85722, "lat": 28.68325}


@pytest.mark.spatialite
def test_the_cascade_is_tried_before_it_is_saved_and_one_tap_takes_it_back(screen, engine):
    with writing(engine) as session:
        no = actions.report(session, OFFICE, NOODLES, clock.now()).issue_no
    shown = screen("admin")
    page = shown.open("/responsibility")
    rules = page.locator("#order [data-rule]")
    expect(rules).to_have_count(7)
    up = page.locator("[data-rule=segment] [data-do=up]")
    for place in (2, 1):
        up.press("Enter")
        expect(rules.nth(place)).to_have_attribute("data-rule", "segment")
    expect(up).to_be_focused()
    page.evaluate("civmap.map.setView([28.68325, 115.85722], 19)")
    page.locator("#try-centre").click()
    expect(page.locator("#try .both > section").first).to_contain_text("小李面馆")
    expect(page.locator("#try .is-other")).to_contain_text("河东街道办事处")
    page.locator("#preview").click()
    expect(page.locator("#change .move-list")).to_contain_text(no)
    page.locator("#save").click()
    expect(page.locator("#undo")).to_be_visible()
    expect(page.locator("#try .both > section").first).to_contain_text("河东街道办事处")
    page.locator("#undo").click()
    expect(page.locator("#try .both > section").first).to_contain_text("小李面馆")
    page.locator("#ruling-new").click()
    form = page.locator("#ruling-form form")
    form.get_by_role("combobox").fill("城市管理局")
    form.get_by_role("option", name="城市管理局").click()
    form.locator("[name=reason]").fill("商定由城管先行处置")
    form.locator("button.button-main").click()
    expect(page.locator("#rulings [data-ruling]")).to_contain_text("商定由城管先行处置")
    page = shown.open(f"/issues/{no}")
    expect(page.locator("#why .why-me")).to_contain_text("小李面馆")
    expect(page.locator("#why .why-runners li").first).to_be_visible()
