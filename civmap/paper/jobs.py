"""Prints that are waiting, drawn or done: a folder each under `paper/` of the data folder, which outlives the server.

`wish.json` says what is wanted and by whom, `state.json` how far it is, `sheets.pdf` is the result. A drawing process
holds a lock on its folder while it lives: a print that says "drawing" and is not locked was interrupted.
"""

import fcntl
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from civmap.errors import NotFound, TooMany

FOLDER = "paper"
WISH, STATE, SHEETS, LOCK, CLAIM = "wish.json", "state.json", "sheets.pdf", "lock", "claim"
QUEUED, DRAWING, DONE, FAILED = "queued", "drawing", "done", "failed"
MOST_WAITING = 20
KEPT_SECONDS = 24 * 3600
MOST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Job:
    """One print: its number and its folder."""

    id: int
    folder: Path

    @property
    def sheets(self) -> Path:
        """Return where the PDF is when it is done."""
        return self.folder / SHEETS

    def order(self) -> dict[str, Any]:
        """Return what was ordered and by whom; raise NotFound where the folder is gone."""
        return _read(self.folder / WISH)

    def state(self) -> dict[str, Any]:
        """Return state, progress, and of a failure its code and facts."""
        told = _read(self.folder / STATE)
        if told["state"] == DRAWING and not _is_locked(self.folder):
            again = _read(self.folder / STATE)
            if again["state"] == DRAWING:
                return self.tell(state=FAILED, code="paper_interrupted", facts={})
            return again
        return told

    def tell(self, **news: Any) -> dict[str, Any]:
        """Write what is new of the state and return all of it."""
        told = {**_read(self.folder / STATE), **news}
        _write(self.folder / STATE, told)
        return told


def _read(file: Path) -> dict[str, Any]:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as problem:
        raise NotFound("paper_not_found", field="id") from problem


def _write(file: Path, value: Mapping[str, Any]) -> None:
    beside = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    beside.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    os.replace(beside, file)


def order(home: Path, who: str, wish: Mapping[str, Any], **more: Any) -> Job:
    """Queue a print; raise TooMany where too many are waiting."""
    clean(home)
    waiting = sum(job_state.get("state") == QUEUED for _job, job_state in standing(home))
    if waiting >= MOST_WAITING:
        raise TooMany("paper_queue_full", count=waiting)
    root = home / FOLDER
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    job = Job(number := secrets.randbelow(MOST_ID) + 1, root / str(number))
    job.folder.mkdir(mode=0o700)
    _write(job.folder / WISH, {"who": who, "wish": dict(wish), **more})
    _write(job.folder / STATE, {"state": QUEUED, "progress": 0, "queued": time.time()})
    return job


def found(home: Path, number: int, who: str) -> Job:
    """Return a person's own print; raise NotFound for others' and for those that are gone."""
    job = Job(number, home / FOLDER / str(number))
    if job.order()["who"] != who:
        raise NotFound("paper_not_found", field="id")
    return job


def standing(home: Path) -> list[tuple[Job, dict[str, Any]]]:
    """Return every print with its state as written, the oldest order first."""
    rows = []
    with suppress(FileNotFoundError):
        for folder in (home / FOLDER).iterdir():
            if folder.name.isdigit():
                with suppress(NotFound):
                    rows.append((Job(int(folder.name), folder), _read(folder / STATE)))
    return sorted(rows, key=lambda row: (row[1].get("queued", 0), row[0].id))


def next_queued(home: Path) -> Job | None:
    """Claim the oldest print that waits; None where none does."""
    for job, told in standing(home):
        if told["state"] == QUEUED:
            with suppress(FileExistsError, FileNotFoundError):
                os.close(os.open(job.folder / CLAIM, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
                return job
    return None


def clean(home: Path) -> None:
    """Delete the prints that were ordered more than a day ago."""
    for job, told in standing(home):
        if told.get("queued", 0) < time.time() - KEPT_SECONDS:
            shutil.rmtree(job.folder, ignore_errors=True)


@contextmanager
def locked(file: Path) -> Iterator[bool]:
    """Hold a file's lock if it is free; say whether it was."""
    with file.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


def _is_locked(folder: Path) -> bool:
    with suppress(FileNotFoundError), locked(folder / LOCK) as is_free:
        return not is_free
    return False
