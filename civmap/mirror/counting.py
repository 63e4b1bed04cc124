"""What weighs on every row: the issues that this viewer sees, counted over arrays by the measures' own names."""

from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from civmap.geo.bulk import lengths_m
from civmap.issues import measures, narrowing
from civmap.issues.measures import Counts
from civmap.mirror import bygone, inside, masks, standing, visits
from civmap.mirror.following import Mirror
from civmap.mirror.masks import Asked, Mask
from civmap.mirror.standing import Stood
from civmap.mirror.tables import Table
from civmap.people.rules import Viewer

LEAST_KEPT, MOST_KEPT, MOST_ROWS_KEPT = 24, 1_000, 4_000_000
OF_ALL = frozenset({"rectification_rate", "last_visit"})
"""Measures for which issues count that are no longer open."""
LINKS = {"points": "point_id", "segments": "segment_id", "units": "unit_id"}
_serials = count(1)


@dataclass(frozen=True, slots=True)
class Colours:
    """Per row: what weighs on it, its status (number in `standing.STATUSES`), and the measure that was asked for."""

    counts: Counts
    status: np.ndarray
    values: np.ndarray | None
    serial: int


@dataclass(frozen=True, slots=True)
class _Kept:
    parts: tuple[Any, ...]
    colours: Colours


