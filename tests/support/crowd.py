"""A crowd in the town: zones, points and issues in every state, enough for clusters; the same for the same seed."""

from datetime import timedelta

import numpy as np
from shapely import LineString, Point, Polygon
from sqlalchemy import select

from civmap.issues.models import AssistingUnit, Issue
from civmap.issues.rules import ENDED, STATES
from civmap.points.models import InspectionPoint
from civmap.segments.models import RoadSegment, SegmentChief
from civmap.units.models import Unit
from civmap.zones.models import Zone
from tests.support import town

HARM = "`${alert(1)}` </script> \"><img src=x onerror=alert(1)> {{7*7}} 城管‮"
CLASSES = ("C0101", "E0115", "E0101")
SIDES = (town.HEDONG, town.QIAOXI)


def _at(rng, count):
    west, south, east, north = town.FRAME
    return rng.uniform((west + 0.01, south + 0.01), (east - 0.01, north - 0.01), (count, 2))


def build(session, now, zones=120, points=40, issues=400, seed=7):
    """Write the crowd."""
    rng = np.random.default_rng(seed)
    units = [unit.id for unit in session.scalars(select(Unit).order_by(Unit.id))]
    session.add_all(_segments(rng, units))
    session.add_all(_zones(rng, zones, units))
    session.add_all(_points(rng, points, units))
    session.flush()
    doors = list(session.scalars(select(InspectionPoint.id).order_by(InspectionPoint.id)))
    roads = list(session.scalars(select(RoadSegment.id).order_by(RoadSegment.id)))
    made = [_issue(rng, number, now, units, doors, roads) for number in range(issues)]
    session.add_all(made)
    session.flush()
    session.add_all(AssistingUnit(issue_id=issue.id, unit_id=units[3])
                    for issue in made[::17] if issue.unit_id != units[3])
    session.flush()


def _side(lon):
    return SIDES[0] if lon > 115.856 else SIDES[1]


def _segments(rng, units):
    for number, (lon, lat) in enumerate(_at(rng, 6)):
        line = LineString([(lon, lat), (lon + 0.002, lat + 0.0003), (lon + 0.004, lat), (lon + 0.0041, lat + 0.003)])
        yield RoadSegment(code=f"LD1{number:03d}", name=f"第{number}段", road="河东路" if number < 2 else f"{number}路",
                          road_class="branch", geom=line, unit_id=units[number % len(units)], division=_side(lon),
                          valid_from=town.FOUNDED, chiefs=[SegmentChief(level=1, name="钱一")] if number == 3 else [])


def _zones(rng, count, units):
    for number, (lon, lat) in enumerate(_at(rng, count)):
        size = rng.uniform(0.00005, 0.004)
        ring = [(lon, lat), (lon + size, lat), (lon + size, lat + size / 3), (lon + size / 2, lat + size / 4),
                (lon, lat + size / 2)]
        hole = [(lon + size * a, lat + size * b) for a, b in ((0.1, 0.1), (0.1, 0.2), (0.2, 0.2), (0.2, 0.1))]
        yield Zone(code=f"Z{number:04d}", name=HARM if number == 0 else f"{number}号门前",
                   kind=("frontage", "estate")[number % 2], geom=Polygon(ring, [hole] if number % 5 == 0 else []),
                   unit_id=units[number % len(units)],
                   division=_side(lon), valid_from=town.FOUNDED if number % 9 else None,
                   valid_to=town.FOUNDED + timedelta(days=3) if number % 31 == 30 else None,
                   segment_code="LD1000" if number % 7 == 0 else None)


def _points(rng, count, units):
    for number, (lon, lat) in enumerate(_at(rng, count)):
        yield InspectionPoint(code=f"P1{number:04d}", name=f"点{number}", type=("PT07", "PT10", "PT22")[number % 3],
                              geom=Point(lon, lat), unit_id=units[number % len(units)], division=_side(lon),
                              street="河东路" if number % 4 == 0 else None, valid_from=town.FOUNDED)


def _issue(rng, number, now, units, doors, roads):
    (lon, lat), state = _at(rng, 1)[0], STATES[number % len(STATES)]
    reported = now - timedelta(hours=int(rng.integers(1, 900)))
    given = reported + timedelta(hours=1) if state not in ("draft", "reported", "verifying", "filed") else None
    due = given + timedelta(hours=int(rng.integers(1, 600))) if given else None
    ended = min(now, reported + timedelta(hours=int(rng.integers(2, 500)))) if state in ENDED else None
    return Issue(
        issue_no=f"CW{number:06d}", class_code=CLASSES[number % 3], description=f"第{number}件", geom=Point(lon, lat),
        source=("page", "hotline")[number % 2], state=state, reported_at=reported, dispatched_at=given, due_at=due,
        due_soon_at=given + (due - given) * 0.75 if due else None, ended_at=ended,
        closed_at=ended if state == "closed" else None, checked_at=ended if state == "closed" else None,
        suspended_at=now - timedelta(minutes=30) if state == "suspended" else None, division=_side(lon),
        unit_id=units[number % len(units)] if number % 6 else None,
        point_id=doors[number % len(doors)] if number % 3 == 0 else None,
        segment_id=roads[number % len(roads)] if number % 4 == 0 else None,
        reported_by="inspector" if number % 10 == 0 else None, supervision_level=3 if number % 50 == 0 else 0)
