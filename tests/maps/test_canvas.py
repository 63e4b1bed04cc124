"""The map's drawing in a real browser: features and tiles tell the same, colours suit every eye, taps filter."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from playwright.sync_api import expect
from shapely.geometry import box
from sqlalchemy import select, update

from civmap import clock
from civmap.issues import actions
from civmap.issues.models import Issue
from civmap.people.queries import by_name, viewer_of
from civmap.points.models import InspectionPoint
from civmap.resources import folder
from civmap.store.database import writing
from civmap.zones.models import Zone
from tests.maps.conftest import DESKTOP, PHONE
from tests.support import town as plan

pytestmark = pytest.mark.spatialite
HOSPITAL, MARKET, NOODLES = plan.HOSPITAL_SPOT, plan.MARKET_SPOT, (115.857225, 28.68325)
ROAD = (115.8648, 28.683227)
WAYS = [("features", DESKTOP), ("tiles", DESKTOP), ("tiles", PHONE)]
ways = pytest.mark.parametrize(("settings", "size"), WAYS, indirect=["settings"], ids=["features", "tiles", "phone"])
tiled = pytest.mark.parametrize("settings", ["tiles"], indirect=True)


@pytest.fixture
def settings(settings, request):
    """Give settings under which everything travels as features, or everything in tiles."""
    return replace(settings, tiles_from=0) if getattr(request, "param", "") == "tiles" else settings


def _report(engine, *spots):
    """Report an issue at each point of some codes."""
    with writing(engine) as session:
        viewer = viewer_of(session, by_name(session, "dispatcher"), "page")
        for code in spots:
            actions.report(session, viewer, {"class": "E0102", "description": "垃圾", "point": code}, clock.now())


@pytest.fixture
def troubled(engine):
    """Report two issues at the hospital and one at the market, whose limit has passed."""
    _report(engine, "P001", "P001", "P002")
    with writing(engine) as session:
        market = session.scalar(select(InspectionPoint.id).where(InspectionPoint.code == "P002"))
        session.execute(update(Issue).where(Issue.point_id == market).values(
            reported_at=clock.now() - timedelta(days=9), due_at=clock.now() - timedelta(days=1),
            due_soon_at=clock.now() - timedelta(days=2)))


def _settled(page, kind, total):
    page.wait_for_function("([kind, total]) => document.querySelector(`#legend tr[data-kind=${kind}] .total`)"
                           ".textContent === String(total)", arg=[kind, total])


def _cells(page, kind):
    cells = page.locator(f'#legend tr[data-kind="{kind}"] td').all_inner_texts()
    return [int(cell) if cell.strip().isdigit() else 0 for cell in cells]


def _go(page, spot, zoom):
    page.evaluate("([lon, lat, zoom]) => window.civmap.map.setView([lat, lon], zoom, {animate: false})", [*spot, zoom])
    box = page.locator(".folium-map").bounding_box()
    at = page.evaluate("([lon, lat]) => window.civmap.map.latLngToContainerPoint([lat, lon])", spot)
    return box["x"] + at["x"], box["y"] + at["y"]


DESK = "(await import('/static/js/tile-desk.js')).deskOf()"


def _drawn(page, spot, zoom, kind):
    """Wait until something of a kind can be hit at a spot, however the layer travels; return where it is on screen."""
    at = _go(page, spot, zoom)
    page.wait_for_function("""async ([lng, lat, kind, x, y]) => {
        const {isTiled} = await import('/static/js/layers.js');
        if (!isTiled(kind)) return document.elementFromPoint(x, y)?.closest('.mark[data-code], path.zone');
        const desk = (await import('/static/js/tile-desk.js')).deskOf();
        return (await desk.pickAt({lat, lng}, 3)).some((hit) => hit.kind === kind);
    }""", arg=[*spot, kind, *at])
    # The driver lifts its finger when the page has answered the touch: on a page still at work that is a long press.
    page.wait_for_function("() => document.documentElement.dataset.drawn === 'true'")
    page.evaluate("() => new Promise((calm) => requestIdleCallback(calm))")
    return at


def _click(page, at, size):
    page.touchscreen.tap(*at) if size is PHONE else page.mouse.click(*at)


@ways
def test_features_and_tiles_count_the_same_and_open_the_same_things(screen, size, troubled):
    page = screen(size=size).open("/")
    if size is PHONE:
        page.click("#legend-fold")
    for kind, total in (("points", 3), ("segments", 1), ("zones", 1)):
        _settled(page, kind, total)
    assert _cells(page, "points") == [1, 1, 0, 1, 3]
    if size is PHONE:
        page.click("#legend-fold")
    for spot, zoom, kind, title in ((HOSPITAL, 18, "points", "人民医院"), (NOODLES, 20, "zones", "小李面馆")):
        at = _drawn(page, spot, zoom, kind)
        _click(page, at, size)
        page.locator("#panel-title", has_text=title).wait_for()
        page.click("#panel-close")
        page.wait_for_function("() => !location.search.includes('show=')")


@ways
def test_what_lies_on_one_another_is_offered_to_choose_from(screen, size, engine):
    with writing(engine) as session:
        session.add(Zone(code="XQ000001", name="河东小区", kind="estate",
                         geom=box(115.8569, 28.6830, 115.8575, 28.6835),
                         division=plan.HEDONG, valid_from=plan.FOUNDED))
    page = screen(size=size).open("/?layers=zones")
    _click(page, _drawn(page, NOODLES, 20, "zones"), size)
    offered = page.locator(".stack-list button")
    expect(offered).to_contain_text(["小李面馆", "河东小区"])
    offered.nth(1).press("Enter")
    page.locator("#panel-title", has_text="河东小区").wait_for()
    page.wait_for_function("() => document.documentElement.dataset.drawn === 'true'")


@ways
def test_a_measure_brings_its_classes_and_limits_of_ones_own(screen, size, troubled):
    page = screen(size=size).open("/?by=open&layers=points")
    if size is PHONE:
        page.click("#legend-fold")
    classes = page.locator("#legend .classes[data-kind=points] [data-class]")
    expect(classes.locator(".class-range")).to_have_text(["0", "1", "2"])
    expect(classes.locator(".class-count")).to_have_text(["1", "1", "1"])
    page.select_option("#legend-how", "fixed")
    page.fill("#legend-limits [name=limits]", "2")
    page.click("#legend-limits button")
    expect(classes.locator(".class-range")).to_have_text(["0–1", "≥2"])
    expect(classes.locator(".class-count")).to_have_text(["2", "1"])
    page.wait_for_url(lambda url: "by=open" in url and "breaks=2" in url)


@ways
def test_tapping_a_status_filters_by_it_and_the_numbers_stay(screen, size, troubled):
    page = screen(size=size).open("/?layers=points")
    if size is PHONE:
        page.click("#legend-fold")
    _settled(page, "points", 3)
    page.click("#legend [data-status=overdue]")
    _settled(page, "points", 1)
    expect(page.locator("#legend [data-status=overdue]")).to_have_attribute("aria-pressed", "true")
    assert _cells(page, "points")[:4] == [1, 1, 0, 1]
    page.wait_for_url(lambda url: "status=overdue" in url)
    page.click("#legend [data-status=open]")
    _settled(page, "points", 2)
    page.click("#legend [data-status=overdue]")
    page.click("#legend [data-status=open]")
    _settled(page, "points", 3)


@tiled
def test_tiles_come_through_a_worker_and_a_page_without_one_shows_the_same(screen, troubled):
    seen = []
    for kind, hides in (("worker", ""), ("page", "delete window.OffscreenCanvas")):
        shown = screen()
        shown.page.add_init_script(hides)
        page = shown.open("/?layers=points")
        _drawn(page, HOSPITAL, 18, "points")
        page.wait_for_function(f"async () => ({DESK}).drawn.points.clusters === 0")
        assert len(page.workers) == (1 if kind == "worker" else 0)
        seen.append(page.evaluate(f"async () => {{ const desk = {DESK}; return desk.drawn; }}"))
    assert seen[0] == seen[1] != {}


@tiled
def test_a_tile_that_fails_is_told_on_the_map_and_asked_again(screen):
    shown = screen()
    shown.page.route("**/tiles/points/**", lambda route: route.fulfill(status=503, body="busy"))
    page = shown.page
    page.goto(f"{shown.address}/?layers=points")
    pill = page.locator(".tile-retry")
    pill.wait_for()
    expect(pill).to_contain_text("点位")
    expect(page.locator("#legend tr[data-kind=points] .status-overdue")).to_have_count(1)
    page.unroute("**/tiles/points/**")
    pill.click()
    _drawn(page, HOSPITAL, 18, "points")
    pill.wait_for(state="detached")


@tiled
def test_what_changes_in_tiles_is_drawn_anew_without_a_gap(screen, engine):
    page = screen().open("/?layers=points")
    _drawn(page, HOSPITAL, 18, "points")
    _report(engine, "P001")
    page.evaluate(f"async () => ({DESK}).carriers.get('points').layer.refreshCodes(['P001'])")
    page.wait_for_function("""async ([lng, lat]) => {
        const desk = (await import('/static/js/tile-desk.js')).deskOf();
        return (await desk.pickAt({lat, lng}, 3)).some((hit) => hit.props.open_issues === 1);
    }""", arg=list(HOSPITAL))


# Sight with two kinds of cones missing (Machado 2009, full strength), on linear light; and what of it is brightness.
SIGHTS = {
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
}
THEMES = (":root", '[data-theme="dark"]', '[data-contrast="more"]', '[data-theme="dark"][data-contrast="more"]')


def _lightness(colour, sight):
    light = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in light]
    seen = [max(0.0, sum(weight * part for weight, part in zip(row, linear, strict=True))) for row in SIGHTS[sight]]
    bright = 0.2126 * seen[0] + 0.7152 * seen[1] + 0.0722 * seen[2]
    return 116 * bright ** (1 / 3) - 16 if bright > 0.008856 else 903.3 * bright


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", SIGHTS)
def test_neighbouring_classes_differ_in_brightness_for_every_eye(theme, sight):
    sheet = (folder("static") / "css" / "map-legend.css").read_text(encoding="utf-8")
    block = sheet.split(f"\n{theme} {{", 1)[1].split("}", 1)[0]
    ramp = [re.search(rf"--map-ramp-{step}: (#[0-9a-f]{{6}})", block)[1] for step in range(1, 6)]
    light = [_lightness(colour, sight) for colour in ramp]
    steps = [after - before for before, after in pairwise(light)]
    assert all(abs(step) >= 10 for step in steps), [round(step) for step in steps]
    assert len({step > 0 for step in steps}) == 1, "the ramp goes one way"
