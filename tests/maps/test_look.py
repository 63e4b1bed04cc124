"""How it looks and answers to everybody: themes, contrast, photos side by side, forms with a map, no trap for axe."""

import io
import re
from datetime import timedelta

import pytest
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import select

from civmap import clock
from civmap.issues import actions, photos
from civmap.people.queries import by_name, viewer_of
from civmap.points.models import InspectionPoint
from civmap.resources import folder
from civmap.store.database import writing
from tests.maps.conftest import PHONE

AXE = folder("static").parent / "node_modules" / "axe-core" / "axe.min.js"
DARK, MORE = '[data-theme="dark"]', '[data-contrast="more"]'
SELECTORS = {"light": (), "dark": (DARK,), "more": (MORE,), "dark more": (DARK, MORE, DARK + MORE)}
STATES = ("none", "open", "due-soon", "overdue")
SURFACES = ("surface", "ground", "surface-soft")


def _tokens(sheet, selector):
    block = re.search(rf"(?m)^{re.escape(selector)} \{{(.*?)^\}}", sheet, re.S).group(1)
    return dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6})\b", block))


def _theme(name):
    css = folder("static") / "css"
    base, themes = ((css / file).read_text(encoding="utf-8") for file in ("base.css", "themes.css"))
    tokens = _tokens(base, ":root")
    for selector in SELECTORS[name]:
        tokens |= _tokens(themes, selector)
    return tokens


def _light(colour):
    parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    return sum(weight * (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4)
               for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def _contrast(one, other):
    dark, bright = sorted((_light(one), _light(other)))
    return (bright + 0.05) / (dark + 0.05)


def _words():
    yield from ((ink, on) for ink in ("ink", "ink-soft", "ink-faint", "brand") for on in SURFACES)
    yield from (("ink", f"{state}-soft") for state in STATES)
    yield from (("ink", "brand-soft"), ("ink-soft", "brand-soft"), ("brand-strong", "brand-soft"))
    yield from (("on-brand", "brand"), ("on-brand", "brand-strong"), ("bar-ink", "bar-surface"), ("toast-ink", "toast"),
                ("toast-link", "toast"), ("toast-ink", "toast-bad"), ("map-label", "map-plate"))
    yield from ((f"{state}-text", on) for state in STATES for on in (*SURFACES, f"{state}-soft", "brand-soft"))
    yield from ((f"map-on-{state}", f"map-{state}") for state in STATES[1:])


MARKS = (("line-control", "surface"), ("focus", "surface"), ("focus", "ground"), ("focus-bar", "bar-surface"),
         *((f"map-{state}", "ground-earth") for state in ("none", "open", "overdue")),
         ("map-due-soon-edge", "map-due-soon"), ("map-edge", "ground-earth"))


@pytest.mark.parametrize("name", SELECTORS)
def test_words_and_marks_stand_out_in_every_theme(name):
    tokens, (least_words, least_marks) = _theme(name), (7.0, 4.5) if "more" in name else (4.5, 3.0)
    weak = {pair: round(_contrast(*(tokens[part] for part in pair)), 2) for pairs, least in (
        (_words(), least_words), (MARKS, least_marks)) for pair in pairs
        if _contrast(*(tokens[part] for part in pair)) < least}
    assert weak == {}


@pytest.mark.parametrize("name", ["dark", "more"])
def test_a_theme_gives_every_token_of_the_map_and_of_ink_a_value_of_its_own(name):
    light = {token for token in _theme("light") if not token.startswith(("map-ramp", "map-neutral"))}
    own = _tokens((folder("static") / "css" / "themes.css").read_text(encoding="utf-8"), SELECTORS[name][0])
    assert light - set(own) == set()


@pytest.mark.spatialite
def test_what_is_chosen_for_the_eyes_is_there_before_the_first_paint_of_the_next_page(screen):
    page = screen().open("/points")
    page.click(".menu-display > summary")
    for what, value in (("theme", "dark"), ("contrast", "more"), ("type", "large")):
        page.locator(f"input[data-display={what}][value={value}]").check(force=True)
        page.wait_for_function(f"() => document.documentElement.dataset.{what} === '{value}'")
    page.goto(page.url.replace("/points", "/help"))
    chosen = page.evaluate("({...document.documentElement.dataset})")
    assert (chosen["theme"], chosen["contrast"], chosen["type"]) == ("dark", "more", "large")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(0, 0, 0)"
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == 21


@pytest.mark.spatialite
def test_a_browser_that_has_chosen_nothing_follows_its_system(screen):
    page = screen(color_scheme="dark").open("/points")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.emulate_media(color_scheme="light")
    page.wait_for_function("() => document.documentElement.dataset.theme === 'light'")


def _picture(colour):
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def fixed(engine, settings):
    """Give the number of an issue at the hospital with photos before and after the work."""
    with writing(engine) as session:
        who = {name: viewer_of(session, by_name(session, name), "page")
               for name in ("inspector", "dispatcher", "doctor")}
        now = clock.now() - timedelta(minutes=9)
        issue = actions.report(session, who["inspector"], {
            "class": "E0102", "description": "垃圾", "point": "P001", "lon": 115.862, "lat": 28.685}, now)
        no = issue.issue_no
        photos.add(session, who["inspector"], no, _picture("red"), {"kind": "before"}, settings.photos, now)
        for name, verb, body in (("dispatcher", "file", {}), ("dispatcher", "dispatch", {"unit": "YY"}),
                                 ("doctor", "acknowledge", {})):
            actions.perform(session, who[name], no, verb, body, issue.version, now)
        photos.add(session, who["doctor"], no, _picture("green"), {"kind": "after"}, settings.photos, now)
        actions.perform(session, who["doctor"], no, "feedback", {"measure": "已清"}, issue.version, now)
    return no


@pytest.mark.spatialite
def test_the_line_between_before_and_after_moves_by_keyboard_and_finger(screen, fixed):
    page = screen("inspector").open(f"/issues/{fixed}")
    slider = page.locator("main .ba input[type=range]")
    at = "() => document.querySelector('main .ba-frame').style.getPropertyValue('--at')"
    slider.focus()
    for _ in range(10):
        slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "整改前 60%，整改后 40%")
    assert page.evaluate(at) == "60%"
    box = page.locator("main .ba-frame").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.25, box["y"] + box["height"] / 2)
    page.wait_for_function(f"() => Math.abs(parseFloat(({at})()) - 25) <= 5")
    slider.press("Enter")
    page.locator("dialog.lightbox .ba-frame").wait_for()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)


