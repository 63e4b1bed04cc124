"""One spot and many spots get what brute force finds in a random town, on both databases."""

import random

import pytest

from civmap import clock
from civmap.assignment import queries, wording
from civmap.assignment.many import Ground
from civmap.assignment.table import DEFAULT_REACH
from tests.assignment.oracle import GEOD, Oracle, corners, random_spots, random_town

CLASSES = ("E0102", "E0104", "E0503", "E0110", "C0101", "E0504", "E0113", "X2104", "X2108", "X2113", "X2199", "E0509")


@pytest.mark.parametrize("seed", [20])
def test_every_answer_is_the_one_that_brute_force_finds(session, now, seed):
    units, rows = random_town(session, seed, now)
    oracle, ground = Oracle(units, rows, now, clock.office_day(now)), Ground.of(session, now)
    chance, bases = random.Random(seed), set()
    for spot in [*random_spots(seed, rows, 320), *corners(rows)]:
        class_code = chance.choice(CLASSES)
        point = f"P{chance.randrange(30)}" if chance.random() < 0.1 else None
        one = queries.answer(session, spot, class_code, on=now, accuracy_m=6, point_code=point)
        many = ground.answer(spot, class_code, 6, point)
        assert wording.as_json(many, "zh") == wording.as_json(one, "zh"), (spot, class_code)
        found = (one.unit.code if one.unit else None, one.basis)
        assert found == oracle.answer(spot, class_code, point), (spot, class_code, point)
        bases.add(one.basis)
    assert bases >= {"designated", "point", "frontage", "professional", "segment", "grid", "nearest", "territorial"}


def test_an_answer_is_doubtful_just_where_a_step_within_the_margin_finds_another_unit(session, now):
    units, rows = random_town(session, 5, now)
    oracle, ground = Oracle(units, rows, now, clock.office_day(now)), Ground.of(session, now)
    chance, told = random.Random(5), []
    for spot in random_spots(5, rows, 40):
        class_code, accuracy = chance.choice(CLASSES), chance.choice([None, 7, 40])
        margin = DEFAULT_REACH.margin(accuracy)
        steps = (GEOD.fwd(*spot, bearing, margin * share * 0.999)[:2] for share in (1, 0.5)
                 for bearing in range(0, 360, 20))
        own = oracle.answer(spot, class_code)[0]
        others = {oracle.answer(step, class_code)[0] for step in steps} - {own, None}
        found = ground.answer(spot, class_code, accuracy)
        if others:
            assert found.is_ambiguous or found.unit is None, (spot, class_code, accuracy, others)
        told.append(found.is_ambiguous)
    assert 3 < sum(told) < 37
