"""Time the map in Chromium beside the same zones as plain `folium.GeoJson`: `python -m bench.screen [COUNT…]`.

For each count one city is built (bench.city), served by ourselves, and the same zones are written as one Folium page.
Printed for both in the same run: seconds from the request to the last feature drawn, then the median and the longest
frame and the longest task of the main thread while the map is dragged and zoomed. What has not finished after 120 s or
takes more than 4 GB is printed as "did not finish". The server has answered before; the browser has not been there.
"""

import http.server
import json
import os
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

from bench.__main__ import CIVMAP, PORT, ROOT, first_answer

SIZES = (132, 5_000, 100_000, 1_000_000)
MOST_SECONDS = 120
MOST_BYTES = 4 * 1024**3
WINDOW = {"width": 1440, "height": 900}
WATCH = """() => {
  window.__frames = []; window.__tasks = [];
  let last = performance.now();
  const beat = (now) => { window.__frames.push(now - last); last = now; requestAnimationFrame(beat); };
  requestAnimationFrame(beat);
  new PerformanceObserver((list) => { for (const task of list.getEntries()) window.__tasks.push(task.duration); })
    .observe({ type: 'longtask' });
}"""
CLEAR = "() => { window.__frames.length = 0; window.__tasks.length = 0; }"
OURS_DRAWN = "() => document.documentElement.dataset.drawn === 'true'"
PEER_DRAWN = """() => document.readyState === 'complete'
  && document.querySelectorAll('path.leaflet-interactive').length > 0"""


def main(sizes: tuple[int, ...]) -> None:
    """Measure every size and print one line per carrier, with the load of the machine before it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        for size in sizes:
            print(f"load {os.getloadavg()[0]:.1f}", flush=True)
            with tempfile.TemporaryDirectory() as folder:
                measure(playwright, size, Path(folder))


def measure(playwright: Any, size: int, folder: Path) -> None:
    """Build a city of `size` zones, then show it in both ways."""
    home = folder / "home"
    build(home, size)
    token = person(home)
    server = subprocess.Popen([CIVMAP, "serve", "--port", str(PORT)], env=os.environ | {"CIVMAP_HOME": str(home)},
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    base = f"http://127.0.0.1:{PORT}"
    try:
        first_answer(f"{base}/readyz", time.perf_counter())
        ours = shown(playwright, lambda page: enter(page, base), f"{base}/?layers=zones&kind=all", OURS_DRAWN)
        say(f"{size:>9,} zones, civmap", ours)
        features = zones_of(base, token)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)
    with served(folder, features) as address:
        peer = shown(playwright, None, address, PEER_DRAWN) if address else None
    say(f"{size:>9,} zones, folium.GeoJson", peer)
    if ours and peer:
        print(f"{'':9} drawn {peer['drawn'] / ours['drawn']:.1f} times as fast, "
              f"the longest frame {peer['slowest'] / ours['slowest']:.1f} times shorter, the longest task "
              f"{peer['task'] / max(50.0, ours['task']):.1f} times", flush=True)


def build(home: Path, size: int) -> None:
    """Build the synthetic city in a process of its own."""
    subprocess.run([sys.executable, "-m", "bench.city", "--home", str(home), "--zones", str(size), "--issues",
                    str(min(size, 100_000)), "--points", "132"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def person(home: Path) -> str:
    """Add a dispatcher with a known password; return a token for reading the zones."""
    asked = os.environ | {"CIVMAP_HOME": str(home)}
    subprocess.run([CIVMAP, "person", "add", "looker", "--role", "dispatcher", "--password-stdin"],
                   input="a long enough phrase 42", text=True, env=asked, check=True, capture_output=True)
    said = subprocess.run([CIVMAP, "person", "token", "looker"], text=True, env=asked, check=True, capture_output=True)
    return said.stdout.strip().splitlines()[-1]


def zones_of(base: str, token: str) -> list[dict[str, Any]]:
    """Return all zones as features, by pages of 10,000."""
    import urllib.request

    found: list[dict[str, Any]] = []
    following: str | None = "/api/v1/zones?limit=10000"
    while following:
        asked = urllib.request.Request(base + following, headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(asked, timeout=300) as answer:
            body = json.load(answer)
        found += body["features"]
        following = body["next"]
    return found


def enter(page: Any, base: str) -> None:
    """Sign in without opening a page: nothing of ours is in the browser yet, and no page is still at work."""
    form = page.request.get(f"{base}/login").text()
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token
    page.request.post(f"{base}/login", form={"name": "looker", "password": "a long enough phrase 42",
                                             "csrf_token": token[1]}, max_redirects=0)


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A server of files that does not talk."""

    def log_message(self, format: str, *words: Any) -> None:
        """Say nothing."""


