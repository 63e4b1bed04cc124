"""Carrying what a round left unfinished over into the next one, with the same teams."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from civmap.city.hours import office_calendar
from civmap.errors import NotAllowed
from civmap.fields import day as read_day
from civmap.routes import actions, carrying, keeping, planning, queries
from civmap.routes.books import Book
from civmap.routes.changing import Opened
from civmap.routes.models import Route, Team
from civmap.routes.planning import Prepared

STATES = ("planned", "under_way", "finished", "cancelled")
KEPT = ("visit_min", "metric", "mode", "balance", "lunch", "ignore_opening", "hours")
FURTHEST = 60


def prepared(here: Opened, sent: Mapping[str, Any], lang: str) -> Prepared:
    """Return the next round, ready to be planned; raise NotAllowed where nothing is left or it was carried before."""
    route = here.route
    _check_first(here)
    left = carrying.left(queries.told_of(here.session, here.viewer, here.book, lang))
    if not left:
        raise NotAllowed("route_nothing_left", field="state", allowed=[])
    asked = carrying.wishes(left)
    day = read_day(sent["day"]) if sent.get("day") else next_day(here)
    teams = [team for team in here.book.teams if not team.is_absent] or here.book.teams
    options = {name: route.options[name] for name in KEPT if route.options.get(name) is not None}
    wish = {**options, **asked, "name": sent.get("name") or route.name, "day": day.isoformat(),
            "teams": [_team(here.book, team) for team in teams][:len(asked["points"])],
            "covert": route.is_covert and route.published_at is None}
    if sent.get("seconds"):
        wish["seconds"] = sent["seconds"]
    return planning.prepare(here.session, here.viewer, wish, here.now)


def _check_first(here: Opened) -> None:
    next_code = here.session.scalar(select(Route.code).where(
        Route.before_id == here.route.id, Route.state != "cancelled").limit(1))
    if next_code is not None:
        raise NotAllowed("route_carried", field="state", code=next_code, allowed=[])


def next_day(here: Opened) -> date:
    """Return the next working day after a round's day."""
    calendar = office_calendar(here.session)
    days = (here.route.day + timedelta(days=number) for number in range(1, FURTHEST))
    return next((day for day in days if calendar.is_workday(day)), here.route.day + timedelta(days=1))


def _team(book: Book, team: Team) -> dict[str, Any]:
    def spot(lon: float | None, lat: float | None, name: str) -> dict[str, Any] | None:
        return None if lon is None else {"lon": lon, "lat": lat, "name": name}

    return {"name": team.name, "people": [row.name for row in book.people.get(team.id, ())],
            "start": spot(team.start_lon, team.start_lat, team.start_name),
            "end": spot(team.end_lon, team.end_lat, team.end_name), "ends": team.ends, "from_min": team.from_min,
            "until_min": team.until_min}


def planned(asked: Prepared) -> tuple[Prepared, list[dict[str, Any]]]:
    """Return the next round with its orders."""
    found, notes = planning.planned(asked.found, planning.seconds_of(asked.wish.seconds, len(asked.draft.stops)))
    return replace(asked, found=found), notes


def carry(here: Opened, asked: Prepared, notes: list[dict[str, Any]]) -> Book:
    """Write the next round and end the one before; raise NotAllowed where somebody carried it meanwhile."""
    _check_first(here)
    route = here.route
    book = actions.create(here.session, here.viewer, asked, here.now, notes)
    book.route.before_id, book.route.draw_id = route.id, route.draw_id
    if route.state in ("planned", "under_way"):
        route.state, route.finished_at = "finished", here.now
    keeping.keep(here.session, here.viewer, here.book, "carry", here.now, here.before, None)
    return book
