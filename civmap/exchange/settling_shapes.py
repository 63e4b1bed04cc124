"""From the corners of lines and areas to their right places: one system for a whole file, judged like a table's.

A `.prj` may be missing or lie. What tells: borders and lines run along streets, known borders and the walls of
buildings, places lie in buildings; each judged by how sharply it fits (`settling_ground.pattern`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.errors import CivmapError, Invalid
from civmap.exchange import settling_telling
from civmap.exchange.settling import AUTO, check_crs
from civmap.exchange.settling_degrees import Group, decided, degrees_of, prior_of
from civmap.exchange.settling_ground import Array, Ground, lying, pattern, spiral
from civmap.exchange.settling_metres import AGREES, candidates, prior_of_metres
from civmap.geo import datum_odds, datums
from civmap.geo.datum_odds import SURE
from civmap.geo.validity import STORED_DECIMALS, Frame
from civmap.people.rules import Viewer
from civmap.store.spatial import in_frame
from civmap.zones.models import Zone
from civmap.zones.queries import visible
from civmap.zones.rules import BORDERS

MOST_SHAPES, MOST_SPOTS, FROM = 2_000, 100, 8
NEAR_STREET_M, NEAR_LINE_M = 8.0, 5.0
SEEN_M = 30.0
USUAL = 0.55
"""A layer is asked about once, so it is asked about sooner than the rows of a table."""
FRAME_WEIGHT = 6.0
"""The most that lying inside the frame counts for: a layer often reaches farther than the city's frame."""


@dataclass(slots=True)
class SettledShapes:
    """In which system a file's shapes are written: they are placed by `shape`, or refused with the file's question."""

    system: str
    frame: Frame
    error: CivmapError | None = None
    warning: CivmapError | None = None
    evidence: dict[str, Any] = field(default_factory=dict)

    def shape(self, geometry: dict[str, Any]) -> dict[str, Any]:
        """Return a GeoJSON geometry in lon/lat; raise Invalid where it cannot be read, lies outside or is in doubt."""
        spots = positions(geometry)
        if not len(spots):
            raise Invalid("geometry_unreadable", field="geometry", why=str(geometry.get("type"))[:40])
        moved = self._moved(spots)
        if not datums.inside(moved[:1, 0], moved[:1, 1], self.frame)[0]:
            raise self._outside(spots, moved)
        if self.error is not None:
            raise Invalid(self.error.code, field="geometry", **self.error.facts)
        if self.system in ("wgs84", "cgcs2000"):
            return geometry
        return {"type": geometry.get("type"), "coordinates": _rebuilt(geometry["coordinates"], iter(moved.tolist()))}

    def _moved(self, spots: Array) -> Array:
        x, y = spots[:, 0], spots[:, 1]
        if self.system.startswith("EPSG:") and datums.look_like_metres(x, y).all():
            x, y = datums.east_first(x, y)
        return np.round(np.column_stack(datums.to_degrees(self.system, x, y)), STORED_DECIMALS)

    def _outside(self, spots: Array, moved: Array) -> CivmapError:
        x, y = float(spots[0, 0]), float(spots[0, 1])
        turned = datums.slips(spots[:1, 0], spots[:1, 1], self.frame)
        if turned[0][0] == 1:
            return Invalid("coordinates_swapped", field="geometry", lon=f"{y:.6f}", lat=f"{x:.6f}", no_repair=True)
        if datums.look_like_metres(spots[:1, 0], spots[:1, 1])[0]:
            east, north = datums.east_first(spots[:1, 0], spots[:1, 1])
            names = datums.metre_systems(float(east[0]), float(north[0]), self.frame)
            if names:
                lon, lat = datums.to_degrees(names[0], east, north)
                return Invalid("coordinates_other_system", field="geometry", x=f"{x:.2f}", y=f"{y:.2f}",
                               lon=f"{lon[0]:.6f}", lat=f"{lat[0]:.6f}", crs=names[0], no_repair=True)
        shown = moved[0] if np.isfinite(moved[0]).all() else spots[0]
        return Invalid("outside_city", field="geometry", lon=f"{shown[0]:.6f}", lat=f"{shown[1]:.6f}",
                       frame=", ".join(f"{edge:.4f}" for edge in self.frame))


