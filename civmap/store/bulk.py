"""Many new rows of a model at once, inside the transaction that runs: fifty times as fast as one by one.

SpatiaLite: geometry as its own blobs, made in NumPy; the triggers that check and index row by row are set aside and
put back, and the R*Tree is written packed. PostGIS: COPY. A rollback leaves everything as it was.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from civmap.store import packed
from civmap.store.base import SRID, Geom

CACHE_KIB = 98_304
"""What SQLite may hold of a database while much is written: random pages of an index would be written many times."""
RUNS = 20
HEADER = np.dtype([("start", "u1"), ("order", "u1"), ("srid", "<i4"), ("box", "<f8", (4,)), ("end", "u1")])
SPOT = np.dtype([*HEADER.descr, ("type", "<i4"), ("xy", "<f8", (2,)), ("stop", "u1")])
EWKB = np.dtype([("order", "u1"), ("type", "<u4"), ("srid", "<u4"), ("xy", "<f8", (2,))])
COPY_SIGNS = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
Column = Any
"""What stands in a column of new rows: one value for all, a sequence, (n, 2) spots or an array of shapes."""
Run = tuple[int, int]


@contextmanager
def loading(session: Session, model: Any) -> Iterator["Load"]:
    """Give what takes new rows of a model; at the end of the block the indexes are as if each had come by itself."""
    load = _Lite(session, model) if session.get_bind().dialect.name == "sqlite" else _Post(session, model)
    yield load
    load.finish()


class Load:
    """Takes rows of one model, in portions."""

    def __init__(self, session: Session, model: Any) -> None:
        self.session, self.table = session, model.__table__
        self.shapes = [column.key for column in self.table.c if isinstance(column.type, Geom)]
        self.count = 0
        session.flush()
        self.raw = session.connection().connection.driver_connection

    def add(self, count: int, columns: Mapping[str, Column]) -> list[Run]:
        """Insert rows; return the ids they got, as runs of first and last. What is not named stays empty."""
        raise NotImplementedError

    def finish(self) -> None:
        """Put the indexes in order."""
        raise NotImplementedError


class _Lite(Load):
    """SpatiaLite: executemany without triggers, then the R*Tree in one piece."""

    def __init__(self, session: Session, model: Any) -> None:
        super().__init__(session, model)
        self.next = 0
        self.triggers: list[tuple[str, str]] = []
        self.boxes: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {name: [] for name in self.shapes}

    def add(self, count: int, columns: Mapping[str, Column]) -> list[Run]:
        """Insert rows under the next numbers."""
        if not count:
            return []
        if not self.next:
            self._begin()
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
            parts = self.boxes[name]
            if parts:
                _index(self.raw, f"idx_{self.table.name}_{name}", np.concatenate([ids for ids, _ in parts]),
                       np.concatenate([boxes for _, boxes in parts]))
            self.raw.execute("UPDATE geometry_columns_time SET last_insert = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') "
                             "WHERE f_table_name = ? AND f_geometry_column = ?", (self.table.name, name))
        for _name, statement in self.triggers:
            self.raw.execute(statement)
        self.raw.execute(f"PRAGMA cache_size = {self.cache}")

    def _begin(self) -> None:
        self.cache = int(self.raw.execute("PRAGMA cache_size").fetchone()[0])
        self.raw.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self.triggers = self.raw.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ? AND substr(name, 1, 4) IN "
            "('ggi_', 'gii_', 'tmi_')", (self.table.name,)).fetchall()
        for name, _statement in self.triggers:
            self.raw.execute(f'DROP TRIGGER "{name}"')
        self.next = int(self.raw.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {self.table.name}").fetchone()[0])

    def _column(self, name: str, value: Column, ids: np.ndarray) -> Any:
        if name not in self.shapes:
            return _bound(self.session, self.table.c[name], value)
        blobs, boxes = _blobs_of_spots(value) if value.dtype != object else _blobs_of_shapes(value)
        is_there = np.isfinite(boxes[:, 0])
        self.boxes[name].append((ids[is_there], packed.edges(boxes[is_there])))
        return blobs


class _Post(Load):
    """PostGIS: COPY; the indexes follow by themselves, the statistics at the end."""

    def add(self, count: int, columns: Mapping[str, Column]) -> list[Run]:
        """Insert rows under numbers of the table's own sequence."""
        if not count:
            return []
        runs = self._numbers(count)
        ids = [number for first, last in runs for number in range(first, last + 1)]
        told = {"id": list(map(str, ids))} | {name: self._column(name, value, count)
                                              for name, value in columns.items() if value is not None}
        body = "\n".join(map("\t".join, zip(*told.values(), strict=True))) + "\n"
        with self.raw.cursor() as cursor, cursor.copy(
                f"COPY {self.table.name} ({', '.join(told)}) FROM STDIN") as copy:
            copy.write(body.encode())
        self.count += count
        return runs

    def finish(self) -> None:
        """Tell the planner how many there are now."""
        if self.count:
            self.session.execute(text(f"ANALYZE {self.table.name}"))

    def _numbers(self, count: int) -> list[Run]:
        """Return free numbers: one run, unless somebody else takes numbers at the same time, again and again."""
        asked = text("SELECT min(one), max(one) FROM (SELECT nextval(pg_get_serial_sequence(:table, 'id')) AS one "
                     "FROM generate_series(1, :count)) AS taken")
        for _try in range(RUNS):
            first, last = self.session.execute(asked, {"table": self.table.name, "count": count}).one()
            if last - first + 1 == count:
                return [(int(first), int(last))]
        half = count // 2
        return self._numbers(half) + self._numbers(count - half)

    def _column(self, name: str, value: Column, count: int) -> Sequence[str]:
        if name in self.shapes:
            return _hex_of_spots(value) if value.dtype != object else _hex_of_shapes(value)
        bound = _bound(self.session, self.table.c[name], value)
        if not isinstance(bound, list):
            return [_copied(bound)] * count
        if all(type(one) is str for one in bound):
            return _escaped(bound)
        return [_copied(one) for one in bound]


