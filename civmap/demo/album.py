"""The pictures of the demo's issues: drawn by as many processes as there are cores, kept under their hashes."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from civmap.demo.photos import ENDING, photo

CHUNK = 48


@dataclass(frozen=True)
class Shot:
    """A picture to be drawn: of which issue, of what, before, after or half."""

    issue_no: str
    key: str
    where: str
    class_code: str
    kind: str


def _drawn(shot: Shot) -> bytes:
    return photo(shot.key, shot.where, shot.class_code, shot.kind)


@contextmanager
def drawing(shots: Sequence[Shot]) -> Iterator[Iterator[bytes]]:
    """Begin to draw every shot beside whatever else is done, and give the bytes in order.

    How many processes draw makes no difference to the bytes; what is not drawn yet is given up at the end.
    """
    cores = min(4, os.cpu_count() or 1)
    if cores == 1:
        yield map(_drawn, shots)
        return
    pool = ProcessPoolExecutor(cores, mp_context=get_context("spawn"))
    try:
        yield pool.map(_drawn, shots, chunksize=CHUNK)
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def kept(pictures: Iterator[bytes], count: int, folder: Path, progress: Callable[[float], None]) -> Iterator[list[str]]:
    """Write every picture under its hash and give the hashes in order; none stays where the block fails."""
    digests: list[str] = []
    written: list[Path] = []
    try:
        for data in pictures:
            digests.append(hashlib.sha256(data).hexdigest())
            target = folder / file_of(digests[-1])
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                written.append(target)
                target.write_bytes(data)
            if len(digests) % (count // 5 + 1) == 0:
                progress(len(digests) / count)
        yield digests
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise


def file_of(digest: str) -> str:
    """Return the name of a picture below the photo folder, as `issues.photos` keeps it."""
    return f"{digest[:2]}/{digest}.{ENDING}"
