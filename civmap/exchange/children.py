"""Running the programs that open strangers' files: alone, under limits, killed when they take too long.

A child writes lines of JSON: first what it found (`sheets`, `crs`, `total` …), then pieces of rows, last `{"end": …}`;
or `{"error": code, …facts}`. A child that ends without the last line ran out of memory or time.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from civmap.errors import BadInput, CivmapError, Invalid, TooLarge

WALL_SECONDS = 240
MEMORY_BYTES = 380 * 1024 * 1024
CPU_SECONDS = 90
CLASSES: dict[str, type[CivmapError]] = {
    "sheet_not_found": Invalid, "too_many_rows": TooLarge, "too_many_columns": TooLarge, "too_many_cells": TooLarge,
    "file_unpacks_too_large": TooLarge}
Progress = Callable[[int, int], None]


@contextmanager
def lines_of(program: str, name: str, *words: str) -> Iterator[Iterator[bytes]]:
    """Start a child and give its lines; raise what it says went wrong, or TooLarge where it ended too early."""
    with subprocess.Popen([sys.executable, "-I", "-X", "utf8", program, *words], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environ()) as child:
        clock = threading.Timer(WALL_SECONDS, child.kill)
        clock.daemon = True
        clock.start()
        try:
            assert child.stdout is not None
            yield _lines(child.stdout, name)
        finally:
            clock.cancel()
            child.kill()


def _environ() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("CIVMAP_", "PYTHON", "GDAL", "OGR", "CPL")) and not name.lower().endswith("_proxy")}
    return {**kept, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2",
            "READER_MEMORY": str(MEMORY_BYTES), "READER_CPU": str(CPU_SECONDS)}


def _lines(pipe: IO[bytes], name: str) -> Iterator[bytes]:
    for line in pipe:
        if line.startswith(b'{"error"'):
            raise refusal(json.loads(line), name)
        yield line
        if line.startswith(b'{"end"'):
            return
    raise TooLarge("file_holds_too_much", field="file", file=name, most_mb=MEMORY_BYTES // 1024 // 1024)


def refusal(told: dict[str, Any], name: str) -> CivmapError:
    """Return the refusal that a child told in its own line."""
    code = str(told.pop("error"))
    return CLASSES.get(code, BadInput)(code, field="sheet" if code == "sheet_not_found" else "file",
                                       **{"file": name, **told})
