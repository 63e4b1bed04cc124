"""Ask about issues: which a viewer sees, how many weigh on what, and how one looks to a program."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, case, false, func, or_, select, true
from sqlalchemy.orm import Session, defer

from civmap import clock, dictionaries
from civmap.city.reach import segments_held
from civmap.errors import NotFound
from civmap.issues import rules
from civmap.issues.filters import FILTERS, check_span, is_due_soon, is_open, is_overdue, known_at
from civmap.issues.models import AssistingUnit, Issue, Photo
from civmap.people.rules import SEES_ALL, TERRITORIAL, Viewer
from civmap.points.models import InspectionPoint
from civmap.segments.models import RoadSegment
from civmap.store import listing
from civmap.store.listing import Here, begins_with, checked_frame
from civmap.store.spatial import in_frame, intersects_column
from civmap.units.models import Unit
from civmap.zones.models import Zone


def visible(viewer: Viewer, now: datetime) -> Any:
    """Return the condition of the issues a viewer sees (`domain.md` §1)."""
    if viewer.role in SEES_ALL:
        return begins_with(Issue.division, viewer.territory) if viewer.territory else true()
    own = Issue.reported_by == viewer.name
    if viewer.role == "discipline":
        return or_(is_overdue(now), Issue.supervision_level >= 3)
    if viewer.role in TERRITORIAL:
        territory = begins_with(Issue.division, viewer.territory) if viewer.territory else false()
        return or_(own, territory, _of_units(viewer))
    if viewer.role == "road_chief":
        held = select(RoadSegment.id).where(RoadSegment.code.in_(segments_held(viewer.segment_codes)))
        return or_(own, Issue.segment_id.in_(held))
    if viewer.role == "industry_lead":
        trade = [found.code for found in dictionaries.issue_classes().values()
                 if viewer.unit_categories & set(found.duties)]
        return or_(Issue.class_code.in_(trade), _of_units(viewer))
    return false() if viewer.role == "public" else or_(own, _of_units(viewer))


def _of_units(viewer: Viewer) -> Any:
    if not viewer.unit_ids:
        return false()
    assisting = select(AssistingUnit.issue_id).where(AssistingUnit.unit_id.in_(viewer.unit_ids))
    return or_(Issue.unit_id.in_(viewer.unit_ids), Issue.id.in_(assisting))


def by_no(session: Session, viewer: Viewer, no: str, now: datetime, for_change: bool = False) -> Issue:
    """Return the issue of a number; raise NotFound where it is missing or hidden from the viewer."""
    wanted = select(Issue).where(Issue.issue_no == no, visible(viewer, now))
    if for_change:
        wanted = wanted.with_for_update(of=Issue).execution_options(populate_existing=True)
    issue = session.scalar(wanted)
    if issue is None:
        raise NotFound("issue_not_found", field="issue_no", no=no)
    return issue


def linked_no(session: Session, viewer: Viewer, issue_id: int | None, now: datetime) -> str | None:
    """Return the number of an issue that another one points to, None where the viewer does not see it."""
    if issue_id is None:
        return None
    return session.scalar(select(Issue.issue_no).where(Issue.id == issue_id, visible(viewer, now)))


def _burdens(session: Session, key: Any, viewer: Viewer, now: datetime, *joins: Any) -> dict[int, rules.Burden]:
    counts = (func.count(), func.sum(case((is_due_soon(now), 1), else_=0)),
              func.sum(case((is_overdue(now), 1), else_=0)))
    asked = select(key, *counts).select_from(Issue)
    for target, condition in joins:
        asked = asked.join(target, condition)
    asked = asked.where(is_open(), visible(viewer, now), key.is_not(None)).group_by(key)
    return {row[0]: rules.Burden(row[1], int(row[2] or 0), int(row[3] or 0)) for row in session.execute(asked)}


def burden_by_point(session: Session, viewer: Viewer, now: datetime) -> dict[int, rules.Burden]:
    """Return the open issues linked to each point, by the point's id; a point without any is left out."""
    return _burdens(session, Issue.point_id, viewer, now)


def burden_by_segment(session: Session, viewer: Viewer, now: datetime) -> dict[int, rules.Burden]:
    """Return the open issues of each segment (linked, or within reach and nearest when reported), by its id."""
    return _burdens(session, Issue.segment_id, viewer, now)


