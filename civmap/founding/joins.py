"""Axes of one street joined end to end, across a fork of its carriageways or the width of a crossing."""

from collections import Counter, defaultdict

import numpy as np
from scipy.spatial import cKDTree

from civmap.founding.carriageways import Axis
from civmap.founding.strands import heading_out

GAP_M = 45.0
BEND_DEG = 75.0
SHARED_BEND_DEG = 100.0
End = tuple[int, bool]


def join(axes: list[Axis], is_named: bool) -> list[Axis]:
    """Join axes whose ends meet or, in a named street, face each other within 45 m; each end joins once."""
    if len(axes) < 2:
        return axes
    partner: dict[End, End] = {}
    for _, one, other in sorted(_offers(axes, GAP_M if is_named else 1.0)):
        if one not in partner and other not in partner and not _closes(one, other, partner):
            partner[one], partner[other] = other, one
    return _joined(axes, partner)


def _offers(axes: list[Axis], gap_m: float) -> list[tuple[float, End, End]]:
    """Return (cost, end, end) for ends that may be joined; ends at the same node come first."""
    ends = [(at, far) for at in range(len(axes)) for far in (False, True)]
    places = np.array([axes[at].line[-1 if far else 0] for at, far in ends])
    headings = [heading_out(axes[at].line, far) for at, far in ends]
    crowd: Counter[int] = Counter()
    pairs = cKDTree(places).query_pairs(gap_m, output_type="ndarray")
    for i, j in pairs:
        crowd[int(i)] += 1
        crowd[int(j)] += 1
    offers = []
    for i, j in pairs:
        if ends[i][0] == ends[j][0]:
            continue
        bend = float(np.degrees(np.arccos(np.clip(-headings[i] @ headings[j], -1, 1))))
        gap = float(np.hypot(*(places[i] - places[j])))
        lonely = gap < 1.0 and crowd[int(i)] == crowd[int(j)] == 1
        if bend <= (SHARED_BEND_DEG if lonely else BEND_DEG) and (gap < 1.0 or _faces(places, headings, i, j)):
            offers.append((round(gap + bend / 4, 3), ends[i], ends[j]))
    return offers


def _faces(places: np.ndarray, headings: list[np.ndarray], i: int, j: int) -> bool:
    """Tell whether the gap between two ends goes on in their direction, or is a mere sideways jump at a fork."""
    step = places[j] - places[i]
    return bool(headings[i] @ step <= 8.0 and headings[j] @ step >= -8.0)


def _closes(one: End, other: End, partner: dict[End, End]) -> bool:
    """Tell whether joining two ends would close a ring of axes."""
    at, far = one[0], not one[1]
    while (at, far) in partner:
        at, near = partner[at, far]
        far = not near
        if at == one[0]:
            return True
    return at == other[0]


def _joined(axes: list[Axis], partner: dict[End, End]) -> list[Axis]:
    done: set[int] = set()
    result = []
    starts = [at for at in range(len(axes)) if (at, False) not in partner or (at, True) not in partner]
    for first in starts:
        if first in done:
            continue
        at, far = first, (first, False) in partner
        path = []
        while True:
            done.add(at)
            path.append(turned(axes[at]) if far else axes[at])
            following = partner.get((at, not far))
            if following is None:
                break
            at, far = following[0], following[1]
        result.append(_one(path) if len(path) > 1 else path[0])
    return result


def turned(axis: Axis) -> Axis:
    """Return an axis that runs the other way."""
    size = axis.length_m
    return Axis(axis.line[::-1], [(node, size - at) for node, at in reversed(axis.stations)],
                [(size - high, size - low, edge, width) for low, high, edge, width in reversed(axis.bands)],
                axis.is_merged)


def _one(path: list[Axis]) -> Axis:
    lines, stations, bands, at_m = [path[0].line], list(path[0].stations), list(path[0].bands), path[0].length_m
    for axis in path[1:]:
        at_m += float(np.hypot(*(axis.line[0] - lines[-1][-1])))
        stations += [(node, at_m + at) for node, at in axis.stations]
        bands += [(at_m + low, at_m + high, edge, width) for low, high, edge, width in axis.bands]
        at_m += axis.length_m
        lines.append(axis.line if np.hypot(*(axis.line[0] - lines[-1][-1])) > 1e-6 else axis.line[1:])
    return Axis(np.vstack(lines), stations, bands, any(axis.is_merged for axis in path))


def by_node(axes: list[Axis]) -> dict[int, list[tuple[int, float]]]:
    """Return for every node the axes that pass it, with the metres along each."""
    found: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for number, axis in enumerate(axes):
        for node, at in axis.stations:
            found[node].append((number, at))
    return found
