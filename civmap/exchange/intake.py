"""Taking a table in: open it, read it row by row, and keep good rows in a transaction of the caller's.

Whether that transaction is the city's own, or one over a private copy that is thrown away, is the caller's to decide:
the same words about the same rows come out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from civmap.city import holidays
from civmap.city.hours import office_calendar
from civmap.errors import CivmapError
from civmap.exchange import checking, gate, keeping, kinds, naming, places, repairs, sheets
from civmap.exchange.checking import Desk, Found, Problem
from civmap.issues import divisions, rescheduling
from civmap.people.rules import Viewer
from civmap.segments import choosing
from civmap.zones.rules import BORDERS

REFUSED = "refused"
MOST_REPAIRS = 4
Kept = tuple[Found, str, list[Problem]]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person asked for beside the file: system, sheet, columns (None: leave the field out), repairs alike."""

    crs: str = places.AUTO
    sheet: str | None = None
    columns: Mapping[str, str | None] = field(default_factory=dict)
    accept: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the wish as it is kept."""
        return {"crs": self.crs, "sheet": self.sheet, "columns": dict(self.columns), "accept": list(self.accept)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Wish":
        """Return a kept wish."""
        return cls(kept.get("crs") or places.AUTO, kept.get("sheet"), kept.get("columns") or {},
                   tuple(kept.get("accept") or ()))


def read_table(kind: kinds.Kind | None, path: Path, wish: Wish,
               tell: Callable[..., None] | None = None) -> tuple[sheets.Table, str]:
    """Return the table of a file and the file's true format; raise what the gate and the readers refuse."""
    brought = gate.open_file(path)
    names = [kind.name] if kind else list(kinds.KINDS)

    def known(heading: str) -> bool:
        return any(naming.is_heading(name, heading) for name in names)

    shapes = kind.geometries if kind else ()
    return sheets.read(brought, wish.sheet, known, tell=tell, shapes=shapes), brought.format


def _nothing() -> None:
    """Take no note."""


class Keeper:
    """Keeps the rows of one table in an open transaction; `finish` does what follows from them as a whole."""

    def __init__(self, session: Session, viewer: Viewer, desk: Desk, now: datetime) -> None:
        self.session, self.viewer, self.desk, self.now = session, viewer, desk, now
        self.kind = desk.kind.name
        self.notes = keeping.notes_for(session, self.kind)
        self.matches: list[dict[str, Any]] = []
        self.changed = 0
        self.on_kept: Callable[[], None] = _nothing
        self.on_refused: Callable[[], None] = _nothing
        self._keep = keeping.keeper_of(self.kind)
        self._calendar = office_calendar(session)

    @property
    def secrets(self) -> dict[str, str]:
        """Return the one-time passwords of the people that were added."""
        return self.notes.secrets

    def portion(self, rows: Sequence[Found]) -> Iterable[Kept]:
        """Keep a portion of rows; yield each with created, updated, unchanged or refused, and what was wrong."""
        keeping.prepare(self.session, self.viewer, self.kind, self.notes, (row.values for row in rows))
        kept: list[tuple[int, Mapping[str, Any]]] = []
        for row in rows:
            did, problems = self._one(row)
            if did != REFUSED:
                kept.append((row.row, row.values))
                self.changed += did != "unchanged"
            yield row, did, problems
        if self.kind == "segments":
            self.matches += choosing.of_table(self.session, self.viewer, kept, self.notes.matches.answers, self.now)
            self.on_kept()

    def _one(self, row: Found) -> tuple[str, list[Problem]]:
        taken: list[Problem] = []
        for _attempt in range(MOST_REPAIRS):
            try:
                with self.session.begin_nested():
                    did = self._keep(self.session, self.viewer, row.values, self.now, self.notes)
                self.on_kept()
                return did, taken
            except CivmapError as error:
                self.on_refused()
                found = self.desk.problems(row.row, row.part, error)
            if not all(problem.is_accepted for problem in found):
                break
            taken += found
            for problem in found:
                row.values = repairs.repaired(row.values, problem.repair or {})
        return REFUSED, [*taken, *found]

    def finish(self) -> None:
        """Let follow what follows from the table as a whole."""
        if not self.changed:
            return
        if self.kind == "zones":
            divisions.follow(self.session, BORDERS[0], self.now)
        if self.kind == "holidays":
            holidays.brought(self.session, self.viewer, self.changed, self.now)
            rescheduling.follow(self.session, self.viewer, self._calendar, office_calendar(self.session), self.now)


def first_order(kind: kinds.Kind) -> Callable[..., list[Any]] | None:
    """Return what brings rows into the order in which they can be kept, None where the file's own will do."""
    return checking.parents_first if kind.refers_to_parent else None
