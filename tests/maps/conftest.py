"""Chromium before the served town, at desktop and phone width; whatever a page asks of another host is a failure."""

import shutil
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from werkzeug.serving import WSGIRequestHandler, make_server

from civmap import clock
from civmap.people.models import SignIn
from civmap.people.queries import by_name, token_digest
from civmap.store.database import writing
from civmap.web.access import COOKIE
from civmap.web.app import hold

DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
PATIENCE = 30_000  # a ceiling for a busy machine, never a wait: every step goes on when its state is there
QUIET = ("basemap.pmtiles", "status of 404", "status of 409", "status of 412", "status of 422", "status of 503")


@pytest.fixture(scope="session")
def chromium():
    """Give the browser of the machine; without one the browser tests cannot run and say so."""
    from playwright.sync_api import sync_playwright
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.fail("no Chromium on this machine: run make setup")
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


ABOUT_A_BODY = ("content-length", "content-type", "content-encoding")


class Answers:
    """The application as browsers of tests meet it: each answer is read to its end, files are kept in memory.

    The development server forgets to close an answer whose browser has gone away. The browser of each test has never
    been here, so every page would read a hundred files anew: the application's first answer serves them all.
    """

    files: ClassVar[dict] = {}

    def __init__(self, app):
        self.app, self.at_work, self.changed = app, 0, threading.Condition()

    def __call__(self, environ, start_response):
        with self.changed:
            self.at_work += 1
        try:
            is_file = environ["PATH_INFO"].startswith("/static/") and "HTTP_RANGE" not in environ
            return (self._file if is_file else self._whole)(environ, start_response)
        finally:
            with self.changed:
                self.at_work -= 1
                self.changed.notify_all()

    def _file(self, environ, start_response):
        name = f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}"
        if name not in self.files:
            said = []
            plain = {key: value for key, value in environ.items() if key != "HTTP_IF_NONE_MATCH"}
            body = self._whole(plain, lambda *facts: said.append(facts[:2]))
            self.files[name] = (*said[0], body)
        status, headers, body = self.files[name]
        if environ.get("HTTP_IF_NONE_MATCH", "-") == dict(headers).get("ETag"):
            status, body = "304 NOT MODIFIED", []
            headers = [(field, words) for field, words in headers if field.lower() not in ABOUT_A_BODY]
        start_response(status, headers)
        return body

    def _whole(self, environ, start_response):
        parts = self.app(environ, start_response)
        try:
            return [b"".join(parts)]
        finally:
            getattr(parts, "close", lambda: None)()

    def rest(self):
        """Wait until nothing is being answered: the town's database goes away after the test."""
        with self.changed:
            assert self.changed.wait_for(lambda: not self.at_work, 30)


class Silent(WSGIRequestHandler):
    """A handler that writes no line for each of dozens of files, and takes them all over a few connections."""

    protocol_version = "HTTP/1.1"

    def log_request(self, *_):
        """Say nothing."""


@pytest.fixture
def address(routes, settings, engine):
    """Give the address of a server over the town."""
    hold(routes, settings, engine)
    answers = Answers(routes)
    server = make_server("127.0.0.1", 0, answers, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    answers.rest()
    server.server_close()


IS_DRAWN = """() => !document.getElementById('legend')
  || (document.documentElement.dataset.drawn === 'true' && document.documentElement.dataset.wired === 'true')"""
CALM = "() => new Promise((calm) => requestAnimationFrame(() => requestIdleCallback(calm, {timeout: 1000})))"


@dataclass
class Screen:
    """One open page, and what went wrong on it."""

    page: object
    address: str
    troubles: list = field(default_factory=list)
    asked: set = field(default_factory=set)

    def open(self, path):
        """Open a path and wait until it is drawn and asks for nothing more."""
        self.asked.clear()
        self.page.goto(self.address + path)
        self.rest()
        return self.page

    def rest(self):
        """Wait until the page is drawn and nothing that it asked for is still on the way."""
        self.page.wait_for_function(IS_DRAWN)
        for _ in range(200):
            self.page.evaluate(CALM)
            if not self.asked:
                return

    def watch(self):
        """Write down errors, dialogs and requests to other hosts."""
        ours = urlsplit(self.address).netloc
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.troubles.append(dialog.message), dialog.dismiss()))
        self.page.on("console", lambda said: self.troubles.append(said.text) if said.type == "error"
                     and not any(known in said.text for known in QUIET) else None)
        self.page.on("request", lambda request: self._begun(request, ours))
        self.page.on("requestfinished", lambda request: self.asked.discard(request))
        self.page.on("requestfailed", lambda request: self.asked.discard(request))

    def _begun(self, request, ours):
        self.asked.add(request)
        if request.url.startswith("http") and urlsplit(request.url).netloc != ours:
            self.troubles.append(request.url)


@pytest.fixture
def screen(chromium, address, engine):
    """Give a maker of screens, signed in as one of the cast; at the end none may have seen trouble."""
    made = []

    def show(name="dispatcher", size=DESKTOP, **more):
        secret, now = f"screen-of-{name}-{len(made)}", clock.now()
        with writing(engine) as session:
            session.add(SignIn(token_hash=token_digest(secret), person_id=by_name(session, name).id, created_at=now,
                               expires_at=now + timedelta(days=1)))
        more.setdefault("service_workers", "block")  # what a page asks for is watched here, not in a worker
        context = chromium.new_context(viewport=size, has_touch=size is PHONE, is_mobile=size is PHONE, **more)
        context.add_cookies([{"name": COOKIE, "value": secret, "url": address}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        screen = Screen(page, address)
        screen.watch()
        made.append((screen, context))
        return screen

    yield show
    for one, context in made:
        context.close()
        assert one.troubles == []
