"""Where the rows of a very large table lie: the system is found out from a sample, then all rows go through it.

Where the sample leaves a doubt, the whole table is settled row by row as any other (`placing`).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from civmap.errors import CivmapError
from civmap.exchange import coordinates, places, placing, settling
from civmap.exchange.placing import Placed
from civmap.exchange.sheets import Row, Table
from civmap.geo.validity import Frame
from civmap.people.rules import Viewer

FROM_ROWS = 100_000
FIRST_ROWS, MOST_WRONG = 4_000, 0.02


class Sampled:
    """The places of a table whose system is known; rows that lie elsewhere are settled when they are asked for."""

    def __init__(self, session: Session, viewer: Viewer, system: str, frame: Frame, evidence: dict[str, Any]) -> None:
        self.session, self.viewer, self.crs, self.frame, self.evidence = session, viewer, system, frame, evidence
        self._first: dict[int, int] = {}
        self._placed: Placed | None = None

    @property
    def settled(self) -> "Sampled":
        """Return what holds the evidence."""
        return self

    def many(self, _start: int, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return lon and lat of many rows, and which of them lie in the city."""
        return places.spots(x, y, self.crs, self.frame)

    def prepare(self, indexes: Sequence[int], first: Sequence[Any], second: Sequence[Any]) -> None:
        """Settle the rows that are to be asked for next, one by one."""
        spots = coordinates.read_many(first, second)
        found = settling.settle(self.session, self.viewer, spots, None, None, None, self.crs, self.frame)
        self._first = {index: place for place, index in enumerate(indexes)}
        self._placed = Placed(found, dict(spots.errors), self.crs, self.frame)

    def point(self, index: int, first: Any, second: Any) -> dict[str, Any]:
        """Return the GeoJSON point of a row; raise Invalid with what would be accepted."""
        return self._asked().point(self._first[index], first, second)

    def warning(self, index: int) -> CivmapError | None:
        """Return what a person should hear of a row that is taken all the same."""
        return self._asked().warning(self._first[index])

    def offer(self, _index: int) -> CivmapError | None:
        """Return nothing: so many addresses are not looked up."""
        return None

    def system(self, _index: int) -> str | None:
        """Return the one system."""
        return self.crs

    def shape(self, _index: int, geometry: dict[str, Any]) -> dict[str, Any]:
        """Return a GeoJSON geometry in lon/lat; raise Invalid."""
        return places.shape(geometry, self.crs, self.frame)

    def _asked(self) -> Placed:
        assert self._placed is not None
        return self._placed


def sampled(session: Session, viewer: Viewer, table: Table, columns: dict[str, int], crs: str,
            frame: Frame) -> Sampled | None:
    """Return the places of a large table by the system that a sample is in; None where that is not beyond doubt."""
    is_plain = {"lon", "lat"} <= columns.keys() and not {"crs", "lonlat", "geometry"} & columns.keys()
    if table.count < FROM_ROWS or not is_plain:
        return None
    rows = [row.cells for row in _sample(table)]
    cells = {name: [row[columns[name]] if columns[name] < len(row) else None for row in rows]
             for name in ("lon", "lat", "address", "name") if name in columns}
    spots = coordinates.read_many(cells["lon"], cells["lat"])
    found = settling.settle(session, viewer, spots, placing.said_of(table, columns), cells.get("address"),
                            cells.get("name"), crs, frame)
    systems = {str(one) for one in found.system if one}
    wrong = sum(error.code.startswith("datum_") for error in found.errors.values())
    if len(systems) != 1 or wrong or len(found.errors) + len(spots.errors) > MOST_WRONG * len(rows):
        return None
    return Sampled(session, viewer, systems.pop(), frame, found.evidence)


def _sample(table: Table) -> list[Row]:
    """Return the first rows, and some from all over the table."""
    first = []
    for row in table.rows:
        first.append(row)
        if len(first) == FIRST_ROWS:
            break
    return [*first, *table.sample(240)]
