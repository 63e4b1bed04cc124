"""Which units may take each report: the nearest ones first, more where the prices of room make farther ones cheaper.

Pure. Places are points in space (`in_space`), so that a straight distance is the geodesic one to 1e-5 m at 2 km.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from civmap.geo.measure import GEOD

NEAREST, CHUNK = 16, 2_000


def in_space(lons: np.ndarray, lats: np.ndarray) -> np.ndarray:
    """Return places on the ellipsoid as points in space, in metres, shape (n, 3)."""
    lon, lat = np.radians(lons), np.radians(lats)
    normal = GEOD.a / np.sqrt(1 - GEOD.es * np.sin(lat) ** 2)
    across = normal * np.cos(lat)
    return np.column_stack([across * np.cos(lon), across * np.sin(lon), normal * (1 - GEOD.es) * np.sin(lat)])


@dataclass(frozen=True)
class Demand:
    """Reports to be served: where they are, which group of units may take each, the room each takes.

    `members[group]` are numbers of units; a unit takes reports within `reach_m` while its `room` lasts. `amount` is
    what flows: the weight, or of a cell of reports that may be split, the weight of all.
    """

    spots: np.ndarray
    group: np.ndarray
    weight: np.ndarray
    seats: np.ndarray
    members: Sequence[np.ndarray]
    room: np.ndarray
    reach_m: float
    amount: np.ndarray


@dataclass
class Pairs:
    """Reports and some units for each, shape (reports, some): number or -1, metres or infinity.

    What is not listed costs at least `beyond_m` at the prices `priced_at`, infinity where nothing is left out.
    """

    unit: np.ndarray
    metres: np.ndarray
    beyond_m: np.ndarray
    priced_at: np.ndarray

    @classmethod
    def nearest(cls, demand: Demand, some: int = NEAREST) -> "Pairs":
        """List the nearest units of each report."""
        some = min(some, max((len(own) for own in demand.members), default=0)) or 1
        count = len(demand.spots)
        found = cls(np.full((count, some), -1), np.full((count, some), np.inf), np.full(count, np.inf),
                    np.zeros(len(demand.room)))
        for group, own in enumerate(demand.members):
            rows, many = np.flatnonzero(demand.group == group), min(some, len(own))
            if not len(rows) or not many:
                continue
            away, near = cKDTree(demand.seats[own]).query(demand.spots[rows], k=many)
            found._list(demand, rows, own[near.reshape(len(rows), many)], away.reshape(len(rows), many),
                        len(own) > many)
        return found

    @property
    def listed(self) -> np.ndarray:
        """Return the units with 0 for a missing one, to look prices up."""
        return np.where(self.unit >= 0, self.unit, 0)

    def _list(self, demand: Demand, rows: np.ndarray, unit: np.ndarray, away: np.ndarray, is_more: bool) -> None:
        many = unit.shape[1]
        reached = away <= demand.reach_m
        self.unit[rows, :many] = np.where(reached, unit, -1)
        self.metres[rows, :many] = np.where(reached, away, np.inf)
        self.beyond_m[rows] = np.where(is_more & reached[:, -1], away[:, -1], np.inf)

    def beyond(self, price: np.ndarray) -> np.ndarray:
        """Return what any unit that is not listed costs at least, at some prices."""
        return self.beyond_m - max(float((self.priced_at - price).max(initial=0.0)), 0.0)

    def widen(self, demand: Demand, price: np.ndarray, some: int = NEAREST) -> int:
        """List some more units, the cheapest at some prices, wherever one that is not listed may be cheaper.

        Return for how many reports.
        """
        asked = self.metres + price[self.listed] * demand.weight[:, None]
        self.beyond_m, self.priced_at = self.beyond(price), price
        short = np.flatnonzero(asked.min(axis=1) > self.beyond_m)
        if not len(short):
            return 0
        known, count = self.unit, len(self.unit)
        self.unit = np.hstack([known, np.full((count, some), -1)])
        self.metres = np.hstack([self.metres, np.full((count, some), np.inf)])
        for group, own in enumerate(demand.members):
            mine = short[demand.group[short] == group]
            for start in range(0, len(mine), CHUNK):
                self._cheapest(demand, mine[start:start + CHUNK], own, price, known.shape[1])
        return len(short)

    def _cheapest(self, demand: Demand, rows: np.ndarray, own: np.ndarray, price: np.ndarray, start: int) -> None:
        """List for some reports the cheapest of a group's units that are not listed yet, from a column on."""
        middle = demand.seats[own].mean(axis=0)
        spots, seats = demand.spots[rows] - middle, demand.seats[own] - middle
        away = np.sqrt(np.maximum((spots ** 2).sum(axis=1)[:, None] + (seats ** 2).sum(axis=1) - 2 * spots @ seats.T,
                                  0.0))
        away[away > demand.reach_m] = np.inf
        place = np.full(len(demand.room) + 1, len(own))
        place[own] = np.arange(len(own))
        wide = np.hstack([away, np.zeros((len(rows), 1))])
        np.put_along_axis(wide, place[self.unit[rows, :start]], np.inf, axis=1)
        away = wide[:, :len(own)]
        asked = away + price[own] * demand.weight[rows][:, None]
        many = min(self.unit.shape[1] - start, len(own))
        best = np.argpartition(asked, many - 1, axis=1)[:, :many]
        away, asked = np.take_along_axis(away, best, axis=1), np.take_along_axis(asked, best, axis=1)
        self.unit[rows, start:start + many] = np.where(np.isfinite(away), own[best], -1)
        self.metres[rows, start:start + many] = away
        self.beyond_m[rows] = np.where(len(own) > many, asked.max(axis=1), np.inf)
