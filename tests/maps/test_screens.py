"""The map and its pages in a real browser: counts are true, hostile words are text, refusals have a way on."""

import re

import pytest
from PIL import Image
from playwright.sync_api import expect
from shapely import Point, box
from sqlalchemy import select

from civmap.points.models import InspectionPoint
from civmap.segments.models import RoadSegment
from civmap.store.database import writing
from civmap.units.models import Unit
from civmap.zones.models import Zone
from tests.maps.conftest import DESKTOP, PHONE
from tests.support import town as plan

pytestmark = pytest.mark.spatialite
HOSTILE = "`${alert(1)}` </script><script>alert(2)</script> \"><img src=x onerror=alert(3)>"


def _numbers(page, kind):
    cells = page.locator(f'#legend tr[data-kind="{kind}"] td').all_inner_texts()
    return [int(cell) if cell.strip().isdigit() else 0 for cell in cells]


def _settled(page, kind="points"):
    page.wait_for_function("kind => /^[0-9]+$/.test(document.querySelector(`#legend tr[data-kind=${kind}] .total`)"
                           ".textContent)", arg=kind)


def test_the_legend_adds_up_to_what_is_drawn(screen):
    page = screen().open("/")
    _settled(page)
    *by_status, total = _numbers(page, "points")
    assert sum(by_status) == total == page.locator(".mark[data-code]").count() == 3
    page.click("#filter-open")
    page.fill("[data-filter=type]", "农贸")
    page.locator("[role=option]", has_text="农贸市场").click()
    page.wait_for_function("() => document.querySelectorAll('.mark[data-code]').length === 1")
    expect(page.locator('#legend tr[data-kind="points"] .total')).to_have_text("1")
    page.keyboard.press("Escape")
    page.click("[data-close-filters]")
    page.click("#chips button")
    page.wait_for_function("() => document.querySelectorAll('.mark[data-code]').length === 3")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_click_on_a_point_tells_its_facts_and_who_answers(screen, size):
    page = screen(size=size).open("/")
    _settled(page)
    page.locator('.mark[data-code="P001"]').press("Enter")
    page.locator("#panel").get_by_text("没有未结问题").wait_for()
    expect(page.locator("#panel")).to_contain_text("人民医院")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def _make_hostile(engine):
    with writing(engine) as session:
        unit = Unit(code="X1", name=HOSTILE, kind="bureau", seat=Point(115.861, 28.686), categories=[],
                    valid_from=plan.FOUNDED)
        session.add(unit)
        session.flush()
        session.add_all([
            InspectionPoint(code="X1", name=HOSTILE, type="PT08", geom=Point(115.863, 28.687), unit_id=unit.id,
                            address=HOSTILE, street=HOSTILE, open_hours=HOSTILE,
                            division=plan.HEDONG, valid_from=plan.FOUNDED),
            Zone(code="X1", name=HOSTILE, kind="frontage", geom=box(115.864, 28.688, 115.8645, 28.6884),
                 unit_id=unit.id, holder=HOSTILE, division=plan.HEDONG, valid_from=plan.FOUNDED),
            RoadSegment(code="X1", name=HOSTILE, road_class="alley", geom=plan.ROAD, unit_id=unit.id, from_name=HOSTILE,
                        to_name=HOSTILE, division=plan.HEDONG, valid_from=plan.FOUNDED)])


def test_hostile_words_are_text_on_every_page_and_the_map_stays_whole(screen, engine):
    _make_hostile(engine)
    shown = screen("admin")
    for kind in ("points", "segments", "zones", "units"):
        expect(shown.open(f"/{kind}").locator("main")).to_contain_text(HOSTILE)
        expect(shown.open(f"/{kind}/X1").locator("h1")).to_contain_text(HOSTILE)
        page = shown.open(f"/?show={kind}/X1&layers=points,segments,zones,units,issues")
        page.locator("#panel .facts").wait_for()
        expect(page.locator("#panel-title")).to_contain_text(HOSTILE)
    page.fill("#find", "alert(1)")
    page.wait_for_selector("#found [role=option]")
    assert page.evaluate("window.civmap.map.getZoom()") > 0 and page.locator("img[src='x']").count() == 0


def test_an_issue_is_reported_from_a_phone_with_place_class_and_photo(screen, tmp_path):
    Image.new("RGB", (2400, 1800), "#77aa88").save(tmp_path / "photo.jpg")
    lon, lat = plan.SPOT_NOODLES
    page = screen("inspector", PHONE, permissions=["geolocation"],
                  geolocation={"longitude": lon, "latitude": lat, "accuracy": 6}).open("/")
    page.click("#report-open")
    page.locator(".where", has_text="误差约 6 米").wait_for()
    page.fill(".picker input", "店外")
    page.locator(".tile", has_text="店外经营").click()
    expect(page.locator(".report .who strong")).to_have_text("小李面馆")
    page.set_input_files(".report input[type=file]", tmp_path / "photo.jpg")
    page.wait_for_selector(".thumb img")
    page.fill(".report textarea", HOSTILE)
    page.click(".report [type=submit]")
    expect(page.locator(".done-number")).to_have_text(re.compile(r"^WT\d{8}-\d{4}$"))
    page.click(".done a.button-main")
    page.wait_for_url("**/issues/WT*")
    expect(page.locator("main")).to_contain_text(HOSTILE)
    expect(page.locator(".photo img")).to_have_count(1)
    page.wait_for_function("() => document.querySelector('.photo img').naturalWidth === 1600")


