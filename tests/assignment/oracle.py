"""The cascade of `domain.md` §4 once more, by brute force: every row looked at for every spot, geodesics, no index.

Written from the document, sharing nothing with `civmap.assignment` but the dictionary of classes. And a random town.
"""

import random
from datetime import date, timedelta

import numpy as np
import shapely
from pyproj import Geod
from shapely import LineString, Point, Polygon, box
from shapely.affinity import rotate

from civmap import dictionaries
from civmap.assignment.models import Duty, Ruling
from civmap.points.models import InspectionPoint
from civmap.segments.models import RoadSegment
from civmap.units.models import Unit
from civmap.zones.models import Zone

GEOD = Geod(ellps="WGS84")
FRONTAGE = {"flyposting", "dirty_road", "stacked_goods", "outside_shop", "bike_bad_parking", "dead_plants",
            "frontage_failed"}
WEST, SOUTH = 115.8600, 28.6600
SIDE = 0.02
STREET, TRADES = "360199", ["城管", "环卫", "园林", "市政", "交警", "公安", "路灯", "物业", "消防"]
BIG, METRE = 10, 1 / 97_700


def metres(a, b):
    """Return the geodesic metres between two spots."""
    return GEOD.inv(a[0], a[1], b[0], b[1])[2]


def foot(line, spot):
    """Return the nearest spot of a line: looked for in degrees, stretched as they are on the ground."""
    wide = np.cos(np.radians(spot[1])) * 1.0033
    flat = shapely.transform(line, lambda xy: xy * (wide, 1))
    here = shapely.ops.nearest_points(flat, Point(spot[0] * wide, spot[1]))[0]
    return here.x / wide, here.y


def random_town(session, seed, now):
    """Write random overlapping things beside the town of the session; return every unit and every row there is."""
    chance = random.Random(seed)
    spot = lambda: (WEST + chance.random() * SIDE, SOUTH + chance.random() * SIDE)  # noqa: E731
    gone, before = now - timedelta(days=3), now - timedelta(days=300)
    units = []
    for number in range(36):
        units.append(Unit(code=f"U{chance.randrange(10**6):06d}-{number}", name=f"单位{number}", kind="bureau",
                          categories=sorted(chance.sample(TRADES, chance.choice([0, 1, 1, 2]))),
                          seat=None if chance.random() < 0.1 else Point(spot()), valid_from=before,
                          valid_to=gone if chance.random() < 0.1 else None))
    units.append(Unit(code="JD-2", name="二街道", kind="subdistrict", categories=[], territory=f"{STREET}002",
                      valid_from=before, seat=Point(spot())))
    session.add_all(units)
    session.flush()
    unit = lambda none=0.15: None if chance.random() < none else chance.choice(units).id  # noqa: E731
    rows = [*_borders(chance, unit, before), *_frontages(chance, spot, unit, before, gone, now),
            *_segments(chance, spot, unit, before), *_points(chance, spot, unit, before),
            *_duties(chance, unit, before, gone), *_rulings(chance, spot, unit, before, now)]
    session.add_all(rows)
    session.flush()
    models = (Zone, RoadSegment, InspectionPoint, Duty, Ruling)
    return session.query(Unit).all(), [row for model in models for row in session.query(model)]


def _borders(chance, unit, before):
    middle = WEST + SIDE / 2
    streets = [box(WEST, SOUTH, middle, SOUTH + SIDE), box(middle, SOUTH, WEST + SIDE, SOUTH + 0.8 * SIDE)]
    for number, shape in enumerate(streets, 1):
        yield Zone(code=f"{STREET}00{number}", name=f"街道{number}", kind="subdistrict", geom=shape,
                   unit_id=unit(0) if number == 1 else None, valid_from=before)
    step = SIDE / 5
    for column in range(5):
        for row in range(4):
            shape = box(WEST + column * step, SOUTH + row * step, WEST + (column + 1) * step, SOUTH + (row + 1) * step)
            if chance.random() < 0.5:
                yield Zone(code=f"{STREET}00{1 + (column > 2)}{column}{row:02d}", name="社区", kind="community",
                           geom=shape, unit_id=unit(), valid_from=before)
            if chance.random() < 0.3:
                hole = shape.centroid.buffer(step / 6, quad_segs=3)
                yield Zone(code=f"WG{column}{row}", name="网格", kind="grid", geom=shape.difference(hole),
                           unit_id=unit(), valid_from=before)


