"""How issues stand, now or on an earlier day, and by what they are narrowed: as SQL conditions.

Of an earlier day the moments of the row tell (`measures.standing` says the same for arrays): open from the report to
the end, late by the limit it had been given by then. The steps between are told by their last moment each.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, case, false, func, literal, not_, or_, select, true

from civmap import dictionaries, fields
from civmap.city.narrowing import SEGMENTS, chiefs, in_grid, in_ring, roads
from civmap.errors import Invalid
from civmap.issues import rules
from civmap.issues.models import Issue, Plea
from civmap.points.models import InspectionPoint
from civmap.segments.models import RoadSegment
from civmap.store.listing import Filter, Here, begins, equals, many, one_of, words
from civmap.units.queries import ids_of, of_unit, subtree_ids

STATUSES = rules.STATUSES
PLEA_KINDS = ("extension", "suspension", "appeal")
PLEA_STATES = ("asked", "seconded", "granted", "refused", "lapsed")
_REFUSED = ("rejected", "duplicate")


class Stands(NamedTuple):
    """The conditions of how an issue stands at a moment, and the newest visit to it."""

    open: Any
    due_soon: Any
    overdue: Any
    handed_over: Any
    closed: Any
    suspended: Any
    visited: Any


def is_open() -> Any:
    """Return the condition that an issue is open."""
    return Issue.state.in_(rules.OPEN)


def is_overdue(now: datetime) -> Any:
    """Return the condition that an issue is open, not suspended and past its deadline."""
    return and_(Issue.state.in_(rules.RUNNING), Issue.due_at < now)


def is_due_soon(now: datetime) -> Any:
    """Return the condition that an issue has used 75 % of its limit and is not overdue."""
    return and_(Issue.state.in_(rules.RUNNING), Issue.due_at >= now, Issue.due_soon_at <= now)


def stands(here: Here) -> Stands:
    """Return the conditions of how issues stand at the moment that is asked about."""
    return _stands_now(here.now) if here.is_present else _stood(here.at)


def _stands_now(now: datetime) -> Stands:
    handed_over = and_(Issue.dispatched_at.is_not(None), Issue.state.not_in((*_REFUSED, "draft")))
    return Stands(is_open(), is_due_soon(now), is_overdue(now), handed_over,
                  and_(handed_over, Issue.state == "closed"), and_(handed_over, Issue.state == "suspended"),
                  func.coalesce(Issue.checked_at, Issue.reported_at))


def _stood(at: datetime) -> Stands:
    is_known = and_(Issue.reported_at <= at, Issue.state != "draft")
    had_ended = and_(Issue.ended_at.is_not(None), Issue.ended_at <= at)
    is_open_then = and_(is_known, not_(had_ended))
    hung = and_(is_open_then, Issue.suspended_at.is_not(None), Issue.suspended_at <= at)
    runs = and_(is_open_then, or_(Issue.suspended_at.is_(None), Issue.suspended_at > at),
                or_(Issue.dispatched_at.is_(None), Issue.dispatched_at <= at))
    given = and_(is_known, Issue.dispatched_at.is_not(None), Issue.dispatched_at <= at)
    handed_over = and_(given, or_(not_(had_ended), Issue.state.not_in(_REFUSED)))
    return Stands(is_open_then, and_(runs, Issue.due_at >= at, Issue.due_soon_at <= at), and_(runs, Issue.due_at < at),
                  handed_over, and_(handed_over, had_ended), and_(handed_over, hung),
                  case((Issue.checked_at <= at, Issue.checked_at), else_=Issue.reported_at))


def known_at(here: Here) -> Any:
    """Return the condition that an issue had been reported by the moment that is asked about."""
    return true() if here.is_present else and_(Issue.reported_at <= here.at, Issue.state != "draft")


def state_then(here: Here) -> Any:
    """Return the state an issue had, as SQL; `rules.state_at` says the same of a row."""
    if here.is_present:
        return Issue.state
    at = here.at
    steps = ((Issue.ended_at <= at, Issue.state), (Issue.suspended_at <= at, literal("suspended")),
             (and_(Issue.checked_at <= at, or_(Issue.resolved_at.is_(None), Issue.resolved_at <= Issue.checked_at,
                                               Issue.resolved_at > at)), literal("rework")),
             (Issue.resolved_at <= at, literal("resolved")), (Issue.acknowledged_at <= at, literal("in_progress")),
             (Issue.dispatched_at <= at, literal("dispatched")), (Issue.filed_at <= at, literal("filed")))
    return case(*steps, else_=literal("reported"))


def _status(here: Here, value: Any) -> Any:
    found = stands(here)
    known = {"overdue": found.overdue, "due_soon": found.due_soon, "none": not_(found.open),
             "open": and_(found.open, not_(func.coalesce(or_(found.overdue, found.due_soon), false())))}
    wanted = many(value)
    if not set(wanted) <= set(known):
        raise Invalid("choice_unknown", field="status", value=",".join(wanted), known=list(STATUSES))
    return or_(*(known[one] for one in wanted))


def _state(here: Here, value: Any) -> Any:
    """Match states by identifier or Chinese name; `open` stands for all that are open. Raise Invalid for others."""
    wanted = many(value)
    codes = [dictionaries.issue_state(one).code for one in wanted if one != "open"]
    found = [state_then(here).in_(codes)] if codes else []
    return or_(*found, stands(here).open) if "open" in wanted else or_(*found)


def _open(here: Here, value: Any) -> Any:
    return stands(here).open if fields.flag(value) else not_(stands(here).open)


def _under(here: Here, value: Any) -> Any:
    """Match the issues of some units and of all units below them."""
    roots = ids_of(here.session, here.viewer, many(value))
    return Issue.unit_id.in_(set().union(*(subtree_ids(here.session, root) for root in roots)))


def _not_under(here: Here, value: Any) -> Any:
    return or_(Issue.unit_id.is_(None), not_(_under(here, value)))


def _doubtful(here: Here, value: Any) -> Any:
    """Match what a person should decide: another unit would answer a step further on, or nobody answers."""
    doubtful = or_(Issue.is_ambiguous, Issue.unit_id.is_(None))
    return doubtful if fields.flag(value) else not_(doubtful)


def _on_site(here: Here, value: Any) -> Any:
    return Issue.on_site if fields.flag(value) else not_(Issue.on_site)


def _plea(here: Here, value: Any) -> Any:
    """Match issues by what was asked for them: a kind, a state or both (`extension.asked`). Raise Invalid."""
    known = {kind: Plea.kind == kind for kind in PLEA_KINDS} | {state: Plea.state == state for state in PLEA_STATES}
    conditions = []
    for one in many(value):
        parts = one.split(".")
        if not set(parts) <= set(known) or len(parts) > 2:
            raise Invalid("choice_unknown", field="plea", value=one[:40], known=list(known))
        conditions.append(and_(*(known[part] for part in parts)))
    return Issue.id.in_(select(Plea.issue_id).where(or_(*conditions)))


def _level(here: Here, value: Any) -> Any:
    wanted = many(value)
    if not set(wanted) <= {"0", "1", "2", "3"}:
        raise Invalid("choice_unknown", field="level", value=",".join(wanted)[:40], known=["0", "1", "2", "3"])
    return Issue.supervision_level.in_([int(one) for one in wanted])


def _linked(model: Any, column: Any) -> Filter:
    return lambda here, value: column.in_(select(model.id).where(model.code.in_(many(value))))


def _of_type(here: Here, value: Any) -> Any:
    types = [dictionaries.point_type(one).code for one in many(value)]
    return Issue.point_id.in_(select(InspectionPoint.id).where(InspectionPoint.type.in_(types)))


def _on_street(here: Here, value: Any) -> Any:
    names = many(value)
    return or_(Issue.segment_id.in_(roads(names, SEGMENTS.c.id)),
               Issue.point_id.in_(select(InspectionPoint.id).where(InspectionPoint.street.in_(names))))


def _from(here: Here, value: Any) -> Any:
    return Issue.reported_at >= fields.moment(str(value))


def _to(here: Here, value: Any) -> Any:
    """Match what was reported up to a moment, or up to the end of an office day."""
    ends = fields.last_moment(str(value))
    return Issue.reported_at < ends if ends != fields.moment(str(value)) else Issue.reported_at <= ends


FILTERS: Mapping[str, Filter] = {
    "state": _state, "class": equals(Issue.class_code, lambda value: dictionaries.issue_class(value).code),
    "status": _status, "open": _open, "type": _of_type, "street": _on_street, "unit": of_unit(Issue.unit_id),
    "point": _linked(InspectionPoint, Issue.point_id), "segment": _linked(RoadSegment, Issue.segment_id),
    "chief": lambda here, value: Issue.segment_id.in_(chiefs(here, many(value), SEGMENTS.c.id)),
    "zone": in_grid(Issue.geom), "grid": in_grid(Issue.geom), "within": in_ring(Issue.geom),
    "source": equals(Issue.source), "division": begins(Issue.division), "reported_by": equals(Issue.reported_by),
    "code": lambda here, value: one_of(Issue.issue_no, many(value)),
    "under": _under, "not_under": _not_under, "doubtful": _doubtful, "on_site": _on_site,
    "plea": _plea, "level": _level,
    "from": _from, "to": _to, "q": words(Issue.issue_no, Issue.description, Issue.address),
}
COUNTED: Mapping[str, Filter] = {f"issue_{name}": FILTERS[name] for name in ("class", "state", "source", "from", "to")}
"""What narrows the issues that are counted on other things."""


def check_span(filters: Mapping[str, Any], first: str = "from", last: str = "to") -> None:
    """Refuse days in the wrong order; raise Invalid."""
    if filters.get(first) and filters.get(last) and (
            fields.moment(str(filters[first])) > fields.last_moment(str(filters[last]))):
        raise Invalid("span_backwards", field=first, first=filters[first], last=filters[last])
