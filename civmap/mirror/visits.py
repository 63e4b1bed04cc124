"""The visits to points as arrays that follow the ledger: which point, when, and whether it is hidden as yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.city.covert import visits_seen
from civmap.inspections.models import Visit
from civmap.issues.measures import NEVER
from civmap.mirror.following import VISITS, Mirror, codes_in, seen_line
from civmap.mirror.tables import Table
from civmap.people.rules import SEES_COVERT, Viewer

MOST_FOLLOWED = 400
FETCHED = 50_000
_serials = count(1)


@dataclass(frozen=True, slots=True)
class Visits:
    """Ids in order, the points' ids, the seconds of arrival, and which are covert; as of a ledger line."""

    ids: np.ndarray
    points: np.ndarray
    moments: np.ndarray
    covert: np.ndarray
    line: int
    serial: int


def eye(viewer: Viewer) -> int:
    """Return what tells apart those who see different visits of the same points."""
    return -1 if viewer.role in SEES_COVERT else viewer.person_id


def serial(mirror: Mirror, session: Session, viewer: Viewer) -> tuple[int, ...]:
    """Return what names the visits that a viewer knows of: the same as long as they are the same."""
    found = visits(mirror, session)
    return found.serial, *_opened(session, viewer, found).tolist()


def newest(mirror: Mirror, session: Session, viewer: Viewer, table: Table, at: float) -> np.ndarray:
    """Return of each row of the points the second of its newest visit until a moment, -NEVER without one."""
    found, seen = visits(mirror, session), np.full(len(table), -NEVER)
    if not len(found.ids) or not len(table):
        return seen
    is_known = found.moments <= at
    if viewer.role not in SEES_COVERT:
        is_known &= ~found.covert | np.isin(found.ids, _opened(session, viewer, found))
    points = found.points[is_known]
    rows = np.minimum(np.searchsorted(table.ids, points), len(table) - 1)
    is_there = table.ids[rows] == points
    np.maximum.at(seen, rows[is_there], found.moments[is_known][is_there])
    return seen


def _opened(session: Session, viewer: Viewer, found: Visits) -> np.ndarray:
    """Return the covert visits that this viewer knows of all the same: those of the rounds that they walk."""
    if viewer.role in SEES_COVERT or not found.covert.any():
        return np.zeros(0, np.int64)
    asked = select(Visit.id).where(Visit.is_covert, visits_seen(viewer, Visit)).order_by(Visit.id)
    return np.array(session.scalars(asked).all(), np.int64)


def visits(mirror: Mirror, session: Session) -> Visits:
    """Return the visits, at least as new as this session sees them."""
    with mirror.lock:
        log = mirror.follow(session)
        kept: Visits | None = mirror.beside.get("visits")
        changes = None if kept is None else log.since(kept.line)
        line = seen_line(session, log)
        if kept is not None and changes is not None:
            moved = [change for change in changes if change.kind == VISITS]
            if not moved:
                return kept
            codes = codes_in(moved, VISITS)
            if len(codes) == len(moved) <= MOST_FOLLOWED:
                kept = mirror.beside["visits"] = _followed(session, kept, codes, line)
                return kept
        kept = mirror.beside["visits"] = Visits(*_read(session, ""), line, next(_serials))
        return kept


def _followed(session: Session, kept: Visits, keys: Sequence[str], line: int) -> Visits:
    """Return the visits with those of some keys read again, and all that came since."""
    since = int(kept.ids[-1]) if len(kept.ids) else 0
    named = [int(key) for key in keys if key.isdecimal()]
    changed = session.scalars(select(Visit.id).where(Visit.id.in_(named) | (Visit.id > since))).all()
    if not changed:
        return kept
    new = _read(session, f" AND id IN ({','.join(str(int(one)) for one in changed)})")
    stays = ~np.isin(kept.ids, np.array(changed, np.int64))
    old = (kept.ids[stays], kept.points[stays], kept.moments[stays], kept.covert[stays])
    both = [np.concatenate(pair) for pair in zip(old, new, strict=True)]
    order = np.argsort(both[0], kind="stable")
    return Visits(*(column[order] for column in both), line, next(_serials))


def _read(session: Session, narrowed: str) -> tuple[np.ndarray, ...]:
    lite = session.get_bind().dialect.name == "sqlite"
    moment = "unixepoch(arrived_at)" if lite else "CAST(floor(extract(epoch FROM arrived_at)) AS bigint)"
    cursor = session.connection().connection.cursor()
    rows: list[tuple[int, ...]] = []
    try:
        cursor.execute(f"SELECT id, point_id, {moment}, CAST(is_covert AS INTEGER) FROM {Visit.__tablename__} "
                       f"WHERE outcome = 'visited'{narrowed} ORDER BY id")
        while some := cursor.fetchmany(FETCHED):
            rows += some
    finally:
        cursor.close()
    found = np.array(rows, np.int64).reshape(-1, 4)
    return found[:, 0], found[:, 1], found[:, 2].astype(float), found[:, 3].astype(bool)