def _bound(session: Session, column: Any, value: Column) -> Any:
    """Return a column's values as the driver takes them."""
    process = column.type.dialect_impl(session.get_bind().dialect).bind_processor(session.get_bind().dialect)
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if process is None:
        return value
    if isinstance(value, list):
        known: dict[Any, Any] = {}
        try:
            return [known[one] if one in known else known.setdefault(one, process(one)) for one in value]
        except TypeError:
            return [process(one) for one in value]
    return process(value)


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"


def _copied(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    return value.translate(COPY_SIGNS) if isinstance(value, str) else str(value)


def _escaped(values: list[str]) -> list[str]:
    joined = "".join(values)
    if joined.isprintable() and "\\" not in joined:
        return values
    return [value.translate(COPY_SIGNS) for value in values]


def _header(boxes: np.ndarray, dtype: np.dtype[Any]) -> np.ndarray:
    made = np.zeros(len(boxes), dtype)
    made["order"], made["srid"], made["box"], made["end"] = 1, SRID, boxes, 0x7C
    return made


def _blobs_of_spots(spots: np.ndarray) -> tuple[list[bytes | None], np.ndarray]:
    """Return SpatiaLite's own blobs of (n, 2) lon/lat, None where there is no spot, and their boxes."""
    boxes = np.column_stack([spots, spots])
    made = _header(boxes, SPOT)
    made["type"], made["xy"], made["stop"] = 1, spots, 0xFE
    flat, size = made.tobytes(), SPOT.itemsize
    blobs: list[bytes | None] = [flat[at:at + size] for at in range(0, len(flat), size)]
    for place in np.flatnonzero(~np.isfinite(spots).all(1)).tolist():
        blobs[place] = None
    return blobs, boxes


def _blobs_of_shapes(shapes: np.ndarray) -> tuple[list[bytes | None], np.ndarray]:
    boxes = shapely.bounds(shapes)
    heads, size = _header(boxes, HEADER).tobytes(), HEADER.itemsize
    bodies = shapely.to_wkb(shapes, byte_order=1, output_dimension=2)
    blobs = [None if body is None else heads[place * size:(place + 1) * size] + _entities(body) + b"\xfe"
             for place, body in enumerate(bodies)]
    return blobs, boxes


def _entities(body: bytes) -> bytes:
    """Return well-known binary as SpatiaLite writes it: parts of a collection begin with a mark of its own."""
    kind = body[1]
    if kind < 4:
        return body[1:]
    parts, at = [body[1:9]], 9
    while at < len(body):
        end = _end(body, at)
        parts.append(b"\x69" + body[at + 1:end])
        at = end
    return b"".join(parts)


def _end(body: bytes, at: int) -> int:
    """Return where a point, line or area that begins at a byte ends."""
    kind = body[at + 1]
    if kind == 1:
        return at + 21
    count, after = int.from_bytes(body[at + 5:at + 9], "little"), at + 9
    if kind == 2:
        return after + 16 * count
    for _ring in range(count):
        after += 4 + 16 * int.from_bytes(body[after:after + 4], "little")
    return after


def _hex_of_spots(spots: np.ndarray) -> list[str]:
    made = np.zeros(len(spots), EWKB)
    made["order"], made["type"], made["srid"], made["xy"] = 1, 0x20000001, SRID, spots
    flat, size = made.tobytes().hex(), 2 * EWKB.itemsize
    told = [flat[at:at + size] for at in range(0, len(flat), size)]
    for place in np.flatnonzero(~np.isfinite(spots).all(1)).tolist():
        told[place] = "\\N"
    return told


def _hex_of_shapes(shapes: np.ndarray) -> list[str]:
    told = shapely.to_wkb(shapely.set_srid(shapes, SRID), hex=True, include_srid=True)
    return ["\\N" if one is None else one for one in told]


def _index(raw: Any, name: str, ids: np.ndarray, boxes: np.ndarray) -> None:
    """Bring rows into an R*Tree: written anew and packed, or, where few come to many, each by itself."""
    known = int(raw.execute(f"SELECT count(*) FROM {name}_rowid").fetchone()[0])
    if len(ids) * 4 < known:
        near = packed.order(boxes, 50)
        raw.executemany(f"INSERT INTO {name} VALUES (?, ?, ?, ?, ?)",
                        zip(ids[near].tolist(), *boxes[near].T.tolist(), strict=True))
        return
    old = np.array(raw.execute(f"SELECT pkid, xmin, xmax, ymin, ymax FROM {name}").fetchall(), np.float64)
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


def _pairs(first: np.ndarray, second: np.ndarray) -> Iterable[tuple[int, int]]:
    return zip(first.tolist(), second.tolist(), strict=True)
