"""What weighs on some things now, told beside what changed: a map that hears it need not ask again for each of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from civmap.issues import narrowing
from civmap.mirror import counting
from civmap.mirror.following import Mirror
from civmap.mirror.kinds import SOURCES, ids_of
from civmap.mirror.masks import Asked
from civmap.mirror.standing import NONE, STATUSES
from civmap.people.rules import Viewer
from civmap.store.listing import Here

Weight = dict[str, Any]


def weights(mirror: Mirror, session: Session, viewer: Viewer, codes: Mapping[str, Sequence[str]],
            now: datetime) -> dict[tuple[str, str], Weight]:
    """Return by kind and code how the issues stand that this viewer sees on things that the viewer was told of."""
    found: dict[tuple[str, str], Weight] = {}
    with mirror.still(session):
        for kind, some in codes.items():
            table = mirror.table(session, kind)
            colours = counting.colours(mirror, session, viewer, kind, Asked(), "status", now)
            opens, soon, late = colours.counts.open, colours.counts.due_soon, colours.counts.overdue
            for row in table.rows_of(np.array(ids_of(session, SOURCES[kind], some), np.int64)).tolist():
                found[kind, table.codes.row(row).tobytes().decode()] = {
                    "status": STATUSES[colours.status[row]], "open_issues": int(opens[row]),
                    "due_soon_issues": int(soon[row]), "overdue_issues": int(late[row])}
    return found


def weigh(mirror: Mirror, here: Here, kind: str, filters: Mapping[str, Any],
          ids: Sequence[int]) -> list[tuple[str, int]]:
    """Return status and open issues of the things of some ids now; one that only just came to be weighs nothing."""
    with mirror.still(here.session):
        table = mirror.table(here.session, kind)
        counted = Asked(narrowing.parted(kind, filters)[1])
        colours = counting.colours(mirror, here.session, here.viewer, kind, counted, "status", here.now)
    if not len(table):
        return [(STATUSES[NONE], 0)] * len(ids)
    wanted = np.array(ids, np.int64)
    at = np.minimum(np.searchsorted(table.ids, wanted), len(table) - 1)
    is_there = table.ids[at] == wanted
    opens = np.where(is_there, np.asarray(colours.counts.open)[at], 0)
    statuses = np.where(is_there, colours.status[at], NONE)
    return [(STATUSES[status], count) for status, count in zip(statuses.tolist(), opens.tolist(), strict=True)]
