"""The manual's pictures, taken of a served demo in both languages; run by hand when the pages look different.

`civmap demo --port 8000` first, then `python -m tests.support.pictures http://127.0.0.1:8000 [chapter …]`.
"""

import io
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Error, Page, sync_playwright

FOLDER = Path(__file__).parents[2] / "static" / "img" / "help"
MOST_BYTES = 60_000
WIDE, PHONE = {"width": 1200, "height": 750}, {"width": 360, "height": 740}
HERE = {"latitude": 28.6836, "longitude": 115.8611, "accuracy": 6}
CALM = "*, *::before, *::after { transition: none !important; animation: none !important; caret-color: transparent; }"


def _map(page: Page, query: str = "") -> None:
    page.goto(f"{page.context.base}/?{query}")
    page.locator("#legend .total").filter(has_text=re.compile(r"\d")).first.wait_for(state="attached")
    page.add_style_tag(content=CALM)
    page.wait_for_timeout(2500)


def read(page: Page) -> None:
    """Show the map with the panel of a point."""
    _map(page, "at=28.6836,115.8611,15")
    page.locator(".mark[data-code]").first.click(force=True)
    page.locator("#panel .facts").first.wait_for()
    page.wait_for_timeout(1500)


def colour(page: Page) -> None:
    """Show the map coloured by a measure."""
    _map(page, "by=open_per_km&layers=segments,zones")


def search(page: Page) -> None:
    """Show what initials find."""
    _map(page)
    page.fill("#find", "jfl")
    page.locator("#found [role=option]").first.wait_for()
    page.wait_for_timeout(500)


def filters(page: Page) -> None:
    """Show the filter card with two conditions."""
    _map(page, "state=open&division=360199006")
    page.click("#filter-open")
    page.click("#filters h2")
    page.wait_for_timeout(1200)


def list_(page: Page) -> None:
    """Show the list with a selection."""
    _map(page, "list=points")
    for box in page.locator("#drawer tbody input[type=checkbox]").all()[:3]:
        box.check()
    page.wait_for_timeout(1200)


def time(page: Page) -> None:
    """Show an earlier day."""
    _map(page)
    page.click("#time-open")
    page.locator("#time-range").wait_for()
    page.wait_for_timeout(1500)
    page.locator("#time-range").fill("25")
    page.wait_for_timeout(2500)


def report(page: Page) -> None:
    """Show the report form on a phone."""
    _map(page)
    page.click("#report-open")
    page.locator(".tile").first.wait_for()
    page.wait_for_timeout(1500)


def handle(page: Page) -> None:
    """Show the page of an overdue issue."""
    page.goto(f"{page.context.base}/issues?status=overdue")
    page.locator("main a[href^='/issues/']").first.click()
    page.locator("h1").wait_for()
    page.wait_for_timeout(1500)


def draw(page: Page) -> None:
    """Show the drawing of a zone."""
    _map(page, "at=28.6836,115.8611,17")
    page.click("#draw-open")
    page.click("[data-task=new]")
    page.wait_for_timeout(1500)


def paper(page: Page) -> None:
    """Show the print card."""
    _map(page)
    page.click("#paper-open")
    page.locator("#paper-form").wait_for()
    page.wait_for_timeout(1500)


def tables(page: Page) -> None:
    """Show a list page."""
    page.goto(f"{page.context.base}/points")
    page.wait_for_timeout(800)


def ground(page: Page) -> None:
    """Show the chooser of basemaps."""
    _map(page)
    page.click("#ground-open")
    page.wait_for_timeout(500)


def look(page: Page) -> None:
    """Show the wall screen."""
    page.goto(f"{page.context.base}/?wall=1")
    page.wait_for_timeout(4000)


def _page(path: str) -> Callable[[Page], None]:
    def taken(page: Page) -> None:
        page.goto(f"{page.context.base}{path}")
        page.wait_for_timeout(1500)

    return taken


TAKEN = {"read": read, "colour": colour, "search": search, "filter": filters, "list": list_, "time": time,
         "report": report, "handle": handle, "draw": draw, "paper": paper, "tables": tables, "ground": ground,
         "look": look, "inbox": _page("/inbox"), "rates": _page("/rates"),
         "responsibility": _page("/responsibility"), "calendar": _page("/calendar")}
BY_ADMIN = ("responsibility", "calendar")


def saved(name: str, shot: bytes) -> int:
    """Write a picture as WebP of at most 60 kB; return its size."""
    image = Image.open(io.BytesIO(shot)).convert("RGB")
    for quality in (82, 74, 66, 58, 50, 42, 34, 26, 18, 10):
        out = io.BytesIO()
        image.save(out, "WEBP", quality=quality, method=6)
        if out.tell() <= MOST_BYTES:
            break
    (FOLDER / f"{name}.webp").write_bytes(out.getvalue())
    return out.tell()


def _signed_in(browser: Browser, base: str, lang: str, who: str) -> dict:
    """Sign in once and return the cookies."""
    context = browser.new_context()
    context.add_cookies([{"name": "civmap_lang", "value": lang, "url": base}])
    page = context.new_page()
    page.goto(f"{base}/login")
    page.fill("input[name=name]", who)
    page.fill("input[name=password]", f"yunxi-{who}")
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda address: "/login" not in address)
    state = context.storage_state()
    context.close()
    return state


def main(base: str, wanted: list[str]) -> None:
    """Take the pictures of the wanted chapters, all where none is named."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for lang in ("zh", "en"):
            states = {who: _signed_in(browser, base, lang, who) for who in ("dispatcher", "admin")}
            for name in wanted or TAKEN:
                size = PHONE if name == "report" else WIDE
                context = browser.new_context(viewport=size, has_touch=size is PHONE, is_mobile=size is PHONE,
                                              locale="zh-CN" if lang == "zh" else "en-GB",
                                              storage_state=states["admin" if name in BY_ADMIN else "dispatcher"],
                                              permissions=["geolocation"], geolocation=HERE)
                context.base = base
                page = context.new_page()
                page.set_default_timeout(60_000)
                try:
                    TAKEN[name](page)
                    print(f"{name}-{lang}", saved(f"{name}-{lang}", page.screenshot()), flush=True)
                except Error as problem:
                    print(f"{name}-{lang} not taken: {problem.message.splitlines()[0]}", flush=True)
                context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), sys.argv[2:])
