"""The filter "not seen for N days": points that neither a visit nor an issue's report or check has touched since.

Visits belong to a room above, so they are a light table here; whether a viewer may know of one is the policy's.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import Boolean, and_, column, select, table, true

from civmap.city.covert import visits_seen
from civmap.fields import whole
from civmap.issues.filters import known_at, stands
from civmap.issues.models import Issue
from civmap.issues.queries import visible
from civmap.points.models import InspectionPoint
from civmap.store.base import UtcDateTime
from civmap.store.listing import Here

NAME = "not_seen_days"
MOST_DAYS = 3_650
VISITS = table("visit", *(column(name) for name in ("point_id", "route_id", "outcome", "who")),
               column("arrived_at", UtcDateTime), column("is_covert", Boolean))
_READ = whole(0, MOST_DAYS)


def not_seen_days(here: Here, value: Any) -> Any:
    """Match points last seen at least so many whole days ago, or never: what `last_visit` says of them is no less."""
    days = _READ(value)
    if not days:
        return true()
    since = here.at - timedelta(days=days)
    visits = select(VISITS.c.point_id).where(
        VISITS.c.outcome == "visited", VISITS.c.arrived_at > since, VISITS.c.arrived_at <= here.at,
        visits_seen(here.viewer, VISITS.c))
    issues = select(Issue.point_id).where(Issue.point_id.is_not(None), stands(here).visited > since, known_at(here),
                                          visible(here.viewer, here.now))
    return and_(InspectionPoint.id.not_in(visits), InspectionPoint.id.not_in(issues))
