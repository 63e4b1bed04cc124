"""The seats that may be nearest to a spot: of units with duties, which are few; and of units that are named.

A server keeps them in memory (`keep_for`), following the ledger: hundreds of shops around a spot cost it nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from sqlalchemy import Text, bindparam, cast, select
from sqlalchemy.orm import Session

from civmap.assignment.nearby import NEWEST
from civmap.assignment.places import Seat, UnitRef
from civmap.assignment.rules import Asked
from civmap.assignment.table import Reach
from civmap.geo.measure import GEOD, frame_around
from civmap.store.base import holds_at
from civmap.store.ledger import Entry
from civmap.store.spatial import in_frame
from civmap.units.models import Unit

Spot = tuple[float, float]
Line = tuple[int, str]
"""The number and the hash of the newest line of the ledger."""
COLUMNS = (Unit.id, Unit.code, Unit.name, Unit.categories, Unit.seat, Unit.valid_from, Unit.valid_to)
MOST_LINES = 500
SINCE = (select(Entry.id, Entry.hash, Entry.kind, Entry.key).where(Entry.id >= bindparam("last")).order_by(Entry.id)
         .limit(MOST_LINES + 2))


@dataclass(frozen=True, slots=True)
class Seats:
    """Units with a seat: what a claim says of each, where they are in degrees, and from when until when they hold."""

    refs: Sequence[UnitRef]
    lons: np.ndarray
    lats: np.ndarray
    begins: np.ndarray
    ends: np.ndarray
    by_category: Mapping[str, np.ndarray]

    @classmethod
    def of(cls, rows: Iterable[Any]) -> "Seats":
        """Take rows of units that have a seat."""
        rows = list(rows)
        xy = shapely.get_coordinates([row.seat for row in rows]) if rows else np.zeros((0, 2))
        refs = [UnitRef(row.id, row.code, row.name, frozenset(row.categories or ())) for row in rows]
        numbers: dict[str, list[int]] = {}
        for number, ref in enumerate(refs):
            for category in ref.categories:
                numbers.setdefault(category, []).append(number)
        return cls(refs, xy[:, 0], xy[:, 1], _stamps((row.valid_from for row in rows), -np.inf),
                   _stamps((row.valid_to for row in rows), np.inf),
                   {category: np.array(mine) for category, mine in numbers.items()})

    def replaced(self, gone: Sequence[int], rows: Iterable[Any]) -> "Seats":
        """Return the seats without some numbers, and with rows that come after all others."""
        more, first = Seats.of(rows), len(self.refs)
        ends = np.append(self.ends, more.ends)
        ends[list(gone)] = -np.inf
        numbers = dict(self.by_category)
        for category, mine in more.by_category.items():
            numbers[category] = np.append(numbers.get(category, np.zeros(0, int)), mine + first)
        return Seats([*self.refs, *more.refs], np.append(self.lons, more.lons), np.append(self.lats, more.lats),
                     np.append(self.begins, more.begins), ends, numbers)

    def within(self, spot: Spot, reach_m: float, on: datetime, numbers: np.ndarray | None = None) -> np.ndarray:
        """Return the numbers of the seats in the box around a spot whose units are in office at a moment."""
        numbers = np.arange(len(self.refs)) if numbers is None else numbers
        west, south, east, north = frame_around(spot, reach_m)
        lons, lats, stamp = self.lons[numbers], self.lats[numbers], on.timestamp()
        return numbers[(lons >= west) & (lons <= east) & (lats >= south) & (lats <= north)
                       & (self.begins[numbers] <= stamp) & (self.ends[numbers] > stamp)]

    def laid(self, spot: Spot, numbers: np.ndarray) -> list[Seat]:
        """Return some seats in metres from a spot, at their geodesic distance and direction."""
        if not len(numbers):
            return []
        azimuth, away = self._seen(spot, numbers)
        shapes = shapely.points(away * np.sin(azimuth), away * np.cos(azimuth)).tolist()
        return [Seat(self.refs[number], shape) for number, shape in zip(numbers.tolist(), shapes, strict=True)]

    def _seen(self, spot: Spot, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        lons, lats = self.lons[numbers], self.lats[numbers]
        azimuth, _, away = GEOD.inv(np.full_like(lons, spot[0]), np.full_like(lats, spot[1]), lons, lats)
        return np.radians(azimuth), away

    def near(self, spot: Spot, reach: Reach, categories: Collection[str], on: datetime) -> list[Seat]:
        """Return of each category the seats that may be named: the nearest few, and all that may be nearest nearby."""
        kept: set[int] = set()
        for category in categories & self.by_category.keys():
            mine = self.within(spot, reach.nearest_m + 2 * reach.margin_most_m, on, self.by_category[category])
            if len(mine):
                away = self._seen(spot, mine)[1]
                kept.update(mine[away <= _far_enough(np.sort(away), reach)].tolist())
        return self.laid(spot, np.array(sorted(kept), int))


def _stamps(moments: Iterable[datetime | None], otherwise: float) -> np.ndarray:
    return np.array([otherwise if moment is None else moment.timestamp() for moment in moments], float)


def _far_enough(ranked: np.ndarray, reach: Reach) -> float:
    last = min(reach.runners_up, len(ranked)) - 1
    return float(max(ranked[last] + reach.tie_m, ranked[0] + 2 * reach.margin_most_m + reach.tie_m))


class Book:
    """The units with duties of one database in memory, as the newest line of the ledger left them."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.line: Line = (0, "")
        self.numbers: dict[int, int] = {}
        self.kept: Seats | None = None

    def seats(self, session: Session, line: Line) -> Seats:
        """Return the seats of all units with duties, as this session sees them after a line it has just read."""
        with self.lock:
            if self.kept is None or line != self.line:
                self._follow(session)
            return self.kept

    def _follow(self, session: Session) -> None:
        """Read what changed since our line, or everything: up to the newest line that this session sees now."""
        line, codes = self._changed(session) if self.kept is not None else (None, None)
        if line is None:
            newest = session.execute(NEWEST).first()
            line = (newest.id, newest.hash) if newest else (0, "")
        if codes is None or self.kept is None or len(self.kept.refs) > 2 * len(self.numbers) + MOST_LINES:
            self.kept = Seats.of(session.execute(with_duties()))
            self.numbers = {ref.id: number for number, ref in enumerate(self.kept.refs)}
        elif codes:
            rows = session.execute(select(*COLUMNS).where(Unit.code.in_(codes))).all()
            gone = [self.numbers.pop(row.id) for row in rows if row.id in self.numbers]
            seated = [row for row in rows if row.categories and row.seat is not None]
            first = len(self.kept.refs)
            self.kept = self.kept.replaced(gone, seated)
            self.numbers.update({row.id: first + place for place, row in enumerate(seated)})
        self.line = line

    def _changed(self, session: Session) -> tuple[Line | None, set[str] | None]:
        """Return the newest line and the codes of the units that changed since ours; None: read everything anew."""
        ours, *later = session.connection().execute(SINCE, {"last": self.line[0]}).all() or [None]
        if ours is None or tuple(ours[:2]) != self.line or len(later) > MOST_LINES:
            return None, None
        newest = (later[-1].id, later[-1].hash) if later else self.line
        told = [line for line in later if line.kind in ("unit", "units", "city")]
        return newest, None if any(line.kind != "unit" for line in told) else {line.key for line in told}


