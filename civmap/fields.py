"""Reading the values that strangers send: each one checked, every problem collected and named by its field.

A reader takes one raw value (from JSON or from a cell) and returns the value as it is kept, or raises Invalid.
"""

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from civmap.clock import OFFICE_ZONE, parse_moment
from civmap.errors import CivmapError, Invalid, Several

Reader = Callable[[Any], Any]
_UNSEEN = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
_SPACES = re.compile(r"[\t\r\n\v\f\x85\u2028\u2029]+")
_CODE = re.compile(r"[^\s/\\?#%]+")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_PHONE = re.compile(r"[+]?[0-9()\-\s]{3,30}(?:[转#x*,][0-9]{1,8})?")
_TERRITORY_LENGTHS = (2, 4, 6, 9, 12, 15, 17)
_YES = frozenset({"yes", "true", "1", "y", "是", "有", "√", "✔"})
_NO = frozenset({"no", "false", "0", "n", "否", "无", "×", "✘"})
MAX_WHOLE = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Field:
    """One property of a feature: its public name, the column that keeps it, how it is read, and whether it must be."""

    name: str
    column: str
    reader: Reader
    is_required: bool = False


def plain_text(value: Any, most: int = 200) -> str:
    """Return a one-line text without control characters; raise Invalid for another type, NUL, surrogates, length."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Invalid("text_expected")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    value = str(value)
    if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise Invalid("text_not_storable")
    value = _SPACES.sub(" ", value).translate(_UNSEEN).strip()
    if len(value) > most:
        raise Invalid("text_too_long", length=len(value), most=most)
    return value


def text(most: int = 200) -> Reader:
    """Return a reader of one-line texts of at most `most` characters; an empty one is no value."""
    return lambda value: plain_text(value, most) or None


def code(value: Any) -> str:
    """Return a code of 1–64 characters without space, slash or control character; raise Invalid."""
    written = plain_text(value, 64)
    if not _CODE.fullmatch(written) or written in (".", ".."):
        raise Invalid("code_unusable", value=written)
    return written


def number(low: float, high: float) -> Reader:
    """Return a reader of finite numbers between two bounds, written as number or text."""
    def read(value: Any) -> float:
        found = _as_float(value)
        if not low <= found <= high:
            raise Invalid("number_out_of_range", value=f"{found:g}", low=f"{low:g}", high=f"{high:g}")
        return found
    return read


def whole(low: int = 0, high: int = MAX_WHOLE) -> Reader:
    """Return a reader of whole numbers between two bounds."""
    inner = number(low, high)

    def read(value: Any) -> int:
        found = inner(value)
        if not found.is_integer():
            raise Invalid("number_not_whole", value=f"{found:g}")
        return int(found)
    return read


def _as_float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Invalid("number_expected", value=str(value)[:40])
    try:
        found = float(value)
    except (ValueError, OverflowError) as problem:
        raise Invalid("number_expected", value=str(value)[:40]) from problem
    if not math.isfinite(found):
        raise Invalid("number_not_finite")
    return found


def flag(value: Any) -> bool:
    """Return yes or no, written as JSON, English or Chinese."""
    if isinstance(value, bool):
        return value
    written = plain_text(value, 20).lower()
    if written in _YES or written in _NO:
        return written in _YES
    raise Invalid("flag_expected", value=written)


def day(value: Any) -> date:
    """Return a calendar day written 2026-11-22, 2026/11/22 or 2026年11月22日, or the office day of a moment."""
    if isinstance(value, datetime):
        return (value.astimezone(OFFICE_ZONE) if value.tzinfo else value).date()
    if isinstance(value, date):
        return value
    written = plain_text(value, 40)
    found = _DAY.fullmatch(written.split(" ")[0].split("T")[0])
    try:
        result = date(*(int(part) for part in found.groups())) if found else None
    except ValueError as problem:
        raise Invalid("day_unreadable", value=written) from problem
    if result is None or not 1900 <= result.year <= 2200:
        raise Invalid("day_unreadable", value=written)
    return result


def moment(value: Any) -> datetime:
    """Return the moment (UTC) at which something begins: an ISO moment, or the first second of a day in office time."""
    return _moment(value, timedelta(0))


def last_moment(value: Any) -> datetime:
    """Return the moment (UTC) at which something ends: an ISO moment, or a day, which still counts."""
    return _moment(value, timedelta(days=1))


def _moment(value: Any, added: timedelta) -> datetime:
    is_day = isinstance(value, date) and not isinstance(value, datetime)
    if is_day or (isinstance(value, str) and _DAY.fullmatch(value.strip())):
        return (datetime.combine(day(value), time(0), OFFICE_ZONE) + added).astimezone(UTC)
    try:
        found = value if isinstance(value, datetime) else parse_moment(plain_text(value, 40))
        if not 1900 <= found.year <= 2200:
            raise Invalid("moment_unreadable", value=str(value)[:40])
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=OFFICE_ZONE).astimezone(UTC)
    except (ValueError, OverflowError) as problem:
        raise Invalid("moment_unreadable", value=str(value)[:40]) from problem


def phone(value: Any) -> str:
    """Return a telephone number: digits, spaces, dashes, brackets, a leading plus, an extension after 转."""
    written = plain_text(value, 40)
    if not _PHONE.fullmatch(written):
        raise Invalid("phone_unreadable", value=written[:20])
    return written


def territory(value: Any) -> str:
    """Return a division code of 2, 4, 6, 9, 12, 15 or 17 digits (domain.md §5.3)."""
    written = plain_text(value, 20)
    if not (written.isascii() and written.isdigit()) or len(written) not in _TERRITORY_LENGTHS:
        raise Invalid("territory_unreadable", value=written)
    return written


def one_of(*choices: str) -> Reader:
    """Return a reader of a fixed set of words."""
    def read(value: Any) -> str:
        written = plain_text(value, 40)
        if written not in choices:
            raise Invalid("choice_unknown", value=written, known=list(choices))
        return written
    return read


def coded(find: Callable[[str], Any]) -> Reader:
    """Return a reader that gives the code of the dictionary entry which a text means."""
    return lambda value: find(plain_text(value, 100)).code


def masked_phone(number: str | None) -> str | None:
    """Return a phone number with its middle hidden (138****5678)."""
    if not number or len(number) < 7:
        return "****" if number else number
    return f"{number[:3]}****{number[-4:]}"


def feature_parts(feature: Any) -> tuple[Any, dict[str, Any]]:
    """Return geometry and properties of a GeoJSON Feature; raise Invalid where it is none."""
    if not isinstance(feature, Mapping) or feature.get("type") != "Feature":
        raise Invalid("feature_expected", field="type")
    properties = feature.get("properties")
    if properties is None:
        properties = {}
    if not isinstance(properties, Mapping):
        raise Invalid("feature_expected", field="properties")
    return feature.get("geometry"), dict(properties)


def as_feature(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the flat values of a table's row (with `geometry`, or `lon` and `lat`) as a GeoJSON Feature."""
    if values.get("type") == "Feature":
        return dict(values)
    rest = {name: value for name, value in values.items() if name not in ("geometry", "lon", "lat")}
    geometry = values.get("geometry")
    if geometry is None and not (is_blank(values.get("lon")) and is_blank(values.get("lat"))):
        lon, lat = (_coordinate(values.get(name), name) for name in ("lon", "lat"))
        geometry = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "geometry": geometry, "properties": rest}


