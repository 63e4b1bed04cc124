"""One language narrows lists, map data and files of every kind; what a viewer may not see narrows nothing.

The story: five issues in the town, each with moments that can be followed on ten fingers.
"""

from datetime import date

import pytest
from shapely import LineString, Point, box
from sqlalchemy import select

from civmap.clock import parse_moment
from civmap.errors import Invalid
from civmap.exchange import gather
from civmap.exchange.gather import Narrowing
from civmap.issues.models import Issue
from civmap.points.models import InspectionPoint
from civmap.segments.models import RoadSegment, SegmentChief
from civmap.units.models import Unit
from civmap.zones.models import Zone

GRID, NEXT_GRID = "360199006001001", "360199006001002"


def moment(text):
    return parse_moment(f"2026-05-{text}:00+08:00") if text else None


def ids(session, model):
    return {row.code: row.id for row in session.scalars(select(model))}


@pytest.fixture
def story(session, town):
    units, points = ids(session, Unit), ids(session, InspectionPoint)
    line = LineString([(115.849, 28.684), (115.851, 28.684)])
    west = RoadSegment(code="LD0002", name="桥西路", road="桥西路", geom=line,
                       unit_id=units["QX"], division=town.QIAOXI, valid_from=town.FOUNDED,
                       chiefs=[SegmentChief(level=3, name="周五")])
    session.add_all([west, *(Zone(code=code, name=code, kind="grid", geom=shape, division=code, valid_from=town.FOUNDED)
                             for code, shape in ((GRID, box(115.8560, 28.6800, 115.8640, 28.6900)),
                                                 (NEXT_GRID, box(115.8640, 28.6800, 115.8720, 28.6900))))])
    session.flush()
    segments = ids(session, RoadSegment)

    def issue(no, code, spot, state, point=None, segment=None, unit=None, source="page", division=town.HEDONG, **at):
        moments = {f"{name}_at": moment(text) for name, text in at.items()}
        session.add(Issue(issue_no=no, class_code=code, description=f"问题{no}", geom=Point(spot), state=state,
                          source=source, division=division, point_id=points.get(point), unit_id=units.get(unit),
                          segment_id=segments.get(segment), **moments))

    issue("A", "E0102", town.HOSPITAL_SPOT, "closed", "P001", unit="HW-C", reported="10T09:00", dispatched="10T10:00",
          due_soon="11T08:00", due="11T12:00", resolved="11T15:00", checked="12T09:00", closed="12T09:00",
          ended="12T09:00")
    issue("B", "C0101", town.HOSPITAL_SPOT, "reported", "P001", "LD0001", "SZ", "import", reported="15T09:00")
    issue("C", "E0102", town.MARKET_SPOT, "in_progress", "P002", "LD0002", "HW-C", "api", town.QIAOXI,
          reported="18T09:00", dispatched="18T10:00", acknowledged="18T11:00", due_soon="19T08:00", due="20T08:00")
    issue("D", "E0201", town.SPOT_NOODLES, "rejected", None, "LD0001", reported="16T09:00", ended="16T10:00")
    issue("E", "E0102", (115.8660, 28.6870), "suspended", "P003", None, "HW-B", reported="13T09:00",
          dispatched="13T10:00", due_soon="14T06:00", due="14T08:00", suspended="14T07:00")
    session.flush()


@pytest.fixture
def told(session, cast, now, story):
    def ask(kind, who="dispatcher", /, on=None, by="status", status=(), q=None, limit=None, **filters):
        asked = Narrowing(q=q, filters={name.rstrip("_"): value for name, value in filters.items()}, status=status,
                          on=on, by=by, limit=limit)
        found = gather.collect(session, cast[who], kind, asked, now, "zh")
        return {feature["properties"]["code"]: feature["properties"] for feature in found.features}
    return ask


