"""The map lives: what others do appears by itself, the past can be seen and compared, and nobody loses their place."""

import json
import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from shapely import Point

from civmap import clock
from civmap.issues.models import Issue
from civmap.points.models import InspectionPoint
from civmap.store.database import writing
from tests.maps.conftest import PHONE
from tests.support import town as plan

pytestmark = pytest.mark.spatialite
EAST = {"class": "E0115", "description": "垃圾箱满溢", "lon": 115.8620, "lat": 28.6850, "point": "P001"}
POLL = "document.dispatchEvent(new Event('live-poll'))"


@pytest.fixture
def office(address, program):
    """Give somebody who works through the interface while others look at the map."""
    import urllib.request

    def send(name, method, path, body=None, **headers):
        sent = {**program(name), "Content-Type": "application/json", **headers}
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(f"{address}/api/v1{path}", data, sent, method=method)
        with urllib.request.urlopen(asked) as answer:
            return json.loads(answer.read()), answer.headers.get("ETag")

    return send


@pytest.fixture
def program(engine):
    """Give a maker of the headers of a person's program."""
    from civmap.people import actions
    from civmap.people.rules import OFFICE

    def headers(name):
        with writing(engine) as session:
            token, _expires = actions.add_token(session, OFFICE, name, 30, clock.now())
        return {"Authorization": f"Bearer {token}"}

    return headers


def _reported(office):
    made, _tag = office("dispatcher", "POST", "/issues", EAST)
    return made["issue_no"]


def _reject(office, no):
    _issue, tag = office("dispatcher", "GET", f"/issues/{no}")
    office("dispatcher", "POST", f"/issues/{no}/reject", {"reason": "不属实"}, **{"If-Match": tag})


def _status(page, code, status):
    page.wait_for_selector(f'.mark[data-code="{code}"][data-status="{status}"]')


def test_a_point_whose_last_issue_ends_elsewhere_turns_green_and_the_viewer_stays(screen, office):
    no = _reported(office)
    page = screen("leader").open("/")
    _status(page, "P001", "open")
    page.locator('.mark[data-code="P001"]').press("Enter")
    page.locator("#panel", has_text="垃圾箱满溢").wait_for()
    page.evaluate("window.civmap.map.setView([28.6853, 115.8617], 16, {animate: false})")
    page.focus("#panel-close")
    before = page.evaluate("[window.civmap.map.getCenter().toString(), window.civmap.map.getZoom()]")
    _reject(office, no)
    page.evaluate(POLL)
    _status(page, "P001", "none")
    page.locator("#panel .live-mark").wait_for()
    expect(page.locator("#panel")).to_contain_text("没有未结问题")
    assert page.evaluate("[window.civmap.map.getCenter().toString(), window.civmap.map.getZoom()]") == before
    assert page.evaluate("document.activeElement.id") == "panel-close"
    page.wait_for_function("() => document.getElementById('live-said').textContent.length > 0")


def test_what_is_being_typed_is_not_swept_away(screen, office):
    page = screen("dispatcher").open("/")
    _status(page, "P001", "none")
    page.click("#report-open")
    page.fill(".report textarea", "店外经营，占了半条人行道")
    no = _reported(office)
    page.evaluate(POLL)
    _status(page, "P001", "open")
    assert page.input_value(".report textarea") == "店外经营，占了半条人行道"
    _reject(office, no)


def test_a_cut_network_is_said_quietly_and_leaves_the_map_whole(screen, office):
    shown = screen("leader")
    page = shown.open("/")
    _status(page, "P001", "none")
    no = _reported(office)
    page.context.set_offline(True)
    page.evaluate(POLL)
    page.locator("#live-state", has_text="离线").wait_for()
    expect(page.locator(".mark[data-code]")).to_have_count(3)
    page.context.set_offline(False)
    page.evaluate(POLL)
    _status(page, "P001", "open")
    page.locator("#live-state").wait_for(state="hidden")
    _reject(office, no)
    shown.troubles[:] = [said for said in shown.troubles if "ERR_INTERNET_DISCONNECTED" not in said]


VISIT = """([cursor, at]) => localStorage.setItem('civmap.visit.leader',
    JSON.stringify({base: {cursor, at}, last: {cursor, at}}))"""


