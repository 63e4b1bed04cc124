"""Tiles from other hosts: only addresses of the administrator's templates, with limits on time, size and number.

A host that hangs must not tie up the server: few requests are under way at once, a few more wait a moment, all others
are told to come again; after some failures in a row a ground's host is left alone for a while. Redirects are refused,
because they would lead to addresses that nobody has written down.
"""

import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

import civmap
from civmap.errors import CivmapError, Unavailable, Unreachable

WAIT_SECONDS = 4.0
WHOLE_SECONDS = 8.0
MOST_BYTES = 2 * 1024 * 1024
AT_ONCE = 3
WAITING = 2
PATIENCE_SECONDS = 1.0
PIECE = 64 * 1024
FAILURES = 3
REST_SECONDS = 20.0
REFUSED = (401, 402, 403, 407, 418, 429)
GONE = (204, 404, 410)
AGENT = f"civmap/{civmap.__version__} (+map proxy of one city)"


@dataclass(slots=True)
class _Host:
    failures: int = 0
    rests_until: float = 0.0
    code: str = ""


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow nobody: the answer stays what it is, a 3xx, and counts as a failure."""
        return


class Fetcher:
    """Asks other hosts on behalf of the pages of one process."""

    def __init__(self) -> None:
        self._gate = threading.BoundedSemaphore(AT_ONCE)
        self._queue = threading.BoundedSemaphore(WAITING)
        self._hosts: dict[str, _Host] = defaultdict(_Host)
        self._lock = threading.Lock()
        self._opener: OpenerDirector | None = None

    def get(self, address: str, of: str, span: tuple[int, int] | None = None) -> bytes | None:
        """Return the bytes at an address (`span`: offset and length), None where there is nothing.

        `of` is the ground whose failures count together. Raise Unreachable where the host fails or refuses,
        Unavailable where too many requests are under way.
        """
        host = urlsplit(address).netloc.rpartition("@")[2]
        self._check_rest(of, host)
        self._enter(host)
        try:
            found = self._asked(address, host, span)
        except CivmapError as problem:
            self._failed(of, problem.code)
            raise
        finally:
            self._gate.release()
        with self._lock:
            self._hosts.pop(of, None)
        return found

    def _enter(self, host: str) -> None:
        """Take one of the few ways out; raise Unavailable where those who wait for one are too many already."""
        if self._gate.acquire(blocking=False):
            return
        if self._queue.acquire(blocking=False):
            try:
                if self._gate.acquire(timeout=PATIENCE_SECONDS):
                    return
            finally:
                self._queue.release()
        raise Unavailable("ground_busy", host=host)

    def _check_rest(self, of: str, host: str) -> None:
        with self._lock:
            state = self._hosts.get(of)
            if state is not None and state.rests_until > time.monotonic():
                raise Unreachable(state.code, host=host)

    def _failed(self, of: str, code: str) -> None:
        with self._lock:
            state = self._hosts[of]
            state.failures += 1
            state.code = code
            if state.failures >= FAILURES:
                state.rests_until = time.monotonic() + REST_SECONDS

    def _asked(self, address: str, host: str, span: tuple[int, int] | None) -> bytes | None:
        headers = {"User-Agent": AGENT, "Accept": "image/*,*/*;q=0.5"}
        if span is not None:
            headers["Range"] = f"bytes={span[0]}-{span[0] + span[1] - 1}"
        until = time.monotonic() + WHOLE_SECONDS
        try:
            with self._open().open(Request(address, headers=headers), timeout=WAIT_SECONDS) as answer:
                if answer.status in GONE:
                    return None
                if answer.status != (206 if span else 200):
                    raise Unreachable("ground_unreachable", host=host)
                return _read(answer, host, until, MOST_BYTES if span is None else span[1])
        except HTTPError as problem:
            with problem:
                if problem.code in GONE:
                    return None
                code = "ground_refused" if problem.code in REFUSED else "ground_unreachable"
            raise Unreachable(code, host=host) from None
        except (OSError, HTTPException, ValueError) as problem:
            raise Unreachable("ground_unreachable", host=host) from problem

    def _open(self) -> OpenerDirector:
        if self._opener is None:
            self._opener = build_opener(_NoRedirect)
        return self._opener


def _read(answer: Any, host: str, until: float, most: int) -> bytes:
    """Read an answer in pieces: neither its length nor its patience is trusted."""
    pieces, size = [], 0
    while piece := answer.read1(PIECE):
        size += len(piece)
        if size > most:
            raise Unreachable("ground_too_large", host=host)
        if time.monotonic() > until:
            raise Unreachable("ground_unreachable", host=host)
        pieces.append(piece)
    return b"".join(pieces)
