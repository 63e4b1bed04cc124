"""Several things in one cell: numbered issues, a main unit with those that assist, several telephones, several people.

Pure. Prose is never cut: only marks that count (1. 2. / ① ② / (1) (2) / 一、二、) from their first one on, or lines
that are whole sentences of their own.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any

CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
BRACKETED = "⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇"
DOTTED = "⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛"
NEGATIVE = "❶❷❸❹❺❻❼❽❾❿"
_SIGNS = (CIRCLED, BRACKETED, DOTTED, NEGATIVE)
MOST = 60
_UNITS = "一二三四五六七八九"
_CHINESE = {name: number for number, name in enumerate(
    [*_UNITS, "十", *(f"十{one}" for one in _UNITS), "二十"], start=1)}
_C = "(?P<c>[一二三四五六七八九十]{1,3})"
_START = r"(?:^|(?<=[\n\r;；。.!！?？,，:：）)\]】\s]))\s*"
_GROUPS = (
    re.compile(rf"{_START}{_C}\s*[、.．]\s*"),
    re.compile(rf"{_START}[(（]\s*{_C}\s*[)）][、.]?\s*"),
    re.compile(rf"{_START}第{_C}[,，、:：]\s*"),
    re.compile(rf"{_START}其?{_C}(?:是|[:：])\s*"),
)
_MARKS = (
    *_GROUPS,
    re.compile(rf"(?P<s>[{CIRCLED}{BRACKETED}{DOTTED}{NEGATIVE}])[.、]?\s*"),
    re.compile(_START + r"(?P<n>\d{1,2})\s*[.．](?:(?!\d)|(?=\d+\s*[#＃号栋]))\s*"),
    re.compile(_START + r"(?P<n>\d{1,2})\s*、\s*"),
    re.compile(_START + r"[(（]\s*(?P<n>\d{1,2})\s*[)）][.、]?\s*"),
    re.compile(_START + r"(?P<n>\d{1,2})\s*[)）]\s*"),
    re.compile(_START + r"问题\s*(?P<n>\d{1,2})\s*[:：.、]\s*"),
)
_MAY_LIST = re.compile(rf"[\n\r\d{CIRCLED}{BRACKETED}{DOTTED}{NEGATIVE}]|[一二][、.．)）是:：,，]")
_SINGLE = re.compile(r"\s*(?:[(（]?\s*1\s*[)）]|1\s*[.．、])\s*(?![\d\s-])")
_IDLE_HEAD = re.compile(r"(?:发现|存在|问题|如下|以下|检查|督查|隐患|主要|其中)[^。；;]*[:：。]?$")
_STRONG = ";；。\n\r"
_TRAIL = " \t\r\n\u3000;；。,，、"
_SENTENCE_END = re.compile(r"[;；。!！?？]\s*$")
_ROLES = (
    ("main", re.compile(r"^(?:牵头|主办|主责|责任|主要责任|第一责任|整改|承办)(?:单位|部门)?\s*[:：]\s*")),
    ("assist", re.compile(r"^(?:配合|协办|协助|协同|参与|会同)(?:单位|部门)?\s*[:：]?\s*")),
)
_BEHIND = re.compile(r"[(（]\s*(?P<role>牵头|主办|主责|责任|主|配合|协办|协助|协同|参与)(?:单位|部门)?\s*[)）]\s*$")
_INLINE_ROLE = re.compile(
    r"[\s;；,，、。]+(?=(?:牵头|主办|主责|配合|协办|协助|协同|参与|会同)(?:单位|部门)?\s*[:：])")
_UNIT_CUT = re.compile(r"[、,，;；/／\n\r|]+|\s+|\s*(?:\+|＋|&|＆)\s*")
_OFFICE = re.compile(r"(?:局|委|办|街道|街道办|办事处|镇|乡|镇政府|乡政府|管委会|指挥部|支队|大队)$")
_PHONE = re.compile(
    r"(?:\+?86[- ]?)?1[3-9]\d(?:[ -]?\d{4}){2}|0\d{2,3}[-— )）]?\s?\d{7,8}(?:[-转]\d{1,6})?|\d{3}\*{4}\d{4}"
    r"|(?<!\d)[2-8]\d{6,7}(?!\d)|(?<!\d)(?:95|12|10)\d{3}(?!\d)|400[- ]?\d{3}[- ]?\d{4}")
_PEOPLE_CUT = re.compile(r"[、,，;；/／\n\r|]+|(?<=[\u4e00-\u9fff]{2})\s+(?=[\u4e00-\u9fff]{2})")


def issues(text: str) -> list[str]:
    """Return the issues that a description lists; one, as it is, where it lists none."""
    text = text.strip()
    if not _MAY_LIST.search(text):
        return [_tidy(text) or text]
    for mark in _MARKS:
        if found := _listed(text, mark):
            head, listed = found
            inner = [finer for part in listed for finer in (_inner(part) if mark in _GROUPS else [part])]
            if head and not _IDLE_HEAD.search(head):
                inner = [f"{head}：{part}" for part in inner]
            return inner[:MOST]
    if single := _SINGLE.match(text):
        text = text[single.end():]
    return _lines(text)


def _inner(part: str) -> list[str]:
    """Return the issues under one heading of a list; a single numbered one still belongs to its heading."""
    head, mark, rest = part.partition("\n")
    single = _SINGLE.match(rest)
    if mark and single and len(found := issues(rest)) == 1:
        return [f"{_tidy(head)}：{found[0]}"]
    return issues(part)


def _listed(text: str, mark: re.Pattern[str]) -> tuple[str, list[str]] | None:
    """Return what stands before the first mark and the parts, where marks count up from 1; None where they do not."""
    starts: list[tuple[int, int]] = []
    last = 0
    for found in mark.finditer(text):
        number, before = _number(found), text[:found.start()].rstrip(" \t\u3000")[-1:] or "\n"
        is_strong = before in _STRONG or "\n" in found[0]
        if number == last + 1 or (last and is_strong and number in (last, last + 2)) or (number == 1 and last > 1):
            starts.append((found.start(), found.end()))
            last = number
    if len(starts) < 2:
        return None
    ends = [start for start, _ in starts[1:]] + [len(text)]
    listed = [_tidy(text[begin:end]) for (_, begin), end in zip(starts, ends, strict=True)]
    if not all(listed[:2]):
        return None
    return _tidy(text[:starts[0][0]].rstrip(":：")), [part for part in listed if part]


def _number(found: re.Match[str]) -> int:
    told = found.groupdict()
    if told.get("n"):
        return int(told["n"])
    if told.get("s"):
        return next(signs.index(told["s"]) + 1 for signs in _SIGNS if told["s"] in signs)
    return _CHINESE.get(told["c"] or "", 0)


def _tidy(part: str) -> str:
    return part.strip(_TRAIL)


def _lines(text: str) -> list[str]:
    """Cut at line breaks where every line is a sentence of its own: it ends like one, or all are short remarks."""
    lines = [line.strip() for line in re.split(r"[\n\r]+", text) if line.strip()]
    if len(lines) < 2:
        return [_tidy(text) or text]
    ended = sum(bool(_SENTENCE_END.search(line)) for line in lines[:-1]) == len(lines) - 1
    bulleted = all(re.match(r"[-•·●■◆▪*＊○]\s*", line) for line in lines)
    short = all(4 <= len(line) <= 40 and not re.search(r"[,，、(（]$", line) for line in lines)
    if not (ended or bulleted or short):
        return [_tidy(re.sub(r"\s*[\n\r]+\s*", "", text))]
    return [_tidy(re.sub(r"^[-•·●■◆▪*＊○]\s*", "", line)) for line in lines][:MOST]


def units(text: str, known: Callable[[str], bool] = lambda name: False) -> tuple[str, list[str]]:
    """Return the main unit of a cell and those that assist; the whole is one unit where it is a known one's name."""
    whole = re.sub(r"[\n\r]+", "\n", text).strip(_TRAIL)
    if known(whole):
        return whole, []
    main: list[str] = []
    assisting: list[str] = []
    for piece in _INLINE_ROLE.split(whole):
        role, rest = _role(piece.strip(_TRAIL))
        for name in [rest] if known(rest) else _unit_names(rest, known):
            behind = _BEHIND.search(name)
            bare = _BEHIND.sub("", name).strip(_TRAIL)
            own = ("main" if behind["role"] in ("牵头", "主办", "主责", "责任", "主") else "assist") if behind else role
            (assisting if own == "assist" else main).append(bare)
    ordered = list(dict.fromkeys(name for name in (*main, *assisting) if name))
    return (ordered[0], ordered[1:]) if ordered else (whole, [])


