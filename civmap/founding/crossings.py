"""Where an axis is cut: at streets that cross it, and where its class changes."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from civmap.dictionaries import osm_roads
from civmap.founding.carriageways import Axis
from civmap.founding.joins import by_node

SAME_STREET_M = 80.0
CLUSTER_M = 25.0
END_M = 25.0
CLASS_RUN_M = 80.0
MAIN_RANK = 5
"""Nameless streets of tertiary rank and above cut a named street; lesser nameless ones do not."""


@dataclass(slots=True)
class Road:
    """A street as the office speaks of it: an axis with the name and rank its edges give it."""

    axis: Axis
    name: str
    rank: int


@dataclass(slots=True)
class Cut:
    """A place on an axis: metres along, and the numbers of the roads that cross there."""

    at_m: float
    roads: list[int]


def road_of(axis: Axis) -> Road:
    """Return the axis with the name and rank that hold over most of its length."""
    names: Counter[str] = Counter()
    ranks: Counter[int] = Counter()
    for low, high, edge, _ in axis.bands:
        names[edge.name] += round(100 * (high - low))
        ranks[edge.rank] += round(100 * (high - low))
    return Road(axis, max(sorted(names), key=names.__getitem__), max(sorted(ranks), key=ranks.__getitem__))


def cuts(roads: list[Road], linked: dict[int, set[int]]) -> list[list[Cut]]:
    """Return for every road where others cut it, in order along it, its two ends always among them.

    `linked` gives for a node the nodes that a turning lane or ramp joins it to.
    """
    passing = by_node([road.axis for road in roads])
    marks: list[dict[int, list[float]]] = [defaultdict(list) for _ in roads]
    for here in passing.values():
        for mine, at in here:
            for other, _ in here:
                if other != mine and (_counts(roads[mine], roads[other]) or _is_end(roads[mine].axis, at)):
                    marks[mine][other].append(at)
    _add_linked(marks, roads, passing, linked)
    return [_clustered(road, mark) for road, mark in zip(roads, marks, strict=True)]


def _counts(mine: Road, other: Road) -> bool:
    """Tell whether a street cuts another: it has another name, or it is nameless and not lesser."""
    if other.name:
        return other.name != mine.name
    return other.rank <= MAIN_RANK if mine.name else other.rank <= max(mine.rank, MAIN_RANK)


def _is_end(axis: Axis, at: float) -> bool:
    """Tell whether a street ends there: its end is called after whatever it meets."""
    return at < 1.0 or at > axis.length_m - 1.0


def end_nodes(axis: Axis) -> list[int]:
    """Return the nodes at the two ends of an axis; fewer where an end lies between nodes."""
    size = axis.length_m
    ends = (next((node for node, at in axis.stations if at < 1.0), None),
            next((node for node, at in axis.stations if at > size - 1.0), None))
    return [node for node in ends if node is not None]


def _add_linked(marks: list[dict[int, list[float]]], roads: list[Road], passing: dict[int, list[tuple[int, float]]],
                linked: dict[int, set[int]]) -> None:
    """Count roads that meet only through a ramp or turning lane as crossing."""
    for node, others in linked.items():
        for mine, at in passing.get(node, ()):
            for far in others:
                for other, _ in passing.get(far, ()):
                    if other != mine and other not in marks[mine] and _counts(roads[mine], roads[other]):
                        marks[mine][other].append(at)


def _clustered(road: Road, marks: dict[int, list[float]]) -> list[Cut]:
    """Draw the two carriageways of a crossing street together, then crossings a few steps apart."""
    single = [Cut(sum(group) / len(group), [other]) for other, places in marks.items()
              for group in _groups(sorted(places), SAME_STREET_M)]
    single.sort(key=lambda cut: (cut.at_m, cut.roads))
    single += [Cut(at, []) for at in _class_changes(road.axis)]
    single.sort(key=lambda cut: cut.at_m)
    size = road.axis.length_m
    result = [Cut(0.0, [])]
    for cut in single:
        last = result[-1]
        reach = END_M if len(result) == 1 else CLUSTER_M
        if cut.at_m - last.at_m < (reach if cut.roads or not last.roads else CLASS_RUN_M):
            if not last.roads and len(result) > 1 and cut.roads:
                last.at_m = cut.at_m
            last.roads = sorted({*last.roads, *cut.roads})
        else:
            result.append(cut)
    return _ended(result, size)


def _ended(result: list[Cut], size: float) -> list[Cut]:
    """Close the list with the far end, which takes the crossings just before it."""
    last = Cut(size, [])
    while len(result) > 1 and size - result[-1].at_m < END_M:
        last.roads = sorted({*last.roads, *result.pop().roads})
    return [*result, last]


def _groups(places: list[float], reach: float) -> list[list[float]]:
    groups: list[list[float]] = []
    for at in places:
        if groups and at - groups[-1][-1] <= reach:
            groups[-1].append(at)
        else:
            groups.append([at])
    return groups


def _class_changes(axis: Axis) -> list[float]:
    """Return where the class of the street changes for longer than 80 m on both sides."""
    table = osm_roads()
    spans: list[list] = []
    for low, high, edge, _ in sorted(axis.bands, key=lambda band: band[0]):
        class_ = table[edge.highway].road_class
        if spans and (spans[-1][2] == class_ or high - low < CLASS_RUN_M):
            spans[-1][1] = high
        else:
            spans.append([low, high, class_])
    spans = [span for span in spans if span[1] - span[0] >= CLASS_RUN_M]
    return [after[0] for before, after in pairwise(spans) if before[2] != after[2]]


def part(axis: Axis, low: float, high: float) -> np.ndarray:
    """Return the points (n, 2) of an axis between two distances along it."""
    walked = np.concatenate([[0.0], np.hypot(*np.diff(axis.line, axis=0).T).cumsum()])
    inner = axis.line[(walked > low + 0.01) & (walked < high - 0.01)]
    ends = [np.column_stack([np.interp([at], walked, axis.line[:, column]) for column in (0, 1)]) for at in (low, high)]
    return np.vstack([ends[0], inner, ends[1]])
