"""Changing a round: stops, teams and its life, each with the version that was seen, and shown before it is done."""

from collections.abc import Callable
from typing import Any

from flask import request
from pydantic import BaseModel

from civmap.errors import Stale
from civmap.routes import actions, background, carrying_over, changing, leading, queries, replanning
from civmap.routes.books import Book
from civmap.routes.changing import Opened
from civmap.routes.replanning import Ready
from civmap.web import access, desk, gates, versions
from civmap.web.api import route_bodies as bodies
from civmap.web.api.operations import TRUE, operation
from civmap.web.api.reading import read_body
from civmap.web.api.routes import EDIT, is_answered, shown
from civmap.web.api.zone_bodies import PreviewQuery
from civmap.web.desk import Desk
from civmap.web.replies import Answer

Work = Callable[..., Book]


def is_preview() -> bool:
    """Tell whether the change is only to be shown."""
    return request.args.get("preview") in TRUE


def told(here: Desk, book: Book) -> Answer:
    """Answer a round as a change left it."""
    found = queries.told_of(here.session, here.viewer, book, here.lang)
    return Answer(found, 200, {"ETag": versions.etag(found["version"])})


def opened(here: Desk, code: str, version: int, **more: Any) -> Opened:
    """Return the round for a change; raise NotFound, Stale or NotAllowed."""
    return changing.opened(here.session, here.viewer, code, version, here.now, is_shown=is_preview(), lang=here.lang,
                           **more)


def answered(here: Desk, code: str, work: Callable[[], Book]) -> Answer:
    """Answer a change; a refusal for another version shows the round as it is now."""
    try:
        return told(here, work())
    except Stale as refusal:
        if refusal.facts.get("current") is not None:
            raise
        here.session.rollback()
        now = queries.told(here.session, here.viewer, code, here.lang)
        raise Stale(refusal.code, current=now, version=now["version"]) from refusal


def _change(verb: str, summary: str, body: type[BaseModel], work: Callable[[Opened, Any, bool], Book]) -> None:
    """Register a change of stops: POST /routes/{code}/<verb>."""

    def act(here: Desk, code: str, body: Any, version: int, query: Any) -> Answer:
        return answered(here, code, lambda: work(opened(here, code, version), body, is_preview()))

    operation("POST", f"/routes/{{code}}/{verb}", summary=summary, permission=EDIT, tag="routes", body=body,
              query=PreviewQuery, answers={200: bodies.RouteOut}, is_versioned=True, may_preview=True)(act)


_change("move", "Move a stop in its team or to another one", bodies.MoveBody,
        lambda here, body, is_shown: changing.move(here, body.stop, body.team, body.position, is_shown=is_shown))
_change("lock", "Lock stops to their team and time, or free them", bodies.LockBody,
        lambda here, body, is_shown: changing.lock(here, body.stops, body.locked, is_shown=is_shown))
_change("add", "Add points on the way, where they cost least", bodies.AddBody,
        lambda here, body, is_shown: changing.add(here, body.points, body.team, body.position, is_shown=is_shown))
_change("remove", "Take stops off the round", bodies.StopsBody,
        lambda here, body, is_shown: changing.remove(here, body.stops, is_shown=is_shown))
_change("undo", "Bring the plan before back; again for the one before that", bodies.NoBody,
        lambda here, body, is_shown: changing.undo(here, is_shown=is_shown))


def _ready(code: str) -> Ready | None:
    """Plan anew before the write transaction opens."""
    with desk.reading() as session:
        here = access.open_desk(session)
        if is_answered(here):
            return None
        body = read_body(bodies.ReplanBody, gates.json_body(request))
        room = changing.opened(session, here.viewer, code, versions.wanted_version(request), here.now, is_shown=True,
                               states=changing.LIVING, lang=here.lang)
        sent = body.model_dump(exclude_unset=True)
        ready = replanning.ready(room, sent)
    if not body.wait:
        return ready
    return replanning.shown_before(session, code, ready, sent) or ready.solved()


@operation("POST", "/routes/{code}/replan", summary="Plan the rest anew: sick calls, other aims", permission=EDIT,
           tag="routes", body=bodies.ReplanBody, query=PreviewQuery, is_versioned=True, may_preview=True,
           answers={200: bodies.RouteOut, 202: bodies.RouteOut},
           before=lambda: _ready(request.view_args["code"] if request.view_args else ""))
