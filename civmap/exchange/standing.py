"""Going through a table once: where its headings are, how many rows are things, and which rows stand aside and why."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from civmap.errors import BadInput, TooLarge
from civmap.exchange import headings
from civmap.exchange.blocks import Block
from civmap.exchange.gate import MAX_COLUMNS, MAX_ROWS

GEOMETRY = "geometry"
HEAD_ROWS, MOST_ASIDE, MOST_SAMPLES, ASIDE_TEXT = 40, 2_000, 240, 300
_SUM = re.compile(r"^.{0,16}?(小\s*计|合\s*计|总\s*计|共\s*计|累\s*计|subtotal|total)\s*(?:[（(].*[)）])?\s*[:：]?$",
                  re.IGNORECASE | re.DOTALL)
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
        self._seen, self._stride, self._after_foot = 0, 1, False
        self._wide: set[int] = set()

    def take(self, block: Block) -> None:
        """Look at every row of a piece; raise TooLarge beyond the caps."""
        if self.heading is not None and self._are_plain(block.columns):
            self._keep_all(block)
            return
        lines: Iterable[tuple[int, Sequence[Any]]] = zip(block.numbers, block.lines, strict=True)
        if self.is_features:
            for number, line in lines:
                self._keep(number, line)
            return
        for number, line in lines:
            filled = len(line) - line.count("") - line.count(None)
            if self.heading is None:
                if filled and _words(line):
                    self._check_width(number, line)
                    self.head.append((number, line))
                    if len(self.head) >= HEAD_ROWS:
                        self._decide()
            else:
                self._judge(number, line, filled)

    def _are_plain(self, columns: Sequence[Sequence[Any]]) -> bool:
        """Tell whether no row of a piece can be a sum, a note or the headings again: most cells are filled."""
        names, width = self.result.headings, len(columns)
        blank = sum("" in column or None in column for column in columns)
        if width < 2 or width > MAX_COLUMNS or (width - blank) * 2 <= width or self._wide or self.is_features:
            return False
        if names[0] in columns[0] or len(names) < 2 or names[1] in columns[1]:
            return False
        return not any(_ends_like_sum(column, len(column)) for column in columns[:3])

    def _keep_all(self, block: Block) -> None:
        """Count a piece of plain rows, and take the samples that row by row would be taken."""
        result, size, at = self.result, len(block.numbers), -self._seen % self._stride
        while at < size:
            result.samples.append((block.numbers[at], tuple(column[at] for column in block.columns)))
            if len(result.samples) > MOST_SAMPLES:
                result.samples, self._stride = result.samples[::2], self._stride * 2
            at += 1 + -(self._seen + at + 1) % self._stride
        self._seen += size
        self._after_foot = False
        result.count += size
        if result.count > MAX_ROWS:
            raise TooLarge("too_many_rows", field="file", file=self.name, most=MAX_ROWS)

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
        for number, line in self.head:
            if number > found.last:
                self._judge(number, line, len(line) - line.count("") - line.count(None))
        self.head = []

    def _judge(self, number: int, line: Sequence[Any], filled: int) -> None:
        if filled * 2 <= len(line) or _ends_like_sum(line):
            why = self._why(number, line)
            if why is not None:
                self._after_foot = why == "footnote"
                if why != "empty" or not self._is_after_end(number):
                    self._aside(number, why, _words(line))
                self.result.skipped.add(number)
                return
        elif self._is_heading_again(line):
            self._aside(number, "repeated_headings", _words(line))
            self.result.skipped.add(number)
            return
        if len(line) > MAX_COLUMNS:
            self._check_width(number, line)
        self._after_foot = False
        self._keep(number, line)

    def _is_after_end(self, number: int) -> bool:
        return len(self.result.aside) >= MOST_ASIDE

    def _is_heading_again(self, line: Sequence[Any]) -> bool:
        names = self.result.headings
        if line[0] != names[0] and (len(line) < 2 or len(names) < 2 or line[1] != names[1]):
            return False
        same = sum(bool(name) and headings.text(cell) == name for cell, name in zip(line, names, strict=False))
        return same >= 2 and same * 2 > sum(map(bool, names))

    def _why(self, number: int, line: Sequence[Any]) -> str | None:
        words = _words(line)
        if not words:
            return "empty"
        said = [word for word in words if not _is_number(word)]
        sums = [word for word in said[:2] if _SUM.match(word)]
        if sums and len(said) <= 3:
            return "subtotal" if _PART.search(sums[0]) else "total"
        alone = len(words) == 1
        if said and _FOOT.match(words[0]) and (alone or len(words) * 2 <= len(self.result.headings)):
            return "footnote"
        if (alone or number in self._wide) and len(self.result.headings) >= 3 and said:
            if _SECTION.match(words[0]) and len(words[0]) <= 40:
                return "section"
            if number in self._wide or self._after_foot:
                return "footnote"
        return "repeated_headings" if self._is_heading_again(line) else None

    def _aside(self, number: int, why: str, words: list[str]) -> None:
        if len(self.result.aside) < MOST_ASIDE:
            self.result.aside.append(Aside(number, why, "　".join(words)[:ASIDE_TEXT]))

    def _keep(self, number: int, line: Sequence[Any]) -> None:
        result = self.result
        result.count += 1
        if result.count > MAX_ROWS:
            raise TooLarge("too_many_rows", field="file", file=self.name, most=MAX_ROWS)
        if self._seen % self._stride == 0:
            result.samples.append((number, line))
            if len(result.samples) > MOST_SAMPLES:
                result.samples, self._stride = result.samples[::2], self._stride * 2
        self._seen += 1

    def found(self, facts: dict[str, Any]) -> Standing:
        """Return what was found, now that all pieces are taken."""
        if self.is_features:
            self.result.headings = [*facts["headings"], GEOMETRY]
            if len(self.result.headings) > MAX_COLUMNS:
                raise TooLarge("too_many_columns", field="file", file=self.name, row=1, most=MAX_COLUMNS)
        elif self.heading is None:
            self._decide()
        self._drop_blank_end()
        self.result.notes += [(code, told) for code, told in facts.get("notes") or []]
        return self.result

    def _drop_blank_end(self) -> None:
        """Forget blank rows after the last row that says something: they are no part of the table."""
        aside = self.result.aside
        last = self.result.samples[-1][0] if self.result.samples else 0
        while aside and aside[-1].why == "empty" and aside[-1].row > last:
            aside.pop()


def _words(line: Sequence[Any]) -> list[str]:
    return [word for cell in line if cell is not None and cell != "" and (word := headings.text(cell))]


def _is_number(word: str) -> bool:
    return word.replace(".", "", 1).replace(",", "").replace("%", "").lstrip("-").isdigit()


def _ends_like_sum(line: Sequence[Any], most: int = 3) -> bool:
    return any(isinstance(cell, str) and cell[-1:] in ("计", "計", ":", "：", ")", "）") for cell in line[:most])
