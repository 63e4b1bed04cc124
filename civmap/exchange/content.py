"""What the cells of a column look like, whatever stands above them: how large a share is of each sort."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from civmap import dictionaries
from civmap.dictionaries.finding import exactly
from civmap.errors import Invalid
from civmap.exchange import cells, coordinates, wording
from civmap.geo.validity import Frame

CHINA: Frame = (73.0, 3.0, 136.0, 54.0)
MARGIN = 0.5
LEAST = 3
_PHONE = re.compile(r"(?:\+?86[- ]?)?1[3-9]\d{9}|\(?0\d{2,3}\)?[- ]?\d{7,8}(?:-\d{1,5})?|\d{3}\*{4}\d{4}")
_ADDRESS = re.compile(r"[路街巷道里弄村区镇].{0,12}\d+\s*(?:号|弄|栋|幢)|[路街巷道].{0,8}(?:交叉口|路口|交汇处)")
_CODE = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9_.-]{2,31}")
_GEOMETRY = re.compile(r"\s*(?:SRID=\d+;\s*)?(?:MULTI)?(?:POLYGON|LINESTRING)|\s*\{.*\"coordinates\"", re.IGNORECASE)
_DAY = re.compile(r"(?:\d{2,4}\s*[-./年]\s*)?\d{1,2}\s*[-./月]\s*\d{1,2}\s*[日号]?(?:\D.*)?|(?:19|20)\d{6}"
                  r"|[〇零一二三四五六七八九十]{2,4}年.+")


@dataclass(frozen=True, slots=True)
class Known:
    """What the city knows and a column may hold: its frame, and names and codes of units and points."""

    frame: Frame | None = None
    units: frozenset[str] = frozenset()
    points: frozenset[str] = frozenset()


NOBODY = Known()


@dataclass(frozen=True, slots=True)
class Look:
    """A column of a sample: how many cells are filled, and the share of the filled ones of each sort."""

    filled: int
    shares: dict[str, float]

    def of(self, sort: str) -> float:
        """Return the share of a sort of cells."""
        return self.shares.get(sort, 0.0)


def look(column: Iterable[Any], known: Known) -> Look:
    """Return what a column looks like."""
    filled = [cell for cell in column if not cells.is_blank(cell)]
    if len(filled) < LEAST:
        return Look(len(filled), {})
    texts = [cells.text(cell, most=10**7) for cell in filled]
    shares = {sort: sum(map(test, texts)) / len(texts) for sort, test in _TESTS.items()}
    shares |= _places(filled, known.frame)
    shares["unit"] = sum(text in known.units for text in texts) / len(texts)
    shares["point"] = sum(text in known.points for text in texts) / len(texts)
    shares["day"] = sum(_is_day(cell) for cell in filled) / len(filled)
    distinct = len(set(texts)) / len(texts)
    shares["code"] *= distinct if distinct > 0.95 and not _counts_up(texts) else 0
    shares["name"] *= distinct if distinct > 0.6 else 0
    return Look(len(filled), {sort: share for sort, share in shares.items() if share > 0})


def _places(filled: list[Any], frame: Frame | None) -> dict[str, float]:
    west, south, east, north = frame or CHINA
    found = dict.fromkeys(("lon", "lat", "lonlat", "easting", "northing"), 0)
    for cell in filled:
        try:
            said = coordinates.read(cell, cell)
        except Invalid:
            continue
        if said.x != said.y:
            found["lonlat"] += 1
            continue
        value = said.x
        found["lon"] += west - MARGIN <= value <= east + MARGIN and value != int(value)
        found["lat"] += south - MARGIN <= value <= north + MARGIN and value != int(value)
        found["easting"] += 1e5 < value % 1e6 < 9e5 and (value < 1e6 or value > 1.3e7)
        found["northing"] += 1.9e6 < value < 6e6
    return {sort: count / len(filled) for sort, count in found.items()}


def _is_day(cell: Any) -> bool:
    if not isinstance(cell, str):
        return hasattr(cell, "isoformat")
    return bool(_DAY.fullmatch(unicodedata.normalize("NFKC", cell).strip()))


def _counts_up(texts: list[str]) -> bool:
    numbers = [int(text) for text in texts if text.isdecimal() and len(text) < 9]
    return len(numbers) == len(texts) and max(numbers) - min(numbers) < 3 * len(numbers)


def _finds(find: Callable[[str], Any]) -> Callable[[str], bool]:
    @cache
    def test(text: str) -> bool:
        try:
            with exactly():
                find(text)
        except Invalid:
            return False
        return True
    return lambda text: len(text) <= 40 and test(text)


def _is_name(text: str) -> bool:
    return 2 <= len(text) <= 40 and bool(re.search(r"[\u4e00-\u9fffA-Za-z]{2}", text)) and not _ADDRESS.search(text)


_TESTS: dict[str, Callable[[str], bool]] = {
    "phone": lambda text: bool(_PHONE.fullmatch(unicodedata.normalize("NFKC", text).replace(" ", ""))),
    "address": lambda text: bool(_ADDRESS.search(text)),
    "geometry": lambda text: bool(_GEOMETRY.match(text[:2_000])),
    "code": lambda text: bool(_CODE.fullmatch(text)),
    "name": _is_name,
    "prose": lambda text: len(text) >= 6 and len(re.findall(r"[\u4e00-\u9fff]", text)) >= 5,
    "words": lambda text: len(text) <= 400 and bool(wording.class_candidates(text)),
    "crs": lambda text: wording.system(text) is not None,
    "point_type": _finds(wording.point_type),
    "issue_class": _finds(dictionaries.issue_class),
    "issue_state": _finds(wording.state),
    "zone_kind": _finds(dictionaries.zone_kind),
    "unit_kind": _finds(dictionaries.unit_kind),
    "road_class": _finds(wording.road_class),
    "flag": _finds(wording.flag),
}
