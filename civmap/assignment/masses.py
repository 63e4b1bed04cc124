"""Who answers for a million spots: compiled code where it is certain, `rules.choose` for the rest.

The answers are those of `many.Ground.answer`, spot for spot (a test and `bench.assign` compare them).
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from civmap.assignment import cells_doubt, cells_reading
from civmap.assignment.cells_city import DOUBTFUL, empty_around
from civmap.assignment.cells_order import along
from civmap.assignment.cells_rules import BASES, NEAREST_BY, PROFESSIONAL_BY, SEGMENT_BY
from civmap.assignment.many import Ground
from civmap.geo.measure import GEOD

LEAST_FOR_THREADS = 2_000


@dataclass(frozen=True, slots=True)
class Told:
    """Answers as columns: number of the unit or -1, name of the basis, metres or NaN, whether it is ambiguous."""

    unit: np.ndarray
    basis: np.ndarray
    metres: np.ndarray
    is_ambiguous: np.ndarray
    asked_again: int


class Masses:
    """A city made ready for very many questions; the first one compiles the code where that is not kept yet."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.read = cells_reading.read(ground)
        self.codes = list(self.read.classes)
        self.bases = np.array(BASES)
        self._numbers = {unit.id: number for number, unit in enumerate(self.read.units)}
        self._codes = np.array([*(unit.code for unit in self.read.units), ""], dtype=object)
        self._rooms = [empty_around() for _ in os.sched_getaffinity(0)]

    def compile(self) -> None:
        """Compile the code, or load it where it is kept."""
        self.answer(np.zeros(1, np.int64), np.zeros(1), np.zeros(1))

    def codes_of(self, numbers: np.ndarray) -> list[str]:
        """Return the codes of units by their numbers, empty for nobody."""
        return self._codes[numbers].tolist()

    def answer(self, classes: np.ndarray, lons: np.ndarray, lats: np.ndarray) -> Told:
        """Return who answers for spots; `classes` are numbers into `codes`."""
        classes, lons, lats = (np.ascontiguousarray(one) for one in (classes, lons, lats))
        found, away = self._compiled(classes, lons, lats)
        metres = self._metres(found, away, lons, lats)
        again = np.flatnonzero((found[:, 0] == DOUBTFUL) | (found[:, 2] == DOUBTFUL))
        basis = self.bases[found[:, 1]]
        for number in again.tolist():
            answer = self.ground.answer((float(lons[number]), float(lats[number])), self.codes[classes[number]])
            found[number, 0] = self._numbers[answer.unit.id] if answer.unit else -1
            found[number, 2], basis[number] = answer.is_ambiguous, answer.basis
            metres[number] = np.nan if answer.distance_m is None else answer.distance_m
        return Told(found[:, 0], basis, metres, found[:, 2] == 1, len(again))

    def _compiled(self, classes: np.ndarray, lons: np.ndarray, lats: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the compiled answers, a part of the city in each thread."""
        many = len(self._rooms) if len(classes) >= LEAST_FOR_THREADS else 1
        parts = np.array_split(along(lons, lats), many)

        def part(number: int) -> tuple[np.ndarray, np.ndarray]:
            mine = parts[number]
            return cells_doubt.answers(self.read.city, classes[mine], lons[mine], lats[mine], self._rooms[number])

        with ThreadPoolExecutor(many) as pool:
            done = list(pool.map(part, range(many)))
        found, away = np.empty((len(classes), done[0][0].shape[1]), done[0][0].dtype), np.empty(len(classes))
        for mine, (told, metres) in zip(parts, done, strict=True):
            found[mine], away[mine] = told, metres
        return found, away

    def _metres(self, found: np.ndarray, away: np.ndarray, lons: np.ndarray, lats: np.ndarray) -> np.ndarray:
        """Return metres to what decided: to a segment as compiled, to a seat as the geodesic, 0 inside an area."""
        unit, basis = found[:, 0], found[:, 1]
        metres = np.where(unit < 0, np.nan, np.where(basis == SEGMENT_BY, away, 0.0))
        seated = np.flatnonzero((unit >= 0) & ((basis == NEAREST_BY) | (basis == PROFESSIONAL_BY)))
        seats = self.read.city.seats
        lon, lat = seats.lon[unit[seated]], seats.lat[unit[seated]]
        known = ~np.isnan(lon)
        metres[seated] = np.nan
        metres[seated[known]] = GEOD.inv(lons[seated[known]], lats[seated[known]], lon[known], lat[known])[2]
        return metres

