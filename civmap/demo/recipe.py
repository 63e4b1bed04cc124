"""The recipe of the demo district: the tables in geodata/demo, read once."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from civmap.resources import folder


@dataclass(frozen=True)
class Recipe:
    """What is written down about the invented district; everything else is drawn from the seed."""

    skeleton: Mapping
    names: Mapping
    places: tuple[Mapping[str, str], ...]
    units: tuple[Mapping[str, str], ...]
    points: tuple[Mapping[str, str], ...]
    troubles: tuple[Mapping[str, str], ...]
    people: tuple[Mapping[str, str], ...]


@cache
def recipe() -> Recipe:
    """Return the recipe of `geodata/demo`."""
    place = folder("geodata") / "demo"
    return Recipe(
        _json(place / "skeleton.json"),
        _json(place / "names.json"),
        *(_table(place / f"{name}.csv") for name in ("places", "units", "points", "troubles", "people")),
    )


def _json(path: Path) -> Mapping:
    return json.loads(path.read_text(encoding="utf-8"))


def _table(path: Path) -> tuple[Mapping[str, str], ...]:
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))
