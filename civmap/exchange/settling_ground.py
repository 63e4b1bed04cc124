"""What the city knows that tells where numbers mean: streets, named places, buildings and water, in flat metres."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.city.models import Building, LandCover, StreetEdge
from civmap.geo.measure import NearPlane
from civmap.geo.validity import Frame
from civmap.people.rules import Viewer
from civmap.points.models import InspectionPoint
from civmap.points.queries import visible as visible_points
from civmap.store.spatial import in_frame
from civmap.units.models import Unit
from civmap.units.queries import visible as visible_units
from civmap.zones.models import Zone
from civmap.zones.queries import visible as visible_zones

Array = NDArray[np.float64]
AROUND_DEG = 0.02
COVERED_M = 250.0
FEW_STREETS, FEW_BUILDINGS = 20, 60
MOST_PLACES = 20_000
"""So many named places of a kind tell enough; a city with a million points must not be read whole for a table."""
RING = np.array([(reach * np.cos(turn), reach * np.sin(turn)) for reach, turn in
                 ((70 + 50 * (step % 2), 2 * np.pi * step / 8) for step in range(8))])
"""A house or two off, in metres: how spots are pushed to see whether they stand out where they are."""
_ASIDE = re.compile(r"[\s·・,,.。、\-—_()()\[\]【】〔〕《》“”\"']+")
_BRACKET = re.compile(r"[((【\[][^))】\]]{0,30}[))】\]]")
_CROSSING = re.compile(r"交叉|交汇|交界|路口|转角|与|/|和")


def plain(name: str) -> str:
    """Return a name as it is compared: plain widths, lower case, no spaces or signs between."""
    return _ASIDE.sub("", unicodedata.normalize("NFKC", name).casefold())


class Ground:
    """The city around a file's spots: read once, asked about many spots in metres of one flat plane."""

    def __init__(self, session: Session, viewer: Viewer, box: Frame) -> None:
        self.plane = NearPlane((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        self.box = (box[0] - AROUND_DEG, box[1] - AROUND_DEG, box[2] + AROUND_DEG, box[3] + AROUND_DEG)
        rows = session.execute(select(StreetEdge.geom, StreetEdge.name).where(
            in_frame(StreetEdge.geom, *self.box))).all()
        self.lines: Any = self.plane.to_metres(np.array([row[0] for row in rows], object))
        self.streets = STRtree(self.lines)
        self.roads = _by_name((row[1], number) for number, row in enumerate(rows))
        self._trees: dict[str, STRtree] = {}
        self._heads: dict[str, list[str]] = defaultdict(list)
        for name in self.roads:
            self._heads[name[:2]].append(name)
        for names in self._heads.values():
            names.sort(key=len, reverse=True)
        self.buildings = STRtree(self._shapes(session, Building.geom))
        self.water = STRtree(self._shapes(session, LandCover.geom, LandCover.kind == "water"))
        self.places = self._places(session, viewer)

    def _shapes(self, session: Session, column: Any, *conditions: Any) -> Any:
        rows = session.scalars(select(column).where(in_frame(column, *self.box), *conditions)).all()
        return self.plane.to_metres(np.array(rows, object))

    def _places(self, session: Session, viewer: Viewer) -> dict[str, Array]:
        found: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for column, name, conditions in (
                (InspectionPoint.geom, InspectionPoint.name, (visible_points(viewer),)),
                (Unit.seat, Unit.name, (visible_units(viewer), Unit.seat.is_not(None))),
                (Building.geom, Building.name, (Building.name.is_not(None), Building.name != "")),
                (LandCover.geom, LandCover.name, (LandCover.name.is_not(None), LandCover.name != "")),
                (Zone.geom, Zone.name, (Zone.kind.in_(("estate", "frontage")), visible_zones(viewer)))):
            rows = session.execute(select(column, name).where(in_frame(column, *self.box), *conditions)
                                   .limit(MOST_PLACES)).all()
            shapes = np.array([row[0] for row in rows], object)
            spots = self.xy(shapely.get_coordinates(shapely.point_on_surface(shapes)))
            for (_, called), spot in zip(rows, spots.tolist(), strict=True):
                if key := plain(called or ""):
                    found[key].append((spot[0], spot[1]))
        return {key: np.array(sorted(set(spots))) for key, spots in found.items()}

    def xy(self, lonlat: Array) -> Array:
        """Return lon/lat rows in the plane's metres."""
        return np.asarray((lonlat - (self.plane.lon, self.plane.lat)) * self.plane.scale)

    @property
    def has_streets(self) -> bool:
        """Tell whether there are streets enough to compare a pattern with."""
        return len(self.lines) >= FEW_STREETS

    @property
    def has_buildings(self) -> bool:
        """Tell whether there are buildings enough to compare a pattern with."""
        return len(self.buildings.geometries) >= FEW_BUILDINGS

    def street_m(self, xy: Array) -> Array:
        """Return the metres from each spot to the nearest street, infinite beyond `COVERED_M`."""
        found = np.full(len(xy), np.inf)
        if len(self.lines):
            (rows, _), far = self.streets.query_nearest(shapely.points(xy), max_distance=COVERED_M,
                                                        return_distance=True, all_matches=False)
            found[rows] = far
        return found

    def is_in(self, tree: STRtree, xy: Array) -> NDArray[np.bool_]:
        """Tell which spots lie inside a shape of a tree."""
        found = np.zeros(len(xy), bool)
        if len(tree.geometries):
            found[tree.query(shapely.points(xy), predicate="within")[0]] = True
        return found

    def roads_in(self, text: str) -> list[str]:
        """Return the roads of the network that a text names, those that stand first in it before others."""
        said = unicodedata.normalize("NFKC", text)
        found: list[str] = []
        at = 0
        while at < len(said) - 1:
            name = next((name for name in self._heads.get(said[at:at + 2], ()) if said.startswith(name, at)), None)
            if name is not None:
                found.append(name)
            at += len(name) if name else 1
        return list(dict.fromkeys(found))

    def road_m(self, addresses: Sequence[str | None], xy: Array) -> Array:
        """Return the metres (n × K) from each reading (n × K × 2) to the road an address names, NaN where none is.

        Where an address names several roads as a crossing the farther one counts, else the nearer one.
        """
        wanted: dict[str, list[int]] = defaultdict(list)
        crossings = np.zeros(len(addresses), bool)
        known: dict[str, list[str]] = {}
        for row, address in enumerate(addresses):
            names = known.get(address or "")
            if names is None:
                names = known[address or ""] = self.roads_in(address) if address else []
            crossings[row] = len(names) > 1 and bool(_CROSSING.search(address or ""))
            for name in names[:3]:
                wanted[name].append(row)
        low, high = np.full(xy.shape[:2], np.inf), np.full(xy.shape[:2], -np.inf)
        for name, rows in wanted.items():
            far = self._from_road(name, xy[rows].reshape(-1, 2)).reshape(len(rows), -1)
            low[rows], high[rows] = np.minimum(low[rows], far), np.maximum(high[rows], far)
        found = np.where(crossings[:, None], high, low)
        return np.where(np.isfinite(found), found, np.nan)

    def _from_road(self, name: str, xy: Array) -> Array:
        tree = self._trees.get(name)
        if tree is None:
            tree = self._trees[name] = STRtree(self.lines[self.roads[name]])
        good = np.isfinite(xy).all(axis=1)
        found = np.full(len(xy), np.nan)
        if good.any():
            found[good] = tree.query_nearest(shapely.points(xy[good]), return_distance=True, all_matches=False)[1]
        return found

    def place_m(self, names: Sequence[str | None], xy: Array) -> tuple[Array, Array]:
        """Return the metres (n × K) to the nearest place of the row's name (NaN: unknown), and how many there are."""
        found, count = np.full(xy.shape[:2], np.nan), np.zeros(len(xy))
        for row, name in enumerate(names):
            spots = self._of_name(name) if name else None
            if spots is not None:
                far = np.hypot(xy[row, :, None, 0] - spots[:, 0], xy[row, :, None, 1] - spots[:, 1])
                found[row], count[row] = far.min(axis=1), len(spots)
        return found, count

    def _of_name(self, name: str) -> Array | None:
        spots = self.places.get(plain(name))
        return self.places.get(plain(_BRACKET.sub("", name))) if spots is None else spots


def _by_name(rows: Iterable[tuple[str | None, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for name, number in rows:
        for part in re.split(r"[;;]", unicodedata.normalize("NFKC", name or "")):
            if len(part.strip()) > 1:
                found[part.strip()].append(number)
    return dict(found)


Score = Callable[[Array], Array]


def pattern(readings: Array, shifts: Array, score: Score) -> tuple[Array, Array]:
    """Return how sharply readings (K × n × 2 metres) fit the ground, and the same spots pushed by each of `shifts`.

    `score` gives tests × spots (NaN: nothing known there). Each test is compared with the same spots moved by a house
    or two all around (`RING`): a right reading stands out sharply, while a dense quarter does not.
    """
    moved = np.concatenate([readings, readings[0][None] + shifts[:, None]])
    spots = moved[:, None] + np.vstack([np.zeros((1, 2)), RING])[None, :, None]
    scores = score(spots.reshape(-1, 2))
    scores = scores.reshape(len(scores), *spots.shape[:3])
    known = np.isfinite(scores)
    means = np.where(known, scores, 0.0).sum(axis=3) / np.maximum(known.sum(axis=3), 1)
    sharp = means[:, :, 0] - means[:, :, 1:].mean(axis=2)
    return sharp[:, :len(readings)], sharp[:, len(readings):]


def lying(ground: Ground) -> Score:
    """Return the tests of places: in buildings, not far from streets nor in water; close along streets."""
    return lambda xy: _lying(ground, xy)


def _lying(ground: Ground, xy: Array) -> Array:
    good = np.isfinite(xy).all(axis=1)
    xy = np.where(good[:, None], xy, 1e9)
    far = np.where(good, ground.street_m(xy), np.inf)
    housed = ground.is_in(ground.buildings, xy) if ground.has_buildings else np.zeros(len(xy))
    apart = 0.4 * (far > 60) + 0.4 * (far > 100) + 2.0 * ground.is_in(ground.water, xy)
    covered = np.isfinite(far)
    return np.where(covered, np.vstack([housed - apart, np.exp(-np.minimum(far, COVERED_M) / 20.0)]), np.nan)


def spiral(readings: Array, count: int = 30, reach_m: float = 1300.0) -> Array:
    """Return shifts in metres all around, none near where a reading (K × 2 metres from the first) lies itself."""
    turns = np.arange(1, 2 * count + 1)
    radius, angle = reach_m * np.sqrt(turns / (2.0 * count)), turns * np.pi * (3 - np.sqrt(5))
    shifts = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    near = np.hypot(*(shifts[:, None] - readings[None]).T).min(axis=0) < 120.0
    free = shifts[~near]
    return np.asarray(free[np.linspace(0, len(free) - 1, min(count, len(free))).astype(np.intp)])
