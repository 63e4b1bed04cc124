"""A round on its way out of the house, in any form: tables and geodata from `exchange.rounds`, the sheet as PDF."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from civmap.documents import pdf
from civmap.exchange import export
from civmap.exchange import rounds as files
from civmap.exchange.round_rows import Round
from civmap.people.rules import Viewer
from civmap.routes import queries
from civmap.store import ledger

FORMATS = (*files.FORMATS, "pdf")
MEDIA_TYPES = {**export.MEDIA_TYPES, "pdf": "application/pdf"}


def format_of(name: str) -> str:
    """Return the format of a round's file that the ending asks for; raise Invalid for one there is not."""
    return export.format_of(name, FORMATS)


def read(session: Session, viewer: Viewer, code: str, lang: str) -> Round:
    """Return a round as the viewer may take it out; raise NotFound where it is hidden, Forbidden without the right."""
    queries.by_code(session, viewer, code)
    viewer.must("export", "route")
    return Round(queries.told(session, viewer, code, lang), queries.legs(session, viewer, code), lang)


def write(session: Session, viewer: Viewer, code: str, path: Path, fmt: str, lang: str, now: datetime,
          tell: pdf.Tell = pdf.silent, approval: str = "") -> int:
    """Write a round into a file; return how many stops it holds. Raise NotFound for a round the viewer may not know.

    `approval` is the number under which the map on the sheet was approved.
    """
    round_ = read(session, viewer, code, lang)
    if fmt == "pdf":
        from civmap.documents import round_sheets

        return round_sheets.write(session, viewer, round_, path, now, tell, approval)
    with path.open("wb") as target:
        return files.write(round_, target, fmt)


def note(session: Session, viewer: Viewer, code: str, fmt: str, now: datetime) -> None:
    """Write into the ledger of the round that it left the house, and as what."""
    ledger.record(session, viewer.actor, "export", "route", code, at=now, after={"format": fmt})
