"""Taking a table in: read, check row by row, try every row against the city, and keep the good ones when confirmed.

Everything happens in one transaction of the caller. Without confirmation the caller rolls it back, so that the
report says exactly what a confirmed run would do.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from civmap.city import holidays
from civmap.city.hours import office_calendar
from civmap.city.queries import the_city
from civmap.errors import CivmapError
from civmap.exchange import checking, gate, kinds, places, sheets
from civmap.exchange.checking import Checked, Desk, Problem
from civmap.exchange.keeping import keeper_of, notes_for
from civmap.issues import divisions, rescheduling
from civmap.people.rules import Viewer
from civmap.segments import choosing
from civmap.store import ledger
from civmap.zones.rules import BORDERS

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person asked for beside the file: coordinate system, sheet, columns and language."""

    crs: str = places.AUTO
    sheet: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    lang: str = "zh"


@dataclass(slots=True)
class Outcome:
    """What became of a table; `rows` = `ok` + the number of rows with problems."""

    kind: str
    table: sheets.Table
    used: dict[str, str]
    left_aside: list[str]
    problems: list[Problem] = field(default_factory=list)
    ok: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    secrets: dict[str, str] = field(default_factory=dict)
    matches: list[dict[str, Any]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Return how many rows the table holds."""
        return len(self.table.rows)

    def as_json(self) -> dict[str, Any]:
        """Return the outcome as `interfaces.md` §2 writes it."""
        answer = {"rows": self.rows, "ok": self.ok, "problems": [problem.as_json() for problem in self.problems],
                  "created": self.created, "updated": self.updated, "unchanged": self.unchanged}
        return {**answer, **({"passwords": self.secrets} if self.secrets else {}),
                **({"matches": self.matches} if self.matches else {})}


def read_table(kind_name: str, path: Path, wish: Wish) -> tuple[kinds.Kind, sheets.Table]:
    """Return the kind and the table of a file; raise what the gate and the readers refuse."""
    kind = kinds.kind(kind_name)
    brought = gate.open_file(path)
    return kind, sheets.read(brought, wish.sheet, lambda heading: kinds.is_heading(kind_name, heading))


def take_in(session: Session, viewer: Viewer, kind: kinds.Kind, table: sheets.Table, wish: Wish, now: datetime,
            *, name: str = "", progress: Progress | None = None) -> Outcome:
    """Save every good row of a table in the running transaction and say what became of each row.

    Raise Invalid where columns are missing or chosen wrongly, Forbidden where the viewer may not import the kind.
    """
    columns = kinds.columns(kind, table.headings, wish.columns)
    said = table.crs or kinds.crs_of([table.headings[columns[name]] for name in ("lon", "lat") if name in columns])
    crs = places.check_crs(said if wish.crs == places.AUTO and said else wish.crs)
    used = {name: table.headings[column] for name, column in columns.items()}
    outcome = Outcome(kind.name, table, used,
                      [part for number, part in enumerate(table.headings) if part and number not in columns.values()])
    desk = Desk(kind, columns, table.headings, crs, the_city(session).frame, wish.lang)
    good: list[Checked] = []
    for answer in checking.checked(desk, table):
        if isinstance(answer, Checked):
            good.append(answer)
        else:
            outcome.problems += answer
    _keep(session, viewer, desk, outcome, checking.parents_first(good) if kind.refers_to_parent else good, now,
          progress)
    outcome.problems.sort(key=lambda problem: problem.row)
    if outcome.created or outcome.updated:
        ledger.record(session, viewer.actor, "import", kind.name, name[:60], at=now, after={
            "rows": outcome.rows, "created": outcome.created, "updated": outcome.updated,
            "problems": len(outcome.problems)})
    return outcome


def _keep(session: Session, viewer: Viewer, desk: Desk, outcome: Outcome, rows: list[Checked], now: datetime,
          progress: Progress | None) -> None:
    keep, notes = keeper_of(desk.kind.name), notes_for(session, viewer, desk.kind.name,
                                                             (row.values for row in rows))
    outcome.secrets, calendar = notes.secrets, office_calendar(session)
    for number, row in enumerate(rows, start=1):
        try:
            with session.begin_nested():
                result = keep(session, viewer, row.values, now, notes)
        except CivmapError as error:
            outcome.problems += desk.problems(row.row, error)
        else:
            outcome.ok += 1
            setattr(outcome, result, getattr(outcome, result) + 1)
        if progress is not None:
            progress(number, len(rows))
    if desk.kind.name == "segments":
        outcome.matches = choosing.of_table(session, viewer, [(row.row, row.values) for row in rows],
                                            notes.matches.answers, now)
    if desk.kind.name == "zones" and outcome.created + outcome.updated:
        divisions.follow(session, BORDERS[0], now)
    if desk.kind.name == "holidays" and outcome.created + outcome.updated:
        holidays.brought(session, viewer, outcome.created + outcome.updated, now)
        rescheduling.follow(session, viewer, calendar, office_calendar(session), now)
