"""Going through a table once: where its headings are, how many rows are things, and which rows stand aside and why."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from civmap.errors import BadInput, TooLarge
from civmap.exchange import headings, noting
from civmap.exchange.blocks import Block
from civmap.exchange.gate import MAX_COLUMNS, MAX_ROWS
from civmap.exchange.spool import Uncalculated

GEOMETRY = "geometry"
BLANK, SIGNS = ("", None), ("计", "otal", "OTAL", ":", "：")
HEAD_ROWS, MOST_BLANK, MOST_ASIDE, MOST_SAMPLES, ASIDE_TEXT = 40, 5_000, 2_000, 240, 300
_SUM = re.compile(r"^.{0,16}?([小合总共累]\s*计|subtotal|total)\s*(?:[（(].*[)）])?\s*[:：]?$",
                  re.IGNORECASE | re.DOTALL)
_ODD = re.compile(r"(?:[小合总共累]\s*计|total)\s*(?:[（(].*)?[:：]?\s*$|^[\s*※]*(?:[注填备说审制][^\n]{0,5}|"
                  r"[联负经统报打数资主分][^\n]{2,4}|notes?|source)\s*[:：]", re.IGNORECASE)
_PART = re.compile(r"小\s*计|subtotal", re.IGNORECASE)
_FOOT = re.compile(r"^[\s*※]*(注|备\s*注|说\s*明|填[表报写制](说明|要求|须知|人|单位|时间|日期)|制\s*表|审\s*[核批]|"
                   r"联系人|联系电话|负责人|单位负责人|分管领导|主要领导|经办人|统计人|报送|打印|[数资][据料]来源|"
                   r"note|notes|source|remarks?)\s*(人|时间|单位|日期)?\s*([:：\d.、（(]|$)", re.IGNORECASE)
_HAN = "[一二三四五六七八九十]+"
_SECTION = re.compile(rf"^\s*(第?{_HAN}\s*[、.．,，部篇章节]|[（(]{_HAN}[)）]|[IVX]+\s*[、.．])")


class Aside(NamedTuple):
    """A row that is no thing: its number, why (title, subtotal, total, footnote, section …) and its words."""

    row: int
    why: str
    text: str


@dataclass(slots=True)
class Standing:
    """What going through a table once found out."""

    headings: list[str]
    heading_row: int
    count: int
    groups: list[str] = field(default_factory=list)
    aside: list[Aside] = field(default_factory=list)
    skipped: set[int] = field(default_factory=set)
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    samples: list[tuple[int, Sequence[Any]]] = field(default_factory=list)


class Survey:
    """Takes the pieces of a table one after the other."""

    def __init__(self, name: str, known: Callable[[str], bool], facts: dict[str, Any]) -> None:
        self.name, self.known, self.facts = name, known, facts
        self.merges = [tuple(merge) for merge in facts.get("merges") or []]
        self.is_features = "merges" not in facts and "headings" in facts
        self.head: list[tuple[int, Sequence[Any]]] = []
        self.heading: headings.Heading | None = None
        self.result = Standing([], 0, 0)
        self._seen, self._stride = 0, 1
        self._wide: set[int] = set()
        self._blank: list[int] = []

    def take(self, block: Block) -> None:
        """Look at every row of a piece; raise TooLarge beyond the caps."""
        start = 0
        if self.is_features:
            self._keep(block, range(len(block.numbers)))
            return
        while self.heading is None and start < len(block.numbers):
            number, line = block.numbers[start], block.lines[start]
            if any(cell not in BLANK for cell in line) and _words(line):
                self._check_width(number, line)
                self.head.append((number, line))
            else:
                self._blank.append(number)
            if len(self.head) >= HEAD_ROWS or len(self._blank) > MOST_BLANK:
                self._decide()
            start += 1
        self._judge(block, start)

    def _judge(self, block: Block, start: int) -> None:
        """Set aside the rows of a piece that are no things; only those that look odd are looked at closely."""
        odd = self._odd(block.columns, start)
        for place in sorted(odd):
            number, line = block.numbers[place], block.line(place)
            why = self._why(number, line, place - 1 in odd)
            if why is None:
                odd.discard(place)
                continue
            self.result.skipped.add(number)
            self._aside(number, why, _words(line))
        size = len(block.numbers)
        self._keep(block, [place for place in range(start, size) if place not in odd] if odd else range(start, size))

    def _odd(self, columns: Sequence[Sequence[Any]], start: int) -> set[int]:
        """Return the places of rows that are half blank, or begin like a sum, a note or the headings."""
        odd = set()
        gaps = [column for column in columns if "" in column or None in column]
        if len(gaps) * 2 >= len(columns):
            odd.update(place for place, cells in enumerate(zip(*gaps, strict=True))
                       if (cells.count("") + cells.count(None)) * 2 >= len(columns))
        for column in columns[:3]:
            texts = [cell if type(cell) is str else "" for cell in column]
            together = "\n".join(texts)
            if any(sign in together for sign in SIGNS):
                odd.update(place for place, text in enumerate(texts) if _ODD.search(text))
        for column, name in zip(columns[:2], self.result.headings, strict=False):
            if name and name in column:
                odd.update(place for place, cell in enumerate(column) if cell == name)
        return {place for place in odd if place >= start} if start else odd

    def _check_width(self, number: int, line: Sequence[Any]) -> None:
        if len(line) > MAX_COLUMNS and any(cell not in ("", None) for cell in line[MAX_COLUMNS:]):
            raise TooLarge("too_many_columns", field="file", file=self.name, row=number, most=MAX_COLUMNS)

    def _decide(self) -> None:
        if not self.head:
            raise BadInput("file_empty", field="file", file=self.name)
        self.heading = found = headings.find(self.head, self.merges, self.known)
        self.result.headings, self.result.heading_row = found.names, found.last
        self.result.groups = found.groups
        for number, line in found.titles:
            words = _words(line)
            self.result.titles += words
            self._aside(number, "title", words)
        for number, line in found.keys:
            self._aside(number, "repeated_headings", _words(line))
        width = max(3, len(found.names) * 0.6)
        self._wide = {row for top, left, bottom, right in self.merges if right - left + 1 >= width
                      for row in range(top + 1, bottom + 2)}
        for number in self._blank:
            self.result.skipped.add(number)
            if number > found.last:
                self._aside(number, "empty", [])
        below = [(number, line) for number, line in self.head if number > found.last]
        self.head = []
        if below:
            self._judge(Block([number for number, _ in below], lines=[line for _, line in below]), 0)

    def _is_heading_again(self, line: Sequence[Any]) -> bool:
        names = self.result.headings
        if line[0] != names[0] and (len(line) < 2 or len(names) < 2 or line[1] != names[1]):
            return False
        same = sum(bool(name) and headings.text(cell) == name for cell, name in zip(line, names, strict=False))
        return same >= 2 and same * 2 > sum(map(bool, names))

    def _why(self, number: int, line: Sequence[Any], is_after_odd: bool) -> str | None:
        words = _words(line)
        if not words:
            return "empty"
        said = [word for word in words if not _is_number(word)]
        sums = [word for word in said[:2] if _SUM.match(word)]
        if sums and len(said) <= 3:
            return "subtotal" if _PART.search(sums[0]) else "total"
        alone, names = len(words) == 1, self.result.headings
        if all(map(_FOOT.match, words)) or (said and _FOOT.match(words[0]) and len(words) * 2 <= len(names)):
            return "footnote"
        if (alone or number in self._wide) and len(names) >= 3 and said:
            if _SECTION.match(words[0]) and len(words[0]) <= 40:
                return "section"
            if number in self._wide or (is_after_odd and self._is_after_note()):
                return "footnote"
        return "repeated_headings" if self._is_heading_again(line) else None

    def _is_after_note(self) -> bool:
        return bool(self.result.aside) and self.result.aside[-1].why == "footnote"

    def _aside(self, number: int, why: str, words: list[str]) -> None:
        if len(self.result.aside) < MOST_ASIDE:
            self.result.aside.append(Aside(number, why, "　".join(words)[:ASIDE_TEXT]))

    def _keep(self, block: Block, places: Sequence[int]) -> None:
        result = self.result
        result.count += len(places)
        if result.count > MAX_ROWS:
            raise TooLarge("too_many_rows", field="file", file=self.name, most=MAX_ROWS)
        for place in places[-self._seen % self._stride::self._stride]:
            result.samples.append((block.numbers[place], block.line(place)))
        self._seen += len(places)
        while len(result.samples) > MOST_SAMPLES:
            result.samples, self._stride = result.samples[::2], self._stride * 2

    def found(self, facts: dict[str, Any]) -> Standing:
        """Return what was found, now that all pieces are taken."""
        if self.is_features:
            self.result.headings = [*facts["headings"], GEOMETRY]
            if len(self.result.headings) > MAX_COLUMNS:
                raise TooLarge("too_many_columns", field="file", file=self.name, row=1, most=MAX_COLUMNS)
        elif self.heading is None:
            self._decide()
        self._drop_blank_end()
        self.result.notes = noting.notes(facts, self.result.heading_row, self.result.headings, self.merges)
        return self.result

    def _drop_blank_end(self) -> None:
        """Forget blank rows after the last row that says something: they are no part of the table."""
        aside = self.result.aside
        aside.sort(key=lambda one: one.row)
        last = self.result.samples[-1][0] if self.result.samples else 0
        while aside and aside[-1].why == "empty" and aside[-1].row > last:
            aside.pop()


def _words(line: Sequence[Any]) -> list[str]:
    return [word for cell in line if cell not in BLANK and not isinstance(cell, Uncalculated)
            and (word := headings.text(cell))]


def _is_number(word: str) -> bool:
    return word.replace(".", "", 1).replace(",", "").replace("%", "").lstrip("-").isdigit()
