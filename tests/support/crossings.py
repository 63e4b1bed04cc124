"""Metres along streets by NetworkX, with nothing of ours but the plane: each spot is a node of its own on a street."""

from itertools import pairwise

import networkx
import numpy as np
import shapely

from civmap.geo.measure import GEOD, NearPlane


def metres(lines, ends, ahead, back, spots):
    """Return the metres (n, n) from and to each spot's nearest open street, the ways to the doors counted."""
    graph, on, access = networkx.MultiDiGraph(), {}, []
    lines = np.asarray(lines, dtype=object)
    for number, spot in enumerate(spots):
        flat = NearPlane(*spot.tolist()).to_metres(lines)
        off = np.where(ahead | back, shapely.distance(flat, shapely.Point(0, 0)), np.inf)
        at = int(np.argmin(off))
        share = shapely.line_locate_point(flat[at], shapely.Point(0, 0)) / flat[at].length
        on.setdefault(at, []).append((share, ("spot", number)))
        access.append(off[at])
    for at, (line, (a, b)) in enumerate(zip(lines, ends, strict=True)):
        size = GEOD.geometry_length(line)
        for (low, one), (high, other) in pairwise([(0.0, a), *sorted(on.get(at, [])), (1.0, b)]):
            at_crossing = (high - low) * size < 1e-3
            if ahead[at] or at_crossing:
                graph.add_edge(one, other, weight=(high - low) * size)
            if back[at] or at_crossing:
                graph.add_edge(other, one, weight=(high - low) * size)
    found = np.full((len(spots), len(spots)), np.inf)
    for number in range(len(spots)):
        way = networkx.single_source_dijkstra_path_length(graph, ("spot", number))
        found[number] = [way.get(("spot", other), np.inf) for other in range(len(spots))]
    found += np.add.outer(access, access)
    np.fill_diagonal(found, 0.0)
    return found
