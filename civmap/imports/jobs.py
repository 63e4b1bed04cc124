"""Work beside the requests: small tables in a thread, larger ones in a process of their own with a slot to wait for.

A job's token stands in the import's row; whoever finds another one there stops. It holds the lock of its folder while
it lives, so that a server that dies leaves an import that says so and can be confirmed again.
"""

import json
import logging
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from civmap import clock
from civmap.config import Settings
from civmap.errors import CivmapError, Stale, TooMany
from civmap.imports import examining, queries, rules, saving, staging, undoing
from civmap.imports.examining import Work
from civmap.imports.folders import FOLDER, KEPT_DAYS, Folder, clean, folder
from civmap.imports.models import Import
from civmap.imports.values import packed
from civmap.people.rules import Viewer
from civmap.store.database import reading, writing

log = logging.getLogger("civmap.imports")
SMALL_BYTES = 160_000
AT_ONCE = 2
MOST_AT_WORK = 12
PATIENCE_SECONDS = 5.0
"""Whoever looks whether somebody works here holds the lock for a moment."""
ORDER, HALT = "order.json", "halt"
STATES = {"examine": rules.READING, "save": rules.SAVING, "undo": rules.UNDOING}


class Halted(Exception):
    """Somebody wants no more of it."""


def order(session: Session, engine: Engine, settings: Settings, viewer: Viewer, run: Import, task: str) -> None:
    """Have a task done as soon as this transaction is kept; raise TooMany where enough is being done."""
    at_work = session.query(Import).where(Import.state.in_(rules.AT_WORK), Import.id != run.id).all()
    if sum(folder(settings.home, each.code).is_alive() for each in at_work) >= MOST_AT_WORK:
        raise TooMany("import_queue", count=len(at_work))
    token = secrets.token_hex(8)
    run.state, run.token, run.error = STATES[task], token, None
    session.flush()
    place = folder(settings.home, run.code)
    (place.path / HALT).unlink(missing_ok=True)
    (place.path / ORDER).write_text(json.dumps({"task": task, "token": token, "viewer": _told(viewer)}), "utf-8")
    place.begin(task)
    job = Job(engine, settings.home, run.code, token)
    is_small = run.file_bytes <= SMALL_BYTES
    event.listen(session, "after_commit",
                 lambda _session: job.start() if is_small else start_process(settings, run.code, token), once=True)


def _told(viewer: Viewer) -> dict[str, Any]:
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in asdict(viewer).items()}


def _viewer(told: dict[str, Any]) -> Viewer:
    return Viewer(**{name: frozenset(value) if isinstance(value, list) else value for name, value in told.items()})


def start_process(settings: Settings, code: str, token: str) -> None:
    """Start a process for one job; a thread waits for its end, or it would stay behind dead."""
    environ = {**os.environ, "CIVMAP_HOME": str(settings.home), "CIVMAP_DATABASE_URL": settings.database_url,
               "CIVMAP_SECRET_KEY": settings.secret_key}
    child = subprocess.Popen([sys.executable, "-m", "civmap.imports.runner", code, token], env=environ,
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             start_new_session=True, close_fds=True)
    Thread(target=child.wait, name=f"import-{code}", daemon=True).start()


@dataclass
class Job:
    """One task on one import."""

    engine: Engine
    home: Path
    code: str
    token: str
    _told_at: float = field(default=0.0)
    _looked_at: float = field(default=0.0)

    @property
    def folder(self) -> Folder:
        """Return the import's folder."""
        return folder(self.home, self.code)

    def start(self) -> None:
        """Begin in a thread of its own."""
        Thread(target=self.run, name=f"import-{self.code}", daemon=True).start()

    def run(self) -> None:
        """Do the task; whatever happens, the import says so."""
        try:
            wanted = json.loads((self.folder.path / ORDER).read_text("utf-8"))
            if wanted["token"] != self.token:
                return
            with self.folder.held(PATIENCE_SECONDS) as is_ours, self._slot():
                if is_ours:
                    self._do(wanted["task"], _viewer(wanted["viewer"]))
        except Halted:
            self._end(None, None)
        except CivmapError as problem:
            self._end(problem, None)
        except FileNotFoundError:
            log.info("import %s is gone", self.code)
        except Exception as problem:
            log.exception("import %s failed", self.code)
            full = isinstance(problem, OSError) and problem.errno == 28
            self._end(CivmapError("disk_full" if full else "import_failed", field="file"), None)

    @contextmanager
    def _slot(self) -> Iterator[None]:
        """Wait until fewer jobs are done at once."""
        while True:
            for number in range(AT_ONCE):
                slot = Folder(self.home / FOLDER)
                with Folder(_made(slot.path / f".slot-{number}")).held() as is_free:
                    if is_free:
                        yield
                        return
            self._tell("waiting", 0, 0)
            time.sleep(0.2)

    def _tidy(self) -> None:
        """Throw away what old imports left."""
        with reading(self.engine) as session:
            codes = queries.stale_before(session, clock.now() - timedelta(days=KEPT_DAYS))
        clean(self.home, lambda code: code in codes)

    def _do(self, task: str, viewer: Viewer) -> None:
        with writing(self.engine) as session:
            run = saving.locked(session, self.code)
            if run is None or run.token != self.token:
                return
            work = Work(self.engine, viewer, self.folder, run.kind, saving.wish_of(run), clock.now(), self._tell)
        if task == "examine":
            self._examine(work)
        elif task == "save":
            self._save(work)
        else:
            self._undo(work)
        self._tidy()

    def _examine(self, work: Work) -> None:
        examining.examine(work)
        self._end(None, rules.READY)

    def _save(self, work: Work) -> None:
        try:
            with writing(self.engine) as session:
                run = saving.locked(session, self.code)
                if run is None or run.token != self.token or run.state != rules.SAVING:
                    return
                once = saving.save(session, work, run, clock.now())
                if once:
                    self.folder.secrets.write_text(json.dumps(once), "utf-8")
                    self.folder.secrets.chmod(0o600)
        except Stale as problem:
            work.now = clock.now()
            examining.examine(work)
            self._end(problem, rules.READY)

    def _undo(self, work: Work) -> None:
        with writing(self.engine) as session:
            run = saving.locked(session, self.code)
            if run is not None and run.token == self.token and run.state == rules.UNDOING:
                undoing.undo(session, work.viewer, run, clock.now(), work.tell)

    def _tell(self, phase: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._told_at >= 0.3:
            self._told_at = now
            self.folder.tell(phase, done, total)
            if (self.folder.path / HALT).exists():
                raise Halted

    def _end(self, problem: CivmapError | None, state: str | None) -> None:
        """Write how it ended: the state after, and what went wrong."""
        with writing(self.engine) as session:
            run = saving.locked(session, self.code)
            if run is None or run.token != self.token:
                return
            is_halted = problem is None and state is None and run.state == rules.READING
            is_read = run.state == rules.READING or state == rules.READY
            run.state = state or rules.IF_INTERRUPTED.get(run.state, run.state)
            run.error = None if problem is None else {
                "code": problem.code, "field": problem.field, "facts": json.loads(packed(problem.facts))}
            if is_read and self.folder.rows.exists():
                with staging.opened(self.folder.rows) as staged:
                    facts = staging.facts(staged)
                    run.kind, run.evidence = facts.get("kind", run.kind), facts.get("evidence") or {}
                    run.summary = staging.counts(staged)
            if is_halted:
                run.error = {"code": "import_halted", "field": None, "facts": {}}
            run.token = None


def _made(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path
