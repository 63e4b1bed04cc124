"""Print how long distances along streets take: `python -m bench.network [SIDE]`, beside NetworkX and igraph.

A town of SIDE × SIDE crossings (100, so 10,000 nodes) with bent streets, dead ends and one-way streets. All three get
the same spots, placed on the streets once; NetworkX and igraph get a graph in which those places are nodes. Their
times count the search alone; ours also finds the places and adds the way from door to street. The metres are compared.
"""

import sys
import time
from itertools import pairwise
from typing import Any

import igraph
import networkx
import numpy as np
import shapely

from civmap.geo import paths, paths_snaps
from civmap.routes.streets import Ground

SIDE, BLOCK, WEST, SOUTH = 100, 0.0015, 118.7, 32.0
BUDGETS = {132: 0.3, 1000: 5.0}
NETWORKX_SOURCES = 132
CENTIMETRE = 0.01


def main(side: int = SIDE) -> None:
    """Measure and print."""
    chance = np.random.default_rng(6)
    ground = town(side, chance)
    web = ground.web("drive")
    print(f"distances along streets: {web.lines.node_count} nodes, {len(web.lines.start)} edges, a fifth one-way")
    ground.matrices(np.array([[WEST, SOUTH], [WEST + BLOCK, SOUTH]]), "drive")
    for count, budget in BUDGETS.items():
        spots = np.array([WEST, SOUTH]) + chance.random((count, 2)) * side * BLOCK
        begun, worked = time.perf_counter(), time.process_time()
        found = ground.matrices(spots, "drive")
        ours, worked = time.perf_counter() - begun, time.process_time() - worked
        verdict = "kept" if ours <= budget else "MISSED"
        print(f"  {count:>4} × {count:<4} ours {ours:7.3f} s ({worked:.3f} s of processors), "
              f"budget {budget:g} s: {verdict}", flush=True)
        compare(web, spots, found, ours)


def town(side: int, chance: np.random.Generator) -> Ground:
    """Return the streets of an invented town: a fifth one-way, a tenth missing, each with a bend."""
    place = np.array([(WEST + x * BLOCK, SOUTH + y * BLOCK) for y in range(side) for x in range(side)])
    place += chance.normal(0, BLOCK / 8, place.shape)
    number = np.arange(side * side).reshape(side, side)
    ends = np.concatenate([np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
                           np.column_stack([number[:-1].ravel(), number[1:].ravel()])])
    ends = ends[chance.random(len(ends)) > 0.1]
    turned = chance.random(len(ends)) < 0.5
    ends[turned] = ends[turned][:, ::-1]
    middle = (place[ends[:, 0]] + place[ends[:, 1]]) / 2 + chance.normal(0, BLOCK / 20, (len(ends), 2))
    lines = shapely.linestrings(np.stack([place[ends[:, 0]], middle, place[ends[:, 1]]], axis=1))
    everywhere = np.ones(len(ends), bool)
    return Ground(paths.of_lines(lines, ends[:, 0], ends[:, 1]), chance.random(len(ends)) < 0.2,
                  {"walk": everywhere, "cycle": everywhere, "drive": everywhere})


def compare(web: paths.Web, spots: np.ndarray, found: Any, ours: float) -> None:
    """Time the two libraries on the same places and print the ratios, and the greatest difference in metres."""
    places = paths_snaps.snapped(web, spots)
    first = np.unique(places.spot, return_index=True)[1]
    places = places.taken(first[places.rank[first] == 0])
    arcs = split(web, places)
    size = web.lines.node_count
    sources = size + np.arange(len(places))
    access = places.access[:, None] + places.access[None, :]
    kept = found.metres[np.ix_(places.spot, places.spot)]
    sure = ~found.is_air[np.ix_(places.spot, places.spot)] & ~np.eye(len(places), dtype=bool)

    graph = igraph.Graph(n=size + len(places), edges=[(a, b) for a, b, _ in arcs], directed=True)
    weights = [metres for _, _, metres in arcs]
    begun = time.perf_counter()
    other = np.array(graph.distances(source=sources.tolist(), target=sources.tolist(), weights=weights))
    told("igraph", time.perf_counter() - begun, ours, 1.0, other + access, kept, sure)

    net = networkx.DiGraph()
    for a, b, metres in arcs:
        if not net.has_edge(a, b) or net[a][b]["weight"] > metres:
            net.add_edge(a, b, weight=metres)
    some = sources[:NETWORKX_SOURCES]
    begun = time.perf_counter()
    ways = [networkx.single_source_dijkstra_path_length(net, int(node)) for node in some]
    taken = time.perf_counter() - begun
    other = np.array([[way.get(int(node), np.inf) for node in sources] for way in ways])
    told("NetworkX", taken, ours, len(sources) / len(some), other + access[:len(some)], kept[:len(some)],
         sure[:len(some)])


def told(name: str, taken: float, ours: float, scale: float, other: np.ndarray, kept: np.ndarray,
         sure: np.ndarray) -> None:
    """Print one library's time, its ratio to ours, and whether the metres agree."""
    most = float(np.abs(other - kept)[sure & np.isfinite(other)].max())
    guess = "" if scale == 1.0 else f" (from {NETWORKX_SOURCES} of the sources)"
    agrees = "equal to the centimetre" if most <= CENTIMETRE else f"DIFFERS by {most:.3f} m"
    print(f"       {name:<9} {taken * scale:8.3f} s = {taken * scale / ours:6.1f} × ours, {agrees}{guess}", flush=True)


def split(web: paths.Web, places: paths.Places) -> list[tuple[int, int, float]]:
    """Return the arcs of a graph in which every place is a node of its own on its edge, in the order it lies there."""
    lines, arcs = web.lines, []
    on: dict[int, list[tuple[float, int]]] = {}
    for at, (edge, along) in enumerate(zip(places.edge.tolist(), places.along.tolist(), strict=True)):
        on.setdefault(edge, []).append((along, lines.node_count + at))
    for edge in np.flatnonzero(web.is_open).tolist():
        stops = [(0.0, int(lines.start[edge])), *sorted(on.get(edge, [])),
                 (float(lines.length[edge]), int(lines.end[edge]))]
        for (low, a), (high, b) in pairwise(stops):
            at_node = high - low < paths.END_M
            arcs += [(a, b, high - low)] * bool(web.ahead[edge] or at_node)
            arcs += [(b, a, high - low)] * bool(web.back[edge] or at_node)
    return arcs


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
