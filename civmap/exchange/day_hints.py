"""What a table as a whole tells of its days: the year in its title, and the years that its other rows write out."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from civmap.errors import Invalid
from civmap.exchange.days import Hints, plain, read


def of_titles(titles: list[str], now: datetime | None = None) -> Hints:
    """Return the year and month that the lines above a table tell (填报时间：2024年8月), and now."""
    years: list[tuple[int, int | None]] = []
    for title in titles:
        for found in re.finditer(r"(20\d{2})\s*(?:年|[-./](?=\d))\s*(?:(\d{1,2})(?!\d))?", plain(title)):
            month = int(found[2]) if found[2] and 1 <= int(found[2]) <= 12 else None
            years.append((int(found[1]), month))
    if not years or len({year for year, _ in years}) > 1:
        return Hints(now=now)
    months = [month for _, month in years if month]
    return Hints(years[0][0], months[-1] if months else None, now)


def with_neighbours(hints: Hints, cells: list[Any]) -> Hints:
    """Return hints that also know the first and the last of the days whose year is written."""
    found = []
    for cell in cells:
        try:
            found.append(read(cell).on)
        except Invalid:
            continue
    if len(found) < 2 and not (found and hints.year is None):
        return hints
    found.sort()
    cut = len(found) // 20
    return replace(hints, first=found[cut], last=found[-1 - cut])
