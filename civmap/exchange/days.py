"""Days and moments as offices write them: with or without a year, in figures or characters, or as a limit.

Pure. A day without a year takes the one that its table tells (`Hints`): its neighbours, its title; without either it
is refused with what it would be. What is only a month, or a span, is told by `Told.note`.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from civmap import clock
from civmap.errors import Invalid

REMEMBERED = 20_000
EXCEL_EPOCH = date(1899, 12, 30)
SERIALS, TEXT_SERIALS = (20_000, 80_000), (36_526, 55_000)
MONTH_ONLY, SPAN = "day_month_only", "day_span"
_FIGURES = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1)}
_FORMS = tuple(re.compile(form) for form in (
    r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?!\d)",
    r"(?P<y>\d{4}|\d{2})\s*[年./-]\s*(?P<m>\d{1,2})\s*[月./-]\s*(?P<d>\d{1,2})(?![\d年])\s*[日号]?",
    r"(?P<us>\d{1,2}/\d{1,2})/(?P<y>\d{4})",
    r"(?P<d>\d{1,2})\s*(?P<w>[a-z]{3})[a-z]*\.?,?\s*(?P<y>\d{4})",
    r"(?P<w>[a-z]{3})[a-z]*\.?\s*(?P<d>\d{1,2}),?\s*(?P<y>\d{4})",
    r"(?P<m>\d{1,2})\s*[月./-]\s*(?P<d>\d{1,2})(?![\d年.])\s*[日号]?"))
_MONTH = re.compile(r"(?:(?P<y>\d{4})\s*[年./-]\s*)(?P<m>\d{1,2})\s*月?(?:份)?"
                    r"|(?P<y6>20\d{2})(?P<m6>0[1-9]|1[0-2])|(?P<m1>\d{1,2})月(?:份)?")
_CLOCK = re.compile(r"(?:t|\s|,)*(?P<half>上午|下午|中午|晚上?|早上?|凌晨|am|pm)?\s*(?P<h>\d{1,2})\s*(?:[:时点])\s*"
                    r"(?:(?P<i>\d{1,2})\s*(?:[:分])?\s*(?:(?P<s>\d{1,2})(?:\.\d+)?\s*秒?)?|(?P<part>半|整))?\s*"
                    r"(?P<after>am|pm)?\s*(?:左右|许)?")
_REST = re.compile(r"[\s(]*(?:周|星期)[一二三四五六日天][)\s]*")
_BEFORE = re.compile(r"(?:之?前|以前|内|止|完成|前?整改(?:完成|到位)|起|前完成|开始|截止|左右)+[。.]?$")
_TO = re.compile(r"\s*(?:-+|—+|~+|至|到)\s*")
_LIMIT = re.compile(r"(?:限|限期|于|在|要求|收到(?:交办)?后|交办后|接单后)?\s*(?P<n>\d+|半)\s*"
                    r"(?P<u>个?工作日|个?自然日|日|天|个?小时|h|个?工作小时|周|个?星期|个?月)"
                    r"(?:之?内|以内|完成|内完成|内整改(?:完成|到位)?|整改完成)?")
_TODAY = frozenset((
    "当日", "当天", "即日", "立即", "立即整改", "立行立改", "马上", "即时", "即刻", "现场整改", "当场", "当日完成",
    "当天完成", "当日内", "当天内", "即知即改", "立查立改", "即整即改"))
_COUNTED = re.compile(r"[〇零一二三四五六七八九十]{1,3}(?=\s*(?:月|日|号|时|点|分|天|个|周|小时|工作))")


@dataclass(frozen=True, slots=True)
class Hints:
    """What a table tells of days without a year: the year and month of its title, the days of its neighbours, now."""

    year: int | None = None
    month: int | None = None
    now: datetime | None = None
    first: date | None = None
    last: date | None = None


class Told(NamedTuple):
    """A day as read, the time where one is written, and a note where it is only a month or a span."""

    on: date
    at: time | None = None
    note: str | None = None
    until: date | None = None

    def moment(self, *, is_end: bool = False) -> datetime:
        """Return the moment in UTC: the written time in the office, else the day's first second, or its last one."""
        on = (self.until or self.on) if is_end else self.on
        at = self.at or (time(23, 59, 59) if is_end else time(0))
        return datetime.combine(on, at, clock.OFFICE_ZONE).astimezone(clock.UTC)


class Relative(NamedTuple):
    """A limit that counts from another day: how many of which unit (calendar_day, work_day, hour, month)."""

    count: float
    unit: str


NOTHING = Hints()


