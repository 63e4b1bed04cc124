"""Points by what speaks for going there, with reasons: for choosing what a round visits."""

from typing import Annotated, Any

from pydantic import Field, create_model

from civmap import clock
from civmap.draws import ranking
from civmap.store.listing import Here
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Loose
from civmap.web.api.lists import FILTERS, Whole, narrowing, query_model
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer

MOST, USUAL = 1_000, 50
RankedQuery: Any = create_model(
    "RankedQuery", __base__=query_model("points", FILTERS["points"]),
    by=(Annotated[str, Field(max_length=20, description="risk (default), open or not_seen")], "risk"),
    limit=(Annotated[Whole, Field(description=f"1 to {MOST}, default {USUAL}; larger is clamped")] | None, None))


class RankedOut(Loose):
    """Points in order, the most pressing first; `reasons` tell what each part adds to the risk of 0 to 100."""

    by: str
    total: int
    points: list[dict[str, Any]]


@operation("GET", "/points/ranked", summary="Points by risk, open issues or days without a visit, with reasons",
           permission=SIGNED_IN, tag="points", query=RankedQuery, answers={200: RankedOut})
def ranked(desk: Desk, query: Any) -> Answer:
    """Answer the most pressing of the points that the viewer sees."""
    listed = query_model("points", FILTERS["points"])
    given = query.model_dump(exclude_none=True, exclude={"by", "limit", "after"})
    asked = narrowing(listed.model_validate(given), None)
    filters = {**asked.filters, **({"q": asked.q} if asked.q else {})}
    here = Here(desk.session, desk.viewer, desk.now, clock.as_of(asked.on, desk.now))
    return Answer(ranking.ranked(here, query.by, filters, bbox=asked.bbox, status=asked.status, lang=desk.lang,
                                 limit=min(query.limit or USUAL, MOST)))
