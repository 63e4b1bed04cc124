"""Who answers for a spot."""

from typing import Annotated

from pydantic import ConfigDict, Field

from civmap.assignment import customs, queries, wording
from civmap.geo.validity import check_spot
from civmap.points import queries as points
from civmap.units.queries import resolve
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Code, Exact, Longitude, Loose, Moment, Swappable
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.moments import moment_or
from civmap.web.replies import Answer


class AssignmentQuery(Exact):
    """A spot, a class of issue, and what else narrows the answer."""

    model_config = ConfigDict(strict=False, extra="forbid")

    lon: Longitude
    lat: Swappable
    issue_class: Annotated[str, Field(alias="class", max_length=64)] = "X2199"
    on: Moment | None = None
    accuracy_m: Annotated[float, Field(ge=0, le=100_000)] | None = None
    point: Code | None = None
    unit: Code | None = None


class UnitNamed(Loose):
    """A unit by code and name."""

    code: str
    name: str


class ClaimOut(Loose):
    """One unit that may answer, and on what ground."""

    unit: UnitNamed | None
    basis: str
    distance_m: float | None
    reason: str


class AssignmentOut(Loose):
    """Who answers: the first claim; the others in order."""

    unit: UnitNamed | None
    basis: str
    reason: str
    distance_m: float | None
    ambiguous: bool
    claims: list[ClaimOut]


@operation("GET", "/assignment", summary="Who answers for a spot, and why", permission=SIGNED_IN, tag="assignment",
           query=AssignmentQuery, answers={200: AssignmentOut})
def assignment(desk: Desk, query: AssignmentQuery) -> Answer:
    """Answer as `civmap assign --json` does; points and units that the viewer does not see are not found."""
    if desk.viewer.role == "public":
        desk.viewer.must("report", "issue")
    city = desk.identity.city
    spot = check_spot(query.lon, query.lat, *([city.frame] if city else []))
    point = points.by_code(desk.session, desk.viewer, query.point).code if query.point else None
    unit = resolve(desk.session, query.unit, viewer=desk.viewer).code if query.unit else None
    found = queries.answer(desk.session, spot, query.issue_class, on=moment_or(query.on, desk.now),
                           accuracy_m=query.accuracy_m, point_code=point, unit_code=unit,
                           table=customs.table_of(city.cascade) if city else None)
    return Answer(wording.as_json(wording.seen_by(desk.viewer, found), desk.lang))
