"""What is done with an import: bring a file, change how it is read, accept repairs, confirm, halt, undo, drop."""

import hashlib
import secrets
import shutil
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from civmap import clock
from civmap.config import Settings
from civmap.errors import Invalid, TooLarge
from civmap.exchange import gate, kinds, places
from civmap.exchange.intake import Wish
from civmap.imports import folders, jobs, queries, rules, staging
from civmap.imports.folders import Folder
from civmap.imports.models import Import
from civmap.people.rules import Viewer
from civmap.store.editing import check_version, locked_row

CHUNK = 1 << 20
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
MOST_DECISIONS = 20_000


class Book:
    """One import in an open transaction, with who acts and where its parts lie."""

    def __init__(self, session: Session, viewer: Viewer, engine: Engine, settings: Settings, now: datetime) -> None:
        self.session, self.viewer, self.engine, self.settings, self.now = session, viewer, engine, settings, now

    def folder(self, run: Import) -> Folder:
        """Return where the parts of an import lie."""
        return folders.folder(self.settings.home, run.code)

    def opened(self, code: str, verb: str, version: int | None, current: Any, *, is_versioned: bool = True) -> Import:
        """Return an import for a verb; raise NotFound, Stale, Forbidden or NotAllowed."""
        run: Import = locked_row(self.session, Import, "import", code, queries.visible(self.viewer))
        if is_versioned:
            check_version(run, version, lambda: current(run))
        rules.must(self.viewer, run.kind)
        state, error = queries.standing(run, self.folder(run))
        rules.check(state, verb)
        run.state, run.error = state, error
        return run

    def order(self, run: Import, task: str) -> None:
        """Have a task done in the background."""
        jobs.order(self.session, self.engine, self.settings, self.viewer, run, task)


def received(home: Path, name: str, stream: IO[bytes]) -> tuple[Folder, str, int]:
    """Write an arriving file to disk; return its folder, hash and size. Raise TooLarge beyond the cap."""
    place, digest, size = folders.incoming(home), hashlib.sha256(), 0
    try:
        with (place.path / "source" / folders.file_name(name)).open("wb") as out:
            while piece := stream.read(CHUNK):
                size += len(piece)
                if size > gate.MAX_BYTES:
                    raise TooLarge("file_too_large", field="file", file=name[:80],
                                   most_mb=gate.MAX_BYTES // 1024 // 1024)
                digest.update(piece)
                out.write(piece)
    except OSError as problem:
        place.remove()
        raise TooLarge("disk_full", field="file") from problem
    except TooLarge:
        place.remove()
        raise
    if not size:
        place.remove()
        raise Invalid("file_missing", field="file")
    return place, digest.hexdigest(), size


def bring(book: Book, place: Folder, digest: str, size: int, kind: str, wish: Wish) -> Import:
    """Take a file that arrived as an import, and have it examined."""
    check_wish(kind, wish)
    rules.must(book.viewer, kind)
    file = place.file()
    assert file is not None
    run = registered(book.session, book.viewer, kind, file.name, digest, size, wish, book.now)
    target = book.folder(run)
    shutil.move(place.path, target.path)
    event.listen(book.session, "after_rollback", lambda _session: target.remove(), once=True)
    book.order(run, "examine")
    return run


def registered(session: Session, viewer: Viewer, kind: str, name: str, digest: str, size: int, wish: Wish,
               now: datetime) -> Import:
    """Write the row of a new import."""
    day = clock.to_office(now).strftime("%Y%m%d")
    code = ""
    while not code or session.scalar(select(Import.id).where(Import.code == code)):
        code = f"DR{day}-{''.join(secrets.choice(LETTERS) for _ in range(5))}"
    run = Import(code=code, kind=kind, file_name=name[:200], file_hash=digest, file_bytes=size, wish=wish.as_json(),
                 state=rules.READING, summary={}, quality={}, evidence={}, made_at=now, made_by=viewer.name, done=0,
                 total=0)
    session.add(run)
    session.flush()
    return run


def check_wish(kind: str, wish: Wish) -> None:
    """Raise Invalid for a kind or system nobody knows."""
    if kind != rules.AUTO:
        kinds.kind(kind)
    places.check_crs(wish.crs)


def change(book: Book, run: Import, sent: Mapping[str, Any]) -> None:
    """Read the file otherwise: another kind, sheet, system or columns; it is examined anew."""
    kind = str(sent.get("kind") or run.kind)
    wish = dict(run.wish)
    if kind != run.kind or ("sheet" in sent and sent["sheet"] != wish.get("sheet")):
        wish["columns"] = {}
    for name in ("sheet", "crs"):
        if name in sent:
            wish[name] = sent[name]
    if sent.get("columns") is not None:
        wish["columns"] = {**wish.get("columns", {}), **sent["columns"]}
    check_wish(kind, Wish.from_json(wish))
    rules.must(book.viewer, kind)
    run.kind, run.wish = kind, wish
    book.order(run, "examine")


def repair(book: Book, run: Import, code: str | None, rows: Iterable[int] | None, accept: bool,
           values: Mapping[int, Mapping[str, str | None]]) -> None:
    """Accept a code's repair (in some rows, or wherever it occurs) or take that back; type values of cells."""
    if code is None and not values:
        raise Invalid("repair_of_nothing", field="code")
    numbers = list(rows or ())
    typed = [(int(number), field, text) for number, fields in values.items() for field, text in fields.items()]
    if len(numbers) + len(typed) > MOST_DECISIONS:
        raise Invalid("too_many_decisions", field="rows", most=MOST_DECISIONS)
    known = kinds.KINDS[run.kind].readers if run.kind in kinds.KINDS else {}
    unknown = next((field for _, field, _ in typed if field not in known), None)
    if unknown is not None:
        raise Invalid("column_field_unknown", field="values", name=unknown, known=list(known))
    place = book.folder(run)
    if code is not None and rows is None:
        alike = [each for each in run.wish.get("accept", []) if each != code]
        run.wish = {**run.wish, "accept": [*alike, code] if accept else alike}
        staging.forget(place.wishes, code)
    staging.decide(place.wishes, book.viewer.name, [(number, code or "", accept) for number in numbers], typed)
    book.order(run, "examine")


def confirm(book: Book, run: Import) -> None:
    """Save what was examined, in the background."""
    book.order(run, "save")


def halt(book: Book, run: Import) -> None:
    """Ask the work to stop; what it did so far is not kept."""
    (book.folder(run).path / jobs.HALT).touch()


def undo(book: Book, run: Import) -> None:
    """Undo a saved import as a whole, in the background."""
    book.order(run, "undo")


def drop(book: Book, run: Import) -> None:
    """Throw an import away that was not saved; its file goes when this transaction is kept."""
    run.state, run.token, run.error = rules.DROPPED, None, None
    place = book.folder(run)
    event.listen(book.session, "after_commit", lambda _session: place.remove(), once=True)
