"""What the cells of a column look like, whatever stands above them: how large a share is of each sort."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from civmap import dictionaries
from civmap.dictionaries.finding import exactly
from civmap.errors import Invalid
from civmap.exchange import cells, coordinates, wording
from civmap.geo.validity import Frame

CHINA: Frame = (73.0, 3.0, 136.0, 54.0)
MARGIN = 0.5
LEAST, MOST_DISTINCT = 3, 60
PLACE_SORTS = ("lon", "lat", "lonlat", "easting", "northing")
_PHONE = re.compile(r"(?:\+?86[- ]?)?1[3-9]\d{9}|\(?0\d{2,3}\)?[- ]?\d{7,8}(?:-\d{1,5})?|\d{3}\*{4}\d{4}")
_ADDRESS = re.compile(r"[路街巷道里弄村区镇].{0,12}\d+\s*(?:号|弄|栋|幢)|[路街巷道].{0,8}(?:交叉口|路口|交汇处)")
_WORDS = re.compile(r"[\u4e00-\u9fff]{2}|[A-Za-z]{3,}(?!.*\d)")
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


class Look:
    """A column of a sample: how many cells are filled, and the share of the filled ones of each sort, when asked."""

    def __init__(self, column: Iterable[Any], known: Known) -> None:
        cells_of = [cell for cell in column if not cells.is_blank(cell)]
        self.filled = len(cells_of)
        self._cells = cells_of if self.filled >= LEAST else []
        self._known = known
        self._texts = Counter(cells.text(cell, most=10**7) for cell in self._cells)
        self._shares: dict[str, float] = {}

    def of(self, sort: str) -> float:
        """Return the share of a sort of cells."""
        if not self._cells:
            return 0.0
        if sort not in self._shares:
            self._shares |= self._places() if sort in PLACE_SORTS else {sort: self._share(sort)}
        return self._shares[sort]

    def _share(self, sort: str) -> float:
        if sort == "day":
            return sum(map(_is_day, self._cells)) / self.filled
        if sort in ("unit", "point"):
            known = self._known.units if sort == "unit" else self._known.points
            return sum(count for text, count in self._texts.items() if text in known) / self.filled
        looked_at = self._texts.most_common(MOST_DISTINCT)
        share = sum(count for text, count in looked_at if _TESTS[sort](text)) / sum(count for _, count in looked_at)
        distinct = len(self._texts) / self.filled
        if sort == "code":
            return share * distinct if distinct > 0.95 and not _counts_up(list(self._texts)) else 0.0
        return share * (distinct if distinct > 0.6 else 0) if sort == "name" else share

    def _places(self) -> dict[str, float]:
        return _places(self._cells[:MOST_DISTINCT], self._known.frame)


def _places(filled: list[Any], frame: Frame | None) -> dict[str, float]:
    west, south, east, north = frame or CHINA
    found = dict.fromkeys(PLACE_SORTS, 0)
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
    @lru_cache(maxsize=5_000)
    def test(text: str) -> bool:
        try:
            with exactly():
                find(text)
        except Invalid:
            return False
        return True
    return lambda text: len(text) <= 40 and test(text)


def _is_phone(text: str) -> bool:
    return bool(_PHONE.fullmatch(unicodedata.normalize("NFKC", text).replace(" ", "")))


def _is_name(text: str) -> bool:
    return 2 <= len(text) <= 40 and bool(_WORDS.search(text)) and not _ADDRESS.search(text)


_TESTS: dict[str, Callable[[str], bool]] = {
    "phone": _is_phone,
    "address": lambda text: bool(_ADDRESS.search(text)),
    "geometry": lambda text: bool(_GEOMETRY.match(text[:2_000])),
    "code": lambda text: bool(_CODE.fullmatch(text)) and not _is_phone(text),
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