def _frontages(chance, spot, unit, before, gone, now):
    for number in range(120):
        x, y = spot()
        shape = rotate(box(x, y, x + chance.uniform(5, 40) * METRE, y + chance.uniform(5, 25) * METRE),
                       chance.uniform(0, 90))
        ends = chance.choice([None, None, date(2020, 1, 1), now.date(), now.date() + timedelta(days=90)])
        yield Zone(code=f"SB{chance.randrange(10**6):06d}-{number}", name=f"店{number}", kind="frontage", geom=shape,
                   unit_id=unit(), valid_from=before, valid_to=gone if chance.random() < 0.1 else None,
                   pledge_expires_on=ends)


def _segments(chance, spot, unit, before):
    for number in range(45):
        x, y = spot()
        line = LineString([(x, y), (x + chance.uniform(-40, 40) * 10 * METRE, y + chance.uniform(-300, 300) * METRE),
                           (x + chance.uniform(-500, 500) * METRE, y + chance.uniform(-500, 500) * METRE)])
        yield RoadSegment(code=f"LD{chance.randrange(10**6)}-{number}", name=f"路{number}", geom=line, side="both",
                          unit_id=unit(), width_m=chance.choice([None, 8, 20, 60]), valid_from=before)


def _points(chance, spot, unit, before):
    for number in range(30):
        x, y = spot()
        outline = box(x, y, x + chance.uniform(20, 120) * METRE, y + chance.uniform(20, 90) * METRE)
        yield InspectionPoint(code=f"P{number}", name=f"点{number}", type="PT06", geom=Point(x, y), unit_id=unit(),
                              outline=outline if chance.random() < 0.8 else None, valid_from=before)


def _duties(chance, unit, before, gone):
    for class_code, category in (("C0101", None), (None, "交警"), (None, "路灯"), ("E0504", None), (None, "公安")):
        for territory in ("", STREET, f"{STREET}001", f"{STREET}002", "360188"):
            if chance.random() < 0.5:
                yield Duty(class_code=class_code, category=category, territory=territory, unit_id=unit(0),
                           valid_from=before, valid_to=gone if chance.random() < 0.2 else None)


def _rulings(chance, spot, unit, before, now):
    for class_code in (None, "E0102", "E0503", None):
        yield Ruling(class_code=class_code, geom=Point(spot()).buffer(chance.uniform(20, 200) * METRE), made_at=now,
                     unit_id=unit(0), reason="已定", made_by="dispatcher", valid_from=before)


