"""Streets by growth: superblocks are cut again and again until blocks have the size of their quarter."""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.ops import split

from civmap.demo.plan_skeleton import RIVER, Bones
from civmap.demo.plane import Plane, undirected

SNAP_M = 38.0  # a new street meets one that already comes from the other side
CORNER_M = 24.0  # no crossing nearer to a corner
LANE_WIDTH_M = {"branch": 9.0, "alley": 5.0}


@dataclass(frozen=True)
class Growth:
    """How a quarter grows: what each face is, how large blocks get, where nothing may be cut."""

    characters: tuple[tuple[str, float, float], ...]
    block_m2: Mapping[str, float]
    landmarks: tuple[Mapping, ...]
    keep_clear: tuple[tuple[float, float, float], ...]

    def character(self, at: Point) -> str:
        """Return the quarter's character at a place: that of the nearest seed."""
        return min(self.characters, key=lambda c: math.hypot(c[1] - at.x, c[2] - at.y))[0]


@dataclass
class Grown:
    """The plane after growth: the class and width of every grown street by key."""

    plane: Plane
    classes: dict[str, tuple[str, float]]
    reserved: dict[int, Mapping] = field(default_factory=dict)  # face -> landmark
    water: set[int] = field(default_factory=set)  # faces of the river strip


def growth_of(skeleton: Mapping) -> Growth:
    """Read the growth rules from the recipe."""
    return Growth(
        tuple((c[0], float(c[1]), float(c[2])) for c in skeleton["characters"]),
        skeleton["block_m2"],
        tuple(skeleton["landmarks"]),
        tuple((float(x), float(y), float(r)) for x, y, r in skeleton["keep_clear"]),
    )


def grow(rng: random.Random, bones: Bones, growth: Growth) -> Grown:
    """Cut every superblock down to blocks; streets go on across a crossing where they meet one."""
    grown = Grown(bones.plane, dict(bones.classes))
    waiting = sorted(bones.plane.faces)
    while waiting:
        face = waiting.pop(0)
        if _touches(bones.plane, face, RIVER):
            grown.water.add(face)
            continue
        new = _cut_once(rng, grown, growth, face)
        waiting.extend(new)
    _reserve(grown, growth)
    return grown


def _touches(plane: Plane, face: int, street: str) -> bool:
    ring = plane.faces[face]
    return any(plane.street_of[undirected(a, b)] == street for a, b in zip(ring, ring[1:] + ring[:1], strict=True))


def _reserve(grown: Grown, growth: Growth) -> None:
    faces = sorted(grown.plane.faces)
    tree = shapely.STRtree([grown.plane.polygon(face) for face in faces])
    for landmark in growth.landmarks:
        for i in tree.query(Point(landmark["at"]), predicate="within"):
            grown.reserved.setdefault(faces[i], landmark)


def _target(growth: Growth, polygon: Polygon) -> tuple[str, float]:
    character = growth.character(polygon.representative_point())
    target = growth.block_m2[character]
    for landmark in growth.landmarks:
        if polygon.contains(Point(landmark["at"])):
            target = max(target, float(landmark["area_m2"]))
    return character, target


def _cut_once(rng: random.Random, grown: Grown, growth: Growth, face: int) -> list[int]:
    """Cut one face in two; return the new faces, or nothing when it is small enough or cannot be cut well."""
    polygon = grown.plane.polygon(face)
    character, target = _target(growth, polygon)
    if polygon.area < target * rng.uniform(1.15, 1.9):
        return []
    for attempt in range(14):
        line = _cutting_line(rng, polygon, character, attempt)
        hits = _hits(grown.plane, face, line, polygon)
        if hits is None or not _is_good(grown.plane, face, hits, growth, target, polygon):
            continue
        start, end = (_corner_for(grown.plane, face, hit) for hit in hits)
        if start == end or undirected(start, end) in grown.plane.street_of:
            continue
        street = _street_for(grown, start, end, polygon.area, character)
        return list(grown.plane.cut(face, start, end, street))
    return []


def _cutting_line(rng: random.Random, polygon: Polygon, character: str, attempt: int) -> LineString:
    """Return a long line across the polygon's longer axis, a little askew in old quarters."""
    box = list(shapely.minimum_rotated_rectangle(polygon).exterior.coords)
    sides = [(box[i], box[i + 1]) for i in range(2)]
    sides.sort(key=lambda s: math.dist(*s), reverse=True)
    (ax, ay), (bx, by) = sides[0] if attempt < 9 else sides[1]
    length, width = (math.dist(*s) for s in sides)
    if attempt < 9 and length < 1.25 * width and rng.random() < 0.45:
        (ax, ay), (bx, by) = sides[1]
    ux, uy = bx - ax, by - ay
    size = math.hypot(ux, uy)
    askew = math.radians(rng.gauss(0, 7 if character == "old" else 2))
    angle = math.atan2(uy, ux) + math.pi / 2 + askew
    shift = rng.gauss(0, 0.11) * size
    middle = polygon.centroid
    x, y = middle.x + ux / size * shift, middle.y + uy / size * shift
    dx, dy = math.cos(angle) * 4000, math.sin(angle) * 4000
    return LineString([(x - dx, y - dy), (x + dx, y + dy)])


