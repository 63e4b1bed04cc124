"""How far it is from each spot to each along the city's own streets, and along which line one goes.

The streets are read once per process and kept until they change. Where no way along streets is known, the straight
line stands in and is told as such.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import BigInteger, LargeBinary, case, cast, func, select
from sqlalchemy.orm import Session

from civmap.city.models import StreetEdge
from civmap.geo import paths, paths_snaps
from civmap.geo.measure import GEOD
from civmap.store.ledger import last_hash

Mode = Literal["walk", "cycle", "drive"]
Metric = Literal["road", "air"]
MODES = ("walk", "cycle", "drive")
METRICS = ("road", "air")
MOST_KEPT = 2
SAME_DECIMALS = 7
HAIR = 1e-10
Note = tuple[str, dict[str, Any]]
Floats = NDArray[np.float64]
_KEPT: OrderedDict[str, "_Kept"] = OrderedDict()
_LOCK = Lock()


@dataclass(frozen=True)
class Matrices:
    """Metres (n, n) from each spot (row) to each; `is_air` where the straight line stands in; what to tell of it.

    Notes are (code, facts): `network_missing` {mode}, `spot_far_from_street` {spots, count, metres},
    `no_way_by_street` {spots, count, pairs}; `spots` are row numbers.
    """

    metres: Floats
    is_air: NDArray[np.bool_]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Leg:
    """The line (k, 2) in lon/lat from one spot to another and its metres, those of the matrix."""

    coordinates: Floats
    metres: float
    is_air: bool


class Ground:
    """The city's streets at one revision; all of its methods may be called from several threads."""

    def __init__(self, lines: paths.Lines, is_oneway: Any, may: dict[str, Any]) -> None:
        self._lines, self._is_oneway, self._may = lines, is_oneway, may
        self._webs: dict[str, paths.Web] = {}
        self._lock = Lock()

    def web(self, mode: Mode) -> paths.Web:
        """Return the streets as a traveller may use them: one-way streets bind everybody but those on foot."""
        with self._lock:
            if mode not in self._webs:
                from civmap.assignment.cells_kept import settle

                settle()  # compiled code is kept also where neither the code's folder nor the home can be written
                ahead = np.asarray(self._may[mode], bool)
                back = ahead if mode == "walk" else ahead & ~self._is_oneway
                self._webs[mode] = paths.Web(self._lines, ahead, back)
            return self._webs[mode]

    def matrices(self, spots: Any, mode: Mode = "walk", metric: Metric = "road") -> Matrices:
        """Return the metres from each spot to each; spots are (n, 2) in lon/lat."""
        spots = np.asarray(spots, float).reshape(-1, 2)
        if metric == "air":
            return Matrices(_by_air(spots), np.ones((len(spots), len(spots)), bool))
        return _Trip(self.web(mode), spots, mode).matrices()

    def legs(self, spots: Any, pairs: Sequence[tuple[int, int]], mode: Mode = "walk",
             metric: Metric = "road") -> list[Leg]:
        """Return the legs between pairs of spots; their metres are those of the matrix."""
        spots = np.asarray(spots, float).reshape(-1, 2)
        if metric == "air":
            return [_straight(spots, here, there) for here, there in pairs]
        used, at = np.unique(np.asarray(pairs, np.int64).reshape(-1, 2), return_inverse=True)
        trip = _Trip(self.web(mode), spots[used], mode)
        return [trip.leg(here, there) for here, there in at.reshape(-1, 2).tolist()]


