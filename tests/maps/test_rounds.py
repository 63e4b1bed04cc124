"""The desk of a round in the browser: stops move by keys and by hand; a plan is made, watched and stopped."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from civmap.points.models import InspectionPoint
from civmap.routes.models import Route, Stop, Team
from civmap.store.database import reading, writing
from tests.maps.conftest import PHONE
from tests.maps.test_look import AXE, RUN
from tests.support import rounds

pytestmark = pytest.mark.spatialite
DRAWN = "() => document.body.dataset.version"
ORDERS = """() => [...document.querySelectorAll('.round-stops')]
    .map(list => [...list.querySelectorAll('.round-row')].map(row => row.dataset.code))"""
TOTAL = "() => document.querySelector('#round-total b').textContent"


def orders(engine):
    """Return the codes of each team's stops in the order that is kept."""
    with reading(engine) as session:
        rows = session.execute(select(Team.position, InspectionPoint.code).join(Stop, Stop.team_id == Team.id)
                               .join(InspectionPoint, InspectionPoint.id == Stop.point_id)
                               .order_by(Team.position, Stop.position)).all()
    return [[code for team, code in rows if team == number] for number in sorted({team for team, _ in rows})]


def done(page, act):
    """Do something and wait until the server has said what became of it, ways included."""
    before = page.evaluate("() => [document.body.dataset.settled ?? '0', document.body.dataset.version]")
    act()
    page.wait_for_function("seen => (document.body.dataset.settled ?? '0') !== seen[0]"
                           " && document.body.dataset.version !== seen[1]", arg=before)


def test_stops_move_by_keys_and_by_hand_and_lengths_follow(screen, engine):
    with writing(engine) as session:
        rounds.lay(session)
    shown = screen(bypass_csp=True)
    shown.page.add_init_script(path=AXE)
    page = shown.open("/routes/LX20260521-01")
    page.wait_for_function(DRAWN)
    first, total = page.evaluate(ORDERS), page.evaluate(TOTAL)
    page.locator(".round-stops[data-team='1'] .round-grip").first.focus()
    done(page, lambda: page.keyboard.press("Alt+ArrowDown"))
    moved = [first[0][1], first[0][0], *first[0][2:]]
    assert orders(engine) == page.evaluate(ORDERS) == [moved, first[1]]
    assert page.evaluate(TOTAL) != total
    assert page.evaluate("() => document.activeElement.closest('.round-row').dataset.code") == first[0][0]
    taken = page.locator(f"[data-key='stop:{moved[2]}'] .round-grip")
    taken.evaluate("grip => grip.scrollIntoView({block: 'center'})")  # away from the edges, where the page scrolls
    grip = taken.bounding_box()
    target = page.locator(f"[data-key='stop:{first[1][0]}']").bounding_box()
    page.mouse.move(grip["x"] + 20, grip["y"] + 20)
    page.mouse.down()
    page.mouse.move(target["x"] + 90, target["y"] + target["height"] - 4, steps=6)
    expect(page.locator(".round-drop")).to_have_count(1)
    done(page, page.mouse.up)
    assert orders(engine) == page.evaluate(ORDERS) == [
        [*moved[:2], *moved[3:]], [first[1][0], moved[2], *first[1][1:]]]
    done(page, lambda: page.keyboard.press("Control+z"))
    assert orders(engine) == page.evaluate(ORDERS) == [moved, first[1]]
    assert page.evaluate(RUN, None) == []
    page.set_viewport_size(PHONE)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_plan_is_made_watched_and_stopped_with_the_best_kept(screen, engine):
    with writing(engine) as session:
        rounds.lay(session, names=[f"点位{number}" for number in range(12)])
    codes = ",".join(f"R{number:04}" for number in range(12))
    shown = screen(size=PHONE, bypass_csp=True)
    shown.page.add_init_script(path=AXE)
    page = shown.open(f"/routes/new?points={codes}")
    page.wait_for_function("() => document.body.dataset.points === '12'")
    page.click("#round-more-teams")
    page.locator("input[name=seconds][value='60']").check(force=True)
    assert page.evaluate(RUN, None) == []
    page.click("#round-plan")
    page.wait_for_url("**/routes/LX*")
    page.locator("#round-halt").click()
    page.wait_for_function("() => document.body.dataset.round === 'planned'")
    page.wait_for_function(DRAWN)
    expect(page.locator(".round-tab")).to_have_count(3)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
    with reading(engine) as session:
        route = session.scalar(select(Route).order_by(Route.id.desc()))
        assert (route.state, len(session.scalars(select(Stop).where(Stop.route_id == route.id)).all())) == (
            "planned", 12)
