"""Counting what the rates are made of: in one way for list, page, export, interface and papers alike.

A period takes the issues that were handed over in it (for the filing rate: reported in it) and looks at how they stood
at the moment that is asked about. Of an earlier moment the ledger tells how often something was returned or reworked.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, false, func, not_, or_, select, true
from sqlalchemy.orm import aliased

from civmap import clock, dictionaries, fields
from civmap.errors import Invalid
from civmap.issues import rates
from civmap.issues.filters import check_span, known_at, stands, state_then
from civmap.issues.models import Issue
from civmap.issues.queries import conditions, visible
from civmap.issues.rates import Placed, Tally
from civmap.people.rules import OFFICE
from civmap.points.models import InspectionPoint
from civmap.store import ledger, listing
from civmap.store.base import holds_at
from civmap.store.listing import Here, checked_frame
from civmap.store.spatial import in_frame
from civmap.units.queries import names as unit_names
from civmap.zones import queries as zones
from civmap.zones.models import Zone

BY = ("unit", "division", "type", "class")
SUBDISTRICT_DIGITS = 9
PERIOD = ("from", "to")
SEES_RANKS = ("unit_handler", "unit_head")
_KEYS: Mapping[str, Any] = {
    "unit": Issue.unit_id, "division": func.substr(Issue.division, 1, SUBDISTRICT_DIGITS),
    "type": InspectionPoint.type, "class": Issue.class_code,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is counted: grouped by what, in which period (days or moments as written), narrowed how."""

    by: str | None = None
    first: str | None = None
    last: str | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)
    bbox: Sequence[float] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """The tally of one unit, division, type or class; `placed` only of units. An empty code: nobody yet."""

    code: str
    name: str
    tally: Tally
    placed: Placed | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """All lines, the largest first, and what they make together."""

    lines: list[Line]
    total: Tally


Counting = Callable[[Here, Asked], dict[Any, Tally] | None]
"""What counts faster than the database, where it can (`mirror.rating`); None: the database shall."""


def tally(here: Here, asked: Asked, lang: str = "zh", fast: Counting = lambda _here, _asked: None) -> Found:
    """Count what a viewer sees, in groups; raise Invalid for a group, period or filter that is none."""
    if asked.by is not None and asked.by not in BY:
        raise Invalid("rates_by_unknown", field="by", value=asked.by, known=list(BY))
    check_span({"from": asked.first, "to": asked.last})
    counted = _counted(here, asked, fast)
    pledges = _pledges(here, asked)
    total = Tally(*(sum(column) for column in zip(*counted.values(), strict=True))) if counted else Tally()
    total = total._replace(**_pledged(_pledges(here, Asked(None, filters=asked.filters, bbox=asked.bbox)).get("")))
    whole = {key: found._replace(**_pledged(pledges.get(key))) for key, found in counted.items()}
    lines = _named(here, asked, whole, lang, fast) if asked.by else []
    return Found(sorted(lines, key=lambda line: (-line.tally.handed_over, line.code)), total)


def _counted(here: Here, asked: Asked, fast: Counting) -> dict[Any, Tally]:
    found = fast(here, asked)
    return by_database(here, asked) if found is None else found


def by_database(here: Here, asked: Asked) -> dict[Any, Tally]:
    """Return the tallies by unit id, division, point type or class, counted in one statement."""
    amounts = _amounts(here, asked)
    columns = [func.sum(case((condition, amount), else_=0)).label(name)
               for name, (condition, amount) in amounts.items()]
    key = _KEYS[asked.by] if asked.by else None
    statement = select(*([key.label("key")] if key is not None else []), *columns).select_from(Issue).where(
        visible(here.viewer, here.now), known_at(here), Issue.state != "draft",
        or_(_within(Issue.dispatched_at, asked), _within(Issue.reported_at, asked)), *conditions(here, asked.filters))
    if asked.by == "type":
        statement = statement.outerjoin(InspectionPoint, InspectionPoint.id == Issue.point_id)
    if asked.bbox is not None:
        statement = statement.where(in_frame(Issue.geom, *checked_frame(asked.bbox)))
    rows = here.session.execute(statement if key is None else statement.group_by(key)).all()
    return {(row[0] if key is not None else ""): Tally(**{name: int(getattr(row, name) or 0) for name in amounts})
            for row in rows}


def _within(column: Any, asked: Asked) -> Any:
    begins = column >= fields.moment(asked.first) if asked.first else true()
    if not asked.last:
        return and_(column.is_not(None), begins)
    ends = fields.last_moment(asked.last)
    return and_(column.is_not(None), begins, column < ends if ends != fields.moment(asked.last) else column <= ends)


