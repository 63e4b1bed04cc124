"""The rows of an import while it is looked at: a SQLite file of our own making beside the file that came.

It is written once by an examination and read by pages; what persons decided lies in a second file, which outlives
every examination. Neither is ever a user's file.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from civmap.errors import CivmapError, Invalid, TooLarge
from civmap.exchange.checking import Found, Problem
from civmap.exchange.repairs import ERROR, WARNING, Decisions
from civmap.imports.values import packed, unpacked

PORTION = 2_000
SHOWN = ("name", "description", "road", "full_name")
SCHEMA = """
CREATE TABLE part (id INTEGER PRIMARY KEY, number INTEGER NOT NULL, part INTEGER NOT NULL, name TEXT,
  cells TEXT NOT NULL, vals TEXT NOT NULL, lon REAL, lat REAL, did TEXT NOT NULL, key TEXT, parent TEXT,
  errors INTEGER NOT NULL, warnings INTEGER NOT NULL, accepted INTEGER NOT NULL, system TEXT);
CREATE TABLE problem (part_id INTEGER NOT NULL, number INTEGER NOT NULL, code TEXT NOT NULL, field TEXT, heading TEXT,
  facts TEXT NOT NULL, severity TEXT NOT NULL, repair TEXT, accepted INTEGER NOT NULL);
CREATE TABLE aside (number INTEGER NOT NULL, why TEXT NOT NULL, text TEXT);
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
INDEXES = """
CREATE INDEX part_number ON part (number, part);
CREATE INDEX part_did ON part (did, number);
CREATE INDEX problem_part ON problem (part_id);
CREATE INDEX problem_code ON problem (code, number);
CREATE INDEX problem_severity ON problem (severity, number);
"""
WISHES = """
CREATE TABLE IF NOT EXISTS decision (number INTEGER, code TEXT, accept INTEGER NOT NULL, who TEXT NOT NULL,
  PRIMARY KEY (number, code));
CREATE TABLE IF NOT EXISTS typed (number INTEGER, field TEXT, text TEXT NOT NULL, who TEXT NOT NULL,
  PRIMARY KEY (number, field));
"""
_PART = "INSERT INTO part VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
_PROBLEM = "INSERT INTO problem VALUES (?,?,?,?,?,?,?,?,?)"


@contextmanager
def opened(path: Path, *, is_new: bool = False) -> Iterator[sqlite3.Connection]:
    """Give a connection to a staging file; a full disk is refused in a sentence."""
    if is_new:
        path.unlink(missing_ok=True)
    connection = sqlite3.connect(path, timeout=20, isolation_level=None)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-16000")
        if is_new:
            connection.executescript(SCHEMA)
        yield connection
    except sqlite3.OperationalError as problem:
        if "full" in str(problem) or "disk I/O" in str(problem):
            raise TooLarge("disk_full", field="file") from problem
        raise
    finally:
        connection.close()


