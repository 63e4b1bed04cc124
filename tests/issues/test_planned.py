"""Many filed issues at once: the nearest units that have room, seen before it is done."""

import json
from itertools import permutations

import numpy as np
import pytest
from shapely import Point

from civmap.assignment import balanced, weights
from civmap.assignment.pairs import Demand
from civmap.errors import Stale
from civmap.issues import actions, planned
from civmap.people.rules import OFFICE
from civmap.units.models import Unit


def demand(spots, seats, room, weight=None):
    flat = [np.column_stack([np.array(one, float), np.zeros(len(one))]) for one in (spots, seats)]
    heavy = np.array(weight or [1] * len(spots), np.int64)
    return Demand(flat[0], np.zeros(len(spots), np.int64), heavy, flat[1], [np.arange(len(seats))],
                  np.array(room, np.int64), 1e6, heavy)


def test_the_plan_has_the_least_metres_of_all_plans_and_never_exceeds_the_room():
    chance = np.random.default_rng(5)
    for _ in range(12):
        spots, seats = chance.uniform(0, 1000, (6, 2)), chance.uniform(0, 1000, (3, 2))
        found = balanced.plan(demand(spots, seats, [2, 2, 2]))
        away = np.linalg.norm(spots[:, None] - seats, axis=2)
        best = min(away[np.arange(6), list(one)].sum() for one in set(permutations([0, 0, 1, 1, 2, 2])))
        assert found.total_m == pytest.approx(best, abs=0.1) and (np.bincount(found.unit) <= 2).all()


def test_heavy_reports_take_more_room_and_what_finds_none_is_left():
    found = balanced.plan(demand([(0, 0), (1, 0), (2, 0), (3, 0)], [(0, 1), (0, 500)], [3, 2], [2, 2, 2, 1]))
    load = np.bincount(found.unit[found.unit >= 0], np.array([2, 2, 2, 1])[found.unit >= 0], 2)
    assert (load <= [3, 2]).all() and (found.unit < 0).sum() == 1


def test_a_large_plan_is_proven_to_be_near_the_best():
    chance = np.random.default_rng(7)
    crowd = np.concatenate([chance.normal(3000, 400, (4000, 2)), chance.uniform(0, 9000, (4000, 2))])
    found = balanced.plan(demand(crowd, chance.uniform(0, 9000, (80, 2)), [110] * 80))
    assert found.gap <= 0.005 and (np.bincount(found.unit, minlength=80) <= 110).all() and (found.unit >= 0).all()


def test_a_plan_moves_what_the_nearest_unit_has_no_room_for_and_is_carried_out_as_it_was_seen(session, town, now):
    for code, north, capacity in (("P1", 0.0, 1), ("P2", 0.004, None)):
        session.add(Unit(code=code, name=code, kind="bureau", categories=["民政"], capacity=capacity,
                         valid_from=town.FOUNDED, seat=Point(115.9, 28.7 + north)))
    session.flush()
    numbers = []
    for step in range(3):
        row = actions.report(session, OFFICE, {"class": "E0507", "description": "流浪乞讨", "lon": 115.9,
                                               "lat": 28.7001 + step * 1e-4}, now)
        actions.perform(session, OFFICE, row.issue_no, "file", {}, row.version, now, "zh")
        numbers.append(row.issue_no)
    plan = planned.make(session, OFFICE, now, numbers=[*numbers, "nothing"])
    assert [move.unit.code for move in plan.moves] == ["P1", "P2", "P2"]
    assert {move.before.code for move in plan.moves} == {"P1"} and plan.unserved == [("nothing", "not_filed")]
    assert plan.total_m > plan.nearest_m and json.dumps(planned.as_json(plan))
    with pytest.raises(Stale, match="plan_changed"):
        planned.carry_out(session, OFFICE, plan, "another", now, "zh")
    told = planned.carry_out(session, OFFICE, plan, plan.hash, now, "zh")
    assert [row["done"] for row in told] == [True] * 3
    weights.save(session, OFFICE, {"E0507": 5}, 0, now)
    after = planned.make(session, OFFICE, now, filters={"class": "E0507"})
    assert not after.moves and planned._loads(session, [move.unit for move in plan.moves[:2]],
                                              {"E0507": 5}).tolist() == [5, 10]
