"""What is to leave the house: the features of a kind that a viewer may see, narrowed, with what weighs on each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from civmap.errors import Invalid
from civmap.exchange import layout
from civmap.issues import queries as issues
from civmap.issues import showing
from civmap.issues.rules import Burden
from civmap.people.rules import Viewer
from civmap.points import queries as points
from civmap.segments import queries as segments
from civmap.store import ledger
from civmap.units import queries as units
from civmap.zones import queries as zones

QUERIES: dict[str, Any] = {"points": points, "segments": segments, "zones": zones, "units": units}
STATUSES = ("overdue", "due_soon", "open", "none")


def features(session: Session, viewer: Viewer, kind: str, now: datetime, lang: str, *,
             filters: Mapping[str, Any] | None = None, bbox: Sequence[float] | None = None,
             q: str | None = None) -> list[layout.Feature]:
    """Return features with `open_issues, due_soon_issues, overdue_issues, status`; EPSG:4326.

    The filter `status` (overdue, due_soon, open, none) works for every kind. Raise Invalid for an unknown kind or
    filter, Forbidden where the viewer may not export the kind.
    """
    layout.columns_of(kind)
    viewer.must("export", kind.removesuffix("s"))
    wanted = dict(filters or {})
    if kind == "issues":
        rows = issues.listed(session, viewer, now, filters=wanted, bbox=bbox, q=q)
        return showing.features(session, rows, viewer, lang, now)
    statuses = _statuses(wanted.pop("status", None))
    query = QUERIES[kind]
    rows = query.listed(session, viewer, filters=wanted, bbox=bbox, q=q, on=now)
    known, burdens = query.lookup(session, rows), issues.BURDENS[kind](session, viewer, now)
    found = [_with_burden(query.feature(row, viewer, known), burdens.get(row.id)) for row in rows]
    return [feature for feature in found if feature["properties"]["status"] in statuses]


def _statuses(value: Any) -> Sequence[str]:
    if value is None:
        return STATUSES
    wanted = value if isinstance(value, list | tuple) else str(value).split(",")
    for one in wanted:
        if one not in STATUSES:
            raise Invalid("choice_unknown", field="status", value=one, known=list(STATUSES))
    return wanted


def _with_burden(feature: layout.Feature, burden: Burden | None) -> layout.Feature:
    burden = burden or Burden()
    feature["properties"].update({"open_issues": burden.open, "due_soon_issues": burden.due_soon,
                                  "overdue_issues": burden.overdue, "status": burden.status})
    return feature


def note(session: Session, viewer: Viewer, kind: str, count: int, fmt: str, now: datetime,
         narrowing: Mapping[str, Any] | None = None) -> None:
    """Write into the ledger that things left the house: how many, as what, and which."""
    ledger.record(session, viewer.actor, "export", kind, fmt, at=now,
                  after={"count": count, "filters": {name: str(value) for name, value in (narrowing or {}).items()}})
