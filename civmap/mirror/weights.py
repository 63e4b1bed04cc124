"""What weighs on some things now, told beside what changed: a map that hears it need not ask again for each of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from civmap.mirror import counting
from civmap.mirror.following import Mirror
from civmap.mirror.kinds import SOURCES, ids_of
from civmap.mirror.masks import Asked
from civmap.mirror.standing import STATUSES
from civmap.people.rules import Viewer

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
