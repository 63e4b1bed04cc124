"""Shortest paths from a place on a street to many others, compiled by Numba; imported on first use only.

Arcs of node u are `first[u]:first[u + 1]`, sorted by node. A place on an edge has up to two ways out (nodes with the
metres to them) and up to two ways in; metres are infinite where a way is closed. Every function lives in this file:
Numba looks for changes in the file of the outermost function alone.
"""

import numpy as np
from numba import njit

ARITY = 4


@njit(cache=True, nogil=True)
def _push(keys: np.ndarray, nodes: np.ndarray, size: int, key: float, node: int) -> int:
    """Put a node on the heap and return the heap's size."""
    at = size
    while at > 0:
        above = (at - 1) // ARITY
        if keys[above] <= key:
            break
        keys[at], nodes[at] = keys[above], nodes[above]
        at = above
    keys[at], nodes[at] = key, node
    return size + 1


@njit(cache=True, nogil=True)
def _drop(keys: np.ndarray, nodes: np.ndarray, size: int) -> int:
    """Take the least node off the heap and return the heap's size."""
    size -= 1
    key, node, at = keys[size], nodes[size], 0
    while True:
        low = at * ARITY + 1
        if low >= size:
            break
        least = low
        for other in range(low + 1, min(low + ARITY, size)):
            if keys[other] < keys[least]:
                least = other
        if keys[least] >= key:
            break
        keys[at], nodes[at] = keys[least], nodes[least]
        at = least
    keys[at], nodes[at] = key, node
    return size


@njit(cache=True, nogil=True)
def _sweep(first: np.ndarray, head: np.ndarray, metres: np.ndarray, out_node: np.ndarray, out_m: np.ndarray,
           wanted: np.ndarray, left: int, reached: np.ndarray, via: np.ndarray, keys: np.ndarray,
           nodes: np.ndarray) -> None:
    """Fill `reached` (metres to every node, as far as needed) and `via` (the arc by which; -1, -2: a way out)."""
    reached[:] = np.inf
    size = 0
    for way in range(2):
        if out_m[way] < reached[out_node[way]]:
            reached[out_node[way]], via[out_node[way]] = out_m[way], -1 - way
            size = _push(keys, nodes, size, out_m[way], out_node[way])
    while size > 0 and left > 0:
        here, node = keys[0], nodes[0]
        size = _drop(keys, nodes, size)
        if here > reached[node]:
            continue
        if wanted[node]:
            left -= 1
        for arc in range(first[node], first[node + 1]):
            there = here + metres[arc]
            if there < reached[head[arc]]:
                reached[head[arc]], via[head[arc]] = there, arc
                size = _push(keys, nodes, size, there, head[arc])


@njit(cache=True, nogil=True)
def _straight(edge_from: int, edge_to: int, at_from: float, at_to: float, ahead: bool, back: bool) -> float:
    """Return the metres along one edge without leaving it; infinite where it is not one, or closed that way."""
    if edge_from != edge_to:
        return np.inf
    if at_from == at_to:
        return 0.0
    if at_to > at_from:
        return at_to - at_from if ahead else np.inf
    return at_from - at_to if back else np.inf


@njit(cache=True, nogil=True)
def table(first: np.ndarray, head: np.ndarray, metres: np.ndarray, ahead: np.ndarray, back: np.ndarray,
          edge: np.ndarray, along: np.ndarray, out_node: np.ndarray, out_m: np.ndarray, in_node: np.ndarray,
          in_m: np.ndarray) -> np.ndarray:
    """Return the metres from every place to every place, infinite where no way leads."""
    count, size = len(edge), len(first) - 1
    found = np.empty((count, count))
    wanted, left = np.zeros(size, np.bool_), 0
    for place in range(count):
        for way in range(2):
            if in_m[place, way] < np.inf and not wanted[in_node[place, way]]:
                wanted[in_node[place, way]] = True
                left += 1
    reached, via = np.empty(size), np.empty(size, np.int64)
    keys, nodes = np.empty(len(head) + 3), np.empty(len(head) + 3, np.int64)
    for place in range(count):
        _sweep(first, head, metres, out_node[place], out_m[place], wanted, left, reached, via, keys, nodes)
        for other in range(count):
            best = _straight(edge[place], edge[other], along[place], along[other], ahead[edge[place]],
                             back[edge[place]])
            for way in range(2):
                best = min(best, reached[in_node[other, way]] + in_m[other, way])
            found[place, other] = best
    return found


@njit(cache=True, nogil=True)
def trace(first: np.ndarray, head: np.ndarray, metres: np.ndarray, tail: np.ndarray, out_node: np.ndarray,
          out_m: np.ndarray, in_node: np.ndarray, in_m: np.ndarray) -> tuple[float, int, int, np.ndarray]:
    """Return the metres from one place to another over nodes, the way out, the way in and the arcs between."""
    size = len(first) - 1
    wanted, left = np.zeros(size, np.bool_), 0
    for way in range(2):
        if in_m[way] < np.inf and not wanted[in_node[way]]:
            wanted[in_node[way]] = True
            left += 1
    reached, via = np.empty(size), np.empty(size, np.int64)
    keys, nodes = np.empty(len(head) + 3), np.empty(len(head) + 3, np.int64)
    _sweep(first, head, metres, out_node, out_m, wanted, left, reached, via, keys, nodes)
    enter = 0 if reached[in_node[0]] + in_m[0] <= reached[in_node[1]] + in_m[1] else 1
    total = reached[in_node[enter]] + in_m[enter]
    if total == np.inf:
        return total, -1, -1, np.empty(0, np.int64)
    count, node = 0, in_node[enter]
    while via[node] >= 0:
        node = tail[via[node]]
        count += 1
    arcs, leave, node = np.empty(count, np.int64), -1 - via[node], in_node[enter]
    for at in range(count - 1, -1, -1):
        arcs[at] = via[node]
        node = tail[via[node]]
    return total, leave, enter, arcs
