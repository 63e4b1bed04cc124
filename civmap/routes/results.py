"""What a round found: its score rate beside the last round, types, points × items, fails, teams, what is left.

Everything is told as far as the viewer sees the points; what was found at others is in no sum either.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap import clock, dictionaries, texts
from civmap.inspections import scores
from civmap.inspections.models import Finding, Visit
from civmap.inspections.scores import FAIL, Tally
from civmap.issues import queries as issues
from civmap.issues import rules as issue_rules
from civmap.issues.models import Issue
from civmap.people.rules import Viewer
from civmap.routes import books, carrying, comparing, queries
from civmap.routes.models import Route
from civmap.store.listing import one_of


@dataclass(slots=True)
class Found:
    """What a result is told from: the round in words, its visits and findings by id, and the round before."""

    route: Route
    told: dict[str, Any]
    points: Mapping[int, Any]
    visits: dict[int, Visit]
    findings: dict[int, list[Finding]]
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    before: Route | None = None
    then: dict[int, Visit] = field(default_factory=dict)

    @property
    def ids(self) -> dict[str, int]:
        """Return the ids of the points by code."""
        return {row.code: row.id for row in self.points.values()}


def results(session: Session, viewer: Viewer, code: str, lang: str, now: datetime) -> dict[str, Any]:
    """Return what a round found, in words; raise NotFound where it is missing or hidden."""
    route = queries.by_code(session, viewer, code)
    found = _read(session, viewer, route, lang, now)
    tally = scores.tally(found.visits.values())
    types = comparing.types_json(comparing.by_type(found.visits, found.points),
                                 comparing.by_type(found.then, _points_of(session, found)), lang)
    points = [_point(found, stop, lang) for stop in found.told["stops"]]
    left = _left(session, found, lang)
    before = comparing.before_json(found.before, found.visits, found.then) if found.before else None
    return {**{name: found.told[name] for name in ("route", "name", "day", "state", "state_name", "is_covert",
                                                    "published_at", "finished_at", "draw", "version", "total_m")},
            "score": tally.as_json(), "progress": _progress(found, points, left), "before": before,
            "after": comparing.after(session, viewer, route), "types": types,
            "items": _items(found, lang), "points": points, "fails": _fails(found, lang), "unfinished": left,
            "teams": [_team(found, team) for team in found.told["teams"]]}


def _read(session: Session, viewer: Viewer, route: Route, lang: str, now: datetime) -> Found:
    book = books.read(session, route)
    told = queries.told_of(session, viewer, book, lang)
    visits = comparing.counted(session, viewer, route.id)
    seen = {row.id for row in book.points.values() if row.code in _codes(told)}
    visits = {point_id: visit for point_id, visit in visits.items() if point_id in seen}
    findings: dict[int, list[Finding]] = {}
    for row in session.scalars(select(Finding).where(one_of(Finding.visit_id, [one.id for one in visits.values()]))
                               .order_by(Finding.item)):
        findings.setdefault(row.visit_id, []).append(row)
    found = Found(route, told, book.points, visits, findings)
    found.issues = _issues(session, viewer, findings, lang, now)
    found.before = comparing.earlier(session, viewer, route)
    if found.before is not None:
        found.then = comparing.counted(session, viewer, found.before.id)
    return found


def _codes(told: Mapping[str, Any]) -> set[str]:
    return {stop["code"] for stop in (*told["stops"], *told["unreached"])}


def _points_of(session: Session, found: Found) -> Mapping[int, Any]:
    missing = [point_id for point_id in found.then if point_id not in found.points]
    return {**found.points, **books.points(session, missing)} if missing else found.points


def _issues(session: Session, viewer: Viewer, findings: Mapping[int, list[Finding]], lang: str,
            now: datetime) -> dict[int, dict[str, Any]]:
    ids = [one.issue_id for some in findings.values() for one in some if one.issue_id is not None]
    rows = session.execute(select(Issue.id, Issue.issue_no, Issue.state, Issue.due_at, Issue.due_soon_at).where(
        one_of(Issue.id, ids), issues.visible(viewer, now)))
    return {row.id: {"issue_no": row.issue_no, "state": row.state,
                     "state_name": dictionaries.issue_states()[row.state].name(lang),
                     "status": issue_rules.status(row.state, row.due_at, row.due_soon_at, now)} for row in rows}


def _point(found: Found, stop: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """Return one stop with its rate, the change, its findings by item, and its times as planned and as they were."""
    point_id = found.ids[stop["code"]]
    visit, then = found.visits.get(point_id), found.then.get(point_id)
    rate = scores.point_rate(visit.weight_passed, visit.weight_all) if visit else None
    was = scores.point_rate(then.weight_passed, then.weight_all) if then else None
    findings = found.findings.get(visit.id, []) if visit else []
    return {
        **{name: stop[name] for name in ("code", "name", "type", "type_name", "team", "position", "state", "is_must")},
        "rate": rate.as_json() if rate else None, "before": was.as_json() if was else None,
        "change": scores.change(rate, was) if rate and was else None, "visit": visit.id if visit else None,
        "passed": visit.passed if visit else None, "failed": visit.failed if visit else None,
        "not_applicable": visit.not_applicable if visit else None,
        "findings": {one.item: one.result for one in findings},
        "planned_at": stop["arrive_at"], "planned_until": stop["leave_at"], "planned_min": stop["visit_min"],
        **_times(stop, visit)}


def _times(stop: Mapping[str, Any], visit: Visit | None) -> dict[str, Any]:
    """Return when a stop was really visited, by whom, and how far from the plan."""
    if visit is None:
        return {**dict.fromkeys(("arrived_at", "left_at", "late_min", "stay_min", "who")), "remark": ""}
    planned = clock.parse_moment(stop["arrive_at"]) if stop["arrive_at"] else None
    return {"arrived_at": clock.iso(visit.arrived_at), "left_at": clock.iso(visit.left_at),
            "late_min": _minutes(planned, visit.arrived_at) if planned else None,
            "stay_min": _minutes(visit.arrived_at, visit.left_at) if visit.left_at else None,
            "who": visit.who, "remark": visit.remark}


def _minutes(start: datetime, end: datetime) -> int:
    return round((end - start).total_seconds() / 60)


def _items(found: Found, lang: str) -> list[dict[str, Any]]:
    """Return each check item with how often it passed and failed, the most failed first."""
    counts: dict[str, dict[str, int]] = {}
    for some in found.findings.values():
        for one in some:
            counts.setdefault(one.item, dict.fromkeys(scores.RESULTS, 0))[one.result] += 1
    known = dictionaries.check_items()
    rows = [{"item": code, "name": known[code].name(lang) if code in known else code, "passed": each[scores.PASS],
             "failed": each[FAIL], "not_applicable": each[scores.NOT_APPLICABLE],
             "rate": scores.rate(each[scores.PASS], each[scores.PASS] + each[FAIL]).as_json()}
            for code, each in counts.items()]
    return sorted(rows, key=lambda row: (-row["failed"], row["rate"]["value"] or 0.0, row["item"]))


def _fails(found: Found, lang: str) -> list[dict[str, Any]]:
    """Return every fail with the issue it became, as far as the viewer sees it; in the order of the stops."""
    known, ids = dictionaries.check_items(), found.ids
    rows = []
    for stop in found.told["stops"]:
        visit = found.visits.get(ids[stop["code"]])
        for one in found.findings.get(visit.id, []) if visit else []:
            if one.result == FAIL:
                rows.append({"point": stop["code"], "point_name": stop["name"], "item": one.item,
                             "item_name": known[one.item].name(lang) if one.item in known else one.item,
                             "remark": one.remark, "issue": found.issues.get(one.issue_id or 0),
                             "has_issue": one.issue_id is not None, "visit": stop["visit"]})
    return rows


def _left(session: Session, found: Found, lang: str) -> list[dict[str, Any]]:
    """Return what was not finished, with the reason, in the order in which it would be carried over."""
    said = {row.point_id: row.remark for row in session.execute(select(Visit.point_id, Visit.remark).where(
        Visit.route_id == found.route.id, Visit.outcome == carrying.SKIPPED).order_by(Visit.id))}
    ids = found.ids
    stops = [{**stop, "skip_reason": said.get(ids[stop["code"]], "")} for stop in found.told["stops"]]
    names = {stop["code"]: stop for stop in (*found.told["unreached"], *found.told["stops"])}
    return [{"code": one.code, "name": names[one.code]["name"], "type_name": names[one.code]["type_name"],
             "team": one.team, "is_must": one.is_must, "why": one.why,
             "why_name": texts.say(lang, f"result.why.{one.why}"),
             "reason": one.reason if one.why == carrying.SKIPPED else names[one.code].get("message", "")}
            for one in carrying.left({"stops": stops, "unreached": found.told["unreached"]})]


def _progress(found: Found, points: list[dict[str, Any]], left: list[dict[str, Any]]) -> dict[str, int]:
    whys = [one["why"] for one in left]
    return {"stops": len(points) + len(found.told["unreached"]), "visited": len(found.visits),
            "failed": sum(visit.failed for visit in found.visits.values()),
            "issues": len({one.issue_id for some in found.findings.values() for one in some if one.issue_id}),
            **{why: whys.count(why) for why in carrying.WHYS}}


def _team(found: Found, team: Mapping[str, Any]) -> dict[str, Any]:
    """Return a team's scores, and its day as planned and as it was."""
    ids = found.ids
    some = [found.visits[ids[code]] for code in team["stops"] if ids[code] in found.visits]
    tally: Tally = scores.tally(some)
    ended = [visit.left_at or visit.arrived_at for visit in some]
    return {**{name: team[name] for name in ("team", "name", "people", "length_m", "minutes", "starts_at", "ends_at",
                                             "skipped", "is_absent")},
            "stops": len(team["stops"]), "visited": len(some), **tally.as_json(),
            "began_at": clock.iso(min((visit.arrived_at for visit in some), default=None)),
            "ended_at": clock.iso(max(ended, default=None))}
