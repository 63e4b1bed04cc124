"""How likely each reading of a file's numbers is: distances to what is named beside them, weighed as a mixture.

Pure. A row's address names a road, its name a place; a reading that is right lies near them, a wrong one anywhere.
Densities are a core (how far a right spot lies) and a broad part (a wrong address, a road not in the network); the
share of the broad part is learnt from the file itself (expectation–maximisation, Dempster, Laird and Rubin 1977).
The figures were set by simulation: `bench/datums.py` prints what they lead to.
"""

from dataclasses import dataclass, field
from functools import cached_property
from math import erfc, log, sqrt

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
ROAD_M, PLACE_M = 35.0, 45.0
"""How far a right spot lies from the middle of the road its address names, and from a place of its name."""
REACH_M = 1500.0
"""How far off a spot lies that has nothing to do with its address."""
OUTSIDE = 0.003
"""How many rows lie outside the frame of their city, at least: a table may reach farther than the frame."""
STRAY = 0.01
"""How many rows of a file of one system may yet be of another one: single rows are pasted from another map."""
HELD = 4.0
"""How many rows the verdict on a whole group counts for where its shares are learnt."""
SURE, CLEAR = 0.98, 0.9
ROUNDS, MOST_LEARNT = 25, 20_000
MOST_FAR = 0.97


@dataclass(frozen=True)
class Evidence:
    """What is known of n rows under K readings: metres to the road and to the place named (NaN: none), in the frame.

    `is_near` leaves out rows so far from the frame that they are slips of the pen.
    `group` tells which rows say the same of their system, `prior` (groups × K) how likely that makes each reading,
    `pattern` (groups × K) the log-likelihood of the whole group's pattern on the ground.
    """

    road_m: Array
    place_m: Array
    places: Array
    is_inside: NDArray[np.bool_]
    is_near: NDArray[np.bool_]
    group: NDArray[np.intp]
    prior: Array
    pattern: Array

    @cached_property
    def outside(self) -> float:
        """Return the share of rows outside the frame under the reading that leaves least outside."""
        lost = 1 - self.is_inside[self.is_near].mean(axis=0) if self.is_near.any() else np.zeros(1)
        return float(np.clip(lost.min(), OUTSIDE, 0.5))


@dataclass(frozen=True, slots=True)
class Weighed:
    """How likely each reading is: per row (n × K), for each group as a whole, and the shares within the groups."""

    rows: Array
    groups: Array
    shares: Array
    is_informed: NDArray[np.bool_]
    informed: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, np.intp))


def weigh(told: Evidence) -> Weighed:
    """Return the odds of every reading, rows and groups; shares are learnt with the rate of wrong addresses."""
    informed = _informed(told)
    shares, far_road, far_place = _learnt(told if len(informed) <= MOST_LEARNT else _thinned(told))
    likely = _likelihood(told, far_road, far_place)
    count = told.prior.shape[1]
    open_to_strays = (1 - STRAY) * shares + STRAY / max(count - 1, 1) * (1 - shares)
    rows = np.exp(_normal(np.log(open_to_strays[told.group]) + likely))
    return Weighed(rows, _whole(told, likely), shares, informed,
                   np.bincount(told.group[informed], minlength=len(told.prior)))


def _informed(told: Evidence) -> NDArray[np.bool_]:
    found = np.isfinite(told.road_m).any(axis=1) | np.isfinite(told.place_m).any(axis=1)
    return np.asarray(found | (told.is_inside.any(axis=1) & ~told.is_inside.all(axis=1)))


def _thinned(told: Evidence) -> Evidence:
    """Return evenly spread rows: shares and rates are known well enough from some ten thousand."""
    part = np.linspace(0, len(told.group) - 1, MOST_LEARNT).astype(np.intp)
    return Evidence(told.road_m[part], told.place_m[part], told.places[part], told.is_inside[part],
                    told.is_near[part], told.group[part], told.prior, told.pattern)


