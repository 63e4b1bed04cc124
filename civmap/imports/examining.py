"""Examining a file: read, mapped, checked row by row, tried on a private city; nothing of it touches the city's own.

What was found lies in the staging file afterwards, where pages, programs and the saving read it.
"""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from civmap import texts
from civmap.city.hours import office_calendar
from civmap.city.queries import frame_of
from civmap.errors import NotFound
from civmap.exchange import checking, intake, kinds, mapping, placing, settling, sheets
from civmap.exchange.bulk import FROM_ROWS
from civmap.exchange.checking import Desk, Found, Placer
from civmap.exchange.content import Known
from civmap.exchange.intake import Keeper, Wish
from civmap.exchange.kinds import Kind
from civmap.exchange.reading import Reader
from civmap.geo.validity import Frame
from civmap.imports import layouts, quality, rehearsing, rules, staging
from civmap.imports.folders import Folder
from civmap.imports.values import unpacked
from civmap.people.rules import Viewer
from civmap.store.database import reading

DID = {"created": "create", "updated": "update", "unchanged": "unchanged", intake.REFUSED: "refused"}
PORTION, TOLD_EVERY = 500, 200
READ, PLACED, TRIED = "reading", "placing", "trying"
Tell = Callable[[str, int, int], None]


@dataclass
class Work:
    """What an examination works on, for whom, and whom it tells how far it is."""

    engine: Engine
    viewer: Viewer
    folder: Folder
    kind: str
    wish: Wish
    now: datetime
    tell: Tell = lambda phase, done, total: None
    is_tried: bool = True
    path: Path | None = None

    @property
    def file(self) -> Path:
        """Return the file; raise NotFound where it was cleaned away."""
        found = self.path or self.folder.file()
        if found is None:
            raise NotFound("import_file_gone", field="file")
        return found


def examine(work: Work) -> Desk:
    """Examine the file of a folder and leave what was found in its staging file; raise what keeps all of it out."""
    with reading(work.engine) as session:
        frame = frame_of(session)
    work.tell(READ, 0, 0)
    table, fmt = intake.read_table(kinds.KINDS.get(work.kind), work.file, work.wish,
                                   lambda *told: work.tell(READ, 0, 0))
    fresh = work.folder.path / "fresh.sqlite"
    with closing(table), staging.opened(fresh, is_new=True) as staged:
        try:
            staging.put(staged, format=fmt)
            desk = _read(work, table, frame, staged)
            if work.is_tried:
                staging.put(staged, quality=_quality(work, staged))
        finally:
            staging.publish(fresh, work.folder.rows)
    return desk


def _read(work: Work, table: sheets.Table, frame: Frame, staged: sqlite3.Connection) -> Desk:
    from civmap.imports import mass_staging, masses

    with reading(work.engine) as session:
        is_large = table.count >= FROM_ROWS
        desk = laid(work, table, frame, staged, masses._Placer(session) if is_large else placer)
        if work.is_tried and mass_staging.tried(work, desk, table, staged):
            return desk
        _stage(work, desk, table, staged)
    if work.is_tried:
        rehearse(work, desk, staged)
    return desk


def laid(work: Work, table: sheets.Table, frame: Frame, staged: sqlite3.Connection,
         place: Callable[..., Placer]) -> Desk:
    """Return the desk at which the rows of a table are checked, its columns mapped and its places found."""
    _hide_ours(table)
    staging.put(staged, headings=table.headings, heading_row=table.heading_row, sheets=table.sheets,
                samples=_samples(table), columns={}, crs=table.crs, notes=table.notes, titles=table.titles)
    staged.executemany("INSERT INTO aside VALUES (?,?,?)", [(each.row, each.why, each.text) for each in table.aside])
    guesses = [{"kind": name, "score": round(score, 3)} for name, score in mapping.guess_kind(table)] \
        if work.kind == rules.AUTO else []
    kind = kinds.kind(guesses[0]["kind"] if guesses else work.kind)
    rules.must(work.viewer, kind.name)
    staging.put(staged, kind=kind.name, kinds=guesses or [{"kind": kind.name, "score": 1.0}])
    with reading(work.engine) as session:
        known, calendar = layouts.words_of(session, frame), office_calendar(session)
    columns, same, crs = _mapped(work, kind, table, known, staged)
    reader = Reader.of_table(kind, columns, table, work.now, known, calendar)
    reader.same = same
    return Desk(kind, columns, table.headings, place(work, kind, table, columns, crs, frame, staged), frame,
                staging.decisions(work.folder.wishes, work.wish.accept), reader)


