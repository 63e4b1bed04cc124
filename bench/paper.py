"""Printing: the demo district on A0 and on A4, and an atlas by subdistrict, from the command to the finished PDF."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CIVMAP = Path(sys.executable).with_name("civmap")
BUDGET_SECONDS, BUDGET_MB = 20, 15
SHEETS = (("A0 of the demo district", ("--size", "A0"), BUDGET_SECONDS),
          ("A4 of the demo district", ("--size", "A4"), None),
          ("atlas by subdistrict, A3, 10 pages", ("--size", "A3", "--atlas", "subdistrict"), None))


def verdict(value: float, budget: float | None, unit: str) -> str:
    """Return whether a budget was kept, in words."""
    return "" if budget is None else f"budget {budget:g} {unit}: {'kept' if value <= budget else 'MISSED'}"


def drawn(home: Path, words: tuple[str, ...]) -> tuple[float, float, float]:
    """Print once; return seconds, seconds of work by the processor, and megabytes."""
    target = home / "sheet.pdf"
    begun, worked = time.perf_counter(), os.times()
    subprocess.run([CIVMAP, "paper", "--out", target, *words], env=os.environ | {"CIVMAP_HOME": str(home)},
                   check=True, capture_output=True)
    done = os.times()
    work = done.children_user - worked.children_user + done.children_system - worked.children_system
    return time.perf_counter() - begun, work, target.stat().st_size / 1e6


def measure(home: Path) -> None:
    """Print the figures over a city that is already there."""
    for name, words, budget in SHEETS:
        seconds, work, size = drawn(home, words)
        print(f"{name:<52}{seconds:>10.2f} s    {verdict(seconds, budget, 's')}")
        print(f"{'  of it work of the processor; size of the file':<52}{work:>10.2f} s    {size:.2f} MB "
              f"{verdict(size, BUDGET_MB, 'MB')}", flush=True)


def main() -> None:
    """Build the demo and measure."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(os.environ.get("BENCH_HOME") or folder)
        if not (home / "civmap.sqlite").is_file():
            subprocess.run([CIVMAP, "demo", "--no-serve"], env=os.environ | {"CIVMAP_HOME": str(home)}, check=True,
                           capture_output=True)
        measure(home)


if __name__ == "__main__":
    main()
