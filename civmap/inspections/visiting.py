"""When somebody was last at a point, by the visits that a viewer may know of, as of any moment.

Together with the issues' own reports and checks this is the "last visit" of map, list, panel and choosing alike.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import and_, func, select

from civmap.city.covert import visits_seen
from civmap.inspections.models import Visit
from civmap.issues.measures import NEVER, Counts
from civmap.store.listing import Here, one_of

VISITED = "visited"


def was_there() -> Any:
    """Return the condition that somebody was at the point; a stop that was skipped is no visit."""
    return Visit.outcome == VISITED


def is_rated() -> Any:
    """Return the condition that a visit counts in scores: somebody was there, and has left again."""
    return and_(was_there(), Visit.left_at.is_not(None))


def last_seen(here: Here, ids: Sequence[int] | None = None) -> dict[int, float]:
    """Return by point id the second of its newest visit at the moment asked about; of some points, or of all."""
    wanted = select(Visit.point_id, func.max(Visit.arrived_at)).where(
        was_there(), visits_seen(here.viewer, Visit), Visit.arrived_at <= here.at)
    if ids is not None:
        wanted = wanted.where(one_of(Visit.point_id, ids))
    return {point_id: newest.timestamp() for point_id, newest in here.session.execute(wanted.group_by(Visit.point_id))}


def joined(here: Here, kind: str, rows: Sequence[Any], counts: Counts, counted: Mapping[str, Any]) -> Counts:
    """Return counts of points whose last visit knows of visits too, and others as they are.

    Where `issue_…` filters narrow what counts, only the issues that they leave are asked.
    """
    if kind != "points" or counted or not len(rows):
        return counts
    newest = last_seen(here, [row.id for row in rows])
    visits = np.array([newest.get(row.id, -NEVER) for row in rows])
    return counts._replace(last_visit=np.maximum(counts.last_visit, visits))


def of_one(here: Here, kind: str, row: Any, counts: Counts) -> Counts:
    """Return the counts of one thing, its last visit with visits to it where it is a point."""
    if kind != "points":
        return counts
    newest = last_seen(here, [row.id]).get(row.id, -NEVER)
    return counts._replace(last_visit=max(float(counts.last_visit), newest))


def latest(visits: Iterable[Any]) -> dict[int, Any]:
    """Return of each point the visit that counts in a round: the newest."""
    return {one.point_id: one for one in sorted(visits, key=lambda one: (one.arrived_at, one.id))}
