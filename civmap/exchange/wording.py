"""What offices write where a word of a dictionary belongs, and which class of issue a description speaks of.

The words lie in `geodata/dictionaries/cell_words.csv` and `class_words.csv`, so that a city adds its own. Nothing is
guessed silently: what means two things is refused with both.
"""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

from civmap import dictionaries
from civmap.dictionaries.finding import folded
from civmap.dictionaries.reading import bars, rows
from civmap.errors import Invalid

_PIECES = re.compile(r"[;；|｜/／、,，>＞\\]+")
_SAID_BEHIND = re.compile(r"[(（:：,，。;；\s].*$", re.DOTALL)
_ZONE = re.compile(r"(?:中央(?:子午线|经线)|CM|L0)\D{0,3}(\d{2,3})|(?:EPSG:?\s*)(\d{4,5})", re.IGNORECASE)
_NO_ISSUE = re.compile(
    r"(?:经?检查)?(?:暂?无|暂?未(?:发现|见)?|没有|正常|达标|良好|合格|优秀|符合要求)(?:明显|其他|任何|异常)*"
    r"(?:问题|异常|情况)?|[-—/\\]+|n/?a|none|无扣分", re.IGNORECASE)
WHOLE_BONUS = 1.0


@cache
def _words(sort: str) -> dict[str, str]:
    return {folded(word): row["code"] for row in rows("cell_words") if row["sort"] == sort
            for word in bars(row["words"])}


def _plain(text: str) -> str:
    return folded(text).strip("。.!！;；,，、-_ ")


def state(text: str) -> str:
    """Return the state of an issue that a cell means (√, 已整改（7月5日）); raise Invalid for an unknown one."""
    known = _words("state")
    for written in (_plain(text), _plain(_SAID_BEHIND.sub("", text.strip()))):
        if written in known:
            return known[written]
        try:
            return dictionaries.issue_state(written).code if written else ""
        except Invalid:
            continue
    return dictionaries.issue_state(text[:60]).code


def flag(text: str) -> bool:
    """Return yes or no; raise Invalid for anything else."""
    word = _words("flag").get(_plain(text))
    if word is None:
        raise Invalid("flag_expected", value=text[:40])
    return word == "yes"


def severity(text: str) -> str:
    """Return minor, general, serious or grave; raise Invalid for anything else."""
    word = _words("severity").get(_plain(text))
    if word is None:
        raise Invalid("severity_unknown", value=text[:40], near=("一般", "较重", "严重"))
    return word


def side(text: str) -> str:
    """Return which side of the road is meant; raise Invalid for anything else."""
    word = _words("side").get(_plain(text))
    if word is None:
        raise Invalid("side_unknown", value=text[:40])
    return word


def system(text: str) -> str | None:
    """Return the coordinate system that a cell or a heading names (高德, CGCS2000 3度带 中央经线120), or None."""
    plain = unicodedata.normalize("NFKC", text).casefold().strip()
    said = _ZONE.search(plain)
    if said and said[2] and said[2] not in ("4326", "4490"):
        return f"EPSG:{said[2]}"
    known = _words("system")
    if folded(plain) in known:
        return known[folded(plain)]
    found = {code for word, code in known.items() if len(word) > 2 - (not word.isascii()) and word in folded(plain)
             and not (word.isdigit() and re.search(rf"\d{word}|{word}\d", plain))}
    return found.pop() if len(found) == 1 else None


def point_type(text: str) -> Any:
    """Return the point type that a name, or the path of a map's catalogue, means; raise Invalid where it is two."""
    try:
        return dictionaries.point_type(text)
    except Invalid as unknown:
        found = {}
        for piece in _PIECES.split(text):
            try:
                entry = dictionaries.point_type(piece)
            except Invalid:
                continue
            found[entry.code] = entry
        if len(found) == 1:
            return next(iter(found.values()))
        if found:
            raise Invalid("unknown_point_type", value=text,
                          near=tuple(entry.name_zh for entry in found.values())) from unknown
        raise


def issue_class(text: str) -> Any:
    """Return the class of issue that a code or a name means, also the last of 市容环境/暴露垃圾; raise Invalid."""
    try:
        return dictionaries.issue_class(text)
    except Invalid:
        pieces = [piece.strip() for piece in _PIECES.split(text) if piece.strip()]
        if len(pieces) < 2:
            raise
        return dictionaries.issue_class(pieces[-1])


def road_class(text: str) -> Any:
    """Return the road class that a name means, with or without 等级 or 道路 behind it; raise Invalid."""
    try:
        return dictionaries.road_class(text)
    except Invalid:
        return dictionaries.road_class(re.sub(r"(?:等级|级别|类型)$", "", text.strip()))


@cache
def _class_words() -> tuple[tuple[str, tuple[str, ...], float], ...]:
    """Return (class, parts that must all occur, weight) of every key word, names and aliases of classes among them."""
    found: dict[tuple[str, tuple[str, ...]], float] = {}
    for entry in dictionaries.issue_classes().values():
        for name in (entry.name_zh, *entry.aliases, *re.split(r"[/、]", entry.name_zh)):
            if len(name) > 1 and entry.code != "X2199":
                found[entry.code, (_bare(name),)] = len(name) + WHOLE_BONUS
    for row in rows("class_words"):
        for word in bars(row["words"]):
            parts = tuple(_bare(part) for part in word.split("+"))
            found[row["class"], parts] = sum(map(len, parts)) + (WHOLE_BONUS if len(parts) == 1 else 0.5)
    return tuple((code, parts, weight) for (code, parts), weight in found.items())


def _bare(text: str) -> str:
    bare = re.sub(r"[\s“”\"'‘’（）()【】\[\]、，,。;；:：]+", "", unicodedata.normalize("NFKC", text).casefold())
    return bare.replace("非机动车", "非动车")  # no motor vehicle, whatever stands behind it


@lru_cache(maxsize=50_000)
def class_candidates(description: str) -> tuple[str, ...]:
    """Return the classes that a description may be, those whose words fit it best; several where they fit alike."""
    text = _bare(description)
    best: dict[str, float] = {}
    for code, parts, weight in _class_words():
        if weight > best.get(code, 0) and all(part in text for part in parts):
            best[code] = weight
    if not best:
        return ()
    most = max(best.values())
    return tuple(code for code, weight in best.items() if weight >= most - 0.25)


def tells_no_issue(description: str) -> bool:
    """Tell whether a description says that nothing was found (无, 未发现问题, /)."""
    return bool(_NO_ISSUE.fullmatch(unicodedata.normalize("NFKC", description).strip(" 。.!！\n\r\t\u3000")))


def class_of(description: str) -> str:
    """Return the class of issue whose words a description holds; raise Invalid where none or several fit."""
    found = class_candidates(description)
    if len(found) == 1:
        return found[0]
    known = dictionaries.issue_classes()
    names = tuple(known[code].name_zh for code in found[:4])
    raise Invalid("class_doubtful" if found else "class_unclear", field="class", value=description[:60], near=names,
                  known=list(names))