def _role(piece: str) -> tuple[str, str]:
    for role, pattern in _ROLES:
        if pattern.match(piece):
            return role, pattern.sub("", piece, count=1)
    return "", piece


def _unit_names(text: str, known: Callable[[str], bool]) -> list[str]:
    """Cut at the marks between units; neighbours that together are a known unit's name stay together."""
    cuts = _unit_cuts(text)
    names: list[str] = []
    begin = 0
    for at, (start, end) in enumerate(cuts):
        if start < begin:
            continue
        stops = [stop for stop, _ in reversed(cuts[at + 1:])]
        if any(known(text[begin:stop].strip(_TRAIL)) for stop in (len(text), *stops)):
            continue
        names.append(text[begin:start].strip(_TRAIL))
        begin = end
    names.append(text[begin:].strip(_TRAIL))
    return [name for name in names if name]


def _unit_cuts(text: str) -> list[tuple[int, int]]:
    """Return where units stand apart: never inside brackets, and at spaces only between names of offices."""
    cuts = []
    for found in _UNIT_CUT.finditer(text):
        before = text[:found.start()]
        if before.count("(") + before.count("（") > before.count(")") + before.count("）"):
            continue
        if found[0].isspace() and "\n" not in found[0] and not _OFFICE.search(before):
            continue
        cuts.append((found.start(), found.end()))
    return cuts


def phones(text: str) -> list[str]:
    """Return the telephone numbers in a cell, as they are written; the cell itself where none is recognised."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return list(dict.fromkeys(found[0].strip() for found in _PHONE.finditer(plain))) or ([plain] if plain else [])


def people(text: str) -> list[str]:
    """Return the people named in a cell."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return [name.strip() for name in _PEOPLE_CUT.split(plain) if name.strip()]


def parts(kind: str, values: Mapping[str, Any], known: Callable[[str], bool] = lambda name: False
          ) -> list[dict[str, Any]]:
    """Return the things of one row: several issues where a description lists them, else the row alone.

    Several units in a cell become the first as `unit`, the others in `assisting`.
    """
    told = dict(values)
    if kind in ("issues", "points", "zones", "segments") and isinstance(told.get("unit"), str):
        told["unit"], others = units(told["unit"], known)
        if kind == "issues" and (others or told.get("assisting")):
            told["assisting"] = _joined([*others, *_names(told.get("assisting"), known)])
    if kind != "issues" or not isinstance(told.get("description"), str):
        return [told]
    return [{**told, "description": one} for one in issues(told["description"])]


def _names(cell: Any, known: Callable[[str], bool]) -> list[str]:
    if isinstance(cell, list):
        return cell
    if not isinstance(cell, str) or not cell.strip():
        return []
    first, rest = units(cell, known)
    return [first, *rest]


def _joined(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
