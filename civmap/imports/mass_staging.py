"""Large tables in the conversation: plain rows are tried and saved at once, the others one by one, all are staged.

The file is gone through again when it is saved; whatever would then turn out otherwise than foretold keeps all out.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from civmap.exchange import bulk, coordinates, intake, kinds
from civmap.exchange.checking import Desk, Found, Problem
from civmap.exchange.intake import Keeper
from civmap.exchange.sheets import Portion, Table
from civmap.imports import examining, masses, quality, rehearsing, staging
from civmap.imports.capturing import MADE, capturing
from civmap.imports.examining import DID, TRIED, Work
from civmap.imports.models import Import, Imported

UNCHANGED, CREATED = 1, 2
PLAIN = {UNCHANGED: "unchanged", CREATED: "create"}
SAVING = "saving"


def tried(work: Work, desk: Desk, table: Table, staged: sqlite3.Connection) -> bool:
    """Examine a large table on a private city and stage it; False where it goes the ordinary way."""
    if desk.kind.name not in bulk.KINDS or table.count < bulk.FROM_ROWS:
        return False
    with rehearsing.private(work.engine, work.folder.copy, lambda at, of: work.tell("copying", at, of)) as session:
        keeper = Keeper(session, work.viewer, desk, work.now)
        if not bulk.takes(keeper, table.count):
            return False
        notes = _Staged(desk, staged)
        bulk.take(keeper, table, notes.row, notes.portion, lambda done, total: work.tell(TRIED, done, total))
    notes.writer.finish()
    staging.put(staged, rows=table.count, tallied=notes.tally.as_json(), is_mass=True, matches=[], notes=[
        *table.notes, *((code, {"rows": count}) for code, count in desk.reader.notes.items())])
    return True


class _Staged:
    """Stages every row with what would become of it."""

    def __init__(self, desk: Desk, staged: sqlite3.Connection) -> None:
        self.desk, self.start = desk, 0
        self.writer, self.tally = staging.Writer(staged), quality.Tally(desk)

    def row(self, found: Found, cells: list[Any], did: str, problems: list[Problem]) -> None:
        """Take a row that went by itself."""
        found.problems = [*found.problems, *(one for one in problems if one not in found.problems)]
        self.writer.add(found, cells, None, DID[did])
        self.tally.add(found, cells)

    def portion(self, portion: Portion, did: np.ndarray) -> None:
        """Take the plain rows of a portion."""
        columns, plain = portion.columns, np.flatnonzero(did > 0)
        first, second = (columns[self.desk.columns[name]] for name in ("lon", "lat"))
        spots = coordinates.read_many(first, second)
        lon, lat, _ = self.desk.placer.many(self.start, spots.x, spots.y)  # type: ignore[attr-defined]
        self.start += len(portion.numbers)
        name = self.desk.columns.get("name")
        for place in plain.tolist():
            cells = [column[place] for column in columns]
            self.writer.plain(int(portion.numbers[place]), str(cells[name])[:80] if name is not None else None, cells,
                              float(lon[place]), float(lat[place]), PLAIN[int(did[place])])
        self.tally.add_many([column[did > 0] for column in columns])


def save(session: Session, work: Work, run: Import, staged: sqlite3.Connection) -> list[tuple[int, str, str]]:
    """Keep a large table in the open transaction; return the rows that turned out otherwise than foretold."""
    kind = kinds.kind(staging.facts(staged)["kind"])
    work.kind = kind.name
    table, _ = intake.read_table(kind, work.file, work.wish)
    scratch = work.folder.path / "scratch.sqlite"
    with closing(table), staging.opened(scratch, is_new=True) as aside, capturing(session) as capture:
        frame = examining.frame_of(session)
        desk = examining.laid(work, table, frame, aside, masses._Placer(session))
        keeper = Keeper(session, work.viewer, desk, work.now)
        keeper.on_kept, keeper.on_refused = capture.settle, capture.forget
        seen = _Compared(staged)
        taken = bulk.take(keeper, table, seen.row, seen.portion, lambda done, total: work.tell(SAVING, done, total))
        keeper.finish()
        session.flush()
        capture.settle()
    scratch.unlink(missing_ok=True)
    if not seen.different:
        capture.write(session, run.id)
        _write_runs(session, run, bulk.KINDS[kind.name].table, taken.runs)
    return seen.different


def _write_runs(session: Session, run: Import, table: str, runs: Sequence[tuple[int, int]]) -> None:
    if runs:
        session.execute(insert(Imported), [
            {"import_id": run.id, "kind": table, "thing_id": first, "last_id": last, "did": MADE, "version": 1,
             "before": None} for first, last in runs])


class _Compared:
    """Compares what is done with what was foretold."""

    def __init__(self, staged: sqlite3.Connection) -> None:
        self.staged = staged
        self.different: list[tuple[int, str, str]] = []

    def row(self, found: Found, _cells: list[Any], did: str, _problems: list[Problem]) -> None:
        """Compare a row that went by itself."""
        foretold = self.staged.execute("SELECT did FROM part WHERE number = ? AND part = ?",
                                       (found.row, found.part)).fetchone()
        self._compare(found.row, foretold["did"] if foretold else "refused", DID[did])

    def portion(self, portion: Portion, did: np.ndarray) -> None:
        """Compare the plain rows of a portion."""
        foretold = dict(self.staged.execute("SELECT number, did FROM part WHERE part = 1 AND number BETWEEN ? AND ?",
                                            (int(portion.numbers[0]), int(portion.numbers[-1]))).fetchall())
        for place in np.flatnonzero(did > 0).tolist():
            number = int(portion.numbers[place])
            self._compare(number, foretold.get(number, "refused"), PLAIN[int(did[place])])

    def _compare(self, number: int, foretold: str, done: str) -> None:
        if done not in (foretold, "unchanged"):
            self.different.append((number, foretold, done))
