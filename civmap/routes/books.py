"""A round with all that hangs on it, read at once: teams, people, stops, points and the visits made so far."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from civmap.inspections.models import Visit
from civmap.inspections.rules import speaking
from civmap.people.models import Person
from civmap.points.models import InspectionPoint
from civmap.routes.models import Member, Route, Stop, Team
from civmap.store.listing import one_of

POINT_FACTS = tuple(InspectionPoint.__table__.c[name] for name in (
    "id", "code", "name", "type", "address", "unit_id", "street", "division", "open_hours", "valid_to"))
_VISIT_FACTS = (Visit.id, Visit.point_id, Visit.outcome, Visit.arrived_at, Visit.left_at, Visit.who, Visit.passed,
                Visit.failed, Visit.weight_passed, Visit.weight_all, Visit.remark)
DONE, SKIPPED, AT_IT, PLANNED = "done", "skipped", "here", "planned"


@dataclass(slots=True)
class Book:
    """A round as it stands; teams in their order, stops by team and position, people and visits by team and point."""

    route: Route
    teams: list[Team]
    stops: list[Stop]
    people: dict[int, list[Any]] = field(default_factory=dict)
    points: dict[int, Any] = field(default_factory=dict)
    visits: dict[int, Any] = field(default_factory=dict)

    def of_team(self, team: Team) -> list[Stop]:
        """Return the stops of a team in their order."""
        return sorted((stop for stop in self.stops if stop.team_id == team.id), key=lambda stop: stop.position)

    def dealt(self) -> dict[int, list[Stop]]:
        """Return the stops of every team in their order, by the team's id."""
        found: dict[int, list[Stop]] = {team.id: [] for team in self.teams}
        for stop in self.stops:
            if (team_id := stop.team_id) is not None:
                found[team_id].append(stop)
        for stops in found.values():
            stops.sort(key=lambda stop: stop.position)
        return found

    def state(self, stop: Stop) -> str:
        """Return how far a stop is: planned, here, done or skipped."""
        return state_of(self.visits.get(stop.point_id))

    def code(self, stop: Stop) -> str:
        """Return the code of a stop's point."""
        return str(self.points[stop.point_id].code)


def state_of(visit: Any) -> str:
    """Return how far a stop is by its visit, or by none."""
    if visit is None:
        return PLANNED
    if visit.outcome == "skipped":
        return SKIPPED
    return AT_IT if visit.left_at is None else DONE


def read(session: Session, route: Route) -> Book:
    """Return a round with all that hangs on it, in five questions; legs stay in the database."""
    teams = list(session.scalars(select(Team).where(Team.route_id == route.id).options(defer(Team.last_leg))
                                 .order_by(Team.position).execution_options(populate_existing=True)))
    stops = list(session.scalars(select(Stop).where(Stop.route_id == route.id).options(defer(Stop.leg))
                                 .execution_options(populate_existing=True)))
    order = {team.id: team.position for team in teams}
    stops.sort(key=lambda stop: (order.get(stop.team_id or 0, len(order) + 1), stop.position, stop.id))
    return Book(route, teams, stops, people(session, [route.id]).get(route.id, {}),
                points(session, [stop.point_id for stop in stops]), visits(session, route.id))


def points(session: Session, ids: Iterable[int]) -> dict[int, Any]:
    """Return what is told of some points, by id."""
    return {row.id: row for row in session.execute(select(*POINT_FACTS).where(
        one_of(InspectionPoint.id, list(ids))))}


def visits(session: Session, route_id: int) -> dict[int, Any]:
    """Return the visit of a round that speaks for each point, by point id."""
    return speaking(session.execute(select(*_VISIT_FACTS).where(Visit.route_id == route_id)))


def people(session: Session, route_ids: list[int]) -> dict[int, dict[int, list[Any]]]:
    """Return who walks with the teams of some rounds: by round, by team, in the order in which they were named."""
    found: dict[int, dict[int, list[Any]]] = {}
    rows = session.execute(select(Member.route_id, Member.team_id, Person.id, Person.name, Person.full_name)
                           .join(Person, Person.id == Member.person_id).where(one_of(Member.route_id, route_ids))
                           .order_by(Member.id))
    for row in rows:
        found.setdefault(row.route_id, {}).setdefault(row.team_id, []).append(row)
    return found


def left_at(visit: Any) -> datetime | None:
    """Return when a visit ended, as far as it is known."""
    return None if visit is None else visit.left_at or visit.arrived_at