RING = "115.860,28.683;115.868,28.683;115.868,28.689;115.860,28.689"
NARROWED = [
    ("points", {"street": "河东路"}, "P001"), ("points", {"chief": "李三,周五"}, "P001"),
    ("points", {"grid": GRID}, "P001"), ("points", {"grid": f"{GRID},{NEXT_GRID}"}, "P001 P003"),
    ("points", {"division": "360199007"}, "P002"), ("points", {"type": "PT07,公园"}, "P002 P003"),
    ("points", {"unit": "YY,市场监督管理局"}, "P001 P002"), ("points", {"within": RING}, "P001 P003"),
    ("points", {"code": "P003,P002,P999"}, "P002 P003"), ("points", {"within": RING, "q": "医院"}, "P001"),
    ("segments", {"street": "河东路,桥西路"}, "LD0001 LD0002"), ("segments", {"chief": "周五"}, "LD0002"),
    ("segments", {"grid": NEXT_GRID}, "LD0001"), ("segments", {"within": RING}, "LD0001"),
    ("segments", {"class": "arterial_secondary", "unit": "HD"}, "LD0001"),
    ("segments", {"division": "360199"}, "LD0001 LD0002"),
    ("zones", {"street": "河东路"}, "SB000001"), ("zones", {"chief": "赵总"}, "SB000001"),
    ("zones", {"grid": GRID, "kind": "grid,门前三包"}, f"{GRID} SB000001"), ("zones", {"unit": "LI"}, "SB000001"),
    ("zones", {"within": RING, "kind": "grid"}, f"{GRID} {NEXT_GRID}"),
    ("units", {"street": "河东路"}, "HD YY"), ("units", {"chief": "周五"}, "QX"), ("units", {"unit": "HW-B"}, "HW-B"),
    ("units", {"division": "360199006"}, "HD"), ("units", {"grid": GRID}, "CG HD HW-B LI YY"),
    ("units", {"kind": "shop,hospital"}, "LI YY"), ("units", {"category": "环卫"}, "HW-B HW-C"),
    ("issues", {"type": "PT10"}, "A B"), ("issues", {"street": "河东路"}, "A B D"), ("issues", {"chief": "周五"}, "C"),
    ("issues", {"grid": GRID}, "A B D"), ("issues", {"class": "暴露垃圾", "unit": "HW-C"}, "A C"),
    ("issues", {"state": "closed,rejected"}, "A D"), ("issues", {"state": "open"}, "B C E"),
    ("issues", {"source": "api,import"}, "B C"), ("issues", {"from": "2026-05-13", "to": "2026-05-15"}, "B E"),
    ("issues", {"to": "2026-05-10T09:00:00+08:00"}, "A"), ("issues", {"code": "A,E"}, "A E"),
    ("issues", {"within": RING}, "A B E"), ("issues", {"division": "360199007,360199006001"}, "C"),
    ("issues", {"status": ("overdue",)}, "C"), ("issues", {"q": "问题b"}, "B"),
]


def test_every_kind_is_narrowed_by_place_people_and_words(told):
    found = [(kind, filters, " ".join(sorted(told(kind, **filters)))) for kind, filters, _codes in NARROWED]
    assert found == [(kind, filters, " ".join(sorted(codes.split()))) for kind, filters, codes in NARROWED]


def test_a_ring_that_crosses_itself_holds_what_lies_in_its_loops(told):
    bow = "115.861,28.684;115.867,28.688;115.867,28.684;115.861,28.688"
    assert sorted(told("points", within=bow)) == ["P001", "P003"]
    assert not told("points", within="115.8640,28.6900;115.8641,28.6900;115.8641,28.6901")


BAD = [
    ("points", {"within": "1,2;3"}, "ring_unreadable"), ("points", {"within": "nan,1;2,2;3,3"}, "ring_unreadable"),
    ("points", {"within": "1,1;1,1;1,1"}, "ring_without_area"),
    ("points", {"within": "1,1;2,2;3,3"}, "ring_without_area"),
    ("points", {"within": ";".join(f"{n},{n % 7}" for n in range(150)) + ";0,1" * 60}, "ring_too_long"),
    ("points", {"grid": "NOPE"}, "unknown_zone"), ("points", {"unit": "NOPE"}, "unknown_unit"),
    ("points", {"type": "PT98x"}, "unknown_point_type"), ("points", {"division": "east"}, "division_unreadable"),
    ("points", {"code": " , "}, "filter_empty"), ("points", {"colour": "red"}, "unknown_filter"),
    ("points", {"retired": "maybe"}, "choice_unknown"), ("points", {"issue_class": "E9999"}, "unknown_issue_class"),
    ("issues", {"state": "asleep"}, "unknown_issue_state"), ("issues", {"from": "soon"}, "moment_unreadable"),
    ("issues", {"from": "2026-05-03", "to": "2026-05-01"}, "span_backwards"),
    ("issues", {"open": "perhaps"}, "flag_expected"),
    ("zones", {"issue_from": "2026-05-03", "issue_to": "2026-05-01"}, "span_backwards"),
]


def test_a_bad_value_is_refused_and_its_filter_named(told):
    for kind, filters, code in BAD:
        with pytest.raises(Invalid) as refused:
            told(kind, **filters)
        assert (refused.value.code, refused.value.field) == (code, next(iter(filters))), filters


def test_what_is_hidden_cannot_be_told_from_what_is_not_there(told):
    def refusal(who, kind="points", **filters):
        with pytest.raises(Invalid) as refused:
            told(kind, who, **filters)
        return refused.value.code

    assert refusal("doctor", grid="SB000001") == refusal("doctor", grid="NOPE") == "unknown_zone"
    assert refusal("shop", "issues", zone=GRID) == refusal("shop", "issues", zone="NOPE") == "unknown_zone"
    assert refusal("shop", "zones", unit="HW-B") == refusal("shop", "zones", unit="NOPE") == "unknown_unit"
    assert list(told("points", "doctor")) == ["P001"] and not told("points", "doctor", chief="李三")
    assert list(told("points", "clerk", chief="李三")) == ["P001"]
    assert sorted(told("units", "doctor", street="河东路")) == ["YY"]
    assert list(told("issues", "handler", street="河东路,桥西路")) == ["C", "A"]


