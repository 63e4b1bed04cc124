"""In the browser: a gap is repaired and taken back on the coverage page, and a community is tiled by a slider."""

import pytest
import shapely
from playwright.sync_api import expect
from shapely import box
from sqlalchemy import select

from civmap.store.database import reading, writing
from civmap.zones.models import Zone

from .conftest import PHONE

pytestmark = pytest.mark.spatialite
COMMUNITY = "360199006777"
WEST, SOUTH, EAST, NORTH = 115.8601, 28.6901, 115.8642, 28.6931


@pytest.fixture
def community(engine, town):
    """A community with two grids that leave a strip of some 20 metres between them."""
    with writing(engine) as session:
        parent = Zone(code=COMMUNITY, name="望江社区", kind="community", division=town.HEDONG,
                      geom=shapely.orient_polygons(box(WEST, SOUTH, EAST, NORTH)))
        session.add(parent)
        session.flush()
        session.add_all([Zone(code=f"{COMMUNITY}{number:03d}", name=f"望江第{number}网格", kind="grid",
                              parent_id=parent.id, division=town.HEDONG, geom=shapely.orient_polygons(shape))
                         for number, shape in ((1, box(WEST, SOUTH, 115.862, NORTH)),
                                               (2, box(115.8622, SOUTH, EAST, NORTH)))])


def grids(engine):
    with reading(engine) as session:
        return {zone.code: zone for zone in session.scalars(select(Zone).where(Zone.kind == "grid"))
                if zone.valid_to is None and zone.code.startswith(COMMUNITY)}


def test_a_gap_is_tried_repaired_and_taken_back(screen, engine, community):
    page = screen().open("/coverage?kind=grid")
    gaps = page.locator("[data-group=gaps]")
    expect(gaps.locator(".count")).to_have_text("1")
    expect(page.locator(".fit-shape.is-line")).to_have_count(0)
    gaps.get_by_role("button", name="修复").click()
    said = page.locator("#fit-said")
    expect(said.locator("tbody tr").first).to_contain_text("望江第")
    expect(page.locator(".fit-after").first).to_be_attached()
    assert len(grids(engine)) == 2
    said.get_by_role("button", name="新建一块").click()
    expect(said.get_by_role("button", name="新建一块")).to_have_attribute("aria-pressed", "true")
    expect(said.locator("tbody")).to_contain_text("→")
    said.get_by_role("button", name="保存").click()
    expect(page.locator(".fit-all")).to_be_visible()
    assert len(grids(engine)) == 3
    page.locator("#toasts").get_by_role("button", name="撤销").click()
    expect(gaps.locator(".count")).to_have_text("1")
    assert len(grids(engine)) == 2


def test_a_community_is_tiled_on_a_phone_by_a_slider(screen, engine, community):
    page = screen(size=PHONE).open(f"/zones/{COMMUNITY}/grids")
    page.wait_for_function("() => document.body.dataset.grids > 4")
    many = int(page.evaluate("() => document.body.dataset.grids"))
    page.locator("#slide").press("End")
    page.wait_for_function(f"() => document.body.dataset.grids > 0 && document.body.dataset.grids < {many}")
    page.locator("input[value=count]").check()
    page.locator("#wish").fill("5")
    page.wait_for_function("() => document.body.dataset.grids === '5'")
    expect(page.locator("#cells tbody tr")).to_have_count(5)
    expect(page.locator("#save")).to_be_disabled()
    page.locator("#replace").check()
    page.locator("#save").click()
    page.wait_for_url(f"**/zones/{COMMUNITY}")
    found = grids(engine)
    assert sorted(found) == [f"{COMMUNITY}{number:03d}" for number in range(3, 8)]
    assert shapely.coverage_is_valid([zone.geom for zone in found.values()])
