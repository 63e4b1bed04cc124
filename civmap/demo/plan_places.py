"""Where trouble happens: points, shop fronts and streets with their weights, and a spot within each."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry import LineString, Point

from civmap.demo.plan_ground import Track
from civmap.demo.plan_points import PointPlan
from civmap.demo.plan_segments import Segment
from civmap.demo.plan_shops import Shop

WHERE = {
    "PT01": "road", "PT02": "shop_street", "PT03": "alley", "PT04": "junction", "PT05": "hall", "PT06": "estate",
    "PT07": "market", "PT08": "park", "PT09": "park", "PT10": "hospital", "PT11": "hall", "PT12": "station",
    "PT13": "station", "PT14": "bus", "PT15": "vehicle", "PT16": "mall", "PT17": "hotel", "PT18": "restaurant",
    "PT19": "venue", "PT20": "venue", "PT21": "venue", "PT22": "school", "PT23": "school", "PT24": "cafe",
    "PT25": "hall", "PT26": "hall", "PT27": "hall", "PT28": "site", "PT29": "toilet", "PT30": "fringe",
    "PT31": "park", "PT32": "water", "PT33": "transfer", "PT34": "venue", "PT35": "pharmacy", "PT36": "shelter",
    "PT37": "hall", "PT38": "venue", "PT39": "fringe", "PT99": "other",
}  # fmt: skip
WEIGHT = {"market": 9.0, "shop_street": 7.0, "road": 4.0, "junction": 3.0, "estate": 3.5, "station": 4.5, "alley": 3.0,
          "park": 2.5, "hospital": 3.0, "school": 2.5, "mall": 2.5, "fringe": 3.0, "site": 2.5}  # fmt: skip


@dataclass(frozen=True)
class Site:
    """A place where issues arise: what kind of place, how it is called, and the point it is linked to."""

    where: str
    label: str
    weight: float
    point: str = ""
    shape: shapely.Geometry | None = None
    spread_m: float = 0.0

    def spot(self, rng: random.Random) -> tuple[float, float]:
        """Return a spot within the site."""
        if isinstance(self.shape, LineString):
            at = rng.uniform(0.08, 0.92) * self.shape.length
            off = rng.uniform(-1, 1) * self.spread_m
            x, y = Track(shapely.get_coordinates(self.shape)).at([at], off)[0]
        elif isinstance(self.shape, Point):
            angle, away = rng.uniform(0, 2 * math.pi), self.spread_m * math.sqrt(rng.random())
            x, y = self.shape.x + away * math.cos(angle), self.shape.y + away * math.sin(angle)
        else:
            x, y = _inside(rng, self.shape)
        return round(float(x), 3), round(float(y), 3)


def _inside(rng: random.Random, shape: shapely.Geometry) -> tuple[float, float]:
    west, south, east, north = shape.bounds
    for _ in range(40):
        x, y = rng.uniform(west, east), rng.uniform(south, north)
        if shape.contains(Point(x, y)):
            return x, y
    middle = shape.representative_point()
    return middle.x, middle.y


def point_sites(points: Sequence[PointPlan]) -> list[Site]:
    """Return one site per inspection point."""
    found = []
    for point in points:
        where = WHERE[point.type]
        shape = Point(point.spot) if point.outline is None else point.outline
        if point.type not in ("PT03", "PT06", "PT07", "PT08", "PT09"):
            shape = Point(point.spot)
        spread = 18.0 if where in ("road", "shop_street", "junction", "school") else 2.0 if where == "alley" else 9.0
        found.append(Site(where, point.name, WEIGHT.get(where, 1.2), point.code, shape, spread))
    return found


def shop_sites(shops: Sequence[Shop], marked: Mapping[int, float]) -> list[Site]:
    """Return one site per frontage zone; `marked` gives some of them another weight."""
    return [
        Site("frontage", shop.name, marked.get(shop.number, 1.0), "", shop.zone.buffer(-0.4), 0.0) for shop in shops
    ]


def street_sites(
    segments: Sequence[Segment], centre: tuple[float, float], marked: Mapping[str, float]
) -> list[Site]:
    """Return one site per road segment, busier the nearer the centre; spots stay on the carriageway's edge."""
    found = []
    for segment in segments:
        middle = segment.line.interpolate(0.5, normalized=True)
        near = 1 / (1 + math.dist((middle.x, middle.y), centre) / 700)
        where = "alley" if segment.street.road_class == "alley" else "road"
        weight = marked.get(segment.code, 1.0) * near**2 * segment.line.length / 150
        found.append(Site(where, segment.street.name, weight, "", segment.line, segment.street.width_m / 2 - 0.5))
    return found
