"""What a heading says: the fields it may mean, however it is dressed (numbers, stars, brackets, two languages)."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from civmap.exchange import kinds
from civmap.exchange.kinds import BEHIND, folded

SUFFIX = 5 * BEHIND
LEAST_SUFFIX = 3
MOST, LEAST_SURE = 40, 0.7
_DIGIT = "[0-9一二三四五六七八九十]{1,2}"
_NUMBERED = re.compile(rf"^\s*(?:[(（]?{_DIGIT}[)）]?[.、．:：]|[(（]{_DIGIT}[)）])\s*")
_NEEDED = re.compile(r"[(（【\[](?:必填|选填|可选|可不填|必须填写|required|optional)[^)）】\]]*[)）】\]]|[*＊]",
                     re.IGNORECASE)
_PARTS = re.compile(r"[/|\n()]|(?<=[\u4e00-\u9fff])\s*(?=[A-Za-z])|(?<=[A-Za-z])\s*(?=[\u4e00-\u9fff])")
_STEM = re.compile(r"经度|纬度|东经|北纬|横坐标|纵坐标|longitude|latitude|lng|lon|lat|坐标|[xyen]$|^[xyen]|[()]",
                   re.IGNORECASE)


def stem(heading: str) -> str:
    """Return a heading of a coordinate without what says which of the two it is (高德经度 → 高德)."""
    return _STEM.sub("", folded(heading))


@lru_cache(maxsize=20_000)
def named(kind: str, heading: str, group: str) -> dict[str, tuple[int, float]]:
    """Return the fields that a heading may mean, each with its rank (0 best) and how sure that is."""
    index = kinds.ranked(kind)
    for step, (written, sure) in enumerate(_variants(heading, group)):
        if found := index.get(folded(written)) if written else None:
            return {name: (rank + step * BEHIND, sure) for name, rank in found.items()}
    return _by_ending(kind, folded(kinds.plain_heading(_NEEDED.sub("", heading))))


def is_heading(kind: str, heading: str) -> bool:
    """Tell whether a text is a heading of a kind, as written or dressed; not one that only ends like it."""
    return 0 < len(heading) <= MOST and any(sure > LEAST_SURE for _, sure in named(kind, heading, "").values())


def _variants(heading: str, group: str) -> Iterable[tuple[str, float]]:
    """Yield a heading as written and with what is only about it taken away, the surest first."""
    bare = _NUMBERED.sub("", _NEEDED.sub("", unicodedata.normalize("NFKC", heading))).strip()
    yield heading, 1.0
    yield bare, 1.0
    yield kinds.plain_heading(bare), 0.95
    for part in _PARTS.split(bare):
        if len(part.strip()) > 1:
            yield part.strip(), 0.85
    if group:
        yield f"{group}{bare}", 0.8
        yield kinds.plain_heading(group), 0.6


def _by_ending(kind: str, heading: str) -> dict[str, tuple[int, float]]:
    """Return the field whose longest spelling ends the heading (被检查点位名称 → 点位名称), if it is one alone."""
    best: dict[str, int] = {}
    for spelt, names in kinds.ranked(kind).items():
        if len(spelt) >= LEAST_SUFFIX and not spelt.isascii() and heading.endswith(spelt) and heading != spelt:
            best |= {name: max(best.get(name, 0), len(spelt)) for name in names}
    longest = max(best.values(), default=0)
    winners = [name for name, length in best.items() if length == longest]
    return {winners[0]: (SUFFIX - longest, 0.7)} if len(winners) == 1 else {}
