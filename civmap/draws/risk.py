"""Where to look first: the risk of a point, from 0 to 100, and the parts it is made of. Pure.

    risk = 100 · Σ wₖ·pₖ ÷ Σ wₖ

    overdue     overdue issues ÷ 2, at most 1
    open        open issues ÷ 5, at most 1
    unseen      whole days since the last visit ÷ 90, at most 1; 1 where nobody ever was there
    failed      share of the weight that failed at the last check, 0 without one
    mandatory   1 where the type is always inspected

One decimal, half up. The weights are the office's own (`risk` in the customs `rounds`); the rest is default (D).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from civmap.errors import Invalid

USUAL: Mapping[str, float] = {"overdue": 35.0, "open": 20.0, "unseen": 20.0, "failed": 15.0, "mandatory": 10.0}
FULL: Mapping[str, float] = {"overdue": 2.0, "open": 5.0, "unseen": 90.0, "failed": 1.0, "mandatory": 1.0}
"""From which value on a part counts in full."""
PARTS = tuple(USUAL)


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides the risk of points, each an array in their order; NaN where nobody was there, or checked nothing."""

    overdue: Any
    open: Any
    unseen: Any
    failed: Any
    mandatory: Any


def checked(written: Any) -> dict[str, float]:
    """Return weights with the usual ones filled in; raise Invalid for unknown parts or bad weights."""
    if not isinstance(written, Mapping) or not set(written) <= set(PARTS):
        raise Invalid("risk_weights", field="risk", known=list(PARTS))
    found = {**USUAL, **written}
    for weight in found.values():
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= 1000:
            raise Invalid("risk_weights", field="risk", known=list(PARTS))
    if not sum(found.values()):
        raise Invalid("risk_weights", field="risk", known=list(PARTS))
    return {part: float(found[part]) for part in PARTS}


def shares(facts: Facts) -> dict[str, np.ndarray]:
    """Return how much of each part counts, 0 to 1."""
    values = {part: np.atleast_1d(np.asarray(getattr(facts, part), float)) for part in PARTS}
    missing = {"unseen": 1.0}
    return {part: np.clip(np.where(np.isnan(value), missing.get(part, 0.0) * FULL[part], value) / FULL[part], 0.0, 1.0)
            for part, value in values.items()}


def points(facts: Facts, weights: Mapping[str, float]) -> dict[str, np.ndarray]:
    """Return what each part adds to the risk; their sum is the risk before rounding."""
    whole = sum(weights.values())
    return {part: 100.0 * weights[part] / whole * share for part, share in shares(facts).items()}


def risks(facts: Facts, weights: Mapping[str, float]) -> np.ndarray:
    """Return the risk of each point, 0 to 100 with one decimal, half up."""
    return np.floor(sum(points(facts, weights).values()) * 10.0 + 0.5 + 1e-9) / 10.0


def order(keys: Sequence[np.ndarray], codes: Sequence[str]) -> list[int]:
    """Return the places of rows by some keys, each the largest first, then by code."""
    rows = sorted(range(len(codes)), key=lambda place: codes[place])
    columns = [np.asarray(key)[rows] for key in reversed(keys)]
    return np.asarray(rows, int)[np.lexsort([-column for column in columns])].tolist() if rows else []
