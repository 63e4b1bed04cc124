"""Planning a round: what was asked becomes a draft, a solver finds orders, and they are put into the draft."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap import clock
from civmap.city.queries import frame_of
from civmap.errors import CivmapError, Invalid
from civmap.fields import refuse
from civmap.people.models import Person
from civmap.people.rules import SEES_COVERT, Viewer
from civmap.routes import choosing, measuring, noting, wishes
from civmap.routes.customs import Rounds, rounds_of
from civmap.routes.drafts import RETURN, Draft, DraftTeam
from civmap.routes.measuring import Measured
from civmap.routes.problem import BALANCED, Crew, Orders, Problem, Progress, Solution
from civmap.routes.solving_apart import solve_apart
from civmap.routes.wishes import TeamWish, Wish

Tell = Callable[[Progress], None]
Halt = Callable[[], bool]
SECONDS = ((50, 2.0), (200, 5.0), (500, 7.0))
MOST_USUAL_SECONDS = 10.0


@dataclass(frozen=True)
class Prepared:
    """A wish with its points, people and metres: all that planning needs, apart from the database."""

    wish: Wish
    sent: Mapping[str, Any]
    day: date
    draw_id: int | None
    is_covert: bool
    found: Measured

    @property
    def draft(self) -> Draft:
        """Return the draft, with the orders found so far."""
        return self.found.draft


def prepare(session: Session, viewer: Viewer, sent: Mapping[str, Any], now: datetime) -> Prepared:
    """Return what was asked for, checked and measured; raise Forbidden, Invalid, Several or NotFound."""
    viewer.must("create", "route")
    rounds = rounds_of(session)
    wish = wishes.read(sent, rounds, frame_of(session))
    chosen = choosing.chosen(session, viewer, wish, now)
    day = wish.day or clock.office_day(now)
    is_hidden = chosen.draw is not None and chosen.draw.is_covert and chosen.draw.published_at is None
    is_covert = is_hidden or bool(wish.is_covert)
    stops = choosing.stops(chosen.rows, wish, rounds, day)
    teams = with_people(session, wish.teams, is_covert)
    teams = tuple(closed(team, stops, len(teams), rounds) for team in teams)
    draft = Draft(stops, teams, tuple(() for _ in teams), dict.fromkeys(range(len(stops)), "no_time"), wish.mode,
                  wish.metric, wish.balance, wish.lunch)
    found = measuring.measured(session, draft, rounds.speeds)
    return Prepared(wish, sent, day, chosen.draw.id if chosen.draw else None, is_covert, found)


def closed(team: DraftTeam, stops: Sequence[Any], count: int, rounds: Rounds) -> DraftTeam:
    """Return a team that returns with a place to return to: one team alone may begin at any of its points.

    Raise Invalid where there is none.
    """
    if team.ends != RETURN or team.start is not None:
        return team
    if count == 1 and stops:
        return replace(team, start=(stops[0].lon, stops[0].lat, stops[0].code))
    if rounds.office is None:
        raise Invalid("route_return_needs_start", field="start")
    return replace(team, start=rounds.office)


def with_people(session: Session, asked: Sequence[TeamWish], is_covert: bool) -> tuple[DraftTeam, ...]:
    """Return the teams with their people's ids; raise Several: unknown names, and roles that make no visits."""
    wanted = sorted({name for one in asked for name in one.people})
    known = {person.name: person for person in session.scalars(select(Person).where(Person.name.in_(wanted)))}
    problems: list[CivmapError] = []
    for name in wanted:
        person = known.get(name)
        if person is None or not person.is_active:
            problems.append(Invalid("route_person_unknown", field="teams.people", name=name[:64]))
        elif not Viewer(person.name, person.role).may("create", "visit"):
            problems.append(Invalid("route_person_role", field="teams.people", name=name, role=person.role))
        elif is_covert and person.role not in {"inspector", *SEES_COVERT}:
            problems.append(Invalid("route_person_covert", field="teams.people", name=name, role=person.role))
    refuse(problems)
    return tuple(replace(one.team, people=tuple(known[name].id for name in one.people)) for one in asked)


