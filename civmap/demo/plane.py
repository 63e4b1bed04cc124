"""A plane cut into faces by street lines: exact by construction, because shared corners are shared numbers."""

import math
from collections.abc import Iterable, Sequence

import shapely
from shapely.geometry import Polygon

from civmap.demo.frame import Spot

Pair = tuple[int, int]


def undirected(a: int, b: int) -> Pair:
    """Return the key of the edge between two corners, whatever its direction."""
    return (a, b) if a < b else (b, a)


class Plane:
    """Corners, edges (each of one street) and faces (anticlockwise rings of corners)."""

    def __init__(self) -> None:
        self.spots: list[Spot] = []
        self.street_of: dict[Pair, str] = {}
        self.faces: dict[int, list[int]] = {}
        self.face_left_of: dict[Pair, int] = {}
        self.neighbours: dict[int, set[int]] = {}
        self._number_of: dict[Spot, int] = {}
        self._next_face = 0

    def corner(self, spot: Sequence[float]) -> int:
        """Return the number of a corner, adding it when it is new (equal to the millimetre)."""
        key = (round(spot[0], 3), round(spot[1], 3))
        if key not in self._number_of:
            self._number_of[key] = len(self.spots)
            self.spots.append(key)
        return self._number_of[key]

    def add_edge(self, a: int, b: int, street: str) -> None:
        """Join two corners by a piece of a street."""
        self.street_of[undirected(a, b)] = street
        self.neighbours.setdefault(a, set()).add(b)
        self.neighbours.setdefault(b, set()).add(a)

    def add_face(self, ring: Iterable[int]) -> int:
        """Add a face by its anticlockwise ring of corners and return its number."""
        number, self._next_face = self._next_face, self._next_face + 1
        self._set_face(number, list(ring))
        return number

    def _set_face(self, number: int, ring: list[int]) -> None:
        self.faces[number] = ring
        for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
            self.face_left_of[(a, b)] = number

    def polygon(self, face: int) -> Polygon:
        """Return a face as a polygon in board metres."""
        return Polygon([self.spots[n] for n in self.faces[face]])

    def degree(self, corner: int) -> int:
        """Return how many edges meet in a corner."""
        return len(self.neighbours[corner])

    def split_edge(self, a: int, b: int, spot: Spot) -> int:
        """Put a corner on the edge a-b, in both faces that share it, and return it."""
        m = self.corner(spot)
        if m in (a, b):
            return m
        street = self.street_of.pop(undirected(a, b))
        self.neighbours[a].discard(b)
        self.neighbours[b].discard(a)
        self.add_edge(a, m, street)
        self.add_edge(m, b, street)
        for start, end in ((a, b), (b, a)):
            face = self.face_left_of.pop((start, end), None)
            if face is not None:
                ring = self.faces[face]
                ring.insert(ring.index(start) + 1, m)
                self.face_left_of[(start, m)] = face
                self.face_left_of[(m, end)] = face
        return m

    def cut(self, face: int, start: int, end: int, street: str) -> Pair:
        """Cut a face by an edge between two of its corners; return the numbers of the two new faces."""
        ring = self.faces.pop(face)
        i, j = sorted((ring.index(start), ring.index(end)))
        self.add_edge(start, end, street)
        return self.add_face(ring[i : j + 1]), self.add_face(ring[j:] + ring[: i + 1])

    def bend_at(self, face: int, corner: int) -> float:
        """Return the inner angle of a face at a corner in degrees; 180 means the side runs straight on."""
        ring = self.faces[face]
        i = ring.index(corner)
        x, y = self.spots[corner]
        before, after = self.spots[ring[i - 1]], self.spots[ring[(i + 1) % len(ring)]]
        a = math.atan2(before[1] - y, before[0] - x)
        b = math.atan2(after[1] - y, after[0] - x)
        return math.degrees((a - b) % (2 * math.pi))


def plane_of(lines: Sequence[tuple[str, shapely.LineString]]) -> Plane:
    """Lay lines on the plane: crossings become corners, dangling ends are trimmed, closed areas faces.

    `lines` are (street, line) in board metres; where two lines coincide the earlier one gives the name.
    """
    noded = shapely.unary_union([line for _, line in lines], grid_size=0.001)
    tree = shapely.STRtree([line for _, line in lines])
    plane = Plane()
    polygons = sorted(shapely.get_parts(shapely.polygonize(list(noded.geoms))), key=lambda p: p.bounds)
    for polygon in polygons:
        spots = list(shapely.geometry.polygon.orient(polygon, 1.0).exterior.coords)[:-1]
        ring = [plane.corner(spot) for spot in spots]
        for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
            if undirected(a, b) not in plane.street_of:
                plane.add_edge(a, b, _street_at(plane, a, b, lines, tree))
        plane.add_face(ring)
    return plane


def _street_at(plane: Plane, a: int, b: int, lines: Sequence[tuple[str, shapely.LineString]], tree: shapely.STRtree):
    (ax, ay), (bx, by) = plane.spots[a], plane.spots[b]
    middle = shapely.Point((ax + bx) / 2, (ay + by) / 2)
    near = tree.query(middle, predicate="dwithin", distance=0.5)
    return lines[min(int(n) for n in near)][0]
