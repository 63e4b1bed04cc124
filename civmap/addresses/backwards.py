"""From a place to words: the street it lies on, the crossing or the house number nearby, and its divisions."""

from math import hypot
from typing import NamedTuple

import shapely
from shapely import Point

from civmap.addresses.gazetteer import Gazetteer
from civmap.addresses.numbers import Known
from civmap.addresses.things import Thing

STREET_M, BESIDE_M = 500.0, 80.0
AT_CROSSING_M, NEAR_CROSSING_M = 35.0, 200.0
DOOR_M, ON_STREET_M = 40.0, 120.0
THING_M = 60.0


class Here(NamedTuple):
    """What lies at and around a spot; `form` names the sentence that tells it (`addresses.at.FORM`)."""

    form: str
    road: str | None
    road_m: float | None
    crossing: str | None
    crossing_m: float | None
    number: int | None
    number_m: float | None
    thing: Thing | None
    divisions: list[str]


def at(gazetteer: Gazetteer, lon: float, lat: float) -> Here:
    """Return the words for a spot: 汉中路，近莫愁路口; a spot without a street has its divisions only."""
    x, y = gazetteer.streets.flat(lon, lat)
    divisions = [name for name, areas in gazetteer.borders.items() if any(shapely.contains_xy(area, lon, lat)
                                                                         for area in areas)]
    thing = _nearest_thing(gazetteer, x, y)
    found = gazetteer.streets.nearest(x, y, STREET_M)
    if found is None:
        return Here("thing" if thing else "none", None, None, None, None, None, None, thing, divisions)
    road, away, on_x, on_y = found
    crossing = min(((hypot(cx - on_x, cy - on_y), name) for name, cx, cy in gazetteer.streets.crossed(road)),
                   default=None)
    door = _door(gazetteer, road, x, y) if away <= ON_STREET_M else None
    near = crossing if crossing and crossing[0] <= NEAR_CROSSING_M and away <= ON_STREET_M else None
    form = _form(away, near, door)
    return Here(form, road, away, near[1] if near else None, near[0] if near else None,
                door[1].number if door else None, door[0] if door else None, thing, divisions)


def _form(away: float, near: tuple[float, str] | None, door: tuple[float, Known] | None) -> str:
    if near and near[0] <= AT_CROSSING_M and away <= AT_CROSSING_M:
        return "crossing"
    if door:
        return "number"
    if near:
        return "near"
    return "road" if away <= BESIDE_M else "off"


def _door(gazetteer: Gazetteer, road: str, x: float, y: float) -> tuple[float, Known] | None:
    """Return the known number of a street nearest to a spot, where it is near and the numbers follow an order."""
    doors = gazetteer.doors(road)
    if doors is None or not doors.is_orderly:
        return None
    away, known = min(((hypot(one.x - x, one.y - y), one) for one in gazetteer.known(road)),
                      key=lambda found: (found[0], found[1].number))
    return (away, known) if away <= DOOR_M else None


def _nearest_thing(gazetteer: Gazetteer, x: float, y: float) -> Thing | None:
    """Return the named thing nearest to a spot; divisions and streets are none."""
    tree, things = gazetteer.ground
    found = tree.query_nearest(Point(x, y), max_distance=THING_M) if things else ()
    return things[found[0]] if len(found) else None