def test_a_report_that_fails_keeps_everything_and_is_sent_once(screen):
    page = screen("inspector").open("/")
    page.click("#report-open")
    page.locator(".tile").first.click()
    page.locator(".tile").first.click()
    page.click(".report [type=submit]")
    expect(page.locator(".send .notice-bad")).to_contain_text("位置")
    page.mouse.click(500, 450)
    page.fill(".report textarea", "垃圾")
    busy = '{"status": 503, "code": "busy", "detail": "正忙。"}'
    page.route("**/api/v1/issues", lambda route: route.fulfill(
        status=503, content_type="application/problem+json", body=busy), times=1)
    page.wait_for_selector(".report .who")
    page.click(".report [type=submit]")
    page.wait_for_selector(".send .notice-bad")
    expect(page.locator(".report textarea")).to_have_value("垃圾")
    page.click(".report [type=submit]")
    expect(page.locator(".done-number")).to_have_text(re.compile("^WT"))


def _draw(page, corners):
    page.click("#draw-open")
    page.click("[data-task=new]")
    page.wait_for_selector(".desk-drawing")
    box_ = page.locator(".folium-map").bounding_box()
    for lon, lat in [*corners, corners[0]]:
        at = page.evaluate("([lon, lat]) => window.civmap.map.latLngToContainerPoint([lat, lon])", [lon, lat])
        page.mouse.move(box_["x"] + at["x"], box_["y"] + at["y"])
        page.mouse.click(box_["x"] + at["x"], box_["y"] + at["y"])
    page.wait_for_selector(".draw-state strong")


A4 = [(115.8572815, 28.6832723), (115.8574554, 28.6832737), (115.8574559, 28.6832286), (115.8572819, 28.6832272)]


def test_an_overlap_is_shown_in_red_and_the_suggestion_is_accepted(screen):
    page = screen("clerk").open("/")
    page.evaluate("window.civmap.map.setView([28.68325, 115.8573], 20, {animate: false})")
    _draw(page, A4)
    expect(page.locator(".desk-said .notice-bad")).to_contain_text("小李面馆")
    expect(page.locator(".desk-said .notice-bad")).to_contain_text(re.compile(r"\d+(\.\d)? 平方米"))
    page.click(".desk-said .button-main")
    page.click(".send > .actions [type=submit]")
    page.locator(".toast", has_text=re.compile(r"^\s*已保存")).wait_for()


def test_a_zone_is_retired_at_once_and_comes_back_by_undo(screen):
    page = screen("clerk").open("/?draw=SB000001")
    page.wait_for_selector(".draw-state strong")
    page.get_by_role("button", name="停用").click()
    page.locator(".toast button", has_text="撤销").click()
    page.locator(".toast", has_text="已恢复原状。").wait_for()


def test_two_clerks_at_one_zone_see_both_outlines_and_nothing_is_lost(screen, engine):
    page = screen("clerk").open("/?draw=SB000001")
    page.wait_for_selector(".draw-state strong")
    with writing(engine) as session:
        session.scalar(select(Zone).where(Zone.code == "SB000001")).name = "小李面馆（老店）"
    page.click(".desk-facts summary")
    page.fill(".desk-facts [name=name]", "小李面馆（我的）")
    page.click(".send [type=submit]")
    page.get_by_role("button", name="按最新情况重算我的修改").click()
    page.locator(".toast", has_text="小李面馆（我的）").wait_for()


REPORT = """async body => {
    const token = document.querySelector('meta[name=csrf-token]').content;
    const headers = {'Content-Type': 'application/json', 'X-CSRF-Token': token};
    const answer = await fetch('/api/v1/issues', {method: 'POST', headers, body: JSON.stringify(body)});
    return (await answer.json()).issue_no;
}"""


def _verb(page, verb):
    page.click(f"[data-verb={verb}]")


def _now(page, state):
    page.locator(".kicker .chip", has_text=state).wait_for()
    page.wait_for_load_state()


def test_an_issue_walks_from_report_to_strike_off_by_the_buttons_of_its_page(screen, tmp_path):
    Image.new("RGB", (800, 600), "#8899aa").save(tmp_path / "after.jpg")
    lon, lat = plan.SPOT_A2
    body = {"class": "E0102", "description": HOSTILE, "lon": lon, "lat": lat}
    address = f"/issues/{screen('inspector').open('/issues').evaluate(REPORT, body)}"
    office = screen("dispatcher").open(address)
    _verb(office, "file")
    _now(office, "已立案待派遣")
    _verb(office, "dispatch")
    office.click(".verb-form .button-main")
    _now(office, "已派遣待签收")
    unit = screen("handler", PHONE).open(address)
    _verb(unit, "acknowledge")
    _now(unit, "整改中")
    _verb(unit, "feedback")
    unit.fill(".verb-form textarea", "已清扫")
    unit.set_input_files(".verb-form input[type=file]", tmp_path / "after.jpg")
    unit.wait_for_selector(".thumb img")
    unit.click(".verb-form .button-main")
    _now(unit, "已反馈待核查")
    checker = screen("inspector").open(address)
    _verb(checker, "check")
    checker.click(".verb-form .button-main")
    _now(checker, "已销号")
    expect(checker.locator(".steps .done")).to_have_count(6)
    expect(checker.locator(".lead-text")).to_contain_text(HOSTILE)


def test_the_language_switch_changes_every_word_of_the_page(screen):
    page = screen().open("/issues")
    page.click(".bar .language button[value=en] >> visible=true")
    expect(page.locator("h1")).to_have_text("Issues")
    page.wait_for_load_state()
    words = re.sub(r"中文|示例区", "", page.inner_text("header") + page.inner_text(".filter .label >> nth=0"))
    assert not re.search(r"[一-鿿]", words)
