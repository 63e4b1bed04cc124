"""The parts of streets outside the frame: ways lead over them and back into the city, nothing else is made of them."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from civmap.founding.frames import clip
from civmap.founding.values import Frame, Way

HIGHWAY = "road"
"""What a street outside is kept as: of a class of which nothing is counted, and without its name."""
FIRST_MADE = -(1 << 50)
"""Nodes that an extract does not know, at the frame's edge or on a bridge, are numbered from here downwards."""
Place = tuple[int, np.ndarray]


def ends_at_frame(pieces: Iterable[tuple[Any, Any, np.ndarray, np.ndarray]]) -> dict[tuple[float, ...], int]:
    """Return the nodes that were made where the frame cuts streets, by their places."""
    return {tuple(places[at]): int(nodes[at]) for _, _, nodes, places in pieces for at in (0, -1)
            if nodes[at] <= FIRST_MADE}


def runs(way: Way, frame: Frame, ends: dict[tuple[float, ...], int]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the parts of a way outside the frame whose nodes are known; they begin and end at the nodes of its edge."""
    run: list[Place] = []
    for before, after in _steps(way, frame, ends):
        if not run or run[-1][0] != before[0]:
            if run:
                yield _joined(run)
            run = [before]
        run.append(after)
    if run:
        yield _joined(run)


def _joined(run: list[Place]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([node for node, _ in run], np.int64), np.array([place for _, place in run])


def _steps(way: Way, frame: Frame, ends: dict[tuple[float, ...], int]) -> Iterator[tuple[Place, Place]]:
    known = ~np.isnan(way.lonlat[:, 0])
    held = known & (way.lonlat >= frame[:2]).all(axis=1) & (way.lonlat <= frame[2:]).all(axis=1)
    for at in np.flatnonzero(known[1:] & known[:-1] & ~(held[1:] & held[:-1])) + 1:
        before, after = ((int(way.nodes[one]), way.lonlat[one]) for one in (at - 1, at))
        within = clip(before[1], after[1], frame)
        if within is None:
            yield before, after
            continue
        first, last = ((ends.get(tuple(place)), place) for place in within)
        if not held[at - 1] and first[0] is not None:
            yield before, (first[0], first[1])
        if not held[at] and last[0] is not None:
            yield (last[0], last[1]), after
