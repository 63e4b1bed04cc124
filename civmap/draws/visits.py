"""When a point was last seen: the newest of visits, reports and checks on site, the one number the map shows too."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from civmap.inspections import visiting
from civmap.issues import measures
from civmap.issues.counting import Counter
from civmap.issues.measures import Counts
from civmap.store.listing import FEW_VALUES, Here


class Numbered(NamedTuple):
    """A row of which only the id is asked."""

    id: int


def weighed(here: Here, ids: Sequence[int], filters: Any = None) -> Counts:
    """Return the counts of some points, each an array in their order; the last visit knows of visits too."""
    rows = [Numbered(one) for one in ids]
    counter = Counter(here, "points", filters or {}, "last_visit", ids=list(ids) if len(ids) <= FEW_VALUES else None)
    return visiting.joined(here, "points", rows, counter.of(rows), filters or {})


def unseen_days(here: Here, ids: Sequence[int]) -> list[int | None]:
    """Return the whole days since each point was last seen, None where nobody ever was there."""
    return days_of(weighed(here, ids), here) if ids else []


def days_of(counts: Counts, here: Here) -> list[int | None]:
    """Return the whole days since the last visit that counts tell of."""
    days = np.atleast_1d(np.asarray(measures.last_visit(counts, here.at.timestamp()), float))
    return [None if np.isnan(one) else int(one) for one in days.tolist()]
