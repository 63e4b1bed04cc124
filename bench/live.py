"""Measure a live city: `python -m bench.live [MINUTES]` with 50 viewers who watch it and 5 writers who work in it.

Each viewer asks what the page asks: the three layers, then `/changes` every 3.15–3.85 s with the counts told beside
what changed, what was told without them again, the bell every 10 s and the news every 30 s. Each writer reports an
issue and carries it on, one write every two to three seconds. Printed: p50, p95 and the longest of the data requests by
what was asked, how late changes were seen, the CPU the server took, and how its memory grew between the first minute
and the last.
"""

import http.client
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections import defaultdict
from pathlib import Path
from typing import Any

from bench.__main__ import CIVMAP, PORT, command, demo_password, first_answer, proportional_mb, show

VIEWERS, WRITERS = 50, 5
ARRIVAL = 0.6  # seconds between two viewers who open the map
BUDGET_MS, BUDGET_GROWTH = 100, 5
WATCHERS = ("dispatcher", "leader", "inspector", "clerk", "handler", "industry", "discipline", "chief", "grid", "head")
LAYERS = {"points": "", "segments": "", "zones": "?kind=frontage%2Cestate"}
BEAT, BELL, NEWS = (3.15, 3.85), 10.0, 30.0  # as in static/js: live.js, bell.js, news.js


class Figures:
    """What was measured, by what was asked."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)
        self.sizes: dict[str, list[int]] = defaultdict(list)
        self.late: list[float] = []
        self.written: dict[str, float] = {}
        self.refused: list[str] = []
        self.lock = threading.Lock()

    def take(self, name: str, seconds: float, size: int) -> None:
        """Take in one answer."""
        with self.lock:
            self.times[name].append(seconds * 1000)
            self.sizes[name].append(size)


class Caller:
    """Somebody's program with one open connection."""

    def __init__(self, token: str, figures: Figures) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
        self.headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip"}
        self.figures = figures

    def ask(self, name: str, method: str, path: str, body: Any = None, **more: str) -> tuple[Any, str | None]:
        """Send a request, measure it, return the JSON and the tag."""
        begun = time.perf_counter()
        sent = None if body is None else json.dumps(body)
        headers = {**self.headers, **({"Content-Type": "application/json"} if sent else {}), **more}
        self.connection.request(method, f"/api/v1{path}", sent, headers)
        answer = self.connection.getresponse()
        raw = answer.read()
        self.figures.take(name, time.perf_counter() - begun, len(raw))
        if answer.getheader("Content-Encoding") == "gzip":
            import gzip
            raw = gzip.decompress(raw)
        if answer.status >= 400:
            self.figures.refused.append(f"{method} {path}: {answer.status} {raw[:120]!r}")
            return {}, None
        return json.loads(raw), answer.getheader("ETag")


def watch(token: str, figures: Figures, ends: float, number: int) -> None:
    """Look at the map as the page does."""
    caller, dice = Caller(token, figures), random.Random(number)
    time.sleep(number * ARRIVAL)
    for kind, narrowed in LAYERS.items():
        caller.ask("first load", "GET", f"/{kind}.geojson{narrowed}")
    told, _tag = caller.ask("changes", "GET", "/changes")
    first, rung, heard = told["cursor"], 0.0, 0.0
    time.sleep(dice.uniform(0, BEAT[1]))
    while time.time() < ends:
        asked = {"since": told["cursor"], "seen": told["at"], "counts": ",".join(LAYERS)}
        told, _tag = caller.ask("changes", "GET", f"/changes?{urllib.parse.urlencode(asked)}")
        seen = time.time()
        refresh(caller, told)
        with figures.lock:
            figures.late += [seen - figures.written[key] for one in told["changes"] if one["kind"] == "issues"
                             and (key := f"{one['code']}/{one['verb']}") in figures.written]
        if told["changes"] and seen - rung > BELL:
            rung = seen
            caller.ask("bell", "GET", "/notifications?limit=0")
        if told["changes"] and seen - heard > NEWS:
            heard = seen
            caller.ask("news", "GET", f"/news?since={first}")
        time.sleep(dice.uniform(*BEAT))


