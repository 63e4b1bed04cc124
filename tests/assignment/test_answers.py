"""Who answers in the town (examples A2 and A3 of the domain document, and their neighbours)."""

from datetime import timedelta

import pytest
from shapely import LineString, Point

from civmap.assignment.queries import answer
from civmap.assignment.wording import as_json
from civmap.errors import Invalid
from civmap.segments.models import RoadSegment
from civmap.units.models import Unit


def test_the_nearest_unit_is_nearest_in_metres_not_in_degrees(session, town, now):
    found = as_json(answer(session, town.SPOT_A2, "E0102", on=now), "zh")
    assert found["unit"] == {"code": "HW-C", "name": "环卫一所"}
    assert found["basis"] == "nearest"
    assert found["distance_m"] == pytest.approx(332.3, abs=0.1)
    assert found["claims"][1]["unit"]["code"] == "HW-B"
    assert found["claims"][1]["distance_m"] == pytest.approx(343.6, abs=0.1)
    assert "332" in found["reason"]


def test_the_noodle_shop_answers_for_trading_in_front_of_its_door_supervised_by_its_street(session, town, now):
    found = as_json(answer(session, town.SPOT_NOODLES, "outside_shop", on=now), "zh")
    assert (found["unit"]["code"], found["basis"]) == ("LI", "frontage")
    assert "小李面馆" in found["reason"] and "河东街道" in found["reason"]


def test_a_manhole_in_front_of_the_noodle_shop_belongs_to_its_professional_owner(session, town, now):
    found = as_json(answer(session, town.SPOT_NOODLES, "manhole", on=now), "zh")
    assert (found["unit"]["code"], found["basis"]) == ("SZ", "professional")


def test_what_lies_on_the_street_goes_to_the_segments_unit_and_its_chief_is_named(session, town, now):
    found = as_json(answer(session, (115.8620, 28.6832), "E0102", on=now), "zh")
    assert (found["unit"]["code"], found["basis"]) == ("HD", "segment")
    assert "李三" in found["reason"]


def test_the_hospital_answers_inside_its_own_walls_for_what_is_its_duty(session, town, now):
    inside = (town.HOSPITAL_SPOT[0] + 0.0003, town.HOSPITAL_SPOT[1])
    assert answer(session, inside, "X2110", on=now).basis == "point"
    assert answer(session, inside, "E0504", on=now).unit.code == "JJ"


def test_where_nobody_else_answers_the_subdistrict_does(session, town, now):
    found = answer(session, (115.9100, 28.7200), "E0507", on=now)
    assert (found.unit.code, found.basis) == ("HD", "territorial")


def test_outside_every_border_the_office_designates(session, town, now):
    found = as_json(answer(session, (116.5, 29.5), "E0507", on=now), "en")
    assert (found["unit"], found["basis"], found["claims"]) == (None, "none", [])


def test_a_named_unit_goes_before_everything(session, town, now):
    assert answer(session, town.SPOT_NOODLES, "outside_shop", on=now, unit_code="CG").basis == "explicit"
    with pytest.raises(Invalid, match="unknown_unit"):
        answer(session, town.SPOT_NOODLES, "outside_shop", on=now, unit_code="ZZ")


def test_a_spot_half_a_metre_from_the_zones_edge_is_doubtful_and_the_best_unit_still_named(session, town, now):
    west_edge = (115.8571485 + 0.3 / 97_700, 28.68325)
    found = answer(session, west_edge, "outside_shop", on=now)
    assert found.unit.code == "LI" and found.is_ambiguous
    assert not answer(session, town.SPOT_NOODLES, "outside_shop", on=now).is_ambiguous


def test_a_poor_position_makes_an_answer_doubtful(session, town, now):
    assert answer(session, town.SPOT_NOODLES, "outside_shop", on=now, accuracy_m=15).is_ambiguous


def test_two_seats_at_almost_the_same_distance_are_doubtful(session, town, now):
    middle = (115.8553, 28.68455)
    near = answer(session, (middle[0], middle[1] + 0.0003), "E0102", on=now)
    assert near.unit.code == "HW-B" and not near.is_ambiguous


def test_two_seats_within_a_centimetre_are_a_tie_that_the_unit_code_decides(session, town, now):
    for code, north in (("A1", 0.0005 + 6e-8), ("A2", 0.0005)):
        session.add(Unit(code=code, name=code, kind="bureau", categories=["民政"], valid_from=town.FOUNDED,
                         seat=Point(115.9000, 28.7000 + north)))
    session.flush()
    found = answer(session, (115.9000, 28.7000), "E0507", on=now)
    assert [claim.unit.code for claim in found.claims[:2]] == ["A1", "A2"]
    assert 0 < found.claims[0].distance_m - found.claims[1].distance_m < 0.01


def test_one_unit_is_named_once_for_one_reason(session, town, now):
    session.query(Unit).filter_by(code="CG").one().categories = ["城管", "公安"]
    session.flush()
    claims = answer(session, (115.8640, 28.6880), "E0113", on=now).claims
    told = [(claim.unit.code, claim.basis) for claim in claims]
    assert ("CG", "nearest") in told and len(told) == len(set(told))


def test_a_unit_that_is_not_yet_in_office_answers_for_nothing(session, town, now):
    before = town.FOUNDED - timedelta(days=1)
    session.query(RoadSegment).filter_by(code="LD0001").one().valid_from = None
    session.flush()
    assert answer(session, (115.8620, 28.6832), "E0102", on=before).unit is None
    with pytest.raises(Invalid, match="unit_not_in_office"):
        answer(session, town.SPOT_A2, "E0102", on=before, unit_code="CG")


def test_a_very_wide_road_reaches_its_own_edge(session, town, now):
    units = {unit.code: unit.id for unit in session.query(Unit)}
    session.add(RoadSegment(code="LD0009", name="广场大道", geom=LineString([(115.9000, 28.7000), (115.9000, 28.7100)]),
                            width_m=200, unit_id=units["CG"], valid_from=town.FOUNDED))
    session.flush()
    found = answer(session, (115.9000 + 100 / 97_700, 28.7050), "E0102", on=now)
    assert (found.unit.code, found.basis) == ("CG", "segment")
    assert 95 < found.distance_m < 105


def test_a_shop_without_duties_is_no_nearest_unit_but_its_distance_is_told_when_it_is_named(session, town, now):
    assert "LI" not in {claim.unit.code for claim in answer(session, town.SPOT_NOODLES, "E0102", on=now).claims}
    named = answer(session, town.SPOT_NOODLES, "E0102", on=now, unit_code="LI")
    assert named.distance_m == pytest.approx(2.2, abs=0.2)
