"""Where the parts of an import lie until it is saved or thrown away, and who works on it just now.

A folder each under `imports/` of the data folder: `source/` the file as it came, `rows.sqlite` what was read of it,
`wishes.sqlite` what persons decided row by row, `progress.json` how far the work is. Whoever works holds a lock on the
folder while it lives: work that is said to go on in a folder that nobody holds was interrupted.
"""

import fcntl
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER, INCOMING = "imports", "incoming-"
GRACE_SECONDS, ORDERED_SECONDS = 3.0, 90.0
ORDERED = ("examine", "save", "undo")
"""What was only ordered so far: on a busy machine a process takes a while until it holds the lock."""
KEPT_DAYS = 14
INCOMING_SECONDS = 3600.0
SECRETS_SECONDS = 3600.0
_UNFIT = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]")


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder of one import."""

    path: Path

    @property
    def rows(self) -> Path:
        """Return where the rows lie that were read."""
        return self.path / "rows.sqlite"

    @property
    def wishes(self) -> Path:
        """Return where the decisions of persons lie."""
        return self.path / "wishes.sqlite"

    @property
    def copy(self) -> Path:
        """Return where a private copy of the city lies while a rehearsal goes on."""
        return self.path / "rehearsal.sqlite"

    @property
    def secrets(self) -> Path:
        """Return where the one-time passwords lie for an hour."""
        return self.path / "secrets.json"

    def passwords(self) -> dict[str, str]:
        """Return the one-time passwords while they are told; older ones are thrown away."""
        with suppress(OSError, ValueError):
            if time.time() - self.secrets.stat().st_mtime <= SECRETS_SECONDS:
                told: dict[str, str] = json.loads(self.secrets.read_text("utf-8"))
                return told
            self.secrets.unlink()
        return {}

    def file(self) -> Path | None:
        """Return the file as it came, None where it was cleaned away."""
        with suppress(FileNotFoundError):
            return next(iter(sorted((self.path / "source").iterdir())), None)
        return None

    def begin(self, phase: str) -> None:
        """Say that work is ordered: for a while nobody needs to hold the lock."""
        self.tell(phase, 0, 0)

    def tell(self, phase: str, done: int, total: int) -> None:
        """Write how far the work is."""
        beside = self.path / f".progress.{os.getpid()}.{secrets.token_hex(4)}"
        with suppress(FileNotFoundError):
            beside.write_text(json.dumps({"phase": phase, "done": done, "total": total}), encoding="utf-8")
            os.replace(beside, self.path / "progress.json")

    def progress(self) -> dict[str, Any]:
        """Return how far the work is."""
        with suppress(FileNotFoundError, ValueError):
            told: dict[str, Any] = json.loads((self.path / "progress.json").read_text(encoding="utf-8"))
            return told
        return {"phase": "reading", "done": 0, "total": 0}

    @contextmanager
    def held(self, wait_seconds: float = 0.0) -> Iterator[bool]:
        """Hold the folder's lock if it is free, or becomes so in time; say whether it is held."""
        until = time.monotonic() + wait_seconds
        with (self.path / "lock").open("a") as file:
            while not _locked(file):
                if time.monotonic() >= until:
                    yield False
                    return
                time.sleep(0.02)
            yield True

    def is_alive(self) -> bool:
        """Tell whether somebody works here, or was told to a moment ago."""
        with suppress(FileNotFoundError):
            grace = ORDERED_SECONDS if self.progress()["phase"] in ORDERED else GRACE_SECONDS
            if time.time() - (self.path / "progress.json").stat().st_mtime < grace:
                return True
            with self.held() as is_free:
                return not is_free
        return False

    def remove(self) -> None:
        """Throw everything of the import away."""
        shutil.rmtree(self.path, ignore_errors=True)


def _locked(file: Any) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def folder(home: Path, code: str) -> Folder:
    """Return the folder of an import."""
    return Folder(home / FOLDER / code)


def incoming(home: Path) -> Folder:
    """Return a fresh folder for a file that is just arriving."""
    root = home / FOLDER
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = root / f"{INCOMING}{secrets.token_hex(6)}"
    (path / "source").mkdir(parents=True, mode=0o700)
    return Folder(path)


def file_name(written: str) -> str:
    """Return a file's own name as it may lie in a folder: no path, no signs that steer, not too long."""
    plain = _UNFIT.sub("", written.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .") or "file"
    while len(plain.encode()) > 180:
        stem, dot, ending = plain.rpartition(".")
        plain = f"{stem[:-1]}{dot}{ending}" if dot and len(ending) < 12 and len(stem) > 1 else plain[:-1]
    return plain


def clean(home: Path, is_gone: Any) -> int:
    """Remove folders that arrived and were never ordered, and those of which `is_gone(code)`; return how many."""
    removed = 0
    with suppress(FileNotFoundError):
        for path in (home / FOLDER).iterdir():
            with suppress(FileNotFoundError):
                age = time.time() - path.stat().st_mtime
                Folder(path).passwords()
                is_old = age > INCOMING_SECONDS if path.name.startswith(INCOMING) else (
                    age > KEPT_DAYS * 86_400 and is_gone(path.name))
                if is_old and not Folder(path).is_alive():
                    Folder(path).remove()
                    removed += 1
    return removed