class Writer:
    """Writes the parts of rows and their problems in portions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.count = 0
        self._parts: list[tuple[Any, ...]] = []
        self._problems: list[tuple[Any, ...]] = []
        connection.execute("BEGIN")

    def add(self, found: Found, cells: Sequence[Any], system: str | None = None, did: str | None = None) -> None:
        """Add one part of a row; `did` says what became of it where it has been kept already."""
        self.count += 1
        spot = _spot(found)
        values = found.values
        name = next((str(values[name])[:80] for name in SHOWN if values.get(name)), None)
        self._parts.append((
            self.count, found.row, found.part, name, packed(list(cells) if found.part == 1 else []), packed(values),
            *spot, did or ("ok" if found.is_good else "refused"), str(values.get("code") or ""),
            str(values.get("parent") or ""), *_tally(found.problems), system))
        self._problems += [_problem_row(self.count, problem) for problem in found.problems]
        if len(self._parts) >= PORTION:
            self.flush()

    def plain(self, number: int, name: str | None, cells: Sequence[Any], lon: float, lat: float, did: str) -> None:
        """Add a row in which nothing is odd; its values are read from the file again when they are needed."""
        self.count += 1
        self._parts.append((self.count, number, 1, name, packed(cells), "{}", lon, lat, did, None, None, 0, 0, 0, None))
        if len(self._parts) >= PORTION:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        self.connection.executemany(_PART, self._parts)
        self.connection.executemany(_PROBLEM, self._problems)
        self._parts, self._problems = [], []

    def finish(self) -> None:
        """Write the rest and make the indexes."""
        self.flush()
        self.connection.execute("COMMIT")
        self.connection.executescript(INDEXES)


def _spot(found: Found) -> tuple[float | None, float | None]:
    geometry = found.values.get("geometry")
    if isinstance(geometry, dict):
        return _first(geometry.get("coordinates"))
    repair = next((problem.repair for problem in found.problems if problem.repair and "lon" in problem.repair), None)
    return (repair["lon"], repair["lat"]) if repair else (None, None)


def _first(value: Any) -> tuple[float | None, float | None]:
    while isinstance(value, list | tuple) and value and isinstance(value[0], list | tuple):
        value = value[0]
    return (value[0], value[1]) if isinstance(value, list | tuple) and len(value) >= 2 else (None, None)


def _tally(problems: Iterable[Problem]) -> tuple[int, int, int]:
    rows = list(problems)
    return (sum(each.keeps_out for each in rows), sum(each.severity == WARNING for each in rows),
            sum(each.is_accepted for each in rows))


def _problem_row(part_id: int, problem: Problem) -> tuple[Any, ...]:
    return (part_id, problem.row, problem.code, problem.field, problem.column, packed(problem.error.facts),
            problem.severity, packed(problem.repair) if problem.repair else None, int(problem.is_accepted))


def problem_of(row: sqlite3.Row, part: int = 1) -> Problem:
    """Return a problem as it was found."""
    error = (Invalid if row["severity"] == ERROR else CivmapError)(
        row["code"], field=row["field"], **unpacked(row["facts"]))
    return Problem(row["number"], part, row["field"], row["heading"], error, row["severity"],
                   unpacked(row["repair"]) if row["repair"] else None, bool(row["accepted"]))


def settle(connection: sqlite3.Connection, results: Iterable[tuple[int, str, dict[str, Any] | None, list[Problem]]],
           ) -> None:
    """Write what became of parts: id, what was or would be done, the values where a repair changed them, problems."""
    for part_id, did, values, problems in results:
        errors, warnings, accepted = _tally(problems)
        connection.execute(
            "UPDATE part SET did=?, errors=errors+?, warnings=warnings+?, accepted=accepted+?, vals=coalesce(?, vals)"
            " WHERE id=?", (did, errors, warnings, accepted, packed(values) if values is not None else None, part_id))
        connection.executemany(_PROBLEM, [_problem_row(part_id, problem) for problem in problems])


def good_ids(connection: sqlite3.Connection, parents_first: Any | None) -> list[int] | None:
    """Return the ids of the good parts in the order in which they are kept; None for the file's own order."""
    if parents_first is None:
        return None
    return list(parents_first(connection.execute(
        "SELECT id, key, parent FROM part WHERE did <> 'refused' ORDER BY id")))


def portions(connection: sqlite3.Connection, ids: list[int] | None, size: int) -> Iterator[list[sqlite3.Row]]:
    """Yield the good parts in portions."""
    if ids is None:
        last = 0
        while rows := connection.execute("SELECT * FROM part WHERE did <> 'refused' AND id > ? ORDER BY id LIMIT ?",
                                         (last, size)).fetchall():
            last = rows[-1]["id"]
            yield rows
        return
    for start in range(0, len(ids), size):
        part = ids[start:start + size]
        found = {row["id"]: row for begin in range(0, len(part), 500)
                 for row in connection.execute(
                     f"SELECT * FROM part WHERE id IN ({','.join('?' * len(part[begin:begin + 500]))})",
                     part[begin:begin + 500])}
        yield [found[row_id] for row_id in part]


