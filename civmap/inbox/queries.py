"""Ask what waits for a viewer: counts of the queues, and the rows of one of them with their clocks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import cos, radians
from typing import Any

from sqlalchemy import and_, case, false, func, or_, select
from sqlalchemy.orm import Session, defer

from civmap.calendar import Limit, WorkCalendar
from civmap.city.hours import office_calendar
from civmap.errors import Invalid
from civmap.inbox import limits, rules
from civmap.inbox.limits import Bar
from civmap.inbox.rules import Queue
from civmap.issues import customs, showing
from civmap.issues import queries as issues
from civmap.issues.models import Issue, Photo, Plea
from civmap.issues.rules import ENDED
from civmap.people.rules import Viewer
from civmap.store import ledger
from civmap.store.ledger import Entry
from civmap.store.listing import Here
from civmap.units.models import Unit
from civmap.zones.models import Zone

MOST_LOOKED_AT = 20_000
COLUMNS = {name: getattr(Issue, name) for name in (
    "reported_at", "filed_at", "dispatched_at", "acknowledged_at", "resolved_at", "checked_at", "due_at", "resumes_at")}


@dataclass(frozen=True, slots=True)
class Times:
    """The city's working time and how long each stage may take."""

    calendar: WorkCalendar
    targets: Mapping[str, Limit]


@dataclass(frozen=True, slots=True)
class Count:
    """How many wait in a queue, and how many of them longer than the stage target or past their limit."""

    total: int
    late: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row: the issue, how it looks, its clock and the office's own, where it is and since when it waits."""

    issue: Issue
    facts: dict[str, Any]
    bar: Bar | None
    stage: Bar | None
    place: str
    photo: int | None
    since: datetime | None


def times(session: Session) -> Times:
    """Return the city's working time and its stage targets."""
    workflow = customs.workflow(session)
    return Times(office_calendar(session),
                 {name: Limit.parse(getattr(workflow, f"{name}_target")) for name in rules.TARGETS})


def queues(session: Session, viewer: Viewer) -> tuple[Queue, ...]:
    """Return the queues of a viewer's role, with their own unit and name put in."""
    unit = session.scalar(select(Unit.code).where(Unit.id == viewer.unit_id)) if viewer.unit_id else None
    return rules.queues(viewer.role, unit, viewer.name)


def conditions(here: Here, queue: Queue) -> list[Any]:
    """Return the conditions of the issues in a queue: what the list of the same filters shows, and nothing else."""
    return [issues.visible(here.viewer, here.now), *issues.conditions(here, queue.filters)]


def counts(here: Here, known: Iterable[Queue], pace: Times) -> dict[str, Count]:
    """Return the counts of some queues by name."""
    return {queue.name: _count(here, queue, pace) for queue in known}


def _count(here: Here, queue: Queue, pace: Times) -> Count:
    late = func.sum(case((_is_late(queue, here.now, pace), 1), else_=0))
    total, behind = here.session.execute(
        select(func.count(), late).select_from(Issue).where(*conditions(here, queue))).one()
    return Count(total, int(behind or 0))


def total(here: Here, known: Iterable[Queue]) -> int:
    """Return how many issues wait in any of the queues, each counted once; lenses show nothing new."""
    own = [and_(*conditions(here, queue)) for queue in known if not queue.is_lens]
    return here.session.scalar(select(func.count()).select_from(Issue).where(or_(false(), *own))) or 0


def _is_late(queue: Queue, now: datetime, pace: Times) -> Any:
    overdue = and_(Issue.due_at < now, Issue.state.in_(("dispatched", "in_progress", "rework")))
    if queue.target is None or queue.since is None:
        return overdue
    return or_(overdue, _since(queue) < rules.late_before(pace.targets[queue.target], now, pace.calendar))


def _since(queue: Queue) -> Any:
    """Return the moment from which an issue waits, as SQL: a column, or the last line that sent it back."""
    if queue.since == "returned":
        return select(func.max(Entry.at)).where(Entry.kind == "issue", Entry.key == Issue.issue_no,
                                                Entry.verb == "return").scalar_subquery()
    if queue.since == "asked":
        return select(func.max(Plea.asked_at)).where(Plea.issue_id == Issue.id).scalar_subquery()
    return COLUMNS[queue.since or "reported_at"]


