"""Make a round, and publish one with the draw behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civmap.draws import actions as draw_actions
from civmap.draws.models import Draw
from civmap.inspections.models import Visit
from civmap.people.rules import Viewer
from civmap.routes import books, keeping, numbers, queries
from civmap.routes.books import Book
from civmap.routes.drafts import Draft
from civmap.routes.models import Member, Route, Team
from civmap.routes.planning import Prepared
from civmap.store.editing import locked_row
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


def order(session: Session, viewer: Viewer, prepared: Prepared, now: datetime) -> Book:
    """Write a round that is still to be planned: its stops wait for a team."""
    book = begin(session, viewer, prepared, now, "planning")
    draft = replace(prepared.draft, unreached=dict.fromkeys(range(len(prepared.draft.stops)), "waiting"))
    keeping.fill(book, prepared.found.over(draft))
    session.add_all(book.stops)
    session.flush()
    record(session, viewer.actor, "create", keeping.KIND, book.route.code, at=now, after=keeping.facts(book))
    return book


def finish_planning(session: Session, viewer: Viewer, book: Book, prepared: Prepared, now: datetime,
                    notes: Sequence[Mapping[str, Any]], verb: str) -> None:
    """Write the orders that were found, the plan, and the line in the ledger."""
    book.route.state, book.route.progress = "planned", None
    keeping.fill(book, prepared.found, notes=notes)
    for stop in book.stops:
        session.add(stop)
    session.flush()
    keeping.add_plan(session, viewer, book.route, verb, now, prepared.draft)
    record(session, viewer.actor, verb, keeping.KIND, book.route.code, at=now, after=keeping.facts(book))


def publish(session: Session, viewer: Viewer, code: str, now: datetime) -> Route:
    """Publish a covert round with its visits; with the draw behind it, which publishes all of its rounds.

    Doing so again changes nothing. Raise NotFound or Forbidden.
    """
    viewer.must("publish", "route")
    draw_id = queries.by_code(session, viewer, code).draw_id
    draw = session.get(Draw, draw_id) if draw_id else None
    if draw is not None and draw.is_covert and draw.published_at is None:
        publish_draw(session, viewer, draw.code, now)
    route: Route = locked_row(session, Route, "route", code, queries.visible(viewer))
    _publish(session, viewer, route, now)
    return route


def publish_draw(session: Session, viewer: Viewer, code: str, now: datetime) -> Draw:
    """Publish a draw with its rounds and their visits, all at once; raise NotFound or Forbidden."""
    draw = draw_actions.publish(session, viewer, code, now)
    for route in session.scalars(select(Route).where(Route.draw_id == draw.id).order_by(Route.id)
                                 .with_for_update(of=Route.__table__).execution_options(populate_existing=True)):
        _publish(session, viewer, route, now)
    return draw


def _publish(session: Session, viewer: Viewer, route: Route, now: datetime) -> None:
    if not route.is_covert or route.published_at is not None:
        return
    route.published_at = now
    session.execute(update(Visit).where(Visit.route_id == route.id, Visit.is_covert).values(is_covert=False)
                    .execution_options(synchronize_session=False))
    session.flush()
    record(session, viewer.actor, "publish", keeping.KIND, route.code, at=now, before={"published_at": None},
           after={"is_covert": True, "published_at": now.isoformat(), "state": route.state})