def put(connection: sqlite3.Connection, **facts: Any) -> None:
    """Keep facts of the examination beside the rows."""
    connection.executemany("INSERT OR REPLACE INTO fact VALUES (?, ?)",
                           [(name, packed(value)) for name, value in facts.items()])


def facts(connection: sqlite3.Connection) -> dict[str, Any]:
    """Return the facts of the examination."""
    return {row["name"]: unpacked(row["value"]) for row in connection.execute("SELECT name, value FROM fact")}


def publish(fresh: Path, path: Path) -> None:
    """Let a finished examination take the place of the one before."""
    os.replace(fresh, path)


def decisions(path: Path, alike: Iterable[str]) -> Decisions:
    """Return what persons decided so far."""
    if not path.exists():
        return Decisions(frozenset(alike))
    with opened(path) as wishes:
        wishes.executescript(WISHES)
        by_row = {(row["number"], row["code"]): bool(row["accept"]) for row in wishes.execute("SELECT * FROM decision")}
        typed: dict[int, dict[str, str]] = {}
        for row in wishes.execute("SELECT * FROM typed"):
            typed.setdefault(row["number"], {})[row["field"]] = row["text"]
        return Decisions(frozenset(alike), by_row, typed)


def decide(path: Path, who: str, chosen: Iterable[tuple[int, str, bool]], typed: Iterable[tuple[int, str, str | None]],
           ) -> None:
    """Keep decisions on single rows; a typed text of None takes a typed value back."""
    with opened(path) as wishes:
        wishes.executescript(WISHES)
        wishes.execute("BEGIN IMMEDIATE")
        wishes.executemany("INSERT OR REPLACE INTO decision VALUES (?,?,?,?)",
                           [(number, code, int(accept), who) for number, code, accept in chosen])
        for number, field, text in typed:
            if text is None:
                wishes.execute("DELETE FROM typed WHERE number=? AND field=?", (number, field))
            else:
                wishes.execute("INSERT OR REPLACE INTO typed VALUES (?,?,?,?)", (number, field, text, who))
        wishes.execute("COMMIT")


def forget(path: Path, code: str) -> None:
    """Take back what was decided row by row on a code: it is decided alike now."""
    if path.exists():
        with opened(path) as wishes, closing(wishes.cursor()):
            wishes.executescript(WISHES)
            wishes.execute("DELETE FROM decision WHERE code=?", (code,))


def repairers(path: Path) -> dict[str, int]:
    """Return how many decisions each person made row by row."""
    if not path.exists():
        return {}
    with opened(path) as wishes:
        wishes.executescript(WISHES)
        return {row["who"]: row["n"] for row in wishes.execute(
            "SELECT who, count(*) AS n FROM (SELECT who FROM decision WHERE accept UNION ALL SELECT who FROM typed)"
            " GROUP BY who")}


def taken_at_once(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many plain rows of a very large table were created and found unchanged without being staged."""
    row = connection.execute("SELECT value FROM fact WHERE name = 'mass'").fetchone()
    return dict(unpacked(row["value"])) if row else {}


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many rows there are, are good, have problems or warnings, and what becomes of their parts."""
    did = {row["did"]: row["n"] for row in connection.execute("SELECT did, count(*) AS n FROM part GROUP BY did")}

    def rows(where: str) -> int:
        return int(connection.execute(f"SELECT count(DISTINCT number) FROM part WHERE {where}").fetchone()[0])

    mass = taken_at_once(connection)
    problems = rows("did = 'refused'")
    total = rows("1") + sum(mass.values()) + int(facts(connection).get("empty") or 0)
    return {"rows": total, "ok": total - problems, "problems": problems, "warnings": rows("warnings > 0"),
            "repaired": rows("accepted > 0 AND did <> 'refused'"),
            "created": did.get("create", 0) + mass.get("created", 0), "updated": did.get("update", 0),
            "unchanged": did.get("unchanged", 0) + mass.get("unchanged", 0),
            "aside": int(connection.execute("SELECT count(*) FROM aside").fetchone()[0])}
