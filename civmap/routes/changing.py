"""Changing a round by hand: one way in for every change, which is measured anew, kept with its plan, or only shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from civmap.errors import Invalid, NotAllowed
from civmap.people.rules import Viewer
from civmap.routes import books, choosing, drafts, insertion, keeping, measuring, noting, queries, reading, telling
from civmap.routes.books import Book
from civmap.routes.customs import Rounds, rounds_of
from civmap.routes.drafts import Draft
from civmap.routes.measuring import Measured
from civmap.routes.models import Route
from civmap.routes.progress import is_interrupted
from civmap.routes.wishes import MOST_STOPS
from civmap.store.editing import check_version, locked_row

OPEN_STATES = ("planned", "under_way")
LIVING = ("planning", *OPEN_STATES)
VERBS_IN = {"planning": ("replan", "halt", "cancel"),
            "planned": ("move", "lock", "add", "remove", "replan", "undo", "start", "finish", "cancel", "carry"),
            "under_way": ("move", "lock", "add", "remove", "replan", "undo", "finish", "cancel", "carry"),
            "finished": ("carry",), "cancelled": ("carry",)}


@dataclass
class Opened:
    """A round opened for a change: its rows, how it stood, and the draft to change."""

    session: Session
    viewer: Viewer
    book: Book
    draft: Draft
    rounds: Rounds
    now: datetime
    before: dict[str, Any]

    @property
    def route(self) -> Route:
        """Return the round itself."""
        return self.book.route

    @property
    def since(self) -> float | None:
        """Return from which minute on the rest can be planned."""
        return reading.since_of(self.route, self.now)

    def measured(self, draft: Draft) -> Measured:
        """Return a draft with its metres."""
        return measuring.measured(self.session, draft, self.rounds.speeds)

    def cheapest(self, draft: Draft, place: int, team: int | None, count: int = 1) -> tuple[int, int]:
        """Return team and position at which one more stop costs least, behind what has been visited."""
        problem = measuring.problem_of(self.measured(draft), since=self.since)
        rests = [order[draft.past(number):] for number, order in enumerate(draft.orders)]
        present = [number for number, one in enumerate(draft.teams) if not one.is_absent]
        if team is None and len(present) == len(draft.teams):
            found = insertion.cheapest(problem, rests, place, count=count)
        else:
            asked = present if team is None else [team]
            found = min((insertion.cheapest(problem, rests, place, number, count) for number in asked),
                        key=lambda one: one[2])
        return found[0], draft.past(found[0]) + found[1]


def opened(session: Session, viewer: Viewer, code: str, version: int | None, now: datetime, *,
           is_shown: bool = False, states: Sequence[str] = OPEN_STATES, lang: str = "zh",
           is_free: bool = False) -> Opened:
    """Return a round for a change, locked unless it is only shown; raise NotFound, Stale, Missing or NotAllowed.

    `version` None: none was sent; -2 (any) is not compared. `is_free`: also while the round is being planned.
    """
    route = queries.by_code(session, viewer, code) if is_shown else locked_row(
        session, Route, "route", code, queries.visible(viewer))
    if version != keeping.ANY_VERSION:
        check_version(route, version, lambda: queries.told(session, viewer, code, lang))
    check_state(route, states, now, is_free=is_free)
    session.autoflush = False  # rows change step by step, and are written once: one edit is one version
    book = books.read(session, route)
    return Opened(session, viewer, book, reading.draft_of(book), rounds_of(session), now, keeping.facts(book))


def check_state(route: Route, states: Sequence[str], now: datetime, *, is_free: bool = False) -> None:
    """Refuse what a round's state does not allow, and changes while it is being planned; raise NotAllowed."""
    is_busy = route.progress is not None and not is_interrupted(route.progress, now)
    if is_busy and not is_free:
        raise NotAllowed("route_planning", field="state", state=route.state, allowed=["halt", "cancel"])
    if route.state not in states:
        raise NotAllowed("route_state", field="state", state=route.state, allowed=list(VERBS_IN[route.state]))


def keep(here: Opened, draft: Draft, verb: str, *, is_shown: bool = False, notes: Sequence[Any] = (),
         **more: Any) -> Book:
    """Bring a changed draft into the rows: lengths and times of all teams anew; a preview writes nothing."""
    found = here.measured(draft)
    extra = [*notes, *_standing(here, draft)]
    keeping.fill(here.book, found, here.since, is_shown=is_shown, notes=extra)
    if not is_shown:
        keeping.keep(here.session, here.viewer, here.book, verb, here.now, here.before, draft, **more)
    return here.book


