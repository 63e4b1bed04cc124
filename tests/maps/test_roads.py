"""Road segments before a person: split with preview and undo, drawn along streets, chosen, read on a phone."""

import pytest
from shapely import LineString

from civmap import clock
from civmap.city import placards
from civmap.city.models import StreetEdge
from civmap.segments import choosing, taking
from civmap.store.database import writing
from tests.maps.conftest import PHONE
from tests.maps.test_look import AXE, THEMES, grave
from tests.segments.test_matching import edges, spot
from tests.support import town

pytestmark = pytest.mark.spatialite
SMALL = """() => [...document.querySelectorAll('main a, main button')].filter((one) => one.checkVisibility())
    .map((one) => [one.textContent.trim(), one.getBoundingClientRect()]).filter(([, box]) => box.height < 43.5)
    .map(([words]) => words)"""


@pytest.fixture
def streets(address, engine):
    """Give a street network around Peace Road, a row that waits for a choice, and the board of River Street."""
    with writing(engine) as session:
        viewer = town.viewers(session)["admin"]
        for edge in edges():
            session.add(StreetEdge(name=edge.name, highway="primary", from_node=edge.start, to_node=edge.end,
                                   is_oneway=edge.is_oneway, length_m=1, geom=LineString(edge.line)))
        session.flush()
        rows = [taking.keyed({"name": name, "from_name": start, "to_name": end})
                for name, start, end in (("和平街", "西门路", "中街"), ("和平路", "中街", "望远路"))]
        answers = taking.found(session, viewer, rows).answers
        choosing.of_table(session, viewer, list(enumerate(rows)), answers, clock.now())
        return placards.placard_for(session, viewer, "segment", "LD0001", clock.now()).key


def test_a_segment_is_split_after_a_preview_and_put_back_with_one_tap(screen, streets):
    shown = screen("dispatcher")
    page = shown.open("/segments/LD0001")
    page.fill("#parting input[name=at_m]", "600")
    page.check("#parting input[value=own]")
    page.click("#parting .actions button")
    page.wait_for_selector("#parting-do")
    assert "LD0001-2" in page.inner_text("#parting-said") and "K0+600" in page.inner_text("#parting-said")
    page.click("#parting-do")
    page.click("#parting-undo")
    page.wait_for_function("() => document.getElementById('parting-said').textContent.includes('已恢复原样')")
    page = shown.open("/roads/河东路")
    assert page.locator(".road-table tbody tr").count() == 1

    page = shown.open("/segments/choices")
    page.wait_for_function("() => document.body.dataset.ready === 'choices'")
    page.locator(".candidate").first.click()
    page.wait_for_function("() => document.getElementById('count').textContent === '1'")
    page.get_by_role("button", name="跳过").click()
    page.wait_for_function("() => document.getElementById('count').textContent === '0'")

    page = shown.open("/segments/new")
    start, end = spot(100, 0), spot(600, -1)
    page.fill("#place-text", f"{start[0]}, {start[1]}")
    page.locator("#place-text").dispatch_event("change")
    page.evaluate("([lon, lat]) => window.civmap.map.fire('click', {latlng: {lng: lon, lat}})", list(end))
    page.wait_for_function("() => document.getElementById('place-text').value.split('\\n').length > 3")


def test_the_board_is_read_on_a_phone_without_signing_in(screen, streets):
    shown = screen("chief", PHONE)
    shown.page.context.clear_cookies()
    shown.page.add_init_script(path=AXE)
    page = shown.open(f"/board/{streets}")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert page.locator("h1").inner_text() == "河东路" and page.locator(".sign-chiefs li").count() == 4
    assert page.evaluate(SMALL) == []
    assert grave(page, THEMES) == {}
