"""Rows "road, from, to" found again on a street network: names as tables write them, crossings, carriageways."""

import pytest
from shapely import LineString, Point
from sqlalchemy import select

from civmap.city.models import StreetEdge
from civmap.geo.measure import distance_m
from civmap.segments import choosing, queries, taking
from civmap.segments.matching import Network, matched
from civmap.segments.models import RoadSegment
from civmap.segments.ways import Edge
from civmap.segments.written import Names, crossing_spellings, road_spellings
from tests.support import town

LON, LAT = 115.85, 28.69
X, Y = 1 / 97_600, 1 / 110_850  # degrees of a metre there


def spot(x, y):
    return LON + x * X, LAT + y * Y


# Peace Road runs east as two carriageways 20 m apart; West, Middle (itself double) and East Street cross it; Ring Lane
# leaves Middle Street and comes back to Peace Road; Far Street ends 40 m short of it; Dead Lane is elsewhere.
NODES = {1: (0, 0), 2: (0, 20), 3: (400, 0), 4: (400, 20), 5: (418, 0), 6: (418, 20), 7: (800, 0), 8: (800, 20),
         9: (0, 300), 10: (400, 300), 11: (418, 300), 12: (800, 300), 13: (600, -60), 14: (600, -300), 15: (3000, 3000),
         16: (3000, 3300), 17: (0, -200), 18: (600, 0)}
STREETS = (("和平路", 1, 3, True), ("和平路", 3, 5, True), ("和平路", 5, 18, True), ("和平路", 18, 7, True),
           ("和平路", 8, 6, True), ("和平路", 6, 4, True), ("和平路", 4, 2, True), ("西门大街", 17, 1, False),
           ("西门大街", 1, 2, False), ("西门大街", 2, 9, False), ("中街", 3, 4, True), ("中街", 4, 10, True),
           ("中街", 11, 6, True), ("中街", 6, 5, True), ("东风巷", 7, 8, False), ("东风巷", 8, 12, False),
           ("望远路", 13, 14, False), ("死巷", 15, 16, False))


def edges():
    return [Edge(name, start, end, LineString([spot(*NODES[start]), spot(*NODES[end])]), is_oneway)
            for name, start, end, is_oneway in STREETS]


@pytest.fixture(scope="module")
def network():
    return Network(edges(), Names(name for name, *_ in STREETS), spot(0, 0))


ROWS = (  # road, from, to; state; from and to in metres
    ("和平路", "西门大街", "中街", "sure", (0, 10), (409, 10)),
    ("和平路（西门大街-中街）", "西门大街路口", "中街交叉口", "sure", (0, 10), (409, 10)),
    ("和平路２段", "中街口", "东风巷口", "sure", (409, 10), (800, 10)),
    ("和平路", "东风巷", "中街", "sure", (800, 10), (409, 10)),
    ("和平街", "西门路", "中街", "doubtful", (0, 10), (409, 10)),
    ("和平路", "中街", "望远路", "doubtful", (409, 10), (600, 0)),
    ("和平路", "中街", "中街", "same_crossing", None, None),
    ("和平路", "中街", "死巷", "streets_apart", None, None),
    ("和平路", "中街", "月亮湾", "no_crossing", None, None), ("太阳城", "中街", "东风巷", "no_road", None, None))


@pytest.mark.parametrize(("road", "start", "end", "state", "low", "high"), ROWS)
def test_rows_are_found_again_or_said_to_be_doubtful(network, road, start, end, state, low, high):
    answer = matched(network, road, start, end)
    if low is None:
        assert (answer.state, answer.reason, answer.candidates) == ("none", state, ())
        return
    assert answer.state == state
    line = answer.candidates[0].line
    assert distance_m(line.coords[0], spot(*low)) < 12 and distance_m(line.coords[-1], spot(*high)) < 12


def test_neighbouring_rows_touch_in_the_middle_of_their_crossing(network):
    one, two = (matched(network, "和平路", *ends).candidates[0].line
                for ends in (("西门大街", "中街"), ("中街", "东风巷")))
    assert one.coords[-1] == two.coords[0]


def test_names_are_read_as_tables_write_them():
    assert road_spellings("东箭道 1段")[-1] == "东箭道" and road_spellings("长江路（东段）")[-1] == "长江路"
    assert "新街口转盘" in crossing_spellings("新街口转盘路口") and "珠江路" in crossing_spellings("珠江路口")
    names = Names(["淮海路", "新街口广场", "中山东路"])
    known = (("淮海大街", "淮海路"), ("新街口转盘", "新街口广场"), ("中山东路", "中山东路"))
    assert [names.readings([written])[0].name for written, _ in known] == [name for _, name in known]
    assert names.nearest(["中山西路"])[0] == "中山东路"


def test_a_doubtful_row_waits_for_a_choice_and_an_untouched_piece_gives_way(session, cast, now):
    for edge in edges():
        session.add(StreetEdge(name=edge.name, highway="primary", from_node=edge.start, to_node=edge.end,
                               is_oneway=edge.is_oneway, length_m=1, geom=edge.line))
    session.add(RoadSegment(code="OSM1", name="和平路", road="和平路", road_class="arterial_primary",
                            geom=LineString([spot(0, 10), spot(1000, 10)]), valid_from=town.FOUNDED))
    session.flush()
    rows = [taking.keyed({"name": "和平路1段", "from_name": "西门大街路口", "to_name": "中街口", "chief": "钱一",
                          "chief_phone": "13800001111"}),
            taking.keyed({"name": "和平街", "from_name": "西门路", "to_name": "东风巷"})]
    matches = taking.found(session, cast["admin"], rows)
    told = choosing.of_table(session, cast["admin"], list(enumerate(rows)), matches.answers, now)
    assert [(one["state"], one["score"]) for one in told] == [("sure", 100), ("doubtful", 64)]
    assert taking.take(session, cast["admin"], rows[0], now, matches, lambda lon, lat: town.HEDONG) == "created"
    piece = queries.by_code(session, cast["admin"], "OSM1")
    assert distance_m(piece.geom.coords[0], spot(409, 10)) < 1 and piece.valid_to is None
    (choice,) = choosing.listed(session, cast["admin"])
    line = {"type": "LineString", "coordinates": [list(xy) for xy in LineString([spot(409, 10), spot(800, 10)]).coords]}
    _, made = choosing.settle(session, cast["admin"], choice.id, {"geometry": line}, now, lambda lon, lat: town.HEDONG)
    assert made.code == rows[1]["code"] and choosing.open_count(session) == 0
    again = taking.found(session, cast["admin"], rows)
    assert [taking.take(session, cast["admin"], row, now, again, lambda lon, lat: None) for row in rows] == [
        "unchanged", "unchanged"]
    assert session.scalar(select(RoadSegment).where(RoadSegment.code == rows[0]["code"])).chiefs[0].level == 1
    assert Point(piece.geom.coords[-1]).equals(Point(spot(1000, 10)))
