"""Joining pieces that are too small with a neighbour: over the longest common edge, over a lane before a main road.

Pure. Pieces are numbers; what joins them are edges with a length and a rank of what runs along it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

FREE = {0: 0.08, 1: 0.25, 2: 0.6, 3: 1.0, 4: 1.3}
"""How freely pieces are joined over an edge of a rank: 0 main road or river … 3 lane, 4 nothing at all."""
LEAST, MOST = 0.6, 1.35
CRUMB, CROWDED = 0.25, 1.8
LEAST_EDGE_M = 1.0


@dataclass(slots=True)
class Pieces:
    """Pieces with their weights and common edges (metres, freely weighed); `joined` tells where each one went."""

    weight: dict[int, float]
    edges: dict[int, dict[int, float]]
    is_fixed: set[int]
    joined: dict[int, int] = field(default_factory=dict)

    def join(self, small: int, other: int) -> None:
        """Let one piece become part of another one."""
        self.weight[other] += self.weight.pop(small)
        self.joined[small] = other
        for near, length in self.edges.pop(small).items():
            del self.edges[near][small]
            if near != other:
                both = self.edges[other].get(near, 0.0) + length
                self.edges[other][near] = self.edges[near][other] = both

    def home(self, piece: int) -> int:
        """Return the piece that one has become part of."""
        while piece in self.joined:
            piece = self.joined[piece]
        return piece

    def beside(self, piece: int) -> list[tuple[int, float]]:
        """Return the neighbours with which a piece may be joined, and how freely."""
        return [(near, length) for near, length in self.edges[piece].items() if near not in self.is_fixed]


def of_edges(weight: np.ndarray, pairs: np.ndarray, lengths: np.ndarray, ranks: np.ndarray,
             fixed: set[int]) -> Pieces:
    """Return pieces 0 … n-1 from edges (pairs of pieces, metres, rank of what runs along)."""
    edges: dict[int, dict[int, float]] = {piece: {} for piece in range(len(weight))}
    free = lengths * np.array([FREE[int(rank)] for rank in ranks])
    for (one, other), length in zip(pairs.tolist(), free.tolist(), strict=True):
        for here, there in ((one, other), (other, one)):
            edges[here][there] = edges[here].get(there, 0.0) + length
    return Pieces(dict(enumerate(weight.tolist())), edges, fixed)


def even(pieces: Pieces, wished: float) -> None:
    """Join what is below the wished weight, the lightest first, as long as a neighbour stays within bounds."""
    for limit, most in ((LEAST, MOST), (LEAST, CROWDED), (CRUMB, np.inf)):
        _joined_below(pieces, limit * wished, lambda sum_of, most=most: sum_of <= most * wished)


def until(pieces: Pieces, count: int) -> None:
    """Join the lightest pieces until there are so many."""
    while len(pieces.weight) > count:
        for small in sorted(set(pieces.weight) - pieces.is_fixed, key=lambda one: (pieces.weight[one], one)):
            if near := pieces.beside(small):
                lightest = min(near, key=lambda one: (pieces.weight[one[0]] / max(one[1], 0.1) ** 0.25, one[0]))
                pieces.join(small, lightest[0])
                break
        else:
            return


def _joined_below(pieces: Pieces, limit: float, fits: Callable[[float], bool]) -> None:
    stuck: set[int] = set()
    while True:
        small = [(weight, one) for one, weight in pieces.weight.items()
                 if weight < limit and one not in stuck and one not in pieces.is_fixed]
        if not small:
            return
        weight, one = min(small)
        near = [(length, -other, other) for other, length in pieces.beside(one)
                if fits(weight + pieces.weight[other])]
        if not near:
            stuck.add(one)
            continue
        pieces.join(one, max(near)[2])
