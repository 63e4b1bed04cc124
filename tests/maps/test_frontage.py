"""Delimiting a street in the browser: look, rename, move a boundary, leave out, write all, take it back."""

import json

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from civmap.store.database import reading, writing
from civmap.zones.models import Zone
from tests.delimiting.test_frontage import shop
from tests.maps.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.spatialite
READY = "() => document.body.dataset.asking === 'false'"


def zones(engine):
    with reading(engine) as session:
        return {row.holder: row for row in session.scalars(select(Zone).where(
            Zone.kind == "frontage", Zone.segment_code == "LD0001", Zone.side == "right", Zone.valid_to.is_(None)))}


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_a_clerk_delimits_a_street(screen, engine, size):
    with writing(engine) as session:
        shop(session, "A", 106, 12), shop(session, "B", 124, 12), shop(session, "C", 300, 10)
    shown = screen("clerk", size)
    page = shown.page
    page.goto(f"{shown.address}/frontage?segments=LD0001")
    page.wait_for_function(READY)
    page.select_option("select[name=sides]", "right")
    page.uncheck("input[name=fill]")
    page.wait_for_function("() => document.body.dataset.proposal === '3' && document.body.dataset.asking === 'false'")
    row = page.locator(".front-table tbody tr")
    expect(row.nth(0)).to_contain_text("75")
    assert page.locator("path.leaflet-interactive").count() == 3
    row.nth(0).locator("input[aria-label*='店A']").nth(1).fill("新店名")
    row.nth(0).locator("input[type=number]").nth(1).fill("113")
    row.nth(0).locator("input[type=number]").nth(1).press("Tab")
    page.wait_for_function(f"() => ({READY})() && [...document.querySelectorAll('.front-table input')]"
                           ".some((one) => one.value === '新店名')")
    expect(row.nth(1).locator("input[type=number]").nth(0)).to_have_value("113.00")
    row.nth(2).locator("input[type=checkbox]").uncheck()
    page.wait_for_function("() => document.body.dataset.proposal === '2' && document.body.dataset.asking === 'false'")
    row.nth(1).locator("button.place").click()
    expect(page.locator(".front-handle")).to_have_count(2)
    page.click("#front-save")
    page.wait_for_function("() => document.body.dataset.saved === '2'")
    made = zones(engine)
    assert (made["主A"].name, set(made)) == ("新店名", {"主A", "主B"})
    page.locator(".toast button").first.click()
    page.wait_for_function("() => document.body.dataset.proposal === '3' && document.body.dataset.asking === 'false'")
    assert zones(engine) == {}
    assert json.loads(page.evaluate("() => JSON.stringify(document.documentElement.scrollWidth <= innerWidth + 1)"))