def settle_shapes(session: Session, viewer: Viewer, geometries: Iterable[dict[str, Any] | None], said: str | None,
                  crs: str, frame: Frame) -> SettledShapes:
    """Return the system that the shapes of a file (GeoJSON geometries, or a sample of them) are written in.

    `said` is what the file says (`.prj`, heading), `crs` what the person wishes. Raise Invalid `crs_unknown`.
    """
    wish, told = check_crs(crs), datums.said(said) if said else None
    corners, middles = _spots(geometries)
    if not len(corners):
        return SettledShapes("wgs84" if wish == AUTO else wish, frame, evidence=_evidence("wgs84", None, [], []))
    in_metres = bool(datums.look_like_metres(corners[:, 0], corners[:, 1]).mean() > 0.5)
    names = _names(corners, in_metres, told, frame)
    if wish != AUTO and wish not in names:
        system = _zone(corners, told, frame) if wish == "cgcs2000" and in_metres else wish
        return SettledShapes(system, frame, evidence=_evidence(system, None, [], [], "wished"))
    if not names:
        return SettledShapes("wgs84", frame, evidence=_evidence("wgs84", None, [], [], "unsaid"))
    if in_metres:
        corners, middles = (np.column_stack(datums.east_first(*spots.T)) for spots in (corners, middles))
    odds, lies = _odds(session, viewer, corners, middles, names, told, frame, in_metres)
    group = _group(names, odds, lies, told, wish, in_metres, len(corners))
    return _settled(group, names, corners, frame)


def _names(corners: Array, in_metres: bool, told: datums.Said | None, frame: Frame) -> list[str]:
    if not in_metres:
        return [*datums.DEGREES]
    return candidates(frame, *datums.east_first(corners[:, 0], corners[:, 1]), told)


def _zone(corners: Array, told: datums.Said | None, frame: Frame) -> str:
    names = _names(corners, True, told or datums.Said("cgcs2000", None, True), frame)
    return names[0] if names else "cgcs2000"


def _group(names: list[str], odds: Array, lies: Array, told: datums.Said | None, wish: str, in_metres: bool,
           count: int) -> Group:
    """Return the verdict on the file: like a group of a table's rows."""
    if not in_metres:
        return decided(wish, degrees_of(told.system) if told else None, odds, count, count, USUAL)
    best = int(np.argmax(odds))
    parts = tuple(float(part) for part in odds)
    if wish != AUTO:
        return Group(None, wish, parts, "wished", count, count)
    is_told = told is not None and (told.is_metres or told.system == "cgcs2000") and not datums.is_old(names[best])
    is_sure = odds[best] >= SURE and (is_told or lies[best] >= AGREES)
    return Group(told.system if told else None, names[best], parts,
                 "doubtful" if not is_sure else "said" if is_told else "detected", count, count)


def _settled(group: Group, names: list[str], corners: Array, frame: Frame) -> SettledShapes:
    best = names[int(np.argmax(group.odds))]
    lon, lat = datums.to_degrees(best, corners[:1, 0], corners[:1, 1])
    facts = {"said": group.said, "crs": best, "lon": f"{lon[0]:.6f}", "lat": f"{lat[0]:.6f}", "no_repair": True}
    found = SettledShapes(group.taken, frame, evidence=_evidence(group.taken, group, names, corners.tolist()))
    if group.state in ("contradicted", "doubtful"):
        code = "datum_contradicted" if group.state == "contradicted" else "datum_doubtful"
        found.error = Invalid(code, field="geometry", **facts)
    elif group.state == "wished" and group.taken in names and group.odds[names.index(group.taken)] < 1 - SURE:
        found.warning = Invalid("datum_contradicted", field="geometry", **{**facts, "said": group.taken})
        found.evidence["code"] = "wish_doubted"
        found.evidence["is_sure"] = False
    return found


def _odds(session: Session, viewer: Viewer, corners: Array, middles: Array, names: list[str],
          told: datums.Said | None, frame: Frame, in_metres: bool) -> tuple[Array, Array]:
    """Return how likely each reading is, and the part of it that comes from the ground."""
    prior = prior_of_metres(names, told)[0] if in_metres else np.array(
        prior_of(degrees_of(told.system) if told else None, False))
    readings = [np.array([np.column_stack(datums.to_degrees(name, spots[:, 0], spots[:, 1])) for name in names])
                for spots in (corners, middles)]
    lies = np.zeros(len(names))
    if len(corners) >= FROM:
        lies = _lies(session, viewer, readings, frame)
    inside = np.array([datums.inside(spots[:, 0], spots[:, 1], frame).mean() for spots in readings[1]])
    best = np.clip(inside.max(), 0.5, 0.99)
    likely = len(middles) * (inside * np.log(best) + (1 - inside) * np.log(1 - best))
    framed = np.maximum(likely - likely.max(), -FRAME_WEIGHT)
    logs = np.log(prior) + lies + framed
    parts = np.exp(logs - logs.max())
    return parts / parts.sum(), lies