def seconds_of(wish_seconds: float | None, count: int) -> float:
    """Return how long a plan may take: as asked for, else by the number of stops."""
    if wish_seconds is not None:
        return wish_seconds
    return next((seconds for most, seconds in SECONDS if count <= most), MOST_USUAL_SECONDS)


def planned(found: Measured, seconds: float, tell: Tell | None = None, is_halted: Halt | None = None, *,
            since: float | None = None) -> tuple[Measured, list[dict[str, Any]]]:
    """Return the draft with the best orders found in a process of its own, and what to say about them."""
    problem, numbers = open_problem(found, since)
    solution: Solution = solve_apart(problem, seconds, tell, is_halted)
    solution = replace(solution, orders=_familiar(found.draft, problem, solution.orders, numbers))
    return ordered(found, solution, numbers), _notes(found, problem, solution)


def open_problem(found: Measured, since: float | None = None) -> tuple[Problem, list[int]]:
    """Return the problem of the stops that are still to be visited, and their places in the draft.

    What is past is no place any more: the nodes of past stops stand behind, as starts of their teams; teams that are
    absent cannot serve anything.
    """
    draft = found.draft
    whole = measuring.problem_of(found, since=since)
    numbers = [place for place, stop in enumerate(draft.stops) if not stop.is_past]
    rest = [node for node in range(len(found.spots)) if node >= len(draft.stops) or draft.stops[node].is_past]
    order = np.array([*numbers, *rest], np.int64)
    new = {int(old): node for node, old in enumerate(order)}
    teams = [team for team, plan in enumerate(draft.teams) if not plan.is_absent]
    crews = tuple(replace(crew, start=None if crew.start is None else new[crew.start],
                          end=None if crew.end is None else new[crew.end])
                  for crew in (whole.crews[team] for team in teams))
    places = tuple(replace(place, team=None if place.team is None or place.team not in teams
                           else teams.index(place.team)) for place in (whole.places[number] for number in numbers))
    block = np.ix_(order, order)
    return replace(whole, places=places, crews=crews, metres=whole.metres[block], minutes=whole.minutes[block]), numbers


def ordered(found: Measured, solution: Solution, numbers: Sequence[int]) -> Measured:
    """Return the draft with a solution's orders behind what each team has done."""
    draft = found.draft
    orders: list[tuple[int, ...]] = []
    given = iter(solution.orders)
    for team, plan in enumerate(draft.teams):
        past = draft.orders[team][:draft.past(team)]
        new = () if plan.is_absent else tuple(numbers[node] for node in next(given))
        orders.append((*past, *new))
    unreached = {numbers[node]: reason for node, reason in solution.unreached}
    return found.over(replace(draft, orders=tuple(orders), unreached=unreached))


def _familiar(draft: Draft, problem: Problem, orders: Orders, numbers: Sequence[int]) -> Orders:
    """Return the orders dealt so that teams in the same position keep as many of their stops as they can."""
    if len(orders) < 2 or not any(draft.orders):
        return orders
    teams = [team for team, plan in enumerate(draft.teams) if not plan.is_absent]
    standing = [set(draft.orders[team]) for team in teams]
    bound = {place.team for place in problem.places if place.team is not None}
    alike: dict[Crew, list[int]] = {}
    for number, crew in enumerate(problem.crews):
        if number not in bound:
            alike.setdefault(crew, []).append(number)
    dealt = list(orders)
    for crews in alike.values():
        gains = sorted((-len(standing[crew] & {numbers[node] for node in orders[other]}), crew, other)
                       for crew in crews for other in crews)
        given: dict[int, int] = {}
        for _gain, crew, other in gains:
            if crew not in given and other not in given.values():
                given[crew] = other
        for crew, other in given.items():
            dealt[crew] = orders[other]
    return tuple(dealt)


def _notes(found: Measured, problem: Problem, solution: Solution) -> list[dict[str, Any]]:
    notes = []
    working = sum(1 for order in solution.orders if order)
    if len(solution.orders) > 1 and 0 < working < len(solution.orders):
        notes.append(noting.note("teams_enough", count=working, teams=len(solution.orders)))
    if solution.balance == BALANCED and found.draft.balance != BALANCED:
        notes.append(noting.note("balanced_instead"))
    if solution.is_halted:
        notes.append(noting.note("halted", seconds=round(solution.seconds, 1)))
    return notes
