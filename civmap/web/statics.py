"""Static files from memory: a cold page asks for dozens, and none of them needs the application, a session or a disk.

Each file is read and compressed once and again when it changes. What is not a file of the release, and every part of
one (Range), goes on to the application.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from civmap import resources
from civmap.web import headers
from civmap.web.assets import SHEETS
from civmap.web.compression import MEDIA_TYPES
from civmap.web.release import release

PREFIX = "/static/"
YEAR = "public, max-age=31536000, immutable"
LEAST = 1000
LARGEST = 2_000_000
Environ = dict[str, Any]
Start = Callable[..., Any]
App = Callable[[Environ, Start], Iterable[bytes]]


class Kept(NamedTuple):
    """A file in memory, or several as one: its state, tag and type, and its bytes by their encoding ("" for plain)."""

    state: tuple[tuple[int, int], ...]
    tag: str
    media: str
    bodies: Mapping[str, bytes]


class Statics:
    """The application with its static files in front of it."""

    def __init__(self, app: App) -> None:
        self.app, self.kept = app, dict[str, Kept]()
        root = resources.folder("static")
        self.paths = {path.relative_to(root).as_posix(): (path,) for path in root.rglob("*") if path.is_file()}
        self.paths |= {f"css/_{name}.css": tuple(root / part for part in parts) for name, parts in SHEETS.items()}

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer a request."""
        address = environ.get("PATH_INFO", "")
        is_ours = address.startswith(PREFIX) and environ["REQUEST_METHOD"] in ("GET", "HEAD")
        file = self.file(address.removeprefix(PREFIX)) if is_ours and "HTTP_RANGE" not in environ else None
        return self.app(environ, start) if file is None else answer(file, environ, start)

    def file(self, name: str) -> Kept | None:
        """Return a file as it is now; None for what is none of ours, or too large to keep."""
        parts = self.paths.get(name)
        if parts is None:
            return None
        try:
            state = tuple((facts.st_mtime_ns, facts.st_size) for facts in map(Path.stat, parts))
            known = self.kept.get(name)
            if known is None or known.state != state:
                known = self.kept[name] = read(parts, state)
        except OSError:
            return None
        return known if known.bodies else None


def read(parts: tuple[Path, ...], state: tuple[tuple[int, int], ...]) -> Kept:
    """Return a file, or several as one, with the bytes in every encoding that makes them smaller."""
    import brotli

    media = mimetypes.guess_type(parts[0].name)[0] or "application/octet-stream"
    if sum(size for _changed, size in state) > LARGEST:
        return Kept(state, "", media, {})
    plain = b"\n".join(part.read_bytes() for part in parts)
    bodies = {"": plain}
    if media in MEDIA_TYPES and len(plain) >= LEAST:
        bodies |= {"br": brotli.compress(plain, quality=6), "gzip": gzip.compress(plain, 6, mtime=0)}
    if media.startswith("text/"):
        media += "; charset=utf-8"
    return Kept(state, f'"{hashlib.sha256(plain).hexdigest()[:20]}"', media, bodies)


def answer(file: Kept, environ: Environ, start: Start) -> Iterable[bytes]:
    """Send a file, or 304 where the sender has it; with the release's name in the address it keeps for a year."""
    is_named = environ.get("QUERY_STRING") == f"v={release()}"
    told = [("ETag", file.tag), ("Cache-Control", YEAR if is_named else "no-cache"), ("Vary", "Accept-Encoding"),
            *headers.always(environ.get("wsgi.url_scheme") == "https")]
    if file.tag in environ.get("HTTP_IF_NONE_MATCH", ""):
        start("304 NOT MODIFIED", told)
        return []
    accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
    encoding = next((name for name in ("br", "gzip") if name in accepted and name in file.bodies), "")
    body = file.bodies[encoding]
    told += [("Content-Type", file.media), ("Content-Length", str(len(body)))]
    told += [("Content-Encoding", encoding)] if encoding else []
    start("200 OK", told)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
