"""A round whose network is cut in the middle: three stops, two fails and a photo, and all of it arrives once."""

from datetime import timedelta

import pytest
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import select

from civmap import clock
from civmap.inspections.models import Finding, Visit
from civmap.inspections.scores import point_rate
from civmap.issues.models import Issue, Photo
from civmap.people.models import SignIn
from civmap.people.queries import by_name, token_digest
from civmap.points.models import InspectionPoint
from civmap.routes.models import Route
from civmap.store.database import reading, writing
from civmap.web.access import COOKIE
from tests.maps.conftest import PATIENCE, PHONE
from tests.support import rounds

pytestmark = pytest.mark.spatialite
GO = "/routes/LX-WALK/go"


@pytest.fixture
def phone(chromium, address, engine):
    """Give the inspector's phone, and the round of three markets 100 m apart."""
    with writing(engine) as session:
        person, now, secret = by_name(session, "inspector"), clock.now(), "phone-on-a-round"
        rounds.lay(session, ("东市场", "中市场", "西市场"), 1, "LX-WALK", walker=person.id)
        session.add(SignIn(token_hash=token_digest(secret), person_id=person.id, created_at=now,
                           expires_at=now + timedelta(days=1)))
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True, base_url=address,
                                   geolocation={"longitude": 115.8561, "latitude": 28.6832, "accuracy": 8},
                                   permissions=["geolocation"])
    context.set_default_timeout(PATIENCE)
    context.add_cookies([{"name": COOKIE, "value": secret, "url": address}])
    yield context
    context.close()


def _arrive(context, page, place, name):
    """Walk to a stop and check in."""
    expect(page.locator("#walk-stop h2")).to_have_text(name)
    context.set_geolocation({"longitude": 115.8581 + place / 1000, "latitude": 28.6832, "accuracy": 8})
    page.wait_for_selector(".walk-whither.is-there")
    page.click("#walk-arrive")
    page.wait_for_selector(".walk-item")


def _fail(page, item):
    page.click(f"[data-item={item}] [data-result=fail]")
    page.wait_for_selector(".walk-fail .button-main")


def test_a_round_without_a_network_arrives_once_and_in_order(phone, engine, tmp_path):
    Image.new("RGB", (800, 600), "brown").save(tmp_path / "fail.jpg")
    page = phone.new_page()
    page.goto(GO)
    expect(page.locator(".walk-whither strong")).to_have_text("200 米")
    expect(page.locator(".walk-kept")).to_have_text("断网可用")
    with page.expect_response("**/api/v1/visits"):
        _arrive(phone, page, 0, "东市场")
    phone.set_offline(True)
    _fail(page, "E02")
    expect(page.locator(".walk-facts")).to_contain_text("非法小广告")
    page.set_input_files(".walk-fail input[type=file]", tmp_path / "fail.jpg")
    page.wait_for_selector(".walk-fail .thumb img")
    page.fill(".walk-fail textarea", "西门立柱")
    page.click(".walk-fail .button-main")
    expect(page.locator("[data-item=E02] .walk-item-more")).to_contain_text("待发送")
    page.click("[data-item=O08] [data-result=na]")
    page.click(".walk-rest")
    page.click("#walk-finish")

    _arrive(phone, page, 1, "中市场")
    _fail(page, "F14")
    page.click(".walk-fail .button-plain")
    page.click(".walk-rest")
    page.close()

    page = phone.new_page()
    page.goto(GO)
    expect(page.locator(".walk-sum strong")).to_have_text("19/19")
    page.click("#walk-finish")
    page.click(".walk-choices .button-main")
    _arrive(phone, page, 2, "西市场")
    page.click(".walk-rest")
    page.click("#walk-finish")
    expect(page.locator("#walk-stop h2")).to_have_text("全部完成")
    expect(page.locator("#walk-unsent")).to_contain_text("还在手机里")
    with reading(engine) as session:
        assert [visit.left_at for visit in session.scalars(select(Visit))] == [None], "only the check-in got through"

    phone.set_offline(False)
    expect(page.locator("#walk-unsent")).to_be_hidden()
    with reading(engine) as session:
        visits = session.execute(select(Visit, InspectionPoint.name).join(
            InspectionPoint, InspectionPoint.id == Visit.point_id).order_by(Visit.id)).all()
        assert [name for _, name in visits] == ["东市场", "中市场", "西市场"]
        assert [(visit.failed, visit.not_applicable, point_rate(visit.weight_passed, visit.weight_all).value)
                for visit, _ in visits] == [(1, 1, 94.4), (1, 0, 94.7), (0, 0, 100.0)]
        assert all(visit.left_at and visit.distance_m < 20 and "far_away" not in visit.warnings for visit, _ in visits)
        arrived = [moment for visit, _ in visits for moment in (visit.arrived_at, visit.left_at)]
        assert arrived == sorted(arrived)
        issues = session.scalars(select(Issue).order_by(Issue.id)).all()
        assert [(issue.class_code, issue.description) for issue in issues] == [
            ("E0201", "无小广告：西门立柱"), ("X2103", "消防通道/安全出口")]
        assert [finding.issue_id for finding in session.scalars(select(Finding).where(
            Finding.result == "fail").order_by(Finding.id))] == [issue.id for issue in issues]
        assert [photo.issue_id for photo in session.scalars(select(Photo))] == [issues[0].id]
        assert session.scalar(select(Route.state).where(Route.code == "LX-WALK")) == "under_way"
