"""Run the set-up's programs and tell in one line per step how far they are, in Chinese and English.

The office's network may be slow: a step that takes minutes names what it is fetching. Everything the programs say goes
to `set-up.log`; only when one fails are its last lines shown, with a sentence about what to do.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOG = ROOT / "set-up.log"
STEPS = 5
QUIET_S = 10  # where output is not a terminal (a CI log), one sign of life in this many seconds

# what pip, apt-get and npm print when they turn to the next item: the group is its name
NEWS = re.compile(r"^(?:Collecting|Downloading|Get:\d+ \S+ \S+ \S+|Unpacking|Setting up) ([\w.\-]+)")


class Failure(Exception):
    """Something that a person must mend; `zh` and `en` say what to do."""

    def __init__(self, zh: str, en: str):
        super().__init__(en)
        self.zh, self.en = zh, en


def step(number: int, zh: str, en: str) -> None:
    """Announce a step that really does something; finished steps stay silent."""
    print(f"[{number}/{STEPS}] {zh} · {en} …", flush=True)


def run(command: Sequence[str | Path], *, zh: str, en: str, env: dict[str, str] | None = None) -> None:
    """Run a program with its output in the log and the item it works on shown on the terminal.

    Raise Failure with the two sentences, after the last lines of its output, where it does not end well.
    """
    lines: list[str] = []
    words = [str(word) for word in command]
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"\n$ {' '.join(words)}\n")
        with subprocess.Popen(words, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, encoding="utf-8", errors="replace") as program:
            _follow(program, lines, log)
    if program.returncode:
        print("".join(lines[-12:]), file=sys.stderr, end="", flush=True)
        raise Failure(f"{zh} 详情见 set-up.log。", f"{en} The details are in set-up.log.")


def _follow(program: subprocess.Popen, lines: list[str], log) -> None:
    shown_at, count = time.monotonic(), 0
    for line in program.stdout:
        lines.append(line)
        log.write(line)
        if not (news := NEWS.match(line.strip())):
            continue
        count += 1
        if sys.stdout.isatty():
            print(f"\r\033[K      {count} {news[1]}", end="", flush=True)
        elif time.monotonic() - shown_at > QUIET_S:
            print(f"      {count} {news[1]}", flush=True)
            shown_at = time.monotonic()
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)


def clean_environ(**more: str) -> dict[str, str]:
    """Return this process's variables without those that would make pip install elsewhere or Python look elsewhere."""
    away = {"PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIRE_VIRTUALENV", "VIRTUAL_ENV"}
    kept = {name: value for name, value in os.environ.items() if name not in away}
    return kept | {"PIP_USER": "0", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1",
                   "PIP_ROOT_USER_ACTION": "ignore", "PYTHONUTF8": "1"} | more
