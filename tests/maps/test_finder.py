"""Finding one's way: filters as chips and address, the list in step, the lasso and its export, one verb for many."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from civmap.clock import parse_moment
from civmap.issues import actions
from civmap.issues.models import Issue
from civmap.issues.queries import by_no
from civmap.people.queries import by_name, viewer_of
from civmap.store.database import writing
from tests.maps.conftest import DESKTOP, PHONE
from tests.support import town as plan

pytestmark = pytest.mark.spatialite
NAMES = ".drawer-table tbody .list-name"


def _total(page, kind, count):
    page.wait_for_function("([kind, count]) => document.querySelector(`#legend tr[data-kind=${kind}] .total`)"
                           ".textContent === String(count)", arg=[kind, count])


def _choose(page, name, words):
    """Take the first answer of a filter to some words, by keyboard alone."""
    page.focus(f"[data-filter={name}]")
    page.keyboard.type(words)
    page.wait_for_selector(f".choice-field:has([data-filter={name}]) [role=option].at:has-text('{words}')")
    page.keyboard.press("Enter")
    page.wait_for_selector(f".choice-field:has([data-filter={name}]) .choice-taken:has-text('{words}')")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_markets_are_all_that_the_filter_leaves_and_the_address_keeps_it(screen, size):
    show = screen(size=size)
    page = show.open("/")
    _total(page, "points", 3)
    page.click("#filter-open")
    _choose(page, "type", "农贸市场")
    page.wait_for_function("() => document.querySelector('#filter-left').textContent.includes('点位 1')")
    page.keyboard.press("Escape")
    page.click(".filters-head [data-close-filters]")
    expect(page.locator(".mark[data-code]")).to_have_count(1)
    expect(page.locator("#chips")).to_contain_text("农贸市场")
    page.wait_for_url(lambda url: "type=PT07" in url)
    again = show.open(page.url.removeprefix(show.address))
    _total(again, "points", 1)
    again.click("#chips [data-chip=type]")
    _total(again, "points", 3)
    again.go_back()
    _total(again, "points", 1)


def test_a_place_a_chief_and_a_status_combine_and_a_view_can_be_kept(screen):
    page = screen().open("/?chief=李三&street=河东路&division=360199006&status=none&at=16/28.685/115.862")
    _total(page, "points", 1)
    _total(page, "segments", 1)
    page.locator("#chips", has_text="河东街道").wait_for()
    expect(page.locator("#chips button")).to_have_count(5)
    assert page.evaluate("window.civmap.map.getZoom()") == 16
    page.click("#filter-open")
    page.click(".view-add")
    page.keyboard.type("李三的路")
    page.keyboard.press("Enter")
    page.click(".filters [type=reset]")
    _total(page, "points", 3)
    page.click(".view:has-text('李三的路')")
    _total(page, "points", 1)
    page.wait_for_url(lambda url: "chief=" in url)


def _report(engine, spots, filed=True):
    """Report an issue at each spot and file it; return their numbers."""
    with writing(engine) as session:
        office = viewer_of(session, by_name(session, "dispatcher"), "page")
        now = parse_moment("2026-05-20T09:00:00+08:00")
        numbers = []
        for lon, lat in spots:
            body = {"class": "E0102", "description": "垃圾", "lon": lon, "lat": lat}
            issue = actions.report(session, office, body, now)
            if filed:
                actions.perform(session, office, issue.issue_no, "file", {}, issue.version, now)
            numbers.append(issue.issue_no)
        return numbers


def test_rows_and_marks_point_at_each_other(screen):
    page = screen().open("/?list=points")
    row = page.locator(".drawer-table tr[data-code=P001]")
    row.hover()
    page.wait_for_selector(".mark[data-code=P001].hovered")
    page.locator(".mark[data-code=P003]").hover()
    page.wait_for_selector(".drawer-table tr[data-code=P003].hover")
    row.click()
    expect(page.locator("#panel-title")).to_contain_text("人民医院")
    page.wait_for_url(lambda url: "show=points/P001" in url)
    page.wait_for_selector(".drawer-table tr[data-code=P001].current")


def test_everything_is_done_from_the_list_by_keyboard(screen):
    page = screen().open("/")
    _total(page, "points", 3)
    page.keyboard.press("l")
    page.wait_for_selector(NAMES)
    page.focus(".drawer-table tbody tr[tabindex='0']")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.locator(".drawer-table tr[aria-selected=true]")).to_have_count(2)
    expect(page.locator("#selection-bar")).to_contain_text("点位 2")
    name = page.inner_text(".drawer-table tbody tr[tabindex='0'] .list-name").split("\n")[0]
    page.keyboard.press("Enter")
    expect(page.locator("#panel-title")).to_have_text(name)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.wait_for_selector("dialog.keys")
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.querySelector('dialog[open]')")
    page.focus(".drawer-table thead [data-column=name] button")
    page.keyboard.press("Enter")
    page.wait_for_selector(".drawer-table [data-column=name][aria-sort=ascending]")
    expect(page.locator(NAMES)).to_contain_text(["河东公园", "桥西农贸市场", "人民医院"])


def _lasso(page, corners):
    """Draw around some (lon, lat) corners with the lasso."""
    page.click("#select-open")
    page.wait_for_selector("#select-veil:not([hidden])")
    box = page.locator(".folium-map").bounding_box()
    spots = [page.evaluate("([lon, lat]) => window.civmap.map.latLngToContainerPoint([lat, lon])", list(corner))
             for corner in corners]
    page.mouse.move(box["x"] + spots[0]["x"], box["y"] + spots[0]["y"])
    page.mouse.down()
    for spot in spots[1:]:
        page.mouse.move(box["x"] + spot["x"], box["y"] + spot["y"], steps=6)
    page.mouse.up()


def _file(page, format_):
    page.click(".bar-menu summary")
    with page.expect_download() as download:
        page.click(f"[data-act={format_}]")
    return Path(download.value.path()).read_bytes()


def test_the_lasso_takes_exactly_what_lies_inside_and_the_export_holds_exactly_that(screen):
    page = screen().open("/?layers=points&at=14/28.685/115.858")
    _total(page, "points", 3)
    _lasso(page, [(115.860, 28.683), (115.868, 28.683), (115.868, 28.689), (115.860, 28.689)])
    page.locator("#selection-bar", has_text="点位 2").wait_for()
    rows = list(csv.DictReader(io.StringIO(_file(page, "csv").decode("utf-8-sig"))))
    assert sorted(row["点位编号"] for row in rows) == ["P001", "P003"]
    with page.expect_download() as listed:
        page.click("[data-act=list-xlsx]")
    assert listed.value.suggested_filename.startswith("civmap-points-list-")
    page.keyboard.down("Shift")
    page.locator(".mark[data-code=P002]").click()
    page.keyboard.up("Shift")
    page.locator("#selection-bar", has_text="点位 3").wait_for()
    page.click("[data-act=clear]")
    expect(page.locator("#selection-bar")).to_be_hidden()
    page.locator(".toast button", has_text="撤销").click()
    page.locator("#selection-bar", has_text="点位 3").wait_for()


def test_many_issues_are_dispatched_once_each_and_a_refusal_is_told(screen, engine):
    lon, lat = plan.SPOT_A2
    first, second, third = _report(engine, [(lon, lat), (lon + 0.001, lat), (lon + 0.002, lat)])
    unfiled, = _report(engine, [(lon + 0.003, lat)], filed=False)
    page = screen().open("/?layers=issues&list=issues")
    page.wait_for_selector(f".drawer-table tr[data-code='{third}']")
    page.click("#list-all")
    page.click("[data-act=bulk]")
    page.click("[data-verb=dispatch]")
    expect(page.locator(".bulk-count")).to_contain_text("3 件")
    expect(page.locator(".bulk-count")).to_contain_text("1 件")
    expect(page.locator(".bulk-why")).to_contain_text("待受理")
    with writing(engine) as session:
        session.scalar(select(Issue).where(Issue.issue_no == second)).description = "别人刚改过"
    page.fill(".bulk-form [type=number]", "2")
    page.click("[data-act=run]")
    expect(page.locator(".bulk-refused li")).to_have_text([re.compile(second)])
    expect(page.locator(".bulk .notice-good")).to_contain_text("2 件")
    page.click("[data-act=retry]")
    page.locator(".bulk .notice-good", has_text="1 件").wait_for()
    with writing(engine) as session:
        office = viewer_of(session, by_name(session, "admin"), "page")
        now = parse_moment("2026-05-20T10:00:00+08:00")
        states = [by_no(session, office, number, now).state for number in (first, second, third, unfiled)]
        assert states == ["dispatched"] * 3 + ["reported"]
        assert by_no(session, office, first, now).time_limit == "2 work_hour"