class _Trip:
    """Spots placed on the streets of one traveller."""

    def __init__(self, web: paths.Web, spots: Floats, mode: Mode) -> None:
        places = paths_snaps.snapped(web, spots)
        self.web, self.spots, self.mode = web, spots, mode
        self.places = places.taken(np.argsort(places.spot, kind="stable"))
        self.doors = web.doors(self.places)
        self._same = np.unique(np.round(spots, SAME_DECIMALS), axis=0, return_inverse=True)[1].reshape(-1)

    def matrices(self) -> Matrices:
        """Return the metres from each to each, the straight line where no way along streets is known."""
        found = self._by_street()
        same = self._same[:, None] == self._same[None, :]
        found[same] = 0.0
        is_air = np.isinf(found)
        rows, columns = np.nonzero(is_air)
        found[rows, columns] = _geodesics(self.spots[rows], self.spots[columns])
        return Matrices(found, is_air, self._notes(is_air))

    def _by_street(self) -> Floats:
        found = np.full((len(self.spots), len(self.spots)), np.inf)
        if not len(self.places):
            return found
        places = self.places
        metres = self.web.table(places) + places.access[:, None] + places.access[None, :]
        owners, firsts = np.unique(places.spot, return_index=True)
        block = np.full((len(owners), len(owners)), np.inf)
        rank = places.rank[:, None] + places.rank[None, :]
        for tier in range(int(rank.max()) + 1):
            some = np.where(rank == tier, metres, np.inf)
            some = np.minimum.reduceat(np.minimum.reduceat(some, firsts, axis=0), firsts, axis=1)
            block = np.where(np.isinf(block), some, block)
        found[np.ix_(owners, owners)] = block
        return found

    def _notes(self, is_air: NDArray[np.bool_]) -> tuple[Note, ...]:
        if not is_air.any():
            return ()
        if not self.web.is_open.any():
            return (("network_missing", {"mode": self.mode}),)
        far = np.setdiff1d(np.arange(len(self.spots)), self.places.spot)
        notes: list[Note] = []
        if len(far):
            notes.append(("spot_far_from_street",
                          {"spots": far.tolist(), "count": len(far), "metres": round(paths_snaps.FAR_M)}))
        cut = is_air.copy()
        cut[far], cut[:, far] = False, False
        if cut.any():
            lost = cut | cut.T
            most = lost.sum(axis=1) * 2 > len(self.spots) - len(far)
            spots = np.flatnonzero(most if most.any() else lost.any(axis=1))
            notes.append(("no_way_by_street",
                          {"spots": spots.tolist(), "count": len(spots), "pairs": int(cut.sum())}))
        return tuple(notes)

    def leg(self, here: int, there: int) -> Leg:
        """Return the leg from one spot to another."""
        if self._same[here] == self._same[there]:
            return Leg(self.spots[[here, there]], 0.0, is_air=False)
        rank, access = self.places.rank, self.places.access
        of_here, of_there = (np.flatnonzero(self.places.spot == spot).tolist() for spot in (here, there))
        pairs = [(int(rank[a] + rank[b]), a, b) for a in of_here for b in of_there]
        for tier in sorted({tier for tier, _, _ in pairs}):
            ways = [(way.metres + access[a] + access[b], at, way) for at, (of, a, b) in enumerate(pairs) if of == tier
                    and (way := self.web.way(self.places, self.doors, a, b)) is not None]
            if ways:
                metres, _, way = min(ways)
                return Leg(self._line(here, there, way), float(metres), is_air=False)
        return _straight(self.spots, here, there)

    def _line(self, here: int, there: int, way: paths.Way) -> Floats:
        line = np.concatenate([self.spots[[here]], *(self.web.lines.part(*part) for part in way.parts),
                               self.spots[[there]]])
        moved = np.ones(len(line), bool)
        moved[1:-1] = (np.abs(np.diff(line[:-1], axis=0)) > HAIR).any(axis=1)
        return line[moved]


def _straight(spots: Floats, here: int, there: int) -> Leg:
    ends = spots[[here, there]]
    return Leg(ends, float(_geodesics(ends[:1], ends[1:])[0]), is_air=True)


def _geodesics(here: Floats, there: Floats) -> Floats:
    return np.asarray(GEOD.inv(here[:, 0], here[:, 1], there[:, 0], there[:, 1])[2], float).reshape(-1)


def _by_air(spots: Floats) -> Floats:
    rows, columns = np.triu_indices(len(spots), 1)
    found = np.zeros((len(spots), len(spots)))
    found[rows, columns] = _geodesics(spots[rows], spots[columns])
    return found + found.T


@dataclass(frozen=True)
class _Kept:
    """A city's streets as they are kept: the ledger when last looked at, and what the table summed up to."""

    ledger: str
    sums: tuple[Any, ...]
    ground: Ground


def ground_of(session: Session) -> Ground:
    """Return the city's streets, read again only where they changed."""
    key, ledger = session.get_bind().engine.url.render_as_string(), last_hash(session)
    with _LOCK:
        kept = _KEPT.get(key)
        if kept is not None and kept.ledger == ledger:
            return kept.ground
        sums = _sums(session)
        ground = kept.ground if kept is not None and kept.sums == sums else _read(session)
        _KEPT[key] = _Kept(ledger, sums, ground)
        _KEPT.move_to_end(key)
        while len(_KEPT) > MOST_KEPT:
            _KEPT.popitem(last=False)
        return ground


def _sums(session: Session) -> tuple[Any, ...]:
    """Return what changes whenever an edge comes, goes, is cut or gets other directions."""
    flags = [func.sum(case((flag.is_(True), StreetEdge.id), else_=0))
             for flag in (StreetEdge.is_oneway, StreetEdge.may_walk, StreetEdge.may_cycle, StreetEdge.may_drive)]
    millimetres = func.sum(cast(StreetEdge.length_m * 1000, BigInteger))
    return tuple(session.execute(select(func.count(), func.max(StreetEdge.id), millimetres,
                                        func.sum(StreetEdge.from_node), func.sum(StreetEdge.to_node), *flags)).one())


def _read(session: Session) -> Ground:
    rows = session.execute(select(
        StreetEdge.from_node, StreetEdge.to_node, StreetEdge.is_oneway, StreetEdge.may_walk, StreetEdge.may_cycle,
        StreetEdge.may_drive, func.ST_AsBinary(StreetEdge.geom, type_=LargeBinary)).order_by(StreetEdge.id)).all()
    columns = list(zip(*rows, strict=True)) or [()] * 7
    lines = shapely.from_wkb(np.array([bytes(one) for one in columns[6]], dtype=object))
    facts = [np.array(column, bool) for column in columns[2:6]]
    return Ground(paths.of_lines(lines, np.array(columns[0], np.int64), np.array(columns[1], np.int64)), facts[0],
                  dict(zip(MODES, facts[1:], strict=True)))