Hit = tuple[int, int, float, float]  # the edge a, b of the ring and the place on it


def _hits(plane: Plane, face: int, line: LineString, polygon: Polygon) -> tuple[Hit, Hit] | None:
    """Return the two places where the line enters and leaves the polygon about its middle."""
    ring = plane.faces[face]
    (lx, ly), (mx, my) = line.coords
    dx, dy = mx - lx, my - ly
    found = []
    for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
        (ax, ay), (bx, by) = plane.spots[a], plane.spots[b]
        left = dx * (ay - ly) - dy * (ax - lx)
        right = dx * (by - ly) - dy * (bx - lx)
        if (left > 0) == (right > 0):
            continue
        t = left / (left - right)
        x, y = ax + t * (bx - ax), ay + t * (by - ay)
        along = ((x - lx) * dx + (y - ly) * dy) / (dx * dx + dy * dy)
        found.append((along, (a, b, x, y)))
    found.sort(key=lambda f: f[0])
    pairs = [(found[i], found[i + 1]) for i in range(0, len(found) - 1, 2)]
    pairs = [p for p in pairs if p[0][0] <= 0.5 <= p[1][0]] or pairs[:1]
    return (pairs[0][0][1], pairs[0][1][1]) if pairs else None


def _corner_for(plane: Plane, face: int, hit: Hit) -> int:
    """Return the corner where a cut ends: one that a street from the other side already made, else a new one."""
    a, b, x, y = hit
    near = [
        n
        for n in plane.faces[face]
        if math.dist(plane.spots[n], (x, y)) < SNAP_M
        and plane.degree(n) == 3
        and abs(plane.bend_at(face, n) - 180) < 22
    ]
    if near:
        return min(near, key=lambda n: math.dist(plane.spots[n], (x, y)))
    for end in (a, b):
        if math.dist(plane.spots[end], (x, y)) < 6 and abs(plane.bend_at(face, end) - 180) < 30:
            return end
    return plane.split_edge(a, b, (x, y))


def _is_good(
    plane: Plane, face: int, hits: tuple[Hit, Hit], growth: Growth, target: float, polygon: Polygon
) -> bool:
    cut = LineString([hits[0][2:], hits[1][2:]])
    if cut.length < 45 or any(cut.distance(Point(x, y)) < r for x, y, r in growth.keep_clear):
        return False
    corners = [n for n in plane.faces[face] if abs(plane.bend_at(face, n) - 180) > 28]
    if any(math.dist(plane.spots[n], hit[2:]) < CORNER_M for n in corners for hit in hits):
        return False
    parts = [p for p in split(polygon, _longer(cut)).geoms if p.area > 1]
    if len(parts) != 2 or min(p.area for p in parts) < 0.42 * target:
        return False
    return all(4 * math.pi * p.area / p.length**2 > 0.36 for p in parts)


def _longer(cut: LineString) -> LineString:
    (ax, ay), (bx, by) = cut.coords
    ux, uy = (bx - ax) / cut.length * 0.5, (by - ay) / cut.length * 0.5
    return LineString([(ax - ux, ay - uy), (bx + ux, by + uy)])


def _street_for(grown: Grown, start: int, end: int, area_m2: float, character: str) -> str:
    """Return the street of a new cut: the one that comes straight on at either end, else a new one."""
    for here, there in ((start, end), (end, start)):
        for other in sorted(grown.plane.neighbours[here]):
            street = grown.plane.street_of[undirected(here, other)]
            if street in grown.classes and street.startswith("~") and _runs_on(grown.plane, other, here, there):
                return street
    limit = {"old": 45000, "centre": 60000, "fringe": 250000}.get(character, 90000)
    class_ = "branch" if area_m2 > limit else "alley"
    if character == "fringe" and area_m2 > 500000:
        class_ = "branch"
    key = f"~{len(grown.classes):04d}"
    grown.classes[key] = (class_, LANE_WIDTH_M[class_])
    return key


def _runs_on(plane: Plane, before: int, here: int, after: int) -> bool:
    (ax, ay), (bx, by), (cx, cy) = (plane.spots[n] for n in (before, here, after))
    first, then = math.atan2(by - ay, bx - ax), math.atan2(cy - by, cx - bx)
    return abs((then - first + math.pi) % (2 * math.pi) - math.pi) < math.radians(24)