def with_duties() -> Any:
    """Return the statement of all units that have a seat and duties, at whatever time."""
    return select(*COLUMNS).where(cast(Unit.categories, Text) != "[]", Unit.seat.is_not(None)).order_by(Unit.code)


_BOOKS: "WeakKeyDictionary[Any, Book]" = WeakKeyDictionary()


def keep_for(engine: Any) -> None:
    """Keep the seats of a database in memory from now on: for a server, which answers many times."""
    _BOOKS.setdefault(engine.pool, Book())


def around(session: Session, spot: Spot, on: datetime, reach: Reach, asked: Asked | None,
           named: Iterable[Any], line: Line) -> tuple[Seat, ...]:
    """Return the seats that may be nearest for a class, or every one with duties; and those of named units."""
    book = _BOOKS.get(getattr(session.get_bind(), "pool", None))
    wide = reach.nearest_m + 2 * reach.margin_most_m
    if book is not None:
        known = book.seats(session, line)
    else:
        box = in_frame(Unit.seat, *frame_around(spot, wide))
        known = Seats.of(session.execute(with_duties().where(box, holds_at(Unit, on))))
    if asked is not None:
        found = known.near(spot, reach, asked.categories, on)
    else:
        found = known.laid(spot, known.within(spot, wide, on))
    there = {seat.unit.id for seat in found}
    others = Seats.of({unit.id: unit for unit in named if unit.id not in there and unit.seat is not None}.values())
    return (*found, *others.laid(spot, np.arange(len(others.refs))))
