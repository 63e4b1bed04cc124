"""Opening hours as people write them: 08:30-17:30, 周一至周五 9:00-12:00，14:00-17:00, Mo-Fr 08:00-18:00, 24小时.

Pure. Chinese and OpenStreetMap spellings, full-width signs, one rule behind the other; a later rule that names days
stands for these days instead of an earlier one; public holidays are not told from other days. What cannot be read
counts as always open, and is told.
"""

import re
import unicodedata
from functools import lru_cache

Window = tuple[float, float]
Week = tuple[tuple[Window, ...], ...]
DAY = 1440.0
ALWAYS: tuple[Window, ...] = ((0.0, DAY),)
ALL_DAYS, WORKDAYS, WEEKEND = frozenset(range(7)), frozenset(range(5)), frozenset((5, 6))

_DAYS = {"mo": 0, "tu": 1, "we": 2, "th": 3, "fr": 4, "sa": 5, "su": 6, "mon": 0, "tue": 1, "wed": 2, "thu": 3,
         "fri": 4, "sat": 5, "sun": 6, "一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "末": -1,
         "1": 0, "2": 1, "3": 2, "4": 3, "5": 4, "6": 5, "7": 6}
_GROUPS = (("工作日", WORKDAYS), ("平日", WORKDAYS), ("平时", WORKDAYS), ("双休日", WEEKEND), ("休息日", WEEKEND),
           ("每天", ALL_DAYS), ("每日", ALL_DAYS), ("全周", ALL_DAYS), ("全年", ALL_DAYS), ("天天", ALL_DAYS))
_ALWAYS = re.compile(r"24/7|24小时(?:开放|营业)?|24h(?:ours)?|全天(?:候)?(?:开放|营业)?|全日(?:开放|营业)?|昼夜|always"
                     r"|0?0:00-24:00|不限")
_CLOSED = re.compile(r"off|closed|休息|休馆|闭馆|不开放|停业|关闭|闭园|不营业|不对外|除外|以外")
_NAME = r"(?:周末|(?:星期|礼拜|周)[一二三四五六日天1-7]|mon?|tue?|wed?|thu?|fri?|sat?|sun?|[一二三四五六日天])"
_RANGE = re.compile(rf"({_NAME})(?:-({_NAME}))?")
_SPAN = re.compile(r"(?:(上午|下午|早上?|晚上?|中午|凌晨)?(\d{1,2})(?:[:.点时](\d{2}|半)?分?)?(am|pm)?)-"
                   r"(?:(上午|下午|次日|第二天|早上?|晚上?|中午|凌晨)?(\d{1,2})(?:[:.点时](\d{2}|半)?分?)?(am|pm)?)(\+)?")
_IGNORED = re.compile(r"\"[^\"]*\"|开放时间|营业时间|办公时间|服务时间|工作时间|对外|开放|营业|办公|时间"
                      r"|无休|不休|逢|每|hours|open(?:ing)?|[::]$")
_PUBLIC = re.compile(r"(?:逢|含|除)?(?:国家)?(?:法定)?(?:节假日|节日|公众假期)(?:期间)?(?:照常)?"
                     r"(?:休息|休馆|闭馆|不开放|不营业|开放|营业|除外)?"
                     r"|\b(?:ph|sh)(?:,(?:ph|sh))* (?:off|closed|[\d:,-]+)|,?\b(?:ph|sh)\b,?")
_LAST_ENTRY = re.compile(r"(?:最晚)?\d{1,2}:\d{2}(?:后|起)?停止(?:入场|入馆|进馆|进场|入园|售票|办理|接待)")
_OTHERS = re.compile(r"其余|其他|其它")
_AFTERNOON = ("下午", "晚", "晚上")


def windows(text: str | None, weekday: int) -> tuple[tuple[Window, ...], bool]:
    """Return when a place is open on a weekday (0 is Monday), and whether its hours could be read.

    Windows are minutes of the day, in order, none touching; () means always, also where nothing could be read. A day on
    which the place is closed is one window without length, in which no visit fits.
    """
    week = read(text or "")
    if week is None:
        return (), False
    found = week[weekday]
    if found == ALWAYS:
        return (), True
    return found or ((0.0, 0.0),), True


@lru_cache(maxsize=4096)
def read(text: str) -> Week | None:
    """Return the windows of each weekday, None where the text cannot be read; an empty text means always."""
    written = _plain(text)
    if not written:
        return (ALWAYS,) * 7
    days: list[tuple[Window, ...] | None] = [None] * 7
    last, is_closed = ALL_DAYS, False
    for part in _parts(written):
        others = frozenset(day for day in range(7) if days[day] is None)
        is_rest = _OTHERS.search(part) is not None or (is_closed and not _named(part)[0])
        rule = _rule(_OTHERS.sub("", part), last)
        if rule is None:
            return None
        named, open_, is_more = (others, rule[1], False) if is_rest else rule
        for day in named:
            days[day] = _merged((*(days[day] or ()), *open_)) if is_more else open_
        last, is_closed = named, not open_
    rest = () if any(days) else ALWAYS  # who only names days of rest is open on the others
    return _over_midnight([rest if one is None else one for one in days])


