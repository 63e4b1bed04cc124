"""Rounds: plan one, list them, read one, its ways and its earlier plans."""

from typing import Any
from urllib.parse import quote

from flask import request
from sqlalchemy import select

from civmap.routes import actions, background, planning, queries
from civmap.store.replies import Reply
from civmap.web import access, desk, gates, versions
from civmap.web.access import SIGNED_IN
from civmap.web.api.operations import PREFIX, operation
from civmap.web.api.reading import read_body
from civmap.web.api.route_bodies import LegFeatures, ListQuery, Plans, RouteBody, RouteOut, Routes
from civmap.web.desk import Desk
from civmap.web.replies import Answer, key_of

PLAN, EDIT = ("create", "route"), ("edit", "route")


def shown(here: Desk, code: str, status: int = 200) -> Answer:
    """Answer a round with its version."""
    told = queries.told(here.session, here.viewer, code, here.lang)
    headers = {"ETag": versions.etag(told["version"])}
    if status in (201, 202):
        headers["Location"] = f"{PREFIX}/routes/{quote(code, safe='')}"
    return Answer(told, status, headers)


def _prepared() -> Any:
    """Plan before the write transaction opens: a round takes seconds, and nobody else's writing shall wait."""
    with desk.reading() as session:
        here = access.open_desk(session)
        if is_answered(here):
            return None
        body = read_body(RouteBody, gates.json_body(request))
        prepared = planning.prepare(session, here.viewer, sent_of(body), here.now)
    if not body.wait:
        return prepared, []
    found, notes = planning.planned(prepared.found, planning.seconds_of(prepared.wish.seconds,
                                                                        len(prepared.draft.stops)))
    return planning.replace(prepared, found=found), notes


def is_answered(here: Desk) -> bool:
    """Tell whether this key was answered before: nothing is planned twice for it."""
    key = key_of(request)
    return key is not None and here.session.scalar(select(Reply.id).where(
        Reply.person_id == here.viewer.person_id, Reply.key == key)) is not None


def sent_of(body: RouteBody) -> dict[str, Any]:
    """Return the members that were sent."""
    return body.model_dump(exclude_unset=True, exclude={"wait"})


@operation("POST", "/routes", summary="Plan a round", permission=PLAN, tag="routes", body=RouteBody, before=_prepared,
           answers={201: RouteOut, 202: RouteOut})
def plan(here: Desk, prepared: Any, body: RouteBody) -> Answer:
    """Write the planned round; with `wait: false` it is planned in the background."""
    found, notes = prepared
    if not body.wait:
        book = actions.order(here.session, here.viewer, found, here.now)
        background.order(here.session, here.viewer, book.route, {"seconds": found.wish.seconds}, desk.engine(),
                         here.now)
        return shown(here, book.route.code, 202)
    book = actions.create(here.session, here.viewer, found, here.now, notes)
    return shown(here, book.route.code, 201)


@operation("GET", "/routes", summary="The rounds a viewer may know of, newest first", permission=SIGNED_IN,
           tag="routes", query=ListQuery, answers={200: Routes})
def listed(here: Desk, query: Any) -> Answer:
    """Answer a page of rounds."""
    filters = query.model_dump(exclude_none=True, by_alias=True, exclude={"limit", "after"})
    rows, after = queries.listed(here.session, here.viewer, here.lang, filters, query.limit, query.after)
    return Answer({"routes": rows, "next": _next(after)})


def _next(after: int | None) -> str | None:
    if after is None:
        return None
    rest = "&".join(f"{name}={quote(value)}" for name, value in request.args.items() if name != "after")
    return f"{request.path}?{rest}{'&' if rest else ''}after={after}"


@operation("GET", "/routes/{code}", summary="Read a round", permission=SIGNED_IN, tag="routes",
           answers={200: RouteOut})
def read(here: Desk, code: str) -> Answer:
    """Answer a round as it stands, with how far a planning is."""
    return shown(here, code)


@operation("GET", "/routes/{code}/legs", summary="The ways of a round, stop by stop", permission=SIGNED_IN,
           tag="routes", answers={200: LegFeatures})
def legs(here: Desk, code: str) -> Answer:
    """Answer lines with team, position of the stop they lead to (none: the way back), metres and `is_air`."""
    return Answer(queries.legs(here.session, here.viewer, code), media_type="application/geo+json")


@operation("GET", "/routes/{code}/plans", summary="Every plan a round has had", permission=EDIT, tag="routes",
           answers={200: Plans})
def plans(here: Desk, code: str) -> Answer:
    """Answer who made which plan when, newest first."""
    return Answer({"plans": queries.plans(here.session, here.viewer, code, here.lang)})