def _learnt(told: Evidence) -> tuple[Array, float, float]:
    """Return the shares of the readings in each group, and how many addresses and names are wrong."""
    far_road, far_place, informed = 0.1, 0.15, _informed(told)
    shares = np.exp(_normal(np.log(told.prior) + told.pattern))
    for _ in range(ROUNDS):
        likely = _likelihood(told, far_road, far_place)
        rows = np.exp(_normal(np.log(shares[told.group]) + likely))
        shares = HELD * _whole(told, likely) + 1e-9
        np.add.at(shares, told.group[informed], rows[informed])
        shares /= shares.sum(axis=1, keepdims=True)
        far_road = _far(_road(told.road_m, 1.0, 0.0), rows, far_road, -np.log(2 * REACH_M))
        far_place = _far(_place(told.place_m, told.places, 1.0, 0.0), rows, far_place, -np.log(np.pi * REACH_M ** 2))
    return shares, far_road, far_place


def _whole(told: Evidence, likely: Array) -> Array:
    """Return how likely each reading is for a group as a whole, a few strays allowed."""
    calm = np.logaddexp(np.log(0.97) + likely, np.log(0.03) + _sum(likely)
                        - np.log(likely.shape[1]))
    total = np.log(told.prior) + told.pattern
    np.add.at(total, told.group, calm - calm.max(axis=1, keepdims=True))
    return np.exp(_normal(total))


def _likelihood(told: Evidence, far_road: float, far_place: float) -> Array:
    road = _road(told.road_m, 1 - far_road, far_road)
    place = _place(told.place_m, told.places, 1 - far_place, far_place)
    both = np.where(np.isfinite(told.road_m), road, 0.0) + np.where(np.isfinite(told.place_m), place, 0.0)
    return both + np.where(told.is_inside, 0.0, np.log(told.outside / (1 - told.outside)))


def _road(distance: Array, near: float, far: float) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.logaddexp(np.log(near) - distance / ROAD_M - np.log(2 * ROAD_M), np.log(far) - np.log(2 * REACH_M))


def _place(distance: Array, places: Array, near: float, far: float) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        core = np.log(near) - distance / PLACE_M - np.log(2 * np.pi * PLACE_M ** 2)
        return np.logaddexp(core - np.log(np.maximum(places, 1.0))[:, None],
                            np.log(far) - np.log(np.pi * REACH_M ** 2))


def _far(core: Array, rows: Array, far: float, broad: float) -> float:
    """Return the share of rows whose distance comes from the broad part."""
    known = np.isfinite(core).all(axis=1)
    if not known.any():
        return far
    odds = 1 / (1 + np.exp(np.clip(np.log1p(-far) + core[known] - np.log(far) - broad, -500, 500)))
    weights = rows[known]
    return float(np.clip((1.0 + (odds * weights).sum()) / (10.0 + weights.sum()), 0.02, MOST_FAR))


def _sum(logs: Array) -> Array:
    """Return the logarithm of the rows' sums of exponentials, as a column."""
    top = logs.max(axis=1, keepdims=True)
    return np.asarray(top + np.log(np.exp(logs - top).sum(axis=1, keepdims=True)))


def _normal(logs: Array) -> Array:
    return logs - _sum(logs)


WIDE, FEW_WIDE, SPREAD, HIGHEST, NO_PATTERN = 1.3, 4.0, 5.0, 6.0, 0.5


def pattern_odds(scores: Array, background: Array, count: int) -> Array:
    """Return the log-likelihood ratio of each reading from how well its pattern of spots lies on the ground.

    `scores` (tests × K) of `count` spots, `background` (tests × shifts) of the same spots pushed anywhere: a right
    reading stands out of it by an unknown amount (half normal), a wrong one is one of its kind, and with
    probability `NO_PATTERN` the spots have nothing to do with what the test looks at.
    """
    middle, spread = background.mean(axis=1), background.std(axis=1, ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(spread[:, None] > 1e-9, (scores - middle[:, None]) / spread[:, None], 0.0)
    z = np.minimum(np.nan_to_num(z, nan=0.0) / (WIDE + FEW_WIDE / count), HIGHEST)
    narrow = 1 + 1 / SPREAD ** 2
    rises = np.vectorize(lambda value: log(erfc(-value / sqrt(2.0)) / 2))(np.maximum(z, -8.0) / np.sqrt(narrow))
    gain = np.log(2 / SPREAD) - 0.5 * np.log(narrow) + z ** 2 / (2 * narrow) + rises
    share = (1 - NO_PATTERN) / len(z)
    return np.asarray(_sum(np.vstack([np.full(z.shape[1], np.log(NO_PATTERN)), gain + np.log(share)]).T)[:, 0])
