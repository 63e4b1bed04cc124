"""Where static, templates and geodata lie: inside an installed wheel or beside a checkout."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """Return the folder `static`, `templates` or `geodata`; raise FileNotFoundError where it is missing."""
    for place in (PACKAGE / name, PACKAGE.parent / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"folder {name} is missing from the installation")
