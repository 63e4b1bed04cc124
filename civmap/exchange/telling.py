"""What every program that reads a stranger's file shares: its limits, and how it tells what it found.

It runs in a process of its own (`children.py`), so that a file can end that process and nothing else.
"""

import json
import os
import resource
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from typing import Any, NoReturn

PIECE, PIECE_CELLS, MOST_KEYS = 4_000, 60_000, 299
SIMPLE = frozenset((str, float, int, bool, type(None)))


def limit(more_bytes: int = 0) -> None:
    """Hold this process to its memory (more address space for libraries that map much) and its seconds of work."""
    most = memory() + more_bytes
    seconds = int(os.environ.get("READER_CPU", 60))
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def memory() -> int:
    """Return how many bytes this process may hold."""
    return int(os.environ.get("READER_MEMORY", 380 << 20))


def tell(value: dict[str, Any]) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":")) + "\n")


def refuse(code: str, **facts: Any) -> NoReturn:
    """Say what is wrong with the file, and end."""
    tell({"error": code, **facts})
    sys.stdout.flush()
    sys.exit(0)


def end(**facts: Any) -> None:
    """Say that all is told."""
    tell({"end": facts})
    sys.stdout.flush()


def rows(lines: Iterable[Sequence[Any]], first: int = 1) -> None:
    """Tell rows of one width in pieces, the first of them with the number `first`."""
    lines = iter(lines)
    head = list(islice(lines, 1))
    size = max(1, min(PIECE, PIECE_CELLS // max(len(head[0]), 1))) if head else 1
    lines = chain(head, lines)
    while piece := list(islice(lines, size)):
        tell({"n": first, "c": [_plain_column(column) for column in zip(*piece, strict=True)]})
        first += len(piece)


def _plain_column(column: Sequence[Any]) -> Sequence[Any]:
    return column if SIMPLE.issuperset(map(type, column)) else [plain(cell) for cell in column]


def plain(cell: Any) -> Any:
    """Return a cell as JSON can carry it."""
    if isinstance(cell, datetime):
        return {"at": cell.isoformat()}
    if isinstance(cell, date):
        return {"on": cell.isoformat()}
    return str(cell) if isinstance(cell, time | timedelta) else cell


class Features:
    """Collects features into pieces: the geometry first, then a column per property in order of appearance."""

    def __init__(self, heaviest: int = 60_000) -> None:
        self.keys: dict[str, int] = {}
        self.count = self._weight = self._told = 0
        self._heaviest = heaviest
        self._piece: list[tuple[Any, dict[str, Any]]] = []

    def add(self, geometry: Any, properties: dict[str, Any], weight: int = 1) -> None:
        """Take one feature; `weight` counts its positions."""
        for key in properties:
            self.keys.setdefault(key, len(self.keys))
        if len(self.keys) > MOST_KEYS:
            refuse("too_many_columns", row=self.count + 1, most=MOST_KEYS)
        self.count += 1
        self._weight += weight + len(properties)
        self._piece.append((geometry, properties))
        if self._weight > self._heaviest or len(self._piece) >= PIECE:
            self.finish()

    def finish(self) -> None:
        """Tell what is collected."""
        if self._piece:
            columns = [[properties.get(key) for _, properties in self._piece] for key in self.keys]
            tell({"n": self._told + 1, "c": [[geometry for geometry, _ in self._piece], *columns]})
        self._told, self._piece, self._weight = self.count, [], 0
