"""The name of this release of the static files: it changes when one of them does, so browsers may keep them a year."""

import hashlib
from functools import cache

from civmap import __version__, resources


@cache
def release() -> str:
    """Return version and a short hash over names, sizes and times of the static files."""
    digest = hashlib.sha256()
    root = resources.folder("static")
    for file in sorted(root.rglob("*")):
        if file.is_file():
            facts = file.stat()
            digest.update(f"{file.relative_to(root).as_posix()}:{facts.st_size}:{facts.st_mtime_ns}\n".encode())
    return f"{__version__}-{digest.hexdigest()[:10]}"
