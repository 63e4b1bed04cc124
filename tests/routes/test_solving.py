"""Plans beside all plans there are: small rounds with hours, lunch, teams, groups and what cannot be served."""

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest

from civmap.routes.insertion import faults
from civmap.routes.problem import BALANCED, Crew, Place, Problem
from civmap.routes.scheduling import longest, rank, timings
from civmap.routes.solving import metres, solve
from civmap.routes.solving_apart import solve_apart

LUNCH = (720.0, 840.0)


def scattered(count, anchors, seed, is_one_way=False):
    """Return metres between places and anchors that lie about; 75 m take a minute."""
    rng = np.random.default_rng(seed)
    at = rng.uniform(0, 3000, (count + anchors, 2))
    table = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)).round(1)
    if is_one_way:
        table = table * rng.uniform(1, 1.5, table.shape).round(2)
        np.fill_diagonal(table, 0)
    return table, np.ceil(table / 75)


def is_kept(problem, orders):
    """Tell whether orders keep to everything, apart from what they leave out."""
    served = {node for order in orders for node in order}
    groups = {place.together for node, place in enumerate(problem.places) if node in served and place.together}
    whole = all(node in served for node, place in enumerate(problem.places) if place.together in groups - {None})
    return whole and not faults(problem, orders)


def best_of_all(problem):
    """Return the rank of the best of all plans: each place with each crew or with none, in each order."""
    crews, best = range(len(problem.crews)), None
    ways = {}
    for crew in crews:
        for chosen in product((False, True), repeat=len(problem.places)):
            nodes = [node for node, is_in in enumerate(chosen) if is_in]
            ways[crew, tuple(nodes)] = [order for order in permutations(nodes)
                                        if not timings(problem, problem.crews[crew], order).is_late]
    for teams in product((None, *crews), repeat=len(problem.places)):
        parts = [tuple(node for node, team in enumerate(teams) if team == crew) for crew in crews]
        for orders in product(*(ways[crew, part] for crew, part in zip(crews, parts, strict=True))):
            if is_kept(problem, orders):
                place = rank(problem, orders)
                best = place if best is None or place < best else best
    return best


@pytest.mark.parametrize("count", range(8))
@pytest.mark.parametrize("ends", [(None, None), (0, None), (None, 0), (0, 1), (0, 0)])
def test_one_tour_of_few_places_is_the_shortest_of_all(count, ends):
    table, minutes = scattered(count, 2, 20 + count, is_one_way=count % 2 == 1)
    crew = Crew(480.0, None, *(None if end is None else count + end for end in ends))
    problem = Problem(tuple(Place(str(node), 0.0) for node in range(count)), (crew,), table, minutes)
    found = solve(problem, 0.3)
    if count < 7:
        assert metres(problem, found.orders) == pytest.approx(
            min(problem.length(crew, order) for order in permutations(range(count))))
    assert sorted(found.orders[0]) == list(range(count))
    assert (found.unreached, found.is_halted) == ((), False)


@pytest.mark.parametrize("is_closed", [True, False])
def test_a_tour_of_many_places_is_the_proven_optimum(is_closed):
    """A chessboard of 8 by 8 is walked field by field; equal distances everywhere are the hard case."""
    at = np.array([(i * 900.0, j * 900.0) for i in range(8) for j in range(8)])
    table = np.abs(at[:, None] - at[None]).sum(axis=2)
    node = 0 if is_closed else None
    problem = Problem(tuple(Place(str(node), 0.0) for node in range(64)), (Crew(480.0, None, node, node),),
                      table, table / 75)
    assert metres(problem, solve(problem, 0.4).orders) == (64 if is_closed else 63) * 900


def test_long_ways_beside_short_ones_lose_no_metre():
    """Two towns 900 km apart: whole numbers up to 65,535 are too coarse for the streets of a town."""
    rng = np.random.default_rng(4)
    town = rng.uniform(0, 400, (30, 2))
    at = np.vstack([town, town + np.array([900_000, 0])])
    table = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
    both = Problem(tuple(Place(str(node), 0.0) for node in range(60)), (Crew(480.0, None, 0, 0),), table, table / 75)
    order = solve(both, 0.5).orders[0]
    assert sum(table[a, b] > 1000 for a, b in zip((0, *order), (*order, 0), strict=True)) == 2
    here = Problem(both.places[:30], (Crew(480.0, None, None, None),), table[:30, :30], table[:30, :30] / 75)
    least = metres(here, solve(here, 0.2).orders)
    assert metres(both, (order,)) < 2 * 900_400 + 2 * least * 1.2


