"""What is not covered."""

from typing import Literal

from civmap.coverage.queries import found
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Exact, Loose
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer


class CoverageQuery(Exact):
    """Of which kind of zones."""

    kind: Literal["frontage", "grid", "estate", "subdistrict", "community"] | None = None


class Patch(Loose):
    """A piece of ground: its size, and its frame W, S, E, N in degrees."""

    area_m2: float
    bbox: list[float]


class Overlap(Patch):
    """Ground that two zones share."""

    a: str
    b: str


class Uncovered(Loose):
    """Metres of a street side that no frontage zone faces."""

    segment: str
    side: str
    length_m: float


class CoverageOut(Loose):
    """Places where zones do not fit together, and codes of what nobody answers for."""

    overlaps: list[Overlap]
    gaps: list[Patch]
    slivers: list[Patch]
    points_without_unit: list[str]
    segments_without_chief: list[str]
    zones_without_holder: list[str]
    expired_pledges: list[str]
    uncovered_frontage: list[Uncovered]


@operation("GET", "/coverage", summary="What is not covered", permission=SIGNED_IN, tag="coverage",
           query=CoverageQuery, answers={200: CoverageOut})
def coverage(desk: Desk, query: CoverageQuery) -> Answer:
    """Answer as `civmap coverage --json` does."""
    return Answer(found(desk.session, desk.viewer, desk.now, query.kind))
