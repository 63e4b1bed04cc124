"""Three rounds as they were walked: two finished over the same points, and a covert one that is under way."""

from datetime import timedelta

from sqlalchemy import select

from civmap.clock import parse_moment
from civmap.inspections.models import Finding, Visit
from civmap.points.models import InspectionPoint
from civmap.routes.models import Member, Route, Stop, Team

AT = parse_moment("2026-05-18T09:00:00+08:00")
ROUNDS = (  # code, days after the first, covert, state, findings by point: + pass, - fail, x not applicable
    ("LX-1", 0, False, "finished", {"P001": "A01+ A06+ F10- F13-", "P002": "A01+ F10+ S07- E01-"}),
    ("LX-2", 1, False, "finished", {"P001": "A01+ A06+ F10+ F13-", "P002": "A01+ F10x S07+ E01+"}),
    ("LX-3", 2, True, "under_way", {"P002": "A01- F10- S07- E01-"}),
)
SIGNS = {"+": "pass", "-": "fail", "x": "na"}


def walk(session, at=AT):
    """Write the rounds, the first of them on a day; P003 is skipped in all."""
    points = {row.code: row for row in session.scalars(select(InspectionPoint))}
    for code, days, is_covert, state, found in ROUNDS:
        _round(session, points, code, at + timedelta(days=days), is_covert, state, found)


def _round(session, points, code, at, is_covert, state, found):
    route = Route(code=code, name=f"督查 {code}", day=at.date(), state=state, is_covert=is_covert, options={},
                  made_at=at, made_by="dispatcher")
    session.add(route)
    session.flush()
    team = Team(route_id=route.id, position=1, name="一组")
    session.add(team)
    session.flush()
    session.add(Member(team_id=team.id, route_id=route.id, person_id=1))
    for place, point in enumerate(points.values(), 1):
        stop = Stop(route_id=route.id, team_id=team.id, position=place, point_id=point.id, lon=point.geom.x,
                    lat=point.geom.y, visit_min=15, arrive_at=at, leave_at=at + timedelta(minutes=15))
        session.add(stop)
        session.flush()
        _visit(session, route, stop, point, at + timedelta(minutes=5), found.get(point.code, ""))


def _visit(session, route, stop, point, at, written):
    results = {part[:3]: SIGNS[part[3]] for part in written.split()}
    counts = {each: sum(one == each for one in results.values()) for each in SIGNS.values()}
    visit = Visit(key=f"{route.code}-{point.code}", point_id=point.id, route_id=route.id, stop_id=stop.id,
                  who="inspector", outcome="visited" if written else "skipped", remark="" if written else "闭馆",
                  arrived_at=at, left_at=at + timedelta(minutes=12), saved_at=at, passed=counts["pass"],
                  failed=counts["fail"], not_applicable=counts["na"], weight_passed=counts["pass"],
                  weight_all=counts["pass"] + counts["fail"], is_covert=route.is_covert)
    session.add(visit)
    session.flush()
    session.add_all(Finding(visit_id=visit.id, item=item, result=result) for item, result in results.items())
