"""The browser modules that an entry imports, directly or not: a page names them at once, and none waits for another."""

import re
from functools import cache

from civmap import resources

IMPORT = re.compile(r"""^(?:import|export)\b(?:[^;'"]*\bfrom)?\s*['"]\./([\w-]+\.js)['"]""", re.MULTILINE)


@cache
def needed(entry: str) -> tuple[str, ...]:
    """Return the names of a module and of all that its static imports lead to, nearest first."""
    found, root = [entry], resources.folder("static") / "js"
    for name in found:
        said = (root / name).read_text(encoding="utf-8")
        found += [other for other in dict.fromkeys(IMPORT.findall(said)) if other not in found]
    return tuple(found)
