"""Keep visits: arrive, judge, leave; change before the round is finished; make issues of fails.

A visit has a key of its own. While its visitor is still there, what comes under the key is added to it, in whatever
order it arrives; once it has been left, the same key is answered with what is kept.
"""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from civmap import clock
from civmap.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from civmap.geo.measure import Plane, distance_m
from civmap.inspections import checklists, fails, forms, queries, rounds, rules
from civmap.inspections.models import Finding, Visit
from civmap.people.rules import Viewer
from civmap.points import queries as points
from civmap.points.models import InspectionPoint
from civmap.store import ledger
from civmap.store.editing import check_version, one_at_a_time

LOCK = 360_207
SAME_WITHIN = timedelta(minutes=10)
OLDEST = timedelta(days=366)
Said = Mapping[str, Any]


def keep(session: Session, viewer: Viewer, body: Any, now: datetime, lang: str = "zh") -> Visit:
    """Keep a visit, or add to the one of its key; return it. Fails that ask for an issue get one.

    Raise NotFound (point, round), Forbidden, Conflict (retired point, finished round), Invalid or Several.
    """
    viewer.must("create", "visit")
    said = forms.visit(body)
    point = _point(session, viewer, said)
    one_at_a_time(session, LOCK)
    known = _known(session, viewer, said, point, now)
    if known is None:
        visit = _arrive(session, viewer, said, point, now)
    elif known.left_at is not None or known.outcome == rules.SKIPPED:
        return known
    else:
        visit = known
    before = None if known is None else _facts(session, visit)
    _judge(session, visit, point, said, now)
    _report(session, viewer, visit, point, said["findings"], now, lang)
    _note(session, viewer, visit, before, now)
    return visit


def _point(session: Session, viewer: Viewer, said: Said) -> InspectionPoint:
    """Return the point of a visit: one that the viewer sees, or a stop of a round that the viewer walks."""
    try:
        return points.by_code(session, viewer, said["point"], field="point")
    except NotFound:
        own = session.scalar(select(InspectionPoint).where(
            InspectionPoint.code == said["point"], InspectionPoint.id.in_(rounds.points_walked(viewer, said["route"]))))
        if own is None:
            raise
        return own


def _known(session: Session, viewer: Viewer, said: Said, point: InspectionPoint, now: datetime) -> Visit | None:
    """Return the visit of the key; without a key the one that the same person has just sent with the same words."""
    if said["key"]:
        row = session.scalar(select(Visit).where(Visit.key == said["key"]).with_for_update())
        if row is not None and (row.point_id != point.id or row.who != viewer.name):
            raise Conflict("visit_key_taken", field="key", key=said["key"])
        return row
    recent = session.scalars(select(Visit).where(
        Visit.point_id == point.id, Visit.who == viewer.name, Visit.saved_at >= now - SAME_WITHIN,
        Visit.outcome == said["outcome"], Visit.remark == (said["remark"] or "")).order_by(Visit.id.desc()).limit(5))
    wanted = {(one["item"], one["result"], one["remark"] or "") for one in said["findings"] or ()}
    for row in recent:
        found = queries.findings_of(session, [row.id]).get(row.id, [])
        route = session.scalar(select(rounds.ROUTE.c.code).where(rounds.ROUTE.c.id == row.route_id))
        if {(one.item, one.result, one.remark) for one in found} == wanted and route == said["route"]:
            return row
    return None