def made_up(seed, crews, balance):
    """Return a small round with some of everything."""
    rng = np.random.default_rng(seed)
    count = 4
    table, minutes = scattered(count, 2, seed, is_one_way=seed % 3 == 0)
    places = []
    for node in range(count):
        opens = float(rng.integers(480, 1000))
        windows = ((), ((opens, opens + float(rng.integers(40, 200))),), ((510.0, 720.0), (840.0, 1000.0)))
        places.append(Place(str(node), float(rng.integers(0, 60)), windows[rng.integers(0, 3)],
                            is_must=bool(rng.random() < 0.7), team=0 if rng.random() < 0.15 else None,
                            together="g" if seed % 4 == 0 and node < 2 else None))
    if seed % 4 == 0:
        places[1] = replace(places[1], team=places[0].team, is_must=places[0].is_must)
    ends = (None, count, count + 1)
    teams = tuple(Crew(float(rng.choice([480, 540, 840])), float(rng.choice([900, 960, 1080])),
                       ends[rng.integers(0, 3)], ends[rng.integers(0, 3)], LUNCH if seed % 2 else None)
                  for _ in range(crews))
    return Problem(tuple(places), teams, table, minutes, balance)


@pytest.mark.parametrize(("seed", "crews", "balance"), [
    (seed, crews, balance) for crews, balance in ((1, "shortest"), (2, "shortest"), (2, BALANCED))
    for seed in range(6)])
def test_small_rounds_are_the_best_of_all_plans(seed, crews, balance):
    problem = made_up(100 + seed, crews, balance)
    found = solve(problem, 5.0)    # converges long before
    assert is_kept(problem, found.orders)
    assert sorted([node for order in found.orders for node in order] + [node for node, _ in found.unreached]) \
        == list(range(4))
    ours, best = rank(problem, found.orders), best_of_all(problem)
    if balance == BALANCED and crews > 1:
        ours, best = ours[:3], best[:3]     # every crew gets work: that may cost metres
    assert ours == pytest.approx(best, abs=0.2)


def test_what_cannot_be_served_says_why():
    table, minutes = scattered(6, 1, 3)
    table[:, 4] = np.inf
    places = [Place("must", 100.0), Place("too much", 100.0), Place("nice", 100.0, is_must=False),
              Place("closed", 20.0, ((300, 400),)), Place("island", 10.0), Place("short hours", 30.0, ((500, 520),))]
    problem = Problem(tuple(places), (Crew(480.0, 770.0, 6, 6),), table, minutes)
    found = solve(problem, 5.0)
    reasons = {places[node].code: reason for node, reason in found.unreached}
    assert found.orders[0] and len(found.orders[0]) + len(reasons) == 6
    assert {"nice": "left_out", "closed": "closed", "island": "no_way", "short hours": "closed"}.items() \
        <= reasons.items()
    assert {node for order in found.orders for node in order} == {0, 1}, "must places go before nice ones"


def test_nothing_limits_several_crews_so_their_days_are_made_alike():
    table, minutes = scattered(24, 1, 9)
    problem = Problem(tuple(Place(str(node), 10.0) for node in range(24)), (Crew(480.0, None, 24, 24),) * 3,
                      table, minutes)
    found = solve(problem, 0.5)
    days = [timings(problem, problem.crews[0], order).minutes for order in found.orders]
    assert found.balance == BALANCED and all(found.orders) and not found.unreached
    assert longest(problem, found.orders) == max(days) <= min(days) * 1.25


def sixty(crews=2):
    table, minutes = scattered(60, 1, 5)
    places = tuple(Place(str(node), 10.0, ((540.0, 1000.0),) if node % 3 == 0 else ()) for node in range(60))
    return Problem(places, (Crew(480.0, 1080.0, 60, 60, LUNCH),) * crews, table, minutes)


def test_halting_a_child_keeps_the_best_plan_and_so_does_its_death():
    told, halted = [], threading.Event()

    def halt(progress):
        told.append(progress)
        halted.set()

    problem = sixty()
    found = solve_apart(problem, 30.0, halt, halted.is_set)
    assert found.is_halted and found.seconds < 10
    assert is_kept(problem, found.orders) and any(found.orders)
    assert [one.best_m for one in told] and told[-1].orders == found.orders

    def kill(_progress):
        for task in Path("/proc/self/task").iterdir():
            for pid in (task / "children").read_text(encoding="ascii").split():
                os.kill(int(pid), signal.SIGKILL)

    found = solve_apart(problem, 30.0, kill)
    assert found.seconds < 10 and is_kept(problem, found.orders) and any(found.orders)


def test_the_server_never_loads_a_solver():
    code = ("import sys; import civmap.routes.solving_apart, civmap.routes.insertion; "
            "print([name for name in ('pyvrp', 'fast_tsp', 'matplotlib', 'ortools') if name in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
