"""Print the figures of the first street: page size, start, idle memory and the founding of a real city.

Budgets are those of the issue that asked for them; each figure is measured in this run, on a real server.
"""

import gzip
import http.cookiejar
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from bench import network, tiles

ROOT = Path(__file__).resolve().parent.parent
CIVMAP = Path(sys.executable).with_name("civmap")
EXTRACT = ROOT.parent / "shared" / "data" / "nanjing_core" / "nanjing_xinjiekou.osm.gz"
PORT = int(os.environ.get("BENCH_PORT", "8765"))
IDLE_SECONDS = 60


def show(name: str, value: float, unit: str, budget: float | None) -> None:
    """Print one figure beside its budget."""
    verdict = "" if budget is None else f"budget {budget:g} {unit}: {'kept' if value <= budget else 'MISSED'}"
    print(f"{name:<52}{value:>10.2f} {unit:<4} {verdict}", flush=True)


def command(home: Path, *words: str) -> tuple[float, str]:
    """Run a civmap command; return its seconds and what it printed."""
    begun = time.perf_counter()
    done = subprocess.run([CIVMAP, *words], env=os.environ | {"CIVMAP_HOME": str(home)}, capture_output=True,
                          text=True, check=False)
    if done.returncode:
        raise SystemExit(f"civmap {' '.join(words)} failed: {done.stderr[-2000:]}")
    return time.perf_counter() - begun, done.stdout


def first_answer(url: str, begun: float, most: float = 30.0) -> float:
    """Return the seconds from a moment to the first good answer of a server that is starting."""
    while time.perf_counter() - begun < most:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                answer.read()
                return time.perf_counter() - begun
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.02)
    raise SystemExit("the server did not answer within 30 s")


def demo_password(printed: str, name: str = "dispatcher") -> str:
    """Return the password of a demo login out of what `civmap demo` printed."""
    found = re.search(rf"^\s*{name}\s+(\S+)", printed, re.MULTILINE)
    if found is None:
        raise SystemExit("the demo printed no logins")
    return found.group(1)


def signed_in(base: str, password: str) -> urllib.request.OpenerDirector:
    """Return a browser's stand-in that is signed in as the demo's dispatcher."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = opener.open(f"{base}/login").read().decode()
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="csrf_token"', page)
    if found is None:
        raise SystemExit("the sign-in page carries no token")
    form = {"name": "dispatcher", "password": password, "csrf_token": found.group(1) or found.group(2)}
    opener.open(f"{base}/login", urllib.parse.urlencode(form).encode())
    return opener


def family(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [pid, *(one for child in children.stdout.split() for one in family(int(child)))]


def proportional_mb(pid: int) -> float:
    """Return the memory of a process family in MB (sum of PSS)."""
    total = 0
    for one in family(pid):
        for line in Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def serve_figures(home: Path, password: str) -> None:
    """Start the demo server and measure it."""
    base = f"http://127.0.0.1:{PORT}"
    begun = time.perf_counter()
    server = subprocess.Popen([CIVMAP, "serve", "--port", str(PORT)], env=os.environ | {"CIVMAP_HOME": str(home)},
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        show("start to first answer", first_answer(f"{base}/readyz", begun), "s", 3)
        browser = signed_in(base, password)
        page = browser.open(f"{base}/").read()
        if b"folium" not in page and b"L.map" not in page:
            raise SystemExit("the map page is not the map")
        show("first HTML of the map, gzipped", len(gzip.compress(page, 6)) / 1000, "kB", 30)
        for kind in ("points", "segments", "zones", "units", "issues"):
            asked = time.perf_counter()
            body = browser.open(f"{base}/api/v1/{kind}.geojson").read()
            count = len(json.loads(body)["features"])
            show(f"  {kind}.geojson, {count} features, {len(body) / 1000:.0f} kB", time.perf_counter() - asked,
                 "s", None)
        time.sleep(IDLE_SECONDS)
        show(f"idle memory after {IDLE_SECONDS} s (sum of PSS)", proportional_mb(server.pid), "MB", 200)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(10)


def main() -> None:
    """Measure everything and print it."""
    with tempfile.TemporaryDirectory() as folder:
        demo = Path(folder) / "demo"
        seconds, printed = command(demo, "demo", "--no-serve")
        show("demo district built", seconds, "s", 60)
        serve_figures(demo, demo_password(printed))
        if EXTRACT.is_file():
            seconds, out = command(Path(folder) / "nanjing", "init", "--name", "南京", "--osm", str(EXTRACT), "--json")
            show("init --osm of Nanjing", seconds, "s", 20)
            counts = json.loads(out)
            print("  " + ", ".join(f"{counts[name]} {name}" for name in ("streets", "segments", "points", "zones",
                                                                         "buildings", "water", "green")))
        else:
            print("init --osm of Nanjing: the extract is not beside the project")
    tiles.main()
    network.main()


if __name__ == "__main__":
    main()
