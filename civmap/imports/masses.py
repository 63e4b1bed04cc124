"""Very large tables from the command line: examined and saved in one go, plain rows at once, the others one by one.

Only rows that were read one by one are staged; of the rest the counts are kept, and the ids of what was made as runs.
"""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Engine, insert
from sqlalchemy.orm import Session

from civmap.city.queries import frame_of
from civmap.exchange import bulk, bulk_placing, intake, kinds
from civmap.exchange.checking import Desk, Found, Placer, Problem
from civmap.exchange.intake import Keeper
from civmap.exchange.sheets import Portion, Table
from civmap.imports import actions, examining, folders, quality, saving, staging
from civmap.imports.capturing import MADE, capturing
from civmap.imports.examining import DID, READ, Work
from civmap.imports.models import Import, Imported
from civmap.store.database import reading, writing

LEAST_BYTES = 250_000
"""A table of so many rows has at least so many bytes."""
Saved = tuple[str, dict[str, str]]


def saved(engine: Engine, work: Work, home: Path) -> Saved | None:
    """Examine and save a large table; return code and one-time passwords, None where it goes the ordinary way."""
    if work.kind not in bulk.KINDS or work.file.stat().st_size < LEAST_BYTES:
        return None
    with reading(engine) as session:
        frame = frame_of(session)
    table, fmt = intake.read_table(kinds.KINDS[work.kind], work.file, work.wish, lambda *told: work.tell(READ, 0, 0))
    fresh = work.folder.path / "fresh.sqlite"
    with closing(table), writing(engine) as session:
        if table.count < bulk.FROM_ROWS:
            return None
        with staging.opened(fresh, is_new=True) as staged:
            staging.put(staged, format=fmt)
            desk = examining.laid(work, table, frame, staged, _Placer(session))
            keeper = Keeper(session, work.viewer, desk, work.now)
            if not bulk.takes(keeper, table.count):
                return None
            run = _registered(session, work)
            _taken(session, work, run, keeper, table, staged)
        staging.publish(fresh, work.folder.rows)
    work.folder.path.replace(folders.folder(home, run.code).path)
    return run.code, dict(keeper.secrets)


class _Placer:
    """Finds the places of a table by a sample where that is enough."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def __call__(self, work: Work, kind: kinds.Kind, table: Table, columns: dict[str, int], crs: str, frame: Any,
                 staged: sqlite3.Connection) -> Placer:
        """Return the places."""
        found = bulk_placing.sampled(self.session, work.viewer, table, columns, crs, frame)
        if found is None:
            return examining.placer(work, kind, table, columns, crs, frame, staged)
        staging.put(staged, evidence=found.evidence)
        return found


def _registered(session: Session, work: Work) -> Import:
    with work.file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    return actions.registered(session, work.viewer, work.kind, work.file.name, digest.hexdigest(),
                              work.file.stat().st_size, work.wish, work.now)


def _taken(session: Session, work: Work, run: Import, keeper: Keeper, table: Table,
           staged: sqlite3.Connection) -> None:
    notes = _Notes(keeper.desk, staged)
    with capturing(session) as capture:
        keeper.on_kept, keeper.on_refused = capture.settle, capture.forget
        taken = bulk.take(keeper, table, notes.row, notes.portion, lambda done, total: work.tell("saving", done, total))
        keeper.finish()
        session.flush()
        capture.settle()
    notes.finish(table.count)
    saving.keep_run(session, work, run, staged, work.now)
    capture.write(session, run.id)
    if taken.runs:
        session.execute(insert(Imported), [
            {"import_id": run.id, "kind": bulk.KINDS[keeper.kind].table, "thing_id": first, "last_id": last,
             "did": MADE, "version": 1, "before": None} for first, last in taken.runs])


class _Notes:
    """Writes down what became of rows: those that went by themselves in the staging file, the others as counts."""

    def __init__(self, desk: Desk, staged: sqlite3.Connection) -> None:
        self.desk, self.staged = desk, staged
        self.writer, self.tally = staging.Writer(staged), quality.Tally(desk)
        self.plain = {"created": 0, "unchanged": 0}

    def row(self, found: Found, cells: list[Any], did: str, problems: list[Problem]) -> None:
        """Take a row that went by itself."""
        found.problems = [*found.problems, *(one for one in problems if one not in found.problems)]
        self.writer.add(found, cells, self.desk.placer.system(0), DID[did])
        self.tally.add(found, cells)

    def portion(self, portion: Portion, did: np.ndarray) -> None:
        """Take the plain rows of a portion."""
        is_plain = did > 0
        self.plain["created"] += int((did == 2).sum())
        self.plain["unchanged"] += int((did == 1).sum())
        self.tally.add_many([column[is_plain] for column in portion.columns])

    def finish(self, count: int) -> None:
        """Write the rest."""
        self.writer.finish()
        staging.put(self.staged, rows=count, tallied=self.tally.as_json(), mass=self.plain, matches=[])
