"""Days: how the issues stood at the end of each, for the time slider and the trends."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from civmap.issues import days
from civmap.issues.queries import FILTERS
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Loose
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer

OWN = ("from", "to")
Words = Annotated[str, Field(max_length=8_000)]


class DaysQuery(BaseModel):
    """From which day to which, both counted in; without them the last 60 days."""

    model_config = ConfigDict(extra="forbid")

    first: Annotated[date | None, Field(alias="from")] = None
    last: Annotated[date | None, Field(alias="to")] = None


class DaysOut(Loose):
    """One entry per day: open and overdue at its end (today: now), reported and closed on it."""

    days: list[dict[str, Any]]


FIELDS: dict[str, Any] = {name: (Words | None, None) for name in FILTERS if name not in OWN}
Query = create_model("DaysFilterQuery", __base__=DaysQuery, **FIELDS)


@operation("GET", "/days", summary="How the issues stood day by day", permission=SIGNED_IN, tag="live", query=Query,
           answers={200: DaysOut})
def by_day(desk: Desk, query: DaysQuery) -> Answer:
    """Answer the days of a span, narrowed like the lists of issues, as far as the viewer sees them."""
    first, last = days.window(query.first, query.last, desk.now)
    filters = query.model_dump(exclude_none=True, exclude={"first", "last"})
    found = days.counted(desk.session, desk.viewer, first, last, desk.now, filters)
    return Answer({"days": [{"day": one.day.isoformat(), "open": one.open, "overdue": one.overdue,
                             "reported": one.reported, "closed": one.closed} for one in found]})
