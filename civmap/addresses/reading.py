"""A written address taken apart: what bounds it, which number it names, how far beside the named place it means."""

import re
from typing import NamedTuple

from civmap.segments.written import folded

POINTS_OF_COMPASS = {"东北": (0.7071, 0.7071), "东南": (0.7071, -0.7071), "西北": (-0.7071, 0.7071),
                     "西南": (-0.7071, -0.7071), "东": (1.0, 0.0), "西": (-1.0, 0.0), "南": (0.0, -1.0),
                     "北": (0.0, 1.0)}
COMPASS = "(?:东北|东南|西北|西南|东|西|南|北)"
_SHIFT = re.compile(rf"(?:以|往|向|偏|正|靠)?({COMPASS})(?:侧|边|面|方向|方|约|行|走)*"
                    r"(\d{1,4}(?:\.\d+)?)(?:余|多)?(?:米|m\b)")
_AWAY = re.compile(r"(\d{1,4})(?:余|多)?(?:米|m\b)")
_SIDE = re.compile(rf"(?:以|靠|偏)?({COMPASS})(?:侧|边|面|端|头|段|角|首)")
_BESIDE = (("对面", "across", 25.0), ("对过", "across", 25.0), ("斜对", "across", 40.0), ("附近", "", 80.0),
           ("周边", "", 80.0), ("一带", "", 120.0), ("旁", "", 25.0), ("隔壁", "", 25.0), ("边上", "", 25.0),
           ("背后", "", 50.0), ("后面", "", 50.0), ("后门", "", 50.0), ("内", "", 0.0))
SIDE_M, SIDE_REACH_M = 15.0, 25.0
_NUMBER = re.compile(r"(?:\([^()]*\)?)?第?(\d{1,5})(?:[-/、,.之至~]\d{1,5})*"
                     r"(号|弄|#|支弄|巷|附|栋|幢|(?=$|[(,;:]))")
_HAN_NUMBER = re.compile(r"([一二三四五六七八九十百千零〇两]{1,7})(?=号|弄)")
_DIGITS = {sign: number for number, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_DIVISION = re.compile(
    r"^(?:(?:中国|中华人民共和国)"
    r"|[\u4e00-\u9fff]{2,3}省|[\u4e00-\u9fff]{2,8}?自治[区州县]"
    r"|(?:北京|上海|天津|重庆)市?(?=[\u4e00-\u9fff]{1,4}区)"
    r"|[\u4e00-\u9fff]{2,4}?市(?!场|民|政|口|府|桥|委)"
    r"|[\u4e00-\u9fff]{1,4}?(?<![小园社校厂景院库山城矿])区(?!委|政|府|人民)|[\u4e00-\u9fff]{1,3}?县(?!前|府|后|委|政)"
    r"|[\u4e00-\u9fff]{2,6}?街道(?!办)|[\u4e00-\u9fff]{1,5}?[镇乡](?!政|人)"
    r"|[\u4e00-\u9fff]{2,6}?(?:社区|居委会|村委会)(?!卫|服|医|党|活)|(?:辖区|境内|范围内|位于|地处|地址[:：]?))")
_ROAD = re.compile(r"^([\u4e00-\u9fff]{1,9}?(?:大道|大街|胡同|公路|马路|路|街|巷|弄|道|里))"
                   r"(?=第?\d{1,5}(?:[-/、之至~]\d+)*(?:号|弄|$))")
JUNCTION = ("(?:交叉路口|十字路口|丁字路口|交叉口|交汇处|交汇口|交界处|交叉处|路口|口|交接处|交会处|相交处"
            "|转角|拐角)")
_JUNCTION = re.compile(f"^的?{JUNCTION}")


class Aside(NamedTuple):
    """How a text goes on behind the place it names: metres to the east and north, across the street, how far off."""

    east_m: float = 0.0
    north_m: float = 0.0
    is_across: bool = False
    reach_m: float = 0.0
    is_told: bool = False
    words: str = ""


class Head(NamedTuple):
    """A text without the divisions it begins with."""

    divisions: tuple[str, ...]
    rest: str
    at: int


def read(text: str) -> str:
    """Return a text as addresses are compared: plain widths, no spaces, Chinese house numbers as digits."""
    plain = folded(text)
    return _HAN_NUMBER.sub(lambda found: str(_number(found[1])), plain)


def _number(words: str) -> int:
    if not any(sign in _TENS for sign in words):
        return int("".join(str(_DIGITS[sign]) for sign in words))
    total, digit = 0, 0
    for sign in words:
        if sign in _TENS:
            total, digit = total + max(digit, 1) * _TENS[sign], 0
        else:
            digit = _DIGITS[sign]
    return total + digit


def head(text: str, most: int) -> Head:
    """Take divisions off the beginning of a text, none of them beyond `most` (where a street's name begins)."""
    found, at = [], 0
    while at < most and (part := _DIVISION.match(text[at:])):
        if at + part.end() > most or (at + part.end() == len(text)):
            break
        found.append(part[0])
        at += part.end()
        while at < len(text) and text[at] in ",;:-·":
            at += 1
    return Head(tuple(found), text[at:], at)


def number_after(text: str) -> tuple[int, int, bool] | None:
    """Return the house number that a text begins with, where it ends, and whether a sign (号) says that it is one."""
    found = _NUMBER.match(text)
    if not found or not int(found[1]):
        return None
    return int(found[1]), found.end(), bool(found[2])


def street_before_number(text: str) -> str | None:
    """Return the street that a text begins with where a house number follows: 凤阳路 of 凤阳路415号."""
    found = _ROAD.match(text)
    return found[1] if found and len(found[1]) > 1 else None


def is_junction(text: str) -> bool:
    """Tell whether a text goes on with the word for a crossing."""
    return _JUNCTION.match(text) is not None


def aside(text: str) -> Aside:
    """Return what the rest of a text says of the way from the named place: 以北50米, 对面, 东侧, 附近."""
    east, north, reach, is_told = 0.0, 0.0, 0.0, False
    bare = text
    for direction, metres in _SHIFT.findall(text):
        along = POINTS_OF_COMPASS[direction]
        size = float(metres)
        east, north, reach, is_told = east + along[0] * size, north + along[1] * size, reach + 20 + 0.3 * size, True
    bare = _SHIFT.sub("", bare)
    if not is_told and (away := _AWAY.search(bare)):
        reach, is_told = reach + float(away[1]) + 20, True
    if not is_told and (side := _SIDE.search(bare)):
        along = POINTS_OF_COMPASS[side[1]]
        east, north, reach, is_told = along[0] * SIDE_M, along[1] * SIDE_M, SIDE_REACH_M, True
    is_across = False
    for word, sort, more in _BESIDE:
        if word in bare:
            reach, is_told, is_across = reach + more, True, is_across or sort == "across"
            break
    words = "".join(found[0] for found in _SHIFT.finditer(text))
    return Aside(east, north, is_across, reach, is_told, words)