def refresh(caller: Caller, told: Any) -> None:
    """Fetch again what was told without its counts: layers where each thing came with them take those."""
    for kind, narrowed in LAYERS.items():
        own = [one for one in told["changes"] + told["gone"] if one["kind"] == kind]
        if own and not all(one.get("verb") == "counts" and "status" in one for one in own):
            asked = urllib.parse.urlencode({"code": ",".join(one["code"] for one in own[:60])})
            caller.ask(f"refresh {kind}", "GET", f"/{kind}.geojson?{asked}{narrowed.replace('?', '&')}")


def work(token: str, spots: list[tuple[float, float]], figures: Figures, ends: float, number: int) -> None:
    """Report issues and carry them on."""
    caller, dice = Caller(token, figures), random.Random(100 + number)
    while time.time() < ends:
        lon, lat = dice.choice(spots)
        body = {"class": "E0115", "description": f"写手{number}", "lon": lon, "lat": lat}
        issue, tag = caller.ask("write", "POST", "/issues", body)
        figures.written[f"{issue.get('issue_no')}/report"] = time.time()
        steps: list[tuple[str, Any]] = [("file", {}), ("dispatch", {})] if dice.random() < 0.5 else [
            ("reject", {"reason": "重复"})]
        for verb, said in steps:
            time.sleep(dice.uniform(2, 3))
            if tag is None or time.time() > ends:
                break
            issue, tag = caller.ask("write", "POST", f"/issues/{issue['issue_no']}/{verb}", said, **{"If-Match": tag})
            figures.written[f"{issue.get('issue_no')}/{verb}"] = time.time()
        time.sleep(dice.uniform(2, 3))


def person_token(home: Path, name: str) -> str:
    """Return a token of a demo person."""
    return command(home, "person", "token", name)[1].strip().splitlines()[-1]


def told(figures: Figures) -> None:
    """Print what was measured."""
    data: list[float] = []
    for name, times in sorted(figures.times.items()):
        if name != "write":
            data += times
        cut = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
        print(f"  {name:<18}{len(times):>7} answers  p50 {statistics.median(times):>7.1f}  p95 {cut:>7.1f}  "
              f"longest {max(times):>7.0f} ms  {statistics.median(figures.sizes[name]):>8.0f} B")
    show("all data requests of live maps, p95", statistics.quantiles(data, n=20)[-1], "ms", BUDGET_MS)
    if figures.late:
        show("a write is known to a viewer after, p95", statistics.quantiles(figures.late, n=20)[-1], "s", 5)
    for line in figures.refused[:5]:
        print("  refused:", line)


def main(minutes: float) -> None:
    """Build the demo, serve it, let them look and work, and print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        _seconds, printed = command(home, "demo", "--no-serve")
        demo_password(printed)
        tokens = {name: person_token(home, name) for name in WATCHERS}
        server = subprocess.Popen([CIVMAP, "serve", "--port", str(PORT)], env=os.environ | {"CIVMAP_HOME": folder},
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            first_answer(f"http://127.0.0.1:{PORT}/readyz", time.perf_counter())
            measure(server, tokens, minutes)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(10)


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has taken so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(server: "subprocess.Popen[bytes]", tokens: dict[str, str], minutes: float) -> None:
    """Let viewers and writers run for some minutes."""
    figures, warm = Figures(), Figures()
    points, _tag = Caller(tokens["dispatcher"], warm).ask("points", "GET", "/points?limit=100")
    spots = [tuple(one["geometry"]["coordinates"]) for one in points["features"]]
    ends = time.time() + minutes * 60
    crowd = [threading.Thread(target=watch, args=(tokens[WATCHERS[number % len(WATCHERS)]], figures, ends, number))
             for number in range(VIEWERS)]
    crowd += [threading.Thread(target=work, args=(tokens["dispatcher"], spots, figures, ends, number))
              for number in range(WRITERS)]
    for one in crowd:
        one.start()
    memory, spent = [], cpu_seconds(server.pid)
    while time.time() < ends:
        time.sleep(min(10.0, max(0.1, ends - time.time())))
        memory.append(proportional_mb(server.pid))
    for one in crowd:
        one.join(60)
    told(figures)
    show("CPU of the server", 100 * (cpu_seconds(server.pid) - spent) / (minutes * 60), "% of one core", None)
    settled = memory[min(len(memory) - 1, 5):]
    show("memory of the server at the end", memory[-1], "MB", None)
    show(f"memory grew in {minutes:g} min, after the first", 100 * (memory[-1] / settled[0] - 1), "%", BUDGET_GROWTH)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 30)
