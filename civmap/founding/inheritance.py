"""Names for pieces that forgot theirs: a bridge within a street, the other carriageway of an avenue."""

from collections import defaultdict
from dataclasses import replace

import numpy as np
import shapely

from civmap.founding.strands import Edge, heading_out

INHERIT_M = 400.0
STRAIGHT_COSINE = -0.75
ACROSS_M = 32.0
ACROSS_SHARE = 0.8
PROBE_M = 15.0
FACING_COSINE = -0.7


def inherited(edges: list[Edge]) -> list[Edge]:
    """Give a nameless piece (a bridge, a forgotten tag) the name of the street that goes straight on at both ends."""
    at_node: dict[int, list[tuple[Edge, bool]]] = defaultdict(list)
    for edge in edges:
        if edge.name:
            at_node[edge.start].append((edge, False))
            at_node[edge.end].append((edge, True))
    result = []
    for edge in edges:
        if not edge.name and edge.length_m <= INHERIT_M:
            names = _going_on(edge, False, at_node) & _going_on(edge, True, at_node)
            edge = replace(edge, name=min(names)) if names else edge
        result.append(edge)
    return result


def _going_on(edge: Edge, far: bool, at_node: dict[int, list[tuple[Edge, bool]]]) -> set[str]:
    heading = heading_out(edge.line, far)
    return {other.name for other, end in at_node.get(edge.end if far else edge.start, ())
            if other.highway == edge.highway and heading @ heading_out(other.line, end) < STRAIGHT_COSINE}


def across(edges: list[Edge]) -> list[Edge]:
    """Give a nameless one-way piece the name of the street whose opposite carriageway runs beside nearly all of it."""
    named = [edge for edge in edges if edge.name and edge.is_oneway]
    if not named:
        return edges
    lines = np.array([shapely.LineString(edge.line) for edge in named], object)
    tree = shapely.STRtree(lines)
    return [replace(edge, name=name) if not edge.name and edge.is_oneway
            and (name := _name_across(edge, named, lines, tree)) else edge for edge in edges]


def _name_across(edge: Edge, named: list[Edge], lines: np.ndarray, tree: shapely.STRtree) -> str:
    mine = shapely.LineString(edge.line)
    stops = np.arange(PROBE_M / 2, max(mine.length, PROBE_M), PROBE_M).clip(max=mine.length)
    probes = shapely.line_interpolate_point(mine, stops)
    probe, other = tree.query(probes, predicate="dwithin", distance=ACROSS_M)
    votes: dict[str, set[int]] = defaultdict(set)
    for at, number in zip(probe.tolist(), other.tolist(), strict=True):
        facing = named[number]
        if facing.highway == edge.highway and _cosine(mine, lines[number], probes[at]) < FACING_COSINE:
            votes[facing.name].add(at)
    best = max(sorted(votes), key=lambda name: len(votes[name]), default="")
    return best if best and len(votes[best]) >= ACROSS_SHARE * len(stops) else ""


def _cosine(one: shapely.LineString, other: shapely.LineString, place: shapely.Point) -> float:
    """Return the cosine between the directions of two lines beside a place."""
    ways = []
    for line in (one, other):
        at = line.project(place)
        ahead, behind = line.interpolate(min(at + 5.0, line.length)), line.interpolate(max(at - 5.0, 0.0))
        ways.append(np.array([ahead.x - behind.x, ahead.y - behind.y]))
    size = float(np.hypot(*ways[0]) * np.hypot(*ways[1]))
    return float(ways[0] @ ways[1]) / size if size else 0.0
