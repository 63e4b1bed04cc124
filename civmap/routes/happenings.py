"""What happened to rounds between two lines of the ledger, as one viewer may know it."""

from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.inspections.models import Visit
from civmap.people.rules import Viewer
from civmap.routes.models import Route
from civmap.routes.queries import visible
from civmap.store.ledger import Entry
from civmap.store.listing import one_of
from civmap.store.prepared import Prepared, asked

LAYER, ROUTE, VISIT = "routes", "route", "visit"
_LINES = Prepared(select(Entry.at, Entry.who, Entry.verb, Entry.kind, Entry.key).where(
    Entry.id > asked("after", Entry.id), Entry.id <= asked("last", Entry.id), Entry.kind.in_((ROUTE, VISIT)))
    .order_by(Entry.id))


class Happening(NamedTuple):
    """A round that changed, or on which a point was visited."""

    code: str
    verb: str
    at: Any
    is_own: bool


def since(session: Session, viewer: Viewer, after: int, last: int) -> list[Happening]:
    """Return the rounds that changed after a line of the ledger up to another one; what is hidden is not told."""
    if last <= after:
        return []
    lines = _LINES.rows(session, after=after, last=last)
    if not lines:
        return []
    of_visits = _rounds_of_visits(session, [int(line.key) for line in lines if line.kind == VISIT
                                            and line.key.isdecimal()])
    found: dict[str, Happening] = {}
    for line in lines:
        code = line.key if line.kind == ROUTE else of_visits.get(line.key)
        if code is not None and line.verb != "export":
            found[code] = Happening(code, VISIT if line.kind == VISIT else line.verb, line.at, line.who == viewer.name)
    seen = set(session.scalars(select(Route.code).where(one_of(Route.code, list(found)), visible(viewer))))
    return [one for code, one in found.items() if code in seen]


def _rounds_of_visits(session: Session, ids: list[int]) -> dict[str, str]:
    if not ids:
        return {}
    rows = session.execute(select(Visit.id, Route.code).join(Route, Route.id == Visit.route_id).where(
        one_of(Visit.id, ids)))
    return {str(visit_id): code for visit_id, code in rows}
