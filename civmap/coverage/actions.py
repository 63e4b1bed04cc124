"""Repair what only coverage knows of: an edge that two zones divide differently."""

from datetime import datetime

from sqlalchemy.orm import Session

from civmap.geo.weave import weave
from civmap.people.rules import Viewer
from civmap.zones import plans
from civmap.zones.plans import Plan, Wish
from civmap.zones.subjects import subject

VERB = "match"


def matched(session: Session, viewer: Viewer, first: str, second: str, now: datetime) -> Plan:
    """Return the plan by which two zones share every vertex of their common edge; no ground changes hands.

    Raise NotFound, Forbidden and Conflict as every edit of a zone does.
    """
    rows = [subject(session, viewer, code, now) for code in (first, second)]
    woven = weave([row.geom for row in rows], [False, False])
    return plans.planned(session, viewer, [Wish(row.code, shape, {}) for row, shape in zip(rows, woven, strict=True)],
                         now, rule="trim")
