"""What is hidden until it is published: draws, rounds and visits that responsible units must not know of (暗访).

One condition per kind, asked by every room and so by every page, list, file, feed and count. What is hidden is not
there: never a refusal that tells of it. Rooms may not know each other, so each hands in its own columns, and the
tables beside are light ones here.
"""

from typing import Any

from sqlalchemy import Select, column, false, not_, or_, select, table, true

from civmap.people.rules import SEES_COVERT, Viewer

ROUTES = table("route", *(column(name) for name in ("id", "draw_id", "made_by")))
_MEMBERS = table("route_member", column("route_id"), column("person_id"))
_NOBODY = frozenset({"public", "shop"})


def rounds_of(viewer: Viewer) -> Select[Any]:
    """Return the ids of the rounds that a viewer walks or made."""
    walks = select(_MEMBERS.c.route_id).where(_MEMBERS.c.person_id == viewer.person_id)
    return select(ROUTES.c.id).where(or_(ROUTES.c.id.in_(walks), ROUTES.c.made_by == viewer.name))


def rounds_seen(viewer: Viewer, route: Any) -> Any:
    """Return the condition that a viewer may know of a round; `route` has its columns (the model, or a table's `c`)."""
    return _seen(viewer, _is_open(route), route.id.in_(rounds_of(viewer)))


def draws_seen(viewer: Viewer, draw: Any) -> Any:
    """Return the condition that a viewer may know of a draw: an inspector also of those behind the own rounds."""
    behind = select(ROUTES.c.draw_id).where(ROUTES.c.id.in_(rounds_of(viewer)), ROUTES.c.draw_id.is_not(None))
    return _seen(viewer, _is_open(draw), draw.id.in_(behind))


def visits_seen(viewer: Viewer, visit: Any) -> Any:
    """Return the condition that a viewer may know of a visit, as far as it is covert; its point is asked elsewhere."""
    if viewer.role in SEES_COVERT:
        return true()
    if viewer.role in _NOBODY:
        return not_(visit.is_covert)
    return or_(not_(visit.is_covert), visit.who == viewer.name, visit.route_id.in_(rounds_of(viewer)))


def _is_open(thing: Any) -> Any:
    return or_(not_(thing.is_covert), thing.published_at.is_not(None))


def _seen(viewer: Viewer, is_open: Any, is_own: Any) -> Any:
    if viewer.role in SEES_COVERT:
        return true()
    if viewer.role in _NOBODY:
        return false()
    return or_(is_open, is_own) if viewer.role == "inspector" else is_open
