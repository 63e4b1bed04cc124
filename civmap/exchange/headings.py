"""Where the headings of a table stand: under titles, over several rows, beside field keys, through merged cells.

Pure: rows come as numbers and cells, merged cells as (first row, first column, last row, last column) from 0.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

Line = tuple[int, Sequence[Any]]
Merge = tuple[int, int, int, int]
Known = Callable[[str], bool]
LOOK_IN, MOST_LINES, SECOND, LONGEST_GROUP = 20, 6, 3, 12
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


@dataclass(frozen=True, slots=True)
class Heading:
    """The headings, the rows they stand in, the group above each, the titles before and the lines that count."""

    names: list[str]
    first: int
    last: int
    groups: list[str] = field(default_factory=list)
    titles: list[Line] = field(default_factory=list)
    keys: list[Line] = field(default_factory=list)


def text(cell: Any) -> str:
    """Return a cell as a heading is written: one line, no more than 200 signs."""
    if cell is None or isinstance(cell, bool):
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    return "".join(str(cell).split("\n")).strip("\r\t \u3000\ufeff\u200b")[:200]


def find(head: list[Line], merges: Sequence[Merge], known: Known) -> Heading:
    """Return the headings among the first rows of a table that are not blank."""
    near = [line for line in head if line[0] <= LOOK_IN] or head[:1]
    best = max(near, key=lambda line: (_score(line[1], known), -line[0]))
    if not _score(best[1], known):
        best = _widest(near)
    numbers = {number: cells for number, cells in head}
    first, last = _merged_span(best[0], merges, len(best[1]))
    first, last = _without_merges(numbers, first, last, known)
    below = [number for number in sorted(numbers) if number > last]
    keys = []
    while below and _says_again(numbers[below[0]], numbers[last], known):
        last = below.pop(0)
        keys.append((last, numbers[last]))
    lines = [numbers[number] for number in range(first, last + 1) if number in numbers and
             not any(number == key for key, _ in keys)]
    names, groups = _names(lines, first, merges)
    above = [line for line in head if line[0] < first]
    keys = [line for line in above if _are_keys(line[1])] + keys
    return Heading(names, first, last, groups, [line for line in above if not _are_keys(line[1])], keys)


def _are_keys(cells: Sequence[Any]) -> bool:
    filled = [name for cell in cells if (name := text(cell))]
    return len(filled) >= SECOND and all(_KEY.fullmatch(name) for name in filled)


def _score(cells: Sequence[Any], known: Known) -> int:
    return len({name for cell in cells if (name := text(cell)) and known(name)})


def _widest(near: list[Line]) -> Line:
    """Return the first row that is as wide as a heading row: where nothing is known, titles are narrower."""
    def filled(line: Line) -> int:
        return sum(bool(text(cell)) for cell in line[1])
    most = max(filled(line) for line in near)
    return next(line for line in near if filled(line) * 2 >= most)


def _merged_span(number: int, merges: Sequence[Merge], width: int) -> tuple[int, int]:
    """Return the rows that merged cells bind to a heading row; a merge over the whole width is a title."""
    first = last = number
    changed = True
    while changed:
        changed = False
        for top, left, bottom, right in merges:
            tall, wide = bottom > top, right - left + 1 >= max(3, width * 0.8)
            if tall and not wide and top + 1 <= last and bottom + 1 >= first and bottom - top < MOST_LINES:
                low, high = min(first, top + 1), max(last, bottom + 1)
                if (low, high) != (first, last):
                    first, last, changed = low, high, True
    return first, last


def _without_merges(numbers: dict[int, Sequence[Any]], first: int, last: int, known: Known) -> tuple[int, int]:
    """Widen the span by a row of groups above, or of parts below, that fills the gaps of the heading row."""
    above, here = numbers.get(first - 1), numbers[last] if last in numbers else numbers[first]
    if above is not None and _fits(above, numbers.get(first, here)):
        first -= 1
    below = numbers.get(last + 1)
    if below is not None and _fits(here, below) and not any(isinstance(cell, int | float) for cell in below):
        last += 1
    return first, last


def _fits(upper: Sequence[Any], lower: Sequence[Any]) -> bool:
    """Tell whether the lower row stands only under gaps and beginnings of groups of the upper row."""
    up, low = [text(cell) for cell in upper], [text(cell) for cell in lower]
    if sum(map(bool, up)) < 2 or sum(map(bool, low)) < 2 or all(up[:len(low)]):
        return False
    begins = [bool(name) and place + 1 < len(up) and not up[place + 1] for place, name in enumerate(up)]
    clash = [place for place, name in enumerate(low) if name and place < len(up) and up[place] and not begins[place]]
    lonely = [place for place, name in enumerate(up) if name and (place >= len(low) or not low[place])]
    names_groups = all(len(name) <= LONGEST_GROUP and not re.search("[:：]", name) for name in up)
    return not clash and (bool(lonely) or names_groups)


def _says_again(cells: Sequence[Any], headings: Sequence[Any], known: Known) -> bool:
    """Tell whether a row under the headings says them again, in another language or as field keys."""
    filled = [text(cell) for cell in cells if text(cell)]
    said = sum(known(name) for name in filled)
    if said >= SECOND and said * 2 > len(filled):
        return True
    above = [text(cell) for cell in headings if text(cell)]
    if len(filled) < SECOND or len(filled) < 0.8 * len(above) or any(isinstance(cell, int | float) for cell in cells):
        return False
    keys_above, keys_here = (all(_KEY.fullmatch(name) for name in names) for names in (above, filled))
    if keys_here and not keys_above:
        return len(set(filled)) == len(filled)
    return keys_above and not keys_here and said >= 2 and not any(any(sign.isdigit() for sign in name)
                                                                  for name in filled)


def _names(lines: list[Sequence[Any]], first: int, merges: Sequence[Merge]) -> tuple[list[str], list[str]]:
    width = max((len(line) for line in lines), default=0)
    grid = [[text(line[place]) if place < len(line) else "" for place in range(width)] for line in lines]
    _spread(grid, first, merges)
    names, groups = [], []
    for place in range(width):
        column = [line[place] for line in grid if line[place]]
        names.append(column[-1] if column else "")
        groups.append(next((name for name in reversed(column[:-1]) if name != names[-1]), ""))
    often = Counter(name for name, _ in set(zip(names, groups, strict=True)))
    made = [f"{group}/{name}" if name and group and often[name] > 1 else name
            for name, group in zip(names, groups, strict=True)]
    return made, groups


def _spread(grid: list[list[str]], first: int, merges: Sequence[Merge]) -> None:
    """Write a group's name over all its columns: where cells are merged, else up to the next name beside it."""
    for top, left, _, right in merges:
        line = top + 1 - first
        if 0 <= line < len(grid) and right > left:
            for place in range(left + 1, min(right + 1, len(grid[line]))):
                grid[line][place] = grid[line][place] or grid[line][left]
    if merges:
        return
    for upper, lower in pairwise(grid):
        name = ""
        for place, here in enumerate(upper):
            name = here or name
            if not here and lower[place] and not (place and not lower[place - 1] and upper[place - 1]):
                upper[place] = name
