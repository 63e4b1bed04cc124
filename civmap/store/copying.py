"""Many new rows on PostGIS: COPY goes on while the next ones are made ready, indexes are built at the end."""

from collections.abc import Mapping, Sequence
from threading import Thread
from typing import Any

import numpy as np
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from civmap.store import blobs
from civmap.store.loading import Column, Load, Run, bound

ANEW_FROM = 100_000
"""From so many new rows on, if they are more than the old ones, indexes are built anew."""
LOCK_SECONDS, INDEX_MIB, RUNS = 3, 128, 20
AS_REPLICA = "SET LOCAL session_replication_role = replica"
AS_ORIGIN = "SET LOCAL session_replication_role = origin"
SIGNS = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Copy(Load):
    """PostGIS: COPY, which goes on while the next rows are made ready.

    Where more comes than there is, indexes that back no constraint are built anew at the end, if the table can be had
    alone at once; foreign keys are asked for all rows together, where this role may ask so.
    """

    def __init__(self, session: Session, model: Any, expected: int) -> None:
        super().__init__(session, model, expected)
        self.indexes: list[str] = []
        self._copying: Thread | None = None
        self._failed: list[BaseException] = []
        self._is_begun = self._may_check = False

    def add(self, count: int, columns: Mapping[str, Column]) -> list[Run]:
        """Insert rows under numbers of the table's own sequence; the COPY is still under way afterwards."""
        if not count:
            return []
        told = {name: self._column(name, value, count) for name, value in columns.items() if value is not None}
        self.wait()
        if not self._is_begun:
            self._begin()
        runs = self._numbers(count)
        ids = [str(number) for first, last in runs for number in range(first, last + 1)]
        body = "\n".join(map("\t".join, zip(ids, *told.values(), strict=True))) + "\n"
        is_checked = self._may_check and self._refers_well(columns)
        self._copying = Thread(target=self._copy, args=(["id", *told], body.encode(), is_checked))
        self._copying.start()
        self.count += count
        return runs

    def wait(self) -> None:
        """Return when nothing is under way on the connection; raise what went wrong there."""
        if self._copying is not None:
            self._copying.join()
            self._copying = None
        if self._failed:
            raise self._failed.pop()

    def finish(self) -> None:
        """Build the indexes and tell the planner how many there are now."""
        self.wait()
        for statement in self.indexes:
            self.session.execute(text(statement))
        if self.count:
            self.session.execute(text(f"ANALYZE {self.table.name}"))

    def _begin(self) -> None:
        self._is_begun = True
        some = f"SELECT count(*) FROM (SELECT 1 FROM {self.table.name} LIMIT :most) AS part"
        known = self.session.execute(text(some), {"most": self.expected}).scalar_one()
        if self.expected < ANEW_FROM or known >= self.expected or not self._tried(
                f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'", f"LOCK TABLE {self.table.name} IN ACCESS EXCLUSIVE MODE",
                "SET LOCAL lock_timeout TO DEFAULT"):
            return
        self._may_check = self._tried(AS_REPLICA, AS_ORIGIN)
        found = self.session.execute(text(
            "SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made FROM pg_index "
            "WHERE indrelid = CAST(:table AS regclass) AND NOT indisunique AND NOT EXISTS (SELECT 1 FROM pg_constraint "
            "WHERE conindid = indexrelid)"), {"table": self.table.name}).all()
        for index in found:
            self.session.execute(text(f"DROP INDEX {index.name}"))
        self.session.execute(text(f"SET LOCAL maintenance_work_mem = '{INDEX_MIB}MB'"))
        self.indexes = [index.made for index in found]

    def _tried(self, *statements: str) -> bool:
        """Tell whether statements were allowed; nothing of them stays where one was not."""
        try:
            with self.session.begin_nested():
                for statement in statements:
                    self.session.execute(text(statement))
        except DBAPIError:
            return False
        return True

    def _refers_well(self, columns: Mapping[str, Column]) -> bool:
        """Tell whether all rows that new ones point to are there; they stay there until this transaction ends."""
        for key in self.table.foreign_keys:
            value = columns.get(key.parent.key)
            wanted = set(value if isinstance(value, list | np.ndarray) else [value]) - {None}
            other = key.column
            found = self.session.execute(select(other).where(other.in_(wanted)).with_for_update(
                key_share=True, read=True)).scalars() if wanted else ()
            if wanted - set(found):
                return False
        return True

    def _copy(self, names: Sequence[str], body: bytes, is_checked: bool) -> None:
        try:
            with self.raw.cursor() as cursor:
                if is_checked:
                    cursor.execute(AS_REPLICA)
                with cursor.copy(f"COPY {self.table.name} ({', '.join(names)}) FROM STDIN") as copy:
                    copy.write(body)
                if is_checked:
                    cursor.execute(AS_ORIGIN)
        except BaseException as problem:
            self._failed.append(problem)

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
            return blobs.hex_of_spots(value) if value.dtype != object else blobs.hex_of_shapes(value)
        told = bound(self.session, self.table.c[name], value)
        if not isinstance(told, list):
            return [_copied(told)] * count
        if set(map(type, told)) == {str}:
            return _escaped(told)
        return [_copied(one) for one in told]


def _copied(value: Any) -> str:
    if value is None:
        return blobs.NOTHING
    if isinstance(value, bool):
        return "t" if value else "f"
    return value.translate(SIGNS) if isinstance(value, str) else str(value)


def _escaped(values: list[str]) -> list[str]:
    joined = "".join(values)
    if joined.isprintable() and "\\" not in joined:
        return values
    return [value.translate(SIGNS) for value in values]
