"""Counting the issues that weigh on things, for whole lists at once: open ones, lateness, and what measures need."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from sqlalchemy import case, func, select

from civmap.errors import Invalid
from civmap.geo.bulk import lengths_m
from civmap.issues import measures
from civmap.issues.filters import known_at, stands
from civmap.issues.measures import NEVER, Counts
from civmap.issues.models import Issue
from civmap.issues.narrowing import counted
from civmap.issues.queries import visible
from civmap.points import queries as points
from civmap.points.models import InspectionPoint
from civmap.store.base import holds_at
from civmap.store.listing import FEW_VALUES, Here, one_of
from civmap.store.spatial import in_frame

SUMS = ("open", "due_soon", "overdue", "handed_over", "closed", "suspended")
KEYS = {"points": Issue.point_id, "segments": Issue.segment_id, "units": Issue.unit_id}
NEEDS_ALL = frozenset({"rectification_rate", "last_visit"})
FEW_AREAS = 2_000


def check_measure(kind: str, by: str) -> None:
    """Refuse a measure that a kind of thing does not have; raise Invalid."""
    if by not in measures.OF_KIND[kind]:
        raise Invalid("measure_unknown", field="by", value=by, known=list(measures.OF_KIND[kind]))


class Counter:
    """Counts of one question, read once, for as many things as are asked about afterwards.

    Only the issues that the viewer sees are counted, and only those that the `issue_…` filters leave.
    """

    def __init__(self, here: Here, kind: str, filters: Mapping[str, Any], by: str = "status", *,
                 ids: Sequence[int] | None = None, areas: Sequence[Any] | None = None) -> None:
        """Read the issues: all that count, or those on a few things where these are named."""
        check_measure(kind, by)
        self._here, self._kind, self._by = here, kind, by
        self._filters = counted(here, filters)
        self._is_deep = by in NEEDS_ALL
        if kind == "zones":
            self._read_spots(areas)
        else:
            self._read_groups(ids)

    def of(self, rows: Sequence[Any]) -> Counts:
        """Return the counts of some rows, each an array in their order."""
        if self._kind == "zones":
            found = self._inside([row.geom for row in rows])
        else:
            found = self._looked_up(np.array([row.id for row in rows], np.int64))
        if self._by == "open_per_km":
            return found._replace(length_m=np.array(lengths_m([row.geom for row in rows])))
        if self._by == "open_per_point":
            return found._replace(points=self._points(rows))
        return found

    def values(self, counts: Counts) -> list[Any]:
        """Return the asked measure of each thing, None where it has no value."""
        found = np.atleast_1d(measures.value(self._by, counts, self._here.at.timestamp()))
        return [None if np.isnan(value) else int(value) if value.is_integer() else value
                for value in found.astype(float).tolist()]

    def _wanted(self) -> list[Any]:
        """Return the conditions of the issues that are read."""
        is_open = [] if self._is_deep else [stands(self._here).open]
        return [visible(self._here.viewer, self._here.now), known_at(self._here), *is_open, *self._filters]

    def _flags(self) -> list[Any]:
        found = stands(self._here)
        return [case((getattr(found, name), 1), else_=0) for name in (SUMS if self._is_deep else SUMS[:3])]

    def _read_groups(self, ids: Sequence[int] | None) -> None:
        key = KEYS[self._kind]
        sums = [func.sum(flag) for flag in self._flags()]
        newest = [func.max(stands(self._here).visited)] if self._is_deep else []
        asked = select(key, *sums, *newest).where(*self._wanted(), key.is_not(None)).group_by(key)
        if ids is not None:
            asked = asked.where(one_of(key, list(ids)))
        rows = sorted(self._here.session.execute(asked).all())
        self._keys = np.array([row[0] for row in rows], np.int64)
        self._sums = _columns(rows, 1, len(sums))
        self._visits = np.array([row[-1].timestamp() for row in rows]) if self._is_deep else None

    def _looked_up(self, ids: np.ndarray) -> Counts:
        if not len(self._keys):
            return _nothing(len(ids))
        places = np.minimum(np.searchsorted(self._keys, ids), len(self._keys) - 1)
        is_there = self._keys[places] == ids
        found = [np.where(is_there, column[places], 0) for column in self._sums]
        return _counts(found, None if self._visits is None else np.where(is_there, self._visits[places], -NEVER))

    def _read_spots(self, areas: Sequence[Any] | None) -> None:
        newest = [stands(self._here).visited] if self._is_deep else []
        flags = self._flags()
        asked = select(func.ST_X(Issue.geom), func.ST_Y(Issue.geom), *flags, *newest).where(*self._wanted())
        if areas is not None and 0 < len(areas) <= FEW_AREAS:
            asked = asked.where(in_frame(Issue.geom, *shapely.total_bounds(_array(areas)).tolist()))
        rows = self._here.session.execute(asked).all()
        self._tree = _tree(rows)
        self._sums = _columns(rows, 2, len(flags))
        self._visits = np.array([row[-1].timestamp() for row in rows]) if self._is_deep else None

    def _inside(self, areas: Sequence[Any]) -> Counts:
        owner, spot = self._tree.query(_array(areas), predicate="intersects")
        found = [np.bincount(owner, weights=column[spot], minlength=len(areas)).astype(np.int64)
                 for column in self._sums]
        visits = None
        if self._visits is not None:
            visits = np.full(len(areas), -NEVER)
            np.maximum.at(visits, owner, self._visits[spot])
        return _counts(found, visits)

    def _points(self, rows: Sequence[Any]) -> np.ndarray:
        """Return how many points that the viewer sees lie in each zone, or are held by each unit."""
        here = self._here
        seen = (points.visible(here.viewer), holds_at(InspectionPoint, here.at))
        if self._kind == "zones":
            if not hasattr(self, "_doors"):
                found = here.session.execute(select(func.ST_X(InspectionPoint.geom), func.ST_Y(InspectionPoint.geom))
                                             .where(*seen)).all()
                self._doors = _tree(found)
            owner, _spot = self._doors.query(_array([row.geom for row in rows]), predicate="intersects")
            return np.bincount(owner, minlength=len(rows))
        if not hasattr(self, "_held"):
            key = InspectionPoint.unit_id
            held = here.session.execute(select(key, func.count()).where(*seen, key.is_not(None)).group_by(key))
            self._held = {unit_id: count for unit_id, count in held}
        return np.array([self._held.get(row.id, 0) for row in rows])


def few(rows: Sequence[Any]) -> list[int] | None:
    """Return the ids of rows that are few enough to be asked about alone, None for more."""
    return [row.id for row in rows] if len(rows) <= FEW_VALUES else None


def _columns(rows: Sequence[Any], first: int, count: int) -> list[np.ndarray]:
    table = np.array([[int(value or 0) for value in row[first:first + count]] for row in rows], np.int64)
    return list(table.reshape(len(rows), count).T)


def _counts(found: Sequence[np.ndarray], visits: np.ndarray | None) -> Counts:
    counts = Counts(**dict(zip(SUMS, found, strict=False)))
    return counts if visits is None else counts._replace(last_visit=visits)


def _nothing(count: int) -> Counts:
    return _counts([np.zeros(count, np.int64) for _name in SUMS], np.full(count, -NEVER))


def _tree(rows: Sequence[Any]) -> shapely.STRtree:
    return shapely.STRtree(shapely.points(np.array([row[:2] for row in rows], float).reshape(-1, 2)))


def _array(geometries: Sequence[Any]) -> np.ndarray:
    array = np.empty(len(geometries), dtype=object)
    array[:] = list(geometries)
    return array
