"""In the browser: a clerk signs anew on the page of a zone, a passer-by reads the plate, and two days are compared."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from civmap import clock
from civmap.city.placards import placard_for
from civmap.people.queries import by_name, viewer_of
from civmap.store.database import writing
from civmap.zones import actions
from civmap.zones.models import Zone
from tests.support.features import feature, frame

from .conftest import PHONE

pytestmark = pytest.mark.spatialite
HALF = frame(115.8571485, 28.6832261, 115.8572, 28.6832711)


@pytest.fixture
def shrunk(engine):
    """Let the noodle shop's zone have shrunk two days ago; return the key of its plate."""
    with writing(engine) as session:
        admin = viewer_of(session, by_name(session, "admin"), "api")
        then = clock.now() - timedelta(days=2)
        zone = session.scalar(select(Zone).where(Zone.code == "SB000001"))
        actions.replace(session, admin, "SB000001", feature(HALF), zone.version, then)
        return placard_for(session, admin, "zone", "SB000001", then).key


def test_a_clerk_signs_anew_and_a_passer_by_reads_the_plate(screen, shrunk):
    page = screen("clerk").open("/zones/SB000001")
    card = page.locator("#pledge")
    card.get_by_label("原因").fill("换店主")
    card.get_by_role("button", name="标为变更中").click()
    expect(card.locator(".chip")).to_have_text("变更中")
    card.get_by_label("期限").fill("6")
    card.get_by_label("负责人").fill("小王")
    card.get_by_role("button", name="签订", exact=True).click()
    expect(card.locator(".chip")).to_have_text("已签订")
    page.goto(page.url.split("/zones")[0] + "/pledges?pledge=signed")
    expect(page.get_by_role("button", name="续签")).to_be_disabled()
    page.get_by_label("选择 小李面馆").check()
    page.get_by_role("button", name="续签").click()
    expect(page.get_by_role("status").first).to_contain_text("已办理 1 份")
    plate = screen("grid", PHONE).open(f"/pledge/{shrunk}")
    expect(plate.get_by_role("heading", level=1)).to_have_text("小李面馆")
    expect(plate.locator("main")).not_to_contain_text("小王")
    assert plate.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_two_days_lie_over_one_another(screen, shrunk):
    page = screen("clerk").open("/differences")
    row = page.locator("[data-code=SB000001]")
    expect(row).to_contain_text("减少")
    page.wait_for_function("() => document.body.dataset.drawn === '1'")
    expect(page.locator("path[stroke-dasharray]")).to_have_count(1)
    row.click()
    expect(page.locator("#zones .count")).to_have_text("1")
