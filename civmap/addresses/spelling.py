"""What people write and type, brought to one form: width, case and signs; and how Chinese names sound.

Readings are those of pypinyin's table of single characters (MIT), loaded without its phrases, which cost a server
45 MB: in their place a character of place names with several readings is indexed under each of them (长 chang, zhang).
"""

import os
import re
import unicodedata
from functools import cache, lru_cache
from itertools import islice, product

SEVERAL = ("长重行乐朝车都会单曾解区查翟盖参传藏曲调角校觉率蒙模强沈省宿塔系厦兴载占转朴仇尉铺埔堡圩溪六番浒柏尾露"
           "落薄壳泊夹贾将济乾陆绿络磨屏期奇拓燕殷召折祭著")
"""Characters of names and addresses that are read in more than one way often enough to be typed so."""
FIRST = {"长": "chang", "行": "hang", "重": "chong", "都": "du", "厦": "xia", "六": "liu", "柏": "bai", "铺": "pu"}
"""What those are called in names more often than in the language at large."""
SPELLINGS = 6
LONGEST = 80
_SIGNS = re.compile(r"[^0-9a-z\u00c0-\u024f\u3400-\u9fff\U00020000-\U0003ffff]+")
_SIGNS_IN_LINE = re.compile(r"[^0-9a-z\n\u00c0-\u024f\u3400-\u9fff\U00020000-\U0003ffff]+")
_RUNS = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+|[^\u3400-\u9fff\U00020000-\U0003ffff]+")
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_TONES = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüḿńňǹ", "aaaaeeeeiiiioooouuuuvvvvvmnnn")


def plain(text: str) -> str:
    """Return a text in the form in which it is compared: half-width, lower case, any signs as one space."""
    return _SIGNS.sub(" ", _folded(text)).strip()


def plain_lines(lines: list[str]) -> str:
    """Return many texts in the form in which they are compared, one a line: much cheaper than one by one."""
    return _SIGNS_IN_LINE.sub(" ", _folded("\n".join(line.replace("\n", " ") for line in lines)))


def code(text: str) -> str:
    """Return a code in the form in which it is compared: half-width, lower case, without spaces; its signs stay."""
    return "".join(_folded(text).split())


def _folded(text: str) -> str:
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).casefold()


def has_han(text: str) -> bool:
    """Tell whether a text holds a Chinese character."""
    return _HAN.search(text) is not None


@cache
def _table() -> dict[int, str]:
    before = os.environ.get("PYPINYIN_NO_PHRASES")
    os.environ["PYPINYIN_NO_PHRASES"] = "true"
    try:
        from pypinyin.constants import PINYIN_DICT
    finally:
        if before is None:
            del os.environ["PYPINYIN_NO_PHRASES"]
        else:
            os.environ["PYPINYIN_NO_PHRASES"] = before
    return dict(PINYIN_DICT)


@lru_cache(maxsize=30_000)
def readings(sign: str) -> tuple[str, ...]:
    """Return how a character is read, without tones, the commonest first; the character itself where it is none."""
    told = _table().get(ord(sign), "") if _HAN.match(sign) else ""
    found = list(dict.fromkeys(part.translate(_TONES) for part in told.split(",") if part))
    if not found:
        return (sign,)
    if sign in SEVERAL:
        first = FIRST.get(sign, found[0])
        found = [first, *(part for part in found if part != first)]
    kept = found[:2] if sign in SEVERAL else found[:1]
    return tuple(dict.fromkeys([*kept, *(part.replace("v", "u") for part in kept if "v" in part)]))


def sounds(text: str) -> list[str]:
    """Return how a plain text may be typed by sound: its initials, then its whole pinyin, each in a few readings.

    A text without Chinese characters has none: it is found as it stands.
    """
    if not has_han(text):
        return []
    heard = [_heard(run) for run in _RUNS.findall(text[:LONGEST])]
    if len(heard) == 1:
        return [*heard[0][0], *heard[0][1]]
    return [*_joined([part[0] for part in heard]), *_joined([part[1] for part in heard])]


@lru_cache(maxsize=30_000)
def _heard(run: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the initials and the whole pinyin of a run of Chinese characters; another run stands for itself."""
    if not has_han(run):
        return (run,), (run,)
    heard = [readings(sign) for sign in run]
    return _spelled([tuple(dict.fromkeys(part[0] for part in parts)) for parts in heard]), _spelled(heard)


def _spelled(parts: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the commonest spelling first, then those that differ from it in one place, then in more."""
    common = [part[0] for part in parts]
    singles = ["".join([*common[:at], other, *common[at + 1:]])
               for at, part in enumerate(parts) for other in part[1:]]
    rest = ("".join(choice) for choice in product(*parts)) if len(singles) > 1 else ()
    return tuple(islice(dict.fromkeys(["".join(common), *singles, *islice(rest, 4 * SPELLINGS)]), SPELLINGS))


def _joined(parts: list[tuple[str, ...]]) -> list[str]:
    return list(dict.fromkeys("".join(choice) for choice in islice(product(*parts), SPELLINGS)))


def typed(text: str) -> str:
    """Return the whole pinyin of a plain text in its commonest reading: 解放lu is jiefanglu."""
    return "".join(readings(sign)[0] for sign in text)


def initials(text: str) -> str:
    """Return the initials of a plain text in its commonest reading: 解放lu is jflu."""
    return "".join(readings(sign)[0] if sign.isascii() else readings(sign)[0][0] for sign in text)
