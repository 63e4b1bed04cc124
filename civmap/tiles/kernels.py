"""The inner loops of tiles, compiled by Numba and kept compiled beside this file (or in the user's cache folder).

Imported on first use only: a server that draws no tiles carries neither the compiler nor what it compiled.
"""

import numpy as np
from numba import njit

GEOMETRY, MOVE_ONE, ID, TAGS, TYPE, FEATURE = 0x22, 9, 0x08, 0x12, 0x18, 0x12
VALUE, TEXT = 0x22, 0x0A


@njit(cache=True, inline="always")
def _width(value: int) -> int:
    """Return how many bytes a whole number ≥ 0 takes."""
    count = 1
    while value > 0x7F:
        value >>= 7
        count += 1
    return count


@njit(cache=True, inline="always")
def _put(out: np.ndarray, at: int, value: int) -> int:
    """Write a whole number ≥ 0; return where the next byte goes."""
    while value > 0x7F:
        out[at] = value & 0x7F | 0x80
        value >>= 7
        at += 1
    out[at] = value
    return at + 1


@njit(cache=True, inline="always")
def _folded(value: int) -> int:
    """Return a signed number folded to an unsigned one: 0, -1, 1, -2 …"""
    return (value << 1) ^ (value >> 63)


@njit(cache=True)
def features(ids: np.ndarray, kind: int, start: np.ndarray, values: np.ndarray, begins: np.ndarray,
             lengths: np.ndarray, indexes: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Return the bytes of a layer's features.

    `start` (n, 2) are first vertices in grid steps; row i's shape goes on with `values[begins[i]:][:lengths[i]]`;
    `indexes` (keys, n) are the places of its values, used where `present` (keys, n) is true.
    """
    count, keys = len(ids), len(indexes)
    tags, shapes, bodies = np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count, np.int64)
    total = 0
    for row in range(count):
        pairs = 0
        for key in range(keys):
            if present[key, row]:
                pairs += _width(key) + _width(indexes[key, row])
        shape = 1 + _width(_folded(start[row, 0])) + _width(_folded(start[row, 1])) + lengths[row]
        tags[row], shapes[row] = pairs, shape
        bodies[row] = 5 + _width(ids[row]) + _width(pairs) + pairs + _width(shape) + shape
        total += 1 + _width(bodies[row]) + bodies[row]
    out, at = np.empty(total, np.uint8), 0
    for row in range(count):
        out[at] = FEATURE
        at = _put(out, at + 1, bodies[row])
        out[at] = ID
        at = _put(out, at + 1, ids[row])
        out[at] = TAGS
        at = _put(out, at + 1, tags[row])
        for key in range(keys):
            if present[key, row]:
                at = _put(out, _put(out, at, key), indexes[key, row])
        out[at], out[at + 1], out[at + 2] = TYPE, kind, GEOMETRY
        at = _put(out, at + 3, shapes[row])
        out[at] = MOVE_ONE
        at = _put(out, _put(out, at + 1, _folded(start[row, 0])), _folded(start[row, 1]))
        for number in range(begins[row], begins[row] + lengths[row]):
            out[at] = values[number]
            at += 1
    return out


@njit(cache=True)
def text_values(values: np.ndarray, begins: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return texts (UTF-8 bytes in runs of `values`) as values of a layer, one behind the other."""
    total = 0
    for length in lengths:
        body = 1 + _width(length) + length
        total += 1 + _width(body) + body
    out, at = np.empty(total, np.uint8), 0
    for row in range(len(lengths)):
        length = lengths[row]
        out[at] = VALUE
        at = _put(out, at + 1, 1 + _width(length) + length)
        out[at] = TEXT
        at = _put(out, at + 1, length)
        for number in range(begins[row], begins[row] + length):
            out[at] = values[number]
            at += 1
    return out


def warm() -> None:
    """Compile now what the first tile would wait for; a few milliseconds where it is compiled already."""
    one, none, nowhere = np.ones(1, np.int64), np.zeros(0, np.uint8), np.zeros(1, np.int64)
    features(one, 1, np.zeros((1, 2), np.int64), none, nowhere, np.zeros(1, np.int32), np.zeros((1, 1), np.int64),
             np.ones((1, 1), np.bool_))
    text_values(none, nowhere, np.zeros(1, np.int32))
