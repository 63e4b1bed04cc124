"""Leading a round through its life: edit what it is called and who walks, start, finish, cancel."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, select

from civmap.city.queries import frame_of
from civmap.errors import CivmapError, Invalid
from civmap.fields import day as read_day
from civmap.fields import refuse
from civmap.routes import books, changing, keeping, planning, wishes
from civmap.routes.books import Book
from civmap.routes.changing import Opened
from civmap.routes.drafts import Draft
from civmap.routes.models import Member, Route


def edit(here: Opened, sent: Mapping[str, Any], *, is_shown: bool = False) -> Book:
    """Change name, day, remark and teams (name, people, start, end, hours); times follow. Raise Several or Invalid."""
    route = here.route
    _texts(route, sent)
    draft = _teams(here, sent["teams"]) if sent.get("teams") else here.draft
    if sent.get("day") is not None and (day := _day(sent["day"])) != route.day:
        route.day = day
        draft = replace(draft, stops=tuple(_on_day(here, place, stop) for place, stop in enumerate(draft.stops)))
    if not is_shown and sent.get("teams"):
        _people(here, draft)
    is_planned = draft is not here.draft
    if is_planned:
        return changing.keep(here, draft, "edit", is_shown=is_shown)
    if not is_shown:
        keeping.keep(here.session, here.viewer, here.book, "edit", here.now, here.before, None)
    return here.book


def _texts(route: Route, sent: Mapping[str, Any]) -> None:
    if sent.get("name") is not None:
        route.name = str(sent["name"]).strip()[:200]
    if sent.get("remark") is not None:
        route.remark = str(sent["remark"]).strip()[:2000]


def _day(value: Any) -> Any:
    try:
        return read_day(value)
    except Invalid as problem:
        problem.field = "day"
        raise


def _on_day(here: Opened, place: int, stop: Any) -> Any:
    from civmap.routes.reading import open_on

    opened, is_read = open_on(here.route, here.book.points[stop.point_id].open_hours)
    return replace(stop, windows=opened, is_unread=not is_read)


def _teams(here: Opened, sent: Sequence[Mapping[str, Any]]) -> Draft:
    """Return the draft with edited teams, each named by its number."""
    draft, problems = here.draft, list[CivmapError]()
    teams = list(draft.teams)
    wished = []
    for one in sent:
        number = draft.team_numbered(one.get("team"), "teams.team")
        asked = wishes.team(one, teams[number], here.rounds, frame_of(here.session), f"teams.{number + 1}.", problems)
        wished.append((number, asked, "people" in one))
    refuse(problems)
    is_covert = here.route.is_covert and here.route.published_at is None
    named = planning.with_people(here.session, [asked for _number, asked, _is in wished], is_covert)
    for (number, _asked, has_people), team in zip(wished, named, strict=True):
        team = planning.closed(team, draft.stops, len(teams), here.rounds)
        teams[number] = team if has_people else replace(team, people=teams[number].people)
    everybody = [person for team in teams for person in team.people]
    twice = {person for person in everybody if everybody.count(person) > 1}
    if twice:
        raise Invalid("route_people_twice", field="teams", names=sorted(_names(here, twice)))
    return replace(draft, teams=tuple(teams))


def _names(here: Opened, ids: set[int]) -> list[str]:
    from civmap.people.models import Person

    return list(here.session.scalars(select(Person.name).where(Person.id.in_(ids))))


def _people(here: Opened, draft: Draft) -> None:
    """Write who walks with which team, and the teams' names."""
    session, route = here.session, here.route
    session.execute(delete(Member).where(Member.route_id == route.id))
    for row, team in zip(here.book.teams, draft.teams, strict=True):
        row.name = team.name
        session.add_all(Member(team_id=row.id, route_id=route.id, person_id=person) for person in team.people)
    session.flush()
    here.book.people = books.people(session, [route.id]).get(route.id, {})


def start(here: Opened) -> Book:
    """Let the teams set out."""
    return _to(here, "under_way", "start")


def finish(here: Opened) -> Book:
    """End the round; what was not visited can be carried over."""
    here.route.finished_at = here.now
    return _to(here, "finished", "finish")


def cancel(here: Opened) -> Book:
    """Call the round off; what was visited stays."""
    here.route.progress = None
    return _to(here, "cancelled", "cancel")


def _to(here: Opened, state: str, verb: str) -> Book:
    here.route.state = state
    keeping.keep(here.session, here.viewer, here.book, verb, here.now, here.before, None)
    return here.book
