"""A street network as arrays: lines cut at the nodes they share, edges, the sparse matrix that shortest paths need."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

MIN_EDGE_M = 1e-3
"""A sparse graph reads zero as "no edge": an edge of no length keeps a millimetre."""


@dataclass(frozen=True)
class Network:
    """Edges (e,) between nodes 0 … n-1; `length_m` geodesic; a mode's array tells where it may go at all."""

    node_count: int
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    length_m: NDArray[np.float64]
    is_oneway: NDArray[np.bool_]

    def matrix(self, open_to: NDArray[np.bool_] | None = None, *, obeys_oneway: bool = True) -> Any:
        """Return the (n, n) CSR matrix of metres for `scipy.sparse.csgraph`; parallel edges keep the shortest.

        `open_to` (e,) leaves out edges closed to the traveller; on foot pass `obeys_oneway=False`.
        """
        from scipy.sparse import csr_matrix

        use = np.ones(len(self.start), bool) if open_to is None else np.asarray(open_to, bool)
        back = use & ~self.is_oneway if obeys_oneway else use
        rows = np.concatenate([self.start[use], self.end[back]])
        cols = np.concatenate([self.end[use], self.start[back]])
        metres = np.maximum(np.concatenate([self.length_m[use], self.length_m[back]]), MIN_EDGE_M)
        order = np.lexsort((metres, cols, rows))
        rows, cols, metres = rows[order], cols[order], metres[order]
        first = np.ones(len(rows), bool)
        first[1:] = (rows[1:] != rows[:-1]) | (cols[1:] != cols[:-1])
        size = (self.node_count, self.node_count)
        return csr_matrix((metres[first], (rows[first], cols[first])), shape=size)

    def pieces(self) -> tuple[int, NDArray[np.int32]]:
        """Return how many unconnected pieces there are and the piece of every node, ignoring directions."""
        from scipy.sparse.csgraph import connected_components

        return connected_components(self.matrix(obeys_oneway=False), directed=False)


def of_edges(starts: Sequence[Hashable], ends: Sequence[Hashable], length_m: Sequence[float],
             is_oneway: Sequence[bool]) -> tuple[Network, list[Hashable]]:
    """Build a network from edges that name their nodes by any key; return it and the keys by node number."""
    number: dict[Hashable, int] = {}
    start = np.fromiter((number.setdefault(key, len(number)) for key in starts), np.int64, len(starts))
    end = np.fromiter((number.setdefault(key, len(number)) for key in ends), np.int64, len(ends))
    network = Network(len(number), start, end, np.asarray(length_m, float), np.asarray(is_oneway, bool))
    return network, list(number)


def breaks(lines: Sequence[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
    """Return for every line of node ids the positions at which it must be cut: its ends and each shared node.

    A node is shared when it occurs twice or more, in several lines or in one that crosses itself.
    """
    if not lines:
        return []
    flat = np.concatenate(lines)
    _, inverse, count = np.unique(flat, return_inverse=True, return_counts=True)
    shared = count[inverse] > 1
    offsets = np.cumsum([0, *(len(line) for line in lines)])
    shared[offsets[:-1]] = True
    shared[offsets[1:] - 1] = True
    return [np.flatnonzero(shared[low:high]) for low, high in pairwise(offsets)]
