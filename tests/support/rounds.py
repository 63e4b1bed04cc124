"""A round laid down as it would have been planned: teams, stops with hostile names, ways between them."""

from datetime import date, timedelta

from shapely import LineString, Point

from civmap.clock import parse_moment
from civmap.points.models import InspectionPoint
from civmap.routes.models import Member, Route, Stop, Team
from civmap.units.models import Unit
from tests.support.town import FOUNDED, HEDONG, QIAOXI

HOSTILE = ("=1+1", "<b>粗体</b>", "医院 & 药店", "他说\"好\"和'行'", "第一行\n第二行", "𠮷野家", "长" * 200, "😀市场",
           "响铃\x07尾\x1b", "@SUM(A1)")
PLAIN = tuple(name.replace("\x07", "").replace("\x1b", "") for name in HOSTILE)
"""The names as a file can hold them."""
BEGIN = parse_moment("2026-05-21T08:00:00+08:00")
START = (115.8571, 28.6831)


def lay(session, names=HOSTILE, teams=2, code="LX20260521-01", *, walker=None, **more):
    """Write a round whose points lie west to east, 100 m apart, dealt to the teams in turn; return it."""
    unit = session.query(Unit).filter_by(code="YY").one()
    route = Route(code=code, name="明日督查 & <检查>", day=date(2026, 5, 21), state="planned", made_at=BEGIN,
                  made_by="dispatcher", metric="road", total_m=0.0, **{
                      "options": {"mode": "walk", "balance": "shortest", "metric": "road"}, **more})
    session.add(route)
    session.flush()
    crews = [Team(route_id=route.id, position=number + 1, name=f"第{number + 1}组", start_lon=START[0],
                  start_lat=START[1], start_name="办公室", ends="open") for number in range(teams)]
    session.add_all(crews)
    session.flush()
    if walker is not None:
        session.add(Member(team_id=crews[0].id, route_id=route.id, person_id=walker))
    before = dict.fromkeys(range(teams), START)
    for place, name in enumerate(names):
        crew, order = place % teams, place // teams + 1
        spot = (round(115.8581 + place / 1000, 7), round(28.6832 + crew / 1000, 7))
        point = InspectionPoint(code=f"R{place:04}", name=name, type="PT10" if crew else "PT07", geom=Point(spot),
                                unit_id=unit.id, address="河东路=1号", valid_from=FOUNDED, open_hours="08:30-17:30",
                                division=QIAOXI if crew else HEDONG)
        session.add(point)
        session.flush()
        middle = (before[crew][0], spot[1])
        at = BEGIN + timedelta(minutes=20 * order)
        session.add(Stop(route_id=route.id, team_id=crews[crew].id, position=order, point_id=point.id, lon=spot[0],
                         lat=spot[1], visit_min=15.0, arrive_at=at, leave_at=at + timedelta(minutes=15),
                         leg=LineString([before[crew], middle, spot]), leg_m=100.5, leg_min=1.3))
        crews[crew].length_m += 100.5
        crews[crew].minutes = 20.0 * order + 15
        before[crew] = spot
    session.flush()
    return route
