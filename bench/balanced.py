"""A balanced plan of many reports beside OR-Tools' minimum-cost flow over many more pairs, in one run.

    python -m bench.balanced [--reports 100000] [--units 1000] [--slack 0.1] [--pairs 64] [--crowded]
"""

import argparse
import os
import time

import numpy as np

from civmap.assignment import balanced
from civmap.assignment.pairs import Demand, Pairs, in_space

SEED = 20260522


def main() -> None:
    """Plan both ways and compare."""
    asked = argparse.ArgumentParser(description=__doc__)
    for name, count in (("reports", 100_000), ("units", 1_000), ("pairs", 64)):
        asked.add_argument(f"--{name}", type=int, default=count)
    asked.add_argument("--slack", type=float, default=0.1)
    asked.add_argument("--crowded", action="store_true", help="half of the reports in thirty crowds")
    run(asked.parse_args())


def city(asked: argparse.Namespace) -> Demand:
    """Return reports and units in a city of 20 by 20 km, with room for all and a little more."""
    rng, count = np.random.default_rng(SEED), asked.reports
    spots, seats = rng.uniform(-0.1, 0.1, (count, 2)), rng.uniform(-0.1, 0.1, (asked.units, 2))
    if asked.crowded:
        crowd = count // 2
        spots[:crowd] = rng.uniform(-0.1, 0.1, (30, 2))[rng.integers(0, 30, crowd)] + rng.normal(0, 0.015, (crowd, 2))
    heavy = np.ones(count, np.int64)
    room = np.full(asked.units, int(np.ceil(count * (1 + asked.slack) / asked.units)), np.int64)
    middle = np.array([115.86, 28.68])
    return Demand(in_space(*(middle + spots).T), np.zeros(count, np.int64), heavy, in_space(*(middle + seats).T),
                  [np.arange(asked.units)], room, 1e6, heavy)


def run(asked: argparse.Namespace) -> None:
    """Print the figures."""
    demand = city(asked)
    print(f"load {os.getloadavg()[0]:.1f}; {asked.reports} reports, {asked.units} units, slack {asked.slack:.0%}")
    begun = time.perf_counter()
    plan = balanced.plan(demand)
    ours = time.perf_counter() - begun
    load = np.bincount(plan.unit[plan.unit >= 0], minlength=asked.units)
    print(f"{ours:7.1f} s  ours: {plan.total_m / 1000:.2f} km, {int((plan.unit < 0).sum())} not served, "
          f"proven within {plan.gap:.3%}, room kept: {bool((load <= demand.room).all())}", flush=True)
    begun = time.perf_counter()
    pairs = Pairs.nearest(demand, asked.pairs)
    row, column = np.nonzero(pairs.unit >= 0)
    metres = pairs.metres[row, column]
    flow = balanced._flow(demand, row, pairs.unit[row, column], metres)
    theirs = time.perf_counter() - begun
    total = float((metres * flow).sum())
    print(f"{theirs:7.1f} s  OR-Tools over the nearest {asked.pairs}: {total / 1000:.2f} km, "
          f"{int(asked.reports - flow.sum())} not served")
    print(f"total {plan.total_m / total:.5f} of it, {theirs / ours:.1f} × as fast")


if __name__ == "__main__":
    main()
