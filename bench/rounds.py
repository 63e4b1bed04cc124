"""Rounds beside their proofs and peers, in one run: `python -m bench.rounds [--peer-seconds 60] [--seeds 3]`.

One team: 132 points of Nanjing beside the proven optimum, and 1,000 points beside fast-tsp with six times the time,
OR-Tools and pyvrp. Five teams with opening hours: beside pyvrp as it comes, with a minute.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import fast_tsp
import numpy as np
import pyvrp
from numpy.typing import NDArray

from civmap.routes.problem import BALANCED, Crew, Place, Problem
from civmap.routes.scheduling import longest, timings
from civmap.routes.solving_apart import solve_apart
from civmap.routes.solving_model import ALL, build
from civmap.routes.solving_units import units

TRUTH = Path(__file__).resolve().parents[2] / "shared" / "data" / "routes" / "nanjing_132.json"
EARTH = 6_371_008.8
SEED = 20261122


def main() -> None:
    """Print all figures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--peer-seconds", type=float, default=60)
    asked.add_argument("--seeds", type=int, default=3)
    args = asked.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    truth = json.loads(TRUTH.read_text(encoding="utf-8"))
    spots = np.array([(one["lon"], one["lat"]) for one in truth["points"]])
    print("one team, 132 points of Nanjing, haversine")
    for name, optimum in (("closed", truth["optimal_closed_m"]), ("open", truth["optimal_open_m"])):
        one_team(name, haversine(spots), name == "closed", 2, optimum)
    print("one team, 1,000 points")
    rng = np.random.default_rng(SEED)
    for name, plane in _thousands(rng):
        one_team(name, np.hypot(*(plane[:, None] - plane[None]).transpose(2, 0, 1)), True, 10, None)
    for kind in ("spread", "tight", "noon"):
        five_teams(kind, spots, args)
    balanced_teams(spots)


