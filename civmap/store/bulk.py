"""Many new rows of a model at once, inside the transaction that runs: fifty times as fast as one by one.

SpatiaLite: geometry as its own blobs, made in NumPy; the triggers that check and index row by row are set aside and
put back, and the R*Tree is written packed. PostGIS: COPY (`store.copying`). A rollback leaves everything as it was.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from civmap.store import blobs, packed
from civmap.store.copying import Copy
from civmap.store.loading import Column, Load, Run, bound

PAIRS = 20_000
CACHE_KIB = 49_152
"""What SQLite may hold of a database while much is written: random pages of an index would be written many times."""


@contextmanager
def loading(session: Session, model: Any, expected: int) -> Iterator[Load]:
    """Give what takes new rows of a model; at the end of the block the indexes are as if each had come by itself.

    `expected` is how many there will be at most.
    """
    load = (_Lite if session.get_bind().dialect.name == "sqlite" else Copy)(session, model, expected)
    try:
        yield load
        load.finish()
    finally:
        load.leave()


class _Lite(Load):
    """SpatiaLite: executemany without triggers, then the R*Tree in one piece."""

    def __init__(self, session: Session, model: Any, expected: int) -> None:
        super().__init__(session, model, expected)
        self.next = self.first = 0
        self.triggers: list[tuple[str, str]] = []
        self.boxes: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {name: [] for name in self.shapes}

    def add(self, count: int, columns: Mapping[str, Column]) -> list[Run]:
        """Insert rows under the next numbers."""
        if not count:
            return []
        if not self.next:
            self._begin()
        self.next = self._last() + 1
        ids = np.arange(self.next, self.next + count)
        values = {"id": ids.tolist()} | {name: self._column(name, value, ids) for name, value in columns.items()
                                         if value is not None}
        many = {name: value for name, value in values.items() if isinstance(value, list)}
        fixed = [name for name in values if name not in many]
        names, marks = [*many, *fixed], ["?"] * len(many) + [_literal(values[name]) for name in fixed]
        self.raw.executemany(f"INSERT INTO {self.table.name} ({', '.join(names)}) VALUES ({', '.join(marks)})",
                             zip(*many.values(), strict=True))
        self.next += count
        self.count += count
        return [(int(ids[0]), int(ids[-1]))]

    def finish(self) -> None:
        """Write the R*Trees and put the triggers back."""
        if not self.next:
            return
        for name in self.shapes:
            parts = [*self.boxes[name], self._others(name)]
            self.boxes[name] = []
            ids, boxes = (np.concatenate(found) for found in zip(*parts, strict=True))
            del parts
            if len(ids):
                _index(self.raw, f"idx_{self.table.name}_{name}", ids, boxes)
            self.raw.execute("UPDATE geometry_columns_time SET last_insert = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') "
                             "WHERE f_table_name = ? AND f_geometry_column = ?", (self.table.name, name))
        for _name, statement in self.triggers:
            self.raw.execute(statement)

    def leave(self) -> None:
        """Give back what the cache was allowed."""
        if self.first:
            self.raw.execute(f"PRAGMA cache_size = {self.cache}")

    def _begin(self) -> None:
        self.cache = int(self.raw.execute("PRAGMA cache_size").fetchone()[0])
        self.raw.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self.triggers = self.raw.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ? AND substr(name, 1, 4) IN "
            "('ggi_', 'gii_', 'tmi_')", (self.table.name,)).fetchall()
        for name, _statement in self.triggers:
            self.raw.execute(f'DROP TRIGGER "{name}"')
        self.first = self._last() + 1

    def _last(self) -> int:
        return int(self.raw.execute(f"SELECT coalesce(max(id), 0) FROM {self.table.name}").fetchone()[0])

    def _others(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return ids and edges of rows that came by themselves while the triggers were away."""
        mine = np.concatenate([np.zeros(0, np.int64), *(ids for ids, _ in self.boxes[name])])
        if self._last() - self.first + 1 == self.count:
            return mine[:0], np.zeros((0, 4), np.float32)
        corners = ", ".join(f"{edge}({name})" for edge in ("MbrMinX", "MbrMinY", "MbrMaxX", "MbrMaxY"))
        found = np.array(self.raw.execute(f"SELECT id, {corners} FROM {self.table.name} WHERE id >= ? AND {name} "
                                          "IS NOT NULL", (self.first,)).fetchall(), np.float64).reshape(-1, 5)
        found = found[~np.isin(found[:, 0].astype(np.int64), mine)]
        return found[:, 0].astype(np.int64), packed.edges(found[:, 1:])

    def _column(self, name: str, value: Column, ids: np.ndarray) -> Any:
        if name not in self.shapes:
            return bound(self.session, self.table.c[name], value)
        found, boxes = blobs.of_spots(value) if value.dtype != object else blobs.of_shapes(value)
        is_there = np.isfinite(boxes[:, 0])
        self.boxes[name].append((ids[is_there], packed.edges(boxes[is_there])))
        return found


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"


def _index(raw: Any, name: str, ids: np.ndarray, boxes: np.ndarray) -> None:
    """Bring rows into an R*Tree: written anew and packed, or, where few come to many, each by itself."""
    known = int(raw.execute(f"SELECT count(*) FROM {name}_rowid").fetchone()[0])
    if len(ids) * 4 < known:
        near = packed.order(boxes, 50)
        raw.executemany(f"INSERT INTO {name} VALUES (?, ?, ?, ?, ?)",
                        zip(ids[near].tolist(), *boxes[near].T.tolist(), strict=True))
        return
    old = np.array(raw.execute(f"SELECT pkid, xmin, xmax, ymin, ymax FROM {name}").fetchall(),
                   np.float64).reshape(-1, 5)
    old = old[~np.isin(old[:, 0], ids)]
    node_bytes = int(raw.execute(f"SELECT length(data) FROM {name}_node WHERE nodeno = 1").fetchone()[0])
    if len(old):
        ids = np.concatenate([old[:, 0].astype(np.int64), ids])
        boxes = np.concatenate([old[:, 1:].astype(np.float32), boxes])
    made = packed.tree(ids, boxes, node_bytes)
    for part in ("node", "parent", "rowid"):
        raw.execute(f"DELETE FROM {name}_{part}")
    raw.executemany(f"INSERT INTO {name}_node VALUES (?, ?)", made.nodes)
    raw.executemany(f"INSERT INTO {name}_parent VALUES (?, ?)", made.parents)
    by_row = np.argsort(made.rows)
    raw.executemany(f"INSERT INTO {name}_rowid VALUES (?, ?)", _pairs(made.rows[by_row], made.leaves[by_row]))


def _pairs(first: np.ndarray, second: np.ndarray) -> Iterator[tuple[int, int]]:
    for start in range(0, len(first), PAIRS):
        yield from zip(first[start:start + PAIRS].tolist(), second[start:start + PAIRS].tolist(), strict=True)


__all__ = ["Column", "Load", "Run", "loading"]