def page(here: Here, queue: Queue, pace: Times, lang: str, *, limit: int, offset: int = 0,
         near: tuple[float, float] | None = None) -> list[Waiting]:
    """Return some rows of a queue, the most urgent first: what is past its limit or target, then what comes next.

    With a place (lon, lat) the nearest come first.
    """
    order = COLUMNS[queue.order]
    rests = Issue.state == "suspended" if queue.order == "due_at" else false()
    urgent = (case((_is_late(queue, here.now, pace), 0), (rests, 2), else_=1), order.is_(None), order)
    rows = here.session.execute(
        select(Issue, _since(queue).label("since")).where(*conditions(here, queue)).options(defer(Issue.claims))
        .order_by(*((_away(near),) if near else urgent), Issue.id).limit(limit).offset(offset)).all()
    return _shown(here, queue, pace, [(row[0], row.since) for row in rows], lang)


def _away(spot: tuple[float, float]) -> Any:
    """Return what grows with the distance from a spot, good enough to sort by within a city."""
    east = (func.ST_X(Issue.geom) - spot[0]) * cos(radians(spot[1]))
    north = func.ST_Y(Issue.geom) - spot[1]
    return east * east + north * north


def _shown(here: Here, queue: Queue, pace: Times, rows: Sequence[tuple[Issue, datetime | None]],
           lang: str) -> list[Waiting]:
    own = [issue for issue, _ in rows]
    facts = {feature["id"]: feature["properties"]
             for feature in showing.features(here.session, own, here.viewer, lang, here.now)}
    photos, places = _photos(here.session, own), _divisions(here.session, own)
    return [Waiting(issue, facts[issue.issue_no], bar_of(issue, here.now, pace.calendar),
                    stage_of(queue, since, here.now, pace), _place(facts[issue.issue_no], issue, places),
                    photos.get(issue.id), since)
            for issue, since in rows]


def bar_of(issue: Issue, now: datetime, calendar: WorkCalendar) -> Bar | None:
    """Return the clock of an issue itself: its limit from the dispatch on, or until when it stands still."""
    if issue.state == "suspended":
        return limits.rest(issue.resumes_at)
    if issue.due_at and issue.dispatched_at and issue.state not in ("resolved", "returned", *ENDED):
        unit = Limit.parse(issue.time_limit).unit if issue.time_limit else "work_hour"
        return limits.bar("limit", issue.dispatched_at, issue.due_at, now, calendar, unit)
    return None


def stage_of(queue: Queue, since: datetime | None, now: datetime, pace: Times) -> Bar | None:
    """Return the clock of the stage that an issue waits in, None where it has no target."""
    if queue.target is None or since is None:
        return None
    return limits.stage(since, pace.targets[queue.target], now, pace.calendar)


def _photos(session: Session, rows: Iterable[Issue]) -> dict[int, int]:
    """Return the first photo of the problem per issue."""
    found = session.execute(select(Photo.issue_id, func.min(Photo.id)).where(
        Photo.issue_id.in_([row.id for row in rows]), Photo.kind != "after").group_by(Photo.issue_id))
    return {issue: photo for issue, photo in found}


def _divisions(session: Session, rows: Iterable[Issue]) -> dict[str, str]:
    codes = {part for row in rows if row.division for part in (row.division, row.division[:12], row.division[:9])}
    return {code: name for code, name in session.execute(
        select(Zone.code, Zone.name).where(Zone.code.in_(codes), Zone.kind.in_(("subdistrict", "community"))))}


def _place(facts: Mapping[str, Any], issue: Issue, places: Mapping[str, str]) -> str:
    """Return where it is, in words: the point, the segment or the address, else the community or subdistrict."""
    division = issue.division or ""
    near = (places.get(division[:length]) for length in (12, 9))
    return str(facts["point_name"] or facts["segment_name"] or issue.address or next((one for one in near if one), ""))


def last_done(session: Session, viewer: Viewer) -> Entry | None:
    """Return the viewer's own newest step with an issue, as far as it is not long ago."""
    newest = ledger.last_id(session)
    return session.scalar(select(Entry).where(
        Entry.id > newest - MOST_LOOKED_AT, Entry.kind == "issue", Entry.who == viewer.name)
        .order_by(Entry.id.desc()).limit(1))


def named(known: Sequence[Queue], name: str) -> Queue:
    """Return the queue of a name; raise Invalid where the role has none."""
    found = next((queue for queue in known if queue.name == name), None)
    if found is None:
        raise Invalid("choice_unknown", field="queue", value=name[:40], known=[queue.name for queue in known])
    return found