def test_only_the_issues_that_are_asked_for_are_counted(told):
    opens = {code: row["open_issues"] for code, row in told("points").items()}
    assert opens == {"P001": 1, "P002": 1, "P003": 1}
    assert [row["open_issues"] for row in told("points", issue_class="E0102").values()] == [0, 1, 1]
    assert [row["open_issues"] for row in told("points", issue_source="import").values()] == [1, 0, 0]
    assert list(told("points", issue_class="E0102", status=("none",))) == ["P001"]
    zones = told("zones", issue_from="2026-05-14")
    assert (zones[GRID]["open_issues"], zones[NEXT_GRID]["open_issues"]) == (1, 0)
    assert told("zones")[NEXT_GRID]["status"] == "open"


DAYS = [("2026-05-10", "open", 1), ("2026-05-11", "overdue", 1), ("2026-05-12", "none", 0), ("2026-05-15", "open", 1)]


def test_colours_are_those_of_the_day(told):
    for day, status, count in DAYS:
        on = date.fromisoformat(day)
        found = told("points", on=on)["P001"]
        assert (found["status"], found["open_issues"]) == (status, count), day
        inside = told("zones", on=on, grid=GRID, kind="grid")[GRID]
        assert (inside["status"], inside["open_issues"]) == (status, count), day


def test_issues_are_told_as_they_were(told):
    assert told("points", on=parse_moment("2026-05-11T09:00:00+08:00"))["P001"]["status"] == "due_soon"
    then = told("issues", on=date(2026, 5, 11))
    assert list(then) == ["A"]
    assert (then["A"]["state"], then["A"]["status"], then["A"]["closed_at"]) == ("resolved", "overdue", None)
    assert list(told("issues", on=date(2026, 5, 11), status=("overdue",))) == ["A"]
    assert list(told("issues", on=date(2026, 5, 11), state="resolved")) == ["A"]
    assert told("zones", on=parse_moment("2026-05-16T09:30:00+08:00"))["SB000001"]["open_issues"] == 1
    assert told("zones", on=date(2026, 5, 16))["SB000001"]["open_issues"] == 0
    assert told("issues", on=date(2026, 5, 14))["E"]["state"] == "suspended"
    assert told("issues", on=date(2026, 5, 13))["E"]["state"] == "dispatched"
    assert told("points", on=date(2026, 5, 14))["P003"]["status"] == "open"
    assert sorted(told("issues", on=date(2026, 5, 19), state="open")) == ["B", "C", "E"]


def test_what_held_then_is_shown(told, session, town):
    assert told("points", on=date(2026, 1, 4)) == {}
    market = session.scalar(select(InspectionPoint).where(InspectionPoint.code == "P002"))
    market.valid_to = parse_moment("2026-05-19T15:00:00+08:00")
    session.flush()
    assert "P002" not in told("points") and "P002" not in told("points", on=date(2026, 5, 19))
    assert "P002" in told("points", on=date(2026, 5, 18))


def test_today_is_the_present(told, now):
    for kind in ("points", "segments", "zones", "units", "issues"):
        assert told(kind, on=date(2026, 5, 20)) == told(kind) == told(kind, on=now)


MEASURED = [
    ("points", "open", {"P001": 1, "P002": 1, "P003": 1}),
    ("points", "overdue_share", {"P001": 0, "P002": 100, "P003": 0}),
    ("points", "rectification_rate", {"P001": 100, "P002": 0, "P003": None}),
    ("points", "last_visit", {"P001": 5, "P002": 2, "P003": 7}),
    ("segments", "open_per_km", {"LD0001": 1, "LD0002": 5.1}), ("segments", "last_visit", {"LD0001": 4, "LD0002": 2}),
    ("zones", "open_per_point", {"360199006": 1, "360199007": 1, GRID: 1, NEXT_GRID: 1, "SB000001": None}),
    ("zones", "rectification_rate", {"360199006": 100, "360199007": 0, GRID: 100, NEXT_GRID: None, "SB000001": None}),
]


def test_measures_can_be_followed_by_hand(told):
    for kind, by, values in MEASURED:
        assert {code: row["value"] for code, row in told(kind, by=by).items()} == values, (kind, by)


def test_units_are_measured_by_what_they_were_handed(told):
    rates = {code: row["value"] for code, row in told("units", by="rectification_rate").items()}
    assert (rates["HW-C"], rates["HW-B"], rates["SZ"], rates["JJ"]) == (50, None, None, None)
    held = {code: row["value"] for code, row in told("units", by="open_per_point").items()}
    assert (held["YY"], held["SC"], held["HW-C"]) == (0, 0, None)
    assert told("units", by="rectification_rate", on=date(2026, 5, 11))["HW-C"]["value"] == 0
    with pytest.raises(Invalid, match="measure_unknown"):
        told("points", by="open_per_km")


def test_pages_with_a_status_keep_their_cursor(session, cast, now, story):
    first = gather.collect(session, cast["dispatcher"], "points", Narrowing(status=("open",), limit=1), now, "zh")
    assert [feature["id"] for feature in first.features] == ["P001"]
    rest = gather.collect(session, cast["dispatcher"], "points",
                          Narrowing(status=("open",), limit=1, after=first.after), now, "zh")
    assert ([feature["id"] for feature in rest.features], rest.after) == (["P003"], None)
