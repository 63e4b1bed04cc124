"""Edges of one street chained into strands: the longest natural runs, straight on at every node."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

REACH_M = 15.0
STRAIGHT_DEG = 60.0
BENT_DEG = 135.0


@dataclass(frozen=True, slots=True)
class Edge:
    """A street edge in metres: `line` (n, 2), its nodes (rings already drawn together), and what it is."""

    number: int
    name: str
    highway: str
    rank: int
    is_oneway: bool
    width_m: float
    start: int
    end: int
    line: np.ndarray
    length_m: float


@dataclass(slots=True)
class Strand:
    """Chained edges: `line` (n, 2) metres; `stations` (node, metres along); `bands` (from, to, edge)."""

    line: np.ndarray
    stations: list[tuple[int, float]]
    bands: list[tuple[float, float, Edge]]
    is_oneway: bool

    @property
    def length_m(self) -> float:
        """Return the metres along the strand."""
        return self.bands[-1][1]


End = tuple[int, bool]
"""An end of an edge: its place in the list, and whether it is the far end."""


def chain(edges: list[Edge]) -> list[Strand]:
    """Chain the edges of one street (all one-way, or all two-way) into strands, deterministically."""
    partner = _pairs(edges)
    taken = np.zeros(len(edges), bool)
    strands = []
    for first in [*_loose(edges, partner), *range(len(edges))]:
        if taken[first]:
            continue
        strands.append(_strand(edges, _walk(first, partner, taken)))
    return strands


def _loose(edges: list[Edge], partner: dict[End, End]) -> list[int]:
    """Return the edges a walk should start from: those whose near end (or far end, two-way) goes on nowhere."""
    return [at for at, edge in enumerate(edges)
            if (at, False) not in partner or (not edge.is_oneway and (at, True) not in partner)]


def _walk(first: int, partner: dict[End, End], taken: np.ndarray) -> list[tuple[int, bool]]:
    """Follow the pairs from an edge; return (edge, is reversed) in order of travel."""
    at, reverse = first, (first, False) in partner and (first, True) not in partner
    path = []
    while not taken[at]:
        taken[at] = True
        path.append((at, reverse))
        following = partner.get((at, not reverse))
        if following is None:
            break
        at, reverse = following[0], following[1]
    return path


def _pairs(edges: list[Edge]) -> dict[End, End]:
    """Pair the ends that meet at each node, straightest first."""
    meeting: dict[int, list[End]] = defaultdict(list)
    for at, edge in enumerate(edges):
        meeting[edge.start].append((at, False))
        meeting[edge.end].append((at, True))
    partner: dict[End, End] = {}
    for ends in meeting.values():
        is_turn = len(ends) == 2 and not edges[ends[0][0]].is_oneway
        limit = BENT_DEG if is_turn else STRAIGHT_DEG
        for bend, one, other in sorted(_bends(edges, ends)):
            if bend <= limit and one not in partner and other not in partner:
                partner[one], partner[other] = other, one
    return partner


def _bends(edges: list[Edge], ends: list[End]) -> list[tuple[float, End, End]]:
    headings = [heading_out(edges[at].line, far) for at, far in ends]
    found = []
    for i, one in enumerate(ends):
        for j in range(i + 1, len(ends)):
            other = ends[j]
            if one[0] == other[0] or (edges[one[0]].is_oneway and one[1] == other[1]):
                continue
            cosine = float(np.clip(-headings[i] @ headings[j], -1.0, 1.0))
            found.append((round(float(np.degrees(np.arccos(cosine))), 3), one, other))
    return found


def heading_out(line: np.ndarray, far: bool) -> np.ndarray:
    """Return the unit vector that leads from an end of a line into the line, over its first 15 m."""
    points = line[::-1] if far else line
    walked = np.hypot(*np.diff(points, axis=0).T).cumsum()
    reach = min(int(np.searchsorted(walked, REACH_M)), len(walked) - 1)
    step = points[reach + 1] - points[0]
    size = float(np.hypot(*step))
    return step / size if size else np.array([1.0, 0.0])


def _strand(edges: list[Edge], path: list[tuple[int, bool]]) -> Strand:
    lines, stations, bands, at_m = [], [], [], 0.0
    for number, reverse in path:
        edge = edges[number]
        line = edge.line[::-1] if reverse else edge.line
        stations.append((edge.end if reverse else edge.start, at_m))
        size = float(np.hypot(*np.diff(line, axis=0).T).sum())
        bands.append((at_m, at_m + size, edge))
        at_m += size
        lines.append(line if not lines else line[1:])
    last, reverse = path[-1]
    stations.append((edges[last].start if reverse else edges[last].end, at_m))
    return Strand(np.vstack(lines), stations, bands, edges[path[0][0]].is_oneway)
