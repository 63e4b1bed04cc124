"""Print a paper into a file, whatever its form; long ones go out as tables only."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy.orm import Session

from civmap.documents import pdf, queries, register, sheets, word, workbook
from civmap.documents.blocks import Document
from civmap.documents.house import House
from civmap.documents.pictures import Pictures
from civmap.documents.register import Wish
from civmap.errors import Invalid, TooLarge
from civmap.issues.lines import Line
from civmap.issues.models import Notice
from civmap.people.rules import Viewer

KINDS = ("issue_list", "register")
FORMATS = ("pdf", "docx", "xlsx")
FORMATS_OF = {"issue_list": FORMATS, "register": (*FORMATS, "csv")}
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
MOST = {"pdf": 1_500, "docx": 1_500}
MOST_PICTURED = 2_000


def check(kind: str, fmt: str) -> None:
    """Raise Invalid for a paper or a form of it that there is not."""
    if kind not in KINDS:
        raise Invalid("document_kind", field="kind", value=kind[:40], known=list(KINDS))
    if fmt not in FORMATS_OF[kind]:
        raise Invalid("document_format", field="format", value=fmt[:20], known=list(FORMATS_OF[kind]))


def counted(session: Session, viewer: Viewer, wish: Wish, fmt: str, now: datetime) -> int:
    """Return how many issues a paper would hold; raise TooLarge where the form cannot hold them."""
    count = register.count(session, viewer, wish, now)
    most = MOST.get(fmt)
    if most is not None and count > most:
        raise TooLarge("document_too_long", field="format", format=fmt, most=most)
    return count


def write(session: Session, kind: str, wish: Wish, fmt: str, target: Path, house: House,
          tell: pdf.Tell = pdf.silent) -> int:
    """Write the list of problems or the register into a file; return how many issues it holds.

    Raise Invalid for what cannot be asked, TooLarge where there are more issues than the form can hold.
    """
    check(kind, fmt)
    found: Iterable[Line] = register.told(session, house.viewer, wish, house.now)
    most = MOST.get(fmt) or (MOST_PICTURED if wish.is_pictured or kind == "issue_list" else None)
    if most is not None:
        held = list(islice(found, most + 1))
        if len(held) > most:
            raise TooLarge("document_too_long", field="format", format=fmt, most=most)
        found = held
    counted = _Counted(found)
    make = register.register if kind == "register" else register.issue_list
    _set(make(counted, wish, house, house.city), fmt, target, Pictures(house.photos) if wish.is_pictured else None,
         tell)
    return counted.count


def write_notice(session: Session, notice: Notice, fmt: str, target: Path, house: House, lang: str,
                 is_copy: bool) -> None:
    """Write a numbered paper into a file, as it was issued."""
    if fmt not in FORMATS:
        raise Invalid("document_format", field="format", value=fmt[:20], known=list(FORMATS))
    found = queries.kept_lines(session, notice, lang, house.now)
    made = sheets.document(notice, found, queries.addressed(session, house.viewer, notice), house, lang, is_copy)
    _set(made, fmt, target, Pictures(house.photos))


def _set(document: Document, fmt: str, target: Path, pictures: Pictures | None, tell: pdf.Tell = pdf.silent) -> None:
    if fmt == "pdf":
        pdf.write(document, target, pictures, tell)
        return
    with target.open("wb") as out:
        if fmt == "docx":
            word.write(document, out, pictures)
        elif fmt == "csv":
            workbook.write_csv(document, out)
        else:
            workbook.write(document, out, pictures)


class _Counted:
    """Lines on their way, counted."""

    def __init__(self, found: Iterable[Line]) -> None:
        self.found, self.count = found, 0

    def __iter__(self) -> "_Counted":
        self._rest = iter(self.found)
        return self

    def __next__(self) -> Line:
        line = next(self._rest)
        self.count += 1
        return line