def plain(cell: Any) -> str:
    """Return a text in plain widths, lower case, with figures in place of Chinese characters for numbers."""
    text = unicodedata.normalize("NFKC", str(cell)).casefold().strip().strip("\u200b\ufeff")
    return text if text.isascii() else _figures(re.sub(r"[–—―－‐]+", "-", text))


def _figures(text: str) -> str:
    """Write 二〇二四年七月十四日 in figures; nothing but numbers beside 年月日时分 is touched."""
    text = re.sub(r"[〇零○一二三四五六七八九]{2,}(?=年)", lambda found: found[0].translate(_FIGURES), text)

    def number(found: re.Match[str]) -> str:
        tens, has_ten, ones = found[0].partition("十")
        if not has_ten:
            return tens.translate(_FIGURES)
        return str(int((tens or "一").translate(_FIGURES)) * 10 + int((ones or "〇").translate(_FIGURES)))
    return _COUNTED.sub(number, text).replace("两", "2")


def read(cell: Any, hints: Hints = NOTHING, *, after: date | None = None) -> Told:
    """Return the day that a cell tells; raise Invalid `day_unreadable`, `day_without_year` or `day_doubtful`.

    `after` is a day that a day without year does not lie before: the report of the same row.
    """
    if isinstance(cell, datetime):
        local = cell.astimezone(clock.OFFICE_ZONE) if cell.tzinfo else cell
        return Told(local.date(), local.time() if local.time() != time(0) else None)
    if isinstance(cell, date):
        return Told(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _number(cell, hints, after)
    return _written(str(cell), hints, after)


@lru_cache(maxsize=REMEMBERED)
def _written(cell: str, hints: Hints, after: date | None) -> Told:
    text = _REST.sub(" ", plain(cell)).strip()
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text) and TEXT_SERIALS[0] <= float(text) < TEXT_SERIALS[1]:
        return _number(float(text), hints, after)
    span = _span(text, hints, after, cell)
    return span or _one(_BEFORE.sub("", text).strip(), hints, after, cell)


def _number(cell: float, hints: Hints, after: date | None) -> Told:
    if SERIALS[0] <= cell < SERIALS[1]:
        at = datetime.combine(EXCEL_EPOCH, time(0)) + timedelta(seconds=round(float(cell) * 86_400))
        return Told(at.date(), at.time() if at.time() != time(0) else None)
    if 19_000_101 <= cell <= 21_001_231 and float(cell).is_integer():
        return _one(str(int(cell)), hints, after, cell)
    whole, _, rest = f"{cell:.6g}".partition(".")
    if 1 <= cell < 13 and 1 <= len(rest) <= 2:
        if len(rest) == 1 and int(rest) <= 3:
            near = [f"{whole}月{day}日" for day in (int(rest), int(rest) * 10)]
            raise Invalid("day_doubtful", value=f"{cell:g}", near=near)
        return _one(f"{whole}月{rest}日", hints, after, cell)
    raise Invalid("day_unreadable", value=str(cell)[:40])


def _span(text: str, hints: Hints, after: date | None, cell: Any) -> Told | None:
    """Return the first day of 7月14日-7月16日, 7月14日至16日 or 2024.7.14-7.16, with the last one beside it."""
    for cut in _TO.finditer(text):
        head, tail = text[:cut.start()].strip(), _BEFORE.sub("", text[cut.end():]).strip()
        if re.fullmatch(r"\d{1,2}[日号]", tail) and "月" in head:
            tail = head[:head.index("月") + 1] + tail
        try:
            first = _one(head, hints, after, cell)
            last = _one(tail, hints, after or first.on, cell)
        except Invalid:
            continue
        if first.note is None and last.note is None and last.on >= first.on:
            return first._replace(note=SPAN, until=last.on)
    return None


def _one(text: str, hints: Hints, after: date | None, cell: Any) -> Told:
    for form in _FORMS:
        if found := form.match(text):
            clock_part = text[found.end():]
            at = _time(clock_part) if clock_part.strip() else None
            if clock_part.strip() and at is None:
                continue
            parts = found.groupdict()
            if parts.get("us"):
                return Told(_american(parts["us"], int(parts["y"]), hints, cell), at)
            month = int(parts["m"]) if parts.get("m") else _MONTHS.get(parts.get("w") or "", 0)
            return Told(_dated(parts.get("y"), month, int(parts["d"]), hints, after, cell), at)
    if found := _MONTH.fullmatch(text):
        year, month = found["y"] or found["y6"], int(found["m"] or found["m6"] or found["m1"])
        on = _dated(year, month, 1, hints, None, cell)
        return Told(on, None, MONTH_ONLY, (on + timedelta(days=32)).replace(day=1) - timedelta(days=1))
    raise Invalid("day_unreadable", value=str(cell)[:40])


