"""Inspection points: made, changed, seen by those who may, and counted for the declaration."""

import pytest

from civmap.errors import Forbidden, Invalid, NotFound, Several
from civmap.points import actions, queries
from tests.support.features import codes, feature, frame, plain, spot

MARKET = {"code": "P100", "name": "河东农贸市场", "type": "农贸市场"}


def test_a_point_is_made_with_type_and_unit_in_the_offices_words(session, cast, now):
    point = actions.create(session, cast["dispatcher"], feature(
        spot(115.861, 28.686), **MARKET, unit="市场监督管理局", is_declared="是", street="河东路",
        open_hours="06:00–20:00"), now, division="360199006")
    known = queries.as_feature(session, cast["dispatcher"], point)["properties"]
    assert (known["type"], known["unit"], known["is_declared"], known["is_mandatory"]) == ("PT07", "SC", True, True)


def test_a_point_outside_the_city_is_refused(session, cast, now):
    for lon, lat, code in ((28.686, 115.861, "coordinates_swapped"), (116.5, 28.7, "outside_city"),
                           (float("nan"), 1, "geometry_unreadable")):
        with pytest.raises(Invalid) as refused:
            actions.create(session, cast["admin"], feature(spot(lon, lat), **MARKET), now)
        assert refused.value.code == code


def test_what_is_missing_or_unknown_is_named(session, cast, now):
    with pytest.raises(Several) as refused:
        actions.create(session, cast["admin"], feature(None, name="x", type="飞机场", shape=1), now)
    assert {(problem.field, problem.code) for problem in refused.value.problems} == {
        ("code", "field_missing"), ("type", "unknown_point_type"), ("shape", "unknown_field"),
        ("geometry", "point_spot_missing")}


def test_what_the_product_answers_with_may_come_back(session, cast, now):
    point = queries.by_code(session, cast["admin"], "P001")
    seen = plain(queries.as_feature(session, cast["admin"], point))
    seen["properties"].update(open_issues=3, due_soon_issues=0, overdue_issues=1, status="overdue")
    actions.replace(session, cast["admin"], "P001", seen, 1, now)
    assert point.version == 1


def test_a_moved_point_gets_a_new_version(session, cast, now):
    actions.replace(session, cast["admin"], "P001", feature(spot(115.863, 28.685)), 1, now, division="360199006")
    point = queries.by_code(session, cast["admin"], "P001")
    assert (point.version, point.geom.x, point.name) == (2, 115.863, "人民医院")


def test_an_outline_is_kept_beside_the_door(session, cast, now):
    point = actions.create(session, cast["admin"], feature(
        spot(115.861, 28.686), **MARKET, outline=frame(115.8605, 28.6855, 115.8615, 28.6865)), now)
    assert point.outline.area > 0


def test_a_code_cannot_be_changed(session, cast, now):
    with pytest.raises(Invalid) as refused:
        actions.replace(session, cast["admin"], "P001", feature(None, code="P999"), 1, now)
    assert refused.value.code == "code_not_changeable"


SEEN = {
    "admin": "P001 P002 P003", "dispatcher": "P001 P002 P003", "inspector": "P001 P002 P003",
    "leader": "P001 P002 P003", "industry": "P001 P002 P003", "discipline": "P001 P002 P003",
    "doctor": "P001", "handler": "", "head": "", "clerk": "P001 P003", "clerk_west": "P002", "grid": "P001 P003",
    "chief": "P001", "shop": ""}


def test_everybody_sees_the_points_of_the_own_scope(session, cast, now):
    assert {name: " ".join(codes(queries.listed(session, cast[name], on=now))) for name in SEEN} == SEEN


def test_a_hidden_point_is_not_found(session, cast, now):
    with pytest.raises(NotFound):
        queries.by_code(session, cast["clerk"], "P002")
    with pytest.raises(Forbidden):
        actions.retire(session, cast["clerk"], "P001", 1, now)


def test_points_are_filtered_by_type_declaration_and_unit(session, cast, now):
    def found(**filters):
        return codes(queries.features(session, cast["admin"], on=now, filters=filters))

    assert found(type="农贸市场") == found(type="PT07") == found(type="farmers_market") == ["P002"]
    assert found(is_declared="false") == ["P003"]
    assert found(is_mandatory="yes") == ["P001", "P002", "P003"]
    assert found(unit="人民医院") == ["P001"]
    assert found(street="河东路", division="360199006") == ["P001"]


def test_the_declaration_names_the_mandatory_types_without_a_declared_point(session, cast, now):
    found = queries.completeness(session, cast["admin"], on=now)
    missing = {count.type for count in found.missing}
    assert "PT08" in missing
    assert not missing & {"PT07", "PT10", "PT01"}
    assert (found.total, found.declared) == (3, 2)


def test_a_retired_point_is_no_longer_declared(session, cast, now):
    actions.retire(session, cast["admin"], "P002", 1, now)
    assert "PT07" in {count.type for count in queries.completeness(session, cast["admin"], on=now).missing}


def test_a_point_that_says_nothing_of_being_declared_is_on_the_offices_list(session, cast, now):
    row = {**MARKET, "lon": 115.861, "lat": 28.686}
    actions.save(session, cast["admin"], row, now)
    actions.save(session, cast["admin"], {**row, "code": "DR002", "is_declared": "否"}, now)
    declared = {feature["properties"]["code"]: feature["properties"]["is_declared"]
                for feature in queries.features(session, cast["admin"], on=now)}
    assert (declared[MARKET["code"]], declared["DR002"]) == (True, False)


def test_the_same_table_twice_adds_nothing(session, cast, now):
    row = {**MARKET, "lon": 115.861, "lat": 28.686, "unit": "SC", "is_declared": ""}
    assert [actions.save(session, cast["admin"], row, now) for _ in range(2)] == ["created", "unchanged"]
    assert actions.save(session, cast["admin"], {**row, "lon": "115.862"}, now) == "updated"


def test_points_learn_their_division_when_borders_come_later(session, cast, now):
    point = queries.by_code(session, cast["admin"], "P003")
    assert actions.locate(session, lambda spots: ["360199006001" if lon > 115.865 else "360199006" if lon > 115.856
                                                  else "360199007" for lon, _ in spots]) == 1
    assert (point.division, point.version) == ("360199006001", 1)


def test_a_point_moved_out_of_every_division_belongs_to_none(session, cast, now):
    actions.replace(session, cast["admin"], "P001", feature(None, name="人民医院东院"), 1, now)
    point = queries.by_code(session, cast["admin"], "P001")
    assert point.division == "360199006"
    actions.replace(session, cast["admin"], "P001", feature(spot(115.91, 28.72)), 2, now, division=None)
    assert point.division is None