def colours(mirror: Mirror, session: Session, viewer: Viewer, kind: str, asked: Asked, by: str,
            now: datetime) -> Colours:
    """Return the colours of all rows of a kind; the same object again as long as nothing differs."""
    moment = asked.on or now
    with mirror.lock:
        table, issues = bygone.of(mirror, session, kind, asked.on).table, mirror.table(session, "issues")
        stood = standing.at(mirror.beside, issues, moment.timestamp(), asked.on is not None)
        counted = Asked(narrowing.parted(kind, asked.filters)[1], True, asked.on)
        seen = None if kind == "issues" else masks.mask(mirror, session, viewer, "issues", counted, now)
        ground = Ground(mirror, session, viewer, counted, now)
        parts = (table.serial, stood.serial, *_beside(ground, kind, by, seen))
        kept: dict[Any, _Kept] = mirror.beside.setdefault("colours", {})
        eye = visits.eye(viewer) if _counts_visits(kind, by, counted) else None
        key = (kind, viewer.scope, counted.key, by, eye)
        known = kept.pop(key, None)
        if known is None or known.parts != parts:
            found = Colours(Counts(), stood.status, None, next(_serials))
            if seen is not None:
                found = _counted(ground, table, stood, seen, by)
            if known is not None and _are_equal(known.colours, found):
                found = known.colours
            known = _Kept(parts, found)
        kept[key] = known
        while len(kept) > min(MOST_KEPT, max(LEAST_KEPT, MOST_ROWS_KEPT // (len(table) + 1))):
            kept.pop(next(iter(kept)))
        return known.colours


@dataclass(frozen=True, slots=True)
class Ground:
    """Where counting takes its facts from, for whom and about which moment."""

    mirror: Mirror
    session: Session
    viewer: Viewer
    counted: Asked
    now: datetime

    @property
    def on(self) -> datetime | None:
        """Return the moment in the past that is asked about, None for the present."""
        return self.counted.on


def _counts_visits(kind: str, by: str, counted: Asked) -> bool:
    """Tell whether visits count beside issues: for points, unless only some issues are asked about."""
    return kind == "points" and by == "last_visit" and not counted.filters


def _beside(ground: Ground, kind: str, by: str, seen: Mask | None) -> tuple[Any, ...]:
    """Return what names everything else that goes into the colours beside the rows and how the issues stand."""
    mirror, session, viewer, parts = ground.mirror, ground.session, ground.viewer, ()
    if seen is not None:
        moment = (ground.on or ground.now).timestamp()
        parts += (seen.serial, moment // measures.DAY if by == "last_visit" else 0)
    if kind == "zones":
        parts += (inside.pairs(mirror, session, "issues", ground.on).serial,)
    if by == "open_per_point":
        parts += (masks.mask(mirror, session, viewer, "points", Asked(on=ground.on), ground.now).serial,)
    if _counts_visits(kind, by, ground.counted):
        parts += visits.serial(mirror, session, viewer)
    return parts


def _counted(ground: Ground, table: Table, stood: Stood, seen: Mask, by: str) -> Colours:
    size, how = len(table), stood.standing
    # Of a million issues a few per cent are open, and all but two measures ask for no others.
    wanted = seen.rows if by in OF_ALL else seen.rows & np.asarray(how.open, bool)
    which, target = _linked(ground, table, "issues", wanted)

    def sums(flags: Any) -> np.ndarray:
        return np.bincount(target[np.asarray(flags, bool)[which]], minlength=size).astype(np.int32)

    counts = Counts(sums(how.open), sums(how.due_soon), sums(how.overdue))
    if by == "rectification_rate":
        counts = counts._replace(handed_over=sums(how.handed_over), closed=sums(how.closed),
                                 suspended=sums(how.suspended))
    elif by == "last_visit":
        newest = np.full(size, -measures.NEVER)
        np.maximum.at(newest, target, how.visited[which])
        if _counts_visits(table.source.name, by, ground.counted):
            moment = (ground.on or ground.now).timestamp()
            newest = np.maximum(newest, visits.newest(ground.mirror, ground.session, ground.viewer, table, moment))
        counts = counts._replace(last_visit=newest)
    elif by == "open_per_km":
        counts = counts._replace(length_m=_lengths(ground.mirror, table))
    elif by == "open_per_point":
        points = masks.mask(ground.mirror, ground.session, ground.viewer, "points", Asked(on=ground.on), ground.now)
        _door, owner = _linked(ground, table, "points", points.rows)
        counts = counts._replace(points=np.bincount(owner, minlength=size))
    status = np.where(counts.open > 0, standing.OPEN, standing.NONE).astype(np.int8)
    status[counts.due_soon > 0] = standing.DUE_SOON
    status[counts.overdue > 0] = standing.OVERDUE
    moment = (ground.on or ground.now).timestamp()
    return Colours(counts, status, None if by == "status" else measures.value(by, counts, moment), next(_serials))


def _linked(ground: Ground, table: Table, kind: str, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which wanted rows of issues (or points) lie on which rows of a table: in a zone, else by their link."""
    if table.source.name == "zones":
        pairs = inside.pairs(ground.mirror, ground.session, kind, ground.on)
        left = wanted[pairs.spots]
        return pairs.spots[left], pairs.zones[left]
    ids = ground.mirror.table(ground.session, kind).numbers[LINKS[table.source.name]]
    which = np.flatnonzero(wanted & (ids >= 0))
    target = _rows_of_ids(table, ids[which])
    is_there = target >= 0
    return which[is_there], target[is_there]


def _lengths(mirror: Mirror, table: Table) -> np.ndarray:
    """Return the metres on the ground of all segments, measured once per version of their places."""
    kept = mirror.beside.get("lengths")
    if kept is None or kept[0] != table.places.serial:
        kept = mirror.beside["lengths"] = (table.places.serial, np.asarray(lengths_m(list(table.places.lines()))))
    return kept[1]


def _rows_of_ids(table: Table, ids: np.ndarray) -> np.ndarray:
    """Return the row of each id, -1 where there is none."""
    if not len(table):
        return np.full(len(ids), -1)
    at = np.minimum(np.searchsorted(table.ids, ids), len(table) - 1)
    return np.where(table.ids[at] == ids, at, -1)


def _are_equal(one: Colours, other: Colours) -> bool:
    def equal(mine: Any, yours: Any) -> bool:
        return np.array_equal(np.asarray(mine, float), np.asarray(yours, float), equal_nan=True)

    return (np.array_equal(one.status, other.status) and all(map(equal, one.counts, other.counts))
            and (one.values is None) == (other.values is None)
            and (one.values is None or equal(one.values, other.values)))