def _amounts(here: Here, asked: Asked) -> dict[str, tuple[Any, Any]]:
    """Return by name under which condition an issue counts, and how much it adds."""
    found, at = stands(here), here.at
    given = and_(found.handed_over, _within(Issue.dispatched_at, asked))
    runs = and_(given, not_(found.suspended))
    ended = func.coalesce(Issue.resolved_at, Issue.closed_at)
    due = and_(runs, Issue.due_at.is_not(None), or_(Issue.due_at <= _period_end(here, asked), found.closed))
    is_late = or_(and_(found.closed, ended > Issue.due_at), func.coalesce(found.overdue, false()))
    reworks, returns, dispatches, wrong = _times(here)
    was_fed_back = and_(runs, or_(and_(Issue.resolved_at.is_not(None), Issue.resolved_at <= at), reworks > 0))
    reported = _within(Issue.reported_at, asked)
    sent = and_(Issue.dispatched_at.is_not(None), Issue.dispatched_at <= at, _within(Issue.dispatched_at, asked))
    other = aliased(Issue)
    came_back = select(other.id).where(other.recurrence_of_id == Issue.id, other.reported_at <= at,
                                       other.state.not_in(("rejected", "duplicate"))).exists()
    return {
        "handed_over": (given, 1), "suspended": (and_(given, found.suspended), 1),
        "closed": (and_(given, found.closed), 1),
        "fed_back": (and_(runs, state_then(here).in_(("resolved", "closed"))), 1), "due": (due, 1),
        "on_time": (and_(due, found.closed, ended <= Issue.due_at), 1),
        "late": (and_(due, is_late, not_(Issue.is_overdue_waived)), 1), "with_feedback": (was_fed_back, 1),
        "reworked": (and_(was_fed_back, reworks > 0), 1), "rework_times": (given, reworks),
        "wrong_returns": (given, wrong), "recurred": (and_(given, found.closed, came_back), 1),
        "handled": (and_(given, Issue.handled_work_s.is_not(None), Issue.resolved_at <= at), 1),
        "handled_s": (and_(given, Issue.handled_work_s.is_not(None), Issue.resolved_at <= at), Issue.handled_work_s),
        "reported": (reported, 1),
        "filed": (and_(reported, func.coalesce(Issue.filed_at, Issue.dispatched_at) <= at), 1),
        "dispatches": (sent, dispatches), "returns": (sent, returns)}


def _period_end(here: Here, asked: Asked) -> datetime:
    return min(fields.last_moment(asked.last), here.at) if asked.last else here.at


def _times(here: Here) -> tuple[Any, Any, Any, Any]:
    """Return how often an issue was reworked, returned, dispatched, and wrongly returned, as SQL."""
    if here.is_present:
        # What came with an old table was dispatched once, and once more for each return, though nobody counted.
        dispatches = case((Issue.dispatch_count > 0, Issue.dispatch_count), else_=Issue.return_count + 1)
        return Issue.rework_count, Issue.return_count, dispatches, Issue.wrong_return_count
    line, state = ledger.Entry, ledger.Entry.after["state"].as_string()

    def times(verb: str, *more: Any) -> Any:
        return select(func.count()).select_from(line).where(
            line.key == Issue.issue_no, line.kind == "issue", line.verb == verb, line.at <= here.at,
            *more).correlate(Issue).scalar_subquery()

    sent = times("dispatch")
    return (times("check", state == "rework"), times("return"), case((sent > 0, sent), else_=times("return") + 1),
            times("dispatch", line.after["wrong_return_count"].as_string().is_not(None)))


def _pledges(here: Here, asked: Asked) -> dict[Any, tuple[int, int]]:
    """Return (signed, all) frontage zones by group; nothing where the narrowing speaks of issues only."""
    if any(name not in zones.FILTERS or name == "q" for name in asked.filters) or asked.by in ("type", "class"):
        return {}
    day = clock.office_day(here.at)
    is_signed = and_(Zone.pledge_signed_on.is_not(None), Zone.pledge_signed_on <= day,
                     or_(Zone.pledge_expires_on.is_(None), Zone.pledge_expires_on >= day))
    key = {"unit": Zone.unit_id, "division": func.substr(Zone.division, 1, SUBDISTRICT_DIGITS)}.get(asked.by or "")
    statement = select(*([key] if key is not None else []), func.sum(case((is_signed, 1), else_=0)),
                       func.count()).where(Zone.kind == "frontage", zones.visible(here.viewer),
                                           holds_at(Zone, here.at),
                                           *listing.conditions(zones.FILTERS, here, asked.filters))
    if asked.bbox is not None:
        statement = statement.where(in_frame(Zone.geom, *checked_frame(asked.bbox)))
    rows = here.session.execute(statement if key is None else statement.group_by(key))
    return {(row[0] if key is not None else ""): (int(row[-2] or 0), int(row[-1])) for row in rows}


def _pledged(found: tuple[int, int] | None) -> dict[str, int]:
    return {"signed": found[0], "zones": found[1]} if found else {"signed": 0, "zones": 0}


def _named(here: Here, asked: Asked, counted: Mapping[Any, Tally], lang: str, fast: Counting) -> list[Line]:
    if asked.by == "unit":
        return _units(here, asked, counted, fast)
    if asked.by == "division":
        names = {code: name for code, name in here.session.execute(select(Zone.code, Zone.name).where(
            Zone.kind == "subdistrict"))}
    else:
        table = dictionaries.point_types() if asked.by == "type" else dictionaries.issue_classes()
        names = {code: entry.name(lang) for code, entry in table.items()}
    return [Line(key or "", names.get(key, key or ""), found) for key, found in counted.items()]


def _units(here: Here, asked: Asked, counted: Mapping[Any, Tally], fast: Counting) -> list[Line]:
    known = unit_names(here.session, counted)
    placed = rates.ranking((str(key), rates.group_of(known[key].kind), found)
                           for key, found in _compared(here, asked, counted, fast).items() if key in known)
    return [Line(known[key].code if key in known else "", known[key].name if key in known else "", found,
                 placed.get(str(key))) for key, found in counted.items()]


def _compared(here: Here, asked: Asked, counted: Mapping[Any, Tally], fast: Counting) -> Mapping[Any, Tally]:
    """Return what units are ranked among: their own people learn the place, though not the others' issues."""
    if here.viewer.role not in SEES_RANKS:
        return counted
    return _counted(here._replace(viewer=OFFICE), asked, fast)
