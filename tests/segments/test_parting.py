"""Splitting and joining road segments: example A12, crossings, what follows, and what cannot be."""

import pytest
from shapely import LineString, Point

from civmap.city.models import StreetEdge
from civmap.errors import Conflict, Invalid, Stale
from civmap.geo import chainage
from civmap.issues import actions as issues
from civmap.issues import segmenting
from civmap.segments import parting, queries, undoing
from civmap.segments.models import RoadSegment
from civmap.segments.parting import Where
from civmap.segments.wording import next_code
from civmap.store.ledger import history
from tests.support import town

SPOTS = ((115.8631844, 28.6832859), (115.8636973, 28.6831639), (115.8637025, 28.6826768))


def division(lon, lat):
    return town.HEDONG


def split(session, cast, now, where, code="LD0001"):
    plan = parting.plan_split(session, cast["admin"], code, where, now)
    return parting.carry_out(session, cast["admin"], plan, now, division)


def reported(session, cast, now, spot):
    told = {"class": "C0101", "description": "垃圾", "lon": spot[0], "lat": spot[1]}
    return issues.report(session, cast["admin"], told, now)


def test_example_a12_split_and_whose_the_issues_are(session, cast, now):
    known = [reported(session, cast, now, spot) for spot in SPOTS]
    first, second = split(session, cast, now, Where(at_m=600))
    segmenting.follow(session, cast["admin"], ["LD0001"], [first, second], now)
    assert chainage.metres_along(town.ROAD)[-1] == pytest.approx(1000, abs=2)
    assert first.geom.coords[-1] == second.geom.coords[0]
    assert first.geom.coords[-1] == pytest.approx((115.8632875, 28.6832146), abs=2e-6)
    assert (first.code, first.to_name, second.code, second.from_name) == ("LD0001", "K0+600", "LD0001-2", "K0+600")
    assert (first.name, second.name) == ("河东路（桥头—K0+600）", "河东路（K0+600—东环路）")
    assert (second.chainage_m, second.unit_id, second.width_m) == (600, first.unit_id, 20)
    assert [chief.name for chief in second.chiefs] == ["赵总", "钱一", "孙二", "李三"]
    session.expire_all()
    assert [issue.segment_id for issue in known] == [first.id, second.id, None]
    again = [reported(session, cast, now, spot) for spot in SPOTS]
    assert [issue.segment_id for issue in again] == [first.id, second.id, None]
    assert [line.verb for line in history(session, "segment", "LD0001")] == ["split"]


def test_a_split_is_taken_back_and_a_join_as_well(session, cast, now):
    parts = split(session, cast, now, Where(at_m=400))
    plan = parting.plan_join(session, cast["admin"], [part.code for part in parts], None, now)
    (whole,) = parting.carry_out(session, cast["admin"], plan, now.replace(hour=10), division)
    assert whole.name == "河东路（桥头—东环路）" and whole.geom.length == pytest.approx(town.ROAD.length)
    assert parts[1].valid_to == now.replace(hour=10)
    held = undoing.undo(session, cast["admin"], ["LD0001", "LD0001-2"], now.replace(hour=11), division)
    assert [(row.code, row.valid_to, row.to_name) for row in held] == [
        ("LD0001", None, "K0+400"), ("LD0001-2", None, "东环路")]
    with pytest.raises(Conflict):
        undoing.undo(session, cast["admin"], ["LD0001"], now.replace(hour=12), division)


