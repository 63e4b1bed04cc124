"""Do what the office does with an issue: report it, and perform the verbs of its life.

Every step is one guarded change of one row and one ledger line; the edge opens and commits the transaction.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from shapely import Point
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from civmap import clock, dictionaries
from civmap.assignment import queries as assignment
from civmap.assignment import rules as cascade
from civmap.assignment.customs import cascade_of
from civmap.assignment.places import Answer, Surroundings
from civmap.calendar import Limit, WorkCalendar
from civmap.city.queries import the_city
from civmap.errors import Forbidden, Invalid, Missing, Stale
from civmap.fields import moment
from civmap.geo.validity import check_spot
from civmap.issues import forms, queries, rules, showing
from civmap.issues.models import AssistingUnit, Issue, Photo
from civmap.people.rules import Viewer
from civmap.points import queries as points
from civmap.points.models import InspectionPoint
from civmap.segments.models import RoadSegment
from civmap.store import ledger
from civmap.store.editing import one_at_a_time
from civmap.units.models import Unit
from civmap.units.queries import in_office

NUMBER_LOCK = 360_200
CLOCK_AHEAD = timedelta(minutes=5)
CALENDAR = WorkCalendar()
LEDGERED = ("state", "unit_id", "person", "time_limit", "due_at", "dispatched_at", "filed_at", "acknowledged_at",
            "started_at", "resolved_at", "closed_at", "measure", "handled_by", "return_count", "rework_count",
            "is_designated", "duplicate_of_id", "basis")


def report(session: Session, viewer: Viewer, body: Any, now: datetime, lang: str = "zh") -> Issue:
    """Report an issue and name who answers; with `on_site` and a unit also file and dispatch it.

    Raise Forbidden, Invalid, Several or NotFound; nothing is kept then.
    """
    viewer.must("report", "issue")
    said = forms.read(forms.REPORT, body)
    if (said["unit"] or said["on_site"]) and not viewer.may("on_site", "issue"):
        raise Forbidden("role_may_not", role=viewer.role, verb="on_site", kind="issue")
    if said["on_site"] and not said["unit"]:
        raise Invalid("on_site_needs_unit", field="unit")
    point = points.by_code(session, viewer, said["point"], field="point") if said["point"] else None
    spot = _spot(session, said, point)
    found = dictionaries.issue_class(said["class_code"])
    around = assignment.gather(session, spot, now, point.code if point else None, said["unit"])
    answer = cascade.choose(around, assignment.asked_of(found.code), cascade_of(session), said["accuracy_m"])
    issue = Issue(
        issue_no=next_number(session, now), class_code=found.code, description=said["description"],
        geom=Point(spot), accuracy_m=said["accuracy_m"], address=said["address"], source=viewer.via,
        on_site=bool(said["on_site"]), captured_at=_captured(said["captured_at"], now), state="reported",
        reported_at=now, reported_by=viewer.name, point_id=_point_id(session, point, around),
        division=around.division or None, segment_id=segment_id(session, around), person=said["person"])
    _take_answer(issue, answer)
    session.add(issue)
    session.flush()
    _note(session, viewer, "report", issue, now, None, {"class": found.code, "description": issue.description,
                                                         "lon": spot[0], "lat": spot[1]})
    if said["on_site"]:
        _step(session, viewer, issue, "file", forms.read(forms.VERBS["file"], {}), now)
        order = {"unit": said["unit"], "person": said["person"], "limit": said["limit"]}
        _step(session, viewer, issue, "dispatch", forms.read(forms.VERBS["dispatch"], order), now)
    return issue


def _captured(told: datetime | None, now: datetime) -> datetime | None:
    """Return when a phone saw it: a clock that runs ahead loses no report, but nothing is seen before it happens."""
    return told if told is None else min(told, now)


def report_warnings(body: Mapping[str, Any], now: datetime) -> list[str]:
    """Return the codes of what a report that was taken should be told: `captured_in_future` for a clock far ahead."""
    told = moment(body["captured_at"]) if body.get("captured_at") else None
    return ["captured_in_future"] if told and told > now + CLOCK_AHEAD else []


def _spot(session: Session, said: Mapping[str, Any], point: InspectionPoint | None) -> tuple[float, float]:
    if said["lon"] is None and said["lat"] is None and point is not None:
        return point.geom.x, point.geom.y
    if said["lon"] is None or said["lat"] is None:
        raise Invalid("spot_missing", field="lon" if said["lon"] is None else "lat")
    return check_spot(said["lon"], said["lat"], the_city(session).frame)


def _point_id(session: Session, point: InspectionPoint | None, around: Surroundings) -> int | None:
    if point is not None:
        return point.id
    origin = Point(0, 0)
    inside = [place for place in around.points if place.shape.geom_type.endswith("Polygon")
              and place.shape.intersects(origin)]
    if not inside:
        return None
    smallest = min(inside, key=lambda place: (place.shape.area, place.code))
    return session.scalar(select(InspectionPoint.id).where(InspectionPoint.code == smallest.code))


def segment_id(session: Session, around: Surroundings) -> int | None:
    """Return the id of the nearest segment within its reach, or None."""
    nearest = cascade.segment_at(around.segments)
    if nearest is None:
        return None
    return session.scalar(select(RoadSegment.id).where(RoadSegment.code == nearest.code))


def _take_answer(issue: Issue, answer: Answer) -> None:
    issue.unit_id = answer.unit.id if answer.unit else None
    issue.basis = answer.basis
    issue.claims = showing.stored_claims(answer)
    issue.is_ambiguous = answer.is_ambiguous


def next_number(session: Session, now: datetime) -> str:
    """Return the next free issue number of the office day, WT20260520-0042."""
    one_at_a_time(session, NUMBER_LOCK)
    prefix = f"WT{clock.office_day(now):%Y%m%d}-"
    serial = func.substr(Issue.issue_no, len(prefix) + 1)
    last = session.scalar(select(serial).where(
        Issue.issue_no.startswith(prefix, autoescape=True), func.length(serial) > 0,
        func.trim(serial, "0123456789") == "").order_by(func.length(serial).desc(), serial.desc()).limit(1))
    return f"{prefix}{int(last or 0) + 1:04d}"


def perform(session: Session, viewer: Viewer, no: str, verb: str, body: Any, version: int | None, now: datetime,
            lang: str = "zh") -> Issue:
    """Do one verb on an issue as a viewer; return the changed row.

    Raise NotFound, NotBuilt, Forbidden, Missing or Stale (version), NotAllowed (with what is allowed), Invalid.
    """
    rules.check_verb(verb)
    issue = queries.by_no(session, viewer, no, now, for_change=True)
    viewer.must(verb, "issue")
    if version is None:
        raise Missing("if_match_missing")
    if version != issue.version:
        current = showing.as_json(session, issue, viewer, lang, now)
        raise Stale("stale_edit", current=current, version=issue.version)
    rules.check_allowed(viewer, verb, showing.standing(issue))
    _step(session, viewer, issue, verb, forms.read(forms.VERBS[verb], body), now)
    return issue


def _step(session: Session, viewer: Viewer, issue: Issue, verb: str, said: dict[str, Any], now: datetime) -> None:
    before = _facts(issue)
    with session.no_autoflush:
        STEPS[verb](session, viewer, issue, said, now)
    issue.state = rules.TO.get(verb, issue.state)
    known = {"ended_at": issue.ended_at, "suspended_at": issue.suspended_at}
    for name, since in rules.moments_of(issue.state, known, now).items():
        setattr(issue, name, since)
    try:
        session.flush()
    except StaleDataError as problem:
        raise Stale("stale_edit", current=None, version=None) from problem
    _note(session, viewer, verb, issue, now, before, {name: value for name, value in said.items() if value is not None})


def _facts(issue: Issue) -> dict[str, Any]:
    return {name: ledger.plain(getattr(issue, name)) for name in LEDGERED}


def _note(session: Session, viewer: Viewer, verb: str, issue: Issue, now: datetime, before: dict[str, Any] | None,
          said: dict[str, Any]) -> None:
    after = _facts(issue)
    changed = {name for name in after if before is None or before[name] != after[name]}
    ledger.record(session, viewer.actor, verb, "issue", issue.issue_no, at=now,
                  before=None if before is None else {name: before[name] for name in sorted(changed)},
                  after={name: after[name] for name in sorted(changed)} | {"said": ledger.plain(said)})


def _nothing_more(session: Session, viewer: Viewer, issue: Issue, said: Mapping[str, Any], now: datetime) -> None:
    """Change the state and nothing else; the words are in the ledger line."""


def _file(session: Session, viewer: Viewer, issue: Issue, said: Mapping[str, Any], now: datetime) -> None:
    issue.filed_at = now


def _duplicate(session: Session, viewer: Viewer, issue: Issue, said: Mapping[str, Any], now: datetime) -> None:
    parent = queries.by_no(session, viewer, said["of"], now)
    if parent.id == issue.id or parent.state == "duplicate":
        raise Invalid("duplicate_of_itself", field="of", no=parent.issue_no)
    issue.duplicate_of_id = parent.id


def _dispatch(session: Session, viewer: Viewer, issue: Issue, said: Mapping[str, Any], now: datetime) -> None:
    known = session.get(Unit, issue.unit_id) if issue.unit_id else None
    written = said["unit"] or (known.code if known else None)
    if written is not None:
        unit = in_office(session, written, now)
        if unit.id != issue.unit_id or said["designated"]:
            issue.basis = "designated" if said["designated"] else "explicit"
            issue.claims = [chosen_claim(unit, issue.basis), *issue.claims]
        issue.unit_id = unit.id
    if issue.unit_id is None:
        raise Invalid("dispatch_needs_unit", field="unit")
    limit = Limit.parse(said["limit"]) if said["limit"] else dictionaries.issue_classes()[issue.class_code].limit
    issue.time_limit, issue.dispatched_at = str(limit), now
    issue.due_soon_at, issue.due_at = rules.due_moments(limit, now, CALENDAR)
    issue.acknowledged_at = issue.started_at = None
    issue.is_designated = bool(said["designated"])
    issue.person = said["person"] or issue.person
    _set_assisting(session, issue, said["assisting"] or [], now)


def chosen_claim(unit: Unit, basis: str) -> dict[str, Any]:
    """Return the claim of a unit that a person chose, as it is kept with the issue."""
    return {"unit_id": unit.id, "unit": unit.code, "unit_name": unit.name, "basis": basis, "distance_m": None,
            "facts": {}}


def _set_assisting(session: Session, issue: Issue, codes: list[str], now: datetime) -> None:
    known = set(session.scalars(select(AssistingUnit.unit_id).where(AssistingUnit.issue_id == issue.id)))
    for code in codes:
        unit = in_office(session, code, now, field="assisting")
        if unit.id != issue.unit_id and unit.id not in known:
            session.add(AssistingUnit(issue_id=issue.id, unit_id=unit.id))
            known.add(unit.id)


def _acknowledge(session: Session, viewer: Viewer, issue: Issue, said: Mapping[str, Any], now: datetime) -> None:
    issue.acknowledged_at = now


def _return(session: Session, viewer: Viewer, issue: Issue, said: Mapping[str, Any], now: datetime) -> None:
    issue.return_count += 1


def _start(session: Session, viewer: Viewer, issue: Issue, said: Mapping[str, Any], now: datetime) -> None:
    issue.started_at = now


def _feedback(session: Session, viewer: Viewer, issue: Issue, said: Mapping[str, Any], now: datetime) -> None:
    after = select(Photo.id).where(Photo.issue_id == issue.id, Photo.kind == "after")
    if said["photos"]:
        known = set(session.scalars(after))
        unknown = [number for number in said["photos"] if number not in known]
        if unknown:
            raise Invalid("photo_not_of_this_issue", field="photos", ids=unknown)
    elif session.scalar(after.where(Photo.round == issue.rework_count).limit(1)) is None:
        raise Invalid("after_photo_missing", field="photos")
    issue.resolved_at, issue.measure, issue.handled_by = now, said["measure"], viewer.name


def _check(session: Session, viewer: Viewer, issue: Issue, said: Mapping[str, Any], now: datetime) -> None:
    issue.checked_at = now
    if said["passed"]:
        issue.state, issue.closed_at = "closed", now
        return
    if not said["opinion"]:
        raise Invalid("opinion_missing", field="opinion")
    issue.state = "rework"
    issue.rework_count += 1


Step = Callable[[Session, Viewer, Issue, Mapping[str, Any], datetime], None]
STEPS: Mapping[str, Step] = {
    "verify": _nothing_more, "file": _file, "reject": _nothing_more, "duplicate": _duplicate, "dispatch": _dispatch,
    "acknowledge": _acknowledge, "return": _return, "start": _start, "feedback": _feedback, "check": _check,
}
