"""Classes of a legend: breaks b0 … bn out of values, and how many values fall into each.

Pure. A class holds its lower edge, the last one both; what lies beyond the ends belongs to the outer classes. Where
there are fewer different values than classes, each value is a class of its own; equal values are never torn apart.
"""

from collections.abc import Sequence

import numpy as np

MOST = 9
CANDIDATES = 300
"""Among so many places the breaks are looked for: finer than a legend can be read."""


def quantile(values: np.ndarray, classes: int) -> list[float]:
    """Return breaks between which lie about equally many values; none for no values."""
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) <= classes:
        return _each(distinct)
    sums = np.concatenate([np.zeros(1, int), np.cumsum(counts)])
    steps = np.searchsorted(sums, np.linspace(0, sums[-1], CANDIDATES), side="left")
    starts = _most_even(np.unique(np.concatenate([steps, np.arange(len(sums)) if len(sums) < CANDIDATES else steps])),
                        sums, classes)
    return [*distinct[starts].tolist(), float(distinct[-1])]


def _most_even(edges: np.ndarray, sums: np.ndarray, classes: int) -> np.ndarray:
    """Return where classes begin so that the squares of their sizes add up to the least."""
    below = sums[edges].astype(float)
    size = below[None, :] - below[:, None]
    cost = np.where(size > 0, size**2, np.inf)
    best, came = cost[0], []
    for _class in range(classes - 1):
        sum_of = best[:, None] + cost
        came.append(np.argmin(sum_of, axis=0))
        best = sum_of.min(axis=0)
    at, starts = len(edges) - 1, []
    for previous in reversed(came):
        at = int(previous[at])
        starts.append(at)
    return edges[[0, *reversed(starts)]]


def equal(values: np.ndarray, classes: int) -> list[float]:
    """Return breaks in equal steps from the least to the greatest value; none for no values."""
    if not len(values):
        return []
    low, high = float(values.min()), float(values.max())
    return [low, high] if low == high else [low, *np.linspace(low, high, classes + 1)[1:-1].round(6).tolist(), high]


def fixed(limits: Sequence[float]) -> list[float]:
    """Return limits that somebody wrote as breaks, in order, each once; a single one is a class of its own."""
    found = sorted({float(limit) for limit in limits})
    return found * 2 if len(found) == 1 else found


def _each(distinct: np.ndarray) -> list[float]:
    return [*distinct.tolist(), float(distinct[-1])] if len(distinct) else []


def breaks_of(values: np.ndarray, how: str, classes: int, limits: Sequence[float] = ()) -> list[float]:
    """Return the breaks of values by a rule: quantile, equal or fixed; values that are none (NaN) are passed over."""
    values = values[np.isfinite(values)]
    if how == "fixed":
        return fixed(limits)
    return quantile(values, classes) if how == "quantile" else equal(values, classes)


def counted(values: np.ndarray, breaks: Sequence[float]) -> list[int]:
    """Return how many values fall into each class; values that are none are passed over."""
    if len(breaks) < 2:
        return []
    at = np.searchsorted(np.array(breaks[1:-1]), values[np.isfinite(values)], side="right")
    return np.bincount(at, minlength=len(breaks) - 1).tolist()