def replan(here: Desk, code: str, body: Any, version: int, query: Any, prepared: Ready | None = None) -> Answer:
    """Write the new plan; what was visited stays, locked stops stay; with `wait: false` planned in the background."""
    sent = body.model_dump(exclude_unset=True)
    if is_preview():
        room = opened(here, code, version, states=changing.LIVING)
        done = replanning.remembered(here.session, code, replanning.ready(room, sent).solved(), sent)
        return answered(here, code, lambda: replanning.keep(room, done, is_shown=True))
    assert prepared is not None
    if not body.wait:
        room = opened(here, code, version, states=changing.LIVING)
        background.order(here.session, here.viewer, room.route, sent, desk.engine(), here.now)
        return shown(here, code, 202)
    return answered(here, code, lambda: replanning.keep(opened(here, code, version, states=changing.LIVING),
                                                        prepared))


@operation("PATCH", "/routes/{code}", summary="Change name, day, remark and teams of a round", permission=EDIT,
           tag="routes", body=bodies.RouteEditBody, query=PreviewQuery, answers={200: bodies.RouteOut},
           is_versioned=True, may_preview=True)
def edit(here: Desk, code: str, body: Any, version: int, query: Any) -> Answer:
    """Change what a round is called, when it is and who walks; times follow."""
    return answered(here, code, lambda: leading.edit(opened(here, code, version), body.model_dump(exclude_unset=True),
                                                     is_shown=is_preview()))


def _step(verb: str, summary: str, work: Callable[[Opened], Book], states: tuple[str, ...],
          is_free: bool = False) -> None:
    """Register a step of a round's life: POST /routes/{code}/<verb>."""

    def act(here: Desk, code: str, body: Any, version: int) -> Answer:
        return answered(here, code, lambda: work(opened(here, code, version, states=states,
                                                             is_free=is_free)))

    operation("POST", f"/routes/{{code}}/{verb}", summary=summary, permission=EDIT, tag="routes", body=bodies.NoBody,
              answers={200: bodies.RouteOut}, is_versioned=True)(act)


_step("start", "Let the teams set out", leading.start, ("planned",))
_step("finish", "End a round", leading.finish, changing.OPEN_STATES)
_step("cancel", "Call a round off", leading.cancel, changing.LIVING, is_free=True)


@operation("POST", "/routes/{code}/halt", summary="Stop planning and keep the best plan so far", permission=EDIT,
           tag="routes", body=bodies.NoBody, answers={200: bodies.RouteOut})
def halt(here: Desk, code: str, body: Any) -> Answer:
    """Ask the planning, wherever it runs, for its best plan; it is written a moment later."""
    background.halt(here.session, here.viewer, code, here.now, here.lang)
    return shown(here, code)


@operation("POST", "/routes/{code}/publish", summary="Publish a covert round, its draw and its visits",
           permission=("publish", "route"), tag="routes", body=bodies.NoBody, answers={200: bodies.RouteOut},
           is_versioned=True)
def publish(here: Desk, code: str, body: Any, version: int) -> Answer:
    """Let responsible units know; doing so again changes nothing."""
    opened(here, code, version, states=queries.STATES, is_free=True)
    actions.publish(here.session, here.viewer, code, here.now)
    return shown(here, code)


def _carried(code: str) -> Any:
    """Plan the next round before the write transaction opens."""
    with desk.reading() as session:
        here = access.open_desk(session)
        if is_answered(here):
            return None
        body = read_body(bodies.CarryBody, gates.json_body(request))
        room = changing.opened(session, here.viewer, code, versions.wanted_version(request), here.now, is_shown=True,
                               states=carrying_over.STATES, lang=here.lang)
        prepared = carrying_over.prepared(room, body.model_dump(exclude_unset=True), here.lang)
    return carrying_over.planned(prepared)


@operation("POST", "/routes/{code}/carry", summary="Carry what is unfinished over into a new round", permission=EDIT,
           tag="routes", body=bodies.CarryBody, answers={201: bodies.RouteOut}, is_versioned=True,
           before=lambda: _carried(request.view_args["code"] if request.view_args else ""))
def carry(here: Desk, code: str, body: Any, version: int, prepared: Any) -> Answer:
    """End the round and make the next one of what it left, with the same teams."""
    room = opened(here, code, version, states=carrying_over.STATES)
    book = carrying_over.carry(room, *prepared)
    return shown(here, book.route.code, 201)
