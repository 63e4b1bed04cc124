"""Names: nameless streets by their neighbours, crossings by the streets that cross, segments by road, from and to."""

from collections import Counter, defaultdict

import numpy as np
import shapely

from civmap.founding.crossings import MAIN_RANK, Cut, Road
from civmap.founding.values import Frame, Segment
from civmap.geo.measure import Plane
from civmap.texts import say

NEAR_END_M = 35.0
NEAR_NAME_M = 3000.0
EDGE_M = 15.0
LANG = "zh"
"""Names of streets are data of a Chinese office: they are written in Chinese whatever language the command speaks."""


def word(key: str, **facts: str) -> str:
    """Return a word of the office that becomes part of a stored name."""
    return say(LANG, f"founding.name.{key}", **facts)


class Namer:
    """Knows what every road and every crossing is called."""

    def __init__(self, roads: list[Road], cuts: list[list[Cut]], frame: Frame, plane: Plane) -> None:
        self.roads, self.frame, self.plane = roads, frame, plane
        self._lines = [shapely.LineString(road.axis.line) for road in roads]
        self._tree = shapely.STRtree(self._lines)
        self._named = [number for number, road in enumerate(roads) if road.name]
        self._named_tree = shapely.STRtree([self._lines[number] for number in self._named])
        self._names = self._nameless(cuts)

    def road(self, number: int) -> str:
        """Return a road's name, given or made."""
        return self._names[number]

    def place(self, number: int, cut: Cut) -> str:
        """Return what a cut is called: the streets that cross, else what the end of a street is."""
        named = sorted((road for road in cut.roads if self.roads[road].name),
                       key=lambda road: (self.roads[road].rank, self.roads[road].name))
        if named:
            return "/".join(list(dict.fromkeys(self.roads[road].name for road in named))[:2])
        if cut.roads:
            return self._names[min(cut.roads, key=lambda road: (self.roads[road].rank, road))]
        return self._end(number, cut)

    def _end(self, number: int, cut: Cut) -> str:
        axis = self.roads[number].axis
        if 1.0 < cut.at_m < axis.length_m - 1.0:
            return word("class_change")
        point = axis.line[0] if cut.at_m <= 1.0 else axis.line[-1]
        if self._is_on_frame(point):
            return word("frame_edge")
        near = self._tree.query(shapely.Point(point), predicate="dwithin", distance=NEAR_END_M)
        others = [other for other in near if self.roads[other].name not in ("", self.roads[number].name)]
        if others:
            closest = min(others, key=lambda other: (self._lines[other].distance(shapely.Point(point)), other))
            return self.roads[closest].name
        return word("dead_end")

    def _is_on_frame(self, point: np.ndarray) -> bool:
        west, south, east, north = self.frame
        corners = shapely.get_coordinates(self.plane.to_metres(shapely.MultiPoint([(west, south), (east, north)])))
        return bool((np.abs(corners - point) < EDGE_M).any())

    def _nameless(self, cuts: list[list[Cut]]) -> list[str]:
        """Return every road's name; a made one is unique and numbered from west to east."""
        base = [road.name or self._made(number, cuts[number]) for number, road in enumerate(self.roads)]
        taken = {road.name for road in self.roads if road.name}
        groups: dict[str, list[int]] = defaultdict(list)
        for number, road in enumerate(self.roads):
            if not road.name:
                groups[base[number]].append(number)
        names = list(base)
        for name, numbers in groups.items():
            numbers.sort(key=lambda number: tuple(self._lines[number].interpolate(0.5, normalized=True).coords[0]))
            for serial, number in enumerate(numbers, 1):
                names[number] = name if len(numbers) == 1 and name not in taken else f"{name}{serial}"
        return names

    def _made(self, number: int, cuts: list[Cut]) -> str:
        road = self.roads[number]
        first, last = self._crossing_name(cuts[0]), self._crossing_name(cuts[-1])
        if first and last and first != last:
            return word("between", a=first, b=last)
        point = np.array(self._lines[number].interpolate(0.5, normalized=True).coords[0])
        if first or last:
            start = road.axis.line[0] if first else road.axis.line[-1]
            return self._sided(first or last, point - start, road.rank)
        inner = next((name for cut in cuts[1:-1] if (name := self._crossing_name(cut))), "")
        if inner:
            return word("across_main" if road.rank <= MAIN_RANK else "across", name=inner)
        return self._by_nearest(point, road.rank)

    def _by_nearest(self, point: np.ndarray, rank: int) -> str:
        if self._named:
            found = self._named_tree.query_nearest(shapely.Point(point), max_distance=NEAR_NAME_M, all_matches=False)
            if len(found):
                line = self._lines[self._named[int(found[0])]]
                foot = line.interpolate(line.project(shapely.Point(point)))
                name = self.roads[self._named[int(found[0])]].name
                return self._sided(name, point - np.array(foot.coords[0]), rank)
        return word("nameless")

    def _crossing_name(self, cut: Cut) -> str:
        named = [self.roads[road] for road in cut.roads if self.roads[road].name]
        return min(named, key=lambda road: (road.rank, road.name)).name if named else ""

    def _sided(self, name: str, step: np.ndarray, rank: int) -> str:
        if abs(step[0]) > abs(step[1]):
            side = word("east") if step[0] > 0 else word("west")
        else:
            side = word("north") if step[1] > 0 else word("south")
        return word("beside_main" if rank <= MAIN_RANK else "beside", name=name, side=side)


def coded(segments: list[Segment]) -> list[Segment]:
    """Give every segment its unique name and a code, the same for the same file: west to east, north to south."""
    middles = [segment.line.interpolate(0.5, normalized=True) for segment in segments]
    order = sorted(range(len(segments)), key=lambda at: (round(middles[at].x, 5), -round(middles[at].y, 5),
                                                         segments[at].road))
    digits = max(4, len(str(len(segments))))
    per_road = Counter(segment.road for segment in segments)
    seen: Counter[str] = Counter()
    result = []
    for serial, at in enumerate(order, 1):
        segment = segments[at]
        alone = segment.is_nameless and per_road[segment.road] == 1
        name = segment.road if alone else word("segment", road=segment.road, a=segment.from_name, b=segment.to_name)
        seen[name] += 1
        segment.name = name if seen[name] == 1 else f"{name}{seen[name]}"
        segment.code = f"LD{serial:0{digits}d}"
        result.append(segment)
    return result