def _arrive(session: Session, viewer: Viewer, said: Said, point: InspectionPoint, now: datetime) -> Visit:
    told_at = said["arrived_at"] or said["left_at"] or now
    arrived_at = min(told_at, now)
    if arrived_at < now - OLDEST:
        raise Invalid("visit_too_old", field="arrived_at", days=OLDEST.days)
    if point.valid_to is not None and point.valid_to <= arrived_at:
        raise Conflict("point_retired", field="point", code=point.code)
    custom = checklists.custom_of(session)
    route = rounds.walked(session, viewer, said["route"], arrived_at) if said["route"] else None
    stop = rounds.stop_at(session, route, point.id, point.code) if route else None
    visit = Visit(
        key=said["key"] or secrets.token_urlsafe(18), point_id=point.id, route_id=route.id if route else None,
        stop_id=stop.id if stop else None, outcome=said["outcome"], who=viewer.name, arrived_at=arrived_at,
        saved_at=now, lon=said["lon"], lat=said["lat"], accuracy_m=said["accuracy_m"],
        distance_m=_distance_m(point, said["lon"], said["lat"]), edition=custom.edition, remark=said["remark"] or "",
        warnings=[], is_covert=bool(route and route.is_hidden))
    warnings = [] if said["outcome"] == rules.SKIPPED else rules.place_oddities(
        visit.distance_m, visit.accuracy_m, checklists.reach_m(point, custom))
    if rules.is_clock_odd(told_at, now):
        warnings.append("clock_odd")
    if route and route.day != clock.office_day(arrived_at):
        warnings.append("other_day")
    if stop and said["team"] is not None and stop.team != said["team"]:
        warnings.append("other_team")
    if route and route.state == "finished":
        warnings.append("after_finish")
    visit.warnings = warnings
    session.add(visit)
    session.flush()
    if route:
        rounds.set_out(session, viewer, route, now)
    return visit


def _distance_m(point: InspectionPoint, lon: float | None, lat: float | None) -> float | None:
    """Return the metres from a check-in to the point: none inside its outline, else to what is nearer."""
    if lon is None or lat is None:
        return None
    metres = distance_m((lon, lat), (point.geom.x, point.geom.y))
    if point.outline is not None:
        metres = min(metres, Plane(lon, lat).to_metres(point.outline).distance(shapely.Point(0, 0)))
    return round(metres, 1)


def _judge(session: Session, visit: Visit, point: InspectionPoint, said: Said, now: datetime) -> None:
    """Take the findings that were sent, and the leaving; what was not sent stays."""
    _take(session, visit, point, said["findings"] or ())
    if said["remark"] is not None:
        visit.remark = said["remark"]
    visit.outcome = said["outcome"] or visit.outcome
    if said["is_here"]:
        return
    judged = visit.passed + visit.failed + visit.not_applicable
    found = rules.stay_oddities(visit.arrived_at, said["left_at"], now, judged)
    if visit.outcome == rules.VISITED and judged < len(checklists.items_of(point.type)):
        found.append("incomplete")
    visit.left_at = rules.leaves_at(visit.arrived_at, said["left_at"], now)
    visit.warnings = list(dict.fromkeys([*visit.warnings, *found]))


def _take(session: Session, visit: Visit, point: InspectionPoint, sent: Iterable[Said]) -> None:
    """Keep findings by item and count them anew; an item that is not on the list of the type is refused."""
    items = {item.code: item for item in checklists.items_of(point.type)}
    known = {one.item: one for one in queries.findings_of(session, [visit.id]).get(visit.id, [])}
    for one in sent:
        if one["item"] not in items and one["item"] not in known:
            raise Invalid("check_item_foreign", field="findings", item=one["item"], point=point.code)
        row = known.get(one["item"])
        if row is None:
            row = known[one["item"]] = Finding(visit_id=visit.id, item=one["item"], result=one["result"], remark="",
                                               weight=items[one["item"]].weight)
            session.add(row)
        if row.issue_id is not None and one["result"] != rules.FAIL:
            raise Conflict("finding_has_issue", field="findings", item=one["item"])
        row.result, row.remark = one["result"], one["remark"] or ""
    counts = rules.counted((one.result, one.weight) for one in known.values())
    for name, value in counts._asdict().items():
        setattr(visit, name, value)
    session.flush()


def _report(session: Session, viewer: Viewer, visit: Visit, point: InspectionPoint, sent: Iterable[Said] | None,
            now: datetime, lang: str) -> None:
    """Make issues of the fails that ask for one."""
    asked = {one["item"]: one["report"] for one in sent or () if one["report"] is not None}
    rows = queries.findings_of(session, [visit.id]).get(visit.id, [])
    fails.settle(session, viewer, visit, point, [(row, asked[row.item]) for row in rows if row.item in asked], now,
                 lang)


