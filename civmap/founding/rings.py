"""Roundabouts: a small ring becomes one node in its middle, so that streets run through it and cross there."""

from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import shapely

from civmap.founding.strands import Edge
from civmap.founding.values import Street

MAX_RING_M = 420.0


def contract(edges: list[Edge], streets: list[Street], skipped: Counter[str]) -> tuple[list[Edge], float]:
    """Return the edges without small rings, those that touched a ring led to its middle, and the rings' metres."""
    on_ring = [edge for edge in edges if streets[edge.number].is_roundabout]
    if not on_ring:
        return edges, 0.0
    middle: dict[int, tuple[int, np.ndarray]] = {}
    gone: set[int] = set()
    metres = 0.0
    for ring in _rings(on_ring):
        size = sum(edge.length_m for edge in ring)
        if size > MAX_RING_M:
            continue
        outline = shapely.convex_hull(shapely.MultiPoint(np.vstack([edge.line for edge in ring])))
        centre = np.array(outline.centroid.coords[0])
        nodes = {node for edge in ring for node in (edge.start, edge.end)}
        middle.update(dict.fromkeys(nodes, (min(nodes), centre)))
        gone.update(edge.number for edge in ring)
        skipped["roundabout_to_crossing"] += 1
        metres += size
    return [_led(edge, middle) for edge in edges if edge.number not in gone], metres


def _rings(edges: list[Edge]) -> list[list[Edge]]:
    """Group ring edges that share nodes."""
    group: dict[int, int] = {}

    def root(node: int) -> int:
        while group.setdefault(node, node) != node:
            node = group[node]
        return node

    for edge in edges:
        low, high = sorted((root(edge.start), root(edge.end)))
        group[high] = low
    found: dict[int, list[Edge]] = defaultdict(list)
    for edge in edges:
        found[root(edge.start)].append(edge)
    return list(found.values())


def _led(edge: Edge, middle: dict[int, tuple[int, np.ndarray]]) -> Edge:
    if edge.start not in middle and edge.end not in middle:
        return edge
    line, start, end = edge.line, edge.start, edge.end
    if start in middle:
        start, centre = middle[start]
        line = np.vstack([centre, line])
    if end in middle:
        end, centre = middle[end]
        line = np.vstack([line, centre])
    return replace(edge, line=line, start=start, end=end)