def _standing(here: Opened, draft: Draft) -> list[dict[str, Any]]:
    """Return notes that follow from the points themselves and from hands."""
    gone = [stop.code for stop in draft.stops if not stop.is_past
            and (ends := here.book.points[stop.point_id].valid_to) is not None and ends <= here.now]
    notes = [noting.note("retired", codes=gone)] if gone else []
    groups: dict[str, list[tuple[int, int]]] = {}
    for team, order in enumerate(draft.orders):
        for position, place in enumerate(order):
            if (name := draft.stops[place].together) is not None:
                groups.setdefault(name, []).append((team, position))
    parted = [name for name, places in groups.items() if len({team for team, _ in places}) > 1
              or places[-1][1] - places[0][1] != len(places) - 1]
    if parted:
        notes.append(noting.note("parted", codes=[stop.code for stop in draft.stops if stop.together in parted]))
    return notes


def move(here: Opened, code: str, team: int | None, position: int | None, *, is_shown: bool = False) -> Book:
    """Move a stop to a position (from 1) of a team; to the cheapest place where none is given."""
    draft = here.draft
    number = None if team is None else draft.team_numbered(team)
    if number is None:
        place = draft.place_of(code)
        number = draft.team_of(place)
        if number is None:
            number, _at = here.cheapest(draft, place, None)
    return keep(here, drafts.moved(draft, code, number, position, lambda *asked: here.cheapest(*asked)[1]), "move",
                is_shown=is_shown)


def lock(here: Opened, codes: Sequence[str], is_locked: bool, *, is_shown: bool = False) -> Book:
    """Lock stops to their team and time, or set them free."""
    draft = drafts.locked(here.draft, codes, is_locked)
    locks = dict(here.route.options.get(reading.LOCKS) or {})
    for stop in here.book.stops:
        if here.book.code(stop) in codes:
            locks.pop(here.book.code(stop), None)
            if is_locked and stop.arrive_at is not None:
                locks[here.book.code(stop)] = round(telling.minute(here.route, stop.arrive_at), 3)
    here.route.options = {**here.route.options, reading.LOCKS: locks}
    return keep(here, draft, "lock" if is_locked else "unlock", is_shown=is_shown)


def add(here: Opened, codes: Sequence[str], team: int | None, position: int | None, *, is_shown: bool = False) -> Book:
    """Add points: at a position of a team, or each where it costs least."""
    rows = choosing.by_codes(here.session, here.viewer, codes, here.now)
    stops = reading.new_stops(here.session, rows, here.route, here.rounds, here.book)
    draft, places = drafts.added(here.draft, stops)
    if len(draft.stops) > MOST_STOPS:
        raise Invalid("route_too_many_points", field="points", count=len(draft.stops), most=MOST_STOPS)
    number = None if team is None else draft.team_numbered(team)
    if number is not None:
        drafts.check_present(draft, number)
    for offset, place in enumerate(places):
        if number is not None and position is not None:
            at = max(min(position - 1 + offset, len(draft.orders[number])), draft.past(number))
            draft = drafts.put(draft, place, number, at)
        else:
            draft = drafts.put(draft, place, *here.cheapest(draft, place, number, len(places)))
    return keep(here, draft, "add", is_shown=is_shown)


def remove(here: Opened, codes: Sequence[str], *, is_shown: bool = False) -> Book:
    """Take stops off the round."""
    return keep(here, drafts.removed(here.draft, codes), "remove", is_shown=is_shown)


def undo(here: Opened, *, is_shown: bool = False) -> Book:
    """Bring back the plan before the present one; undoing again goes further back. Raise NotAllowed."""
    newest = keeping.newest_plan(here.session, here.route)
    standing = keeping.numbered(here.session, here.route, keeping.effective(newest))
    before = keeping.numbered(here.session, here.route, standing.orders.get("before")) if standing else None
    if before is None:
        raise NotAllowed("route_nothing_to_undo", field="state", allowed=[])
    draft = reading.brought_back(here.session, here.book, before, here.draft, here.rounds)
    return keep(here, draft, "undo", is_shown=is_shown, of=before.number)

