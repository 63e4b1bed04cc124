"""Who answers for the demo's issues: the office's own cascade, asked on the drawing board."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice

import shapely
from shapely.geometry import Point

from civmap import dictionaries
from civmap.assignment.customs import default_table
from civmap.assignment.places import Answer, Owner, Place, Seat, Surroundings, UnitRef
from civmap.assignment.rules import Asked, choose
from civmap.assignment.table import DEFAULT_REACH
from civmap.demo.plan import Town
from civmap.demo.plan_points import PointPlan
from civmap.demo.plan_segments import Segment
from civmap.demo.plan_shops import Shop
from civmap.demo.plan_units import UnitPlan, community_code

NEAR_M = 60.0
# the table of professional owners: (class, category) -> unit, in the whole district
OWNERS = (
    ("C0101", None, "U104"), ("E0402", None, "U133"), (None, "交警", "U109"), (None, "路灯", "U106"),
    (None, "供电", "U118"), (None, "水利", "U107"), (None, "消防", "U115"), (None, "民政", "U114"),
)  # fmt: skip


class Answers:
    """Everything that may answer for a spot on the board; unit ids are filled in when the rows are written."""

    def __init__(
        self, town: Town, units: Sequence[UnitPlan], points: Sequence[PointPlan], shops: Sequence[Shop],
        holders: Mapping[str, str], chiefs: Mapping[str, str],
    ) -> None:  # fmt: skip
        self._refs = {u.code: UnitRef(0, u.code, u.name, frozenset(u.categories)) for u in units}
        self._seats = [(Point(u.spot), self._refs[u.code]) for u in units if u.categories]
        self._seat_tree = shapely.STRtree([seat for seat, _ in self._seats])
        self._owners = tuple(Owner(self._refs[unit], class_, category, "") for class_, category, unit in OWNERS)
        self._points = {p.code: p for p in points}
        self._outlined = [p for p in points if p.outline is not None]
        self._segments, self._holders, self._chiefs = list(town.segments), holders, chiefs
        self._areas, self._shops = list(town.areas), list(shops)
        self._trees = {
            "points": shapely.STRtree([p.outline for p in self._outlined]),
            "segments": shapely.STRtree([s.line for s in self._segments]),
            "areas": shapely.STRtree([a.shape for a in self._areas]),
            "shops": shapely.STRtree([s.zone for s in self._shops]),
        }

    def answer(self, spot: tuple[float, float], class_code: str, point: str = "") -> Answer:
        """Return who answers for a class at a board spot, with every claim; `point` is the linked point's code."""
        found = dictionaries.issue_classes()[class_code]
        return choose(self._around(spot, point), Asked(found.code, tuple(found.duties)), default_table())

    def segment_near(self, spot: tuple[float, float]) -> Segment | None:
        """Return the segment that has the spot within its reach and is nearest, or None."""
        near = [self._segments[i] for i in self._near("segments", spot, NEAR_M)]
        near = [s for s in near if s.line.distance(Point(spot)) <= DEFAULT_REACH.of_segment(s.street.width_m)]
        return min(near, key=lambda s: (s.line.distance(Point(spot)), s.code), default=None)

    def _near(self, what: str, spot: tuple[float, float], metres: float) -> list[int]:
        return sorted(self._trees[what].query(Point(spot), predicate="dwithin", distance=metres))

    def _around(self, spot: tuple[float, float], point: str) -> Surroundings:
        seats = sorted(self._seat_tree.query(Point(spot), predicate="dwithin", distance=DEFAULT_REACH.nearest_m))
        points, territories = self._point_places(spot, point), self._territories(spot)
        shops = [
            Place(f"SB-{s.number:04d}", s.name, s.zone, self._refs[f"SH-{s.number:04d}"])
            for s in (self._shops[i] for i in self._near("shops", spot, NEAR_M))
        ]
        segments = [self._segment_place(self._segments[i]) for i in self._near("segments", spot, NEAR_M)]
        places = iter(_moved([*points, *shops, *segments, *territories], spot))
        found = [tuple(islice(places, len(part))) for part in (points, shops, segments)]
        areas = {place.code: place for place in places}
        moved = shapely.transform([self._seats[i][0] for i in seats], lambda board: board - spot)
        return Surroundings(
            points=found[0], frontages=found[1], segments=found[2], owners=self._owners,
            grids=_of_length(areas, 15), communities=_of_length(areas, 12), subdistricts=_of_length(areas, 9),
            seats=tuple(Seat(self._seats[i][1], shape) for i, shape in zip(seats, moved, strict=True)),
        )  # fmt: skip

    def _segment_place(self, segment: Segment) -> Place:
        return Place(segment.code, segment.name, segment.line, self._refs[self._holders[segment.code]],
                     width_m=segment.street.width_m,
                     chief=self._chiefs.get(segment.code))  # fmt: skip

    def _point_places(self, spot: tuple[float, float], linked: str) -> list[Place]:
        near = [self._outlined[i] for i in self._near("points", spot, NEAR_M)]
        if linked:
            near = [self._points[linked], *(p for p in near if p.code != linked)]
        return [
            Place(p.code, p.name, p.outline or Point(p.spot), self._refs.get(p.unit), is_linked=p.code == linked)
            for p in near
        ]

    def _territories(self, spot: tuple[float, float]) -> list[Place]:
        near = [self._areas[i] for i in self._near("areas", spot, 2 * DEFAULT_REACH.margin_m)]
        return [Place(a.code, a.name, a.shape, self._refs[office_of(a.code)], division=a.code) for a in near]


def office_of(code: str) -> str:
    """Return the code of the unit that answers for a territory: the subdistrict, or the community of the code."""
    return "JD" + code[6:] if len(code) == 9 else community_code(code[:12])


def _of_length(areas: Mapping[str, Place], digits: int) -> tuple[Place, ...]:
    return tuple(place for code, place in areas.items() if len(code) == digits)


def _moved(places: Sequence[Place], spot: tuple[float, float]) -> list[Place]:
    """Return the places with the spot as the origin of their shapes."""
    shapes = shapely.transform([place.shape for place in places], lambda board: board - spot)
    return [replace(place, shape=shape) for place, shape in zip(places, shapes, strict=True)]