def _mapped(work: Work, kind: Kind, table: sheets.Table, known: Known,
            staged: sqlite3.Connection) -> tuple[dict[str, int], dict[str, str], str]:
    """Return the column of every field, what is said of all rows, and the system; raise Invalid for missing columns."""
    with reading(work.engine) as session:
        layout = layouts.known(session, kind.name, table.headings)
    remembered = {name: heading for name, heading in (layout.columns if layout else {}).items() if heading}
    left_out = {name: None for name, heading in (layout.columns if layout else {}).items() if heading is None}
    found = mapping.columns(kind, table, {**left_out, **work.wish.columns}, remembered, known)
    crs = work.wish.crs
    if crs == settling.AUTO and layout is not None:
        crs = layout.wish.get("crs") or crs
    staging.put(staged, columns=found.columns, by=found.by, sure=found.sure, used_crs=crs,
                is_remembered=layout is not None, left=[asdict(each) for each in found.left])
    found.check(kind, table.headings)
    return found.columns, found.same, crs


def placer(work: Work, kind: Kind, table: sheets.Table, columns: dict[str, int], crs: str, frame: Frame,
           staged: sqlite3.Connection) -> Placer:
    """Return the places of a table's rows, settled together."""
    if not placing.of_spots(kind):
        with reading(work.engine) as session:
            shapes = placing.shapes_placed(session, work.viewer, table, columns, crs, frame)
        staging.put(staged, used_crs=shapes.settled.system, evidence=shapes.settled.evidence)
        return shapes
    with reading(work.engine) as session:
        found = placing.placed(session, work.viewer, kind, table, columns, crs, frame,
                               lambda done, total: work.tell(PLACED, done, total))
    staging.put(staged, evidence=found.settled.evidence)
    return found


def _stage(work: Work, desk: Desk, table: sheets.Table, staged: sqlite3.Connection) -> None:
    writer, tally, total, empty = staging.Writer(staged), quality.Tally(desk), table.count, 0
    for index, row in enumerate(table.rows):
        parts = checking.of_row(desk, index, row)
        empty += not parts
        for found in parts:
            writer.add(found, row.cells, desk.placer.system(index))
            tally.add(found, row.cells)
        if index % TOLD_EVERY == 0:
            work.tell(READ, index, total)
    writer.finish()
    staging.put(staged, rows=total, empty=empty, tallied=tally.as_json(),
                notes=[*table.notes, *((code, {"rows": count}) for code, count in desk.reader.notes.items())])


def _hide_ours(table: sheets.Table) -> None:
    """Take no notice of the columns that a returned workbook has beside the rows."""
    ours = {texts.say(lang, f"import.report.beside.{name}") for lang in texts.LANGUAGES
            for name in ("row", "problem", "suggestion")}
    table.headings = ["" if heading in ours else heading for heading in table.headings]


def _samples(table: sheets.Table) -> list[list[str]]:
    texts: list[list[str]] = [[] for _ in table.headings]
    for row in table.sample(30):
        for column, cell in enumerate(row.cells[:len(texts)]):
            if cell not in (None, "") and len(texts[column]) < 3:
                texts[column].append(str(cell)[:60])
    return texts


def rehearse(work: Work, desk: Desk, staged: sqlite3.Connection) -> None:
    """Try the good rows on a private city, and note what would become of each."""
    ids = staging.good_ids(staged, intake.first_order(desk.kind))
    total = staged.execute("SELECT count(*) FROM part WHERE did <> 'refused'").fetchone()[0]
    if not total:
        return
    done = 0
    with rehearsing.private(work.engine, work.folder.copy, lambda at, of: work.tell("copying", at, of)) as session:
        keeper = Keeper(session, work.viewer, desk, work.now)
        for rows in staging.portions(staged, ids, PORTION):
            work.tell(TRIED, done, total)
            settle(staged, keeper, rows)
            done += len(rows)
    staging.put(staged, matches=keeper.matches)


def settle(staged: sqlite3.Connection, keeper: Keeper, rows: Sequence[sqlite3.Row]) -> list[tuple[int, str, str]]:
    """Keep a portion of staged rows and note what became of them; return (row, what was foretold, what was done)."""
    told = []
    results = []
    founds = [Found(row["number"], row["part"], unpacked(row["vals"])) for row in rows]
    staged.execute("BEGIN")
    for staged_row, (found, did, problems) in zip(rows, keeper.portion(founds), strict=True):
        is_repaired = any(problem.is_accepted for problem in problems)
        results.append((staged_row["id"], DID[did], found.values if is_repaired else None, problems))
        told.append((staged_row["number"], staged_row["did"], DID[did]))
    staging.settle(staged, results)
    staged.execute("COMMIT")
    return told


def _quality(work: Work, staged: sqlite3.Connection) -> dict[str, Any]:
    return quality.report(staged, staging.facts(staged)["tallied"], staging.repairers(work.folder.wishes),
                          work.wish.accept)
