"""Noting what an import makes and changes while it is saved, row by row, so that it can be undone as a whole."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event, insert, inspect
from sqlalchemy.orm import Session

from civmap.imports.models import Imported
from civmap.imports.values import packed

MADE, CHANGED, REMOVED = "create", "update", "delete"
OURS = frozenset({"import_run", "imported_thing", "import_layout"})
PORTION = 2_000
Key = tuple[str, int]


@dataclass
class Capture:
    """What was made, changed and removed so far: by table and id, with the values before."""

    things: dict[Key, dict[str, Any]] = field(default_factory=dict)
    _pending: list[tuple[str, Any, dict[str, Any] | None]] = field(default_factory=list)

    def before_flush(self, session: Session, _context: Any, _instances: Any) -> None:
        """Note the values that are about to be overwritten."""
        for row in session.dirty:
            if row.__tablename__ not in OURS and session.is_modified(row):
                self._pending.append((CHANGED, row, _overwritten(row)))
        for row in session.deleted:
            if row.__tablename__ not in OURS:
                self._pending.append((REMOVED, row, _whole(row)))
        self._pending += [(MADE, row, None) for row in session.new if row.__tablename__ not in OURS]

    def settle(self) -> None:
        """Keep what a row that was kept did."""
        for did, row, before in self._pending:
            key = (row.__tablename__, row.id)
            known = self.things.get(key)
            version = getattr(row, "version", None) if did != REMOVED else None
            if known is None:
                self.things[key] = {"did": did, "version": version, "before": before}
            elif did == REMOVED and known["did"] == MADE:
                del self.things[key]
            else:
                known["version"] = version
                known["did"] = REMOVED if did == REMOVED else known["did"]
                known["before"] = known["before"] if known["before"] is None else {**(before or {}), **known["before"]}
        self._pending = []

    def forget(self) -> None:
        """Forget what a refused row tried."""
        self._pending = []

    def write(self, session: Session, import_id: int) -> None:
        """Write all of it, in the order in which it happened."""
        rows = [{"import_id": import_id, "kind": kind, "thing_id": thing_id, "did": thing["did"],
                 "version": thing["version"], "last_id": None,
                 "before": json.loads(packed(thing["before"])) if thing["before"] else None}
                for (kind, thing_id), thing in self.things.items()]
        for start in range(0, len(rows), PORTION):
            session.execute(insert(Imported), rows[start:start + PORTION])


@contextmanager
def capturing(session: Session) -> Iterator[Capture]:
    """Give the note-taker of a session."""
    capture = Capture()
    event.listen(session, "before_flush", capture.before_flush)
    try:
        yield capture
    finally:
        event.remove(session, "before_flush", capture.before_flush)


def _overwritten(row: Any) -> dict[str, Any]:
    state = inspect(row)
    found = {}
    for column in state.mapper.column_attrs:
        history = state.attrs[column.key].history
        if history.has_changes() and history.deleted and column.key != "version":
            found[column.key] = history.deleted[0]
        elif history.has_changes() and not history.deleted and column.key != "version":
            found[column.key] = None
    return found


def _whole(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in inspect(row).mapper.column_attrs}
