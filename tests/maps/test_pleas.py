"""A suspension asked for on a phone and granted at a desk; what may not be done now stands there with its reason."""

from datetime import timedelta

import pytest

from civmap import clock
from civmap.issues import actions
from civmap.people.rules import OFFICE
from civmap.store.database import writing
from tests.maps.conftest import PHONE
from tests.support import town

pytestmark = pytest.mark.spatialite


@pytest.fixture
def issue_no(engine):
    lon, lat = town.SPOT_A2
    with writing(engine) as session:
        made = actions.report(session, OFFICE, {"class": "pothole", "description": "路面坑洼", "lon": lon, "lat": lat,
                                                "on_site": True, "unit": "HW-C"}, clock.now())
        actions.perform(session, OFFICE, made.issue_no, "acknowledge", {}, made.version, clock.now())
        actions.perform(session, OFFICE, made.issue_no, "start", {}, made.version, clock.now())
        return made.issue_no


def test_a_unit_asks_and_the_office_decides_by_the_buttons_of_the_page(screen, issue_no):
    phone = screen("handler", PHONE).open(f"/issues/{issue_no}")
    phone.locator(".not-now li", has_text="已经开始整改").wait_for()
    assert phone.locator(".not-now [data-verb]").count() == 0
    phone.click("[data-verb=suspend]")
    day = f"{clock.now() + timedelta(days=40):%Y-%m-%d}"
    phone.fill(".verb-form input[type=date]", day)
    phone.fill(".verb-form textarea", "等待管线迁改")
    phone.click(".verb-form .button-main")
    phone.locator(".plea-asked").wait_for()
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    office = screen("dispatcher").open(f"/issues/{issue_no}")
    first = office.locator("#verb-buttons [data-verb]").first
    assert first.get_attribute("data-verb") == "suspend"
    first.click()
    office.locator(".asked", has_text="等待管线迁改").wait_for()
    assert office.input_value(".verb-form input[type=date]") == day
    office.click(".verb-form .button-main")
    office.locator(".plea-granted").wait_for()
    office.locator(".kicker .chip", has_text="挂账").wait_for()
    office.locator(".trail", has_text="挂账申请：已同意").wait_for()