def _dated(year: str | None, month: int, day: int, hints: Hints, after: date | None, cell: Any) -> date:
    try:
        if year is None:
            return _with_year(month, day, hints, after, cell)
        full = int(year) if len(year) == 4 else 2000 + int(year)
        about = hints.year or (hints.last or hints.now or datetime(full, 1, 1)).year
        if len(year) == 2 and abs(full - about) > 10:
            raise Invalid("day_unreadable", value=str(cell)[:40])
        return date(full, month, day)
    except ValueError as problem:
        raise Invalid("day_unreadable", value=str(cell)[:40]) from problem


def _american(written: str, year: int, hints: Hints, cell: Any) -> date:
    """Return the day of 7/14/2024; where day and month could change places, only one among the neighbours will do."""
    one, two = (int(part) for part in written.split("/"))
    found = []
    for month, day in dict.fromkeys(((one, two), (two, one))):
        try:
            found.append(date(year, month, day))
        except ValueError:
            continue
    if len(found) > 1 and hints.first and hints.last:
        found = [on for on in found if hints.first <= on <= hints.last] or found
    if len(found) != 1:
        code = "day_doubtful" if found else "day_unreadable"
        raise Invalid(code, value=str(cell)[:40], near=[on.isoformat() for on in found])
    return found[0]


def _with_year(month: int, day: int, hints: Hints, after: date | None, cell: Any) -> date:
    """Return the day in the year that lies nearest to what the table tells; never before `after`."""
    date(2000, month, day)
    around = [hints.first, hints.last] if hints.first and hints.last else _titled(hints)
    if after is not None:
        return min(found for found in _years(month, day, after.year) if found >= after)
    if not around:
        about = clock.to_office(hints.now).date() if hints.now else None
        past = [on for on in _years(month, day, about.year) if on <= about] if about else []
        raise Invalid("day_without_year", value=str(cell)[:40], near=[on.isoformat() for on in past[-1:]])
    first, last = around[0], around[-1]
    found = {on for year in {first.year, last.year} for on in _years(month, day, year)}
    return min(found, key=lambda on: (max((first - on).days, (on - last).days, 0), on))


def _years(month: int, day: int, year: int) -> list[date]:
    found = []
    for each in (year - 1, year, year + 1, year + 2):
        try:
            found.append(date(each, month, day))
        except ValueError:
            continue
    return found


def _titled(hints: Hints) -> list[date]:
    if hints.year is None:
        return []
    if hints.month is None:
        return [date(hints.year, 1, 1), date(hints.year, 12, 31)]
    return [date(hints.year, hints.month, 1), date(hints.year, hints.month, 28)]


def _time(text: str) -> time | None:
    found = _CLOCK.fullmatch(text.strip() if not text.startswith("t") else text)
    if found is None:
        return None
    hour, minute = int(found["h"]), 30 if found["part"] == "半" else int(found["i"] or 0)
    half = found["half"] or found["after"] or ""
    if half in ("下午", "晚上", "晚", "pm") and hour < 12:
        hour += 12
    try:
        return time(hour, minute, int(found["s"] or 0))
    except ValueError:
        return None


def limit(cell: Any) -> Relative | None:
    """Return the limit that counts from another day (3日内, 当日, 1个工作日, 限3天, 24小时), or None for a day."""
    return _limit(cell) if isinstance(cell, str) else None


@lru_cache(maxsize=REMEMBERED)
def _limit(cell: str) -> Relative | None:
    text = plain(cell).rstrip("。.")
    if text in _TODAY:
        return Relative(0, "calendar_day")
    found = _LIMIT.fullmatch(re.sub(r"\s+", "", text))
    if found is None:
        return None
    unit, count = found["u"].lstrip("个"), 0.5 if found["n"] == "半" else float(found["n"])
    if unit in ("月",) and count == 0.5:
        return Relative(15, "calendar_day")
    if count == 0.5:
        return Relative(12, "hour") if unit in ("日", "天") else None
    scale = {"周": (7, "calendar_day"), "星期": (7, "calendar_day"), "小时": (1, "hour"), "h": (1, "hour"),
             "工作小时": (1, "work_hour"), "工作日": (1, "work_day"), "月": (1, "month")}.get(unit, (1, "calendar_day"))
    return Relative(count * scale[0], scale[1])
