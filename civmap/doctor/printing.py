"""What the doctor looks at for printing: the library that sets type, and the Chinese font."""

import ctypes.util
import shutil
import subprocess
from collections.abc import Iterator

from civmap.doctor.findings import Finding

LIBRARIES = ("pango-1.0", "pangoft2-1.0")
FONT = "Noto Sans CJK SC"


def look() -> Iterator[Finding]:
    """Yield what is missing for printed maps."""
    if not all(ctypes.util.find_library(name) for name in LIBRARIES):
        yield Finding("pango_missing", "warning")
    if not _has_font():
        yield Finding("cjk_font_missing", "warning", {"font": FONT})


def _has_font() -> bool:
    """Ask fontconfig, which WeasyPrint asks too; where it cannot be asked, nothing is claimed."""
    if shutil.which("fc-list") is None:
        return True
    told = subprocess.run(["fc-list", FONT, "family"], capture_output=True, text=True, check=False)
    return bool(told.stdout.strip())
