"""Which rows a viewer sees and a question leaves, as truth values per row: the queries' own conditions, asked once.

A mask is kept per scope and question. It follows the ledger: where only rows of its own kind changed, just those are
asked again; whatever else could bear on it makes it be asked anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import count
from typing import Any

import numpy as np
from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from civmap import clock
from civmap.issues import narrowing, unseen
from civmap.issues.filters import known_at
from civmap.issues.models import Issue
from civmap.issues.queries import visible
from civmap.mirror import standing, visits
from civmap.mirror.following import CHUNK, VISITS, Change, Mirror, codes_in, seen_line
from civmap.mirror.kinds import ids_of
from civmap.mirror.ragged import grown
from civmap.mirror.tables import Table
from civmap.people.rules import Viewer
from civmap.store import asof
from civmap.store.listing import Here
from civmap.store.prepared import Prepared, Shelf, listed
from civmap.store.prepared import asked as bound

LEAST_KEPT, MOST_KEPT = 48, 1_000
MOST_ROWS_KEPT = 48_000_000
"""Every viewer of a territory or unit has masks of their own: more people look at once than there were kinds."""
UNSEEN_SECONDS = 300
"""How long "not seen for N days" may stay as it is while nothing but the clock moves."""
_serials = count(1)
_SEEN: Shelf[Prepared] = Shelf()
BY_PLACE = frozenset({"grid", "zone", "parent", "segment", "chief", "street", "within", "type", "point", "retired"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: filters by their names, and the moment it is about where that is not the present.

    `counted` tells that the filters are those of the issues that are counted on other things (`issue_…`).
    """

    filters: Mapping[str, Any] = field(default_factory=dict)
    counted: bool = False
    on: datetime | None = None

    @property
    def key(self) -> tuple[Any, ...]:
        """Return what tells this question from others."""
        return tuple(sorted((name, str(value)) for name, value in self.filters.items())), self.counted, self.on

    def here(self, session: Session, viewer: Viewer, now: datetime) -> Here:
        """Return who asks about which moment, as the queries take it."""
        return Here(session, viewer, now, self.on or now)


@dataclass(frozen=True, slots=True)
class Mask:
    """The rows that are left, as of a ledger line; good from `since` until (not at) `until`, both in seconds."""

    rows: np.ndarray
    line: int
    since: float
    until: float
    serial: int


