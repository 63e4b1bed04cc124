"""The pictures of the demo's issues: drawn by as many processes as there are cores, kept under their hashes."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from civmap.demo.photos import ENDING, photo

CHUNK = 48


@dataclass(frozen=True)
class Shot:
    """A picture to be drawn: of which issue, of what, before or after, in which round of rework."""

    issue_no: str
    key: str
    where: str
    class_code: str
    kind: str
    round: int


def _drawn(shot: Shot) -> bytes:
    return photo(shot.key, shot.where, shot.class_code, shot.kind, shot.round)


def pictures(shots: Sequence[Shot]) -> Iterator[bytes]:
    """Yield the bytes of every shot in order; how many processes draw makes no difference to the bytes."""
    cores = min(4, os.cpu_count() or 1)
    if cores == 1 or len(shots) < 4 * CHUNK:
        yield from map(_drawn, shots)
        return
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_drawn, shots, chunksize=CHUNK)


def keep(shots: Sequence[Shot], folder: Path, progress: Callable[[float], None]) -> list[str]:
    """Draw and write every picture; return their hashes in order. Nothing is left behind where it fails."""
    digests: list[str] = []
    written: list[Path] = []
    try:
        for data in pictures(shots):
            digests.append(hashlib.sha256(data).hexdigest())
            target = folder / file_of(digests[-1])
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                written.append(target)
                target.write_bytes(data)
            if len(digests) % CHUNK == 0:
                progress(len(digests) / len(shots))
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return digests


def file_of(digest: str) -> str:
    """Return the name of a picture below the photo folder, as `issues.photos` keeps it."""
    return f"{digest[:2]}/{digest}.{ENDING}"
