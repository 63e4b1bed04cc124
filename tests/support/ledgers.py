"""A quarter of crooked streets and ledgers of shops along them, written in any system: whose truth is known."""

import numpy as np
import shapely

from civmap.city.models import StreetEdge
from civmap.exchange.coordinates import read_many
from civmap.geo import crs

WEST, SOUTH = 115.862, 28.672
DEG_LON, DEG_LAT = 97_700.0, 110_860.0
"""Metres of a degree there."""


def lay_streets(session, count=14, seed=4):
    """Lay a quarter of crooked named streets at uneven distances into the city; return name → line."""
    chance = np.random.default_rng(seed)
    lines = {}
    for number in range(count):
        along = np.linspace(0, 2_000, 9)
        across = 2_000 * (number // 2 + chance.uniform(0.2, 0.8)) / (count / 2) + chance.normal(0, 25, 9).cumsum()
        spots = np.column_stack([along, across] if number % 2 else [across, along])
        line = shapely.LineString(spots / (DEG_LON, DEG_LAT) + (WEST, SOUTH))
        lines[f"{'东南西北春夏秋冬天地日月山水'[number]}华{'街' if number % 2 else '路'}"] = line
    nodes = iter(range(100_000, 200_000, 2))
    for name, line in lines.items():
        for one, other in zip(line.coords, line.coords[1:], strict=False):
            node = next(nodes)
            session.add(StreetEdge(name=name, highway="residential", from_node=node, to_node=node + 1,
                                   length_m=250.0, geom=shapely.LineString([one, other])))
    session.flush()
    return lines


def shops_along(lines, count, seed=1):
    """Return lon, lat and addresses of shops at the kerb of streets."""
    chance = np.random.default_rng(seed)
    names = list(lines)
    lon, lat, addresses = np.empty(count), np.empty(count), []
    for row in range(count):
        name = names[chance.integers(len(names))]
        spot = lines[name].interpolate(chance.uniform(0.05, 0.95), normalized=True)
        turn, off = chance.uniform(0, 2 * np.pi), chance.gamma(3, 5)
        lon[row], lat[row] = spot.x + off * np.cos(turn) / DEG_LON, spot.y + off * np.sin(turn) / DEG_LAT
        addresses.append(f"试验市{name}{chance.integers(1, 300)}号")
    return lon, lat, addresses


def written(lon, lat, systems):
    """Return the spots as a table holds them, each row in its own system, at six decimals (metres at two)."""
    x, y = np.empty(len(lon)), np.empty(len(lon))
    named = np.array([systems] * len(lon) if isinstance(systems, str) else systems)
    for system in set(named.tolist()):
        mine = named == system
        x[mine], y[mine] = crs.from_wgs84(system, lon[mine], lat[mine])
    in_metres = np.abs(x) > 360
    return read_many([round(part, 2 if far else 6) for part, far in zip(x.tolist(), in_metres, strict=True)],
                     [round(part, 2 if far else 6) for part, far in zip(y.tolist(), in_metres, strict=True)])


def metres_off(settled, lon, lat):
    """Return how far each row was placed from the truth; NaN where it was not placed."""
    return np.hypot((settled.lon - lon) * DEG_LON, (settled.lat - lat) * DEG_LAT)
