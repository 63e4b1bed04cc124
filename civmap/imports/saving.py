"""Saving what was examined: one transaction, in which every row does what was foretold or nothing of all is kept."""

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.city.queries import frame_of
from civmap.errors import Stale
from civmap.exchange import intake, kinds
from civmap.exchange.checking import Desk, EachByItself
from civmap.exchange.intake import Keeper, Wish
from civmap.imports import examining, quality, rules, staging
from civmap.imports.capturing import capturing
from civmap.imports.examining import PORTION, Work
from civmap.imports.layouts import remember
from civmap.imports.models import Import
from civmap.store import ledger

SAVING = "saving"
MOST_DIFFERENT = 20


def desk_of(session: Session, work: Work, facts: Mapping[str, Any]) -> Desk:
    """Return the desk at which the staged rows were examined."""
    frame = frame_of(session)
    return Desk(kinds.kind(facts["kind"]), facts["columns"], facts["headings"], EachByItself("wgs84", frame), frame,
                staging.decisions(work.folder.wishes, work.wish.accept))


def save(session: Session, work: Work, run: Import, now: datetime) -> dict[str, str]:
    """Keep the good rows in the open transaction and the import with them; return the one-time passwords.

    Raise Stale where the city changed since, so that a row would do something else than was foretold.
    """
    with staging.opened(work.folder.rows) as staged:
        facts = staging.facts(staged)
        once = _save_mass(session, work, run, staged) if facts.get("is_mass") else _save_rows(
            session, work, run, staged, facts, now)
        keep_run(session, work, run, staged, now)
        return once


def _save_mass(session: Session, work: Work, run: Import, staged: sqlite3.Connection) -> dict[str, str]:
    from civmap.imports import mass_staging

    different = mass_staging.save(session, work, run, staged)
    if different:
        raise _outdated(different)
    return {}


def _save_rows(session: Session, work: Work, run: Import, staged: sqlite3.Connection, facts: Mapping[str, Any],
               now: datetime) -> dict[str, str]:
    desk = desk_of(session, work, facts)
    ids = staging.good_ids(staged, intake.first_order(desk.kind))
    total = staged.execute("SELECT count(*) FROM part WHERE did <> 'refused'").fetchone()[0]
    with capturing(session) as capture:
        keeper = Keeper(session, work.viewer, desk, now)
        keeper.on_kept, keeper.on_refused = capture.settle, capture.forget
        different, done = [], 0
        for rows in staging.portions(staged, ids, PORTION):
            work.tell(SAVING, done, total)
            told = examining.settle(staged, keeper, rows)
            different += [each for each in told if work.is_tried and _differs(*each[1:])]
            done += len(rows)
        if different:
            raise _outdated(different)
        keeper.finish()
        session.flush()
        capture.settle()
    staging.put(staged, matches=keeper.matches)
    capture.write(session, run.id)
    return dict(keeper.secrets)


def _differs(foretold: str, done: str) -> bool:
    return done not in (foretold, "unchanged")


def _outdated(different: list[tuple[int, str, str]]) -> Stale:
    return Stale("import_outdated", count=len(different), version=None,
                 rows=[number for number, _, _ in different[:MOST_DIFFERENT]],
                 different=[{"row": number, "foretold": foretold, "found": done}
                            for number, foretold, done in different[:MOST_DIFFERENT]])


def keep_run(session: Session, work: Work, run: Import, staged: sqlite3.Connection, now: datetime) -> None:
    """Write down that an import is saved, with its counts and quality, and its line in the ledger."""
    facts = staging.facts(staged)
    counts = staging.counts(staged)
    run.kind, run.state, run.saved_at, run.error, run.token = facts["kind"], rules.SAVED, now, None, None
    run.summary, run.wish = counts, work.wish.as_json()
    run.quality = quality.report(staged, facts["tallied"], staging.repairers(work.folder.wishes), work.wish.accept)
    run.evidence = facts.get("evidence") or {}
    run.layout_hash = remember(session, work.viewer, facts, work.wish, now)
    session.flush()
    if counts["created"] or counts["updated"]:
        ledger.record(session, work.viewer.actor, "import", facts["kind"], run.code, at=now, after={
            "file": run.file_name, **{name: counts[name] for name in ("rows", "created", "updated", "problems")}})


def locked(session: Session, code: str) -> Import | None:
    """Return the import of a code for writing."""
    return session.scalar(select(Import).where(Import.code == code).with_for_update()
                          .execution_options(populate_existing=True))


def wish_of(run: Import) -> Wish:
    """Return what was asked for beside the file."""
    return Wish.from_json(run.wish)