def mask(mirror: Mirror, session: Session, viewer: Viewer, kind: str, asked: Asked, now: datetime) -> Mask:
    """Return the rows of a kind that a viewer sees and a question leaves; raise Invalid as the lists do."""
    with mirror.lock:
        table, log = mirror.table(session, kind), mirror.follow(session)
        kept: dict[Any, Mask] = mirror.beside.setdefault("masks", {})
        key, second = (kind, viewer.scope, asked.key, _eye(viewer, asked)), now.timestamp()
        found = kept.pop(key, None)
        if found is not None:
            changes = log.since(found.line) if asked.on or found.since <= second < found.until else None
            if changes is None:
                found = None
            elif changes or found.line != log.end:
                found = _followed(mirror, session, viewer, table, asked, now, found, changes, seen_line(session, log))
        if found is None:
            rows = np.zeros(len(table), bool)
            rows[_rows(session, viewer, table, asked, now)] = True
            found = Mask(rows, seen_line(session, log), second, _until(mirror, viewer, table, asked, second),
                         next(_serials))
        kept[key] = found
        while len(kept) > min(MOST_KEPT, max(LEAST_KEPT, MOST_ROWS_KEPT // (len(table) + 1))):
            kept.pop(next(iter(kept)))
        return found


def _rows(session: Session, viewer: Viewer, table: Table, asked: Asked, now: datetime,
          ids: list[int] | None = None) -> np.ndarray:
    here, model = asked.here(session, viewer, now), table.source.model
    if ids is not None and asked.counted and not asked.filters and asked.on is None:
        rows = _SEEN.of(viewer.scope, lambda: _seen(viewer)).rows(session, ids=ids, now=now) if ids else []
        return table.rows_of(np.sort(np.array([row.id for row in rows], np.int64)))
    if asked.counted:
        statement = select(model.id).where(visible(viewer, now), known_at(here),
                                           *narrowing.counted(here, asked.filters))
    else:
        statement = narrowing.selected(table.source.name, here, asked.filters)
    if ids is not None:
        statement = statement.where(model.id.in_(ids))
    left = select(model.id)
    if asked.on and asof.is_past(session, model, asked.on):
        left = asof.stood(model, statement, asked.on, model.id)
    elif statement.whereclause is not None:
        left = left.where(statement.whereclause)
    found = left.order_by(None).subquery()
    gathered = func.aggregate_strings(cast(found.c.id, String), ",")  # a million rows would take seconds
    return table.rows_of(np.sort(np.fromstring(session.scalar(select(gathered)) or "", np.int64, sep=",")))


def _seen(viewer: Viewer) -> Prepared:
    """Return the statement that every write asks for every scope: which of some issues are seen now."""
    return Prepared(select(Issue.id).where(listed("ids", Issue.id), visible(viewer, bound("now", Issue.due_at))))


def _until(mirror: Mirror, viewer: Viewer, table: Table, asked: Asked, now: float) -> float:
    """Return when the clock alone may change the answer: rows begin or end to hold, issues turn late."""
    if table.source.name != "issues":
        soon = now + UNSEEN_SECONDS if _asks_visits(asked) else np.inf
        return min(table.next_turn(now), _midnight(now) if asked.filters else np.inf, soon)
    if viewer.role == "discipline":
        return standing.at(mirror.beside, table, now, False).until
    return np.inf


def _midnight(now: float) -> float:
    """Return when the office day ends: a filter may ask for what holds today."""
    day = clock.office_day(datetime.fromtimestamp(now, UTC)) + timedelta(days=1)
    return datetime.combine(day, time(0), clock.OFFICE_ZONE).timestamp()


def _followed(mirror: Mirror, session: Session, viewer: Viewer, table: Table, asked: Asked, now: datetime,
              kept: Mask, changes: list[Change], line: int) -> Mask | None:
    """Return the mask after some changes; None where it has to be asked anew."""
    if any(_bears_on(change, table.source.name, viewer, asked) for change in changes):
        return None
    rows = grown(kept.rows, len(table) - len(kept.rows))
    codes = codes_in(changes, table.source.name)
    for start in range(0, len(codes), CHUNK):
        ids = ids_of(session, table.source, codes[start:start + CHUNK])
        rows[table.rows_of(np.array(ids, np.int64))] = False
        rows[_rows(session, viewer, table, asked, now, ids)] = True
    if np.array_equal(rows, kept.rows):
        return Mask(kept.rows, line, kept.since, kept.until, kept.serial)
    second = now.timestamp()
    return Mask(rows, line, second, min(kept.until, _until(mirror, viewer, table, asked, second)),
                next(_serials))


def _asks_visits(asked: Asked) -> bool:
    """Tell whether a question is about when somebody was last there."""
    return unseen.NAME in asked.filters and not asked.counted


def _eye(viewer: Viewer, asked: Asked) -> int:
    """Return what tells apart those of one scope who know of different visits."""
    return visits.eye(viewer) if _asks_visits(asked) else 0


def _bears_on(change: Change, kind: str, viewer: Viewer, asked: Asked) -> bool:
    """Tell whether a change may move rows of a kind other than the one it names into or out of a mask."""
    is_simple = viewer.sees_all and not asked.filters
    if change.is_wide:
        return not is_simple or not change.code
    if change.kind in ("issues", VISITS):
        return kind == "points" and _asks_visits(asked)
    if change.kind == kind and kind != "units":
        return (kind == "segments" and not viewer.sees_all) or bool(BY_PLACE & set(asked.filters))
    if change.kind == "zones":
        return bool(BY_PLACE & set(asked.filters))
    return not is_simple