def test_whoever_comes_back_sees_what_others_did_and_flies_there(screen, office):
    cursor = office("leader", "GET", "/changes")[0]["cursor"]
    no = _reported(office)
    page = screen("leader").open("/help")
    page.evaluate(VISIT, [cursor, clock.iso(clock.now() - timedelta(days=3))])
    page.goto(page.url.replace("/help", "/"))
    page.locator("#news-open", has_text="1").click()
    page.locator(".news-dot-map").wait_for()
    line = page.locator("#news-list button", has_text=no)
    expect(line).to_contain_text("dispatcher")
    expect(line).to_contain_text("上报")
    line.click()
    page.locator("#panel", has_text="垃圾箱满溢").wait_for()
    page.wait_for_function("() => document.querySelectorAll('.news-dot-map').length === 0")
    page.click("#news-seen")
    page.locator("#news-list .empty").wait_for()


@pytest.fixture
def yesterday(engine):
    """Give an issue that was overdue on P001 until this midnight, and a point that is newer than yesterday."""
    now = clock.now()
    day = clock.office_day(now) - timedelta(days=1)
    noon = clock.parse_moment(f"{day}T12:00:00+08:00")
    with writing(engine) as session:
        point = session.query(InspectionPoint).filter_by(code="P001").one()
        session.add(Issue(issue_no="WT-OLD", class_code="E0115", geom=Point(plan.HOSPITAL_SPOT), state="closed",
                          point_id=point.id, division=plan.HEDONG, reported_at=noon - timedelta(days=2),
                          dispatched_at=noon - timedelta(days=2), due_soon_at=noon - timedelta(days=1),
                          due_at=noon, closed_at=noon + timedelta(hours=13), ended_at=noon + timedelta(hours=13)))
    return day.isoformat()


def test_the_slider_shows_yesterday_and_takes_no_writes(screen, yesterday):
    page = screen("dispatcher").open("/")
    _status(page, "P001", "none")
    page.click("#time-open")
    page.locator("#time-said", has_text="未结 0").wait_for()
    page.focus("#time-range")
    page.keyboard.press("ArrowLeft")
    _status(page, "P001", "overdue")
    page.locator("#past", has_text="只能查看").wait_for()
    page.wait_for_url(lambda url: f"on={yesterday}" in url)
    page.wait_for_function("() => /超期\\s+1/.test(document.getElementById('time-said').innerText)")
    expect(page.locator("#time-range")).to_have_attribute("aria-valuetext", re.compile("1"))
    cell = "document.querySelector('#legend tr[data-kind=points] [data-cell=overdue]')"
    page.wait_for_function(f"() => {cell}.innerText.trim() === '1'")
    expect(page.locator("#report-open")).to_be_hidden()
    page.focus("#time-range")
    page.keyboard.press("Home")
    page.wait_for_function("() => document.querySelectorAll('.mark[data-code]').length === 3")
    page.keyboard.press("End")
    _status(page, "P001", "none")
    page.wait_for_url(lambda url: "on=" not in url)
    expect(page.locator("#past")).to_be_hidden()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.locator("#past", has_text="只能查看").wait_for()
    page.click("#time-play")
    page.wait_for_function("() => !location.search.includes('on=')")
    page.locator("#time-play[aria-label=播放]").wait_for()


SIDE_BY_SIDE = """() => {
    const [left, right] = ['.ground', '#second'].map((where) => document.querySelector(where).getBoundingClientRect());
    return Math.abs(left.width - right.width) <= 4 && Math.abs(left.height - right.height) <= 4
        && (left.right <= right.left || left.bottom <= right.top);
}"""


@pytest.mark.parametrize("size", [None, PHONE], ids=["desktop", "phone"])
def test_two_days_lie_side_by_side_with_their_difference(screen, yesterday, size):
    today = clock.office_day(clock.now()).isoformat()
    shown = screen("leader", size) if size else screen("leader")
    page = shown.open(f"/?on={yesterday}&and={today}")
    page.wait_for_selector('.ground .mark[data-code="P001"][data-status="overdue"]')
    page.wait_for_selector('#second .mark[data-code="P001"][data-status="none"]')
    page.locator("#compare-difference", has_text="−1").first.wait_for()
    page.focus("#swipe")
    page.keyboard.press("End")
    expect(page.locator("#swipe")).to_have_attribute("aria-valuenow", "100")
    page.click("#compare-how")
    page.evaluate("window.civmap.map.setView([28.685, 115.861], 17, {animate: false})")
    page.wait_for_function(SIDE_BY_SIDE)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    page.click("#compare-end")
    page.wait_for_selector("#second", state="hidden")
    _status(page, "P001", "none")