@pytest.mark.spatialite
def test_page_and_panel_tell_people_rate_photos_and_trend(screen, fixed):
    shown = screen()
    page = shown.open("/points/P001")
    figures = page.locator("main .figures")
    expect(figures).to_contain_text("0.0%")
    expect(figures).to_contain_text("已销号 0 ÷ 交办 1")
    page.locator("[data-trend] svg.trend").wait_for()
    page.locator("main .ba").wait_for()
    expect(page.locator("main .people")).to_contain_text("人民医院")
    page.select_option("[data-answers] select", "C0101")
    page.locator("[data-answers] .who strong").wait_for()
    page = shown.open("/?show=points/P001")
    page.locator("#panel .trend").wait_for()
    page.locator("#panel .ba").wait_for()
    expect(page.locator("#panel .figures")).to_contain_text("0 ÷ 1")


@pytest.mark.spatialite
def test_a_point_is_made_where_the_map_was_clicked_and_faults_stand_at_their_fields(screen, engine):
    page = screen().open("/points/new")
    page.fill("#field-code", "P900")
    page.fill("#field-name", "新建的广场")
    page.click("#save")
    expect(page.locator("[data-field=type] .fault")).to_have_text("请填写点位类型。")
    expect(page.locator("[data-field=geometry] .fault")).to_be_visible()
    page.select_option("#field-type", "PT09")
    page.evaluate("window.civmap.map.setView([28.685, 115.86], 17, {animate: false})")
    box = page.locator(".picker-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2 + 20, box["y"] + box["height"] / 2)
    page.wait_for_function("() => document.getElementById('place-text').value.startsWith('115.86')")
    page.reload()
    page.get_by_role("button", name="继续填写").click()
    expect(page.locator("#field-name")).to_have_value("新建的广场")
    page.click("#save")
    page.wait_for_url("**/points/P900")
    expect(page.locator("h1")).to_contain_text("新建的广场")
    page.click("[data-retire]")
    page.get_by_role("button", name="撤销").click()
    page.wait_for_function("() => document.querySelector('[data-retire]') && !document.querySelector('#said .notice')")
    with writing(engine) as session:
        point = session.scalar(select(InspectionPoint).where(InspectionPoint.code == "P900"))
        assert 115.8599 < point.geom.x < 115.8612
        assert point.valid_to is None


@pytest.mark.spatialite
def test_two_at_one_point_see_both_versions_and_choose_field_by_field(screen, engine):
    page = screen().open("/points/P001/edit")
    page.fill("#field-name", "人民医院东院")
    with writing(engine) as session:
        session.scalar(select(InspectionPoint).where(InspectionPoint.code == "P001")).open_hours = "全天"
    page.click("#save")
    page.locator(".stale").wait_for()
    expect(page.locator(".stale tbody tr")).to_have_count(2)
    expect(page.locator("input[name=stale-name][value=mine]")).to_be_checked()
    expect(page.locator("input[name=stale-open_hours][value=theirs]")).to_be_checked()
    page.get_by_role("button", name="按所选的保存").click()
    page.wait_for_url("**/points/P001")
    with writing(engine) as session:
        point = session.scalar(select(InspectionPoint).where(InspectionPoint.code == "P001"))
        assert (point.name, point.open_hours) == ("人民医院东院", "全天")


@pytest.mark.spatialite
def test_a_place_is_picked_with_the_keyboard_alone_or_typed(screen):
    page = screen().open("/units/HD/edit")
    page.wait_for_function("() => document.getElementById('place-text').value !== ''")
    page.evaluate("window.civmap.map.setView([28.685, 115.86], 17, {animate: false})")
    page.focus(".picker-map .folium-map")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_function("""() => {
        const {lng, lat} = window.civmap.map.getCenter();
        const said = document.getElementById('place-text').value.split(', ').map(Number);
        return lng > 115.8602 && Math.max(Math.abs(said[0] - lng), Math.abs(said[1] - lat)) < 2e-6;
    }""")
    page.fill("#place-text", "28.68, Nord")
    page.press("#place-text", "Tab")
    expect(page.locator("#place-said")).to_contain_text("经度, 纬度")


@pytest.mark.spatialite
def test_the_wall_screen_counts_and_is_left_by_escape(screen):
    page = screen(size={"width": 1920, "height": 1080}).open("/?wall=1")
    page.wait_for_function("() => document.querySelector('[data-wall-count=rate]').textContent === '—'")
    expect(page.locator("[data-wall-count=open]")).to_have_text("0")
    expect(page.locator(".bar")).to_be_hidden()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "wall" not in url)
    expect(page.locator(".bar")).to_be_visible()


