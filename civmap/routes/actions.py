"""Make a round, and lead it through its life: edit, start, finish, cancel, publish."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from civmap.people.rules import Viewer
from civmap.routes import books, keeping, numbers
from civmap.routes.books import Book
from civmap.routes.drafts import Draft
from civmap.routes.models import Member, Route, Team
from civmap.routes.planning import Prepared
from civmap.store.ledger import record


def create(session: Session, viewer: Viewer, prepared: Prepared, now: datetime,
           notes: Sequence[Mapping[str, Any]] = ()) -> Book:
    """Write a planned round: its teams, stops, ways and first plan."""
    book = begin(session, viewer, prepared, now, "planned")
    finish_planning(session, viewer, book, prepared, now, notes, "create")
    return book


def begin(session: Session, viewer: Viewer, prepared: Prepared, now: datetime, state: str) -> Book:
    """Write a round with its teams and people, its stops in no order yet."""
    viewer.must("create", "route")
    wish, draft = prepared.wish, prepared.draft
    route = Route(code=numbers.next_code(session, now, prepared.is_covert), name=wish.name, day=prepared.day,
                  state=state, draw_id=prepared.draw_id, is_covert=prepared.is_covert, options=options_of(prepared),
                  metric=wish.metric, made_at=now, made_by=viewer.name)
    session.add(route)
    session.flush()
    teams = _teams(session, route, draft)
    points = books.points(session, [stop.point_id for stop in draft.stops])
    return Book(route, teams, [], books.people(session, [route.id]).get(route.id, {}), points)


def _teams(session: Session, route: Route, draft: Draft) -> list[Team]:
    teams = [Team(route_id=route.id, position=number, name=plan.name, ends=plan.ends, from_min=plan.from_min,
                  until_min=plan.until_min) for number, plan in enumerate(draft.teams, start=1)]
    session.add_all(teams)
    session.flush()
    session.add_all(Member(team_id=team.id, route_id=route.id, person_id=person)
                    for team, plan in zip(teams, draft.teams, strict=True) for person in plan.people)
    session.flush()
    return teams


def options_of(prepared: Prepared) -> dict[str, Any]:
    """Return how a round was asked for, with what was left to the house."""
    wish = prepared.wish
    return {**dict(prepared.sent), "mode": wish.mode, "metric": wish.metric, "balance": wish.balance,
            "lunch": list(wish.lunch) if wish.lunch else None, "ignore_opening": wish.ignores_opening}


def finish_planning(session: Session, viewer: Viewer, book: Book, prepared: Prepared, now: datetime,
                    notes: Sequence[Mapping[str, Any]], verb: str) -> None:
    """Write the orders that were found, the plan, and the line in the ledger."""
    book.route.state, book.route.progress = "planned", None
    keeping.fill(session, book, prepared.found, notes=notes)
    for stop in book.stops:
        session.add(stop)
    session.flush()
    keeping.add_plan(session, viewer, book.route, verb, now, prepared.draft)
    record(session, viewer.actor, verb, keeping.KIND, book.route.code, at=now, after=keeping.facts(book))
