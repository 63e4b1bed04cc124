"""The data-quality report of a table: how complete its columns are, how much of it found its place, what was wrong."""

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from civmap.exchange.checking import Desk, Found
from civmap.imports import staging

MOST_DISTINCT = 2_000
MOST_SHARES = 40
OUTLIER_SPANS = 8.0
SHARED = ("type", "class", "kind", "state", "unit")


@dataclass
class Tally:
    """Counts, while rows pass, how many cells of each field are filled, wrong and different."""

    desk: Desk
    rows: int = 0
    filled: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    distinct: dict[str, set[int]] = field(default_factory=dict)
    shares: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, found: Found, cells: Sequence[Any]) -> None:
        """Count one part of a row."""
        if found.part == 1:
            self._count_cells(cells)
        for problem in found.problems:
            if problem.keeps_out and problem.field:
                self.wrong[problem.field] += 1
        for name in SHARED:
            if name in found.values:
                shares = self.shares.setdefault(name, Counter())
                word = str(found.values[name])[:60]
                if word in shares or len(shares) < MOST_DISTINCT:
                    shares[word] += 1

    def add_many(self, columns: Sequence[np.ndarray]) -> None:
        """Count many plain rows, column by column."""
        self.rows += len(columns[0]) if columns else 0
        for name, place in self.desk.columns.items():
            cells = columns[place].tolist()
            self.filled[name] += len(cells) - cells.count("") - cells.count(None)
            seen = self.distinct.setdefault(name, set())
            for cell in set(cells) - {"", None} if len(seen) < MOST_DISTINCT else ():
                if len(seen) >= MOST_DISTINCT:
                    break
                seen.add(hash(str(cell)))
            if name in SHARED:
                shares = self.shares.setdefault(name, Counter())
                shares.update({str(word)[:60]: count for word, count in Counter(cells).most_common(MOST_DISTINCT)
                               if word not in ("", None)})

    def _count_cells(self, cells: Sequence[Any]) -> None:
        self.rows += 1
        for name, column in self.desk.columns.items():
            cell = cells[column] if column < len(cells) else None
            if cell is None or cell == "":
                continue
            self.filled[name] += 1
            seen = self.distinct.setdefault(name, set())
            if len(seen) < MOST_DISTINCT:
                seen.add(hash(str(cell)))

    def as_json(self) -> dict[str, Any]:
        """Return the counts."""
        return {"rows": self.rows,
                "columns": [{"field": name, "heading": self.desk.headings[column], "filled": self.filled[name],
                             "wrong": self.wrong[name], "distinct": len(self.distinct.get(name, ()))}
                            for name, column in self.desk.columns.items()],
                "shares": {name: [{"code": word, "rows": count} for word, count in shares.most_common(MOST_SHARES)]
                           for name, shares in self.shares.items()}}


def report(staged: sqlite3.Connection, tallied: Mapping[str, Any], repairers: Mapping[str, int],
           alike: Sequence[str]) -> dict[str, Any]:
    """Return the report of a table that was examined."""
    one = staged.execute("SELECT count(*) AS parts, sum(lon IS NOT NULL AND did <> 'refused') AS placed FROM part"
                         ).fetchone()
    dids = {row["did"]: row["n"] for row in staged.execute("SELECT did, count(*) AS n FROM part GROUP BY did")}
    codes = staged.execute("SELECT code, severity, count(*) AS n, sum(accepted) AS accepted FROM problem"
                           " GROUP BY code, severity ORDER BY n DESC").fetchall()
    systems = {row["system"]: row["n"] for row in staged.execute(
        "SELECT system, count(*) AS n FROM part WHERE system IS NOT NULL GROUP BY system")}
    accepted = staged.execute("SELECT count(*) FROM problem WHERE accepted").fetchone()[0]
    at_once = sum(staging.taken_at_once(staged).values())
    return {**tallied, "parts": one["parts"] + at_once, "placed": (one["placed"] or 0) + at_once,
            "shares": {**tallied["shares"], "did": dids, "system": systems}, "systems": systems,
            "codes": [{"code": row["code"], "severity": row["severity"], "rows": row["n"],
                       "accepted": row["accepted"] or 0} for row in codes],
            "duplicates": sum(row["n"] for row in codes if row["code"] == "duplicate_in_file"),
            "outliers": outliers(staged),
            "aside": {row["why"]: row["n"] for row in staged.execute(
                "SELECT why, count(*) AS n FROM aside GROUP BY why")},
            "repaired": {"rows": accepted, "by": dict(repairers), "alike": list(alike)}}


def outliers(staged: sqlite3.Connection) -> list[int]:
    """Return the rows (at most 50) that lie far from all the others of their table."""
    rows = staged.execute("SELECT number, lon, lat FROM part WHERE lon IS NOT NULL AND did <> 'refused' LIMIT 200000"
                          ).fetchall()
    if len(rows) < 20:
        return []
    found = np.array([[row["number"], row["lon"], row["lat"]] for row in rows], dtype=float)
    xy = found[:, 1:]
    middle = np.median(xy, axis=0)
    span = np.maximum(np.median(np.abs(xy - middle), axis=0), 1e-4)
    far = (np.abs(xy - middle) / span).max(axis=1) > OUTLIER_SPANS
    return [int(number) for number in found[far, 0][:50]]
