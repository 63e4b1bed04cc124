"""Shortest paths from a place on a street to many others, compiled by Numba; imported on first use only.

Arcs of node u are `first[u]:first[u + 1]`; the last node stands for the place from which one sets out, and its two arcs
are the ways to the ends of its edge. Nodes wait in buckets of equal width by their metres (Meyer and Sanders 2003):
those of one bucket are taken in any order, and again where a shorter way to them is found, so the metres are exact for
any width, and no heap is kept. All lies in one file: Numba sees changes in that of the outermost function alone.
"""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def sweep(first: np.ndarray, head: np.ndarray, metres: np.ndarray, pace: float, due: np.ndarray, left: int,
          reached: np.ndarray, via: np.ndarray, slot: np.ndarray, entries: np.ndarray, tops: np.ndarray) -> None:
    """Fill `reached` (metres to every node, as far as the `left` nodes need that are due) and `via`, the arc by which.

    `pace` is buckets a metre, `tops` their first entries, a power of two of them that holds the longest arc. An arc has
    two live entries at most, for its tail is taken in one bucket only: 2 × arcs + 1 `entries` (node, next) are room.
    """
    reached[:], slot[:], tops[:] = np.inf, -1, -1
    bucket, waiting, mask, fresh, spare = 0, 1, len(tops) - 1, 1, -1
    start = len(first) - 2
    reached[start], slot[start], tops[0], entries[0, 0], entries[0, 1] = 0.0, 0, 0, start, -1
    while waiting > 0 and left > 0:
        place = bucket & mask
        while tops[place] >= 0:
            entry, waiting = tops[place], waiting - 1
            node, tops[place] = entries[entry, 0], entries[entry, 1]
            entries[entry, 1], spare = spare, entry
            if slot[node] != bucket:
                continue
            slot[node], left, due[node], here = -1, left - due[node], 0, reached[node]
            for arc in range(first[node], first[node + 1]):
                there, other = here + metres[arc], head[arc]
                if there < reached[other]:
                    reached[other], via[other], at = there, arc, int(there * pace)
                    if slot[other] != at:
                        entry, waiting = spare, waiting + 1
                        if entry < 0:
                            entry, fresh = fresh, fresh + 1
                        else:
                            spare = entries[entry, 1]
                        slot[other], entries[entry, 0], entries[entry, 1] = at, other, tops[at & mask]
                        tops[at & mask] = entry
        bucket += 1


@njit(cache=True, nogil=True)
def table(first: np.ndarray, head: np.ndarray, metres: np.ndarray, pace: float, buckets: int, ahead: np.ndarray,
          back: np.ndarray, edge: np.ndarray, along: np.ndarray, ends: np.ndarray, out_m: np.ndarray,
          in_m: np.ndarray, found: np.ndarray, low: int, high: int) -> None:
    """Fill rows low … high-1 of `found`: the metres from these places to every place, infinite where no way leads."""
    size = len(first) - 1
    wanted, due, head, metres = np.zeros(size, np.int8), np.empty(size, np.int8), head.copy(), metres.copy()
    for place in range(len(edge)):
        for way in range(2):
            if in_m[place, way] < np.inf:
                wanted[ends[place, way]] = 1
    left = wanted.sum()
    reached, via, slot = np.empty(size), np.empty(size, np.int32), np.empty(size, np.int32)
    entries, tops = np.empty((2 * len(head) + 1, 2), np.int32), np.empty(buckets, np.int32)
    for place in range(low, high):
        due[:], head[-2:], metres[-2:] = wanted, ends[place], out_m[place]
        sweep(first, head, metres, pace, due, left, reached, via, slot, entries, tops)
        for other in range(len(edge)):
            best = min(reached[ends[other, 0]] + in_m[other, 0], reached[ends[other, 1]] + in_m[other, 1])
            if edge[place] == edge[other]:
                step = along[other] - along[place]
                if step == 0 or (step > 0 and ahead[edge[place]]) or (step < 0 and back[edge[place]]):
                    best = min(best, abs(step))
            found[place, other] = best