class Oracle:
    """Who answers, found by looking at everything."""

    def __init__(self, units, rows, on, day):
        holds = lambda row: (row.valid_from is None or row.valid_from <= on) and (  # noqa: E731
            row.valid_to is None or row.valid_to > on)
        self.units = {unit.id: unit for unit in units if holds(unit)}
        self.rows, self.day = [row for row in rows if holds(row)], day
        self.sizes, self.known = {}, {}

    def answer(self, spot, class_code, point=None):
        """Return (unit code, basis), or (None, "none")."""
        asked = dictionaries.issue_class(class_code)
        for basis in (self.ruling, self.point, self.frontage, self.professional, self.segment, self.grid,
                      self.nearest, self.territorial):
            found = basis(spot, asked, point)
            if found is not None:
                return found
        return None, "none"

    def of(self, model, kind=None):
        """Return the rows of a model that hold, of a kind of zone."""
        if (model, kind) not in self.known:
            self.known[model, kind] = [row for row in self.rows
                                       if isinstance(row, model) and (kind is None or row.kind == kind)]
        return self.known[model, kind]

    def size(self, row, shape):
        """Return the square metres of an area on the ground."""
        if (row, shape) not in self.sizes:
            self.sizes[row, shape] = round(abs(GEOD.geometry_area_perimeter(getattr(row, shape))[0]), 1)
        return self.sizes[row, shape]

    def holding(self, rows, spot, shape="geom"):
        """Return the rows that hold a spot, the smallest on the ground first, then by code or number."""
        rows = [row for row in rows if getattr(row, shape) is not None]
        covers = shapely.covers([getattr(row, shape) for row in rows], Point(spot)) if rows else []
        inside = [row for row, holds in zip(rows, covers, strict=True) if holds]
        return sorted(inside, key=lambda row: (self.size(row, shape), getattr(row, "code", row.id)))

    def first(self, rows, basis):
        """Return the first row's unit that is in office."""
        return next(((self.units[row.unit_id].code, basis) for row in rows if row.unit_id in self.units), None)

    def ruling(self, spot, asked, point):
        about = [row for row in self.of(Ruling) if row.class_code in (None, asked.code)]
        return self.first(self.holding(about, spot), "designated")

    def point(self, spot, asked, point):
        rows = [row for row in self.of(InspectionPoint) if row.code == point]
        rows += self.holding(self.of(InspectionPoint), spot, "outline")
        rows, asked_for = [row for row in rows if row.unit_id in self.units], set(asked.duties)
        mine = [row for row in rows if asked_for & {"点位单位", "责任单位", *self.units[row.unit_id].categories}]
        return self.first(mine, "point")

    def frontage(self, spot, asked, point):
        if asked.identifier not in FRONTAGE:
            return None
        inside = self.holding(self.of(Zone, "frontage"), spot)
        late = [row for row in inside if row.pledge_expires_on and row.pledge_expires_on < self.day]
        good = self.first([row for row in inside if row not in late], "frontage")
        return good or (self.territorial(spot, asked, point) if late else None)

    def division(self, spot):
        """Return the longest division code around a spot, or the city's."""
        borders = [*self.of(Zone, "subdistrict"), *self.of(Zone, "community")]
        return max([row.code for row in self.holding(borders, spot)], key=len, default=STREET)

    def professional(self, spot, asked, point):
        here = self.division(spot)
        rows = [row for row in self.of(Duty) if row.unit_id in self.units and here.startswith(row.territory)]
        of_class = [row for row in rows if row.class_code == asked.code]
        of_category = [row for row in rows if row.class_code is None]
        for group in (of_class, *([row for row in of_category if row.category == duty] for duty in asked.duties)):
            if group:
                best = min(group, key=lambda row: (-len(row.territory), self.units[row.unit_id].code))
                return self.units[best.unit_id].code, "professional"
        return None

    def segment(self, spot, asked, point):
        held = [row for row in self.of(RoadSegment) if row.unit_id in self.units]
        held = [row for row in held if row.geom.distance(Point(spot)) < 0.005]
        near = [(metres(spot, foot(row.geom, spot)), row) for row in held]
        near = [(away, row) for away, row in near if away <= (row.width_m / 2 + 10 if row.width_m else 25)]
        return self.first([self.nearest_of(near)], "segment") if near else None

    def nearest_of(self, near):
        """Return the nearest thing; of those within a centimetre of the nearest, the first by code."""
        least = min(away for away, _ in near)
        return min((found for away, found in near if away <= least + 0.01), key=lambda found: found.code)

    def grid(self, spot, asked, point):
        return self.first(self.holding(self.of(Zone, "grid"), spot), "grid")

    def nearest(self, spot, asked, point):
        for duty in asked.duties:
            if duty == "属地":
                found = self.territorial(spot, asked, point)
            elif duty == "社区":
                found = self.first(self.holding(self.of(Zone, "community"), spot), "territorial")
            else:
                trade = "市政" if duty == "产权单位" else duty
                near = [(metres(spot, (unit.seat.x, unit.seat.y)), unit) for unit in self.units.values()
                        if unit.seat is not None and trade in unit.categories]
                near = [pair for pair in near if pair[0] <= 2000]
                found = (self.nearest_of(near).code, "nearest") if near else None
            if found:
                return found
        return None

    def territorial(self, spot, asked, point):
        for row in self.holding(self.of(Zone, "subdistrict"), spot):
            office = next((unit for unit in self.units.values() if unit.territory == row.code), None)
            if row.unit_id in self.units or office:
                return (self.units.get(row.unit_id) or office).code, "territorial"
        return None


def random_spots(seed, rows, count):
    """Return spots of the town and just outside it: anywhere, in and at the edge of zones, on and beside streets."""
    chance, found = random.Random(seed), []
    shapes = [row.geom for row in rows if isinstance(row, Zone) and row.kind != "subdistrict"]
    lines = [row.geom for row in rows if isinstance(row, RoadSegment)]
    while len(found) < count:
        way = len(found) % 4
        if way == 0:
            spot = Point(WEST + chance.uniform(-0.1, 1.1) * SIDE, SOUTH + chance.uniform(-0.1, 1.1) * SIDE)
        elif way == 1:
            spot = chance.choice(shapes).representative_point()
        elif way == 2:
            edge = chance.choice(shapes).boundary
            spot = edge.interpolate(chance.random(), normalized=True)
            spot = Point(spot.x + chance.uniform(-9, 9) * METRE, spot.y + chance.uniform(-9, 9) * METRE)
        else:
            spot = chance.choice(lines).interpolate(chance.random(), normalized=True)
            spot = Point(spot.x + chance.uniform(-45, 45) * METRE, spot.y + chance.uniform(-45, 45) * METRE)
        found.append((round(spot.x, 7), round(spot.y, 7)))
    return found


def corners(rows):
    """Return the corners of borders: spots exactly on the edges of several areas."""
    return sorted({spot for row in rows if isinstance(row, Zone) and isinstance(row.geom, Polygon)
                   and row.kind in ("community", "subdistrict") for spot in row.geom.exterior.coords})[:BIG]