def haversine(spots: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the metres between all spots on the sphere of the issue."""
    lon, lat = np.radians(spots).T
    half = np.sin((lat[:, None] - lat) / 2) ** 2 + np.cos(lat[:, None]) * np.cos(lat) \
        * np.sin((lon[:, None] - lon) / 2) ** 2
    return 2 * EARTH * np.arcsin(np.sqrt(half))


def _thousands(rng: np.random.Generator) -> Iterator[tuple[str, NDArray[np.float64]]]:
    yield "spread evenly", rng.uniform(0, 20_000, (1000, 2))
    yield "in 25 crowds", rng.normal(0, 300, (1000, 2)) + rng.uniform(0, 20_000, (25, 2))[rng.integers(0, 25, 1000)]


def one_team(name: str, metres: NDArray[np.float64], is_closed: bool, seconds: float, optimum: float | None) -> None:
    """Plan a single round and show it beside the optimum, or beside others where nobody knows it."""
    count = len(metres)
    crew = Crew(480, None, 0, 0) if is_closed else Crew(480, None, None, None)
    places = tuple(Place(str(node), 0.0) for node in range(count))
    problem = Problem(places, (crew,), metres, metres / 75)
    begun = time.perf_counter()
    ours = problem.length(crew, solve_apart(problem, seconds).orders[0])
    spent = time.perf_counter() - begun
    table = np.rint(metres * (65_000 / metres.max())).astype(np.uint16)
    peers: dict[str, Callable[[], float]] = {}
    if optimum is None:
        peers = {"fast-tsp 30 s": lambda: _closed(metres, fast_tsp.find_tour(table, 30.0)),
                 "OR-Tools 10 s": lambda: _or_tools(metres, 10), "pyvrp 10 s": lambda: _single_pyvrp(metres, 10)}
    found = {name: peer() for name, peer in peers.items()}
    best = optimum or min(found.values())
    print(f"  {name:<14}{ours:12.1f} m in {spent:5.2f} s: {ours / best - 1:+.3%} "
          f"of {'the optimum' if optimum else 'the best of the others'}", flush=True)
    for peer, total in found.items():
        print(f"      {peer:<16}{total:12.1f} m", flush=True)


def _closed(metres: NDArray[np.float64], tour: list[int]) -> float:
    return float(metres[tour, np.roll(tour, -1)].sum())


def _or_tools(metres: NDArray[np.float64], seconds: int) -> float:
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    index = pywrapcp.RoutingIndexManager(len(metres), 1, 0)
    model = pywrapcp.RoutingModel(index)
    whole = np.rint(metres * 10).astype(int).tolist()
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(whole))
    wish = pywrapcp.DefaultRoutingSearchParameters()
    wish.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PATH_CHEAPEST_ARC
    wish.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    wish.time_limit.FromSeconds(seconds)
    found = model.SolveWithParameters(wish)
    node, tour = model.Start(0), []
    while not model.IsEnd(node):
        tour.append(index.IndexToNode(node))
        node = found.Value(model.NextVar(node))
    return _closed(metres, tour)


def _single_pyvrp(metres: NDArray[np.float64], seconds: float) -> float:
    whole = np.rint(metres * 10).astype(np.int64)
    data = pyvrp.ProblemData([pyvrp.Location(0, 0) for _ in metres], [pyvrp.Client(at) for at in range(1, len(metres))],
                             [pyvrp.Depot(0)], [pyvrp.VehicleType()], [whole], [np.zeros_like(whole)])
    best = pyvrp.solve(data, pyvrp.stop.MaxRuntime(seconds), seed=1, collect_stats=False, display=False).best
    return best.distance() / 10


def town(kind: str, spots: NDArray[np.float64], seed: int = SEED) -> Problem:
    """Return five teams of one office and 132 places, with hours of one kind."""
    rng = np.random.default_rng(seed)
    metres = haversine(np.vstack([spots, spots.mean(axis=0)]))
    places = []
    for node in range(len(spots)):
        opens = 480.0 + 15 * rng.integers(0, 24)
        windows: dict[str, tuple[tuple[float, float], ...]] = {
            "spread": ((opens, opens + 180),) if rng.random() < 0.6 else (), "tight": ((opens, opens + 90),),
            "noon": ((510.0, 720.0), (840.0, 1050.0)) if rng.random() < 0.8 else ()}
        places.append(Place(str(node), float(rng.choice([8, 10, 12])), windows[kind]))
    lunch = None if kind == "tight" else (720.0, 840.0)
    return Problem(tuple(places), (Crew(480.0, 1080.0, len(spots), len(spots), lunch),) * 5, metres, metres / 75)


def five_teams(kind: str, spots: NDArray[np.float64], args: argparse.Namespace) -> None:
    """Plan five teams in 5 s with several seeds, and let pyvrp as it comes work on the same for a minute."""
    problem = town(kind, spots)
    model = build(problem, units(problem), ALL)
    peer = pyvrp.solve(model.data, pyvrp.stop.MaxRuntime(args.peer_seconds), seed=1, collect_stats=False,
                       display=False).best
    theirs, missing = peer.distance() / 100, len(problem.places) - sum(map(len, model.orders(problem, peer)))
    print(f"five teams, 132 points, hours: {kind}; pyvrp as it comes, {args.peer_seconds:g} s: {theirs:.1f} m, "
          f"{missing} not served", flush=True)
    for seed in range(1, args.seeds + 1):
        begun = time.perf_counter()
        found = solve_apart(Problem(problem.places, problem.crews, problem.metres, problem.minutes, seed=seed), 5)
        spent = time.perf_counter() - begun
        days = [timings(problem, crew, order) for crew, order in zip(problem.crews, found.orders, strict=True)]
        ours = sum(day.metres for day in days)
        print(f"  seed {seed}: {ours:12.1f} m in {spent:5.2f} s: {ours / theirs - 1:+.2%}, {len(found.unreached)} not "
              f"served, late: {any(day.is_late for day in days)}", flush=True)


def balanced_teams(spots: NDArray[np.float64]) -> None:
    """Plan five teams whose longest day is to be short, beside pyvrp's shortest plan."""
    metres = haversine(np.vstack([spots, spots.mean(axis=0)]))
    places = tuple(Place(str(node), 10.0) for node in range(len(spots)))
    problem = Problem(places, (Crew(480.0, None, len(spots), len(spots)),) * 5, metres, metres / 75, BALANCED)
    begun = time.perf_counter()
    orders = solve_apart(problem, 5).orders
    days = [timings(problem, crew, order).minutes for crew, order in zip(problem.crews, orders, strict=True)]
    total = sum(problem.length(crew, order) for crew, order in zip(problem.crews, orders, strict=True))
    least = 132 * 10.0 / 5
    print(f"five teams, balanced, in {time.perf_counter() - begun:.2f} s: "
          f"longest day {longest(problem, orders):.1f} min (shortest {min(days):.1f}; visits alone {least:.0f}), "
          f"{total:.0f} m")


if __name__ == "__main__":
    main()
