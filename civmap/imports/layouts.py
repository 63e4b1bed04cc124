"""How tables of known headings were read before: remembered by kind and headings, and told when it is used again."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.exchange.intake import Wish
from civmap.exchange.kinds import folded
from civmap.imports.models import Layout
from civmap.people.rules import Viewer


def layout_hash(headings: Sequence[str]) -> str:
    """Return what names a layout: its headings as they are compared, in their order."""
    return hashlib.sha256("\n".join(folded(heading) for heading in headings).encode()).hexdigest()


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
