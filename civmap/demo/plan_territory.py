"""Territory: faces grown into subdistricts, these parted into communities, these into grids; each level tiles."""

import heapq
import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry import Polygon

from civmap.demo.plan_ground import Ground
from civmap.demo.plan_names import Pool
from civmap.demo.plan_skeleton import RIVER
from civmap.demo.plane import undirected

DISTRICT = "360199"
FACES_PER_COMMUNITY, FACES_PER_GRID = 9.5, 2.0


@dataclass(frozen=True)
class Area:
    """A territorial zone: kind, statistical code, name, the code above it, shape and the faces it is made of."""

    kind: str
    code: str
    name: str
    parent: str
    shape: Polygon
    faces: tuple[int, ...]


class Neighbourhood:
    """Which faces lie side by side (the river divides), and how far apart their middles are."""

    def __init__(self, ground: Ground) -> None:
        plane = ground.plane
        self.middles = {f: shape.representative_point().coords[0] for f, shape in ground.faces.items()}
        self.beside: dict[int, set[int]] = {face: set() for face in ground.faces}
        for (a, b), face in plane.face_left_of.items():
            other = plane.face_left_of.get((b, a))
            if other is not None and plane.street_of[undirected(a, b)] != RIVER:
                self.beside[face].add(other)

    def grow(self, seeds: Mapping[str, Iterable[int]], within: Iterable[int]) -> dict[str, list[int]]:
        """Share out faces to the seeds that reach them by the shortest walk from middle to middle."""
        room = set(within)
        heap = [(0.0, key, face) for key, faces in sorted(seeds.items()) for face in sorted(faces)]
        heapq.heapify(heap)
        owner: dict[int, str] = {}
        while heap:
            cost, key, face = heapq.heappop(heap)
            if face in owner:
                continue
            owner[face] = key
            for other in sorted(self.beside[face] & room - owner.keys()):
                heapq.heappush(heap, (cost + math.dist(self.middles[face], self.middles[other]), key, other))
        shares: dict[str, list[int]] = {key: [] for key in sorted(seeds)}
        for face in sorted(owner):
            shares[owner[face]].append(face)
        return shares

    def parts(self, rng: random.Random, faces: Sequence[int], count: int) -> list[list[int]]:
        """Part faces into about `count` neighbouring groups of like size."""
        count = max(1, min(count, len(faces)))
        seeds = rng.sample(list(faces), count)
        for _ in range(5):
            shares = self.grow({f"{i:04d}": [face] for i, face in enumerate(seeds)}, faces)
            seeds = [self._central(group) for group in shares.values() if group]
        shares = self.grow({f"{i:04d}": [face] for i, face in enumerate(seeds)}, faces)
        return [group for group in shares.values() if group]

    def _central(self, group: Sequence[int]) -> int:
        x = sum(self.middles[f][0] for f in group) / len(group)
        y = sum(self.middles[f][1] for f in group) / len(group)
        return min(group, key=lambda f: (math.dist(self.middles[f], (x, y)), f))


def territory(rng: random.Random, ground: Ground, names: Mapping) -> list[Area]:
    """Return subdistricts, communities and grids; each level tiles the district."""
    around = Neighbourhood(ground)
    middles = shapely.points([around.middles[f] for f in sorted(ground.faces)])
    tree, order = shapely.STRtree(middles), sorted(ground.faces)
    seeds = {
        entry["code"]: [order[int(tree.nearest(shapely.Point(spot)))] for spot in entry["seeds"]]
        for entry in names["subdistricts"]
    }
    titles = {entry["code"]: entry["name"] for entry in names["subdistricts"]}
    communities, villages = Pool(rng, names["community_stems"]), Pool(rng, names["villages"])
    found: list[Area] = []
    for code, faces in around.grow(seeds, order).items():
        top = Area("subdistrict", DISTRICT + code, titles[code], "", _union(ground, faces), tuple(faces))
        found.append(top)
        groups = around.parts(rng, faces, max(3, round(_weight(ground, faces) / FACES_PER_COMMUNITY)))
        groups.sort(key=lambda group: _reading_order(around, group))
        numbers = {"社区": 0, "村": 200}
        for group in groups:
            rural = sum(ground.character[f] == "fringe" for f in group) > 0.6 * len(group) and len(villages) > 0
            numbers["村" if rural else "社区"] += 1
            number = numbers["村" if rural else "社区"]
            name = villages.take() if rural else communities.take() + "社区"
            area = Area("community", f"{top.code}{number:03d}", name, top.code, _union(ground, group), tuple(group))
            found.append(area)
            found.extend(_grids(rng, ground, around, area))
    return found


def _weight(ground: Ground, faces: Sequence[int]) -> float:
    return sum(0.0 if f in ground.water_faces else 1.4 if ground.character[f] == "fringe" else 1.0 for f in faces)


def _reading_order(around: Neighbourhood, group: Sequence[int]) -> tuple[float, float]:
    """Return a key that sorts west to east in bands from north to south."""
    x = sum(around.middles[f][0] for f in group) / len(group)
    y = sum(around.middles[f][1] for f in group) / len(group)
    return (-round(y / 400), x)


def _grids(rng: random.Random, ground: Ground, around: Neighbourhood, community: Area) -> list[Area]:
    groups = around.parts(rng, community.faces, round(len(community.faces) / FACES_PER_GRID))
    groups.sort(key=lambda group: _reading_order(around, group))
    stem = community.name.removesuffix("社区")
    return [
        Area("grid", f"{community.code}{i:03d}", f"{stem}第{i}网格", community.code, _union(ground, g), tuple(g))
        for i, g in enumerate(groups, 1)
    ]


def _union(ground: Ground, faces: Sequence[int]) -> Polygon:
    return shapely.coverage_union_all([ground.faces[face] for face in faces])
