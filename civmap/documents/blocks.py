"""What a paper is made of, whatever it becomes: head, facts, sentences, tables, a place to sign and seal.

A document is a plain value; `pdf`, `word` and `workbook` each set it in their own way with the same words and rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

PORTRAIT, LANDSCAPE = "portrait", "landscape"
TEXT, DAY, MOMENT, COUNT, PHOTOS, CODE = "text", "day", "moment", "count", "photos", "code"


@dataclass(frozen=True, slots=True)
class Photos:
    """Some kept photos, by file name below the photos' folder, each with its address."""

    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code that leads to a page of the product; `told` is what stands beside it."""

    address: str
    told: str = ""


Cell = str | int | float | date | datetime | Photos | Code | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: heading, share of the width, and what stands in it."""

    heading: str
    width: float
    holds: str = TEXT


@dataclass(slots=True)
class Table:
    """Rows under headings that are repeated on every page; `title` and `about` stand above."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    title: str = ""
    about: str = ""
    code: Code | None = None


@dataclass(slots=True)
class Facts:
    """Names and values beside one another, two pairs on a line."""

    pairs: Sequence[tuple[str, str]]


@dataclass(slots=True)
class Words:
    """A sentence of its own: `to` (whom it goes to), `body` (indented), `note` (small); `break` begins a page."""

    text: str
    look: str = "body"


@dataclass(slots=True)
class Signature:
    """Who issues and when, with the place of the seal; `receipt` are lines to be filled in by hand."""

    office: str = ""
    day: str = ""
    seal: str = ""
    receipt: Sequence[str] = ()


Block = Table | Facts | Words | Signature


@dataclass(slots=True)
class Document:
    """A whole paper: title, number, blocks, and what every page says at its foot."""

    kind: str
    title: str
    lang: str
    blocks: Sequence[Block]
    number: str = ""
    subtitle: str = ""
    orientation: str = PORTRAIT
    size: str = "A4"
    code: Code | None = None
    marks: Sequence[str] = ()
    foot: str = ""
    is_formal: bool = False
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def tables(self) -> list[Table]:
        """Return the tables of the paper."""
        return [block for block in self.blocks if isinstance(block, Table)]