def _coordinate(value: Any, name: str) -> float:
    try:
        return _as_float(value)
    except Invalid as problem:
        problem.field = name
        raise


def is_blank(value: Any) -> bool:
    """Tell whether a value says nothing: null, an empty or blank text, not a number."""
    if isinstance(value, float) and math.isnan(value):
        return True
    return value is None or (isinstance(value, str) and not value.strip())


def read_fields(properties: Mapping[str, Any], fields: Iterable[Field], *, is_new: bool,
                read_only: Collection[str] = ()) -> tuple[dict[str, Any], list[CivmapError]]:
    """Return the columns that the properties set, and what is wrong with them.

    A property that is absent leaves its column alone; one that is null or blank empties it. `read_only` names are
    what the product itself answers with: they may come back and change nothing.
    """
    fields = tuple(fields)
    known = [field.name for field in fields]
    problems: list[CivmapError] = [
        Invalid("unknown_field", field=str(name)[:64], name=str(name)[:64], known=known)
        for name in properties if name not in known and name not in read_only]
    columns: dict[str, Any] = {}
    for field in fields:
        if field.name not in properties and not (is_new and field.is_required):
            continue
        try:
            columns[field.column] = _read(field, properties.get(field.name))
        except CivmapError as problem:
            problem.field = problem.field or field.name
            problems.append(problem)
    return columns, problems


def _read(field: Field, value: Any) -> Any:
    found = None if is_blank(value) else field.reader(value)
    if field.is_required and found is None:
        raise Invalid("field_missing", field=field.name)
    return found


def check_order(columns: Mapping[str, Any], first: str, last: str) -> list[CivmapError]:
    """Return the problem that a span ends before it begins, if it does."""
    begins, ends = columns.get(first), columns.get(last)
    if begins is not None and ends is not None and ends <= begins:
        return [Invalid("span_reversed", field=last, first=first, last=last)]
    return []


def refuse(problems: list[CivmapError]) -> None:
    """Raise the one problem, or all of them together; do nothing where there is none."""
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise Several(problems)
