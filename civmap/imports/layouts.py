"""How tables of known headings were read before: remembered by kind and headings, and told when it is used again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.exchange.content import Known
from civmap.exchange.intake import Wish
from civmap.exchange.mapping import layout_hash
from civmap.geo.validity import Frame
from civmap.imports.models import Layout
from civmap.people.rules import Viewer
from civmap.points.models import InspectionPoint
from civmap.units.models import Unit

MOST_WORDS = 50_000


def known(session: Session, kind: str, headings: Sequence[str]) -> Layout | None:
    """Return how a table of these headings was read the last time."""
    return session.scalar(select(Layout).where(Layout.kind == kind, Layout.layout_hash == layout_hash(headings)))


def remember(session: Session, viewer: Viewer, facts: Mapping[str, Any], wish: Wish, now: datetime) -> str:
    """Keep how a table was read; return what names its layout."""
    headings = facts["headings"]
    columns: dict[str, Any] = {name: headings[column] for name, column in facts["columns"].items()}
    columns |= {name: None for name, heading in wish.columns.items() if heading is None}
    row = known(session, facts["kind"], headings)
    if row is None:
        row = Layout(kind=facts["kind"], layout_hash=layout_hash(headings), headings=list(headings), columns=columns,
                     wish={"crs": wish.crs}, uses=1, used_at=now, used_by=viewer.name)
        session.add(row)
    else:
        row.columns, row.wish, row.uses = columns, {"crs": wish.crs}, row.uses + 1
        row.used_at, row.used_by = now, viewer.name
    session.flush()
    return row.layout_hash


def words_of(session: Session, frame: Frame) -> Known:
    """Return what a column may hold that the city knows: names and codes of units and points."""
    found = []
    for model in (Unit, InspectionPoint):
        rows = session.execute(select(model.code, model.name).limit(MOST_WORDS)).all()
        found.append(frozenset(word for row in rows for word in row if word))
    return Known(frame, *found)
