"""Asking about imports: which a viewer may see, their rows page by page, and what is found in them."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from civmap.errors import NotFound
from civmap.imports import rules
from civmap.imports.folders import Folder
from civmap.imports.models import Import
from civmap.imports.values import unpacked
from civmap.people.rules import Viewer

SHOW = {
    "all": "1", "problems": "errors > 0 OR did = 'refused'", "warnings": "warnings > 0",
    "repairs": "id IN (SELECT part_id FROM problem WHERE repair IS NOT NULL)", "created": "did = 'create'",
    "updated": "did = 'update'", "unchanged": "did = 'unchanged'",
}


def visible(viewer: Viewer) -> Any:
    """Return the condition that a viewer sees an import: its maker does, the office those that it could have made."""
    return or_(Import.made_by == viewer.name, Import.kind.in_(rules.shared(viewer)))


def by_code(session: Session, viewer: Viewer, code: str) -> Import:
    """Return an import; raise NotFound where it is missing or not for this viewer."""
    run = session.scalar(select(Import).where(Import.code == code, visible(viewer)))
    if run is None:
        raise NotFound("import_not_found", field="code", code=code)
    return run


def listed(session: Session, viewer: Viewer, limit: int, after: int | None = None) -> tuple[list[Import], int | None]:
    """Return imports, the newest first, and where the next page begins."""
    asked = select(Import).where(visible(viewer), Import.state != rules.DROPPED).order_by(Import.id.desc())
    if after is not None:
        asked = asked.where(Import.id < after)
    rows = list(session.scalars(asked.limit(limit + 1)))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def standing(run: Import, place: Folder) -> tuple[str, dict[str, Any] | None]:
    """Return the state and error of an import: work that nobody does any more was interrupted."""
    if run.state in rules.AT_WORK and not place.is_alive():
        return rules.IF_INTERRUPTED[run.state], {"code": "import_interrupted", "field": None, "facts": {}}
    return run.state, run.error


def rows(staged: sqlite3.Connection, show: str, code: str | None, after: int,
         limit: int) -> tuple[list[sqlite3.Row], int | None, int]:
    """Return the parts of up to `limit` rows after a row number, where the next page begins, and how many there are."""
    where, values = _where(show, code)
    total = staged.execute(f"SELECT count(DISTINCT number) FROM part WHERE {where}", values).fetchone()[0]
    numbers = [row[0] for row in staged.execute(
        f"SELECT DISTINCT number FROM part WHERE number > ? AND ({where}) ORDER BY number LIMIT ?",
        (after, *values, limit + 1))]
    if not numbers:
        return [], None, total
    page = numbers[:limit]
    found = [row for row in staged.execute("SELECT * FROM part WHERE number BETWEEN ? AND ? ORDER BY number, part",
                                           (page[0], page[-1])) if row["number"] in set(page)]
    return found, page[-1] if len(numbers) > limit else None, total


def _where(show: str, code: str | None) -> tuple[str, tuple[Any, ...]]:
    where = f"({SHOW[show]})"
    if code is None:
        return where, ()
    return f"{where} AND id IN (SELECT part_id FROM problem WHERE code = ?)", (code,)


def spots(staged: sqlite3.Connection, show: str, code: str | None, limit: int) -> tuple[list[sqlite3.Row], int]:
    """Return the parts that lie somewhere, evenly thinned above the limit, and how many there are."""
    where, values = _where(show, code)
    total = staged.execute(f"SELECT count(*) FROM part WHERE lon IS NOT NULL AND {where}", values).fetchone()[0]
    step = max(1, -(-total // max(limit, 1)))
    return staged.execute(
        "SELECT * FROM (SELECT part.*, row_number() OVER (ORDER BY id) AS place FROM part WHERE lon IS NOT NULL"
        f" AND {where}) WHERE (place - 1) % ? = 0 LIMIT ?", (*values, step, limit)).fetchall(), total


def problems_of(staged: sqlite3.Connection, part_ids: Sequence[int]) -> dict[int, list[sqlite3.Row]]:
    """Return the problems of parts, by part."""
    found: dict[int, list[sqlite3.Row]] = {}
    for start in range(0, len(part_ids), 500):
        ids = part_ids[start:start + 500]
        for row in staged.execute(f"SELECT * FROM problem WHERE part_id IN ({','.join('?' * len(ids))}) ORDER BY rowid",
                                  list(ids)):
            found.setdefault(row["part_id"], []).append(row)
    return found


def codes(staged: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return what was found, by code: how often, how grave, how often a repair is there and is accepted."""
    return staged.execute(
        "SELECT code, severity, count(DISTINCT number) AS n, sum(repair IS NOT NULL) AS repairs,"
        " sum(accepted) AS accepted, min(rowid) AS first FROM problem GROUP BY code, severity ORDER BY n DESC, code"
    ).fetchall()


def stale_before(session: Session, moment: datetime) -> set[str]:
    """Return the codes of imports whose files nobody needs any more: ended before a moment."""
    ended = (rules.SAVED, rules.UNDONE, rules.DROPPED, rules.FAILED)
    return set(session.scalars(select(Import.code).where(Import.state.in_(ended), Import.made_at < moment)))


def cells_of(staged: sqlite3.Connection) -> Any:
    """Return a function that tells what the file says in a row under a heading."""
    told = staged.execute("SELECT value FROM fact WHERE name = 'headings'").fetchone()
    column_of = {heading: column for column, heading in enumerate(unpacked(told[0]))} if told else {}

    def cell(number: int, heading: str | None) -> str | None:
        column = column_of.get(heading or "")
        row = staged.execute("SELECT cells FROM part WHERE number = ? AND part = 1", (number,)).fetchone()
        cells = unpacked(row[0]) if row and column is not None else []
        return str(cells[column])[:500] if column is not None and column < len(cells) and cells[column] is not None \
            else None

    return cell
