"""Chromium before the served town, at desktop and phone width; whatever a page asks of another host is a failure."""

import shutil
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from werkzeug.serving import make_server

from civmap import clock
from civmap.people.models import SignIn
from civmap.people.queries import by_name, token_digest
from civmap.store.database import writing
from civmap.web.access import COOKIE
from civmap.web.app import create_app

DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
QUIET = ("basemap.pmtiles", "status of 404", "status of 409", "status of 412", "status of 422", "status of 503")


@pytest.fixture(scope="session")
def chromium():
    """Give the browser of the machine; without one the browser tests cannot run and say so."""
    from playwright.sync_api import sync_playwright
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.fail("no Chromium on this machine: run make setup")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def _whole(app):
    """Read each answer to its end: the development server forgets to close one whose browser has gone away."""
    def answer(environ, start_response):
        parts = app(environ, start_response)
        try:
            return [b"".join(parts)]
        finally:
            parts.close()
    return answer


@pytest.fixture
def address(settings, engine):
    """Give the address of a server over the town."""
    server = make_server("127.0.0.1", 0, _whole(create_app(settings, engine)), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Screen:
    """One open page, and what went wrong on it."""

    page: object
    address: str
    troubles: list = field(default_factory=list)

    def open(self, path):
        """Open a path and wait until it is quiet."""
        self.page.goto(self.address + path)
        self.page.wait_for_load_state("networkidle")
        return self.page

    def watch(self):
        """Write down errors, dialogs and requests to other hosts."""
        ours = urlsplit(self.address).netloc
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.troubles.append(dialog.message), dialog.dismiss()))
        self.page.on("console", lambda said: self.troubles.append(said.text) if said.type == "error"
                     and not any(known in said.text for known in QUIET) else None)
        self.page.on("request", lambda request: self.troubles.append(request.url)
                     if request.url.startswith("http") and urlsplit(request.url).netloc != ours else None)


@pytest.fixture
def screen(chromium, address, engine):
    """Give a maker of screens, signed in as one of the cast; at the end none may have seen trouble."""
    made = []

    def show(name="dispatcher", size=DESKTOP, **more):
        secret, now = f"screen-of-{name}-{len(made)}", clock.now()
        with writing(engine) as session:
            session.add(SignIn(token_hash=token_digest(secret), person_id=by_name(session, name).id, created_at=now,
                               expires_at=now + timedelta(days=1)))
        context = chromium.new_context(viewport=size, has_touch=size is PHONE, is_mobile=size is PHONE, **more)
        context.add_cookies([{"name": COOKIE, "value": secret, "url": address}])
        page = context.new_page()
        page.set_default_timeout(10_000)
        screen = Screen(page, address)
        screen.watch()
        made.append((screen, context))
        return screen

    yield show
    for one, context in made:
        context.close()
        assert one.troubles == []
