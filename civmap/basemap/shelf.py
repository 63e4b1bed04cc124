"""Tiles of other hosts kept on disk for a while: each is asked for once, and still there when the host is not.

The shelf is bounded: the oldest tiles go first. It is no part of a backup and may be deleted at any time.
"""

import hashlib
import os
import threading
import time
from pathlib import Path

MOST_BYTES = 256 * 1024 * 1024
FRESH_SECONDS = 7 * 86_400
SWEEP_EVERY = 500


class Shelf:
    """A folder of tiles; `of` names where they came from, so that another address never finds them."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self.folder = folder
        self.most_bytes = most_bytes
        self._written = SWEEP_EVERY - 1
        self._lock = threading.Lock()

    def _file(self, of: str, z: int, x: int, y: int) -> Path:
        return self.folder / hashlib.sha256(of.encode()).hexdigest()[:20] / f"{z}-{x}-{y}"

    def get(self, of: str, z: int, x: int, y: int, stale: bool = False) -> bytes | None:
        """Return a tile's bytes (empty: there is none at its host), None where it is not here or too old."""
        file = self._file(of, z, x, y)
        try:
            if not stale and file.stat().st_mtime < time.time() - FRESH_SECONDS:
                return None
            return file.read_bytes()
        except OSError:
            return None

    def put(self, of: str, z: int, x: int, y: int, data: bytes) -> None:
        """Keep a tile; a full or read-only disk is no reason to fail."""
        file = self._file(of, z, x, y)
        beside = file.with_name(f".{file.name}.{os.getpid()}.{threading.get_ident()}")
        try:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside.write_bytes(data)
            beside.replace(file)
        except OSError:
            beside.unlink(missing_ok=True)
            return
        with self._lock:
            self._written += 1
            is_time = self._written % SWEEP_EVERY == 0
        if is_time:
            self.sweep()

    def sweep(self) -> None:
        """Take away the oldest tiles until a fifth of the room is free; nothing where there is room."""
        held = []
        for file in self.folder.glob("*/*"):
            try:
                state = file.stat()
            except OSError:
                continue
            held.append((state.st_mtime, state.st_size, file))
        size = sum(entry[1] for entry in held)
        if size <= self.most_bytes:
            return
        for _, bytes_held, file in sorted(held, key=lambda entry: entry[0]):
            if size <= self.most_bytes * 0.8:
                return
            file.unlink(missing_ok=True)
            size -= bytes_held


class NoShelf:
    """Keeps nothing: for questions that must reach the host itself."""

    def get(self, of: str, z: int, x: int, y: int, stale: bool = False) -> bytes | None:
        """Return that it is not here."""
        return None

    def put(self, of: str, z: int, x: int, y: int, data: bytes) -> None:
        """Let it go."""
