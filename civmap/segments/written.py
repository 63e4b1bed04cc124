"""Street names as tables write them, read back to the names that the map knows: how sure is each reading?"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

_BRACKETS = re.compile(r"[(\[{【〔〈《].*?[)\]}】〕〉》]")
_SERIAL = re.compile(r"(第?\s*[0-9一二三四五六七八九十百]+\s*(号)?(路段|标段|段)|[东南西北中上下前后]段|全段|全线)$")
_CROSSING = re.compile(
    r"(与.{1,20})?(交叉路口|十字路口|丁字路口|交叉口|交汇处|交界处|交叉处|路口处|路口|交汇口|处|口)$")
_BESIDE = re.compile(r"(以?[东西南北]{1,2}(侧|口|边|端|头)?|附近|旁|段)$")
_BOTH = re.compile(r"[与和、/×&及]")
_KINDS = ("林荫大道", "步行街", "大街", "大道", "胡同", "公路", "马路", "路", "街", "巷", "道", "弄", "里")
_ROUND = ("转盘", "环岛", "环形路口", "圆盘", "广场")
_PLAIN = str.maketrans({"—": "-", "－": "-", "–": "-", "~": "-", "〜": "-", "·": "", "・": "", " ": "", "\u3000": ""})
SURE, VARIANT, LIKE, MISREAD = 1.0, 0.8, 0.65, 0.5
"""How sure a reading is: the very name; another kind of street; similar; two letters of three and at this road."""
SIMILAR = 0.6
MOST_NEAR = 5


class Reading(NamedTuple):
    """A name the map knows that a written one may mean, and how sure that is."""

    name: str
    score: float


def folded(text: str) -> str:
    """Return a name as it is compared: plain widths and digits, no spaces, dots or odd dashes."""
    return unicodedata.normalize("NFKC", text).translate(_PLAIN).strip().casefold()


def road_spellings(text: str) -> list[str]:
    """Return what a written road may be called: as it stands, without brackets, without the number of its part."""
    plain = folded(text)
    bare = folded(_BRACKETS.sub("", plain)) or plain
    found = [plain, bare]
    while (shorter := _SERIAL.sub("", found[-1])) != found[-1] and shorter:
        found.append(shorter)
    found += [re.sub(r"[0-9]+$", "", found[-1]), _CROSSING.sub("", _BESIDE.sub("", found[-1])), found[-1]]
    return [each for each in dict.fromkeys(found) if len(each) > 1] or [plain]


def crossing_spellings(text: str) -> list[str]:
    """Return what the street of a written crossing may be called: as it stands, then without 路口, 交叉口, 口 …"""
    plain = folded(text)
    found = [plain, folded(_BRACKETS.sub("", plain)) or plain]
    for part in (found[-1], *_BOTH.split(found[-1])):
        bare = _CROSSING.sub("", part)
        found += [bare, part[:-1] if part.endswith("路口") else "", _BESIDE.sub("", bare)]
    return [each for each in dict.fromkeys(found) if len(each) > 1]


def stem(name: str) -> str:
    """Return a name without the kind of street at its end: 淮海路 and 淮海街 have one stem."""
    plain = folded(name)
    for kind in _KINDS:
        if plain.endswith(kind) and len(plain) > len(kind) + 1:
            return plain[:-len(kind)]
    return plain


class Names:
    """The street names of a city, found again however they are written."""

    def __init__(self, names: Iterable[str], aliases: dict[str, str] | None = None) -> None:
        self.all = sorted({name for name in names if name})
        self.by_fold = {folded(name): name for name in self.all}
        self.aliases = {folded(written): name for written, name in (aliases or {}).items()}
        self._read: dict[tuple[str, ...], list[Reading]] = {}
        self.by_stem: dict[str, list[str]] = {}
        for name in self.all:
            self.by_stem.setdefault(stem(name), []).append(name)

    def readings(self, spellings: list[str]) -> list[Reading]:
        """Return the names that the spellings may mean, surest first; the very name keeps others away."""
        key = tuple(spellings)
        if key not in self._read:
            self._read[key] = self._found(spellings)
        return self._read[key]

    def _found(self, spellings: list[str]) -> list[Reading]:
        for spelling in spellings:
            found = self.aliases.get(spelling) or self.by_fold.get(spelling)
            if found:
                return [Reading(found, SURE)]
        best: dict[str, float] = {}
        for name, score in (*self._variants(spellings), *self._similar(spellings)):
            best[name] = max(score, best.get(name, 0.0))
        return sorted((Reading(name, score) for name, score in best.items()), key=lambda one: (-one.score, one.name))

    def _variants(self, spellings: list[str]) -> Iterator[Reading]:
        for spelling in spellings:
            for known in self.by_stem.get(stem(spelling), ()):
                yield Reading(known, VARIANT)
            for ending in _ROUND:
                if spelling.endswith(ending) and len(spelling) > len(ending) + 1:
                    base = spelling[:-len(ending)]
                    yield from (Reading(self.by_fold[one], VARIANT) for one in
                                (base, *(base + other for other in _ROUND)) if one in self.by_fold)

    def _similar(self, spellings: list[str]) -> Iterator[Reading]:
        for name, share in self._shares(spellings):
            if share >= 0.75:
                yield Reading(name, LIKE)

    def _shares(self, spellings: list[str]) -> Iterator[tuple[str, float]]:
        wanted = spellings[-1]
        letters = set(wanted)
        for name in self.all:
            if letters & set(name):
                yield name, SequenceMatcher(None, wanted, folded(name)).ratio()

    def among(self, spellings: list[str], few: Iterable[str]) -> list[Reading]:
        """Return which of a few names a written one may be, two letters of three alike: misspelt, misread."""
        wanted = spellings[-1]
        shares = ((SequenceMatcher(None, wanted, folded(name)).ratio(), name) for name in few)
        return [Reading(name, MISREAD) for share, name in sorted(shares, reverse=True) if share >= SIMILAR]

    def nearest(self, spellings: list[str]) -> list[str]:
        """Return the names most like the written one, for a sentence of what could be meant."""
        ranked = sorted(((share, name) for name, share in self._shares(spellings)), key=lambda one: (-one[0], one[1]))
        return [name for share, name in ranked if share >= 0.4][:MOST_NEAR]