@pytest.mark.spatialite
def test_a_shop_finds_its_own_zone_and_duties_on_the_map(screen):
    page = screen("shop").open("/")
    expect(page.locator(".mine")).to_contain_text("包卫生")
    expect(page.locator(".mine")).to_contain_text("SB000001")


SEEN = ("/", "/points", "/points/P001", "/segments/LD0001", "/zones/SB000001", "/units/HD", "/issues", "/points/new",
        "/segments/LD0001/edit", "/coverage", "/help", "/nothing-here", "/inbox", "/notifications", "/feeds", "/routes")
RUN = """async rules => (await axe.run(document, rules ? {runOnly: {type: 'rule', values: rules}} : {})).violations
    .filter(one => ['serious', 'critical'].includes(one.impact))
    .map(one => `${one.id}: ${one.nodes.slice(0, 3).map(node => node.target.join(' ')).join(' | ')}`)"""
THEMES = (("dark", "auto"), ("light", "more"), ("dark", "more"))


ALIKE = ("/segments/LD0001", "/units/HD", "/points", "/help", "/segments/LD0001/edit", "/nothing-here", "/feeds",
         "/points/P001", "/zones/SB000001", "/issues", "/notifications")


def grave(page, themes):
    found = {("light", "auto"): page.evaluate(RUN, None)}
    for theme, contrast in themes:
        page.evaluate("([theme, contrast]) => Object.assign(document.documentElement.dataset, {theme, contrast})",
                      [theme, contrast])
        found[theme, contrast] = page.evaluate(RUN, ["color-contrast"])
    return {theme: said for theme, said in found.items() if said}


@pytest.mark.spatialite
def test_axe_finds_nothing_serious_on_any_page_in_any_theme(screen, fixed):
    shown, found = screen(bypass_csp=True), {}
    shown.page.add_init_script(path=AXE)
    for path in (*SEEN, f"/issues/{fixed}", "/?show=points/P001", "/?wall=1"):
        page = shown.open(path)
        if said := grave(page, () if path in ALIKE else THEMES):
            found[path] = said
    assert found == {}


WIDE = """size => {
    document.documentElement.dataset.type = size;
    return document.documentElement.scrollWidth;
}"""


@pytest.mark.spatialite
def test_every_page_fits_a_narrow_phone_in_every_size_of_type(screen, fixed):
    shown, wide = screen(size=PHONE), {}
    for path in (*SEEN, "/segments", "/zones", "/units", "/zones/SB000001", "/coverage/declared", f"/issues/{fixed}"):
        page = shown.open(path)
        for size in ("normal", "large"):
            if (width := page.evaluate(WIDE, size)) > PHONE["width"]:
                wide[path, size] = width
    assert wide == {}
