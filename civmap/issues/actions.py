"""Do what the office does with an issue: report it, and perform the verbs of its life.

Every step is one guarded change of one row and one ledger line; the edge opens and commits the transaction.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from shapely import Point
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified, set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from civmap import clock, dictionaries
from civmap.assignment import queries as assignment
from civmap.assignment import rules as cascade
from civmap.assignment.customs import cascade_of
from civmap.assignment.places import Answer, Surroundings
from civmap.assignment.table import Reach
from civmap.city.queries import the_city
from civmap.errors import Forbidden, Invalid, Missing, Stale
from civmap.fields import moment
from civmap.geo.validity import check_spot
from civmap.issues import (
    customs,
    forms,
    notices,
    pleas,
    queries,
    recurrence,
    rules,
    showing,
    standing,
    steps,
    timing,
)
from civmap.issues.models import Issue
from civmap.people.rules import Viewer
from civmap.points import queries as points
from civmap.points.models import InspectionPoint
from civmap.segments.models import RoadSegment
from civmap.store import ledger
from civmap.store.editing import one_at_a_time

NUMBER_LOCK = 360_200
CLOCK_AHEAD = timedelta(minutes=5)
LEDGERED = ("state", "unit_id", "person", "time_limit", "due_at", "dispatched_at", "filed_at", "acknowledged_at",
            "started_at", "resolved_at", "closed_at", "measure", "handled_by", "return_count", "rework_count",
            "is_designated", "duplicate_of_id", "basis", "criterion", "limit_factor", "due_soon_at", "resumes_at",
            "plan", "handled_work_s", "dispatch_count", "wrong_return_count", "extension_count",
            "is_overdue_waived", "supervision_level", "fixed_on_spot", "recurrence_of_id")


def report(session: Session, viewer: Viewer, body: Any, now: datetime, lang: str = "zh") -> Issue:
    """Report an issue and name who answers; with `on_site` and a unit also file and dispatch it (当场下单).

    With `fixed_on_spot` it is in progress at once, and the reporter's feedback strikes it off (当场整改).

    Raise Forbidden, Invalid, Several or NotFound; nothing is kept then.
    """
    viewer.must("report", "issue")
    said = forms.read(forms.REPORT, body)
    if (said["unit"] or said["on_site"] or said["fixed_on_spot"]) and not viewer.may("on_site", "issue"):
        raise Forbidden("role_may_not", role=viewer.role, verb="on_site", kind="issue",
                        who=rules.who_may("on_site"))
    if said["on_site"] and not said["unit"]:
        raise Invalid("on_site_needs_unit", field="unit")
    point = points.by_code(session, viewer, said["point"], field="point") if said["point"] else None
    spot = _spot(session, said, point)
    found = dictionaries.issue_class(said["class_code"])
    asked, table = assignment.asked_of(found.code), cascade_of(session)
    around = assignment.gather(session, spot, now, point.code if point else None, said["unit"], asked=asked,
                               reach=table.reach)
    answer = cascade.choose(around, asked, table, said["accuracy_m"])
    issue = Issue(
        issue_no=next_number(session, now), class_code=found.code, description=said["description"],
        geom=Point(spot), accuracy_m=said["accuracy_m"], address=said["address"], source=viewer.via,
        on_site=bool(said["on_site"]), captured_at=_captured(said["captured_at"], now), state="reported",
        reported_at=now, reported_by=viewer.name, point_id=_point_id(session, point, around),
        division=around.division or None, segment_id=segment_id(session, around, table.reach), person=said["person"],
        fixed_on_spot=bool(said["fixed_on_spot"]), criterion=_criterion(found.code, said["criterion"]),
        recurrence_of_id=recurrence.of_which(session, found.code, spot, now, customs.workflow(session)))
    _take_answer(issue, answer)
    session.add(issue)
    session.flush()
    _note(session, viewer, "report", issue, now, None, {"class": found.code, "description": issue.description,
                                                         "lon": spot[0], "lat": spot[1]})
    if said["on_site"] or said["fixed_on_spot"]:
        _order(session, viewer, issue, said, now)
    return issue


def _order(session: Session, viewer: Viewer, issue: Issue, said: Mapping[str, Any], now: datetime) -> None:
    """File and dispatch what was just reported; what is fixed on the spot is in progress at once."""
    _step(session, viewer, issue, "file", forms.read(forms.VERBS["file"], {}), now)
    order = {"unit": said["unit"], "person": said["person"], "limit": said["limit"]}
    _step(session, viewer, issue, "dispatch", forms.read(forms.VERBS["dispatch"], order), now)
    if said["fixed_on_spot"]:
        _step(session, viewer, issue, "acknowledge", forms.read(forms.VERBS["acknowledge"], {}), now)


def _criterion(class_code: str, written: str | None) -> str | None:
    return dictionaries.filing_criterion(class_code, written).code if written else None


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


def segment_id(session: Session, around: Surroundings, reach: Reach) -> int | None:
    """Return the id of the nearest segment within its reach, or None."""
    nearest = cascade.segment_at(around.segments, reach)
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
    day = f"{clock.office_day(now):%Y%m%d}"
    prefix = f"WT{day}-"
    serial = func.substr(Issue.issue_no, len(prefix) + 1)
    of_the_day = (Issue.issue_no >= f"WT{day}", Issue.issue_no < f"WT{int(day) + 1}")  # by the index, however sorted
    last = session.scalar(select(serial).where(
        *of_the_day, Issue.issue_no.startswith(prefix, autoescape=True), func.length(serial) > 0,
        func.trim(serial, "0123456789") == "").order_by(func.length(serial).desc(), serial.desc()).limit(1))
    return f"{prefix}{int(last or 0) + 1:04d}"


def perform(session: Session, viewer: Viewer, no: str, verb: str, body: Any, version: int | None, now: datetime,
            lang: str = "zh") -> Issue:
    """Do one verb on an issue as a viewer; return the changed row. This is the one door for every verb.

    Raise NotFound, Forbidden, Missing or Stale (version), NotAllowed (with what is allowed), Invalid.
    """
    rules.check_verb(verb)
    issue = queries.by_no(session, viewer, no, now, for_change=True)
    if not viewer.may(verb, "issue"):
        raise Forbidden("role_may_not", role=viewer.role, verb=verb, kind="issue", who=rules.who_may(verb))
    if version is None:
        raise Missing("if_match_missing")
    if version != issue.version:
        current = showing.as_json(session, issue, viewer, lang, now)
        raise Stale("stale_edit", current=current, version=issue.version)
    rules.check_allowed(viewer, verb, standing.of(session, issue, now))
    _step(session, viewer, issue, verb, forms.read(forms.VERBS[verb], body), now)
    return issue


def resume_by_itself(session: Session, issue: Issue, at: datetime) -> None:
    """Take an issue off the books on the date that was set, as the clock."""
    _step(session, notices.CLOCK, issue, "resume", forms.read(forms.VERBS["resume"], {}), at)


def supervise_by_itself(session: Session, issue: Issue, level: int, why: str, now: datetime) -> None:
    """Make the notice of a level that the clock has reached; `why` is remind or overdue.

    The version stays: nobody who has the issue before them decides on anything that this changes.
    """
    before = _facts(issue)
    notice = notices.supervise(session, notices.CLOCK, issue, level, now, {"why": why})
    set_committed_value(issue, "supervision_level", max(issue.supervision_level, level))
    timing.wind(session, issue, now)
    set_committed_value(issue, "rouse_at", issue.rouse_at)
    session.execute(update(Issue).where(Issue.id == issue.id).values(
        supervision_level=issue.supervision_level, rouse_at=issue.rouse_at, version=Issue.version)
        .execution_options(synchronize_session=False))
    _note(session, notices.CLOCK, "supervise", issue, now, before, {"level": level, "why": why},
          {"notice": notice.number})


def _step(session: Session, viewer: Viewer, issue: Issue, verb: str, said: dict[str, Any], now: datetime) -> None:
    before, state = _facts(issue), issue.state
    with session.no_autoflush:
        told = STEPS[verb](session, viewer, issue, said, now)
        if issue.state == state:
            issue.state = rules.TO.get(verb, state)
        known = {"ended_at": issue.ended_at, "suspended_at": issue.suspended_at}
        for name, since in rules.moments_of(issue.state, known, now).items():
            setattr(issue, name, since)
        timing.wind(session, issue, now)
    flag_modified(issue, "state")  # every verb counts the version up, also one that only asks
    try:
        session.flush()
    except StaleDataError as problem:
        raise Stale("stale_edit", current=None, version=None) from problem
    _note(session, viewer, verb, issue, now, before, {name: value for name, value in said.items() if value is not None},
          told)


def _facts(issue: Issue) -> dict[str, Any]:
    return {name: ledger.plain(getattr(issue, name)) for name in LEDGERED}


def _note(session: Session, viewer: Viewer, verb: str, issue: Issue, now: datetime, before: dict[str, Any] | None,
          said: dict[str, Any], told: Mapping[str, Any] | None = None) -> None:
    after = _facts(issue)
    changed = {name for name in after if before is None or before[name] != after[name]}
    ledger.record(session, viewer.actor, verb, "issue", issue.issue_no, at=now,
                  before=None if before is None else {name: before[name] for name in sorted(changed)},
                  after={name: after[name] for name in sorted(changed)} | {"said": ledger.plain(said)}
                  | dict(told or {}))


STEPS: Mapping[str, Callable[..., steps.Told]] = {
    "verify": steps.nothing_more, "file": steps.file, "reject": steps.nothing_more, "duplicate": steps.duplicate,
    "dispatch": steps.dispatch, "acknowledge": steps.acknowledge, "return": steps.send_back, "start": steps.start,
    "feedback": steps.feedback, "check": steps.check, "suspend": pleas.suspend, "resume": pleas.resume,
    "extend": pleas.extend, "appeal": pleas.appeal, "supervise": steps.supervise, "reopen": steps.reopen,
}