class served:
    """Write the peer's page and serve its folder; gives no address where writing takes too long or too much."""

    def __init__(self, folder: Path, features: list[dict[str, Any]]) -> None:
        self.folder, self.features = folder / "peer", features

    def __enter__(self) -> str | None:
        self.folder.mkdir()
        shutil.copytree(ROOT / "static" / "vendor", self.folder / "static" / "vendor")
        source = self.folder / "zones.json"
        source.write_text(json.dumps({"type": "FeatureCollection", "features": self.features}), encoding="utf-8")
        self.features.clear()
        try:
            subprocess.run([sys.executable, "-c", PEER, str(source), str(self.folder / "index.html")], check=True,
                           timeout=MOST_SECONDS, preexec_fn=_limit)
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
            self.server = None
            return None
        handler = partial(Quiet, directory=str(self.folder))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}/index.html"

    def __exit__(self, *_: Any) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()


PEER = """
import json, sys, folium
data = json.load(open(sys.argv[1], encoding="utf-8"))
class Local(folium.Map):
    default_js = [("leaflet", "/static/vendor/leaflet/leaflet.js")]
    default_css = [("leaflet_css", "/static/vendor/leaflet/leaflet.css")]
first = data["features"][0]["geometry"]["coordinates"]
while isinstance(first[0], list): first = first[0]
page = Local(location=[first[1], first[0]], zoom_start=14, tiles=None)
layer = folium.GeoJson(data, style_function=lambda f: {"weight": 1})
layer.add_to(page)
page.fit_bounds(layer.get_bounds())
page.save(sys.argv[2])
"""


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))


def shown(playwright: Any, first: Any, address: str, drawn: str) -> dict[str, float] | None:
    """Open an address and use the map; None where it does not finish."""
    from playwright.sync_api import Error

    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    try:
        page = browser.new_page(viewport=WINDOW)
        page.set_default_timeout(MOST_SECONDS * 1000)
        if first:  # a server that has answered before, and a browser that has not been here
            first(page)
            page.goto(address)
            page.wait_for_function(drawn)
            page.context.close()
            page = browser.new_page(viewport=WINDOW)
            page.set_default_timeout(MOST_SECONDS * 1000)
            first(page)
        begun = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.wait_for_function(drawn, polling=50)
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        seconds = time.perf_counter() - begun
        return {"drawn": seconds, **used(page)}
    except Error as problem:
        print(f"  ({str(problem).splitlines()[0]})", flush=True)
        return None
    finally:
        browser.close()


def used(page: Any) -> dict[str, float]:
    """Drag and zoom the map for a while; return the median and longest frame and the longest task in ms."""
    page.evaluate(WATCH)
    page.evaluate(CLEAR)
    x, y = WINDOW["width"] // 2, WINDOW["height"] // 2
    for leg in ((-260, -120), (240, 160), (-180, 140), (200, -150)):
        page.mouse.move(x, y)
        page.mouse.down()
        for step in range(1, 25):
            page.mouse.move(x + leg[0] * step / 24, y + leg[1] * step / 24)
        page.mouse.up()
        page.mouse.wheel(0, -240 if leg[0] < 0 else 240)
        page.wait_for_timeout(700)
    frames, tasks = page.evaluate("() => [window.__frames, window.__tasks]")
    return {"frame": statistics.median(frames), "late": statistics.quantiles(frames, n=20)[-1], "slowest": max(frames),
            "task": max(tasks, default=0.0)}


def say(name: str, found: dict[str, float] | None) -> None:
    """Print one line of figures."""
    if found is None:
        print(f"{name:<36} did not finish", flush=True)
        return
    print(f"{name:<36} drawn {found['drawn']:7.2f} s   frame median {found['frame']:6.1f} ms, 95 % "
          f"{found['late']:6.1f} ms, longest {found['slowest']:7.1f} ms   "
          f"longest task {found['task']:7.1f} ms", flush=True)


if __name__ == "__main__":
    main(tuple(int(word) for word in sys.argv[1:]) or SIZES)