def change(session: Session, viewer: Viewer, number: int, version: int | None, body: Any, now: datetime,
           lang: str = "zh") -> Visit:
    """Change the findings, words or outcome of a visit; raise Stale, or Conflict once its round is finished."""
    viewer.must("create", "visit")
    said = forms.change(body)
    visit, point = _own(session, viewer, number)
    if rounds.is_finished(session, visit.route_id):
        raise Conflict("visit_round_finished", field="id", id=number)
    check_version(visit, version, lambda: queries.told(session, viewer, [visit], lang, now)[0])
    before = _facts(session, visit)
    outcome = said["outcome"] or visit.outcome
    remark = visit.remark if said["remark"] is None else said["remark"]
    forms.check_outcome(outcome, remark, bool(said["findings"] or (outcome == rules.SKIPPED and before["findings"])))
    said["is_here"] = said["is_here"] if said["is_here"] is not None else (
        said["left_at"] is None and (visit.left_at is not None or not said["findings"]))
    left_at = visit.left_at
    _judge(session, visit, point, said, now)
    visit.left_at = visit.left_at or left_at
    _report(session, viewer, visit, point, said["findings"], now, lang)
    flag_modified(visit, "remark")
    _note(session, viewer, visit, before, now)
    return visit


def make_issues(session: Session, viewer: Viewer, number: int, body: Any, now: datetime, lang: str = "zh") -> Visit:
    """Make issues of fails that have none yet; asked twice, nothing more is made. Raise Invalid for what is no fail."""
    viewer.must("create", "visit")
    asked = {one["item"]: one for one in forms.issues(body)}
    visit, point = _own(session, viewer, number)
    before = _facts(session, visit)
    rows = {row.item: row for row in queries.findings_of(session, [visit.id]).get(visit.id, [])}
    for item in asked:
        if item not in rows or rows[item].result != rules.FAIL:
            raise Invalid("only_fails_are_reported", field="items", item=item)
    if fails.settle(session, viewer, visit, point, [(rows[item], said) for item, said in asked.items()], now, lang):
        flag_modified(visit, "remark")
        _note(session, viewer, visit, before, now)
    return visit


def _own(session: Session, viewer: Viewer, number: int) -> tuple[Visit, InspectionPoint]:
    """Return a visit for writing with its point: one's own, one's team's, or for the office any."""
    one_at_a_time(session, LOCK)
    visit = queries.by_id(session, viewer, number, for_change=True)
    is_own = visit.who == viewer.name or viewer.role in rounds.OFFICE or rounds.walks(
        session, viewer, visit.route_id)
    if not is_own:
        raise Forbidden("visit_not_yours", field="id", id=number)
    return visit, session.get_one(InspectionPoint, visit.point_id)


def _facts(session: Session, visit: Visit) -> dict[str, Any]:
    """Return what the ledger keeps of a visit: its own columns and its findings with the issues they led to."""
    found = queries.findings_of(session, [visit.id]).get(visit.id, [])
    rows = {one.item: [one.result, one.remark, one.issue_id] for one in found}
    point = session.scalar(select(InspectionPoint.code).where(InspectionPoint.id == visit.point_id))
    return {**ledger.row_facts(visit), "point": point, "findings": rows}


def _note(session: Session, viewer: Viewer, visit: Visit, before: Mapping[str, Any] | None, now: datetime) -> None:
    """Write the line of a visit: all of it at first, then what differs; nothing where nothing does."""
    if before is not None:
        flag_modified(visit, "remark")
    try:
        session.flush()
    except StaleDataError as problem:
        raise Stale("stale_edit", current=None, version=None) from problem
    after = _facts(session, visit)
    if before is None:
        ledger.record(session, viewer.actor, "visit", "visit", str(visit.id), at=now, after=after)
        return
    differing = [name for name in after if after[name] != before[name] and name != "version"]
    if differing:
        ledger.record(session, viewer.actor, "edit", "visit", str(visit.id), at=now,
                      before={name: before[name] for name in differing},
                      after={"point": after["point"], **{name: after[name] for name in differing}})
