"""A table taken in at one go, as the command line does: examined and told, or examined and saved."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from civmap.errors import NotFound
from civmap.exchange.intake import Wish
from civmap.imports import actions, examining, folders, masses, saving, showing, staging
from civmap.imports.examining import Tell, Work
from civmap.imports.folders import Folder
from civmap.people.rules import Viewer
from civmap.store.database import writing


@dataclass
class Attempt:
    """What became of a table: the answer of `interfaces.md` §2, the columns used, where its rows lie."""

    folder: Folder
    answer: dict[str, Any]
    used: dict[str, str]
    left_aside: list[str]
    kind: str
    repaired: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def attempted(engine: Engine, home: Path, viewer: Viewer, kind: str, path: Path, wish: Wish, lang: str,
              now: datetime, *, is_saved: bool, tell: Tell) -> Iterator[Attempt]:
    """Give what became of a table; its staged rows are thrown away afterwards unless it was saved."""
    actions.check_wish(kind, wish)
    if not path.is_file():
        raise NotFound("file_not_found", field="file", file=path.name)
    place = folders.incoming(home)
    try:
        work = Work(engine, viewer, place, kind, wish, now, tell, not is_saved, path)
        with place.held():
            code, once = (masses.saved(engine, work, home) if is_saved else None) or (None, {})
            if code is None:
                examining.examine(work)
                code, once = _saved(engine, work, home) if is_saved else (None, {})
        place = folders.folder(home, code) if code else place
        yield _told(place, lang, code, once)
    finally:
        if place.path.name.startswith(folders.INCOMING):
            place.remove()


def _saved(engine: Engine, work: Work, home: Path) -> tuple[str, dict[str, str]]:
    with work.file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    with writing(engine) as session:
        run = actions.registered(session, work.viewer, work.kind, work.file.name, digest.hexdigest(),
                                 work.file.stat().st_size, work.wish, work.now)
        once = saving.save(session, work, run, work.now)
    os.replace(work.folder.path, folders.folder(home, run.code).path)
    return run.code, once


def _once(told: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what is wrong, each once: the parts of one row have its place, unit and days in common."""
    return list({(each["row"], each["column"], each["code"], each["message"]): each for each in told}.values())


def _told(place: Folder, lang: str, code: str | None, once: dict[str, str]) -> Attempt:
    with staging.opened(place.rows) as staged:
        facts, counts = staging.facts(staged), staging.counts(staged)
        found = [(row, staging.problem_of(row).as_json(lang)) for row in staged.execute(
            "SELECT * FROM problem ORDER BY number, rowid")]
        problems = _once(told for row, told in found if not row["accepted"])
        repaired = _once(told for row, told in found if row["accepted"])
        headings, columns = facts["headings"], facts["columns"]
        aside = staged.execute("SELECT * FROM aside ORDER BY number LIMIT 1000").fetchall()
    answer = {"rows": counts["rows"], "ok": counts["ok"], "problems": problems, "created": counts["created"],
              "updated": counts["updated"], "unchanged": counts["unchanged"], "kind": facts["kind"],
              "repaired": repaired, "columns": {name: headings[column] for name, column in columns.items()},
              "aside": [{"row": row["number"], "why": row["why"], "text": row["text"]} for row in aside],
              "crs": facts.get("evidence") or {"found": facts.get("used_crs")},
              "notes": showing.notes(facts, lang)}
    if once:
        answer["passwords"] = once
    if facts.get("matches"):
        answer["matches"] = facts["matches"]
    if code:
        answer["import"] = code
    left = [heading for column, heading in enumerate(headings) if heading and column not in columns.values()]
    return Attempt(place, answer, answer["columns"], left, facts["kind"], repaired)

