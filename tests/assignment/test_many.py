"""Many spots get the very answers that one spot gets."""

import random

import pytest

from civmap.assignment import queries, wording
from civmap.assignment.many import Ground


@pytest.mark.parametrize("class_code", ["E0102", "E0503", "C0101", "E0504", "E0110", "X2108", "X2199"])
def test_many_spots_are_answered_as_one_is(session, town, now, class_code):
    ground = Ground.of(session, now)
    chance = random.Random(7)
    spots = [town.SPOT_A2, town.SPOT_NOODLES, town.HOSPITAL_SPOT, town.MARKET_SPOT, (115.8560, 28.6831)]
    spots += [(round(chance.uniform(115.843, 115.872), 6), round(chance.uniform(28.679, 28.691), 6)) for _ in range(25)]
    for spot in spots:
        one = queries.answer(session, spot, class_code, on=now, accuracy_m=8)
        assert wording.as_json(ground.answer(spot, class_code, 8), "zh") == wording.as_json(one, "zh"), spot


def test_units_that_are_gone_and_zones_not_yet_valid_answer_for_nothing(session, town, now):
    assert Ground.of(session, town.FOUNDED.replace(year=2020)).answer(town.SPOT_A2, "E0102").unit is None
