"""The town: one invented street with distances that can be checked in the head, and the cast who live there.

River Street (河东路) runs 1,000 m to the east from (115.8571496, 28.6831629); the border between the subdistricts
Hedong (360199006, east) and Qiaoxi (360199007, west) runs along longitude 115.8560.
"""

from datetime import date, datetime

from shapely import LineString, Point, Polygon, box
from sqlalchemy.orm import Session

from civmap.assignment.models import Duty
from civmap.city.models import City
from civmap.clock import parse_moment
from civmap.people.models import Person
from civmap.people.queries import by_name, viewer_of
from civmap.people.rules import Viewer
from civmap.points.models import InspectionPoint
from civmap.segments.models import RoadSegment, SegmentChief
from civmap.units.models import Unit
from civmap.zones.models import Zone

DIVISION, HEDONG, QIAOXI = "360199", "360199006", "360199007"
FRAME = (115.80, 28.64, 115.92, 28.73)
FOUNDED: datetime = parse_moment("2026-01-05T08:00:00+08:00")
SPOT_A2 = (115.8570, 28.6830)
SPOT_NOODLES = (115.85722, 28.68325)
NOODLES = Polygon([(115.8571485, 28.6832711), (115.8573019, 28.6832724), (115.8573024, 28.6832273),
                   (115.857149, 28.683226)])
ROAD = LineString([(115.8571496, 28.6831629), (115.8673794, 28.6832489)])
HOSPITAL_SPOT, MARKET_SPOT = (115.8620, 28.6850), (115.8500, 28.6850)
UNITS = (
    ("HD", "河东街道办事处", "subdistrict", (115.8600, 28.6860), [], HEDONG),
    ("QX", "桥西街道办事处", "subdistrict", (115.8500, 28.6860), [], QIAOXI),
    ("HW-B", "环卫二所", "bureau", (115.8570, 28.6861), ["环卫"], None),
    ("HW-C", "环卫一所", "bureau", (115.8536, 28.6830), ["环卫"], None),
    ("CG", "城市管理局", "bureau", (115.8640, 28.6900), ["城管"], None),
    ("JJ", "交警大队", "bureau", (115.8700, 28.6900), ["交警"], None),
    ("SZ", "市政养护公司", "enterprise", (115.8440, 28.6800), ["市政", "路灯", "排水"], None),
    ("YY", "人民医院", "hospital", HOSPITAL_SPOT, ["卫健"], None),
    ("SC", "市场监督管理局", "bureau", (115.8480, 28.6820), ["市场监管"], None),
    ("LI", "小李面馆", "shop", (115.85722, 28.68327), [], None),
)
PEOPLE = (
    ("admin", "admin", None, None, None), ("dispatcher", "dispatcher", None, None, None),
    ("inspector", "inspector", None, None, None), ("handler", "unit_handler", "HW-C", None, None),
    ("head", "unit_head", "HW-C", None, None), ("doctor", "unit_handler", "YY", None, None),
    ("clerk", "subdistrict_clerk", "HD", HEDONG, None), ("clerk_west", "subdistrict_clerk", "QX", QIAOXI, None),
    ("grid", "grid_member", None, HEDONG, None), ("chief", "road_chief", None, None, "LD0001"),
    ("industry", "industry_lead", "SC", None, None), ("leader", "leader", None, None, None),
    ("discipline", "discipline", None, None, None), ("shop", "shop", "LI", None, None),
)


def build(session: Session) -> None:
    """Write the town into an empty database."""
    west, south, east, north = FRAME
    session.add(City(name="示例区", division_code=DIVISION, west=west, south=south, east=east, north=north,
                     founded_at=FOUNDED))
    units = {code: Unit(code=code, name=name, kind=kind, seat=Point(seat), categories=categories, territory=territory,
                        phone=f"1380000{number:04d}", valid_from=FOUNDED)
             for number, (code, name, kind, seat, categories, territory) in enumerate(UNITS)}
    session.add_all(units.values())
    session.flush()
    session.add_all(_zones(units))
    session.add_all(_points(units))
    session.add(RoadSegment(
        code="LD0001", name="河东路（桥头—东环路）", road="河东路", road_class="arterial_secondary",
        geom=ROAD, width_m=20, unit_id=units["HD"].id, from_name="桥头", to_name="东环路", division=HEDONG,
        valid_from=FOUNDED,
        chiefs=[SegmentChief(level=level, name=name) for level, name in enumerate(("赵总", "钱一", "孙二", "李三"))]))
    session.add_all([Duty(class_code="C0101", territory=DIVISION, unit_id=units["SZ"].id, valid_from=FOUNDED),
                     Duty(category="交警", territory=DIVISION, unit_id=units["JJ"].id, valid_from=FOUNDED)])
    session.add_all(Person(name=name, full_name=name, role=role, unit_id=units[unit].id if unit else None,
                           territory=territory, segment_code=segment, created_at=FOUNDED)
                    for name, role, unit, territory, segment in PEOPLE)


def _zones(units: dict[str, Unit]) -> list[Zone]:
    west, south, east, north = FRAME
    return [
        Zone(code=HEDONG, name="河东街道", kind="subdistrict", geom=box(115.856, south, east, north), division=HEDONG,
             unit_id=units["HD"].id, valid_from=FOUNDED),
        Zone(code=QIAOXI, name="桥西街道", kind="subdistrict", geom=box(west, south, 115.856, north), division=QIAOXI,
             unit_id=units["QX"].id, valid_from=FOUNDED),
        Zone(code="SB000001", name="小李面馆", kind="frontage", geom=NOODLES, unit_id=units["LI"].id, division=HEDONG,
             holder="小李", holder_phone="13912345678", segment_code="LD0001", valid_from=FOUNDED,
             pledge_signed_on=date(2026, 1, 10), pledge_expires_on=date(2027, 1, 9)),
    ]


def _points(units: dict[str, Unit]) -> list[InspectionPoint]:
    lon, lat = HOSPITAL_SPOT
    return [
        InspectionPoint(code="P001", name="人民医院", type="PT10", geom=Point(HOSPITAL_SPOT), unit_id=units["YY"].id,
                        outline=box(lon - 0.0005, lat - 0.0005, lon + 0.0005, lat + 0.0005), division=HEDONG,
                        is_declared=True, valid_from=FOUNDED, street="河东路"),
        InspectionPoint(code="P002", name="桥西农贸市场", type="PT07", geom=Point(MARKET_SPOT), unit_id=units["SC"].id,
                        division=QIAOXI, is_declared=True, valid_from=FOUNDED),
        InspectionPoint(code="P003", name="河东公园", type="PT08", geom=Point(115.8660, 28.6870), division=HEDONG,
                        valid_from=FOUNDED),
    ]


def viewers(session: Session) -> dict[str, Viewer]:
    """Return the cast as viewers, by first name."""
    return {name: viewer_of(session, by_name(session, name), "api") for name, *_ in PEOPLE}