def test_a_split_at_a_crossing_takes_its_name_and_a_tap_snaps_to_it(session, cast, now):
    at = chainage.spot_at(town.ROAD, 350)
    north = LineString([at, (at[0], at[1] + 0.002)])
    session.add(StreetEdge(name="学前街", highway="residential", from_node=1, to_node=2, length_m=220, geom=north))
    session.flush()
    tapped = parting.plan_split(session, cast["admin"], "LD0001", Where(spot=(at[0] + 1e-4, at[1] + 1e-4)), now)
    assert tapped.changes[0].after_m == pytest.approx(350, abs=0.1)
    plan = parting.plan_split(session, cast["admin"], "LD0001", Where(crossing="学前街路口"), now)
    assert [each["to_name"] for each in parting.as_json(plan)["changes"]] == ["学前街", "东环路"]
    for where, code in ((Where(crossing="无名路"), "crossing_unknown"), (Where(at_m=0), "split_outside"),
                        (Where(at_m=5000), "split_outside"), (Where(spot=(115.90, 28.70)), "split_far_off")):
        with pytest.raises(Invalid) as refused:
            parting.plan_split(session, cast["admin"], "LD0001", where, now)
        assert refused.value.code == code
    with pytest.raises(Stale):
        parting.plan_split(session, cast["admin"], "LD0001", Where(at_m=10), now, {"LD0001": 7})


A, B, C, D = (115.85, 28.69), (115.851, 28.69), (115.852, 28.691), (115.853, 28.69)
JOINS = (  # lines, sides, answer: coordinates of the whole, or why not
    ([(A, B), (B, C)], "bb", [A, B, C]), ([(A, B), (C, B)], "bb", [A, B, C]), ([(B, C), (A, B)], "bb", [A, B, C]),
    ([(A, B), (C, B)], "lr", [A, B, C]), ([(A, B), (C, B)], "ll", "join_sides"),
    ([(A, B), (C, D)], "bb", "join_gap"), ([(A, B), (B, C), (B, D)], "bbb", "join_fork"),
    ([(A, D), (B, C)], "bb", "join_fork"), ([(A, B), (B, C), (C, A)], "bbb", [A, B, C, A]),
    ([(B, C), (A, B), (D, C)], "bbb", [A, B, C, D]))


@pytest.mark.parametrize(("lines", "sides", "answer"), JOINS)
def test_segments_join_end_to_end_whatever_their_directions(session, cast, now, lines, sides, answer):
    names = {"b": "both", "l": "left", "r": "right"}
    for number, (line, side) in enumerate(zip(lines, sides, strict=True)):
        session.add(RoadSegment(code=f"J{number}", name="巷", road="巷", geom=LineString(line), side=names[side],
                                valid_from=town.FOUNDED, division=town.HEDONG))
    session.flush()
    codes = [f"J{number}" for number in range(len(lines))]
    if isinstance(answer, str):
        with pytest.raises(Conflict) as refused:
            parting.plan_join(session, cast["admin"], codes, None, now)
        assert refused.value.code == answer
        return
    plan = parting.plan_join(session, cast["admin"], codes, None, now)
    assert list(plan.changes[0].values["geom"].coords) == answer
    assert [each.is_retired for each in plan.changes] == [False] + [True] * (len(lines) - 1)


def test_segments_of_two_roads_or_ended_ones_are_not_joined(session, cast, now):
    line = LineString([town.ROAD.coords[-1], (115.87, 28.69)])
    session.add(RoadSegment(code="J9", name="别路", road="别路", geom=line, valid_from=town.FOUNDED,
                            division=town.HEDONG))
    session.flush()
    with pytest.raises(Conflict) as refused:
        parting.plan_join(session, cast["admin"], ["LD0001", "J9"], None, now)
    assert refused.value.code == "join_roads"
    queries.by_code(session, cast["admin"], "J9").valid_to = now
    with pytest.raises(Conflict) as refused:
        parting.plan_split(session, cast["admin"], "J9", Where(at_m=10), now)
    assert refused.value.code == "segment_ended"


def test_codes_of_parts_count_on():
    assert [next_code("LD7", []), next_code("LD7", ["LD7", "LD7-2"]), next_code("LD7-2", ["LD7", "LD7-2"]),
            next_code("A-7", ["A-7"])] == ["LD7-2", "LD7-3", "LD7-3", "A-7-2"]
    assert Point(chainage.spot_at(town.ROAD, 0)).equals(Point(town.ROAD.coords[0]))
