"""Bring the city of `many.Ground` into the arrays that compiled code works on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from civmap import dictionaries
from civmap.assignment.cells_city import (
    BEYOND_M,
    BOTH,
    COMMUNITY,
    DUTY_COMMUNITY,
    DUTY_END,
    DUTY_TERRITORY,
    FRONTAGE,
    GRID,
    LEFT,
    POINT,
    RIGHT,
    RULING,
    SUBDISTRICT,
    Areas,
    Asks,
    City,
    Lines,
)
from civmap.assignment.cells_grid import grid_of, shapes_of
from civmap.assignment.cells_metric import Metric, error_m, metric_of
from civmap.assignment.cells_rules import BASES
from civmap.assignment.cells_seats import Seats, seats_of
from civmap.assignment.many import Ground
from civmap.assignment.places import Owner, Place, UnitRef
from civmap.assignment.rules import (
    COMMUNITY_RELATION,
    OWNER_CATEGORY,
    OWNER_RELATION,
    POINT_RELATIONS,
    TERRITORY_RELATION,
)

KINDS = {"frontage": FRONTAGE, "grid": GRID, "community": COMMUNITY, "subdistrict": SUBDISTRICT}
SIDES = {"left": LEFT, "right": RIGHT}
SLACK_M, LEAST_CLOSE_M, MOST_DUTIES = 1.0, 1e-6, 8
POLYGON, MULTIPOLYGON = 3, 6
"""How GEOS numbers shapes."""


@dataclass(frozen=True)
class Read:
    """The city for compiled code; `units[i]` is unit number i, `classes` the number of each class."""

    city: City
    units: Sequence[UnitRef]
    classes: dict[str, int]


def read(ground: Ground) -> Read:
    """Return the city of a ground as arrays."""
    classes = {code: number for number, code in enumerate(dictionaries.issue_classes())}
    areas = [*((place, RULING) for place in ground.rulings.places), *((place, POINT) for place in ground.points.places),
             *((place, KINDS[kind]) for kind, layer in ground.zones.items() for place in layer.places)]
    is_area = np.isin(shapely.get_type_id(_shapes(place for place, _ in areas)), (POLYGON, MULTIPOLYGON))
    areas = [one for one, known in zip(areas, is_area.tolist(), strict=True) if known]
    lines = [place for place in ground.segments.places if place.unit]
    units = _units(ground, (place for place, _ in areas), lines)
    numbers = {unit.id: number for number, unit in enumerate(units)}
    reach, margin = ground.table.reach, ground.table.reach.margin(None)
    metric = _metric(ground)
    groups = sorted(ground.seats.by_category)
    divisions = _divisions(ground.owners, sorted({place.division for place, _ in areas if place.division}))
    line_reach = np.array([reach.of_segment(place.width_m) for place in lines], float)
    area_shapes, line_shapes = shapes_of(_shapes(place for place, _ in areas)), shapes_of(_shapes(lines))
    return Read(City(
        metric=metric, areas=_areas(areas, numbers, classes, divisions), area_shapes=area_shapes,
        area_grid=grid_of(area_shapes, np.full(len(areas), margin + BEYOND_M), True),
        lines=_lines(lines, numbers, line_reach), line_shapes=line_shapes,
        line_grid=grid_of(line_shapes, line_reach + margin + BEYOND_M, False),
        seats=_seats(ground, numbers, groups, metric), unit_rank=_ranks([unit.code for unit in units]),
        asks=_asks(ground, units, numbers, groups, divisions), nearest_m=reach.nearest_m, margin_m=margin,
        tie_m=reach.tie_m, close_m=max(LEAST_CLOSE_M, float(error_m(1.1 * reach.nearest_m)))), units, classes)


def _units(ground: Ground, areas: Iterable[Place], lines: Iterable[Place]) -> list[UnitRef]:
    found = {ref.id: ref for ref in ground.seats.refs}
    found |= {owner.unit.id: owner.unit for owner in ground.owners}
    found |= {place.unit.id: place.unit for places in (areas, lines) for place in places if place.unit}
    return list(found.values())


def _metric(ground: Ground) -> Metric:
    lats = [ground.seats.lats, ground.owning.lats]
    known = np.concatenate(lats)
    south, north = (known.min(), known.max()) if len(known) else (0.0, 0.0)
    pad = 2 * ground.table.reach.nearest_m / 110_000 + 0.01
    return metric_of(south - pad, north + pad)


def _shapes(places: Iterable[Place]) -> np.ndarray:
    shapes = [place.shape for place in places]
    found = np.empty(len(shapes), object)
    found[:] = shapes
    return found


def _ranks(codes: Sequence[str]) -> np.ndarray:
    ranks = np.empty(len(codes), np.int64)
    ranks[sorted(range(len(codes)), key=codes.__getitem__)] = np.arange(len(codes))
    return ranks


def _numbers(values: Iterable[int]) -> np.ndarray:
    return np.array(list(values), np.int64)


def _areas(areas: Sequence[tuple[Place, int]], numbers: dict[int, int], classes: dict[str, int],
           divisions: dict[str, int]) -> Areas:
    places = [place for place, _ in areas]
    codes = {code: rank for rank, code in enumerate(sorted(divisions))}
    return Areas(
        kind=_numbers(kind for _, kind in areas), rank=_ranks([place.code for place in places]),
        unit=_numbers(numbers[place.unit.id] if place.unit else -1 for place in places),
        size=shapely.area(_shapes(places)),
        about=_numbers(-1 if place.class_code is None else classes.get(place.class_code, -2) for place in places),
        is_expired=_numbers(bool(place.expired_on) for place in places),
        division=_numbers(divisions.get(place.division, -1) for place in places),
        division_rank=_numbers(codes.get(place.division, -1) for place in places),
        digits=_numbers(len(place.division) if kind in (SUBDISTRICT, COMMUNITY, GRID) else 0 for place, kind in areas))


def _lines(lines: Sequence[Place], numbers: dict[int, int], reach: np.ndarray) -> Lines:
    return Lines(unit=_numbers(numbers[place.unit.id] for place in lines if place.unit),
                 rank=_ranks([place.code for place in lines]), reach=reach,
                 side=_numbers(SIDES.get(place.side, BOTH) for place in lines))


def _seats(ground: Ground, numbers: dict[int, int], groups: Sequence[str], metric: Metric) -> Seats:
    """Return the seats of units in office, by category."""
    lon, lat, stamp = np.full(len(numbers), np.nan), np.full(len(numbers), np.nan), ground.on.timestamp()
    for seats in (ground.owning, ground.seats):
        mine = [numbers[ref.id] for ref in seats.refs]
        lon[mine], lat[mine] = seats.lons, seats.lats
    of_seat = _numbers(numbers[ref.id] for ref in ground.seats.refs)
    is_there = (ground.seats.begins <= stamp) & (ground.seats.ends > stamp)
    members = [of_seat[own[is_there[own]]] for own in (ground.seats.by_category[name] for name in groups)]
    reach = ground.table.reach
    margin = reach.margin(None)
    return seats_of(lon, lat, members, metric, reach.nearest_m + margin + SLACK_M,
                    2 * margin + reach.tie_m + SLACK_M)


def _divisions(owners: Sequence[Owner], codes: Sequence[str]) -> dict[str, int]:
    """Return the group of each division code: those of a group lie in the same territories of owners."""
    territories = {owner.territory for owner in owners}
    lengths = sorted({len(one) for one in territories})
    groups: dict[frozenset[str], int] = {}
    return {code: groups.setdefault(frozenset({code[:size] for size in lengths} & territories), len(groups))
            for code in codes}


def _asks(ground: Ground, units: Sequence[UnitRef], numbers: dict[int, int], groups: Sequence[str],
          divisions: dict[str, int]) -> Asks:
    found = dictionaries.issue_classes()
    duties = np.full((len(found), MOST_DUTIES + 1), DUTY_END, np.int64)
    point_units, samples = np.zeros((len(found), len(units)), np.uint8), {}
    for code, group in divisions.items():
        samples.setdefault(group, code)
    columns = [samples[group] for group in range(len(samples))] + [ground.city]
    owner = np.full((len(found), len(columns)), -1, np.int64)
    held_by_units = {unit.categories for unit in units}
    for row, entry in enumerate(found.values()):
        wanted = [number for number in (_duty(duty, groups) for duty in entry.duties) if number is not None]
        duties[row, :len(wanted)] = wanted
        answers = {held: not held.isdisjoint(entry.duties) for held in held_by_units}
        point_units[row] = (1 if not POINT_RELATIONS.isdisjoint(entry.duties)
                            else np.fromiter((answers[unit.categories] for unit in units), np.uint8, len(units)))
        ranked = _ranked(ground.owners, entry.code, entry.duties)
        for column, division in enumerate(columns):
            first = next((one for one in ranked if one.holds_in(division)), None)
            owner[row, column] = numbers[first.unit.id] if first else -1
    order = [BASES.index(basis) for basis in ground.table.order if basis != "explicit"]
    is_frontage = np.array([code in ground.table.frontage_classes for code in found], np.uint8)
    return Asks(duties, point_units, is_frontage, owner, bool(len(ground.owners)), np.array(order, np.int64))


def _duty(duty: str, groups: Sequence[str]) -> int | None:
    if duty == TERRITORY_RELATION:
        return DUTY_TERRITORY
    if duty == COMMUNITY_RELATION:
        return DUTY_COMMUNITY
    category = OWNER_CATEGORY if duty == OWNER_RELATION else duty
    return groups.index(category) if category in groups else None


def _ranked(owners: Iterable[Owner], code: str, duties: Sequence[str]) -> list[Owner]:
    """Return the owners that may answer for a class, in the order in which `rules` asks them."""
    found = [(-1 if owner.class_code == code else duties.index(str(owner.category)), owner) for owner in owners
             if owner.class_code == code or (owner.class_code is None and owner.category in duties)]
    return [owner for _, owner in sorted(found, key=lambda row: (row[0], -len(row[1].territory), row[1].unit.code))]
