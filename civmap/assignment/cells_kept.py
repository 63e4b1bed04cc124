"""Where compiled code is kept between runs: one folder per state of the source, so that no edit meets old code.

Numba looks at the file of the outermost function alone; a rule changed in another file would not be noticed.
"""

import hashlib
import os
import tempfile
from pathlib import Path

import numba

HERE = Path(__file__).resolve().parent
DIGITS = 16


def _digest() -> str:
    """Return what tells this state of the compiled modules from any other."""
    told = hashlib.sha256(numba.__version__.encode())
    for path in sorted(HERE.glob("cells_*.py")):
        told.update(path.read_bytes())
    return told.hexdigest()[:DIGITS]


def _folder() -> Path:
    """Return the folder: beside the code where that can be written, else in the person's cache, else a passing one."""
    homes = (HERE / "__pycache__", Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "civmap")
    for home in homes:
        folder = home / f"cells-{_digest()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return Path(tempfile.mkdtemp(prefix="civmap-cells-"))


def settle() -> None:
    """Tell Numba where compiled code is kept; before the first function is declared."""
    if not numba.config.DISABLE_JIT:
        numba.config.CACHE_DIR = str(_folder())