def burden_by_unit(session: Session, viewer: Viewer, now: datetime) -> dict[int, rules.Burden]:
    """Return the open issues of which each unit is the main unit, by the unit's id."""
    return _burdens(session, Issue.unit_id, viewer, now)


def burden_by_zone(session: Session, viewer: Viewer, now: datetime) -> dict[int, rules.Burden]:
    """Return the open issues inside each zone, by the zone's id."""
    return _burdens(session, Zone.id, viewer, now, (Zone, intersects_column(Zone.geom, Issue.geom)))


BURDENS = {"points": burden_by_point, "segments": burden_by_segment, "units": burden_by_unit, "zones": burden_by_zone}


def listed(session: Session, viewer: Viewer, now: datetime, *, bbox: Sequence[float] | None = None,
           q: str | None = None, filters: Mapping[str, Any] | None = None, limit: int | None = None,
           after: int | None = None, on: datetime | date | None = None) -> list[Issue]:
    """Return the issues a viewer sees, newest first, narrowed by frame, words and filters; raise Invalid."""
    here = Here(session, viewer, now, clock.as_of(on, now))
    asked = {**(filters or {}), **({"q": q} if q else {})}
    statement = selected(here, asked, bbox=bbox, limit=limit, after=after).options(defer(Issue.claims))
    return list(session.scalars(statement))


def selected(here: Here, filters: Mapping[str, Any], *, bbox: Sequence[float] | None = None,
             limit: int | None = None, after: int | None = None) -> Select[Any]:
    """Return the statement of the issues that a viewer sees and that had been reported by then, newest first."""
    asked = select(Issue).where(visible(here.viewer, here.now), known_at(here), *conditions(here, filters))
    if bbox is not None:
        asked = asked.where(in_frame(Issue.geom, *checked_frame(bbox)))
    if after is not None:
        asked = asked.where(Issue.id < after)
    asked = asked.order_by(Issue.id.desc())
    return asked if limit is None else asked.limit(limit)


def conditions(here: Here, filters: Mapping[str, Any]) -> list[Any]:
    """Return the conditions of some filters; raise Invalid."""
    check_span(filters)
    return listing.conditions(FILTERS, here, filters)


class Named(NamedTuple):
    """The code and name of something an issue points to; a unit's phone too."""

    id: int
    code: str
    name: str
    phone: str | None = None


class Names(NamedTuple):
    """Units, points and segments by id, and the ids of the issues that have a photo of the problem."""

    units: dict[int, Named]
    points: dict[int, Named]
    segments: dict[int, Named]
    pictured: set[int]


def assisting(session: Session, issue: Issue) -> list[str]:
    """Return the codes of the units that help the main one, in order of code."""
    return list(session.scalars(select(Unit.code).join(AssistingUnit, AssistingUnit.unit_id == Unit.id).where(
        AssistingUnit.issue_id == issue.id).order_by(Unit.code)))


def names(session: Session, issues: Iterable[Issue]) -> Names:
    """Return what the summaries of some issues need beside their own rows, read in a few queries."""
    issues = list(issues)
    return Names(_named(session, (Unit.id, Unit.code, Unit.name, Unit.phone), {issue.unit_id for issue in issues}),
                 _named(session, _plain(InspectionPoint), {issue.point_id for issue in issues}),
                 _named(session, _plain(RoadSegment), {issue.segment_id for issue in issues}),
                 {row[0] for ids in _chunks({issue.id for issue in issues}) for row in session.execute(
                     select(Photo.issue_id).where(Photo.issue_id.in_(ids), Photo.kind != "after").distinct())})


def _plain(model: Any) -> tuple[Any, ...]:
    return model.id, model.code, model.name


def _named(session: Session, columns: tuple[Any, ...], ids: set[int | None]) -> dict[int, Named]:
    return {row[0]: Named(*row) for wanted in _chunks(ids)
            for row in session.execute(select(*columns).where(columns[0].in_(wanted)))}


def _chunks(ids: set[int | None]) -> Iterator[list[int]]:
    wanted = sorted(found for found in ids if found is not None)
    for start in range(0, len(wanted), 500):
        yield wanted[start:start + 500]
