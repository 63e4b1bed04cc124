"""What stands in a cell, read as a value: text, numbers, days, moments, yes and no, lists and geometries.

Readers take what a spreadsheet gives (text, number, bool, date) and return a plain value, or raise Invalid.
"""

import json
import re
import unicodedata
from datetime import date, datetime
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from civmap import clock
from civmap.errors import BadInput, Invalid
from civmap.exchange import days, strict
from civmap.exchange.days import NOTHING, Hints
from civmap.geo import validity

MAX_TEXT = 4_000
YES = frozenset({"是", "y", "yes", "true", "1", "√", "✓", "有", "已申报", "t"})
NO = frozenset({"否", "n", "no", "false", "0", "×", "x", "无", "未申报", "f"})
WORKED = frozenset({"班", "上班", "工作日", "补班", "调休上班", "调休", "work", "worked", "workday"})
RESTED = frozenset({"休", "休息", "放假", "节假日", "休息日", "假", "off", "rest", "holiday"})
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CLOCK = re.compile(r"(?:t|\s)*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2}))?(?:\.\d+)?\s*[秒分]?", re.IGNORECASE)
_LIST = re.compile(r"[、;；|｜,，]+")


def is_blank(cell: Any) -> bool:
    """Tell whether nothing stands in the cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip().strip("\u3000\ufeff\u200b"))


def text(cell: Any, most: int = MAX_TEXT) -> str:
    """Return a cell as clean text without control characters; whole numbers without a decimal point."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    if isinstance(cell, datetime | date):
        cell = cell.isoformat()
    value = _CONTROL.sub("", str(cell)).strip().strip("\u3000\ufeff\u200b")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as problem:
        raise Invalid("text_not_storable") from problem
    if len(value) > most:
        raise Invalid("text_too_long", most=most, length=len(value))
    return value


def guarded_text(cell: Any, most: int = MAX_TEXT) -> str:
    """Return clean text, without the apostrophe that an export put before a formula sign."""
    value = text(cell, most)
    return value[1:] if value[:1] == "'" and looks_like_formula(value[1:]) else value


def looks_like_formula(value: str) -> bool:
    """Tell whether a spreadsheet could take the text for a formula, also full-width or after spaces."""
    start = unicodedata.normalize("NFKC", value.lstrip(" \t\r\n\u00a0\u3000\ufeff\u200b")[:1])
    return start in ("=", "+", "-", "@") and bool(start)


def number(cell: Any) -> float:
    """Return a cell as a finite number; full-width digits, degree signs and thousands commas are understood."""
    if isinstance(cell, bool):
        raise Invalid("number_expected", value=str(cell))
    if isinstance(cell, int | float):
        value = float(cell)
    else:
        plain = unicodedata.normalize("NFKC", text(cell)).replace(" ", "").rstrip("°º度")
        if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", plain):
            plain = plain.replace(",", "")
        if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?", plain, re.IGNORECASE):
            raise Invalid("number_expected", value=text(cell)[:60])
        value = float(plain)
    if not abs(value) < 1e15:
        raise Invalid("number_not_finite")
    return value


def whole(cell: Any) -> int:
    """Return a cell as a whole number; raise Invalid."""
    value = number(cell)
    if not value.is_integer():
        raise Invalid("number_not_whole", value=text(cell)[:60])
    return int(value)


def yes_no(cell: Any) -> bool:
    """Return yes or no; raise Invalid for anything that is neither."""
    if isinstance(cell, bool):
        return cell
    word = text(cell).casefold()
    if word in YES or word in NO:
        return word in YES
    raise Invalid("flag_expected", value=text(cell)[:40])


def worked(cell: Any) -> bool:
    """Return whether a day is worked, also where the office writes 班 or 休; raise Invalid for anything else."""
    word = "" if isinstance(cell, bool) else text(cell).casefold()
    return word in WORKED if word in WORKED | RESTED else yes_no(cell)


def day(cell: Any, hints: Hints = NOTHING) -> date:
    """Return a calendar day, however it is spelt; raise Invalid, also for a month or a span of days."""
    told = days.read(cell, hints)
    if told.note is not None:
        raise Invalid("day_unreadable", value=text(cell)[:40])
    return told.on


def moment(cell: Any, hints: Hints = NOTHING) -> datetime:
    """Return a moment in UTC; what names no offset is office time, a day alone is its first minute."""
    if isinstance(cell, datetime) and cell.tzinfo:
        return cell.astimezone(clock.UTC)
    if isinstance(cell, str) and cell.isascii():
        try:
            return clock.parse_moment(cell)
        except ValueError:
            pass
    told = days.read(cell, hints)
    if told.note is not None:
        raise Invalid("moment_unreadable", value=text(cell)[:40])
    return told.moment()


def words(cell: Any) -> list[str]:
    """Return the parts of a cell that stand apart by 、 ; | or a comma."""
    if isinstance(cell, list):
        return [guarded_text(part) for part in cell if not is_blank(part)]
    return [part.strip() for part in _LIST.split(guarded_text(cell)) if part.strip()]


def geometry(cell: Any) -> dict[str, Any]:
    """Return a GeoJSON geometry object from WKT or GeoJSON text, not yet checked for place and validity."""
    if isinstance(cell, dict):
        return cell
    value = text(cell, most=8_000_000)
    if value.startswith("{"):
        try:
            found = strict.loads(value)
        except BadInput as problem:
            raise Invalid("geometry_unreadable", why=problem.code) from problem
        return found if isinstance(found, dict) else {}
    return _from_wkt(value)


def _from_wkt(value: str) -> dict[str, Any]:
    head = re.match(r"(?:SRID=\d+;)?\s*([A-Z]+)", value, re.IGNORECASE)
    if head is None or value.count("(") > 200_000 or _nesting(value) > 5:
        raise Invalid("geometry_unreadable", why=value[:40])
    try:
        shape: BaseGeometry = shapely.from_wkt(re.sub(r"^SRID=\d+;\s*", "", value, flags=re.IGNORECASE))
    except (shapely.errors.ShapelyError, ValueError) as problem:
        raise Invalid("geometry_unreadable", why=str(problem)[:80]) from problem
    if shape.is_empty:
        raise Invalid("geometry_empty")
    if int(shapely.get_num_coordinates(shape)) > validity.MAX_VERTICES:
        raise Invalid("geometry_too_large", vertices=int(shapely.get_num_coordinates(shape)),
                      most=validity.MAX_VERTICES)
    return json.loads(shapely.to_geojson(shapely.force_2d(shape)))


def _nesting(value: str) -> int:
    deepest = level = 0
    for mark in re.findall(r"[()]", value):
        level += 1 if mark == "(" else -1
        deepest = max(deepest, level)
    return deepest


def span_edge(cell: Any) -> Any:
    """Return the edge of a span: the day where only a day is written, else a moment."""
    if isinstance(cell, datetime) and not (cell.hour or cell.minute or cell.second or cell.tzinfo):
        return cell.date()
    if isinstance(cell, str) and _CLOCK.search(unicodedata.normalize("NFKC", cell)) is None:
        return day(cell)
    return day(cell) if type(cell) is date else moment(cell)


SIDES = {"both": "both", "双侧": "both", "两侧": "both", "全部": "both", "双边": "both", "left": "left", "左": "left",
         "左侧": "left", "right": "right", "右": "right", "右侧": "right"}


def side(cell: Any) -> str:
    """Return which side of the road is meant: both, left or right."""
    word = text(cell).casefold()
    if word not in SIDES:
        raise Invalid("side_unknown", value=text(cell)[:40])
    return SIDES[word]
