"""Road segments and their chiefs."""

import pytest

from civmap.errors import Invalid, NotFound, Several
from civmap.people.rules import Viewer
from civmap.segments import actions, queries
from civmap.segments.rules import read_chiefs
from civmap.store.ledger import history
from tests.support.features import codes, feature, plain

LINE = {"type": "LineString", "coordinates": [[115.858, 28.690], [115.864, 28.690]]}


def made(session, cast, now, **properties):
    return actions.create(session, cast["admin"], feature(LINE, **{"code": "LD9", "name": "东环路", **properties}), now,
                          division="360199006")


def test_a_segment_is_made_with_class_side_and_chiefs(session, cast, now):
    segment = made(session, cast, now, **{"class": "次干道", "side": "左侧", "unit": "HD", "from": "桥头", "to": "塔前",
                                          "chief0": "赵总 0791-88881234", "chief3": "李三"})
    known = queries.as_feature(session, cast["admin"], segment)["properties"]
    assert (known["class"], known["side"], known["from_name"], known["to_name"]) == (
        "arterial_secondary", "left", "桥头", "塔前")
    assert known["chiefs"] == [{"level": 0, "name": "赵总", "title": None, "phone": "0791-88881234"},
                               {"level": 3, "name": "李三", "title": None, "phone": None}]
    assert known["length_m"] == pytest.approx(586.6, abs=0.5)


def test_a_segment_without_line_is_refused_with_all_that_is_wrong(session, cast, now):
    with pytest.raises(Several) as refused:
        actions.create(session, cast["admin"], feature(None, code="X", name="x", side="up", width_m=-3), now)
    assert {problem.field for problem in refused.value.problems} == {"side", "width_m", "geometry"}


def test_changing_only_a_chief_is_an_edit_of_the_segment(session, cast, now):
    segment = queries.by_code(session, cast["admin"], "LD0001")
    seen = plain(queries.as_feature(session, cast["admin"], segment))
    actions.replace(session, cast["admin"], "LD0001", seen, 1, now)
    assert segment.version == 1
    seen["properties"]["chiefs"] = [{"level": 0, "name": "周总", "phone": "13900001111"}, {"level": 3, "name": "李三"}]
    actions.replace(session, cast["admin"], "LD0001", seen, 1, now)
    assert segment.version == 2
    [line] = history(session, "segment", "LD0001")
    assert [chief["name"] for chief in line.before["chiefs"]] == ["赵总", "钱一", "孙二", "李三"]
    assert line.after["chiefs"][0] == {"level": 0, "name": "周总", "title": None, "phone": "139****1111"}
    session.expire_all()
    assert [chief.name for chief in queries.by_code(session, cast["admin"], "LD0001").chiefs] == ["周总", "李三"]


def test_a_chiefs_phone_is_masked_for_those_outside_and_kept_when_sent_back(session, cast, now):
    made(session, cast, now, chief1="钱一 13900001111")
    segment = queries.by_code(session, cast["clerk"], "LD9")
    seen = plain(queries.as_feature(session, cast["clerk"], segment))
    assert seen["properties"]["chiefs"][0]["phone"] == "139****1111"
    actions.replace(session, cast["admin"], "LD9", seen, 1, now)
    assert segment.version == 1


@pytest.mark.parametrize(("chiefs", "code"), [
    ([{"level": 1, "name": "a"}, {"level": 1, "name": "b"}], "chief_level_twice"),
    ([{"level": 4, "name": "a"}], "number_out_of_range"), ([{"level": 1, "name": " "}], "chief_name_missing"),
    ("赵总", "chiefs_unreadable"), ([7], "chiefs_unreadable"),
    ([{"level": 1, "name": "a", "age": 5}], "chiefs_unreadable"),
    ([{"level": 1, "name": "a", "phone": "x"}], "phone_unreadable")])
def test_chiefs_that_cannot_be_are_refused(chiefs, code):
    with pytest.raises(Invalid) as refused:
        read_chiefs({"chiefs": chiefs}, {})
    assert refused.value.code == code and refused.value.field == "chiefs"


SEEN = {"admin": 1, "inspector": 1, "leader": 1, "industry": 1, "clerk": 1, "chief": 1, "grid": 1, "clerk_west": 0,
        "handler": 0, "shop": 0}


def test_everybody_sees_the_segments_of_the_own_scope(session, cast, now):
    assert {name: len(queries.listed(session, cast[name], on=now)) for name in SEEN} == SEEN


def test_a_chief_sees_every_segment_of_the_own_road(session, cast, now):
    made(session, cast, now, road="河东路")
    made(session, cast, now, code="LD10", road="江边路")
    assert codes(queries.listed(session, cast["chief"], on=now)) == ["LD0001", "LD9"]
    with pytest.raises(NotFound):
        queries.by_code(session, cast["chief"], "LD10")


def test_segments_of_nameless_roads_do_not_hang_together(session, cast, now):
    made(session, cast, now, code="LD10")
    made(session, cast, now, code="LD11")
    chief = Viewer("c", "road_chief", segment_codes=frozenset({"LD10"}))
    assert codes(queries.listed(session, chief, on=now)) == ["LD10"]


def test_the_nearest_segment_is_found_in_metres_on_the_ground(session, cast, now):
    [near] = queries.nearest_within(session, (115.8636973, 28.6831639), 30, on=now)
    assert near.segment.code == "LD0001"
    assert near.distance_m == pytest.approx(6, abs=0.5)
    assert queries.nearest_within(session, (115.8637025, 28.6826768), 50, on=now) == []
    [near] = queries.nearest_within(session, (115.8637025, 28.6826768), 65, on=now)
    assert near.distance_m == pytest.approx(60, abs=0.5)


def test_the_same_table_twice_adds_nothing(session, cast, now):
    row = {"code": "LD20", "name": "塔前路", "geometry": LINE, "class": "支路", "chief2": "孙二 13912345678",
           "width_m": "12"}
    assert [actions.save(session, cast["admin"], row, now) for _ in range(2)] == ["created", "unchanged"]
    assert actions.save(session, cast["admin"], {"code": "LD20", "chief2": "孙三"}, now) == "updated"


def test_a_retired_segment_is_no_longer_near(session, cast, now):
    actions.retire(session, cast["admin"], "LD0001", 1, now)
    assert queries.nearest_within(session, (115.8636973, 28.6831639), 30, on=now) == []
    assert queries.listed(session, cast["admin"], on=now) == []


def test_a_segment_belongs_to_the_division_at_its_middle(session, cast, now):
    asked = []
    assert actions.locate(session, lambda spots: asked.extend(spots) or ["360199007" for _ in spots]) == 1
    assert asked[0] == pytest.approx((115.8622645, 28.6832059))
    assert codes(queries.listed(session, cast["clerk_west"], on=now)) == ["LD0001"]
