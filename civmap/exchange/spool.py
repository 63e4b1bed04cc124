"""Rows that a child process read, laid into a file of our own to be gone through again; one piece is held at a time.

A piece is one line of JSON: `{"n": first number or numbers, "c": columns}`. A moment travels as `{"at": ISO}`, a day
as `{"on": ISO}`, a formula that nobody ever calculated as `{"f": text}`.
"""

import json
import tempfile
import weakref
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from civmap.exchange.blocks import Block


class Uncalculated(str):
    """What stands in a cell whose formula has no stored result: the formula itself, for a problem to name."""

    __slots__ = ()


class Spool:
    """Pieces in a temporary file without a name; it is gone with `close`, or with the last reader."""

    def __init__(self, *, of_features: bool) -> None:
        self._file = tempfile.TemporaryFile(prefix="civmap-rows-")  # noqa: SIM115
        self.close = weakref.finalize(self, self._file.close)
        self._of_features = of_features
        self.width = 0

    def add(self, line: bytes) -> Block:
        """Lay a piece aside and return it."""
        self._file.write(line)
        return self._read(line)

    def blocks(self) -> Iterator[Block]:
        """Go through all pieces from the first one."""
        place = 0
        while True:
            self._file.seek(place)
            line = self._file.readline()
            if not line:
                return
            place = self._file.tell()
            yield self._read(line)

    def _read(self, line: bytes) -> Block:
        told = json.loads(line, object_hook=None if self._of_features else _value)
        columns, first = told["c"], told["n"]
        count = len(columns[0]) if columns else 0
        numbers = first if isinstance(first, list) else range(first, first + count)
        if self._of_features:
            self.width = max(self.width, len(columns) - 1)
            blank = [None] * count
            columns = [*columns[1:], *[blank] * (self.width - len(columns) + 1), columns[0]]
        return Block(numbers, columns=columns, weight=len(line))


def _value(told: dict[str, Any]) -> Any:
    if "c" in told:
        return told
    if "at" in told:
        return datetime.fromisoformat(told["at"])
    return date.fromisoformat(told["on"]) if "on" in told else Uncalculated(told.get("f", ""))
