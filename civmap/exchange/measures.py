"""What offices write where a measure or a day belongs: about 5 m, signed in March, not signed."""

import re
import unicodedata
from datetime import date
from typing import Any

from civmap.errors import Invalid
from civmap.exchange import cells

_ABOUT = re.compile(r"^(?:约|大约|大概|近|~|≈)?(\d+(?:\.\d+)?)(?:米|m|公尺)?(?:左右|上下)?$", re.IGNORECASE)
_MONTH = re.compile(r"^(\d{4})[-/.年](\d{1,2})月?$")
NOT_SIGNED = frozenset({"未签", "未签订", "未签约", "否", "无", "没有", "没签", "未", "拒签", "-", "—", "/", "no"})
ONEWAY = {"f": True, "t": True, "b": False, "forward": True, "both": False, "双向": False, "双行": False, "单向": True,
          "单行": True, "-1": True}


def metres(cell: Any) -> float:
    """Return metres, also where a unit or "about" stands beside them; raise Invalid."""
    if not isinstance(cell, str):
        return cells.number(cell)
    found = _ABOUT.match(unicodedata.normalize("NFKC", cells.guarded_text(cell)).replace(" ", ""))
    return float(found[1]) if found else cells.number(cell)


def count(cell: Any) -> int:
    """Return how many, also where 层 or 户 stands behind it; raise Invalid."""
    if isinstance(cell, str):
        return cells.whole(unicodedata.normalize("NFKC", cells.text(cell)).rstrip("层户栋 "))
    return cells.whole(cell)


def is_unsigned(cell: Any) -> bool:
    """Tell whether a cell says that nobody signed."""
    return isinstance(cell, str) and _plain(cell).casefold() in NOT_SIGNED


def _plain(cell: str) -> str:
    return unicodedata.normalize("NFKC", cells.text(cell)).replace(" ", "")


def signing_day(cell: Any) -> date | None:
    """Return the day of a signature, the first of a month that stands alone, None where nobody signed."""
    if isinstance(cell, str):
        plain = _plain(cell)
        if is_unsigned(cell):
            return None
        found = _MONTH.match(plain)
        if found and 1 <= int(found[2]) <= 12:
            return date(int(found[1]), int(found[2]), 1)
    if isinstance(cell, int | float) and not isinstance(cell, bool) and 19_000_000 < cell < 30_000_000:
        return cells.day(str(int(cell)))
    return cells.day(cell)


def oneway(cell: Any) -> bool:
    """Return whether a street is one way, also as maps of traffic write it; raise Invalid."""
    word = cells.text(cell).casefold() if not isinstance(cell, bool) else ""
    if word in ONEWAY:
        return ONEWAY[word]
    try:
        return cells.yes_no(cell)
    except Invalid:
        raise Invalid("flag_expected", value=word[:40]) from None