def _plain(text: str) -> str:
    """Return the text in half-width small letters with one sign for each meaning."""
    found = unicodedata.normalize("NFKC", text).lower().strip()
    found = re.sub(r"[至到~∼〜—–‐−─﹣_]+|--+", "-", found)
    found = found.replace("：", ":").replace("；", ";").replace("。", ";").replace("，", ",").replace("、", ",")
    found = re.sub(r"[\n\r|()]+", ";", found)
    found = _PUBLIC.sub(" ", _LAST_ENTRY.sub(" ", found))
    found = _OTHERS.sub(r";\g<0>", _CLOSED.sub(r"\g<0>;", found))
    return re.sub(r"\s*([-,;:])\s*", r"\1", re.sub(r"\s+", " ", found)).strip(" ;,")


def _parts(text: str) -> list[str]:
    """Return the rules: apart by semicolons, and by commas or spaces where a new day is named behind times."""
    found: list[str] = []
    for part in text.split(";"):
        begun = 0
        for name in _RANGE.finditer(part):
            before = part[begun:name.start()]
            if (_SPAN.search(before) or _CLOSED.search(before) or _ALWAYS.search(before)) and _is_name(part, name):
                found.append(before)
                begun = name.start()
        found.append(part[begun:])
    return [one.strip(" ,") for one in found if one.strip(" ,")]


def _is_name(part: str, name: re.Match[str]) -> bool:
    """Tell whether a match names a day: a lone Chinese figure does so only behind another day."""
    text = name.group(1)
    return len(text) > 1 or part[name.start() - 1:name.start()] in ",-"


def _rule(part: str, last: frozenset[int]) -> tuple[frozenset[int], tuple[Window, ...], bool] | None:
    """Return days, windows, and whether these come in addition; None where the rule cannot be read."""
    named, rest = _named(part)
    is_always = _ALWAYS.search(rest)
    if _CLOSED.search(rest) and not _SPAN.search(rest):
        return (named or ALL_DAYS), (), False
    if is_always and not _SPAN.search(_ALWAYS.sub("", rest)):
        return None if _left(_ALWAYS.sub("", rest)) else (named or ALL_DAYS, ALWAYS, False)
    spans = [_window(span) for span in _SPAN.finditer(rest)]
    if not spans or None in spans or _left(_SPAN.sub("", rest)):
        return None
    return named or last, _merged(tuple(span for span in spans if span)), not named


def _named(part: str) -> tuple[frozenset[int], str]:
    """Return the days that a rule names, and what is left of it."""
    days: set[int] = set()
    for word, group in _GROUPS:
        if word in part:
            days |= group
            part = part.replace(word, " ")
    rest, at = [], 0
    for name in _RANGE.finditer(part):
        if name.group(1) in ("一", "二", "三", "四", "五", "六", "日", "天") and not days:
            continue
        first, end = _day(name.group(1)), _day(name.group(2)) if name.group(2) else None
        days |= _run(first, end)
        rest.append(part[at:name.start()])
        at = name.end()
    rest.append(part[at:])
    return frozenset(days), "".join(rest)


def _day(text: str) -> int:
    return _DAYS.get(text, _DAYS.get(text[:2], _DAYS.get(text[-1], -1)))


def _run(first: int, last: int | None) -> frozenset[int]:
    if first < 0:
        return WEEKEND
    if last is None:
        return frozenset((first,))
    return frozenset((first + step) % 7 for step in range((last - first) % 7 + 1)) if last >= 0 else \
        frozenset(range(first, 7))


def _window(span: re.Match[str]) -> Window | None:
    begins = _minute(span[1], span[2], span[3], span[4])
    ends = _minute(span[5] or span[1] if span[5] not in ("次日", "第二天") else None, span[6], span[7], span[8])
    if begins is None or ends is None or begins >= DAY:
        return None
    if ends <= begins:
        ends += DAY
    return begins, ends


def _minute(word: str | None, hour: str, minute: str | None, half: str | None) -> float | None:
    value = int(hour) * 60 + (30 if minute == "半" else int(minute or 0))
    if (word in _AFTERNOON or half == "pm") and int(hour) < 12:
        value += 720
    return float(value) if value <= 2 * DAY - 720 and (minute in (None, "半") or int(minute) < 60) else None


def _left(text: str) -> str:
    """Return what of a rule means nothing to us."""
    return re.sub(r"[\s,:.+]", "", _IGNORED.sub("", text))


def _merged(some: tuple[Window, ...]) -> tuple[Window, ...]:
    found: list[Window] = []
    for begins, ends in sorted(some):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return tuple(found)


def _over_midnight(days: list[tuple[Window, ...]]) -> Week:
    """Return the week in which what lasts past midnight also opens the next day."""
    found = []
    for day in range(7):
        early = tuple((0.0, ends - DAY) for _begins, ends in days[day - 1] if ends > DAY)
        found.append(_merged((*early, *((begins, min(ends, DAY)) for begins, ends in days[day]))))
    return tuple(found)
