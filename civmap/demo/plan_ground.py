"""The ground of the district: the grown plane bent into its final shape, with streets as chains of named edges."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon

from civmap.demo.curves import Warp, normals, ribbon, smooth
from civmap.demo.plan_skeleton import Bones
from civmap.demo.plan_streets import Grown, Growth
from civmap.demo.plane import Pair, Plane, undirected

DENSE_M = 24.0
SIDEWALK_M = {"arterial_primary": 5.0, "arterial_secondary": 5.0, "branch": 3.5, "alley": 1.0}


@dataclass(frozen=True)
class Street:
    """A street: its corners in order and the curve between each two of them."""

    key: str
    name: str
    road_class: str
    width_m: float
    corners: tuple[int, ...]


@dataclass(frozen=True)
class Ground:
    """Everything that lies still: places in board metres after bending."""

    plane: Plane
    spots: np.ndarray
    lines: Mapping[Pair, np.ndarray]  # undirected edge -> its curve, from the lower to the higher corner
    faces: Mapping[int, Polygon]
    character: Mapping[int, str]
    landmarks: Mapping[int, Mapping]
    water_faces: frozenset[int]
    border: Polygon
    river: Polygon
    river_axis: np.ndarray
    canal: Polygon
    railway: Polygon
    railway_line: LineString
    classes: Mapping[str, tuple[str, float]]

    def curve(self, a: int, b: int) -> np.ndarray:
        """Return the curve of an edge walked from a to b, as (n, 2) metres."""
        line = self.lines[undirected(a, b)]
        return line if a < b else line[::-1]

    def is_street(self, a: int, b: int) -> bool:
        """Tell whether an edge is a street, and not the border or the river's axis."""
        return not self.plane.street_of[undirected(a, b)].startswith("#")


def ground(rng: random.Random, bones: Bones, grown: Grown, growth: Growth, skeleton: Mapping) -> Ground:
    """Bend the plane and everything that lies over it."""
    warp = Warp(rng, bones.first_street)
    plane = grown.plane
    spots = warp(np.asarray(plane.spots, dtype=float))
    lines = _bent_lines(plane, spots, warp)
    faces = {face: _face(plane, lines, face) for face in sorted(plane.faces)}
    border = Polygon(warp(shapely.get_coordinates(shapely.segmentize(bones.border, DENSE_M))))
    axis = warp(bones.river_axis)
    canal_axis = warp(smooth(skeleton["canal"]["axis"], 40))
    rails = warp(smooth(skeleton["railway"]["axis"], 60))
    river = ribbon(axis, bones.river_half_m).intersection(border)
    return Ground(
        plane, spots, lines, faces,
        {face: growth.character(plane.polygon(face).representative_point()) for face in faces},
        dict(grown.reserved), frozenset(grown.water), border, river, axis,
        _band(canal_axis, skeleton["canal"]["width_m"], border).difference(river),
        _band(rails, skeleton["railway"]["width_m"], border),
        LineString(rails), dict(grown.classes),
    )  # fmt: skip


def _band(line: np.ndarray, width_m: float, border: Polygon) -> Polygon:
    return ribbon(line, np.full(len(line), width_m / 2)).intersection(border)


def _bent_lines(plane: Plane, spots: np.ndarray, warp: Warp) -> dict[Pair, np.ndarray]:
    """Return the bent curve of every edge; its ends are exactly the bent corners."""
    lines = {}
    for a, b in sorted(plane.street_of):
        (ax, ay), (bx, by) = plane.spots[a], plane.spots[b]
        n = max(1, math.ceil(math.hypot(bx - ax, by - ay) / DENSE_M))
        t = np.linspace(0, 1, n + 1)[1:-1, None]
        between = np.array([[ax, ay]]) * (1 - t) + np.array([[bx, by]]) * t
        inner = warp(between) if len(between) else between
        lines[(a, b)] = np.vstack([spots[a], inner, spots[b]])
    return lines


def _face(plane: Plane, lines: Mapping[Pair, np.ndarray], face: int) -> Polygon:
    ring = plane.faces[face]
    pieces = []
    for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
        line = lines[undirected(a, b)]
        pieces.append((line if a < b else line[::-1])[:-1])
    return Polygon(np.vstack(pieces))


def chains(ground: Ground) -> list[tuple[str, tuple[int, ...]]]:
    """Return every street as (key, corners in order); a street that forks gives several chains."""
    by_street: dict[str, list[Pair]] = {}
    for (a, b), street in sorted(ground.plane.street_of.items()):
        if not street.startswith("#"):
            by_street.setdefault(street, []).append((a, b))
    found = []
    for street in sorted(by_street):
        left = set(by_street[street])
        while left:
            found.append((street, _walk(ground, left)))
    return found


def _walk(ground: Ground, left: set[Pair]) -> tuple[int, ...]:
    """Take one chain out of the edges that are left, going straight on at forks."""
    count: dict[int, int] = {}
    for pair in left:
        for n in pair:
            count[n] = count.get(n, 0) + 1
    ends = sorted(n for n in count if count[n] == 1) or sorted(count)
    chain = [min(ends, key=lambda n: (round(ground.spots[n][0] - ground.spots[n][1], 3), n))]
    while True:
        here = chain[-1]
        ahead = sorted(n for n in ground.plane.neighbours[here] if undirected(here, n) in left)
        if not ahead:
            return tuple(chain)
        if len(chain) > 1:
            ahead.sort(key=lambda n: turn(ground, chain[-2], here, n))
        left.discard(undirected(here, ahead[0]))
        chain.append(ahead[0])


def turn(ground: Ground, before: int, here: int, after: int) -> float:
    """Return by how many radians a walk bends at a corner, 0 for straight on."""
    (ax, ay), (bx, by), (cx, cy) = (ground.spots[n] for n in (before, here, after))
    change = math.atan2(cy - by, cx - bx) - math.atan2(by - ay, bx - ax)
    return abs((change + math.pi) % (2 * math.pi) - math.pi)


def street_curve(ground: Ground, corners: tuple[int, ...]) -> np.ndarray:
    """Return the curve through a chain of corners, as (n, 2) metres."""
    pieces = [ground.curve(a, b)[:-1] for a, b in pairwise(corners)]
    return np.vstack([*pieces, ground.spots[corners[-1]][None, :]])


class Track:
    """A polyline on which places are told by their chainage and their offset to the left."""

    def __init__(self, line: np.ndarray) -> None:
        self.along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
        self._line, self._normals = line, normals(line)

    def at(self, at_m: Sequence[float] | np.ndarray, off_m: float) -> np.ndarray:
        """Return the (n, 2) places at chainages, moved `off_m` to the left; equal chainages give equal places."""
        x, y = (np.interp(at_m, self.along, self._line[:, i]) for i in (0, 1))
        nx, ny = (np.interp(at_m, self.along, self._normals[:, i]) for i in (0, 1))
        size = np.hypot(nx, ny)
        return np.column_stack([x + nx / size * off_m, y + ny / size * off_m])
