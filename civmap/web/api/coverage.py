"""What is not covered."""

from typing import Literal

from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Exact, Loose
from civmap.web.api.operations import operation
from civmap.web.coverage import coverage_of
from civmap.web.desk import Desk
from civmap.web.replies import Answer


class CoverageQuery(Exact):
    """Of which kind of zones."""

    kind: Literal["frontage", "grid", "estate", "subdistrict", "community"] | None = None


class CoverageOut(Loose):
    """Codes of what nobody answers for; the lists named in `not_built` are null until a later piece finds them."""

    points_without_unit: list[str]
    segments_without_chief: list[str]
    zones_without_holder: list[str]
    expired_pledges: list[str]
    not_built: list[str]


@operation("GET", "/coverage", summary="What is not covered", permission=SIGNED_IN, tag="coverage",
           query=CoverageQuery, answers={200: CoverageOut})
def coverage(desk: Desk, query: CoverageQuery) -> Answer:
    """Answer as `civmap coverage --json` does."""
    return Answer(coverage_of(desk, query.kind))
