"""What is not covered."""

from typing import Any, Literal

from civmap.coverage import actions, findings
from civmap.coverage.queries import found
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Code, Exact, Loose
from civmap.web.api.operations import operation
from civmap.web.api.zone_bodies import PreviewQuery, Versions, ZoneChanges
from civmap.web.api.zones import answered
from civmap.web.desk import Desk
from civmap.web.replies import Answer
from civmap.zones.subjects import Proposal

Kind = Literal["frontage", "grid", "estate", "subdistrict", "community"]


class CoverageQuery(Exact):
    """Of which kind of zones."""

    kind: Kind | None = None


class FindingsQuery(CoverageQuery):
    """Along which road."""

    road: str | None = None


class Finding(Loose):
    """Where on the map, how grave, and what repairs it: each repair is a request, or an address with a form."""

    severity: Literal["error", "notice"]
    repair: list[dict[str, Any]]


class Patch(Finding):
    """A piece of ground: its size, its frame W, S, E, N and a spot in it, in degrees."""

    area_m2: float
    bbox: list[float]
    place: list[float]
    kind: str


class Overlap(Patch):
    """Ground that two zones share, or an edge on which their vertices do not meet."""

    a: str
    b: str


class Uncovered(Finding):
    """Metres of a street side that no frontage zone faces, in spans along the segment."""

    segment: str
    side: str
    length_m: float
    whole_m: float
    spans: list[list[float]]


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


class Group(Loose):
    """Findings of one sort, the gravest first."""

    group: str
    total: int
    errors: int
    rows: list[dict[str, Any]]


class Street(Loose):
    """How many metres of a road's sides want frontage zones, and how many of them have none."""

    road: str
    whole_m: int
    bare_m: int


class FindingsOut(Loose):
    """What is not covered, with shapes for the map."""

    groups: list[Group]
    streets: list[Street]


class FigureOut(Loose):
    """How many places do not fit, how many of them are errors, how much has nobody, and metres without a zone."""

    misfits: int
    errors: int
    unanswered: int
    uncovered_m: int


@operation("GET", "/coverage", summary="What is not covered", permission=SIGNED_IN, tag="coverage",
           query=CoverageQuery, answers={200: CoverageOut})
def coverage(desk: Desk, query: CoverageQuery) -> Answer:
    """Answer as `civmap coverage --json` does."""
    return Answer(found(desk.session, desk.viewer, desk.now, query.kind))


@operation("GET", "/coverage/findings", summary="What is not covered, with shapes for the map", permission=SIGNED_IN,
           tag="coverage", query=FindingsQuery, answers={200: FindingsOut})
def told(desk: Desk, query: FindingsQuery) -> Answer:
    """Answer the groups of findings, at most 200 each, and the streets."""
    return Answer(findings.told(desk.session, desk.viewer, desk.now, query.kind, query.road))


@operation("GET", "/coverage/figure", summary="How much is not covered", permission=SIGNED_IN, tag="coverage",
           answers={200: FigureOut})
def figure(desk: Desk) -> Answer:
    """Answer the figure of the front page."""
    return Answer(findings.counted(desk.session, desk.viewer, desk.now))


class MatchBody(Exact):
    """Two zones whose vertices do not meet on their common edge."""

    a: Code
    b: Code
    versions: Versions | None = None


@operation("POST", "/coverage/match", summary="Let two zones share every vertex of their common edge", tag="coverage",
           permission=("edit", "zone"), query=PreviewQuery, body=MatchBody, answers={200: ZoneChanges},
           may_preview=True)
def match(desk: Desk, query: PreviewQuery, body: MatchBody) -> Answer:
    """Show what would change, or write it; no ground changes hands."""
    return answered(desk, query, body.versions or {}, actions.VERB, lambda: Proposal(
        actions.matched(desk.session, desk.viewer, body.a, body.b, desk.now)))
