"""In the browser: the office reads what a round found and carries over what was left; a phone shows visits."""

import pytest
from playwright.sync_api import expect

from civmap.store.database import writing
from tests.support import walked

from .conftest import PHONE

pytestmark = pytest.mark.spatialite


def test_the_office_reads_a_result_and_carries_over_what_was_left(screen, engine):
    with writing(engine) as session:
        walked.walk(session)
    page = screen("dispatcher").open("/routes/LX-2/result")
    expect(page.locator(".score-main")).to_contain_text("87.5 %")
    expect(page.locator(".score-main .change")).to_contain_text("+37.5")
    expect(page.locator(".matrix .mark-fail")).to_have_count(1)
    page.get_by_role("button", name="顺延为新路线").click()
    page.wait_for_url("**/routes/LX2*")
    page.goto(page.url.split("/routes")[0] + "/routes/LX-2/result")
    expect(page.get_by_role("region", name="未完成的点位")).to_contain_text("已顺延到")
    expect(page.get_by_role("button", name="顺延为新路线")).to_have_count(0)
    phone = screen("doctor", PHONE).open("/points/P001")
    expect(phone.locator("[data-visits] .visit-rate")).to_have_text(["50.0", "75.0"])
    expect(phone.locator(".visit-fails li")).to_have_count(1)
    assert phone.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    phone.goto(phone.url.split("/points")[0] + "/routes/LX-2/result")
    expect(phone.locator(".score-main")).to_contain_text("75.0 %")
    assert phone.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