def _lies(session: Session, viewer: Viewer, readings: list[Array], frame: Frame) -> Array:
    wide = np.concatenate([spots.reshape(-1, 2) for spots in readings])
    wide = wide[datums.inside(wide[:, 0], wide[:, 1], frame)]
    if len(wide) < FROM:
        return np.zeros(len(readings[0]))
    west, south, east, north = *wide.min(axis=0).tolist(), *wide.max(axis=0).tolist()
    ground = Ground(session, viewer, (west, south, east, north))
    edges, places = (ground.xy(spots) for spots in readings)
    shifts = spiral(np.nanmedian(edges - edges[:1], axis=1))
    tests = [pattern(edges, shifts, _along(ground, _borders(session, viewer, ground)))]
    if ground.has_streets:
        tests.append(pattern(places, shifts, lying(ground)))
    scores, background = (np.vstack([test[part] for test in tests]) for part in (0, 1))
    told = background.std(axis=1) > 1e-6
    if not told.any():
        return np.zeros(len(readings[0]))
    return datum_odds.pattern_odds(scores[told], background[told], edges.shape[1])


def _borders(session: Session, viewer: Viewer, ground: Ground) -> Any:
    rows = session.scalars(select(Zone.geom).where(Zone.kind.in_(BORDERS), visible(viewer),
                                                   in_frame(Zone.geom, *ground.box))).all()
    return shapely.boundary(ground.plane.to_metres(np.array(rows, object)))


def _along(ground: Ground, borders: Any) -> Any:
    """Return the tests of corners: on streets, on walls of buildings, on known borders."""
    walls = shapely.boundary(ground.buildings.geometries) if ground.has_buildings else np.zeros(0, object)
    lines = ground.lines if ground.has_streets else np.zeros(0, object)
    trees = [(_sides(lines), NEAR_STREET_M), (_sides(walls), NEAR_LINE_M), (_sides(borders), NEAR_LINE_M)]

    def score(xy: Array) -> Array:
        return np.vstack([_closeness(tree, xy, reach_m) for tree, reach_m in trees])

    return score


def _sides(lines: Any) -> STRtree:
    """Return the single sides of lines: a border of ten thousand corners is slow to ask as one."""
    spots, owner = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    same = np.flatnonzero(owner[1:] == owner[:-1]) if len(owner) else np.zeros(0, np.intp)
    return STRtree(shapely.linestrings(np.stack([spots[same], spots[same + 1]], axis=1)))


def _closeness(tree: STRtree, xy: Array, reach_m: float) -> Array:
    found = np.zeros(len(xy))
    good = np.flatnonzero(np.isfinite(xy).all(axis=1))
    if len(tree.geometries) and len(good):
        (rows, _), far = tree.query_nearest(shapely.points(xy[good]), max_distance=SEEN_M, return_distance=True,
                                            all_matches=False)
        found[good[rows]] = np.exp(-far / reach_m)
    return found


def _spots(geometries: Iterable[dict[str, Any] | None]) -> tuple[Array, Array]:
    """Return corners of the shapes, spread over all of them, and the middle of each."""
    parts = [spots for geometry in geometries if geometry and len(spots := positions(geometry))]
    if not parts:
        return np.zeros((0, 2)), np.zeros((0, 2))
    parts = [parts[at] for at in _spread(len(parts), MOST_SHAPES)]
    middles = np.array([(spots.min(axis=0) + spots.max(axis=0)) / 2 for spots in parts])
    corners = np.concatenate(parts)
    return corners[_spread(len(corners), MOST_SPOTS)], middles[_spread(len(middles), MOST_SPOTS)]


def _spread(count: int, most: int) -> NDArray[np.intp]:
    return np.linspace(0, count - 1, min(count, most)).astype(np.intp)


def positions(geometry: dict[str, Any]) -> Array:
    """Return all positions of a GeoJSON geometry (n × 2) as they stand; raise Invalid where one is no position."""
    found: list[tuple[float, float]] = []
    waiting = [geometry.get("coordinates")]
    while waiting:
        value = waiting.pop()
        if not isinstance(value, list | tuple):
            raise Invalid("geometry_unreadable", field="geometry", why=str(value)[:40])
        if value and isinstance(value[0], list | tuple):
            waiting.extend(reversed(value))
        elif value:
            found.append(_position(value))
    return np.array(found, float).reshape(-1, 2)


def _position(value: Any) -> tuple[float, float]:
    good = len(value) >= 2 and all(isinstance(part, int | float) and not isinstance(part, bool) for part in value[:2])
    if not good:
        raise Invalid("geometry_unreadable", field="geometry", why=str(value)[:40])
    return float(value[0]), float(value[1])


def _rebuilt(value: Any, spots: Any) -> Any:
    if value and not isinstance(value[0], list | tuple):
        return next(spots)
    return [_rebuilt(part, spots) for part in value]


def _evidence(system: str, group: Group | None, names: list[str], corners: list[list[float]],
              state: str = "nothing") -> dict[str, Any]:
    return settling_telling.of_shapes(system, group, names, corners, state)
