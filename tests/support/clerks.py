"""A clerk who draws, splits, merges and reshapes zones at random, and looks after each step whether all still fits."""

from dataclasses import dataclass, field

import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry import mapping, shape

METRE = 1e-5
NEAREST_M2 = 1e-4


@dataclass
class Clerk:
    """Sends requests (`send(method, path, body)`) about zones of one kind within a box of about 600 m."""

    send: object
    kind: str
    seed: int
    west: float = 115.870
    south: float = 28.700
    side: float = 600 * METRE
    done: list = field(default_factory=list)

    def __post_init__(self):
        self.chance = np.random.default_rng(self.seed)
        self.flat = Transformer.from_crs(4326, 4534 + (round(self.west / 3) * 3 - 75) // 3, always_xy=True)

    def zones(self):
        """Return the zones of the kind as the map gets them."""
        found = self.send("GET", f"/api/v1/zones.geojson?kind={self.kind}", None).json["features"]
        return {each["properties"]["code"]: shape(each["geometry"]) for each in found}

    def step(self):
        """Do one thing, take the way out where one is offered, and check."""
        zones = self.zones()
        ways = [self.draw, self.split, self.merge, self.reshape, self.reshape, self.parts]
        way = self.draw if len(zones) < 3 else ways[self.chance.integers(len(ways))]
        answer = way(zones)
        if answer is not None:
            self.done.append((way.__name__, answer.status_code, answer.json.get("code") if answer.json else None))
            assert answer.status_code in (200, 201, 409, 422), (way.__name__, answer.text[:500])
        self.check()

    def pick(self, zones, count=1):
        """Return some codes by chance."""
        return [str(code) for code in self.chance.choice(sorted(zones), count, replace=False)]

    def draw(self, _zones):
        """Draw a blob, a box or a thin strip anywhere; take the suggestion."""
        middle = self.chance.uniform((self.west, self.south), (self.west + self.side, self.south + self.side))
        corners = int(self.chance.integers(3, 12))
        angles = np.sort(self.chance.uniform(0, 2 * np.pi, corners))
        radii = self.chance.uniform(3, 80, corners) * METRE
        ring = middle + np.column_stack([radii * np.cos(angles), radii * np.sin(angles)])
        return self.make(shapely.Polygon(ring))

    def make(self, area):
        """Post a zone; where it is refused with a suggestion, post that, which must be accepted."""
        feature = {"type": "Feature", "geometry": mapping(area), "properties": {"kind": self.kind}}
        answer = self.send("POST", "/api/v1/zones", feature)
        if answer.status_code == 409 and answer.json.get("suggestion"):
            feature["geometry"] = answer.json["suggestion"]
            answer = self.send("POST", "/api/v1/zones", feature)
            assert answer.status_code == 201, answer.text[:800]
        return answer

    def split(self, zones):
        """Split one by a line with a bend through its middle."""
        [code] = self.pick(zones)
        area = zones[code]
        west, south, east, north = area.bounds
        size, angle = max(east - west, north - south), self.chance.uniform(0, np.pi)
        run = np.array([np.cos(angle), np.sin(angle)]) * size
        middle = np.array(area.representative_point().coords[0]) + self.chance.normal(0, 0.1, 2) * size
        line = [middle - run, middle + self.chance.normal(0, 0.1, 2) * size, middle + run]
        return self.send("POST", f"/api/v1/zones/{code}/split",
                         {"line": {"type": "LineString", "coordinates": [list(spot) for spot in line]}})

    def parts(self, zones):
        """Split one into equal parts."""
        [code] = self.pick(zones)
        count = int(self.chance.integers(2, 5))
        return self.send("POST", f"/api/v1/zones/{code}/split", {"parts": count, "by": "area"})

    def merge(self, zones):
        """Merge two or three that lie near each other."""
        [code] = self.pick(zones)
        near = sorted(zones, key=lambda other: zones[other].distance(zones[code]))
        count = min(len(near), int(self.chance.integers(2, 4)))
        return self.send("POST", "/api/v1/zones/merge", {"zones": [str(each) for each in near[:count]], "keep": code})

    def reshape(self, zones):
        """Move a corner or two of one, as it was read; take the suggestion where one is offered."""
        [code] = self.pick(zones)
        parts = shapely.get_parts(zones[code])
        part = max(parts, key=lambda each: each.area)
        ring = shapely.get_coordinates(part.exterior)[:-1]
        for place in self.chance.choice(len(ring), min(len(ring), int(self.chance.integers(1, 3))), replace=False):
            ring[place] += self.chance.normal(0, self.chance.choice([0.04, 1, 15]), 2) * METRE
        body = {"geometry": mapping(shapely.Polygon(ring)), "neighbours": str(self.chance.choice(["follow", "refuse"]))}
        answer = self.send("POST", f"/api/v1/zones/{code}/reshape", body)
        if answer.status_code == 409 and answer.json.get("suggestion"):
            body["geometry"] = answer.json["suggestion"]
            answer = self.send("POST", f"/api/v1/zones/{code}/reshape", body)
            assert answer.status_code == 200, answer.text[:800]
        return answer

    def check(self):
        """Assert that the zones, as exported, are a coverage, in degrees and on the plane, and that areas add up."""
        shapes = np.array(list(self.zones().values()), object)
        if not len(shapes):
            return
        assert shapely.is_valid(shapes).all(), self.done[-3:]
        assert shapely.coverage_is_valid(shapes), self.done[-3:]
        flat = shapely.transform(shapes, lambda xy: np.column_stack(self.flat.transform(xy[:, 0], xy[:, 1])))
        assert shapely.coverage_is_valid(flat), self.done[-3:]
        whole = shapely.union_all(flat).area
        assert abs(shapely.area(flat).sum() - whole) < NEAREST_M2, self.done[-3:]
